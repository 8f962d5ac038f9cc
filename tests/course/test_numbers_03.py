"""The numbers that lesson 3 tells in words are computed here again, and the sentences are looked up in its source."""

import itertools
import re
from itertools import pairwise

import numpy as np
import pytest

from autograder.course import Course
from convlab.data import load_fashion_mnist
from convlab.pictures.stride import window_starts
from convlab.pictures.windows import correlate

SOURCE = Course().source("03_stride").read_text(encoding="utf-8")
TOLD = re.sub(r"\s+(# )?", " ", SOURCE)


def told(sentence):
    return re.sub(r"\s+", " ", sentence) in TOLD


def zeros(n, kernel, stride):
    """Zeros before and after the pixels, as the windows that TensorFlow places need them."""
    starts = window_starts(n, kernel, stride, "same")
    return -starts[0], max(starts[-1] + kernel - n, 0)


def field(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def most_pixels(layers, n):
    """How many of n pixels the neuron that depends on most of them depends on, under "same"."""
    seen = [{pixel} for pixel in range(n)]
    for kernel, stride in layers:
        starts = window_starts(len(seen), kernel, stride, "same")
        seen = [set().union(*seen[max(start, 0) : start + kernel]) for start in starts]
    return max(map(len, seen))


def same_map(image, kernel, stride):
    padded = np.pad(image, [zeros(n, k, stride) for n, k in zip(image.shape, kernel.shape, strict=True)])
    return correlate(padded, kernel)[::stride, ::stride]


def test_the_zeros_that_the_pictures_draw_are_those_that_keras_adds():
    for n, kernel, stride in itertools.product(range(1, 16), range(1, 8), range(1, 7)):
        total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
        assert zeros(n, kernel, stride) == (total // 2, total - total // 2)


def test_rows_of_pixels():
    assert [len(window_starts(28, 3, stride, "valid")) for stride in (1, 2, 4)] == [26, 13, 7]
    assert told("With steps of 1 the map is 26 × 26.")
    assert zeros(8, 3, 2) == (0, 1) and told("One zero in all, and it stands after the pixels.")
    assert zeros(7, 3, 2) == (1, 1)
    assert [stride for stride in range(1, 7) if zeros(8, 3, stride) == (0, 0)] == [4, 5]
    assert told("Strides of 4 and 5 need no zeros: two windows")
    assert all(len(window_starts(8, 3, stride, "same")) == 2 for stride in (4, 5))
    starts = window_starts(8, 3, 4, "valid")
    assert set(range(8)) - {start + step for start in starts for step in range(3)} == {3, 7}
    assert told("a stride of 4 leaves out pixel 3, between its two windows, and pixel 7, at the end")


def test_where_the_number_of_zeros_is_odd_windows_stand_a_pixel_off_in_pytorch():
    assert told("every window stands a pixel off")
    for n, kernel in itertools.product(range(6, 40), (3, 5, 7)):
        before, after = zeros(n, kernel, 2)
        assert (after - before) % 2 == (n % 2 == 0)
        if before != after:
            # The one number of zeros on both sides that gives as many outputs; the windows begin one pixel earlier.
            assert (n + 2 * after - kernel) // 2 + 1 == len(window_starts(n, kernel, 2, "same"))
            assert after - before == 1


def test_a_stride_saves_three_quarters():
    places = {stride: len(window_starts(28, 3, stride, "valid")) ** 2 for stride in (1, 2)}
    assert places == {1: 676, 2: 169} and places[1] == 4 * places[2]
    assert told("exactly a quarter where the number of places is even, as here")


def test_slicing_a_same_map_may_give_another_map():
    rng = np.random.default_rng(0)
    kernels = {size: rng.normal(size=(size, size)) for size in (2, 3)}
    agree = {
        (n, size): np.allclose(same_map(image, kernel, 1)[::2, ::2], same_map(image, kernel, 2))
        for n in (27, 28, 29)
        for image in [rng.normal(size=(n, n))]
        for size, kernel in kernels.items()
    }
    assert [case for case, equal in agree.items() if not equal] == [(28, 3)]
    assert told("with 27 or 29 pixels, or with a window of 2, the two agree")
    assert zeros(28, 3, 1) == (1, 1) and zeros(28, 3, 2) == (0, 1)
    image = rng.normal(size=(28, 28))
    assert np.allclose(same_map(image, kernels[3], 1)[1::2, 1::2], same_map(image, kernels[3], 2))


def test_what_the_window_of_two_by_two_ignores():
    starts = window_starts(5, 2, 2, "valid")
    seen = {start + step for start in starts for step in range(2)}
    assert len(starts) ** 2 == 4 and 25 - len(seen) ** 2 == 9 and told("9 of 25 pixels")
    assert 28 - (window_starts(28, 5, 4, "valid")[-1] + 5) == 3
    assert [window_starts(5, 2, 2, "valid"), window_starts(5, 2, 1, "valid")] == [[0, 2], [0, 1, 2, 3]]
    assert told("These windows stand at rows 0 and 2 and at all four columns, so the slice has the shape (2, 4, 2, 2)")


def test_fields_and_what_the_border_takes_from_them():
    assert field([(3, 1), (3, 1)]) == 5 and told("with windows of 3, both with stride 1: five pixels")
    assert [field(layers) for layers in ([(3, 2), (3, 1)], [(3, 1), (2, 2), (3, 1)])] == [7, 8]
    assert told("of 5 pixels, of 7 if the first has a stride of 2, and of 8 with a pooling layer between them")
    fields = {stride: [field([(3, stride)] * depth) for depth in range(1, 15)] for stride in (1, 2)}
    assert [next(depth for depth, size in enumerate(fields[stride], 1) if size >= 28) for stride in (1, 2)] == [
        14,
        5 - 1,
    ]
    assert all(after == before + 2 for before, after in pairwise(fields[1]))
    assert all(after == 2 * before + 1 for before, after in pairwise(fields[2]))
    assert fields[2][3] == 31 and told("four layers of stride 2 have a field of 31")
    assert [most_pixels([(3, 2)] * depth, 28) for depth in (4, 5)] == [27, 28]
    assert told("no neuron sees more than 27 of the 28 pixels. It takes a fifth layer")


def test_under_valid_the_stacks_cannot_be_built():
    for stride, depth in ((1, 13), (2, 3)):
        n, layers = 28, 0
        while n >= 3:
            n, layers = len(window_starts(n, 3, stride, "valid")), layers + 1
        assert layers == depth
    assert told("smaller than the window after 13 layers of stride 1, and after 3 of stride 2")


def test_the_middle_of_a_field_counts_most():
    share = np.ones(1)
    for _ in range(13):
        share = np.convolve(share, np.ones(3) / 3)
    assert share.size == field([(3, 1)] * 13) == 27
    assert share[7:20].size == 13 and share[7:20].sum() == pytest.approx(0.975, abs=0.0005)
    assert told("the field is 27 pixels long, and the 13 in its middle carry 97 % of the neuron's value")


def test_the_boot_and_the_stripes():
    (images, _), _ = load_fashion_mnist()
    boot, edge = images[5764].astype(float), np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    before = correlate(boot, edge)[::2, ::2]
    after = [correlate(np.roll(boot, pixels, axis=1), edge)[::2, ::2] for pixels in (1, 2)]
    assert [np.allclose(moved[:, 1:], before[:, :-1]) for moved in after] == [False, True]
    assert told("Only if the picture moves by a whole stride does the map move along.")
    stripes = np.tile([0, 1], (12, 7))[:, :13]
    maps = [correlate(shirt, np.array([[-1, 1]]))[:, ::2] for shirt in (stripes, 1 - stripes)]
    assert [set(np.unique(found)) for found in maps] == [{1}, {-1}]
    assert told('One map says "brighter everywhere", the other one "darker everywhere"')
