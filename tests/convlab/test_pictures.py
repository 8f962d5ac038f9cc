"""The lessons' figures: what they tell, and that they can be read on a light page, a dark one and a narrow one."""

import base64
import functools
import html
import importlib
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from convlab import explorers
from convlab.pictures import dense_vs_conv, dropout, filters, learning, padding, pooling, stride, style
from convlab.pictures.svg import panels
from convlab.pictures.windows import correlate

IMAGE = np.arange(30.0).reshape(5, 6)
KERNEL_2X2 = np.array([[1.0, -1.0], [2.0, 0.0]])
EDGES = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LEARNED = {"accuracy": [0.5, 0.75, 0.9], "val_accuracy": [0.6, 0.7, 0.72]}
PLAN = [{"type": "conv", "filters": 64, "kernel": 7}, {"type": "pool", "size": 2}, {"type": "flatten"}, {"type": "dense", "units": 10}]  # fmt: skip


def lesson7(name, *given):
    """A figure of the module that imports Keras, which takes seconds."""
    return getattr(importlib.import_module("convlab.pictures.full_model"), name)(*given)


# How each is drawn, and what its alternative text must tell.
PICTURES = {
    "before_and_after": (lambda: dense_vs_conv.before_and_after(IMAGE, np.roll(IMAGE, 1, axis=1)), ["30 of 30"]),
    "connections": (lambda: dense_vs_conv.connections(8, 3), ["48 different weights", "same 3"]),
    "window": (lambda: dense_vs_conv.window(IMAGE, KERNEL_2X2, 1, 2), ["row 1, column 2", "8·1 + 9·(−1) + 14·2 + 15·0 = 27"]),
    "seen_twice": (
        lambda: dense_vs_conv.seen_twice(IMAGE, 2 * IMAGE, -np.ones((5, 6)), KERNEL_2X2),
        ["30 weights", "−435.0 before and −870.0 after", "4 weights"],
    ),
    "weight_matrix": (lambda: dense_vs_conv.weight_matrix(np.eye(9)[:4], np.ones((1, 1))), ["4 rows and 9 columns", "32 of its 36"]),
    "shrinking": (lambda: padding.shrinking(np.tile(IMAGE, (2, 2)), 3, [0, 1, 2]), ["10 by 12 after 0, 8 by 10 after 1"]),
    "visits": (lambda: padding.valid_visits(n=6, kernel=3), ["1 at the corner", "9 at most"]),
    "padded": (lambda: padding.padded(IMAGE[:3, :3], (1, 1), (1, 0)), ["5 by 4", "1 row above, 1 below, 1 column left, 0 right"]),
    "row with padding": (lambda: padding.row(6, 4, "same"), ["6 pixels with 1 zero before and 2 after", "6 outputs"]),
    "same_window": (lambda: padding.same_window(-IMAGE[:3, :3], np.ones((3, 3)), 0, 0), ["−14 at (0, 0)"]),
    "borders": (lambda: padding.borders(np.full((9, 9), 200.0), 3), ["7 pixels high", "200 bright", "89 at the corner"]),
    "growing_field": (lambda: padding.growing_field(3, 3), ["sees 3, then 5, then 7", "field of 7"]),
    "coarser": (lambda: stride.coarser(np.tile(IMAGE, (2, 2)), EDGES, [1, 2]), ["8 by 10 at stride 1", "4 by 5 at stride 2"]),
    "row with stride": (lambda: stride.row(13, 2, 4, "valid"), ["at 3 places", "3 pixels at the end, 4 in gaps"]),
    "long row": (lambda: stride.row(28, 5, 4, "valid"), ["at 6 places", "3 pixels at the end, 0 in gaps"]),
    "window with strides": (lambda: stride.window(IMAGE, KERNEL_2X2, (2, 1), 1, 1), ["13·1 + 14·(−1) + 19·2 + 20·0 = 37"]),
    "kept": (lambda: stride.kept((6, 12), (2, 2)), ["18 of them are full"]),
    "two_shirts": (lambda: stride.two_shirts(IMAGE % 2, 1 - IMAGE % 2, np.array([[-1, 1]]), 2), ["at stride 2 −1 everywhere"]),
    "field": (lambda: stride.field([(3, 4), (2, 1)]), ["7 pixels long, 1 hole included"]),
    "speedup": (lambda: stride.speedup([16, 128], [18.2, 624.0]), ["18 times at 16 by 16"]),
    "detectors": (lambda: filters.detectors(IMAGE, [EDGES, -EDGES], ["dark to bright", "bright to dark"], signed=True), ["dark to bright, strongest at"]),
    "maps": (lambda: filters.maps(IMAGE, np.dstack([IMAGE, IMAGE]), ["one", "two"]), ["2 feature maps"]),
    "kernels": (lambda: filters.kernels(np.linspace(-0.5, 0.25, 90).reshape(3, 3, 10)), ["10 kernels of 3 by 3", "from −0.5 to 0.25"]),
    "stack": (lambda: filters.stack(5, 6, 3, 3, 4), ["4 filters that are each 3 by 3 by 3", "3 by 4"]),
    "squint": (lambda: pooling.squint(IMAGE, [1, 2]), ["5 by 6, 2 by 3"]),
    "pooled": (lambda: pooling.pooled(-IMAGE[:4, :4], (2, 2)), ["0, −2, −12, −14"]),
    "padding_must_not_win": (lambda: pooling.padding_must_not_win(np.full((3, 3), -5), (2, 2)), ["3 of 4 outputs", "all are −5"]),
    "max_and_mean": (lambda: pooling.max_and_mean(IMAGE, EDGES, 2), ["after max pooling"]),
    "shifts": (lambda: pooling.shifts(IMAGE, EDGES, 2, [0, 1]), ["0 of 6 values at a shift of 0"]),
    "winners": (lambda: pooling.winners(IMAGE[:4, :4], (2, 2)), ["a to d", "(1, 1), (1, 3), (3, 1), (3, 3)"]),
    "curves": (lambda: dropout.curves({"without dropout": LEARNED, "with dropout": LEARNED}), ["over 3 epochs", "0.90", "0.72"]),
    "losses": (
        lambda: dropout.curves({"without dropout": {"loss": [1.5, 0.5, 0.2], "val_loss": [1.2, 0.7, 0.9]}}, "loss"),
        ["Loss over 3 epochs", "0.20", "0.90 on others, where the lowest was 0.70 in epoch 2"],
    ),
    "network": (lambda: dropout.network(np.random.default_rng(5), 8, 0.5, 3), ["at 3 training steps", "of 8"]),
    "loudness": (lambda: dropout.loudness(np.random.default_rng(0), 1000, [0.0, 0.25, 0.5, 0.75]), ["1000 and 1000 at a rate of 0"]),
    **{name: (lambda name=name: getattr(explorers, name)().picture(), []) for name in explorers.__all__},
    "certainty": (
        lambda: dropout.certainty(np.ones((2, 5, 5)), np.full((2, 10), 0.1), np.full((2, 10), 0.05), [f"Class number {n}" for n in range(10)]),
        ["0.10 plus or minus 0.05"],
    ),
    "one_weight": (lambda: learning.one_weight(at=1.0), ["At w = 1 the loss is 16", "there is −16, and downhill is to the right"]),
    "one weight, from the right": (lambda: learning.one_weight(at=4.0), ["there is 8, and downhill is to the left"]),
    "one weight at the goal": (lambda: learning.one_weight(at=3.0), ["the loss is 0", "no way leads further down"]),
    "walks": (
        lambda: learning.walks(rates=[0.01, 0.1, 0.25, 0.3], start=1.0, steps=6),
        ["0.01 at 1.7873", "0.1 at 2.9999", "0.25 at 1, where the loss is 16", "0.3 at −12.059, where the loss is 907"],
    ),
    "riddle": (lambda: learning.riddle(IMAGE, -np.ones((4, 5))), ["2 by 2 question marks", "the map of 4 by 5", "from −1.0"]),
    "learned": (
        lambda: learning.learned({1: EDGES / 4, 1000: EDGES + 0.004}, EDGES),
        ["is off by 1.50 after 1 step, 0.00 after 1000 steps"],
    ),
    "losses by powers of ten": (lambda: learning.losses({"rate 0.3": 0.69 * 0.99 ** np.arange(1000)}), ["by powers of ten", "from 0.69 to 0.00003"]),
    "losses of three": (
        lambda: learning.losses({"rate 0.001": np.linspace(2.3, 2, 100), "rate 0.1": np.geomspace(2.3, 0.04, 100), "rate 1.0": np.full(100, 2.24)}),
        ["Loss over 100 steps: rate 0.001 from 2.30 to 2.00", "rate 0.1 from 2.30 to 0.04", "rate 1.0 from 2.24 to 2.24"],
    ),
    "losses, noisy": (
        lambda: learning.losses({"batches": 1 + np.tile([0.5, -0.5], 200) + np.arange(400) / -1000}),
        ["Loss over 400 steps: batches from 1.50 to 0.10", "the mean of 25 steps goes from 1.01 to 0.59"],
    ),
    "losses that overflow": (lambda: learning.losses({"rate 9": [2.0, 40.0, np.inf, np.nan]}), ["rate 9 from 2.00 to no number"]),
    "surprise": (lambda: learning.surprise([1.0, 0.5, 0.1, 0.01]), ["0.00 at 1, 0.69 at 0.5, 2.30 at 0.1, 4.61 at 0.01"]),
    "pulls": (
        lambda: learning.pulls([0.7, 0.2, 0.1], label=1),
        ["gradient +0.7, so its logit goes down", "its goal is 1, its gradient −0.8, so its logit goes up", "gradient +0.1, so its logit goes down"],
    ),
    "backward": (
        lambda: learning.backward(np.array([[1, 2, 0], [3, 1, 2]]), np.array([[1, -1], [2, 0]]), upstream=np.array([[10, -1]])),
        ["Weight (0, 0) and pixel (0, 1) are marked", "still asked for"],
    ),
    "there_and_back": (learning.there_and_back, ["n by 26 by 26 by 8", "g = (p − y) / n", "pixel times upstream"]),
}  # fmt: skip
IN_LESSON_7 = {
    "gallery": (lambda: lesson7("gallery", np.ones((6, 5, 5)), ["Coat?\nsays Pullover, 94%"] * 6), ["6 small gray pictures", "Coat? says Pullover, 94%"]),
    "architecture": (lambda: lesson7("architecture", PLAN, [28, 14]), ["conv to 28 by 28 by 64, pool to 14 by 14 by 64, flatten to 12544", "one height"]),
    "parameter_bars": (lambda: lesson7("parameter_bars", PLAN, [3200, 0, 0, 125450]), ["128,650 in all", "conv, 64 filters 3,200"]),
    "softmax_bars": (lambda: lesson7("softmax_bars", np.array([2.0, -1.0]), np.array([0.953, 0.047])), ["2 becomes 0.953", "−1 becomes 0.047"]),
    "occlusion": (
        lambda: lesson7("occlusion", np.eye(28), np.linspace(0, 1, 36).reshape(3, 4, 3), ["Coat", "Shirt", "Bag"], 1, 0, 8),
        ["Coat gets between 0% and 94%", "Shirt gets between 3% and 97%", "0 pixels from the top and 0 from the left, costs Coat"],
    ),
    "feature_maps": (lambda: lesson7("feature_maps", np.eye(8), [np.ones((4, 4, 9)), np.ones((2, 2, 9))]), ["block 2, maps of 2 by 2"]),
    "confusion": (lambda: lesson7("confusion", np.eye(10, dtype=int) * 100 + 1, [f"Class no. {n}" for n in range(10)]), ["1010 of them right"]),
    "curves of training": (lambda: lesson7("curves", LEARNED, 4), ["after 3 of 4 epochs", "0.72 on pictures kept aside"]),
}  # fmt: skip
PICTURES |= IN_LESSON_7
SPACE = "{http://www.w3.org/2000/svg}"
# Text that is smaller than 11 pixels is hard to read on a phone, where a page is about 400 pixels wide.
NARROW, SMALLEST = 400, 11


