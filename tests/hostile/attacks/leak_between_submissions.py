"""Leaves a file and a patched module for the next submission."""
import os, numpy
for folder in ("/tmp", "/dev/shm", "/tmp/work"):
    try:
        if os.path.exists(f"{folder}/left-behind"):
            print("BREACH", folder)
        open(f"{folder}/left-behind", "w").write("from the submission before")
    except OSError:
        pass
if getattr(numpy, "left_behind", False):
    print("BREACH numpy")
numpy.left_behind = True
def twice(x):
    return 0
