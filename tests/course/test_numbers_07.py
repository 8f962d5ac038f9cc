"""The numbers in lesson 7's prose, computed again or read from data/measured.json, which data/measure_models.py wrote."""

import json
import re

import numpy as np
import pytest

from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.course.variants import cell_of
from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights

SOURCE = read_lesson(Course(ROOT).source("07_full_model"))
TOLD = " ".join(" ".join(cell.source.split()) for cell in SOURCE.cells if cell.cell_type == "markdown")
MEASURED = json.loads((ROOT / "data" / "measured.json").read_text("utf-8"))
SMALL, LARGE = MEASURED["small"], MEASURED["large"]


def told(*fragments):
    assert [fragment for fragment in fragments if fragment not in TOLD] == []


def percent(value):
    return f"{100 * value:.0f} %"


def mean(name):
    return float(np.mean(SMALL[name], axis=0)) if np.ndim(SMALL[name]) == 1 else np.mean(SMALL[name], axis=0)


def quiz():
    cell = next(cell.source for cell in SOURCE.cells if cell.source.startswith("quiz = "))
    return json.loads(re.match(r"quiz = (\[.*?\])", cell).group(1))


def test_two_small_kernels_against_a_large_one():
    assert (2 * 3 * 3, 5 * 5) == (18, 25)
    two, one = 9 * 64 * 128 + 9 * 128 * 128, 25 * 64 * 128
    told("18 for each pair of channels, not 25", f"{two:,} weights against {one:,}")
    told(f"{9 * 128 * 256 + 9 * 256 * 256:,} against {25 * 128 * 256:,}")
    told(f"dense layer of {256 * 128 + 128:,} parameters where this one has {3 * 3 * 256 * 128 + 128:,}")


def test_the_price_of_a_second_convolution(capsys):
    cell = next(cell.source for cell in SOURCE.cells if cell.source.startswith("convolutions = ["))
    names = {}
    exec(cell, names)
    printed = capsys.readouterr().out
    seconds = [row for row in names["convolutions"] if "second" in row[0]]
    work = [side**2 * kernel**2 * channels * filters for _, side, kernel, channels, filters in seconds]
    assert work == [28_901_376] * 3 and printed.count("28,901,376") == 3
    assert [side**2 * filters for _, side, _, _, filters in seconds] == [50_176, 25_088, 12_544]
    all_work = [side**2 * kernel**2 * c * f for name, side, kernel, c, f in names["convolutions"] if "?" not in name]
    told("28.9 million each", "784, then 196, then 49", "50,176 for each picture against 12,544")
    told(f"{sum(all_work) / 1e6:.0f} million multiplications become {(sum(all_work) + work[0]) / 1e6:.0f}")
    assert work[0] / sum(all_work) == pytest.approx(1 / 3, abs=0.02)
    told(f"{28**2 * 49 * 64 * 64 / 1e6:.0f} million, because of the kernel")


def test_where_powers_of_e_overflow():
    with np.errstate(over="ignore"):
        assert np.isfinite([np.exp(709.0), np.exp(np.float32(88))]).all()
        assert np.isinf([np.exp(710.0), np.exp(np.float32(89))]).all()
    told("float64 overflows above $e^{709}$, float32 above $e^{88}$")


def test_how_many_pictures_are_learned_from():
    (images, _), (others, _) = load_fashion_mnist()
    assert (len(images), len(others)) == (6_000, 1_000)
    told("5,400 of the course's 6,000 training pictures", "The other 600 are kept aside")


def test_the_quiz_has_a_coat_and_the_pictures_that_the_text_names():
    _, (_, labels) = load_fashion_mnist()
    classes = [CLASS_NAMES[labels[n]] for n in quiz()]
    assert len(quiz()) == 10 and "Coat" in classes
    assert (classes[0], classes[6], classes[8]) == ("Shirt", "Shirt", "Dress")


def test_an_untrained_network_and_raw_pixels():
    assert np.abs(np.array(SMALL["untrained loss"]) - np.log(10)).max() < 0.05
    told(f"its first loss is about {mean('untrained loss, pixels to 255'):.0f}, not 2.3")
    told(f"{100 * mean('pixels to 255'):.1f} % after four epochs against {100 * mean('by shift')[0]:.1f} %")


def test_validation_may_start_above_training():
    first, aside = mean("accuracy while training")[0], mean("accuracy on those kept aside")[0]
    assert aside > first + 0.05


def test_without_relu():
    told(f"{percent(mean('by shift')[0])} with ReLU, {percent(mean('without ReLU'))} without")
    told(f"only {percent(mean('without ReLU, averaged'))}")


def test_moved_pictures():
    plain, trained = mean("by shift"), mean("by shift, trained with moved pictures")
    told(" ".join([*(f"{percent(one)}," for one in plain[:-2]), percent(plain[-2]), "and", percent(plain[-1])]))
    told(" ".join([*(f"{percent(one)}," for one in trained[:-2]), percent(trained[-2]), "and", percent(trained[-1])]))
    assert np.round(LARGE["by shift"], 3).tolist() == [0.936, 0.935, 0.917, 0.895, 0.819]


