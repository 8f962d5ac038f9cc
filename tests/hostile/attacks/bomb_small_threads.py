"""Starts 4,000 threads that need hardly any memory."""
# status: graded killed
import threading, time
threading.stack_size(32_768)
try:
    for _ in range(4_000):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    time.sleep(1)
    print("BREACH")
except (RuntimeError, MemoryError) as error:
    print(error)
def twice(x):
    return 0
