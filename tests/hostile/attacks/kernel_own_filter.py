"""Loads a filter of its own, which could answer for the kernel."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import platform
number = {"x86_64": 317}.get(platform.machine(), 277)
if libc.syscall(number, 2, 0, ctypes.byref(ctypes.c_uint(0x7FFF0000))) == 0:
    print("BREACH")
def twice(x):
    return 0
