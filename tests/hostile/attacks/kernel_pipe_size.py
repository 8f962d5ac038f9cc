"""Enlarges pipes as far as possible: their memory is limited per user."""
# wins: unsafe
import fcntl, os
try:
    fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 2**20)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
