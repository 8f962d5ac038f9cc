"""Answers too late, when the next request has been sent."""
# status: timeout
import time
def twice(x):
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        try:
            time.sleep(end - time.monotonic())
        except KeyboardInterrupt:
            pass
    return 0
