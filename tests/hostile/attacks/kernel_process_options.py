"""Lets others trace it, outlives its parent, and adopts orphans."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

for option, value in ((0x59616D61, -1), (1, 0), (36, 1), (62, 0)):  # PTRACER, PDEATHSIG, CHILD_SUBREAPER, SCHED_CORE
    if libc.prctl(option, ctypes.c_ulong(value & 2**64 - 1), 0, 0, 0) == 0:
        print("BREACH", option)
def twice(x):
    return 0
