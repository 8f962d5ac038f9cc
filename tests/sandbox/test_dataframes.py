"""Tables of pandas cross with every dtype, index and name, or are refused; forged ones do no harm.

What is taken without a guard is shown for codes, for sizes, for periods and for files as time zones. pandas refuses most of the
others itself: the checks before it keep these cases malformed whatever a later version does.
"""

import datetime
import importlib.resources
import sys

import numpy as np
import pandas as pd
import pytest
from crossing import across, damaged, frame, got
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire.kinds import columns, dataframes

DAYS = pd.date_range("2020-02-28", periods=3, freq="D", name="day")
NAN = float("nan")
SERIES = {
    "numbers": pd.Series([1, 2, 3], name="n"),
    "small numbers": pd.Series([1, 2], dtype="int8"),
    "floats": pd.Series([1.5, np.nan, np.inf], index=["a", "b", "c"]),
    "complex": pd.Series([1j]),
    "booleans": pd.Series([True, False], name=("a", 1)),
    "strings": pd.Series(["a", None, "bcß", ""]),
    "strings that are objects": pd.Series(["a", None, np.nan, pd.NA, pd.NaT], dtype=object),
    "nullable strings": pd.Series(["a", pd.NA], dtype="string"),
    "objects": pd.Series([1, "a", [1, 2], {"k": 1}, None, pd.Timestamp("2020")], dtype=object),
    "dates": pd.Series([datetime.date(2020, 1, 1)]),
    "nullable integers": pd.Series([1, None], dtype="Int64"),
    "nullable small integers": pd.Series([1, None], dtype="UInt8"),
    "nullable floats": pd.Series([1.5, None], dtype="Float32"),
    "nullable booleans": pd.Series([True, None, False], dtype="boolean"),
    "moments": pd.Series([pd.Timestamp("2020"), pd.NaT]),
    "moments in seconds": pd.Series(np.array(["2020"], "M8[s]")),
    "moments somewhere": pd.Series(pd.date_range("2020-10-25", periods=4, freq="h", tz="Europe/Berlin")),
    "moments in UTC": pd.Series(pd.to_datetime(["2020-01-01"], utc=True)),
    "moments at an offset": pd.Series(pd.to_datetime(["2020-01-01T00:00+02:00"])),
    "spans": pd.Series(pd.to_timedelta([1, None], unit="h")),
    "periods": pd.Series(pd.period_range("2020", periods=3, freq="Q-MAR")),
    "intervals": pd.Series(pd.interval_range(0.0, 3.0, closed="left")),
    "categories": pd.Series(["b", "a", None, "b"], dtype="category"),
    "ordered categories": pd.Series(pd.Categorical([3, 1, 1], categories=[1, 2, 3], ordered=True)),
    "cuts": pd.cut(pd.Series([1, 5, 9]), 3),
    "nothing": pd.Series([], dtype=float),
    "no strings": pd.Series([], dtype=object),
}
INDEXES = {
    "a range": pd.RangeIndex(3, 9, 2, name="r"),
    "numbers": pd.Index([3, 1, 2]),
    "floats": pd.Index([0.5, np.nan], name=1.5),
    "strings": pd.Index(["a", "b", None]),
    "strings that are objects": pd.Index(["a", "b"], dtype=object),
    "tuples": pd.Index([(1, 2), (3, 4)], tupleize_cols=False),
    "nullable": pd.Index([1, None], dtype="Int16"),
    "days": DAYS,
    "days without a step": DAYS[[0, 2, 1]],
    "month ends": pd.date_range("2020", periods=4, freq="2ME", tz="America/New_York"),
    "weeks": pd.date_range("2020", periods=4, freq="W-WED"),
    "spans": pd.timedelta_range("1h", periods=3, freq="30min"),
    "periods": pd.period_range("2020-01", periods=3, freq="M", name="p"),
    "intervals": pd.interval_range(0, 3),
    "intervals of days": pd.interval_range(pd.Timestamp("2020"), periods=2),
    "categories": pd.CategoricalIndex(["a", "b", "a"]),
    "levels": pd.MultiIndex.from_product([["a", "b"], DAYS, [1, 2]], names=["x", None, 3]),
    "levels with a gap": pd.MultiIndex.from_tuples([("a", 1), ("b", None)]),
    "nothing": pd.Index([]),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_series_keeps_values_dtype_index_and_name(name):
    arrived = across(SERIES[name])
    pd.testing.assert_series_equal(arrived, SERIES[name], check_exact=True, check_index_type="exact")
    assert type(arrived.array) is type(SERIES[name].array) and arrived.name == SERIES[name].name
    if arrived.dtype == object:
        assert list(map(type, arrived)) == list(map(type, SERIES[name]))


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_keeps_its_type_step_and_names(name):
    arrived = across(INDEXES[name])
    pd.testing.assert_index_equal(arrived, INDEXES[name], exact=True, check_exact=True)
    assert getattr(arrived, "freq", None) == getattr(INDEXES[name], "freq", None)
    pd.testing.assert_series_equal(across(pd.Series(1, index=INDEXES[name])), pd.Series(1, index=INDEXES[name]))


def all_kinds():
    parts = {name: series.reset_index(drop=True) for name, series in SERIES.items() if len(series)}
    return pd.DataFrame(parts)


FRAMES = [
    all_kinds(),
    pd.DataFrame(np.arange(6.0).reshape(2, 3)),
    pd.DataFrame({"a": [1, 2]}, index=DAYS[:2]),
    pd.DataFrame([[1, 2]], columns=["twice", "twice"]),
    pd.DataFrame(np.ones((3, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]), index=DAYS),
    pd.DataFrame(),
    pd.DataFrame(index=[1, 2]),
    pd.DataFrame(columns=["a", "b"]),
    pd.DataFrame({"a": [1, 1, 2], "b": [1, 2, 3]}).groupby("a").agg(["mean", "sum"]),
    pd.DataFrame({"a": [pd.DataFrame({"b": [1]})]}),
]


@pytest.mark.parametrize("value", FRAMES[:-1], ids=range(len(FRAMES) - 1))
def test_a_frame_crosses_as_it_is(value):
    arrived = across(value)
    pd.testing.assert_frame_equal(arrived, value, check_exact=True, check_index_type="exact", check_column_type="exact")
    assert (arrived.dtypes == value.dtypes).all() and arrived.columns.equals(value.columns)


def test_a_frame_within_a_frame_crosses():
    pd.testing.assert_frame_equal(across(FRAMES[-1])["a"][0], FRAMES[-1]["a"][0])


def test_what_arrives_is_a_copy_that_can_be_changed():
    value = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    arrived = across(value)
    arrived.loc[0, "a"], arrived["b"], arrived.index = 9.0, "z", [5, 6]
    assert value["a"].tolist() == [1.0, 2.0] and arrived["a"].tolist() == [9.0, 2.0]


def test_many_strings_do_not_fill_the_head_of_a_frame():
    value = pd.DataFrame({"word": [f"the word of number {n}" for n in range(100_000)]})
    head, _ = frame(value)
    assert len(head) < 1_000 and across(value).equals(value)


cells = st.sampled_from([0, 1.5, "a", "", "äß\U0001f600", None, NAN, True, pd.NA, pd.NaT, (1, 2), pd.Timestamp(0)])
columns_of = st.one_of(
    st.lists(st.floats(), min_size=3, max_size=3).map(pd.array),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(lambda c: np.array(c, np.int64)),
    st.lists(st.text(max_size=4) | st.none(), min_size=3, max_size=3),
    st.lists(cells, min_size=3, max_size=3).map(lambda c: pd.Series(c, dtype=object)),
    st.lists(st.sampled_from("abc"), min_size=3, max_size=3).map(pd.Categorical),
    st.lists(st.datetimes(), min_size=3, max_size=3).map(lambda c: np.array(c, "M8[us]")),
)
names = st.none() | st.integers() | st.text(max_size=3) | st.tuples(st.text(max_size=2), st.integers())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, columns_of), max_size=5))
def test_any_frame_crosses(parts):
    value = pd.DataFrame({place: content for place, (_, content) in enumerate(parts)})
    value.columns = pd.Index([name for name, _ in parts], tupleize_cols=False, dtype=object)
    pd.testing.assert_frame_equal(across(value), value, check_exact=True)


