"""The numbers that lesson 4 tells in words are computed here again, and the sentences are looked up in its source."""

import re

import numpy as np
import pytest

from autograder.course import Course
from convlab.data import load_fashion_mnist, load_large_model_weights
from convlab.explorers.channels import Channels
from convlab.explorers.steps import IMAGE, Steps
from convlab.pictures.windows import correlate, same_map

TOLD = re.sub(r"\s+(# )?", " ", Course().source("04_filters").read_text(encoding="utf-8"))
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
VERTICAL = np.zeros((7, 7))
VERTICAL[:, 3] = 1


def told(sentence):
    return re.sub(r"\s+", " ", sentence) in TOLD


@pytest.fixture(scope="module")
def shirt():
    (images, labels), _ = load_fashion_mnist()
    assert labels[89] == 0
    return images[89] / 255


def regions(shirt):
    """Where the T-shirt has its sides, its hem and its sleeves."""
    found = {name: np.zeros(shirt.shape, dtype=bool) for name in ("sides", "hem", "sleeves")}
    found["sides"][10:19, [9, 18]] = True
    found["hem"][23:25, 9:20] = True
    found["sleeves"][:9, [*range(4, 8), *range(20, 24)]] = True
    found["sleeves"] &= shirt > 100 / 255
    return found


def test_which_filter_answers_to_which_part_of_the_shirt(shirt):
    maps = [same_map(shirt, kernel) for kernel in (VERTICAL, VERTICAL.T)]
    means = {name: [round(float(found[mask].mean()), 1) for found in maps] for name, mask in regions(shirt).items()}
    assert means == {"sides": [4.1, 2.2], "hem": [3.0, 4.6], "sleeves": [2.6, 2.6]}
    assert told("the sides belong to the vertical filter (4.1 on average, against 2.2)")
    assert told("the hem to the horizontal one (4.6 against 3.0)")
    assert told("The sleeves are about as wide as they are long, and slanted: 2.6 for both.")


def test_ones_cannot_tell_a_line_from_a_surface_and_a_sum_of_zero_can(shirt):
    line, surface = np.zeros((7, 7)), np.ones((7, 7))
    line[:, 3] = 1
    zero_sum = np.array([[-1.0, 2, -1]] * 7)
    answers = [(np.sum(patch * VERTICAL), np.sum(patch[:, 2:5] * zero_sum)) for patch in (line, surface, line / 2)]
    assert answers == [(7, 14), (7, 0), (3.5, 7)]
    assert told("To the ones, a bright place is as good as a perfect line: 7 in both cases.")
    thin = same_map(shirt, np.array([[-1.0, 2, -1]] * 3))
    where = regions(shirt)
    assert thin[where["sides"]].mean() > 10 * abs(thin[where["hem"]].mean())
    turned = same_map(shirt, np.array([[-1.0, 2, -1]] * 3).T)
    assert [round(float(turned[where[name]].mean()), 1) for name in ("hem", "sides")] == [1.0, 0.0]
    assert told("A row of 2s between two rows of −1s finds the hem (1.0 on average) and not the sides (0.0).")


def test_the_sobel_filter_finds_edges_and_no_lines(shirt):
    line = np.zeros((5, 7))
    line[:, 3] = 1
    assert same_map(line, SOBEL)[2].tolist() == [0, 0, 4, 0, -4, 0, 0]
    assert told("on a line one pixel wide it answers 0, with 4 on one side and −4 on the other")
    answer = same_map(shirt, SOBEL)[10:19]
    cloth = np.abs(answer[:, 11:17]).mean()
    assert answer[:, 8].mean() > 2 and answer[:, 19].mean() < -2 and cloth < 0.3 and not answer[:, :5].any()


def test_the_answers_about_the_explorers_bar():
    bar = np.array(IMAGE)
    edges = correlate(bar, SOBEL)
    assert np.argwhere(edges == edges.min()).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]] and edges.min() == -15
    assert told("The smallest number is −15, at the four places")
    corner = correlate(bar, np.array([[1, 1, -2], [1, 1, -2], [1, 1, 1]]))
    assert np.unravel_index(corner.argmax(), corner.shape) == (1, 1)
    assert sorted(corner.ravel())[-2:] == [25, 35] and told("give 35 there, and at most 25 elsewhere")
    assert told("Choose the shirt of this lesson in the list") and Steps().names[0] == "the shirt of this lesson"


def test_a_filter_that_treats_channels_alike_cannot_tell_colors_apart():
    red, blue, gray = Channels().maps[1][[0, 2, 2], [0, 0, 2]]
    assert red == blue == gray == 12 and told("both squares get the answer 12, and so does the gray one")
    assert told("red 3, green 0, blue 1") and told("1, −1 and 2, its bias is 0.5")
    assert told("pictures.stack(height=5, width=6, channels=3, kernel=3, filters=4)")


def alike(kernels, axis):
    """How much neighboring weights have in common in the median kernel: 1 for equal ones, about 0 for random ones."""
    centered = kernels - kernels.mean(axis=(1, 2), keepdims=True)
    one, other = np.delete(centered, -1, axis), np.delete(centered, 0, axis)
    return np.median((one * other).mean(axis=(1, 2)) / (centered**2).mean(axis=(1, 2)))


def test_the_first_kernels_of_the_shipped_model_look_like_noise():
    kernels = np.moveaxis(load_large_model_weights()[0][:, :, 0, :], 2, 0)
    assert kernels.shape == (64, 7, 7) and told("64 filters of 7 × 7")
    assert [abs(alike(kernels, axis)) < 0.1 for axis in (1, 2)] == [True, True]
    assert alike(np.pad(SOBEL, 2)[np.newaxis], 1) > 0.4
    spots = [correlate(kernel, np.full((2, 2), 0.25)).min() < -0.5 for kernel in kernels]
    assert sum(spots) == 3 and told("Three have a dark spot")
    assert told("neighboring weights are hardly more alike than random numbers")
    assert told("This one gets 94 % of the course's 1,000 test pictures right")  # 0.936, measured in test_lessons.py
