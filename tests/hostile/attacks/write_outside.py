"""Writes into every directory it can think of."""
# wins: unsafe
import os, convlab
for folder in ("/", "/usr", "/etc", "/var/tmp", "/home", "/root", os.path.dirname(convlab.__file__)):
    name = os.path.join(folder, f"hostile-{os.getpid()}.txt")
    try:
        open(name, "w").write("x")
    except OSError:
        continue
    print("BREACH", name)
    os.remove(name)
def twice(x):
    return 0
