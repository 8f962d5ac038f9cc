"""Sends garbage in place of an answer."""
# status: killed
import os
def twice(x):
    for fd in range(3, 128):
        try:
            os.write(fd, os.urandom(4096))
        except OSError:
            pass
    return 0
