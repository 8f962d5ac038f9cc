"""Loops when it is thrown away."""
# status: graded timeout killed
class Late:
    def __del__(self):
        while True:
            pass
def twice(x):
    return [Late() and 0]
