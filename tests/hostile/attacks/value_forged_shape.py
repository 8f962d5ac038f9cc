"""Sends an array whose shape claims more than its bytes hold."""
# status: killed
import os
import struct
import msgpack
def twice(x):
    head = msgpack.packb(["t", "returned", ["a", "<f8", [2**31, 2**31], 8], ["t", None], ["d"]])
    frame = struct.pack(">IQ", len(head), 8) + head + bytes(8)
    for fd in range(3, 128):
        try:
            os.write(fd, frame)
        except OSError:
            pass
    return 0
