"""Starts a daemon that outlives the notebook."""
# wins: unsafe
import os
try:
    if os.fork() == 0:
        os._exit(0)
    print("BREACH")
except OSError as error:
    print(error)
def twice(x):
    return 0
