"""Names a dtype by a text with a file in it, which pandas would open as a time zone if it parsed the text."""
# status: killed
import numpy as np
from autograder.sandbox.wire import codec

honest = codec.apart
forged = ("nullable", ("datetime64[ns, dateutil//etc/passwd]", np.zeros(1), np.zeros(1, bool)))
codec.apart = lambda value: forged if type(value) is range else honest(value)
def twice(x):
    return range(3)
