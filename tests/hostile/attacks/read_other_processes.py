"""Reads command lines and environments of other processes in /proc."""
# wins: unsafe
import os, glob
me = {"self", "thread-self", str(os.getpid())}
for path in glob.glob("/proc/[0-9]*/cmdline"):
    if path.split("/")[2] not in me:
        print("BREACH", open(path, "rb").read()[:40])
def twice(x):
    return 0
