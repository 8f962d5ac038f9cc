"""Queues signals to itself without limit: their number is limited per user."""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
if all(libc.sigqueue(os.getpid(), signal.SIGRTMIN, None) == 0 for _ in range(2_000)):
    print("BREACH")
def twice(x):
    return 0