SCALARS = [
    pd.Timestamp("2020-10-25 00:30", tz="UTC").tz_convert("Europe/Berlin"), pd.Timestamp("2020-10-25 02:30:00.000000001").as_unit("ns"), pd.Timestamp("2020", tz="UTC"),
    pd.Timestamp("2020").as_unit("s"), pd.Timedelta("1h"), pd.Timedelta(3, "s").as_unit("ns"), pd.Period("2020", "Y"), pd.Period("2020-02", "M"),
    pd.Interval(0, 1), pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021"), "both"),
]  # fmt: skip


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_a_single_value_crosses(value):
    arrived = across(value)
    assert type(arrived) is type(value) and arrived == value and repr(arrived) == repr(value)
    assert getattr(arrived, "unit", None) == getattr(value, "unit", None)


def test_what_is_missing_stays_the_same_object():
    assert across(pd.NA) is pd.NA and across(pd.NaT) is pd.NaT


def test_dtypes_cross():
    dtypes = all_kinds().dtypes
    assert across(dtypes).tolist() == dtypes.tolist()


def test_what_is_no_table_is_refused():
    for value in (
        pd.DataFrame({"a": [1]}).groupby("a"),
        pd.Series([1]).rolling(1),
        pd.DataFrame().style if "jinja2" in sys.modules else object(),
        pd.arrays.SparseArray([0, 1]),
        pd.Series(pd.arrays.SparseArray([0, 1])),
        type("Own", (pd.DataFrame,), {})({"a": [1]}),
        type("Own", (pd.Series,), {})([1]),
        pd.DataFrame(np.zeros((0, 20_000))),
        pd.Series(range(2), index=pd.RangeIndex(2)).array,
        pd.RangeIndex(10**9),
        pd.Interval(np.int8(0), np.int8(1)),
        pd.Period(ordinal=10**7, freq="D"),
        pd.PeriodIndex.from_ordinals(np.array([10**7]), freq="D"),
        pd.period_range("2020", periods=2, freq="3M"),
    ):
        with pytest.raises(RefusedValue):
            across(value)


