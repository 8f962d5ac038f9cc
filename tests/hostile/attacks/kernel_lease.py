"""Takes a lease on a file that it shares with the machine: there, opening it would wait."""
# wins: unsafe
import fcntl, os
try:
    fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
