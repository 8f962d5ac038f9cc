"""Takes pipes as large as they get: a user has only so much of them."""
# wins: unsafe
import fcntl, os
try:
    fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 2**20)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
