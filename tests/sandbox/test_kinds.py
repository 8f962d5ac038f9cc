"""Values of the standard library, NumPy and SciPy cross exactly or are refused; forged ones do no harm.

What happens without a guard is shown for sparse indices, which end the process, and for masks. The other checks were not
switched off one by one; NumPy refuses some of these values itself, such as overlapping fields of objects.
"""

import array
import collections
import datetime
import ipaddress
import pathlib
import statistics
import subprocess
import sys
import types
import uuid
import zoneinfo

import numpy as np
import pytest
import scipy.sparse as sp
from crossing import across, damaged, got
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire.kinds import numpy_types, sparse

# --- the standard library

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
ZONES = [datetime.UTC, BERLIN, *map(zoneinfo.ZoneInfo, ("Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia"))]
STANDARD = [
    bytearray(b"ab"),
    datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
    datetime.datetime(1, 1, 1),
    datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "here")),
    datetime.timezone(datetime.timedelta(seconds=30)),
    uuid.UUID(int=7),
    pathlib.PurePosixPath("a/b"),
    pathlib.PureWindowsPath("c:\\x"),
    pathlib.Path("/a/b"),
    ipaddress.ip_address("::1"),
    ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_interface("10.0.0.1/8"),
    types.SimpleNamespace(a=1, b=[1j]),
    types.MappingProxyType({1: 2}),
    collections.ChainMap({1: 2}, collections.OrderedDict({3: 4})),
    array.array("d", [1, 2]),
    array.array("u", "añ"),
    array.array("i"),
    statistics.NormalDist(1, 2),
    int,
    ValueError,
    collections.Counter,
    np.float64,
    np.integer,
]


@pytest.mark.parametrize("value", STANDARD, ids=repr)
def test_a_standard_value_arrives_equal_and_of_its_type(value):
    arrived = across([value])[0]
    assert type(arrived) is type(value) and arrived == value
    if hasattr(value, "tzinfo"):
        assert (arrived.tzinfo, arrived.fold) == (value.tzinfo, value.fold)
        assert arrived.utcoffset() == value.utcoffset() and arrived.tzname() == value.tzname()


@given(st.datetimes(timezones=st.none() | st.sampled_from(ZONES)))
def test_a_moment_keeps_its_time_zone_and_which_of_two_hours_it_is(moment):
    arrived = across(moment)
    assert (arrived, arrived.fold, arrived.tzinfo) == (moment, moment.fold, moment.tzinfo)


def test_what_arrives_is_a_copy():
    value = types.SimpleNamespace(items=bytearray(b"x"))
    arrived = across(value)
    arrived.items.append(1)
    assert value.items == b"x"


class Zone(datetime.tzinfo):
    """A time zone of its own, which could say anything."""

    def utcoffset(self, moment):
        return datetime.timedelta(0)


@pytest.mark.parametrize(
    "value",
    [
        memoryview(b"a"),
        datetime.datetime(2020, 1, 1, tzinfo=Zone()),
        type("Own", (types.SimpleNamespace,), {})(),
        type("Own", (bytearray,), {})(b"x"),
        type("Own", (uuid.UUID,), {})(int=1),
        collections.ChainMap(type("Own", (dict,), {})()),
        type("Own", (), {}),
    ],
    # Not their texts: these have addresses, and the tests would have other names in each process.
    ids="memory zone namespace bytearray uuid chain class".split(),
)
def test_a_standard_value_that_could_lie_is_refused(value):
    with pytest.raises(RefusedValue):
        across(value)


@pytest.mark.parametrize("kind, parts", [
    ("bytearray", 2**40),  # `bytearray(n)` has n bytes
    ("set", range(10**7)),  # a few bytes would become as many numbers
    ("deque", (range(10**7), None)),
    ("Fraction", ("1e99999999999", 1)),  # a text is worked out
    ("ZoneInfo", "../../etc/passwd"), ("ZoneInfo", "Europe"), ("ZoneInfo", 3),
    ("datetime", ("2020-01-01", 0, "UTC")), ("datetime", ("2020-01-01", 2, None)), ("datetime", (2020, 0, None)),
    ("timezone", (1,)), ("UUID", b"x"), ("UUID", "x" * 32), ("IPv4Network", 2**31), ("PosixPath", 3),
    ("SimpleNamespace", {1: 2}), ("SimpleNamespace", [("a", 1)]), ("ChainMap", [1]), ("mappingproxy", [1]),
    ("array", ("d", b"123")), ("array", ("u", b"1234")), ("array", ("x", b"")), ("array", ("", b"")),
    ("type", "os.system"), ("type", "builtins.eval"), ("numpy type", "load"), ("NormalDist", (0, -1)), ("keys", [1]),
])  # fmt: skip
def test_a_forged_standard_value_is_malformed(kind, parts):
    with pytest.raises(MalformedFrame):
        got(kind, parts)


