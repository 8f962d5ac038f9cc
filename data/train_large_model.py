"""Trains the large model of lesson 7 on all 60,000 images and writes its weights to large_model.npz.

    python data/train_large_model.py [--epochs 14] [--originals DIRECTORY] [--state DIRECTORY] [--out FILE]

Training is seeded: which images share a batch and how these are augmented depends only on the seed and the epoch's number.
(Keras shuffles the batches once more and draws dropout, from a seed that is set at each start.) After each epoch the whole
state is saved in the state directory, and the same command continues from there; but a run that was stopped and continued
does not give the same weights as one in one go. An epoch takes about 200 seconds on two cores. The test images influence
nothing: they are evaluated once, after the last epoch.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from make_subset import packed

from convlab.data import LARGE_MODEL, load_fashion_mnist

SEED = 14  # the number of the chapter that the model comes from
BATCH = 128
LEARNING_RATE = 1e-3


def large_model() -> keras.Sequential:
    """The model of the course's notes: 1,413,834 parameters. Its ReLU layers start with he_normal's weights."""

    def conv(filters: int, size: int) -> layers.Layer:
        return layers.Conv2D(filters, size, padding="same", activation="relu", kernel_initializer="he_normal")

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            conv(64, 7),
            layers.MaxPooling2D(2),
            conv(128, 3),
            conv(128, 3),
            layers.MaxPooling2D(2),
            conv(256, 3),
            conv(256, 3),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer="he_normal"),
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu", kernel_initializer="he_normal"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def compiled(model: keras.Sequential, steps: int) -> keras.Sequential:
    """Compile a model with a learning rate that is warmed up for 300 steps and then decays along a cosine of `steps` steps.

    Training has `steps` steps in all, so it ends 300 before the cosine does, at a rate of 6e-6.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, steps, alpha=1e-3, warmup_target=LEARNING_RATE, warmup_steps=300
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Batches(keras.utils.PyDataset):
    """One epoch of shuffled batches; about half of the images are mirrored, and all are shifted by up to one pixel."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, epoch: int, batch: int = BATCH):
        super().__init__()
        self.images, self.labels, self.epoch, self.batch = images, labels, epoch, batch
        self.order = np.random.default_rng((SEED, epoch)).permutation(len(images))

    def __len__(self) -> int:
        return math.ceil(len(self.order) / self.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch : (index + 1) * self.batch]
        rng = np.random.default_rng((SEED, self.epoch, index))
        batch = self.images[chosen]
        mirrored = rng.random(len(batch)) < 0.5
        batch = np.where(mirrored[:, None, None, None], batch[:, :, ::-1], batch)
        padded = np.pad(batch, ((0, 0), (1, 1), (1, 1), (0, 0)))
        down, right = rng.integers(0, 3, (2, len(batch)))
        moved = [picture[r : r + 28, c : c + 28] for picture, r, c in zip(padded, down, right, strict=True)]
        return np.stack(moved), self.labels[chosen]


def epochs_left(state: Path, epochs: int) -> Iterator[int]:
    done = int((state / "epochs_done").read_text()) if (state / "epochs_done").exists() else 0
    yield from range(done, epochs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--originals", type=Path, help="folder with the four original files; default: the usual places")
    parser.add_argument(
        "--state", type=Path, default=Path("build/training"), help="where to save the state to continue from"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name(LARGE_MODEL))
    options = parser.parse_args()
    options.state.mkdir(parents=True, exist_ok=True)

    (x_train, y_train), (x_test, y_test) = load_fashion_mnist(full=True, directory=options.originals)
    x_train, x_test = (images[..., np.newaxis].astype(np.float32) / 255 for images in (x_train, x_test))
    keras.utils.set_random_seed(SEED)
    saved = options.state / "model.keras"
    model = (
        keras.saving.load_model(saved)
        if saved.exists()
        else compiled(large_model(), steps=options.epochs * math.ceil(len(x_train) / BATCH))
    )
    for epoch in epochs_left(options.state, options.epochs):
        model.fit(Batches(x_train, y_train, epoch), initial_epoch=epoch, epochs=epoch + 1)
        model.save(options.state / "next.keras")
        (options.state / "next.keras").replace(saved)
        (options.state / "epochs_done").write_text(f"{epoch + 1}\n")

    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    content = packed({f"weight_{place:02}": weight for place, weight in enumerate(model.get_weights())})
    options.out.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    print(f"{options.out}: {len(content):,} bytes, sha256 {digest}, test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
