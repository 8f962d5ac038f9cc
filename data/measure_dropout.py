"""Measures what lesson 6 says about dropout, over several seeds, and writes data/dropout.json.

    .venv/bin/python data/measure_dropout.py

Two networks of the lesson, without and with dropout, practice with 1,000 pictures for 25 epochs; 1,000 other pictures of
the training set validate them, and the 1,000 test pictures are used once, at the end. All accuracies and losses are
measured by `evaluate`, so without dropout, unless their name says "practicing".
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from convlab.data import load_fashion_mnist
from convlab.quiet import keras

SEEDS = range(8)
EPOCHS = 25
SAMPLES = 30
(IMAGES, LABELS), (TEST, TEST_LABELS) = load_fashion_mnist()
PRACTICED = IMAGES[:1000] / 255, LABELS[:1000]
VALIDATION = IMAGES[1000:2000] / 255, LABELS[1000:2000]
UNSEEN = TEST / 255, TEST_LABELS


def measured(seed: int, rate: float) -> dict:
    """One training; numbers of the last epoch, and the validation loss and accuracy of every epoch."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.Input((28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(256, activation="relu"),
        *([keras.layers.Dropout(rate)] if rate else []),
        keras.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(*PRACTICED, validation_data=VALIDATION, epochs=EPOCHS, batch_size=50, verbose=0).history
    found = {"practicing_accuracy": history["accuracy"][-1]}
    for name, pictures in (("practiced", PRACTICED), ("validation", VALIDATION), ("test", UNSEEN)):
        found[f"{name}_loss"], found[f"{name}_accuracy"] = model.evaluate(*pictures, verbose=0)
    found |= {"validation_losses": history["val_loss"], "validation_accuracies": history["val_accuracy"]}
    return found | (_doubt(model) if rate else {})


def _doubt(model: keras.Model) -> dict:
    """How well the deviation of Monte Carlo dropout, and the plain softmax, tell wrong answers on test pictures."""
    images, labels = UNSEEN
    plain = model.predict(images, verbose=0)
    answers = np.stack([np.asarray(model(images, training=True)) for _ in range(SAMPLES)])
    mean, std = answers.mean(axis=0), answers.std(axis=0)
    top = mean.argmax(axis=1)
    deviation, at = std[np.arange(len(std)), top], np.arange(len(top))
    wrong = top != labels
    blank = np.stack([np.zeros((28, 28)), np.ones((28, 28))])
    senseless = np.stack([np.asarray(model(blank, training=True)) for _ in range(SAMPLES)])
    classes = senseless.mean(axis=0).argmax(axis=1)
    return {
        "deviation_auc": _auc(deviation, wrong),
        "plain_auc": _auc(1 - plain.max(axis=1), plain.argmax(axis=1) != labels),
        "mean_auc": _auc(1 - mean[at, top], wrong),
        "blank": [
            {"class": int(c), "mean": float(senseless[:, n, c].mean()), "deviation": float(senseless[:, n, c].std())}
            for n, c in enumerate(classes)
        ],
    }


def _auc(doubt: np.ndarray, wrong: np.ndarray) -> float:
    """How often a wrong answer has more doubt than a right one, over all pairs of them."""
    pairs = doubt[wrong][:, None] - doubt[~wrong][None]
    return float((pairs > 0).mean() + (pairs == 0).mean() / 2)


def rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    runs = {
        name: [rounded(measured(seed, rate)) for seed in SEEDS] for name, rate in (("plain", 0.0), ("dropout", 0.5))
    }
    target = Path(__file__).with_name("dropout.json")
    lines = [f' "{name}": [\n  ' + ",\n  ".join(map(json.dumps, found)) + "\n ]" for name, found in runs.items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    print(target)
