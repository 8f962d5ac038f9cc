"""Changes the times and rights of the installed packages."""
# wins: unsafe
import os
import convlab
path = convlab.__file__
now = os.stat(path)
for change in (lambda: os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns)), lambda: os.chmod(path, now.st_mode & 0o777)):
    try:
        change()
        print("BREACH")
    except OSError:
        pass
def twice(x):
    return 0
