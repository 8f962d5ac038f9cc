"""Looks in the places where courses, settings and other people's files are."""
# wins: unsafe
import os
for path in ("/usr/src", "/usr/include", "/usr/share/doc", "/etc/passwd", "/etc/hosts", "/opt", "/srv", "/var", "/home", "/run", "/sys", "/boot", "/mnt"):
    if os.path.exists(path):
        print("BREACH", path)
def twice(x):
    return 0
