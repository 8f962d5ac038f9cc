"""Sends a number where the bytes of a bytearray belong: it would be made that long."""
# status: killed
from autograder.sandbox.wire import codec

honest = codec.apart
codec.apart = lambda value: ("bytearray", 2**40) if type(value) is range else honest(value)
def twice(x):
    return range(3)
