"""Sends a patch whose path ends within a curve."""
import numpy as np
from autograder.sandbox.wire.kinds import figures
from convlab.pictures.style import new_figure

honest = figures._axes_parts
def forged(axes):
    parts = honest(axes)
    style = {"facecolor": (0.0, 0.0, 0.0, 1.0)}
    codes = np.array([1, 4, 4, 4, 4], np.uint8)
    parts["patches"] = [("PathPatch", {"xy": np.zeros((5, 2)), "codes": codes, "in": "data", "style": style})]
    return parts
figures._axes_parts = forged
def twice(x):
    return new_figure(1, 1)[0]
