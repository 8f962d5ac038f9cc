"""What the explorers compute in Python, and what they leave where no widget can run."""

import base64
import html
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder.course.lessons import REPOSITORY as ROOT
from autograder.execution.shell import new_shell
from convlab import explorers
from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights
from convlab.explorers.steps import SHIRT
from convlab.explorers.widget import FOLDER, clothes

WIDGET = "application/vnd.jupyter.widget-view+json"
small = arrays(float, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.integers(-9, 9))
kernels = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 3)), elements=st.integers(-9, 9))


@pytest.mark.parametrize("name", explorers.__all__)
def test_an_explorer_is_a_widget_a_picture_and_a_text_where_no_front_end_listens(name):
    outputs = new_shell().run_to_outputs(f"from convlab import explorers\nexplorers.{name}()")
    assert [output["output_type"] for output in outputs] == ["execute_result"]
    data = outputs[0]["data"]
    assert data[WIDGET]["model_id"] and base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert html.escape(data["text/plain"]) in data["text/html"]
    assert len(data["text/plain"]) > 40 and outputs[0]["metadata"]["image/png"]["alt"] == data["text/plain"]


def test_convlab_alone_imports_neither_anywidget_nor_matplotlib():
    code = (
        "import sys, convlab; sys.exit(any(name in sys.modules for name in ('anywidget', 'ipywidgets', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_explorers_import_no_tensorflow():
    code = "import sys, convlab.explorers; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=30, deadline=None)
@given(small, kernels)
def test_the_stepper_knows_the_sum_of_products_at_each_place(image, kernel):
    stepper = explorers.convolution(image, kernel)
    height, width = kernel.shape
    for (row, column), value in np.ndenumerate(stepper.output):
        assert value == sum(image[row + u, column + v] * kernel[u, v] for u in range(height) for v in range(width))


def test_the_stepper_tells_the_place_where_it_stands():
    stepper = explorers.convolution(np.arange(9).reshape(3, 3), [[1, -1]])
    stepper.row, stepper.column = 2, 1
    assert "Output (2, 1) is 7·1 + 8·(−1) = −1" in stepper.picture().alt


def test_the_stepper_has_the_lessons_shirt_before_the_wardrobe():
    (images, _), _ = load_fashion_mnist()
    stepper = explorers.convolution()
    assert stepper.names == ["the shirt of this lesson", *CLASS_NAMES]
    assert np.array_equal(np.frombuffer(stepper.clothes, np.uint8).reshape(11, 28, 28), [images[SHIRT], *clothes()])
    assert f"shirt = x_train[{SHIRT}]" in (ROOT / "solutions" / "04_filters" / "04_filters.py").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("image", "kernel"),
    [
        (np.zeros((2, 2)), np.zeros((3, 1))),
        (np.zeros((29, 3)), None),
        (None, np.zeros((1, 10))),
        (np.zeros((12, 12)), np.zeros((1, 10))),
        (np.zeros(4), None),
        (np.zeros((0, 3)), None),
        ([[np.nan]], [[1]]),
    ],
)
def test_the_stepper_refuses_what_it_cannot_show(image, kernel):
    with pytest.raises(ValueError):
        explorers.convolution(image, kernel)


def layers_of_channels():
    """An input, two filters and their biases."""

    def sized(height, width, down, across, count):
        numbers = st.integers(-9, 9)
        shapes = [(height, width, count), (down, across, count, 2), (2,)]
        return st.tuples(*(arrays(float, shape, elements=numbers) for shape in shapes))

    sides = (st.integers(3, 6), st.integers(3, 6), st.integers(1, 3), st.integers(1, 3), st.integers(2, 4))
    return st.tuples(*sides).flatmap(lambda sizes: sized(*sizes))


@settings(max_examples=30, deadline=None)
@given(layers_of_channels())
def test_channels_are_added_up_to_one_number_for_each_filter(layer):
    image, weights, bias = layer
    maps = explorers.channels(image, weights, bias).maps
    down, across = weights.shape[:2]
    assert maps.shape == (2, image.shape[0] - down + 1, image.shape[1] - across + 1)
    for (k, row, column), value in np.ndenumerate(maps):
        assert value == (image[row : row + down, column : column + across] * weights[..., k]).sum() + bias[k]


