"""Restores the default handler of the interrupt signal and loops."""
# status: timeout killed
import signal
def twice(x):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while True:
        pass
