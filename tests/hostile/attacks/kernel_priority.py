"""Raises its own scheduling priority above everybody else's."""
# wins: unsafe
import os
for better in (lambda: os.nice(-5), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)), lambda: os.setpriority(os.PRIO_PROCESS, 0, -5)):
    try:
        better()
        print("BREACH")
    except OSError:
        pass
def twice(x):
    return 0