def test_the_channels_tell_the_place_where_they_stand():
    explorer = explorers.channels()
    alt = explorer.picture().alt
    assert (
        "At row 1, column 1 the channels are added up to one number: red 4 + green −3 + blue 0 + bias 0.5 = 1.5." in alt
    )
    assert "An input of 3 channels" in alt and "2 filters make 2 maps" in alt
    explorer.shown, explorer.filter, explorer.row, explorer.column = 2, 1, 0, 2
    alt = explorer.picture().alt
    assert "An input of 4 channels" in alt and "right edges 0 + upper edges 0 + lower edges 0 + bias 0 = 0." in alt


def test_the_maps_among_the_inputs_are_made_of_the_picture_beside_them():
    color, two, four = explorers.channels().inputs
    assert np.array_equal(np.moveaxis(color["channels"], 0, 2) * 85, color["colors"])
    letter = np.array(four["colors"])[..., 0] / 120
    brighter = {
        "left edges": lambda patch: patch[:, 1] - patch[:, 0],
        "right edges": lambda patch: patch[:, 0] - patch[:, 1],
        "upper edges": lambda patch: patch[1] - patch[0],
        "lower edges": lambda patch: patch[0] - patch[1],
    }
    for name, channel in zip(four["names"], four["channels"], strict=True):
        for (row, column), value in np.ndenumerate(channel):
            assert value == max(brighter[name](letter[row : row + 2, column : column + 2]).sum(), 0)
    assert two["channels"] == four["channels"][:2] and two["names"] == four["names"][:2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"image": np.zeros((4, 4))},
        {"image": np.zeros((4, 4, 1))},
        {"image": np.zeros((4, 4, 5))},
        {"image": np.zeros((7, 4, 3))},
        {"image": np.full((4, 4, 3), np.nan)},
        {"weights": np.zeros((2, 2, 3))},
        {"weights": np.zeros((2, 2, 3, 3))},
        {"weights": np.zeros((4, 2, 3, 2))},
        {"image": np.zeros((4, 4, 2)), "weights": np.zeros((2, 2, 3, 2))},
        {"bias": np.zeros(3)},
    ],
)
def test_the_channels_refuse_what_they_cannot_show(wrong):
    with pytest.raises(ValueError):
        explorers.channels(**wrong)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("n", "kernel", "stride"), [(8, 3, 2), (12, 7, 6), (1, 1, 1), (9, 2, 4), (5, 5, 1)])
def test_the_row_of_windows_tells_its_outputs(n, kernel, stride, padding):
    starts = range(0, n, stride) if padding == "same" else range(0, n - kernel + 1, stride)
    alt = explorers.window_sizes(n, kernel, stride, padding).picture().alt
    assert f"stands at {len(starts)} place" in alt


def test_a_window_that_does_not_fit_is_said_in_words():
    assert "does not fit" in explorers.window_sizes(4, 5, 1, "valid").picture().alt
    assert "stands at 4 places" in explorers.window_sizes(4, 5, 1, "same").picture().alt


@pytest.mark.parametrize(
    "wrong", [{"n": 0}, {"n": 13}, {"kernel": 8}, {"stride": 0}, {"stride": 1.5}, {"padding": "full"}]
)
def test_the_row_of_windows_refuses_what_it_cannot_show(wrong):
    with pytest.raises(ValueError):
        explorers.window_sizes(**wrong)


@settings(max_examples=30, deadline=None)
@given(st.integers(5, 9), st.integers(1, 5), st.sampled_from(["valid", "same"]), st.randoms(use_true_random=False))
def test_means_and_visits_at_the_edge_are_those_of_a_brute_force_window(n, kernel, padding, random):
    image = np.array([[random.randint(0, 9) for _ in range(n)] for _ in range(n)], dtype=float)
    explorer = explorers.padding(image, kernel, padding)
    before = (kernel - 1) // 2 if padding == "same" else 0
    places = n if padding == "same" else n - kernel + 1
    sums, visits = np.zeros((places, places)), np.zeros((n, n), dtype=int)
    for row, column, u, v in np.ndindex(places, places, kernel, kernel):
        i, j = row - before + u, column - before + v
        if 0 <= i < n and 0 <= j < n:
            sums[row, column] += image[i, j]
            visits[i, j] += 1
    assert np.allclose(explorer.output, sums / kernel**2)
    assert np.array_equal(explorer.visits, visits)


