"""The numbers in lesson 1's text: each is computed here, and the sentence that states it is looked up in the lesson."""

import numpy as np
import pytest

from autograder.course import Course
from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.explorers import dense_and_convolution
from convlab.pictures.windows import correlate

LESSON = " ".join(Course().source("01_dense_vs_conv").read_text(encoding="utf-8").replace("\n#", "\n").split())
EDGE = np.array([[-1.0, 0.0, 1.0]] * 3)


@pytest.fixture(scope="module")
def shirts():
    (pictures, labels), _ = load_fashion_mnist()
    assert CLASS_NAMES[labels[89]] == "T-shirt/top"
    return pictures[89], np.roll(pictures[89], 2, axis=1)


def test_the_text_leaves_it_to_the_picture_how_many_numbers_change(shirts):
    before, after = shirts
    assert str(np.count_nonzero(before != after)) not in LESSON
    assert not before[:, -2:].any() and "The margin is black, so nothing is lost." in LESSON


def test_the_map_of_the_moved_shirt_is_the_old_one_two_columns_further_right(shirts):
    before, after = (correlate(shirt.astype(float), EDGE) for shirt in shirts)
    assert not np.array_equal(before, after) and np.array_equal(before[:, :-2], after[:, 2:])
    assert "The map of the convolution is the same map, **two pixels further right**" in LESSON
    assert correlate(np.array([[0.0, 1, 2]] * 3), EDGE) > 0 > correlate(np.array([[2.0, 1, 0]] * 3), EDGE)


def test_what_a_photo_costs_to_learn_and_to_compute():
    weights, work = 224 * 224 * 3 * 100, (224 - 2) * (224 - 2) * 3 * 3 * 3 * 100
    assert (weights, work) == (15_052_800, 133_066_800) and 8.5 < work / weights < 9
    assert "133 million multiplications, nearly nine times the 15 million of the dense layer" in LESSON
    assert (3 * 3 * 100 + 100, 3 * 3 * 3 * 100 + 100) == (1_000, 2_800) and "(1,000 to 2,800 is the color:" in LESSON


def test_how_often_the_window_of_the_drawing_fits():
    assert len(np.lib.stride_tricks.sliding_window_view(np.arange(8), 3)) == 6
    assert "a window of 3 fits at 6 places in a row of 8 pixels" in LESSON


def test_what_the_explorer_answers():
    explorer = dense_and_convolution()
    dense, largest = {}, set()
    for explorer.row, explorer.column in np.ndindex(5, 5):
        dense[explorer.row, explorer.column] = explorer.dense
        largest.add(explorer.feature_map.max())
    again = [place for place, value in dense.items() if value == dense[0, 0] and place != (0, 0)]
    assert (dense[0, 0], len(again), len(dense) - 1, largest) == (2, 2, 24, {5})
    assert "the dense neuron says 2, and by chance it says so again at two of the other 24 places" in LESSON
    assert "The largest value of the map is 5 everywhere" in LESSON
    assert np.size(explorer.kernel) + 1 == 10 and "the convolution keeps its ten numbers" in LESSON
