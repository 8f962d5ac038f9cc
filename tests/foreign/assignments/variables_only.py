# %% [markdown]
# # Quiz 1
# No functions today: give the variables the right values.

# %%
import numpy as np

data = np.array([[4, 7, 1], [9, 2, 6]])

# %% solution=true id="quiz_a"
# the answer to everything
answer = ...
### BEGIN SOLUTION
answer = 42
### END SOLUTION

# %% grade=true points=0.5 id="quiz_a_"
assert answer == 42

# %% solution=true id="quiz_b"
# row_sums: the sum of each row; largest: the largest number; where: its row and column as a tuple
### BEGIN SOLUTION
row_sums = data.sum(axis=1)
largest = data.max()
where = np.unravel_index(data.argmax(), data.shape)
where = tuple(int(n) for n in where)
### END SOLUTION

# %% wrong="quiz_b"
row_sums = data.sum(axis=0)
largest = data.max()
where = (0, 1)

# %% grade=true points=1 id="quiz_b_sums"
assert row_sums.shape == (2,)
assert list(row_sums) == [12, 17]

# %% grade=true points=0.5 id="quiz_b_largest"
assert largest == 9

# %% grade=true points=0.5 id="quiz_b_where"
assert "where" in globals(), "you have no variable `where`"
assert where == (1, 0)

# %% [markdown]
# Choose one: the dtype of `data / 2` is (a) int64 (b) float64 (c) object. Set `choice` to "a", "b" or "c".

# %% solution=true id="quiz_c"
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% grade=true points=0.5 id="quiz_c_"
import hashlib

try:
    choice
except NameError:
    raise AssertionError("set choice")
assert choice in ("a", "b", "c")
assert hashlib.md5(choice.encode()).hexdigest()[:8] == "92eb5ffe", "not that one"

# %% [markdown]
# The next question needs two cells: `mask` in the first, `small` in the second.

# %% solution=true id="quiz_d1"
### BEGIN SOLUTION
mask = data < 5
### END SOLUTION

# %% solution=true id="quiz_d2"
### BEGIN SOLUTION
small = np.sort(data[mask])
### END SOLUTION

# %% grade=true points=1 id="quiz_d"
assert mask.dtype == bool and mask.sum() == 3
np.testing.assert_array_equal(small, [1, 2, 4])

# %% [markdown] solution=true grade=true points=3 id="quiz_essay"
# Why does NumPy not copy when you take `data[0]`?
# ### BEGIN SOLUTION
# A slice is a view on the same memory, which is cheap; whoever needs a copy asks for one.
# ### END SOLUTION