def test_the_window_at_the_edge_begins_in_the_middle():
    for kernel, padding, middle in ((3, "same", 2), (3, "valid", 1), (5, "valid", 0)):
        explorer = explorers.padding(kernel=kernel, padding=padding)
        assert (explorer.row, explorer.column) == (middle, middle)


@pytest.mark.parametrize(
    "wrong", [{"image": np.ones((5, 6))}, {"image": np.ones((4, 4))}, {"kernel": 6}, {"padding": "SAME"}]
)
def test_the_edge_explorer_refuses_what_it_cannot_show(wrong):
    with pytest.raises(ValueError):
        explorers.padding(**wrong)


@settings(max_examples=30, deadline=None)
@given(small, st.sampled_from([2, 3]), st.integers(0, 3))
def test_pooling_of_a_shifted_map_is_that_of_a_brute_force_window(image, size, shift):
    explorer = explorers.pooling(image)
    explorer.size, explorer.shift = size, shift
    for (row, column), value in np.ndenumerate(explorer.largest):
        window = [
            image[i, j - shift] if j >= shift else 0
            for i in range(row * size, row * size + size)
            for j in range(column * size, column * size + size)
        ]
        assert value == max(window) and np.isclose(explorer.mean[row, column], sum(window) / size**2)


def test_the_map_to_be_pooled_is_a_typical_piece_of_a_real_one():
    (images, _), _ = load_fashion_mnist()
    bag = images[462].astype(float)
    edges = np.maximum(
        sum(factor * (bag[u : u + 26, 2:] - bag[u : u + 26, :-2]) for u, factor in enumerate((1, 2, 1))), 0
    )
    edges = np.rint(9 * edges / edges.max())
    assert np.array_equal(explorers.pooling().image, edges[5:11, 4:10])

    def changed(image):
        moved = np.pad(image, ((0, 0), (1, 0)))[:, :6]
        blocks = [array.reshape(3, 2, 3, 2) for array in (image, moved)]
        return [
            (before != after).sum() for before, after in (np.max(blocks, axis=(2, 4)), np.mean(blocks, axis=(2, 4)))
        ]

    pieces = [edges[i : i + 6, j : j + 6] for i, j in np.ndindex(21, 21)]
    lively = [changed(piece) for piece in pieces if (piece > 0).sum() >= 12]
    assert changed(edges[5:11, 4:10]) == np.median(lively, axis=0).tolist() == [4, 6]


def test_the_pooling_explorer_refuses_a_map_smaller_than_its_window():
    with pytest.raises(ValueError):
        explorers.pooling(np.ones((2, 5)))


def test_dropout_draws_with_the_seed_as_the_lesson_does():
    explorer = explorers.dropout(rate=0.3, seed=7)
    rng = np.random.default_rng(7)
    said = np.array(explorer.activations)
    for draw in range(3):
        explorer.draw = draw
        kept = rng.random(len(said)) >= 0.3
        assert np.array_equal(explorer.mask, kept)
        assert np.allclose(explorer.output, [value / 0.7 if on else 0 for value, on in zip(said, kept, strict=True)])
    assert f"In draw 3, {kept.sum()} of 12 survive" in explorer.picture().alt
    explorer.training = False
    assert np.array_equal(explorer.output, said)


@pytest.mark.parametrize("rate", [-0.1, 0.95, 1, float("nan")])
def test_the_dropout_explorer_refuses_a_senseless_rate(rate):
    with pytest.raises(ValueError):
        explorers.dropout(rate)


