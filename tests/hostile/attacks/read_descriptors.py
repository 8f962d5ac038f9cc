"""Looks for descriptors that were left open."""
import os
for fd in range(3, 4096):
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if not target.startswith(("socket:", "anon_inode:", "pipe:", "/dev/null", "/proc/")):
        print("BREACH", target)
def twice(x):
    return 0
