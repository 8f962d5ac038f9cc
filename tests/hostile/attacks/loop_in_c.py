"""Sleeps in the C library, where Python does not look for signals."""
# status: timeout
import ctypes
def twice(x):
    ctypes.CDLL(None).sleep(1000)
