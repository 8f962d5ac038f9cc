"""Stops its own process with a signal."""
# status: graded killed timeout
import os, signal
def twice(x):
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        os.kill(os.getpid(), number)
        signal.raise_signal(number)
    return 0
