"""Fills the disk."""
import os
written = 0
try:
    with open("/tmp/work/fill", "wb") as file:
        while written < 2**31:
            written += file.write(bytes(2**20))
    print("BREACH")
except OSError as error:
    print(error)
def twice(x):
    return 0
