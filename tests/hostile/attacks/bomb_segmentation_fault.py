"""Reads from address 0."""
# status: killed
import ctypes
ctypes.string_at(0)
def twice(x):
    return 0
