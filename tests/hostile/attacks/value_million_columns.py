"""Sends a table that says it has a million columns, and none of them."""
# status: killed
import pandas as pd
from autograder.sandbox.wire import codec

honest = codec.apart
forged = ("DataFrame", (pd.RangeIndex(1), pd.RangeIndex(10**6), []))
codec.apart = lambda value: forged if type(value) is range else honest(value)
def twice(x):
    return range(3)