@functools.cache
def drawn(name):
    return PICTURES[name][0]()


@functools.cache
def svgs(name):
    return [ElementTree.fromstring(svg) for svg in drawn(name).svgs[0] if svg]


each = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in IN_LESSON_7)) for name in PICTURES]
)


@each
def test_alternative_texts_tell_the_numbers_that_are_drawn(name):
    assert [part for part in PICTURES[name][1] if part not in drawn(name).alt] == []


@each
def test_each_picture_displays_as_html_png_and_text(name):
    data, metadata = drawn(name)._repr_mimebundle_()
    alt = drawn(name).alt
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == alt
    # The first panel tells of all, so that a screen reader says it once.
    assert re.findall(r'<img alt="([^"]*)"', data["text/html"]) == [html.escape(alt), *[""] * (len(svgs(name)) - 1)]
    assert len(data["text/html"]) < 70_000


@pytest.mark.slow
@each
def test_what_is_drawn_again_is_the_same_byte_for_byte(name):
    assert PICTURES[name][0]()._repr_mimebundle_() == drawn(name)._repr_mimebundle_()


@each
def test_on_a_narrow_page_no_text_is_too_small(name):
    for svg in svgs(name):
        width = float(svg.get("width").removesuffix("pt")) * 96 / 72
        scale = 96 / 72 * min(1, NARROW / width)
        sizes = [float(re.search(r"font-size: ([\d.]+)px", text.get("style"))[1]) for text in svg.iter(f"{SPACE}text")]
        assert [size for size in sizes if size * scale < SMALLEST] == []


