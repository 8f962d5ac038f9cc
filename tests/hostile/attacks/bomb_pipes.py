"""Fills as many pipes and sockets as it can open."""
import os, socket
held = 0
for make in (os.pipe, lambda: [end.detach() for end in socket.socketpair()]):
    try:
        while True:
            write = make()[1]
            os.set_blocking(write, False)
            try:
                while True:
                    held += os.write(write, bytes(65_536))
            except BlockingIOError:
                pass
    except OSError:
        pass
if held > 2**26:
    print("BREACH", held)
def twice(x):
    return 0
