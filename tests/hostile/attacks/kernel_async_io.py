"""Uses up asynchronous I/O requests, whose number is limited for the whole machine."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import platform
number = {"x86_64": 206}.get(platform.machine(), 0)
if libc.syscall(number, 1000, ctypes.byref(ctypes.c_ulong())) == 0:
    print("BREACH")
def twice(x):
    return 0
