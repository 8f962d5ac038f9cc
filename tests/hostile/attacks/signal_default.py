"""Gives the stop button its first meaning back and loops."""
# status: timeout killed
import signal
def twice(x):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while True:
        pass
