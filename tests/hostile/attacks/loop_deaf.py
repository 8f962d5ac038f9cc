"""Loops for ever and does not listen to signals."""
# status: timeout
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
