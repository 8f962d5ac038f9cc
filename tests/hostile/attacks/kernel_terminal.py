"""Opens a terminal, which other submissions could see."""
# wins: unsafe
import os
try:
    os.openpty()
    print("BREACH")
except OSError:
    pass
if os.path.exists("/dev/ptmx") or os.listdir("/dev/pts"):
    print("BREACH")
def twice(x):
    return 0