def test_who_is_taken_for_whom():
    matrix = np.array(LARGE["all 10,000"])
    assert matrix.sum(axis=1).tolist() == [1_000] * 10
    assert f"{100 * np.trace(matrix) / 10_000:.1f} %" == "92.8 %"
    both = matrix + matrix.T
    pairs = sorted(((int(both[i, j]), i, j) for i in range(10) for j in range(i)), reverse=True)[:7]
    assert [count for count, *_ in pairs] == [176, 108, 91, 85, 52, 35, 34]
    assert matrix.diagonal().argmin() == CLASS_NAMES.index("Shirt") and matrix.diagonal().min() == 776
    told("On all 10,000 test pictures of Fashion-MNIST it is 92.8 %", "776 shirts are recognized")
    told("T-shirt/top and shirt (176)", "coat and shirt (108)", "pullover and shirt (91)", "coat and pullover (85)")
    told("coat and dress (52)", "ankle boot and sneaker (35)", "shirt and dress (34)")


def test_first_kernels_are_mostly_what_they_were():
    first, every = LARGE["agreement with the start"].values()
    assert sum(agreement > 0.9 for agreement in first) == 61
    told("61 of the 64 still agree with their beginning with a correlation above 0.9")
    told(f"Deeper layers moved more: {min(every[1:]):.2f} to {max(every[1:]):.2f}")


def test_few_first_kernels_are_smoother_than_noise():
    kernels = load_large_model_weights()[0][:, :, 0]

    def smooth(kernel):
        kernel = kernel - kernel.mean()
        beside = np.sum(kernel[1:] * kernel[:-1]) + np.sum(kernel[:, 1:] * kernel[:, :-1])
        return beside / np.sum(kernel**2)

    noise = np.quantile([smooth(one) for one in np.random.default_rng(0).normal(size=(2_000, 7, 7))], 0.99)
    found = [number for number in range(1, 65) if smooth(kernels[..., number - 1]) > noise]
    assert len(found) == 4 and {26, 64} <= set(found)
    told(
        "Four of the 64 are smoother than 99 % of pure noise would be",
        "the second of the fourth row, and in the very last",
    )


@pytest.fixture(scope="module")
def large_model():
    """The solution's large model with the shipped weights, ready to predict uint8 pictures `[n, h, w]`."""
    from convlab.quiet import keras

    names = {"keras": keras, "layers": keras.layers, "np": np}
    exec(cell_of(solved(SOURCE), "build_model").source, names)
    model = names["build_model"]()
    model.set_weights(load_large_model_weights())
    return lambda images: model.predict(np.asarray(images)[..., np.newaxis] / np.float32(255), verbose=0)


@pytest.mark.slow
def test_the_quiz_as_the_network_answers_it(large_model):
    _, (images, labels) = load_fashion_mnist()
    answers = large_model(images[quiz()])
    right = answers.argmax(axis=1) == labels[quiz()]
    assert np.flatnonzero(~right).tolist() == [6, 8]
    assert [CLASS_NAMES[answers[n].argmax()] for n in (6, 8)] == ["Pullover", "T-shirt/top"]
    assert f"{answers[6].max():.0%}, {answers[8].max():.0%}" == "90%, 31%"
    told("with 90 %", "31 % is little")


@pytest.mark.slow
def test_what_it_says_to_pictures_of_no_clothes(large_model):
    row, col = np.mgrid[:28, :28] - 13.5
    rings = [np.abs(np.hypot(row, col) - radius) < 1.2 for radius in (8, 9, 10, 11, 12)]
    noise = [np.random.default_rng(seed).random((28, 28)) for seed in range(5)]
    answers = large_model(255 * np.array([*rings, np.ones((28, 28)), *noise, np.zeros((28, 28))]))
    assert [CLASS_NAMES[one.argmax()] for one in answers] == ["Bag"] * 11 + ["Sneaker"]
    assert answers[:5].max(axis=1).min() >= 0.955 and answers[5].max() > 0.995
    assert answers[6:11].max(axis=1).min() >= 0.975 and f"{answers[11].max():.0%}" == "56%"
    told("with 96 % or more from a radius of 8 pixels on", "an all-white picture is a bag, 100 %", "98 % or more")
    told("all-black one is a sneaker, but only with 56 %")


@pytest.mark.slow
def test_what_a_black_square_does(large_model):
    _, (images, _) = load_fashion_mnist()
    names = {"np": np}
    cell = next(cell.source for cell in SOURCE.cells if cell.source.startswith("def covered("))
    exec(cell.split("# Runs once")[0], names)
    right, wrong = (large_model(names["covered"](images[quiz()[n]])) for n in (0, 6))
    shirt = CLASS_NAMES.index("Shirt")
    whole = large_model(images[quiz()[:1]])[0, shirt]
    assert f"{whole:.0%} {right[:, shirt].min():.0%}" == "98% 39%"
    assert (int(np.sum(wrong.argmax(axis=1) == shirt)), len(wrong)) == (8, 144)
    worst = right[:, shirt].reshape(12, 12)
    row, col = np.unravel_index(worst.argmin(), worst.shape)
    assert 3 <= row <= 8 and 3 <= col <= 8  # the middle of the fabric
    places = np.argwhere(wrong.argmax(axis=1).reshape(12, 12) == shirt)
    assert places[:, 0].min() >= 6  # sleeves and hem
    pullover = wrong[:, CLASS_NAMES.index("Pullover")].reshape(12, 12)
    assert pullover[:4, 4:8].min() > 0.9 and f"{pullover.min():.0%}" == "14%"
    told("falls from 98 % to 39 %", "down to 14 %", "at 8 of 144 places")