# --- NumPy

RECORD = np.dtype([("a", "<f4"), ("b", "U5"), ("c", "M8[D]"), ("d", "i2", (2,)), ("e", [("x", ">i4"), ("y", "S3")])])


def records():
    table = np.zeros(3, RECORD)
    table["b"], table["e"]["x"], table["d"] = ["a", "bb", ""], [1, 2, 3], [[1, 2], [3, 4], [5, 6]]
    return table


TABLES = [
    records(),
    records()[1],
    records().view(np.recarray),
    records().view(np.recarray)[1],
    records()[::-1],
    np.zeros((2, 0), RECORD),
    np.ones((), RECORD),
    np.ones(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    np.matrix([[1, 2]]),
    np.array(["a", "bc"], dtype="U7"),
    np.array([b"a", b""], dtype="S4"),
]


@pytest.mark.parametrize("value", TABLES, ids=lambda value: type(value).__name__)
def test_a_table_of_numpy_keeps_type_dtype_and_content(value):
    arrived = across(value)
    assert type(arrived) is type(value) and arrived.dtype == value.dtype and arrived.shape == value.shape
    assert repr(arrived.tolist()) == repr(value.tolist())


def test_some_fields_of_a_table_arrive_without_the_gaps_between_them():
    some = records()[["a", "c"]]
    arrived = across(some)
    assert arrived.dtype == np.dtype([("a", "<f4"), ("c", "M8[D]")]) and (arrived == some).all()


scalars = st.sampled_from([dtype for name, dtype in numpy_types._NAMED.items() if name[1:] not in ("f16", "c32")])
fields = st.lists(st.tuples(scalars, st.sampled_from([(), (2,), (0, 3)])), min_size=1, max_size=4).map(
    lambda parts: np.dtype([(f"f{place}", *part) for place, part in enumerate(parts)])
)


@settings(max_examples=50)
@given(hnp.arrays(fields, hnp.array_shapes(min_dims=0, max_side=3, min_side=0)))
def test_any_table_of_numbers_crosses(table):
    arrived = across(table)
    assert arrived.dtype == table.dtype and arrived.shape == table.shape and arrived.tobytes() == table.tobytes()


MASKED = [
    np.ma.array([1, 2, 3], mask=[0, 1, 0]),
    np.ma.array([1.0, 2.0]),
    np.ma.array(["a", "b"], mask=[1, 0]),
    np.ma.array(records(), mask=[1, 0, 0]),
    np.ma.array(np.array(["2020"], "M8[D]"), mask=[True]),
    np.ma.array(np.ones((2, 2)), mask=True, fill_value=-1, hard_mask=True),
]


@pytest.mark.parametrize("value", MASKED, ids=lambda value: str(value.dtype.kind))
def test_a_masked_array_keeps_data_mask_and_filling(value):
    arrived = across(value)
    assert type(arrived) is np.ma.MaskedArray and arrived.dtype == value.dtype and repr(arrived) == repr(value)
    assert arrived.data.tobytes() == value.data.tobytes() and arrived.hardmask == value.hardmask
    assert across(np.ma.masked) is np.ma.masked


@pytest.mark.parametrize(
    "dtype", ["f8", ">f4", RECORD, "U5", "S2", "O", "M8[ns]", [("a", [("b", "i4", (2, 3))])]], ids=str
)
def test_a_dtype_crosses(dtype):
    assert across(np.dtype(dtype)) == np.dtype(dtype)


def test_polynomials_cross():
    assert across(np.poly1d([1, 2, 3], variable="t"))(2) == 11
    assert across(np.polynomial.Polynomial([1, 2, 3], domain=[0, 2])) == np.polynomial.Polynomial(
        [1, 2, 3], domain=[0, 2]
    )


@pytest.mark.parametrize(
    "value",
    [np.zeros(2, "V4"), np.zeros(2, [("a", "O")]), np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i4", "i4"], "offsets": [0, 2]})).dtype,
     np.ones(1).view(type("Own", (np.ndarray,), {})), np.ma.array([1]).view(type("Own", (np.ma.MaskedArray,), {})), np.zeros(300_000, "U100")],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_value_of_numpy_that_could_lie_is_refused(value):
    with pytest.raises(RefusedValue):
        across(value)


I4 = [("a", "<i4", [])]
ONES = np.ones(2, "<i4")


@pytest.mark.parametrize("kind, parts", [
    ("records", (([("a", "|O", [])], False), [2], [np.array([1, 2], dtype=object)], "ndarray")),
    # As a table of offsets, which could overlap, there is no way to say it.
    ("records", ({"names": ["a", "b"], "formats": ["<i4", "|O"], "offsets": [0, 2]}, [2], [ONES, ONES], "ndarray")),
    ("records", ((I4, False), [2**39], [ONES], "ndarray")), ("records", ((I4, False), [-2], [ONES], "ndarray")),
    ("records", ((I4, False), [3], [ONES], "ndarray")), ("records", ((I4, False), [2], [], "ndarray")),
    ("records", ((I4, False), [2], [np.ones(2)], "ndarray")), ("records", ((I4, False), [2], [3], "ndarray")),
    ("records", ((I4, False), [2], [ONES], "memmap")), ("records", ("<i4", [2], [ONES], "ndarray")),
    ("records", (([("a", "<i4", [2**40, 2**40])], False), [0], [ONES], "ndarray")),
    ("records", (([("a", "<i4", []), ("a", "<i4", [])], False), [2], [ONES, ONES], "ndarray")),
    ("dtype", "i4,O"), ("dtype", "V9"), ("dtype", "<U999999999"), ("dtype", [("a", "O")]), ("dtype", ([("a", "<U9", [2**20])], False)),
    ("dtype", ([("a", "<i4", [])] * 500, False)), ("dtype", ([], False)),
    ("masked", (np.ones((2, 3)), np.ones(6, bool), None, False)),  # NumPy itself gives the mask another shape
    ("masked", (np.ones(3), np.ones(3), None, False)), ("masked", (np.ones(3), None, np.ones(3), False)),
    ("masked", (np.ones(3), None, np.array("x"), False)), ("masked", ([1.0], None, None, False)),
    ("words", ([2], "U", ["a", "bc"], 1)), ("words", ([1], "U", ["a"], 2**30)), ("words", ([0], "U", [], 2**40)),
    ("matrix", 3), ("poly1d", (np.array(["x"]), "x")), ("poly1d", ("1, 2", "x")), ("Polynomial", (ONES, ONES, ONES, "1 + 1")),
])  # fmt: skip
def test_a_forged_value_of_numpy_is_malformed(kind, parts):
    with pytest.raises(MalformedFrame):
        got(kind, parts)


def test_without_its_guard_a_mask_of_another_shape_would_be_taken():
    assert np.ma.MaskedArray(np.ones((2, 3)), mask=np.ones(6, bool)).mask.shape == (2, 3)


# --- SciPy

FORMATS = "csr csc bsr coo dia lil dok".split()


@pytest.mark.parametrize("kind", ["array", "matrix"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_sparse_array_keeps_format_dtype_and_stored_elements(name, kind):
    make = getattr(sp, f"{name}_{kind}")
    for shape in ((3, 4), (4, 4), (2, 0), (0, 3)):
        for dtype in (float, int, bool, complex, "f4"):
            some = sp.random(*shape, density=0.5, random_state=1).astype(dtype)
            value = make(some) if 0 not in shape else make(shape, dtype=dtype)
            arrived = across(value)
            assert type(arrived) is type(value) and arrived.dtype == value.dtype and arrived.shape == value.shape
            assert arrived.nnz == value.nnz and (arrived.toarray() == value.toarray()).all()


def test_sparse_arrays_of_other_dimensions_cross():
    line, cube = np.arange(3), np.arange(8).reshape(2, 2, 2)
    for value in (sp.coo_array(line), sp.csr_array(line), sp.dok_array(line), sp.coo_array(cube)):
        arrived = across(value)
        assert type(arrived) is type(value) and (arrived.toarray() == value.toarray()).all()


def test_duplicates_and_room_for_more_cross():
    twice = sp.coo_array((np.ones(2), ([0, 0], [1, 1])), shape=(2, 2))
    assert across(twice).nnz == 2 and across(twice).toarray()[0, 1] == 2
    roomy = sp.csr_array(np.eye(2))
    roomy.data, roomy.indices = np.append(roomy.data, 7.0), np.append(roomy.indices, 0)
    assert (across(roomy).toarray() == np.eye(2)).all()


@pytest.mark.parametrize(
    "value",
    [sp.csr_array((10**8, 2)), sp.lil_array((10**7, 1)), type("Own", (sp.csr_array,), {})(np.eye(2)), sp.dia_array((np.ones((1, 2)), [5]), shape=(2, 2))],
    ids=repr,
)  # fmt: skip
def test_a_sparse_array_that_does_not_fit_is_refused(value):
    with pytest.raises(RefusedValue):
        across(value)


def i4(*numbers):
    return np.array(numbers, np.int32)


SPARSE = {
    "a column outside": ("csr_array", ([2, 2], [np.ones(1), i4(2**30), i4(0, 1, 1)])),
    "a negative column": ("csr_array", ([2, 2], [np.ones(1), i4(-(2**30)), i4(0, 1, 1)])),
    "a row outside": ("csc_matrix", ([2, 2], [np.ones(1), i4(2), i4(0, 1, 1)])),
    "starts beyond the end": ("csr_array", ([2, 2], [np.ones(1), i4(0), i4(0, 1, 2**30)])),
    "starts that go back": ("csr_array", ([2, 2], [np.ones(1), i4(0), i4(0, 2**30, 1)])),
    "a first start that is not 0": ("csr_array", ([2, 2], [np.ones(1), i4(0), i4(-5, 1, 1)])),
    "too few starts": ("csr_array", ([5, 2], [np.ones(1), i4(0), i4(0, 1, 1)])),
    "fewer data than columns": ("csr_array", ([2, 2], [np.ones(1), i4(0, 1), i4(0, 1, 2)])),
    "a block outside": ("bsr_array", ([4, 4], [np.ones((1, 2, 2)), i4(2), i4(0, 1, 1)])),
    "blocks that do not fit": ("bsr_array", ([4, 4], [np.ones((1, 3, 2)), i4(0), i4(0, 1, 1)])),
    "blocks of nothing": ("bsr_array", ([4, 4], [np.ones((1, 0, 2)), i4(0), i4(0, 1, 1)])),
    "a coordinate outside": ("coo_array", ([2, 2], [np.ones(1), i4(0), i4(2)])),
    "a coordinate outside, by keys": ("dok_array", ([2, 2], [np.ones(1), i4(0), i4(2)])),
    "a coordinate outside, by lists": ("lil_array", ([2, 2], [np.ones(1), i4(7), i4(0, 1, 1)])),
    "an axis without coordinates": ("coo_array", ([2, 2], [np.ones(1), i4(0)])),
    "coordinates of another length": ("coo_array", ([2, 2], [np.ones(1), i4(0), i4(0, 1)])),
    "a diagonal outside": ("dia_array", ([2, 2], [np.ones((1, 2)), i4(2**31 - 1)])),
    "a diagonal twice": ("dia_array", ([2, 2], [np.ones((2, 2)), i4(0, 0)])),
    "indices that are floats": ("csr_array", ([2, 2], [np.ones(1), np.zeros(1), i4(0, 1, 1)])),
    "indices that are small": ("csr_array", ([2, 2], [np.ones(1), np.zeros(1, np.int8), i4(0, 1, 1)])),
    "objects": ("csr_array", ([2, 2], [np.array([[]], dtype=object), i4(0), i4(0, 1, 1)])),
    "a false length": ("csr_array", ([10**9, 2], [np.ones(1), i4(0), i4(0, 1)])),
    "a shape of a billion": ("coo_array", ([10**9, 10**9], [np.ones(1), i4(0), i4(0)])),
    "a negative shape": ("coo_array", ([-1, 1], [np.ones(0), i4(), i4()])),
    "lists": ("csr_array", ([2, 2], [[1.0], [0], [0, 1, 1]])),
    "no parts": ("csr_array", ([2, 2], [])),
}  # fmt: skip


@pytest.mark.parametrize("name", SPARSE)
def test_a_forged_sparse_array_is_malformed(name):
    with pytest.raises(MalformedFrame):
        got(*SPARSE[name])


UNGUARDED = """
from autograder.sandbox.wire.kinds import sparse
from autograder.sandbox.wire.kinds.sparse import *
sparse._check = lambda *_: None
scipy_sparse = sparse._scipy_sparse()
scipy_sparse.csr_array.check_format = lambda *_, **__: None
indices = np.array([2**30], np.int32)
KINDS["csr_array"](([2, 2], [np.ones(1), indices, np.array([0, 1, 1], np.int32)])).toarray()
"""


@pytest.mark.slow
def test_without_the_checks_an_index_outside_ends_the_process():
    done = subprocess.run([sys.executable, "-c", UNGUARDED], capture_output=True, check=False)
    assert done.returncode < 0, done.stderr


def test_where_scipy_is_missing_the_refusal_says_so(monkeypatch):
    sparse._scipy_sparse.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    monkeypatch.delattr(sys.modules["scipy"], "sparse")
    with pytest.raises(RefusedValue, match="SciPy is not installed"):
        got("coo_array", ([2], [np.ones(1), i4(0)]))
    sparse._scipy_sparse.cache_clear()


@pytest.mark.slow
def test_damaged_frames_of_these_kinds_never_make_the_reader_stumble():
    some = [getattr(sp, f"{name}_array")(np.diag([1.0, 2.0, 3.0])) for name in FORMATS]
    counts = damaged([*STANDARD, *TABLES, *MASKED, *some, np.dtype(RECORD)], 10_000)
    assert counts["values"] > 1_000 and counts["malformed"] > 5_000
