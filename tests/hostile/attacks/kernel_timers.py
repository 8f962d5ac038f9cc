"""Creates timers without limit: their number is limited per user."""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
timer = ctypes.c_void_p()
if all(libc.timer_create(0, None, ctypes.byref(timer)) == 0 for _ in range(2_000)):
    print("BREACH")
def twice(x):
    return 0
