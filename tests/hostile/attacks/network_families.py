"""Makes sockets of every family."""
# wins: unsafe
import socket
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind).close()
            print("BREACH", family, kind)
        except OSError:
            pass
def twice(x):
    return 0