def test_a_moved_shape_moves_the_map_and_changes_what_a_dense_neuron_says():
    explorer = explorers.dense_and_convolution()
    first, said = explorer.feature_map, set()
    for row, column in np.ndindex(5, 5):
        explorer.row, explorer.column = row, column
        assert explorer.feature_map.max() == first.max() == explorer.feature_map[row, column]
        said.add(sum(explorer.weights[row + i][column + j] for i, j in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))))
        assert explorer.dense in said
    assert len(said) > 5
    with pytest.raises(ValueError):
        explorers.dense_and_convolution(side=2)


def test_the_landscape_is_the_mean_squared_error_of_each_kernels_map():
    explorer = explorers.descent()
    image, target = np.array(explorer.image), np.array(explorer.target)
    assert np.array_equal(target, 2 * image[:, :-1] - image[:, 1:])

    def error(weights):
        return float(np.mean(np.square(weights[0] * image[:, :-1] + weights[1] * image[:, 1:] - target)))

    rng = np.random.default_rng(3)
    for weights in rng.uniform(-3, 3, (20, 2)):
        assert np.isclose(explorer.loss_at(weights), error(weights))
        nearby = [[error(weights + sign * 1e-4 * axis) for sign in (1, -1)] for axis in np.eye(2)]
        assert np.allclose(explorer.gradient_at(weights), np.subtract(*np.transpose(nearby)) / 2e-4)


def test_the_valley_is_nine_times_as_steep_across_as_along():
    explorer = explorers.descent()
    assert np.allclose(explorer.curvature, [[5, 4], [4, 5]])
    assert np.allclose(np.linalg.eigvalsh(explorer.curvature), [1, 9])
    # The line of level 4.5 leads through the start, and the first step does not point at the goal.
    assert explorer.loss_at(np.zeros(2)) == pytest.approx(4.5) and round(explorer.beside()) == 53
    # To and fro across the valley, (1, 1) / √2, and always on along it.
    away = np.array(explorer.walked(8)) - explorer.goal
    across, along = away @ (1, 1), away @ (-1, 1)
    assert np.allclose(across, across[0] * (-0.62) ** np.arange(9))
    assert np.allclose(along, along[0] * 0.82 ** np.arange(9))


@pytest.mark.parametrize(("rate", "steps"), [(0.02, 135), (0.18, 14), (0.2, 14), (0.22, 135)])
def test_descent_arrives_below_two_ninths(rate, steps):
    explorer = explorers.descent(rate)
    explorer.path = explorer.walked(200)
    assert len(explorer.path) == steps + 1 and explorer.loss_at(explorer.weights) < explorer.near
    assert explorer.walked(10) == explorer.path
    assert "more (dotted)" not in explorer.picture().alt


@pytest.mark.parametrize("rate", [0.23, 0.25, 0.3])
def test_descent_with_too_large_a_rate_stops_outside(rate):
    explorer = explorers.descent(rate)
    explorer.path = explorer.walked(200)
    assert len(explorer.path) < 15 and 4.5 < explorer.loss_at(explorer.weights) < 60
    assert "nan" not in explorer.picture().alt.lower()


def test_a_walk_tells_where_it_is():
    explorer = explorers.descent()
    explorer.path = explorer.walked(2)
    alt = explorer.picture().alt
    assert "After 2 steps from (0, 0), the weights are (0.799, −0.184) and the loss is 1.35." in alt
    assert "The next step, −0.18 times that, points " in alt and "10 steps more (dotted) lead to" in alt


@pytest.mark.parametrize(
    "wrong", [{"rate": 0}, {"rate": 0.5}, {"rate": float("nan")}, {"start": (0, 2)}, {"start": (1, 1, 1)}, {"start": 0}]
)
def test_descent_refuses_what_it_cannot_show(wrong):
    with pytest.raises(ValueError):
        explorers.descent(**wrong)


