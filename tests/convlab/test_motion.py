"""Moving pictures: their numbers, their files, and in a browser that they move, stop, and stand still for who wants no motion."""

import html
import importlib.util
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from autograder.course.lessons import REPOSITORY as ROOT
from convlab.pictures import motion

IMAGES = ROOT / "docs" / "images"
SVG = "{http://www.w3.org/2000/svg}"
TELLS = {
    "motion-02_padding.svg": ["in 9 steps", "7, 12, 6, 10, 16, 15, 8, 21, 17"],
    "motion-03_stride.svg": ["at 16 places and ignores 0 of", "at 4 places and ignores 9 of the 25"],
    "motion-05_pooling.svg": ["0, 0, 8, 0, 4, 0, 0, 0, 0, −4, 12, 0, 0, 0, 0, 0", "1, 1, 2, 2, 1, 1, 2, 2, −1, −1, 3, 3, −1, −1, 3, 3"],
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    spec = importlib.util.spec_from_file_location("animate", IMAGES / "animate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.drawn())


def texts(element):
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def test_the_files_are_what_the_lessons_show_and_all_lessons_are_drawn(drawn):
    assert {path.name for path in IMAGES.glob("motion-*.svg")} == set(drawn) == set(TELLS)
    assert [name for name in drawn if (IMAGES / name).read_text(encoding="utf-8") != drawn[name].svg] == []
    showing = [path.stem for path in (ROOT / "solutions").glob("*/??_*.py") if "\nmotion." in path.read_text()]
    assert {f"motion-{lesson}.svg" for lesson in showing} == set(drawn)


@pytest.mark.parametrize("name", TELLS)
def test_a_file_is_small_valid_and_without_script_or_address(drawn, name):
    written = (IMAGES / name).read_bytes()
    root = ElementTree.fromstring(written)
    assert len(written) < 30_000
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "style", "rect", "text", "g", "pattern", "path"}  # fmt: skip
    assert re.findall(rb"https?://(?!www\.w3\.org/2000/svg)|url\((?!#hatch)|@import", written) == []
    assert root.find(f"{SVG}title").text == drawn[name].alt


@pytest.mark.parametrize("name", TELLS)
def test_the_text_tells_the_numbers_and_stands_beside_the_picture(drawn, name):
    animation = drawn[name]
    assert [part for part in TELLS[name] if part not in animation.alt] == []
    data, _ = animation._repr_mimebundle_()
    assert f'alt="{html.escape(animation.alt)}"' in data["text/html"] and data["text/plain"] == animation.alt
    assert set(data) == {"text/html", "text/plain"}


def test_each_sum_of_the_sliding_window_is_numpys():
    rng = np.random.default_rng(0)
    image, kernel = rng.integers(-9, 10, (3, 4)), rng.integers(-3, 4, (2, 3))
    framed = np.pad(image, [(0, 1), (1, 1)])
    said = " ".join(texts(ElementTree.fromstring(motion.sliding(image, kernel).svg))).replace("−", "-")
    for step, (row, col) in enumerate(np.ndindex(image.shape)):
        told = re.search(rf"step {step + 1} of 12 (.*?) = (-?\d+)", said)
        due = int((framed[row : row + 2, col : col + 3] * kernel).sum())
        assert eval(told[1].replace("·", "*")) == int(told[2]) == due


def test_a_longer_stride_ignores_the_pixels_that_no_window_reaches():
    image = np.arange(48).reshape(6, 8)
    svg = ElementTree.fromstring(motion.strides(image, np.ones((3, 2)), [1, 2, 3]).svg)
    ignored = [int(texts(cell)[0]) for cell in svg.iter(f"{SVG}g") if cell.get("class") == "cell ignored"]
    # A stride of 2 drops the last row; a stride of 3 passes over columns 2 and 5, which lie between its windows.
    assert ignored == [*image[5], *image[:, [2, 5]].ravel()]


def test_max_pooling_hands_the_gradient_to_winners_and_average_pooling_shares_it():
    values, upstream = np.random.default_rng(1).permutation(24).reshape(4, 6), np.array([[6, 12], [-18, 24]])
    alone, shared = np.zeros((4, 6)), np.zeros((4, 6))
    for (i, j), gradient in np.ndenumerate(upstream):
        window = (slice(2 * i, 2 * i + 2), slice(3 * j, 3 * j + 3))
        shared[window] = gradient / 6
        alone[window] = np.where(values[window] == values[window].max(), gradient, 0)
    told = motion.gradients(values, (2, 3), upstream).alt.replace("−", "-")
    found = [[float(one) for one in part.split(",")] for part in re.findall(r"row by row, ([-0-9, ]+)", told)]
    assert found == [alone.ravel().tolist(), shared.ravel().tolist()]
