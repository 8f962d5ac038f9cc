"""Measures what lesson 7 says about its two models and writes it to measured.json.

    python data/measure_models.py [--originals DIRECTORY] [--out FILE]

The large model is the shipped one. The small one is trained here, once for each seed and each way, on the 5,400 pictures
that the lesson trains it on, for as many epochs; it is measured on the 1,000 shipped test images. It takes about ten
minutes on two cores, and needs the original files for the confusion matrix of all 10,000 test images.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from train_large_model import SEED, Batches, large_model

from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights

TARGET = Path(__file__).with_name("measured.json")
SEEDS = (1, 2)
EPOCHS, BATCH, KEPT_ASIDE = 4, 64, 600
SHIFTS = range(5)


def small_model(activation: str = "relu", pooling: type = layers.MaxPooling2D) -> keras.Sequential:
    """The lesson's small model, or one without ReLU, or one that averages when pooling."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", activation=activation))
        model.add(pooling(2))
    for layer in (layers.Flatten(), layers.Dense(128, activation=activation), layers.Dense(10, activation="softmax")):
        model.add(layer)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def moved(images: np.ndarray, columns: int) -> np.ndarray:
    """Images `[n, h, w, 1]` moved to the right; black comes in."""
    return np.pad(images, ((0, 0), (0, 0), (columns, 0), (0, 0)))[:, :, : images.shape[2]]


def accuracy(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    return round(float(np.mean(model.predict(images, verbose=0, batch_size=250).argmax(axis=1) == labels)), 4)


def by_shift(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> list[float]:
    return [accuracy(model, moved(images, columns), labels) for columns in SHIFTS]


def measure_small(train: tuple, test: tuple) -> dict[str, list]:
    """For each way of training, one entry for each seed."""
    (images, labels), kept = (part[:-KEPT_ASIDE] for part in train), tuple(part[-KEPT_ASIDE:] for part in train)
    found: dict[str, list] = {}

    def note(name: str, value: object) -> None:
        found.setdefault(name, []).append(value)
        print(name, value, flush=True)

    def trained(model: keras.Model, inputs: np.ndarray = images, kept: tuple = kept) -> dict:
        return model.fit(inputs, labels, epochs=EPOCHS, batch_size=BATCH, validation_data=kept, verbose=0).history

    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        model = small_model()
        note("untrained loss", round(model.evaluate(*test, verbose=0)[0], 3))
        note("untrained loss, pixels to 255", round(model.evaluate(test[0] * 255, test[1], verbose=0)[0], 1))
        history = trained(model)
        note("accuracy while training", [round(value, 4) for value in history["accuracy"]])
        note("accuracy on those kept aside", [round(value, 4) for value in history["val_accuracy"]])
        note("by shift", by_shift(model, *test))

        keras.utils.set_random_seed(seed)
        model = small_model()
        trained(model, images * 255, (kept[0] * 255, kept[1]))
        note("pixels to 255", accuracy(model, test[0] * 255, test[1]))

        for name, pooling in (
            ("without ReLU", layers.MaxPooling2D),
            ("without ReLU, averaged", layers.AveragePooling2D),
        ):
            keras.utils.set_random_seed(seed)
            model = small_model("linear", pooling)
            trained(model)
            note(name, accuracy(model, *test))

        keras.utils.set_random_seed(seed)
        model = small_model()
        for epoch in range(EPOCHS):
            model.fit(Batches(images, labels, epoch, BATCH), verbose=0)
        note("by shift, trained with moved pictures", by_shift(model, *test))
    return found


def drawn() -> dict[str, np.ndarray]:
    """Pictures that show no clothes."""
    row, col = np.mgrid[:28, :28] - 13.5
    ring = np.abs(np.hypot(row, col) - 9) < 1.2
    noise = np.random.default_rng(0).random((28, 28))
    return {"black": np.zeros((28, 28)), "white": np.ones((28, 28)), "ring": ring.astype(float), "noise": noise}


def agreement_with_the_start(trained: keras.Model) -> dict[str, list[float]]:
    """How kernels correlate with the random numbers that training started from: the first layer's, then each layer's."""
    keras.utils.set_random_seed(SEED)
    pairs = [
        (old, new) for old, new in zip(large_model().get_weights(), trained.get_weights(), strict=True) if old.ndim > 1
    ]

    def alike(old: np.ndarray, new: np.ndarray) -> float:
        return round(float(np.corrcoef(old.ravel(), new.ravel())[0, 1]), 3)

    old, new = pairs[0]
    first = sorted(alike(old[..., k], new[..., k]) for k in range(old.shape[-1]))
    return {"first kernels": first, "layers": [alike(old, new) for old, new in pairs]}


def measure_large(test: tuple, all_test: tuple) -> dict:
    model = large_model()
    model.set_weights(load_large_model_weights())
    said = model.predict(all_test[0], verbose=0, batch_size=250).argmax(axis=1)
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (all_test[1], said), 1)
    answers = {}
    for name, picture in drawn().items():
        shares = model.predict(picture[np.newaxis, ..., np.newaxis], verbose=0)[0]
        answers[name] = [CLASS_NAMES[shares.argmax()], round(float(shares.max()), 3)]
    return {"by shift": by_shift(model, *test), "all 10,000": matrix.tolist(), "no clothes": answers} | {
        "agreement with the start": agreement_with_the_start(model)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--originals", type=Path, help="folder with the four original files; default: the usual places")
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()

    def ready(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return images[..., np.newaxis].astype(np.float32) / 255, labels.astype(int)

    train, test = (ready(*part) for part in load_fashion_mnist())
    _, all_test = load_fashion_mnist(full=True, directory=options.originals)
    content = {"small": measure_small(train, test), "large": measure_large(test, ready(*all_test))}
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()
