"""Starts threads without limit."""
# status: graded killed
import threading, time
def wait():
    time.sleep(100)
try:
    for _ in range(100_000):
        threading.Thread(target=wait, daemon=True).start()
    print("BREACH")
except (RuntimeError, MemoryError) as error:
    print(error)
def twice(x):
    return 0
