"""Sends a sparse array whose only index points a gigabyte away, where SciPy's own code would write."""
# status: killed
import numpy as np
from autograder.sandbox.wire import codec

numbers = [np.ones(1), np.array([2**30], np.int32), np.array([0, 1, 1], np.int32)]
honest = codec.apart
codec.apart = lambda value: ("csr_array", ([2, 2], numbers)) if type(value) is range else honest(value)
def twice(x):
    return range(3)
