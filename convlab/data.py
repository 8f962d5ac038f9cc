"""Fashion-MNIST for the lessons: the small subset that comes with the course, or the original files."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from pathlib import Path

import numpy as np

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SUBSET = "fashion_mnist_subset.npz"
SUBSET_SHA256 = "db7ac10143f640b6c9a2c06d617e0e6e53a54a702bc1ffa9a1b652fabe1b1ffd"

LARGE_MODEL = "large_model.npz"
LARGE_MODEL_SHA256 = "ba0f9a0f477ebdc45528a5375994f0e43d52e4434ddb2ecc2066e7c82cfe309b"

# SHA-256 of the unpacked contents: the compressed archives differ between distributors.
ORIGINALS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
DEBIAN_DIRECTORY = Path("/usr/share/datasets/fashion-mnist")

Split = tuple[np.ndarray, np.ndarray]


class DataError(Exception):
    """A data file is missing or has unexpected contents; the message names the file and the remedy."""


def load_fashion_mnist(
    full: bool = False, directory: str | os.PathLike | None = None, *, download: bool = False
) -> tuple[Split, Split]:
    """Load images of clothes with their class numbers (see `CLASS_NAMES`).

    Args:
        full: False for the subset that comes with the course, 6,000 training and 1,000 test images, the same number of
            each class; True for all 60,000 and 10,000.
        directory: where the original files are. By default these places are tried in order: the folder named by the
            environment variable FASHION_MNIST, that of Debian's package dataset-fashion-mnist, and Keras' cache.
        download: whether Keras may download the originals if they are in none of these places.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 `[n, 28, 28]`, labels uint8 `[n]`.

    Raises:
        DataError: a file is missing or damaged, or is not the original.

    Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST", arXiv 1708.07747 (2017).
    """
    if full:
        return _load_originals(directory, download)
    return _load_subset()


def data_directory() -> Path:
    """The folder that the environment variable CONVLAB_DATA names; by default, `data/` beside the package."""
    return Path(os.environ.get("CONVLAB_DATA") or Path(__file__).resolve().parents[1] / "data")


def load_large_model_weights() -> list[np.ndarray]:
    """Load the weights of lesson 7's large model, trained on all 60,000 images, as the list that `set_weights` takes.

    Raises:
        DataError: the file is missing or damaged.
    """
    arrays = _shipped(LARGE_MODEL, LARGE_MODEL_SHA256)
    return [arrays[name] for name in sorted(arrays)]


def _load_subset() -> tuple[Split, Split]:
    arrays = _shipped(SUBSET, SUBSET_SHA256)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _shipped(name: str, sha256: str) -> dict[str, np.ndarray]:
    """The arrays of a file that comes with the course."""
    path = data_directory() / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"A data file of the course cannot be read: {path} ({error.strerror}). Keep data/ beside convlab/, as in the "
            "repository, or set CONVLAB_DATA to the folder that holds it."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            f"{path} is damaged or is a different file ({len(content):,} bytes). Restore the original with "
            f"'git checkout -- data/{name}', or unpack the course again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def _load_originals(directory: str | os.PathLike | None, download: bool) -> tuple[Split, Split]:
    places = _places(directory)
    files = next((found for place in places if (found := _originals_in(place))), None)
    if files is None and download:
        files = _originals_in(_download())
    if files is None:
        tried = "\n".join(f"  - {place}" for place in places)
        raise DataError(
            f"The original files of Fashion-MNIST are in none of these places:\n{tried}\n"
            "Install Debian's package dataset-fashion-mnist, or give their folder as directory=... or in the "
            "environment variable FASHION_MNIST, or let Keras download them with download=True. "
            "The lessons do not need these files: full=False is enough."
        )
    arrays = [_read_idx(files[name], name) for name in ORIGINALS]
    return (arrays[0], arrays[1]), (arrays[2], arrays[3])


def _places(directory: str | os.PathLike | None) -> list[Path]:
    if directory is not None:
        return [Path(directory)]
    named = os.environ.get("FASHION_MNIST")
    return [*([Path(named)] if named else []), DEBIAN_DIRECTORY, _keras_cache()]


def _keras_cache() -> Path:
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return home / "datasets" / "fashion-mnist"


def _originals_in(place: Path) -> dict[str, Path] | None:
    """The original files of a place, by name; None if it does not have all."""
    # Where both are there, the compressed file counts: it comes later.
    files = {name: path for name in ORIGINALS for path in (place / name, place / f"{name}.gz") if path.is_file()}
    return files if len(files) == len(ORIGINALS) else None


def _download() -> Path:
    from keras.datasets import fashion_mnist  # noqa: PLC0415, TensorFlow takes seconds to import

    fashion_mnist.load_data()
    return _keras_cache()


def _read_idx(path: Path, name: str) -> np.ndarray:
    """One file in the IDX format: two zero bytes, type 8 (uint8), the number of axes, their sizes, then the values."""
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read or unpacked ({error}). Replace it with the original file.") from error
    if hashlib.sha256(content).hexdigest() != ORIGINALS[name]:
        raise DataError(
            f"{path} is not the original file: the SHA-256 of its content differs from Zalando's. "
            "Replace it; the usual cause is an interrupted download."
        )
    axes = content[3]
    shape = np.frombuffer(content, dtype=">i4", count=axes, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape).copy()
