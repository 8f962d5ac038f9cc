"""Has its memory compared with that of others."""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

if libc.prctl(67, 1, 0, 0, 0) == 0:  # PR_SET_MEMORY_MERGE
    print("BREACH")
def twice(x):
    return 0
