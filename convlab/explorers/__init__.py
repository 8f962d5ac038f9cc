"""Interactive pictures, at least one for each lesson: widgets in a running notebook, still pictures with a text elsewhere."""

from convlab.explorers.channels import channels
from convlab.explorers.descent import descent
from convlab.explorers.edges import padding
from convlab.explorers.layers import model
from convlab.explorers.neurons import dense_and_convolution
from convlab.explorers.shifts import pooling
from convlab.explorers.steps import convolution
from convlab.explorers.survivors import dropout
from convlab.explorers.windows import window_sizes

__all__ = [
    "channels",
    "convolution",
    "dense_and_convolution",
    "descent",
    "dropout",
    "model",
    "padding",
    "pooling",
    "window_sizes",
]
