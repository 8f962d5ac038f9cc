"""Watches which of the installed packages the machine opens."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os
watch = libc.inotify_init1(0)
if watch >= 0 and libc.inotify_add_watch(watch, os.path.dirname(os.__file__).encode(), 0x20) >= 0:
    print("BREACH")
def twice(x):
    return 0
