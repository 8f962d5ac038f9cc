"""Returns a whole number of ten million bits."""
def twice(x):
    return 1 << 10_000_000