@each
def test_no_title_runs_into_the_panel_beside_it(name):
    picture = drawn(name)
    parts = picture.parts or style.columns(picture.figure)
    boxes = [[box for artist in part if (box := artist.get_tightbbox())] for part in parts]
    for place, some in enumerate(boxes):
        for others in boxes[place + 1 :]:
            # Rounding aside
            assert not any(box.padded(-1).overlaps(other.padded(-1)) for box in some for other in others)


@each
def test_colors_are_those_of_the_style_and_follow_the_theme(name):
    faces = {
        style.INPUT,
        style.KERNEL,
        style.OUTPUT,
        style.PICKED,
        style.PALE,
        style.ON_LIGHT,
        style.ON_DARK,
        *style.HEIGHTS,
        style.ON_HEIGHTS,
    }
    for svg in svgs(name):
        used = set()
        for element in svg.iter():
            used |= set(re.findall(r"#[0-9a-f]{6}\b", element.get("style") or ""))
        assert used <= faces


@each
def test_a_negative_number_has_a_minus_and_not_a_hyphen(name):
    texts = [drawn(name).alt, *("".join(text.itertext()) for svg in svgs(name) for text in svg.iter(f"{SPACE}text"))]
    assert [text for text in texts if re.search(r"-\d", text)] == []


