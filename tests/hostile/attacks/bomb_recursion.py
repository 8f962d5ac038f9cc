"""Recurses in C until the stack overflows."""
# status: killed
import sys
sys.setrecursionlimit(2**30)
def deeper(_):
    return sorted([1], key=deeper)
deeper(0)
def twice(x):
    return 0
