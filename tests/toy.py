"""A lesson of two exercises, small enough to be graded in a second."""

TOY = '''\
# %% [markdown]
# # Toy

# %%
import numpy as np

# %% [markdown]
# Write `twice`.

# %% solution="twice"
def twice(x):
    """Twice the number x."""
    ### BEGIN SOLUTION
    return 2 * x  # the secret of twice
    ### END SOLUTION


# %% test="twice" points=2
assert twice(2) == 4, f"twice(2) should be 4, got {twice(2)}"
### BEGIN HIDDEN TESTS
assert twice(3) == 6, f"twice(3) should be 6, got {twice(3)}"  # hidden line of twice
### END HIDDEN TESTS

# %% solution="half"
def half(x):
    """Half of the number x."""
    ### BEGIN SOLUTION
    return x / 2  # the secret of half
    ### END SOLUTION


# %% test="half" points=1
assert half(2) == 1, "half(2) should be 1"
### BEGIN HIDDEN TESTS
assert half(3) == 1.5, "half(3) should be 1.5"  # hidden line of half
### END HIDDEN TESTS

# %% [markdown]
# Why?

# %% [markdown] written="explain_toy" points=2
# Because of the model answer.
'''

TOY_MISCONCEPTIONS = '''\
def twice__squares(x):
    """Two times x is not x times x."""
    return x * x


def half__floors(x):
    """Half of 3 is not a whole number."""
    return x // 2
'''
