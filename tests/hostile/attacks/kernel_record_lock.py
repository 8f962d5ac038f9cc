"""Locks a part of a file, as databases do."""
# wins: unsafe
import fcntl, struct
first, second = (open("locked", "w") for _ in range(2))
lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
fcntl.fcntl(first, 37, lock)  # F_OFD_SETLK
try:
    fcntl.fcntl(second, 37, lock)
except OSError:
    print("BREACH")
def twice(x):
    return 0
