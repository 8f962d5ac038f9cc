"""Sends a masked array whose mask has another shape than its data."""
# status: killed
import numpy as np
from autograder.sandbox.wire import codec

honest = codec.apart
forged = ("masked", (np.ones(2), np.ones(1, bool), None, False))
codec.apart = lambda value: forged if type(value) is range else honest(value)
def twice(x):
    return range(3)
