# %% [markdown]
# # Decorators and closures

# %%
import functools

# %% solution=true id="memoize"
def memoize(f):
    """Remembers results; has the attributes `hits` and `cache`."""
    ### BEGIN SOLUTION
    @functools.wraps(f)
    def wrapper(*args):
        if args in wrapper.cache:
            wrapper.hits += 1
        else:
            wrapper.cache[args] = f(*args)
        return wrapper.cache[args]

    wrapper.hits = 0
    wrapper.cache = {}
    return wrapper
    ### END SOLUTION


# %% grade=true points=2 id="memoize_calls"
calls = []


@memoize
def slow_square(x):
    """Squares."""
    calls.append(x)
    return x * x


assert [slow_square(n) for n in (3, 3, 4, 3)] == [9, 9, 16, 9]
assert calls == [3, 4], f"the function was called for {calls}"

# %% grade=true points=1 id="memoize_attributes"
assert slow_square.hits == 2
assert slow_square.cache == {(3,): 9, (4,): 16}
assert slow_square.__name__ == "slow_square" and slow_square.__doc__ == "Squares."

# %% solution=true id="clamp"
def clamp(low, high):
    """A decorator with arguments: results outside of low and high become low and high."""
    ### BEGIN SOLUTION
    def decorate(f):
        def wrapper(*args, **kwargs):
            return max(low, min(high, f(*args, **kwargs)))

        return wrapper

    return decorate
    ### END SOLUTION


# %% wrong="clamp"
def clamp(low, high):
    def decorate(f):
        def wrapper(x):
            return min(high, f(x))

        return wrapper

    return decorate


# %% grade=true points=2 id="clamp_calls"
@clamp(0, 10)
def difference(a, b=1):
    return a - b


assert difference(5) == 4
assert difference(50, b=2) == 10
assert difference(1, 7) == 0

# %% solution=true id="counter"
def make_account(start):
    """Three functions that share a balance: deposit(amount), withdraw(amount), balance()."""
    ### BEGIN SOLUTION
    total = start

    def deposit(amount):
        nonlocal total
        total += amount

    def withdraw(amount):
        nonlocal total
        if amount > total:
            raise ValueError("not enough")
        total -= amount

    def balance():
        return total

    return deposit, withdraw, balance
    ### END SOLUTION


# %% grade=true points=2 id="counter_state"
deposit, withdraw, balance = make_account(10)
deposit(5)
withdraw(12)
assert balance() == 3
_, _, other = make_account(1)
assert other() == 1

# %% grade=true points=1 id="counter_error"
try:
    withdraw(100)
except ValueError:
    assert balance() == 3
else:
    assert False, "there is not enough to withdraw"
assert all(callable(f) for f in make_account(0))
