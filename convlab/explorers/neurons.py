"""Lesson 1's explorer: the response of a dense neuron and of a convolution to a shape that moves."""

from __future__ import annotations

import numpy as np
from traitlets import Float, Int, List

from convlab.explorers.widget import Explorer, script, whole
from convlab.pictures import dense_vs_conv as pictures
from convlab.pictures.style import Picture
from convlab.pictures.windows import correlate

SIDE = 7
SHAPE = ((1, 0, 0), (1, 0, 0), (1, 1, 1))
KERNEL = ((1, -1, -1), (1, -1, -1), (1, 1, 1))


class Neurons(Explorer):
    """A shape in a small picture, the weights of one dense neuron, and a kernel with its feature map."""

    _esm = script("neurons.js")
    shape = List(List(Float()), [list(line) for line in SHAPE]).tag(sync=True)
    kernel = List(List(Float()), [list(line) for line in KERNEL]).tag(sync=True)
    weights = List(List(Float())).tag(sync=True)
    row = Int(0, min=0, max=SIDE - 3).tag(sync=True)
    column = Int(0, min=0, max=SIDE - 3).tag(sync=True)
    side = Int(28, min=3, max=224).tag(sync=True)

    def image(self, row: int, column: int) -> np.ndarray:
        """The picture with the shape at this position."""
        picture = np.zeros((SIDE, SIDE))
        picture[row : row + 3, column : column + 3] = self.shape
        return picture

    @property
    def dense(self) -> float:
        """The output of the dense neuron for the current picture, without a bias."""
        return float((self.image(self.row, self.column) * np.array(self.weights)).sum())

    @property
    def feature_map(self) -> np.ndarray:
        return correlate(self.image(self.row, self.column), np.array(self.kernel))

    def picture(self) -> Picture:
        return pictures.seen_twice(
            self.image(0, 0), self.image(self.row, self.column), np.array(self.weights), np.array(self.kernel)
        )


def dense_and_convolution(side: int = 28, seed: int = 1) -> Neurons:
    """Move a shape, compare the outputs of a dense neuron and a convolution, and count the weights of both.

    Args:
        side: the side of the picture for which weights are counted, 3 to 224.
        seed: the seed of the dense neuron's weights.

    Raises:
        ValueError: `side` is out of bounds.
    """
    weights = np.random.default_rng(seed).integers(-4, 5, (SIDE, SIDE))
    return Neurons(side=whole(side, "side", 3, 224), weights=weights.astype(float).tolist())
