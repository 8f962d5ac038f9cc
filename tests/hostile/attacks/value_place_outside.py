"""Sends a figure's data with a place where the figure has no artist."""
# status: killed
from autograder.sandbox.wire import codec
from convlab.pictures.style import new_figure

figure, _ = new_figure(1, 1)
honest = codec.apart
codec.apart = lambda value: ("artist", (figure, 0, "lines", 10**6)) if type(value) is range else honest(value)
def twice(x):
    return range(3)
