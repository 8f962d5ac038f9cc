"""Lesson 6's explorer: dropout, one random draw after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from traitlets import Bool, Bytes, Float, Int, List

from convlab.explorers.widget import Explorer, script
from convlab.pictures import dropout as pictures
from convlab.pictures.style import Picture

ACTIVATIONS = (3.0, 1.0, 4.0, 2.0, 5.0, 1.0, 2.0, 6.0, 3.0, 2.0, 4.0, 3.0)
DRAWS = 200


class Survivors(Explorer):
    """Twelve neurons under one of many random draws, all made beforehand, so that the browser needs no generator."""

    _esm = script("survivors.js")
    activations = List(Float(), list(ACTIVATIONS)).tag(sync=True)
    random = Bytes().tag(sync=True)
    rate = Float(0.5, min=0, max=0.9).tag(sync=True)
    draw = Int(0, min=0, max=DRAWS - 1).tag(sync=True)
    training = Bool(True).tag(sync=True)
    seed = Int(0)

    @property
    def mask(self) -> np.ndarray:
        """True for the neurons that survive the current draw; all of them when not training."""
        draws = np.frombuffer(self.random).reshape(DRAWS, -1)
        return draws[self.draw] >= self.rate if self.training else np.ones(draws.shape[1], dtype=bool)

    @property
    def output(self) -> np.ndarray:
        """The activations after dropout, survivors divided by 1 − rate."""
        scale = 1 - self.rate if self.training else 1
        return np.where(self.mask, np.array(self.activations) / scale, 0)

    def picture(self) -> Picture:
        units = len(self.activations)
        network = pictures.network(np.random.default_rng(self.seed), units, self.rate if self.training else 0, steps=3)
        told = f"In draw {self.draw + 1}, {int(self.mask.sum())} of {units} survive; their sum is {self.output.sum():.2f}, without dropout {sum(self.activations):g}."
        return replace(network, alt=f"{network.alt} {told}")


def dropout(rate: float = 0.5, seed: int = 0) -> Survivors:
    """Drop neurons, draw by draw, and see that dividing the survivors by 1 − rate keeps the mean of their sum.

    Args:
        rate: the share of neurons dropped on average, from 0 to 0.9.
        seed: the seed of `numpy.random.default_rng`; each draw is its next `random(12)`.

    Raises:
        ValueError: the rate is out of bounds.
    """
    if not 0 <= rate <= 0.9:
        raise ValueError(f"rate is {rate!r}; it must lie from 0 to 0.9")
    draws = np.random.default_rng(seed).random((DRAWS, len(ACTIVATIONS)))
    return Survivors(rate=float(rate), random=draws.tobytes(), seed=seed)
