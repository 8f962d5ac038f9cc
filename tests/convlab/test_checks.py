"""What counts as right, whatever its style, and what never does."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convlab import runs
from convlab.checks import CheckError, check, check_error


def returns(value):
    return lambda: value


def accepted(got, due):
    try:
        check(returns(got), gives=due)
    except CheckError:
        return False
    return True


def message(function, *args, **options):
    with pytest.raises(CheckError) as error:
        check(function, *args, **options)
    return str(error.value)


RIGHT = [
    (3, 3), (np.int32(3), 3), (np.uint8(3), 3), (np.array(3), 3),
    (0.75, 0.75), (np.float32(0.75), 0.75), (1, 1.0), (np.array(0.75), 0.75), (0.750001, 0.75),
    ((1, 2), (1, 2)), ([1, 2], (1, 2)), (np.array([1, 2]), (1, 2)), ([1, 2], [1, 2]), ((np.int64(1), 2), [1, 2]),
    (np.ones((2, 3)), np.ones((2, 3))), (np.ones((2, 3), "float32"), np.ones((2, 3))), (np.ones((2, 3), int), np.ones((2, 3))),
    (np.asfortranarray(np.arange(6).reshape(2, 3)), np.arange(6).reshape(2, 3)), (np.arange(6, dtype="uint8"), np.arange(6)),
    (np.array([True, False]), np.array([True, False])), (np.zeros((0, 3)), np.zeros((0, 3))),
    ("same", "same"), (True, True), (None, None), ((np.ones(2), np.zeros(2)), (np.ones(2), np.zeros(2))),
]  # fmt: skip

WRONG = [
    (4, 3), (3.0, 3), (np.float64(3), 3), (True, 1), (np.True_, 1), ("3", 3), (None, 3), (np.array([3]), 3),
    (0.76, 0.75), (float("nan"), 0.75), (float("inf"), 0.75), (True, 1.0), (0.75 + 0j, 0.75),
    ((2, 1), (1, 2)), ((1,), (1, 2)), ((1, 2, 3), (1, 2)), ((1.0, 2.0), (1, 2)), ({1, 2}, (1, 2)), (np.array([1.0, 2.0]), (1, 2)),
    ([[1.0, 1.0]], np.ones((1, 2))), (np.zeros((2, 3)), np.ones((2, 3))), (np.ones((3, 2)), np.ones((2, 3))), (np.ones(6), np.ones((2, 3))),
    (np.array([1.0, np.nan]), np.ones(2)), (np.ones(2, bool), np.ones(2)), (np.ones(2, complex), np.ones(2)),
    (np.ones(2), np.ones(2, int)), (np.ones(2, int), np.ones(2, bool)), (np.ones(2, object), np.ones(2)), (1.0, np.ones(2)),
    (np.array(["1", "1"]), np.ones(2)), (np.float64(1), np.ones(1)), ("Same", "same"), (1, True), (0, None), (None, np.ones(2)),
    ((np.ones(2), np.ones(2)), (np.ones(2), np.zeros(2))),
]  # fmt: skip


@pytest.mark.parametrize(("got", "due"), RIGHT, ids=repr)
def test_a_right_value_counts_whatever_its_style(got, due):
    assert accepted(got, due)


def test_values_that_python_cannot_write_out_are_told_as_well():
    own = [1]
    own.append(own)
    assert "[1, [1, [1" in message(returns(own), gives=(1, 2)) and "16610 bits" in message(returns(10**5000), gives=3)


def test_a_function_that_was_given_is_told_by_its_name():
    def cubes(x):
        return x**3

    assert "f   = the function cubes\n" in message(lambda f, one: f(one), cubes, 2, gives=9)


@pytest.mark.parametrize(("got", "due"), WRONG, ids=repr)
def test_a_wrong_value_never_counts(got, due):
    assert not accepted(got, due)


numbers = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-100, 100, width=32))


@given(numbers, st.sampled_from(["float32", "float64"]), st.sampled_from("CF"))
def test_any_layout_and_precision_of_the_right_array_counts(due, dtype, order):
    assert accepted(np.array(due, dtype=dtype, order=order), due)
    doubled = np.repeat(due, 2, axis=0)
    assert accepted(doubled[::2], due)


@given(numbers, st.data())
def test_one_wrong_entry_is_always_found_and_named(due, data):
    place = tuple(data.draw(st.integers(0, size - 1)) for size in due.shape)
    got = due.copy()
    got[place] += 1 + abs(got[place])
    assert f"First difference at {list(place)}" in message(returns(got), gives=due)


class Liar:
    """Claims to be equal to everything, of any length, convertible to anything."""

    __array_priority__ = 1e9

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __array__(self, *args, **kwargs):
        return np.ones(2)

    def __repr__(self):
        raise RuntimeError("my repr was called")

    __hash__ = None
    __float__ = __int__ = __index__ = lambda self: 1
    __len__ = lambda self: 2  # noqa: E731
    __getitem__ = lambda self, place: 1  # noqa: E731


class LyingInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class LyingFloat(float):
    __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0


class LyingArray(np.ndarray):
    def __array_function__(self, *args, **kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return np.ones(2, bool)


class LyingTuple(tuple):
    def __iter__(self):
        return iter((1, 2))


@pytest.mark.parametrize(
    "lie",
    [
        Liar(),
        LyingInt(5),
        LyingFloat(5),
        np.zeros(2).view(LyingArray),
        LyingTuple((7, 8)),
        np.matrix([[1.0, 1.0]]),
        np.ma.ones(2),
        np.array([Liar(), Liar()]),
    ],
    ids=lambda lie: type(lie).__name__,
)
@pytest.mark.parametrize("due", [1, 1.0, np.ones(2), (1, 2), "x", True, None], ids=repr)
def test_objects_that_lie_about_themselves_never_pass(lie, due):
    assert not accepted(lie, due)


def test_the_message_shows_call_input_expected_got_and_the_first_difference():
    def add(image, number):
        return image - number

    text = message(add, np.array([[1, 2], [3, 4]]), 1, gives=np.array([[2, 3], [4, 5]]), hint="Add.")
    for part in (
        "add(image, number) is not right yet",
        "image  = [[1, 2]",
        "number = 1",
        "expected = [[2, 3]",
        "got      = [[0, 1]",
        "[0, 0]: expected 2, got 0 (4 of 4",
        "Hint: Add.",
    ):
        assert part in text, text


def test_messages_name_swapped_axes_signs_and_zeros():
    due = np.arange(1.0, 7).reshape(2, 3)
    assert "wrong order" in message(returns(due.T), gives=due)
    assert "1 row too few." in message(returns(due[:1]), gives=due)
    assert "signs" in message(returns(-due), gives=due)
    assert "All entries are zero" in message(returns(0 * due), gives=due)
    assert "Rows and columns are swapped" in message(returns(due[:, :2].T), gives=due[:, :2])


def test_a_long_array_does_not_flood_the_page():
    text = message(returns(np.zeros((200, 200))), gives=np.ones((200, 200)))
    assert len(text.splitlines()) < 12 and "200 × 200 array" in text


def test_changing_an_argument_is_wrong_even_if_the_result_is_right():
    def sort(values):
        values.sort()
        return values

    assert "It changed its argument 'values'" in message(sort, np.array([2, 1]), gives=np.array([1, 2]))
    assert "It changed its argument 'values'" in message(sort, [2, 1], gives=[1, 2])


def test_the_function_can_reach_neither_our_arguments_nor_what_is_due():
    arguments, due = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    kept = []

    def spoil(x):
        kept.append(x)
        return x + 2

    check(spoil, arguments, gives=due)
    kept[0][:] = 99
    assert arguments.tolist() == [1, 2] and due.tolist() == [3, 4]


def test_a_generator_may_move_on():
    def draw(rng):
        return rng.random()

    check(draw, np.random.default_rng(0), gives=float(np.random.default_rng(0).random()))


def test_the_stub_is_not_called_wrong_but_unwritten():
    def stub(n):
        raise NotImplementedError

    assert "not written yet" in message(stub, 1, gives=1)
    with pytest.raises(CheckError, match="not written yet"):
        check_error(stub, 1)


MINE = """
def size(n):
    return n
