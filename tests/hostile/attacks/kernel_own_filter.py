"""Loads a seccomp filter of its own, which could answer system calls in the kernel's place."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import platform
number = {"x86_64": 317}.get(platform.machine(), 277)
if libc.syscall(number, 2, 0, ctypes.byref(ctypes.c_uint(0x7FFF0000))) == 0:
    print("BREACH")
def twice(x):
    return 0
