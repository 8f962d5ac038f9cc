"""Creates memory that counts against no limit."""
# wins: unsafe
import os
try:
    os.memfd_create("x")
    print("BREACH")
except OSError as error:
    print(error)
def twice(x):
    return 0