def padded(n):
    return size(n) + 1
def blur(n):
    return [padded(m) for m in range(n)]
def method(n):
    return n.size
def stub(n):
    raise NotImplementedError
def wrapper(n):
    return stub(n)
"""


@pytest.fixture
def mine(monkeypatch):
    """Functions of a notebook, in which no check has run yet."""
    monkeypatch.setattr(runs, "_runs", {})
    namespace = {}
    exec(MINE, namespace)
    return SimpleNamespace(**namespace)


def test_a_message_names_the_other_function_whose_check_fails(mine):
    said = "whose own check fails: mend that one first."
    assert said not in message(mine.blur, 2, gives=0)
    message(mine.size, 5, gives=4)
    assert f"\n  padded calls size, {said}" in message(mine.padded, 5, gives=5)
    check(mine.padded, 5, gives=6)
    assert f"\n  blur calls size, {said}" in message(mine.blur, 2, gives=0)
    assert said not in message(mine.size, 5, gives=4) and said not in message(mine.method, 1j, gives=4)
    check(mine.size, 5, gives=5)
    assert said not in message(mine.blur, 2, gives=0)


def test_a_function_that_calls_an_unwritten_one_is_not_called_unwritten(mine):
    text = message(mine.wrapper, 1, gives=1)
    assert "It calls stub, which still has to be written." in text and "not written yet" not in text
    message(mine.stub, 1, gives=1)
    assert "mend that one first" not in message(mine.wrapper, 1, gives=1)


def test_an_error_of_the_students_code_is_told():
    def broken(x):
        return x[5]

    text = message(broken, [1], gives=1)
    assert "It raised IndexError: list index out of range" in text and "expected = 1" in text


def test_check_error_wants_that_error_and_nothing_else():
    def raises(error):
        def function(n):
            raise error

        return function

    check_error(raises(ValueError("no")), 1)
    check_error(raises(UnicodeError("a kind of ValueError")), 1)
    for error in (IndexError("x"), TypeError("x"), SystemExit(0)):
        with pytest.raises(CheckError, match=f"It raised {type(error).__name__}"):
            check_error(raises(error), 1, because="n is odd")
    with pytest.raises(CheckError, match="because n is odd"):
        check_error(lambda n: n, 1, because="n is odd")
    with pytest.raises(KeyboardInterrupt):
        check_error(raises(KeyboardInterrupt()), 1)


@pytest.mark.parametrize("got", [ValueError, ValueError("too large")])
def test_an_error_that_is_returned_is_told_from_one_that_is_raised(got):
    with pytest.raises(CheckError, match=r"got = .*ValueError.*\n  Use raise, not return\."):
        check_error(returns(got))
    with pytest.raises(CheckError) as error:
        check_error(returns(3))
    assert "Use raise" not in str(error.value)


@pytest.mark.parametrize("due", [3, 0.5, np.ones(2), (1, 2), "same"])
def test_a_result_that_is_only_printed_is_no_result(due):
    assert message(returns(None), gives=due).endswith("is the return missing, or did you print the result instead?")
    assert "print" not in message(returns(b"no"), gives=due)


@pytest.mark.parametrize(
    ("got", "due", "said"),
    [
        (3.0, 3, "Expected a whole number, got a float. Use // or int(...)."),
        ("3", 3, "Expected a whole number, got a string."),
        ("3", 3.0, "Expected a number, got a string."),
        ("x", (1, 2), "Expected a tuple of length 2, got a string."),
        ((1,), (1, 2), "Expected 2 values, got 1."),
        ((1, 3), (1, 2), "At index 1: expected 2, got 3."),
        (np.ones(6), np.ones((2, 3)), "Expected shape (2, 3), got (6,): 2 axes expected, 1 found."),
        (np.ones((1, 4)), np.ones((2, 3)), "Expected shape (2, 3), got (1, 4): 1 row too few and 1 column too many."),
        (
            np.ones(2),
            np.ones(2, np.int64),
            "Expected an array of whole numbers, got one of float64. Say dtype=int where you make it.",
        ),
        (np.ones(2, bool), np.ones(2), "Expected an array of numbers, got booleans (True and False)."),
        (np.array(["a"]), np.ones(1), "Expected an array of numbers, got one of texts."),
        ("x", np.ones(2), "Expected a NumPy array of shape (2,), got a string."),
    ],
)
def test_a_message_says_what_was_expected_and_what_came(got, due, said):
    assert message(returns(got), gives=due).endswith(f"\n  {said}")


@pytest.mark.parametrize("got", [[1, 2], [[1], [2]]])
def test_a_list_is_told_to_become_an_array_of_the_right_shape(got):
    said = message(returns(got), gives=np.ones((1, 2)))
    assert said.endswith("Expected a NumPy array of shape (1, 2), got a list. Use np.array(...).")


@pytest.mark.slow
def test_tensors_and_keras_variables_count_as_arrays_and_numbers():
    import keras
    import tensorflow as tf

    for value in (tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0])):
        assert accepted(value, np.array([1.0, 2.0]))
        assert not accepted(value, np.array([1.0, 3.0]))
    layer = keras.layers.ReLU()
    said = message(returns(layer), gives=np.ones(2))
    assert "got      = a Keras layer (ReLU)\n" in said, said
    assert said.endswith("got ReLU. Call the layer with the input, and return what comes out."), said
    assert accepted(tf.constant(3), 3) and not accepted(tf.constant(3.0), 3)
    assert not accepted(tf.constant([1.0, 2.0]), np.array([1, 2]))


def test_an_array_of_three_axes_is_shown_around_the_first_difference():
    due = np.arange(60.0).reshape(4, 5, 3)
    got = due.copy()
    got[2, 3, 1] = -1
    text = message(returns(got), gives=due)
    assert "First difference at [2, 3, 1]: expected 40.0, got -1.0 (1 of 60 entries differ)." in text
    assert "expected[0:4, 1:5, 1] = [[ 4.0,  7.0, 10.0, 13.0]," in text
    shown = [line for line in text.splitlines() if line.endswith("[34.0, 37.0, -1.0, 43.0],")]
    assert len(shown) == 1, text
    batch = np.stack([due, due])
    wrong = np.stack([due, got])
    assert "got[1, 0:4, 1:5, 1]      = " in message(returns(wrong), gives=batch)


def test_a_long_array_is_shown_around_the_first_difference_as_well():
    due = np.arange(400).reshape(20, 20)
    got = np.where(due == 78, 0, due)
    assert "got[1:6, 16:20]      = [[ 36,  37,  38,  39]," in message(returns(got), gives=due)


def test_numbers_have_six_significant_digits():
    assert "got      = 0.3\n" in message(returns(0.1 + 0.2), gives=0.5) + "\n"
    assert "(0.333333, 3.0)" in message(returns((1 / 3, 3.0)), gives=(1.0, 3.0))
    assert "[1.23457e+06,    0.333333]" in message(returns(np.array([1234567.8, 1 / 3])), gives=np.zeros(2))
    assert "got      = nan" in message(returns(float("nan")), gives=0.5)


def test_long_lists_and_dicts_have_one_entry_a_line():
    layers = [{"type": "conv", "filters": 32, "kernel": 3, "padding": "same"}, {"type": "pool", "size": 2}] * 3
    text = message(lambda layers: 1, layers, gives=2)
    assert (
        "  layers = [{'type': 'conv', 'filters': 32, 'kernel': 3, 'padding': 'same'},\n            {'type': 'pool'"
        in text
    )
    assert message(lambda pair: 1, (np.eye(2), [3]), gives=2).splitlines()[1:4] == [
        "  pair = ([[1.0, 0.0],",
        "           [0.0, 1.0]],",
        "          [3])",
    ]


def test_weights_in_a_list_are_told_by_their_shapes():
    weights = [np.arange(18.0).reshape(3, 3, 1, 2), np.arange(32.0), np.zeros((40, 5)), np.array([0.5, 1.0])]
    lines = message(lambda weights: 1, weights, gives=2).splitlines()
    assert lines[1:5] == [
        "  weights = [3 × 3 × 1 × 2 array of float64,",
        "             array of 32 (float64),",
        "             40 × 5 array of float64 (all 0.0),",
        "             [0.5, 1.0]  (array of float64)]",
    ]


def test_of_an_expected_array_the_kind_of_numbers_is_said_and_not_a_dtype():
    text = message(returns(np.zeros((2, 2, 2), "float32")), gives=np.ones((2, 2, 1)))
    assert "expected = 2 × 2 × 1 array of numbers\n" in text and "got      = 2 × 2 × 2 array of float32" in text


def test_a_changed_argument_is_explained():
    def crop(image):
        part = image
        part[0] = 0
        return part

    text = message(crop, np.ones(3), gives=np.array([0.0, 1.0, 1.0]))
    assert "It changed its argument 'image'." in text and "An assignment such as a = b makes no copy" in text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x[0:0] = np.ones(3)", "is empty, its shape is (0,): a slice that ends at -0"),
        ("x[0:2] = np.ones(3)", "What you assign has the shape (3,), the place to which you assign it (2,)."),
        ("x + np.ones(2)", "Two arrays whose shapes do not match meet here"),
        ("x @ np.ones(2)", "write *."),
        ("np.dot(x, np.ones((2, 2)))", "write *."),
        ("x *= 0.5", "+=, *= and the like cannot put floats into an array of whole numbers"),
        ("x[3]", "along axis 0 there are 3 entries"),
        ("x[0, 1]", "The array has 1 axes and gets 2 indices"),
        ("x.reshape(2, 2)", "3 of them do not fill the shape (2,2)."),
        ("range(len(x) / 2)", "divide with //"),
        ("x[0:1.5]", "divide with //"),
        ("x.tolist().shape", "This is a list, not an array"),
        ("x.tolist()[0, 1]", "This is a list, not an array"),
        ("range(x.shape)", "take its numbers out first"),
        ("x.shape - 1", "take its numbers out first"),
        ("print(x) + 1", "Something is None here"),
        ("1 if x else 2", "An if wants a single True or False"),
        ("x[0] = [1, 2]", "room for one number"),
        ("a, b = x.shape", "A shape has one number for each axis."),
        ("a, b = len(x)", "This is a single number"),
        ("len(3)", "This is a single number"),
        ("x.shape[0] = 2", "A tuple cannot be changed"),
        ("f()", "does not fit the function's first line"),
        ("np.pad(x, (1.0, 1.0))", "np.pad wants whole numbers"),
        ("np.pad(np.ones((2, 2)), ((1, 1), (1, 1), (0, 0)))", "np.pad wants a pair (before, after) for each axis"),
        ("np.pad(x, (-1, 1))", "np.pad cannot take anything away"),
        ("np.lib.stride_tricks.sliding_window_view(x, 5)", "The window is larger than the array"),
        ("np.zeros(-1)", "A size came out negative"),
        ("numpy", "numpy is unknown here"),
        ("f(x)", "It calls itself again and again"),
    ],
)
def test_what_an_error_of_python_or_numpy_means_is_said(code, said):
    names = {"np": np}
    exec(f"def f(x):\n    {code}", names)
    text = message(names["f"], np.arange(3), gives=1)
    assert said in text and "These arguments are allowed" not in text, text


def test_an_error_that_the_function_raises_itself_is_told_from_one_that_happens_to_it():
    def refuses(n):
        raise ValueError("too small")

    def fails(n):
        return [1][n]

    allowed, first = (
        "These arguments are allowed: look at the condition before that raise.",
        "Compare the arguments first",
    )
    assert f"It raised ValueError: too small\n  {allowed}\n  expected = 1" in message(refuses, 1, gives=1)
    assert allowed not in message(fails, 1, gives=1)
    names = {}
    exec("def inner(n):\n    raise ValueError\n\ndef outer(n):\n    return inner(n)", names)
    assert "look at the condition before that raise, and at what inner was given." in message(
        names["outer"], 1, gives=1
    )
    with pytest.raises(CheckError, match=first):
        check_error(fails, 1)
    with pytest.raises(CheckError) as error:
        check_error(refuses, 1, raises=TypeError)
    assert first not in str(error.value)


@pytest.mark.parametrize("got", [None, "too large"])
def test_an_error_that_is_only_printed_stops_nobody(got):
    with pytest.raises(CheckError, match=r"stops nobody: use raise ValueError\(\.\.\.\)\."):
        check_error(returns(got))


def test_one_row_of_pictures_is_shown_with_its_channels():
    due = np.arange(9.0).reshape(1, 3, 3)
    assert "got[0, 0:3, 0:3]      = [[0.0, 1.0, 2.0]," in message(returns(np.where(due == 8, 0, due)), gives=due)


def test_entries_that_differ_in_a_list_are_shown_and_counted():
    assert message(returns([1, 0, 0]), gives=[1, 2, 3]).endswith(
        "At index 1: expected 2, got 0 (2 of 3 entries differ)."
    )
    said = message(returns((1.0, 1.0)), gives=(1, 1))
    assert said.endswith(
        "At index 0: expected 1, got 1.0.\n  Expected a whole number, got a float. Use // or int(...)."
    )
    said = message(returns((np.ones(2), np.ones(2))), gives=(np.ones(2), np.zeros(2)))
    assert "The entry at index 1 of what it returned is wrong:\n  expected = [0.0, 0.0]" in said


def test_lines_of_a_model_stand_side_by_side_only_where_they_differ():
    text = message(returns(["Flatten", "Dense 10"]), gives=["Flatten", "Dense 10, softmax", "a loss"])
    assert text.splitlines()[1:] == [
        "    expected           got",
        "    Flatten",
        "  > Dense 10, softmax  Dense 10",
        "  > a loss             -",
    ]


def test_a_return_inside_the_loop_and_an_array_for_a_number_are_told():
    due = np.arange(1.0, 7).reshape(3, 2)
    assert "does the return stand inside the loop?" in message(returns(due * [[1], [0], [0]]), gives=due)
    assert message(returns(np.ones(3)), gives=1.5).endswith("Expected a number, got an array of shape (3,).")
