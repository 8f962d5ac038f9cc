"""Runs a system command, bypassing the replacements that honest cells get."""
# wins: unsafe
import os
try:
    pid = os.posix_spawn("/usr/bin/id", ["id"], {})
    print("BREACH", os.waitpid(pid, 0))
except OSError as error:
    print(error)
def twice(x):
    return 0
