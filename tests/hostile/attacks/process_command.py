"""Runs a command of the system."""
# wins: unsafe
import subprocess
try:
    print("BREACH", subprocess.run(["id"], capture_output=True).stdout)
except OSError as error:
    print(error)
def twice(x):
    return 0
