"""Moves memory pages into a pipe, where they count against no limit."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os
page = ctypes.create_string_buffer(4096)
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
if libc.vmsplice(os.pipe()[1], ctypes.byref(Part(ctypes.addressof(page), 4096)), 1, 0) == 4096:
    print("BREACH")
def twice(x):
    return 0
