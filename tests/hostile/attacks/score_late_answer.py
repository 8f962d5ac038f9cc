"""Answers after its time, when the next question has been put."""
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
