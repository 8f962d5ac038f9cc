"""Opens file descriptors without limit."""
import os
try:
    for _ in range(100_000):
        os.open("/dev/null", os.O_RDONLY)
    print("BREACH")
except OSError as error:
    print(error)
def twice(x):
    return 0
