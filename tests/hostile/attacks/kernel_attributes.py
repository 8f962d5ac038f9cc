"""Hangs attributes on a file, which are memory of the kernel."""
# wins: unsafe
import os
open("file", "w").close()
try:
    os.setxattr("file", "user.note", b"x" * 1000)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
