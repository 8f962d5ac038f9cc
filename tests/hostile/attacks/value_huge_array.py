"""Returns a zero-stride view that claims to be an array of a hundred terabytes."""
import numpy as np
def twice(x):
    return np.broadcast_to(np.zeros(1), (10_000_000, 10_000_000))
