"""Sends half a frame and ends."""
# status: killed
import os
import struct
def twice(x):
    for fd in range(3, 128):
        try:
            os.write(fd, struct.pack(">IQ", 100, 0) + b"x" * 10)
        except OSError:
            pass
    os._exit(0)
