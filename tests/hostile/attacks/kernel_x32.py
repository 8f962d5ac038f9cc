"""Makes x32 system calls, to bypass a filter that only knows the 64-bit ones."""
# status: killed
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

if libc.syscall(0x40000000 + 57) >= 0:  # fork
    print("BREACH")
def twice(x):
    return 0
