"""Locks a file shared with the machine, whose processes would then wait for the lock."""
# wins: unsafe
import fcntl, os
first, second = (os.open(os.__file__, os.O_RDONLY) for _ in range(2))
fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
try:
    fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("BREACH")
def twice(x):
    return 0
