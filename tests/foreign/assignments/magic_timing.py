# %% [markdown]
# # How long does it take?

# %%
import time
import numpy as np

# %% solution=true id="loop"
def mean_loop(values):
    ### BEGIN SOLUTION
    total = 0.0
    for value in values:
        total += value
    return total / len(values)
    ### END SOLUTION


# %% solution=true id="vector"
def mean_numpy(values):
    ### BEGIN SOLUTION
    return np.asarray(values).mean()
    ### END SOLUTION


# %% wrong="vector"
def mean_numpy(values):
    return np.asarray(values).sum()


# %% grade=true points=1 id="loop_values"
assert mean_loop([1, 2, 6]) == 3

# %% grade=true points=1 id="vector_values"
assert np.isclose(mean_numpy([1, 2, 6]), 3)
assert mean_numpy(np.arange(5)) == 2

# %% grade=true points=1 id="speed"
values = np.random.rand(50_000)
# slow = %timeit -o -q -n 1 -r 2 mean_loop(values)
# fast = %timeit -o -q -n 5 -r 2 mean_numpy(values)
assert abs(mean_loop(values) - mean_numpy(values)) < 1e-9
assert fast.best < slow.best, "NumPy should be faster"

# %% solution=true id="stopwatch"
class Stopwatch:
    """with Stopwatch() as watch: ...; then watch.seconds, by time.perf_counter."""

    ### BEGIN SOLUTION
    def __enter__(self):
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self._start
    ### END SOLUTION


# %% grade=true points=1 id="stopwatch_runs"
with Stopwatch() as watch:
    time.sleep(0.02)
assert 0.015 < watch.seconds < 5

# %% grade=true points=1 id="stopwatch_exact"
from unittest.mock import patch

with patch("time.perf_counter", side_effect=[10.0, 12.5]):
    with Stopwatch() as watch:
        pass
assert watch.seconds == 2.5
