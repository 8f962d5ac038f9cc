# %% [markdown]
# # Iterators and generators

# %%
from itertools import islice
import types

# %% solution=true id="primes"
def primes():
    """All primes, one after the other, without an end."""
    ### BEGIN SOLUTION
    found, n = [], 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1
    ### END SOLUTION


# %% grade=true points=2 id="primes-1"
first = list(islice(primes(), 10))
assert first == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29], first
assert isinstance(primes(), types.GeneratorType)
a, b = primes(), primes()
next(a), next(a)
assert next(b) == 2, "each generator starts anew"
assert next(a) == 5

# %% solution=true id="chunks"
def chunks(items, size):
    """Yields lists of `size` items, the last one perhaps shorter; items may be any iterable."""
    ### BEGIN SOLUTION
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
    ### END SOLUTION


# %% wrong="chunks"
def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


# %% grade=true points=2 id="chunks-1"
assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
assert list(chunks([], 3)) == []
assert list(chunks(iter("abcd"), 2)) == [["a", "b"], ["c", "d"]]
### BEGIN HIDDEN TESTS
assert next(chunks(primes(), 4)) == [2, 3, 5, 7], "do not read more than needed"
### END HIDDEN TESTS

# %% solution=true id="countdown"
class Countdown:
    """`for n in Countdown(3)` gives 3, 2, 1, 0; can be used more than once."""

    def __init__(self, start):
        ### BEGIN SOLUTION
        self.start = start
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        return iter(range(self.start, -1, -1))
        ### END SOLUTION


# %% grade=true points=1 id="countdown-1"
c = Countdown(3)
assert [n for n in c] == [3, 2, 1, 0]
assert list(c) == [3, 2, 1, 0], "it should work a second time"
assert list(Countdown(0)) == [0]

# %% solution=true id="pipeline"
def numbers(lines):
    """The whole numbers in lines of text, skipping lines that hold none."""
    ### BEGIN SOLUTION
    for line in lines:
        try:
            yield int(line)
        except ValueError:
            continue
    ### END SOLUTION


# %% grade=true points=1 id="pipeline-1"
gen = numbers(["4", "x", " 5\n", "", "-6"])
assert next(gen) == 4
assert sum(gen) == -1
