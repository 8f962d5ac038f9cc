"""Passes a file descriptor over a socket, as it could to another process."""
# wins: unsafe
import os, socket
ours, theirs = socket.socketpair()
try:
    socket.send_fds(ours, [b"x"], [os.open("/dev/null", os.O_RDONLY)])
    print("BREACH", socket.recv_fds(theirs, 1, 1)[1])
except OSError:
    pass
def twice(x):
    return 0
