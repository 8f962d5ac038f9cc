"""Opens a connection on the loopback, and asks for a name."""
# wins: unsafe
import socket
try:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=1):
            print("BREACH")
except OSError as error:
    print(error)
def twice(x):
    return 0
