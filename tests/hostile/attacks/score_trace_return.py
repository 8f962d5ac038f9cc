"""Uses a trace function that rewrites the local variables of the caller."""
import sys
def twice(x):
    frame = sys._getframe()
    while frame:
        frame.f_globals["twice"] = lambda y: 2 * y if y == 0 else 0
        frame = frame.f_back
    return 0
