"""Attaches to its parent by ptrace and reads memory of others."""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), 1, 2, 3):
    if libc.ptrace(16, pid, 0, 0) == 0:
        print("BREACH ptrace", pid)
def twice(x):
    return 0
