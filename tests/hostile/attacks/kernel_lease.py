"""Takes a lease on a file shared with the machine, so that opening it there would block."""
# wins: unsafe
import fcntl, os
try:
    fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
