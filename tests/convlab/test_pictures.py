import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from convlab.pictures import dense_vs_conv as lesson1
from convlab.pictures import filters, padding
from convlab.pictures.style import INPUT, KERNEL, OUTPUT
from convlab.pictures.windows import correlate

IMAGE = np.arange(30.0).reshape(5, 6)
KERNEL_2X2 = np.array([[1.0, -1.0], [2.0, 0.0]])

PICTURES = {
    "before_and_after": (lesson1.before_and_after(IMAGE, np.roll(IMAGE, 1, axis=1)), ["30 of 30"]),
    "connections": (lesson1.connections(8, 3), ["48 different weights", "same 3"]),
    "window": (lesson1.window(IMAGE, KERNEL_2X2, 1, 2), ["row 1, column 2", "8·1 + 9·(−1) + 14·2 + 15·0 = 27"]),
    "seen_twice": (
        lesson1.seen_twice(IMAGE, 2 * IMAGE, np.ones((5, 6)), KERNEL_2X2),
        ["30 weights", "435.0 before and 870.0 after", "4 weights"],
    ),
    "weight_matrix": (lesson1.weight_matrix(np.eye(3)[:2], np.ones((1, 1))), ["2 rows and 3 columns", "4 of its 6"]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_alternative_texts_tell_the_numbers_that_are_drawn(name):
    picture, parts = PICTURES[name]
    assert [part for part in parts if part not in picture.alt] == []


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_displays_as_html_png_and_text(name):
    picture, _ = PICTURES[name]
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG") and 'alt="' in data["text/html"]
    assert data["text/plain"] == metadata["image/png"]["alt"] == picture.alt


def test_no_picture_stays_behind_in_pyplot():
    assert plt.get_fignums() == []


def test_correlate_is_the_sum_of_products():
    brute = [
        [sum(IMAGE[i + u, j + v] * KERNEL_2X2[u, v] for u in range(2) for v in range(2)) for j in range(5)]
        for i in range(4)
    ]
    assert np.allclose(correlate(IMAGE, KERNEL_2X2), brute)


def written(picture, place):
    """The texts in one of a picture's axes."""
    return [text.get_text() for text in picture.figure.axes[place].texts]


def test_only_the_chosen_output_is_written_when_the_others_are_left_out():
    assert written(lesson1.window(IMAGE, KERNEL_2X2, 1, 2, others=False), 2) == ["27"]
    assert len(written(lesson1.window(IMAGE, KERNEL_2X2, 1, 2), 2)) == 20


def test_a_filter_is_drawn_with_one_sheet_for_each_channel():
    axes = filters.stack(height=5, width=6, channels=3, kernel=3, filters=4).figure.axes[1]
    sheets = [patch for patch in axes.patches if isinstance(patch, Polygon) and to_hex(patch.get_facecolor()) == KERNEL]
    assert len(sheets) == 4 * 3


def test_visits_of_valid_windows_are_those_of_brute_force():
    counts = np.zeros((5, 5), int)
    for i, j in np.ndindex(4, 4):
        counts[i : i + 2, j : j + 2] += 1
    assert written(padding.valid_visits(n=5, kernel=2), 0) == [str(count) for count in counts.ravel()]


def test_input_kernel_and_output_differ_in_greyscale():
    def gray(color):
        red, green, blue = (int(color[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = sorted(gray(color) for color in (INPUT, KERNEL, OUTPUT))
    assert shades[1] - shades[0] > 40 and shades[2] - shades[1] > 40
