"""Sets extended attributes on a file, which take kernel memory."""
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
