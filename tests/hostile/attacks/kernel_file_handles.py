"""Asks for a file handle, with which a file can be opened regardless of mounts."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os
handle, mount = ctypes.create_string_buffer(b"\x80\0\0\0", 200), ctypes.c_int()
if libc.name_to_handle_at(-100, os.getcwd().encode(), handle, ctypes.byref(mount), 0) == 0:
    print("BREACH")
def twice(x):
    return 0