@each
def test_ids_are_unique_in_a_panel_and_none_is_outside(name):
    for svg in svgs(name):
        ids = [element.get("id") for element in svg.iter() if element.get("id")]
        used = re.findall(r"(?:url\(|\")#(\w+)", ElementTree.tostring(svg, encoding="unicode"))
        assert len(ids) == len(set(ids)) and set(used) <= set(ids)
    assert " id=" not in drawn(name)._repr_mimebundle_()[0]["text/html"]


def test_a_number_in_a_text_keeps_its_decimals():
    figure, axes = style.new_figure(2, 1)
    axes[0, 0].text(0.5, 0.5, "0.64386", fontsize=style.SMALL)
    (svg,), _ = panels(figure, [[axes[0, 0]]], style.DARK)
    assert ">0.64386</text>" in svg


def test_inks_stand_out_from_both_pages_and_from_faces():
    def light(color):
        parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722])) + 0.05

    def contrast(one, other):
        return max(light(one), light(other)) / min(light(one), light(other))

    pages = style.PAGE, style.DARK[style.PAGE]
    inks = [(color, dark) for color, dark in style.DARK.items() if color not in (style.PAGE, style.FAINT)]
    assert len(inks) == 5
    assert all(contrast(ink, page) >= 4.5 for pair in inks for ink, page in zip(pair, pages, strict=True))
    faint = style.FAINT, style.DARK[style.FAINT]  # lines only
    assert all(contrast(ink, page) >= 3 for ink, page in zip(faint, pages, strict=True))
    for face in (style.INPUT, style.KERNEL, style.OUTPUT, style.PICKED, style.PALE):
        assert contrast(style.ink_on(face), face) >= 4.5


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
    assert written(dense_vs_conv.window(IMAGE, KERNEL_2X2, 1, 2, others=False), 2) == ["27"]
    assert len(written(dense_vs_conv.window(IMAGE, KERNEL_2X2, 1, 2), 2)) == 20


def test_gradients_that_an_exercise_asks_for_are_question_marks():
    picture = learning.backward(np.ones((3, 4)), np.ones((2, 2)), upstream=np.arange(6).reshape(2, 3))
    assert written(picture, 3) == ["?"] * 4
    assert written(picture, 4) == ["?"] * 12


def test_steps_that_coincide_share_their_number():
    picture = learning.walks(rates=[0.25, 0.1], start=1.0, steps=6)
    assert written(picture, 0) == ["0, 2, 4, 6", "1, 3, 5"]
    assert written(picture, 1) == ["0", "1", "2–6"]


def test_a_filter_is_drawn_with_one_sheet_for_each_channel():
    axes = filters.stack(height=5, width=6, channels=3, kernel=3, filters=4).figure.axes[1]
    faces = [to_hex(patch.get_facecolor()) for patch in axes.patches if isinstance(patch, Polygon)]
    assert faces.count(style.KERNEL) == 4 * 3


def test_visits_of_valid_windows_are_those_of_brute_force():
    counts = np.zeros((5, 5), int)
    for i, j in np.ndindex(4, 4):
        counts[i : i + 2, j : j + 2] += 1
    assert written(padding.valid_visits(n=5, kernel=2), 0) == [str(count) for count in counts.ravel()]


def test_input_kernel_output_and_what_is_picked_differ_in_greyscale():
    def gray(color):
        red, green, blue = (int(color[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = sorted(gray(color) for color in (style.INPUT, style.KERNEL, style.OUTPUT, style.PICKED))
    assert min(np.diff(shades)) > 30
