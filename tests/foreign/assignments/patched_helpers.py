# %% [markdown]
# # Helpers that call helpers
# Each function has to use the one before it; the tests find out by putting another one in its place.

# %%
rate = 0.25

# %% solution=true id="net"
def discount(price):
    """The price less the global `rate`."""
    ### BEGIN SOLUTION
    return price * (1 - rate)
    ### END SOLUTION


# %% grade=true points=1 id="net_ok"
assert discount(100) == 75

# %% grade=true points=1 id="net_global"
rate = 0.5
assert discount(100) == 50, "use the variable rate"
rate = 0.25

# %% solution=true id="total"
def total(prices):
    """The sum of all prices, each with discount."""
    ### BEGIN SOLUTION
    return sum(discount(price) for price in prices)
    ### END SOLUTION


# %% wrong="total"
def total(prices):
    return sum(prices) * 0.75


# %% grade=true points=1 id="total_ok"
assert total([]) == 0
assert total([10, 30]) == 30

# %% grade=true points=2 id="total_uses_discount"
old_discount = discount
try:
    def discount(price):
        return 1

    assert total([5, 6, 7]) == 3, "total has to call discount"
finally:
    discount = old_discount
assert total([100]) == 75

# %% solution=true id="report"
def report(carts):
    """A dictionary from name to total, for a dictionary from name to prices, without those that are 0."""
    ### BEGIN SOLUTION
    totals = {name: total(prices) for name, prices in carts.items()}
    return {name: amount for name, amount in totals.items() if amount}
    ### END SOLUTION


# %% grade=true points=1 id="report_ok"
assert report({"ann": [4, 4], "ben": []}) == {"ann": 6}

# %% grade=true points=1 id="report_mock"
from unittest.mock import Mock, patch

with patch(f"{__name__}.total", Mock(side_effect=[1, 0, 2])) as fake:
    assert report({"a": [1], "b": [2], "c": [3]}) == {"a": 1, "c": 2}
assert fake.call_count == 3
