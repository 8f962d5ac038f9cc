"""Sends a categorical whose codes point far outside of its categories."""
# status: killed
import numpy as np
import pandas as pd
from autograder.sandbox.wire import codec

forged = ("Categorical", (np.array([0, 2**30]), pd.Index(["a", "b"]), False))
honest = codec.apart
codec.apart = lambda value: forged if type(value) is range else honest(value)
def twice(x):
    return range(3)
