"""The numbers in lesson 2's text: each is computed here, and the sentence that states it is looked up in the lesson."""

import numpy as np
import pytest

from autograder.course import Course
from convlab import explorers
from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.pictures.padding import mean_filter
from convlab.pictures.windows import correlate

LESSON = " ".join(Course().source("02_padding").read_text(encoding="utf-8").replace("\n#", "\n").split())


@pytest.fixture(scope="module")
def pictures():
    (found, labels), _ = load_fashion_mnist()
    assert CLASS_NAMES[labels[1042]] == "Coat"
    return found


def moved(picture, background):
    """Two columns to the right; what comes in on the left is background."""
    after = np.full_like(picture, background)
    after[:, 2:] = picture[:, :-2]
    return after


def changed_columns(picture, background, zeros):
    """The columns of the 5 × 5 mean that do not move along with the picture."""
    before, after = (mean_filter(np.pad(one, zeros), 5) for one in (picture, moved(picture, background)))
    return np.flatnonzero(np.any(before[:, :-2] != after[:, 2:], axis=0)).tolist()


def test_through_two_layers_the_middle_counts_81_times():
    ways = np.ones(16)
    for _ in range(2):
        ways = np.convolve(ways, np.ones(3))
    assert (ways[0] ** 2, ways[10] ** 2) == (1, 81)
    assert "81 ways from a pixel in the middle of a large picture to the outputs, and still only one way from" in LESSON


def test_nearly_all_pictures_touch_the_edge_and_there_zeros_do_harm(pictures):
    rim = np.concatenate([pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1]], axis=1)
    assert np.mean(rim.max(axis=1) > 50) == pytest.approx(0.974, abs=0.0005)
    coat = pictures[1042]
    assert coat[0].max() > 50 and coat[-1].max() > 50
    assert "Nearly all of them touch it, as our coat does at the top and the bottom." in LESSON
    # Only windows at the edge can differ; a fifth of the pictures has the same median to a gray level.
    worst = []
    for picture in pictures[::5].astype(float):
        zeros, edges = (mean_filter(np.pad(picture, 2, mode=mode), 5) for mode in ("constant", "edge"))
        worst.append(np.abs(zeros - edges).max())
    assert np.median(worst) == pytest.approx(42, abs=1)
    assert "in half of the pictures by more than 42 gray levels at the worst place" in LESSON


def test_the_moved_coat_breaks_the_rule_close_to_the_frame_only(pictures):
    coat = 255 - pictures[1042]
    assert (changed_columns(coat, 255, zeros=0), changed_columns(coat, 255, zeros=2)) == ([], [0, 1, 24, 25])
    assert '"Valid" is as exact as before. With "same", two columns on each side break the rule' in LESSON
    assert changed_columns(pictures[89], 0, zeros=2) == [] and "(Lesson 1's T-shirt would have hidden this" in LESSON


def test_an_edge_detector_finds_the_end_of_the_picture():
    wall = np.full((6, 6), 255.0)
    found = correlate(np.pad(wall, 1), np.array([[-1.0, 0, 1]] * 3))
    assert np.all(found[:, 0] > 0) and np.all(found[:, -1] < 0) and not found[:, 1:-1].any()
    assert "it finds a sharp edge where the picture ends" in LESSON


def test_what_the_animation_and_the_explorer_answer():
    framed = np.pad(np.ones((3, 3)), 1)
    zeros = 9 - correlate(framed, np.ones((3, 3)))
    assert (zeros[0, 0], zeros.min(), np.argmin(zeros) + 1) == (5, 0, 5) and np.count_nonzero(zeros == 0) == 1
    assert "In a corner there are five, and at step 5 none" in LESSON
    explorer = explorers.padding()
    assert (explorer.output[0, 0], set(np.ravel(explorer.image)), explorer.kernel, explorer.padding) == (
        4,
        {9},
        3,
        "same",
    )
    assert (explorer.row, explorer.column) == (2, 2) and explorer.output[1, 1] == 9 > explorer.output[0, 1]
    assert np.shape(explorer.image) == (5, 5) and "5 × 5 pixels that are all 9" in LESSON
    assert "In the corner, (0, 0), five of nine are zeros, so the mean is 4 instead of 9." in LESSON
    explorer.kernel = 4
    assert explorer.zeros == (1, 2) and "A window of 4 gets one zero above and on the left, two below and on" in LESSON


def test_what_the_table_and_the_end_say():
    explorer = explorers.padding(np.ones((6, 6)))
    assert (explorer.visits[0, 0], explorer.visits[3, 3]) == (4, 9)
    explorer.padding = "valid"
    assert (explorer.visits[0, 0], explorer.visits[3, 3]) == (1, 9)
    assert "a corner is seen once, the middle 9 times | a corner is seen 4 times" in LESSON
    size, layers = 28, 0
    while size >= 3:
        size, layers = size - 2, layers + 1
    assert layers == 13 and "a Fashion-MNIST picture is used up after 13 layers" in LESSON
    bright = mean_filter(np.pad(np.full((12, 12), 255.0), 2), 5)
    assert np.flatnonzero(bright[6] < 255).tolist() == [0, 1, 10, 11] and "so the border is two pixels wide" in LESSON
