"""Loops forever in the finalizer of an object."""
# status: graded timeout killed
class Late:
    def __del__(self):
        while True:
            pass
def twice(x):
    return [Late() and 0]