def test_a_column_that_contains_itself_is_refused():
    loop = np.empty(1, dtype=object)
    loop[0] = pd.Series(loop, dtype=object, copy=False)
    for one in (loop, loop[0]):
        with pytest.raises(RefusedValue, match="contains itself"):
            across(one)


def ints(*numbers, dtype=np.int8):
    return np.array(numbers, dtype)


AB = pd.Index(["a", "b"])
TEXT = (b"ab", ints(1, 1, dtype=np.int32), ints(0, 0, dtype=np.uint8))
BREACHES = {
    "a code outside": ("Categorical", (ints(0, 5), AB, False)),
    "a code far below": ("Categorical", (ints(-100), AB, False)),
    "codes that are floats": ("Categorical", (np.zeros(1), AB, False)),
    "codes of two dimensions": ("Categorical", (np.zeros((1, 1), np.int8), AB, False)),
    "categories that are no index": ("Categorical", (ints(0), ["a"], False)),
    "a level's code outside": ("MultiIndex", ([AB], [ints(2)], [None])),
    "a level without codes": ("MultiIndex", ([AB, AB], [ints(0)], [None, None])),
    "levels of other lengths": ("MultiIndex", ([AB, AB], [ints(0), ints(0, 1)], [None, None])),
    "levels within levels": ("MultiIndex", ([INDEXES["levels"]], [ints(0)], [None])),
    "many levels": ("MultiIndex", ([AB] * 30, [ints(0)] * 30, [None] * 30)),
    "a million columns": ("DataFrame", (pd.RangeIndex(0), pd.RangeIndex(10**6), [])),
    "columns beyond the limit": ("DataFrame", (pd.RangeIndex(0), pd.RangeIndex(20_000), [np.zeros(0)] * 20_000)),
    "more names than columns": ("DataFrame", (pd.RangeIndex(2), AB, [np.zeros(2)])),
    "a short column": ("DataFrame", (pd.RangeIndex(2), AB, [np.zeros(2), np.zeros(1)])),
    "a column of two dimensions": ("DataFrame", (pd.RangeIndex(2), AB, [np.zeros(2), np.zeros((2, 2))])),
    "a column that is a list": ("DataFrame", (pd.RangeIndex(2), AB, [np.zeros(2), [1, 2]])),
    "a column that is a table": ("DataFrame", (pd.RangeIndex(2), AB, [np.zeros(2), pd.DataFrame({"a": [1, 2]})])),
    "records as a column": ("Series", (np.zeros(2, "i4,i4"), pd.RangeIndex(2), None)),
    "an index of another length": ("Series", (np.zeros(2), pd.RangeIndex(3), None)),
    "an index that is a list": ("Series", (np.zeros(2), [0, 1], None)),
    "a name that is a list": ("Series", (np.zeros(2), pd.RangeIndex(2), [1])),
    "a range of a trillion": ("RangeIndex", (0, 10**12, 1, None)),
    "a range without steps": ("RangeIndex", (0, 1, 0, None)),
    "a range of floats": ("RangeIndex", (0.0, 1.0, 1.0, None)),
    "a dtype to be parsed": ("nullable", ("datetime64[ns, tzfile('/etc/passwd')]", np.zeros(1), np.zeros(1, bool))),
    "another dtype than it says": ("nullable", ("Int64", np.zeros(1), np.zeros(1, bool))),
    "a mask of another shape": ("nullable", ("Int64", np.zeros(1, int), np.zeros(10**6, bool))),
    "a mask of numbers": ("nullable", ("Int64", np.zeros(1, int), np.ones(1, np.int8))),
    "a length beyond the text": ("text", (b"ab", ints(1, 9, dtype=np.int32), TEXT[2])),
    "a negative length": ("text", (b"ab", ints(4, -2, dtype=np.int32), TEXT[2])),
    "lengths that wrap around": ("text", (b"ab", ints(2**31 - 1, 2**31 - 1, dtype=np.int32), TEXT[2])),
    "no word for missing": ("text", (b"ab", TEXT[1], ints(0, 9, dtype=np.uint8))),
    "half a character": ("text", (b"\xc3", ints(1, dtype=np.int32), ints(0, dtype=np.uint8))),
    "a storage of its own": ("string", (TEXT, "os.system", True)),
    "a zone that is a file": ("DatetimeArray", (np.zeros(1, "M8[ns]"), "dateutil//etc/passwd")),
    "a zone of the machine": ("Timestamp", (np.datetime64(0, "ns"), "tzlocal()")),
    "moments in years": ("DatetimeArray", (np.zeros(1, "M8[Y]"), None)),
    "numbers as moments": ("DatetimeArray", (np.zeros(1), None)),
    "a step of its own": ("DatetimeIndex", (DAYS.array, (1, "<offset>"), None)),
    "a million million steps": ("DatetimeIndex", (DAYS.array, (10**12, "D"), None)),
    "a list as an index of moments": ("DatetimeIndex", ([1], None, None)),
    "a period beyond all years": ("PeriodArray", ("D", ints(2**62, dtype=np.int64))),
    "a frequency of its own": ("Period", ("3M", 1)),
    "an interval of lists": ("Interval", ([0], [1], "left")),
    "an interval that is open in its own way": ("Interval", (0, 1, "ajar")),
    "intervals of other lengths": ("IntervalArray", (AB, pd.RangeIndex(9), "left")),
    "a dtype of a name": ("pandas dtype", ("object",)),
    "a dtype of a period": ("pandas dtype", ("period", "D; import os")),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_a_forged_table_is_malformed(name):
    with pytest.raises(MalformedFrame):
        got(*BREACHES[name])


REFUSED = {
    "a step that the moments do not have": ("DatetimeIndex", (DAYS.array, (1, "YE-DEC"), None)),
    "intervals that end before they start": ("IntervalArray", (pd.Index([1]), pd.Index([0]), "left")),
    "an index of half precision": ("Index", (np.zeros(1, np.float16), None)),
    "categories that are there twice": ("Categorical", (ints(0), pd.Index(["a", "a"]), False)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_pandas_cannot_rebuild_is_refused(name):
    with pytest.raises(RefusedValue, match="cannot be rebuilt"):
        got(*REFUSED[name])


def test_without_its_guard_a_code_would_point_outside(monkeypatch):
    honest = pd.Categorical.from_codes
    monkeypatch.setattr(pd.Categorical, "from_codes", lambda codes, dtype: honest(codes, dtype=dtype, validate=False))
    with pytest.raises(MalformedFrame):
        got(*BREACHES["a code outside"])
    monkeypatch.setattr(columns, "check_codes", lambda codes, count: codes)
    assert got(*BREACHES["a code outside"]).codes.tolist() == [0, 5]


def test_without_its_guard_a_text_could_name_any_file_as_a_zone(monkeypatch, tmp_path):
    (tmp_path / "mine").write_bytes((importlib.resources.files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes())
    forged = ("DatetimeArray", (np.zeros(1, "M8[ns]"), f"dateutil/{tmp_path}/mine"))
    with pytest.raises(MalformedFrame):
        got(*forged)
    monkeypatch.setattr(columns, "zone_of", lambda parts: parts)
    assert "mine" in repr(got(*forged).tz)


@pytest.mark.parametrize("name", ["columns beyond the limit", "a range of a trillion"])
def test_without_its_guard_a_size_is_taken(monkeypatch, name):
    monkeypatch.setattr(dataframes, "_check_size", lambda *_: None)
    assert got(*BREACHES[name]) is not None


def test_without_its_guard_a_period_is_beyond_all_years(monkeypatch):
    monkeypatch.setattr(columns, "period_numbers", lambda frequency, numbers: numbers)
    assert got(*BREACHES["a period beyond all years"]).asi8.tolist() == [2**62]


def test_where_pandas_is_missing_the_refusal_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RefusedValue, match="pandas is not installed"):
        got("NA", None)


def test_a_module_of_the_students_that_is_named_pandas_changes_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", type(sys)("pandas"))
    assert across([{1}, np.array(["a"])])[0] == {1}


@pytest.mark.slow
def test_damaged_tables_never_make_the_reader_stumble():
    small = [series for series in SERIES.values() if len(series)]
    counts = damaged([*small, *INDEXES.values(), *FRAMES[1:], *SCALARS, all_kinds().dtypes], 8_000)
    assert counts["values"] > 500 and counts["malformed"] > 3_000
    assert dataframes.MAX_CELLS * 8 < 2**30
