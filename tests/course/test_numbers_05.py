"""Every number that lesson 5's prose gives is computed again here; its sentence is looked up, so neither goes stale alone."""

import numpy as np
import pytest

from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY
from autograder.course.variants import cell_of, exercise_ids
from convlab import explorers
from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.pictures.windows import reduced, same_map

SOURCE = read_lesson(Course(REPOSITORY).source("05_pooling"))
PROSE = " ".join(" ".join(cell.source.split()) for cell in SOURCE.cells if cell.cell_type == "markdown")
BAG = load_fashion_mnist()[0][0][462] / 255
EDGE = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def lesson():
    """The solved exercises and the small map of the beginning."""
    names = {"np": np}
    for exercise in exercise_ids(SOURCE):
        exec(cell_of(solved(SOURCE), exercise).source, names)
    exec(next(cell.source for cell in SOURCE.cells if cell.source.startswith("small =")).splitlines()[0], names)
    return names


def edges(shift=0):
    moved = np.zeros(BAG.shape)
    moved[:, shift:] = BAG[:, : 28 - shift]
    return np.maximum(same_map(moved, EDGE), 0)


def test_the_bag_is_the_one_of_the_setup_cell():
    assert CLASS_NAMES[load_fashion_mnist()[0][1][462]] == "Bag"
    assert any("bag = x_train[462] / 255" in cell.source for cell in SOURCE.cells)


def test_of_784_numbers_sixteen_are_left():
    assert (BAG.size, reduced(BAG, (7, 7)).size) == (784, 16)
    assert "of its 784 numbers" in PROSE and "With 7 × 7, sixteen numbers are left" in PROSE


def test_three_quarters_are_gone_and_a_window_of_3_covers_6(lesson):
    assert lesson["discarded_fraction"]((2, 2)) == 0.75
    assert "Three quarters are gone" in PROSE and "**75 %** of the activations are gone" in PROSE
    assert 3 * 2 == 6 and "3 × 3 covers 6 × 6 of the pixels in front of the pooling" in PROSE


def test_half_a_window_has_the_mean_of_its_real_values(lesson):
    x = np.array([[[4.0]], [[8.0]]])
    assert lesson["avg_pool2d"](x, (2, 2), padding="same").ravel().tolist() == [6.0]
    assert "Its two real values are 4 and 8. Is the mean 6 or 3?" in PROSE and "It is 6, in Keras too" in PROSE


def test_no_shift_leaves_the_edge_map_as_it_was_and_a_whole_window_moves_it():
    maps = [reduced(edges(shift), (4, 4)) for shift in range(5)]
    changed = [int((~np.isclose(one, maps[0])).sum()) for one in maps[1:]]
    assert changed == [17, 33, 38, 45] and maps[0].size == 49
    assert "For none: 17, 33, 38 and 45 of the 49 values changed" in PROSE
    assert np.allclose(maps[4][:, 1:], maps[0][:, :-1])
    assert "A move by 4, a whole window, moves the pooled map by one column" in PROSE
    amounts = [np.abs(one - maps[0]).sum() for one in maps[1:]]
    assert amounts == sorted(amounts) and "the map changes the more, the further the bag moves" in PROSE


def test_the_explorer_changes_as_many_values_as_the_text_says():
    changed = []
    for shift in (1, 2):
        before, after = explorers.pooling(), explorers.pooling()
        after.shift = shift
        for kind in ("largest", "mean"):
            one, other = getattr(before, kind), getattr(after, kind)
            changed.append(int((~np.isclose(one, other)).sum()))
        if shift == 2:
            assert np.allclose(after.largest[:, 1:], before.largest[:, :-1])
    assert changed == [4, 6, 6, 6] and before.largest.size == 9
    assert "By 1 pixel, 4 of the nine maxima change and 6 of the nine means" in PROSE
    assert "By 2, a whole window, 6 and 6 change" in PROSE


def test_pooling_calms_a_shift_in_amount_and_hardly_at_its_largest_place(lesson):
    picture = BAG[:, :, np.newaxis]
    shares, largest = [], []
    for size in (1, 2, 4, 7):
        one, other = (lesson["max_pool2d"](view, (size, size)) for view in (picture[:, :-1], picture[:, 1:]))
        shares.append(float(np.abs(one - other).sum() / one.sum()))
        largest.append(lesson["pool_shift_change"](picture, (size, size), 1))
    assert [round(share, 2) for share in shares[:3]] == [0.19, 0.10, 0.06] and shares[3] < 0.01
    assert "from 19 % of the map without pooling to 10 %, 6 % and less than 1 %" in PROSE
    assert abs(largest[0] - largest[1]) < 0.02
    assert "The *largest* change is nearly the same with windows of 2 as without pooling" in PROSE


def test_the_gradients_of_the_last_window_are_those_of_the_text(lesson):
    small = lesson["small"][:, :, np.newaxis]
    upstream = np.array([[[4.0], [8.0]], [[-4.0], [12.0]]])
    back = lesson["max_pool_gradient"](small, (2, 2), upstream)
    assert (small[2, 2, 0], small[2, 3, 0], back[2, 2, 0], back[2, 3, 0]) == (9, 6, 12, 0)
    assert "Through max pooling 12 and 0, through average pooling 3 and 3" in PROSE and 12 / 4 == 3


def test_many_windows_of_an_edge_map_tie_and_nearly_all_of_them_are_black():
    windows = edges().reshape(14, 2, 14, 2).transpose(0, 2, 1, 3).reshape(-1, 4)
    tied = (windows == windows.max(axis=1, keepdims=True)).sum(axis=1) > 1
    assert round(float(tied.mean()), 2) == 0.42 and "42 % of the 2 × 2 windows in the bag's edge map" in PROSE
    assert (windows[tied].max(axis=1) == 0).mean() > 0.95 and "nearly all of them black" in PROSE


@pytest.mark.slow
def test_tensorflow_gives_a_tie_to_the_first_place_and_a_relu_passes_nothing_on_at_0():
    import tensorflow as tf

    x = tf.zeros((1, 2, 2, 1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        pooled = tf.nn.max_pool2d(x, 2, 2, "VALID")
        rectified = tf.nn.relu(x)
    assert tape.gradient(pooled, x).numpy().ravel().tolist() == [1, 0, 0, 0]
    assert not tape.gradient(rectified, x).numpy().any()
    assert "TensorFlow on a CPU gives everything to the first place" in PROSE


def test_three_poolings_leave_one_value_for_8_by_8_pixels():
    assert 2**3 == 8 and "After three poolings of 2 × 2 a value stands for 8 × 8 pixels" in PROSE
