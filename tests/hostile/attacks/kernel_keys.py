"""Adds a key to the grading user's keyring."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import platform
if libc.syscall({"x86_64": 248}.get(platform.machine(), 217), b"user", b"note", b"x", 1, -4) > 0:
    print("BREACH")
def twice(x):
    return 0
