"""Makes fashion_mnist_subset.npz from the original files: 600 training and 100 test images of each class.

    python data/make_subset.py [--originals DIRECTORY] [--out FILE]

The images are chosen with a fixed seed and keep the order of the originals. Every run writes the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from convlab.data import SUBSET, load_fashion_mnist

SEED = 20170825  # the day on which Fashion-MNIST was published
PER_CLASS = {"train": 600, "test": 100}


def choose(labels: np.ndarray, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Choose `per_class` labels of each class at random, and return their sorted indices."""
    chosen = [rng.choice(np.flatnonzero(labels == number), per_class, replace=False) for number in range(10)]
    return np.sort(np.concatenate(chosen))


def subset(originals: Path | None) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(SEED)
    arrays = {}
    for name, (images, labels) in zip(PER_CLASS, load_fashion_mnist(full=True, directory=originals), strict=True):
        index = choose(labels, PER_CLASS[name], rng)
        arrays[f"x_{name}"], arrays[f"y_{name}"] = images[index], labels[index]
    return arrays


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """The bytes of an .npz file. np.savez would store the current time in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), content.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, help="folder with the four original files; default: the usual places")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name(SUBSET))
    options = parser.parse_args()
    content = packed(subset(options.originals))
    options.out.write_bytes(content)
    print(f"{options.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
