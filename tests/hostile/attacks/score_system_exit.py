"""Raises SystemExit(0) from the function under test."""
def twice(x):
    raise SystemExit(0)
