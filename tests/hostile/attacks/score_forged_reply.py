"""Writes a forged answer of the worker on every descriptor it can find."""
# status: killed
import os
import struct
import msgpack
head = msgpack.packb(["t", "returned", 4, ["t", None], ["d"]])
frame = struct.pack(">IQ", len(head), 0) + head
for fd in range(3, 256):
    try:
        os.write(fd, frame)
    except OSError:
        pass
def twice(x):
    return 0
