"""What all explorers share: a widget for a notebook, and a still picture with a text where no widget can run."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
from traitlets import Bytes, List, Unicode, default

from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.pictures.style import Picture

FOLDER = Path(__file__).parent
# Larger grids do not fit on a page that is 400 pixels wide.
LARGEST_SIDE = 9
PADDINGS = ("valid", "same")


def script(name: str) -> str:
    """The JavaScript module of a widget. It must be one file without imports, so the shared part is prepended."""
    return "\n".join((FOLDER / part).read_text(encoding="utf-8") for part in ("shared.js", name))


class Explorer(anywidget.AnyWidget):
    """A widget that is also stored as a picture and a text, for a PDF, a web page and an executed notebook."""

    _css = (FOLDER / "explorer.css").read_text(encoding="utf-8")

    def picture(self) -> Picture:
        """The current state as a picture with a text."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        still, alternative = self.picture()._repr_mimebundle_()
        return {**data, **still}, {**metadata, **alternative}


class Wardrobe(Explorer):
    """An explorer with real pictures to choose from: one of each class of Fashion-MNIST."""

    names = List(Unicode(), list(CLASS_NAMES)).tag(sync=True)
    # Concatenated, 28 × 28 bytes each.
    clothes = Bytes().tag(sync=True)

    @default("clothes")
    def _clothes(self) -> bytes:
        return clothes().tobytes()


@functools.cache
def clothes() -> np.ndarray:
    """The first test picture of each class, uint8 `[10, 28, 28]`."""
    _, (images, labels) = load_fashion_mnist()
    return images[[np.flatnonzero(labels == place)[0] for place in range(len(CLASS_NAMES))]]


def matrix(values: Any, name: str, largest: int = LARGEST_SIDE) -> np.ndarray:
    """Check and convert values to a 2-D array of finite numbers that is small enough to show.

    Raises:
        ValueError: the array is not 2-D, is empty, has more than `largest` rows or columns, or has something else than
            finite numbers.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 2 or not array.size or max(array.shape) > largest:
        raise ValueError(f"{name} has the shape {array.shape}; it must be 2-D, with 1 to {largest} rows and columns")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a number that is not finite")
    return array


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Check that a value is a whole number from `low` to `high`, and return it as an int.

    Raises:
        ValueError: it is not.
    """
    if not low <= value <= high or int(value) != value:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
    return int(value)


def one_of(value: Any, name: str, choices: tuple) -> Any:
    """Check that a value is one of the choices, and return it.

    Raises:
        ValueError: it is not.
    """
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be {' or '.join(map(repr, choices))}")
    return value
