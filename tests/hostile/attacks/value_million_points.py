"""Sends a figure of five million points, and then one of six thousand lines, with the limits of its own side lifted."""
import numpy as np
from autograder.sandbox.wire.kinds import artists, figures
from convlab.pictures.style import new_figure

figures.MAX_ARTISTS = figures.MAX_NUMBERS = figures.MAX_ITEMS = 10**9
def twice(x):
    figure, axes = new_figure(1, 1)
    if x == 2:
        axes.plot(np.zeros(5_000_000))
    else:
        for _ in range(6_000):
            axes.plot([1])
    return figure
