"""Interrupts every processor of the machine."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import platform
if libc.syscall({"x86_64": 324}.get(platform.machine(), 283), 1, 0, 0) == 0:  # MEMBARRIER_CMD_GLOBAL
    print("BREACH")
def twice(x):
    return 0
