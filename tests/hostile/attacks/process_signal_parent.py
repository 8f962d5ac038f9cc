"""Signals its parent and every process it can reach."""
import os, signal
for pid in (os.getppid(), -1, *range(2, 400)):
    if pid in (0, os.getpid(), os.getpgid(0)):
        continue
    try:
        os.kill(pid, 0)
        print("BREACH", pid)
    except OSError:
        pass
def twice(x):
    return 0
