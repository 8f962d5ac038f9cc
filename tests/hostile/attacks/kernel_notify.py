"""Asks to be notified when somebody uses a directory of the machine."""
# wins: unsafe
import fcntl, os, signal
signal.signal(signal.SIGIO, signal.SIG_IGN)
try:
    fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
    print("BREACH")
except OSError:
    pass
def twice(x):
    return 0