def test_the_layers_tell_shapes_and_parameters_of_the_notes_model():
    explorer = explorers.model()
    sizes = [weights.size for weights in load_large_model_weights()]
    due = [weights + biases for weights, biases in zip(sizes[::2], sizes[1::2], strict=True)]
    counts = [layer["parameters"] for layer in explorer.layers]
    assert [count for count in counts if count] == due and sum(counts) == 1_413_834
    assert [layer["shape"] for layer in explorer.layers][-7:] == [[3, 3, 256], [2304], [128], [128], [64], [64], [10]]
    for layer in explorer.layers:
        if layer["parameters"]:
            product, total = layer["how"].split(": ")[1].replace(",", "").replace("·", "*").split(" = ")
            assert eval(product) == int(total) == layer["parameters"]
    explorer.chosen = 6
    assert "convolution 3 × 3, output 7 × 7 × 256, 590,080 of 1,413,834 parameters" in explorer.picture().alt


@pytest.mark.slow
def test_a_picture_of_ones_own_gives_what_keras_makes_of_it(large_model):
    rng = np.random.default_rng(8)
    for image in (np.zeros((28, 28), int), rng.integers(0, 256, (28, 28)), *clothes()[:3]):
        outputs = [np.asarray(output)[0] for output in large_model(image[np.newaxis, ..., np.newaxis] / 255)]
        explorer = explorers.model(image)
        assert explorer.maps.startswith(image.astype(np.uint8).tobytes())
        assert len(explorer.maps) == 784 + sum(8 * math.prod(output.shape[:2]) for output in outputs[:8])
        best = np.argsort(-outputs[-1])[:3]
        assert [answer["name"] for answer in explorer.answers] == [CLASS_NAMES[k] for k in best]
        assert np.allclose([answer["share"] for answer in explorer.answers], outputs[-1][best], atol=1e-4)
        at = 784
        for output, strongest in zip(outputs, explorer.strongest, strict=True):
            assert len(strongest) == (8 if output.ndim == 3 else 0)
            for shown in strongest:
                due = output[..., shown["filter"]]
                pixels = np.frombuffer(explorer.maps[at : at + due.size], np.uint8).reshape(due.shape)
                assert abs(shown["peak"] - due.max()) < 0.01
                assert np.abs(pixels - 255 * due / max(due.max(), 1e-9)).max() < 1.1
                at += due.size


@pytest.fixture(scope="module")
def large_model():
    """The layers' outputs, by a model that is built here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "data")
        from train_large_model import large_model as built

        from convlab.quiet import keras

        model = built()
    model.set_weights(load_large_model_weights())
    return keras.Model(model.inputs[0], [layer.output for layer in model.layers])


@pytest.mark.slow
def test_a_drawing_gets_an_answer_of_its_own():
    explorer = explorers.model()
    first = explorer.answers
    explorer.drawing = bytes(784)
    assert explorer.maps.startswith(bytes(784)) and explorer.answers != first
    explorer.drawing = explorers.model().drawing
    assert explorer.answers == first


@pytest.mark.parametrize(
    "wrong", [np.zeros((28, 27)), np.zeros((1, 28, 28)), np.full((28, 28), 0.5), -np.ones((28, 28))]
)
def test_the_model_refuses_what_is_no_picture_of_its_size(wrong):
    with pytest.raises(ValueError):
        explorers.model(wrong)


@pytest.mark.slow
def test_showing_the_model_runs_no_keras():
    code = "import sys; from convlab import explorers; explorers.model()._repr_mimebundle_(); sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_the_shown_maps_are_what_keras_makes_of_the_shipped_weights(tmp_path):
    again = tmp_path / "again.json"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, ROOT / "data" / "show_large_model.py", "--out", again]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    made, shipped = json.loads(again.read_text()), json.loads((FOLDER / "large_model.json").read_text())
    pixels = [np.frombuffer(base64.b64decode(content.pop("maps")), np.uint8).astype(int) for content in (made, shipped)]
    peaks = [[one["peak"] for layer in content["strongest"] for one in layer] for content in (made, shipped)]
    assert np.allclose(*peaks, atol=0.011)
    chosen = [[one["filter"] for layer in content.pop("strongest") for one in layer] for content in (made, shipped)]
    assert chosen[0] == chosen[1] and made == shipped
    # Another machine may round a gray value the other way.
    assert np.abs(pixels[0] - pixels[1]).max() <= 1
    assert len(pixels[0]) == 784 + sum(8 * math.prod(layer["shape"][:2]) for layer in made["layers"] if layer["maps"])
