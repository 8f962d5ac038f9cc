"""Pictures to play with, one for each lesson: widgets where a notebook runs, pictures with a text elsewhere."""

from convlab.explorers.steps import convolution

__all__ = ["convolution"]
