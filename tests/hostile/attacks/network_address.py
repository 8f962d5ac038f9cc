"""Lets the kernel name a socket, to which another submission could write."""
# wins: unsafe
import socket
try:
    ours, theirs = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    ours.bind("")
    theirs.sendto(b"solution", ours.getsockname())
    print("BREACH", ours.recv(100))
except OSError:
    pass
def twice(x):
    return 0
