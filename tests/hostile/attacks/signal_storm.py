"""Interrupts itself by a timer every hundredth of a millisecond, wherever it is."""
# status: graded killed timeout
import signal
class Storm(Exception):
    pass
def interrupted(*_):
    raise Storm
signal.signal(signal.SIGALRM, interrupted)
def twice(x):
    signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
    return 0
