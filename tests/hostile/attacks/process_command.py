"""Runs a command of the system, past what honest cells get in its place."""
# wins: unsafe
import os
try:
    pid = os.posix_spawn("/usr/bin/id", ["id"], {})
    print("BREACH", os.waitpid(pid, 0))
except OSError as error:
    print(error)
def twice(x):
    return 0
