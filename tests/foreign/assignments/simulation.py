# %% [markdown]
# # Simulation with NumPy

# %%
import numpy as np

# %% [markdown]
# ## 1. Rolling dice
# Use `np.random.randint` once. The tests set the seed.

# %% solution=true id="dice"
def roll_dice(n, sides=6):
    """n throws of a die."""
    ### BEGIN SOLUTION
    return np.random.randint(1, sides + 1, size=n)
    ### END SOLUTION


# %% grade=true points=1 id="dice_t"
np.random.seed(42)
rolls = roll_dice(10)
assert rolls.shape == (10,)
np.random.seed(42)
np.testing.assert_array_equal(rolls, np.random.randint(1, 7, size=10))

# %% grade=true points=1 id="dice_hidden"
### BEGIN HIDDEN TESTS
np.random.seed(0)
many = roll_dice(6000, sides=4)
assert set(many) == {1, 2, 3, 4}
assert abs(many.mean() - 2.5) < 0.1
### END HIDDEN TESTS
assert roll_dice(3, sides=1).tolist() == [1, 1, 1]

# %% [markdown]
# ## 2. A random walk
# `random_walk(steps, rng)` starts at 0 and moves by -1 or 1. It returns all `steps + 1` positions.

# %% solution=true id="walk"
def random_walk(steps, rng):
    ### BEGIN SOLUTION
    return np.concatenate([[0], np.cumsum(rng.choice([-1, 1], size=steps))])
    ### END SOLUTION


# %% wrong="walk"
def random_walk(steps, rng):
    return np.cumsum(rng.choice([-1, 1], size=steps))


# %% grade=true points=2 id="walk_t"
walk = random_walk(100, np.random.default_rng(7))
assert len(walk) == 101
assert walk[0] == 0
assert np.all(np.abs(np.diff(walk)) == 1)

# %% grade=true points=1 id="walk_seed"
first = random_walk(50, np.random.default_rng(1))
again = random_walk(50, np.random.default_rng(1))
other = random_walk(50, np.random.default_rng(2))
assert (first == again).all(), "the same seed gives the same walk"
assert not (first == other).all()
assert first[0] == 0

# %% [markdown]
# ## 3. The birthday problem

# %% solution=true id="birthday"
def shared_birthday(people, trials=2000, seed=None):
    """An estimate of the probability that two of so many people have the same birthday."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(365, size=(trials, people)), axis=1)
    return (np.diff(days, axis=1) == 0).any(axis=1).mean()
    ### END SOLUTION


# %% grade=true points=2 id="birthday_t"
p = shared_birthday(23, seed=5)
assert 0.45 < p < 0.57, f"expected about 0.507, got {p}"
assert shared_birthday(1) == 0
assert shared_birthday(366, trials=10) == 1
assert shared_birthday(23, seed=5) == p
