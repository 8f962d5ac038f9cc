# %% [markdown]
# # Dynamic programming

# %%
import time
from functools import lru_cache

# %% solution=true id="fib"
def fib(n, memo=None):
    ### BEGIN SOLUTION
    memo = {} if memo is None else memo
    if n < 2:
        return n
    if n not in memo:
        memo[n] = fib(n - 1, memo) + fib(n - 2, memo)
    return memo[n]
    ### END SOLUTION


# %% grade=true points=1 id="fib_t"
assert [fib(n) for n in range(10)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
start = time.time()
assert fib(90) == 2880067194370816120
assert time.time() - start < 5, "too slow: remember results"

# %% solution=true id="coins"
def coins(amount, values):
    """The smallest number of coins that add up to an amount; None if it is impossible."""
    ### BEGIN SOLUTION
    best = [0] + [None] * amount
    for n in range(1, amount + 1):
        ways = [best[n - v] for v in values if v <= n and best[n - v] is not None]
        best[n] = 1 + min(ways) if ways else None
    return best[amount]
    ### END SOLUTION


# %% wrong="coins"
def coins(amount, values):
    count = 0
    for value in sorted(values, reverse=True):
        count += amount // value
        amount %= value
    return count if amount == 0 else None


# %% grade=true points=1 id="coins_t_easy"
assert coins(11, [1, 2, 5]) == 3
assert coins(0, [3]) == 0

# %% grade=true points=2 id="coins_t_hard"
assert coins(6, [1, 3, 4]) == 2, "greedy is not always best"
assert coins(3, [2]) is None
### BEGIN HIDDEN TESTS
assert coins(63, [1, 5, 10, 21, 25]) == 3
assert coins(7, [5, 3]) is None
### END HIDDEN TESTS

# %% solution=true id="lcs"
@lru_cache(maxsize=None)
def lcs(a, b):
    """A longest text whose letters are in both texts in this order."""
    ### BEGIN SOLUTION
    if not a or not b:
        return ""
    if a[0] == b[0]:
        return a[0] + lcs(a[1:], b[1:])
    return max(lcs(a[1:], b), lcs(a, b[1:]), key=len)
    ### END SOLUTION


# %% grade=true points=2 id="lcs_t"
assert len(lcs("kitten", "sitting")) == 4
assert lcs("abc", "xyz") == ""
assert lcs("nematode", "empty") in ("emt",)
assert lcs.cache_info().hits > 0, "leave the decorator where it is"

# %% solution=true id="knapsack"
def knapsack(items, capacity):
    """items: pairs of weight and value. Returns the best value and the chosen indices as a set."""
    ### BEGIN SOLUTION
    best = {0: (0, frozenset())}
    for place, (weight, value) in enumerate(items):
        for used, (worth, chosen) in list(best.items()):
            if used + weight <= capacity and best.get(used + weight, (-1,))[0] < worth + value:
                best[used + weight] = (worth + value, chosen | {place})
    worth, chosen = max(best.values(), key=lambda pair: pair[0])
    return worth, set(chosen)
    ### END SOLUTION


# %% grade=true points=2 id="knapsack_t"
worth, chosen = knapsack([(5, 10), (4, 40), (6, 30), (3, 50)], 10)
assert worth == 90
assert chosen == {1, 3}, chosen
