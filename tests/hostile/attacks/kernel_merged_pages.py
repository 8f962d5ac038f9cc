"""Has the kernel compare its memory pages with those of others, to merge equal ones."""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

if libc.prctl(67, 1, 0, 0, 0) == 0:  # PR_SET_MEMORY_MERGE
    print("BREACH")
def twice(x):
    return 0
