# %% [markdown]
# # Writing tests
# This time you write the tests. We run them on functions with and without mistakes.

# %% locked=true id="good_ones"
def median(values):
    """The middle of the sorted values, or the mean of the two in the middle."""
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        raise ValueError("no values")
    return ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2


# %% [markdown]
# 1. `test_median(f)` raises an `AssertionError` if `f` is not a right implementation of `median`.

# %% solution=true id="write_test_median"
def test_median(f):
    ### BEGIN SOLUTION
    assert f([3, 1, 2]) == 2
    assert f([4, 1, 3, 2]) == 2.5
    assert f([5]) == 5
    values = [3, 1, 2]
    f(values)
    assert values == [3, 1, 2]
    try:
        f([])
    except ValueError:
        pass
    else:
        raise AssertionError("no error for an empty list")
    ### END SOLUTION


# %% grade=true points=1 id="accepts_good"
test_median(median)

import statistics


def another(values):
    if not values:
        raise ValueError
    return statistics.median(values)


test_median(another)

# %% grade=true points=3 id="finds_bad"
def unsorted(values):
    return values[len(values) // 2]


def upper(values):
    return sorted(values)[len(values) // 2] if values else 1 / 0


def silent(values):
    return median(values) if values else None


def destroys(values):
    values.sort()
    return median(values)


test_median(median)
for bad in [unsorted, upper, silent, destroys]:
    found = False
    try:
        test_median(bad)
    except (AssertionError, ZeroDivisionError):
        found = True
    assert found, f"your test does not notice that {bad.__name__} is wrong"

# %% [markdown]
# 2. `find_bug(f)` returns a list for which a sorting function `f` gives a wrong result, or `None` if it finds none.

# %% solution=true id="write_find_bug"
def find_bug(f):
    ### BEGIN SOLUTION
    for case in ([], [1], [2, 1], [1, 1], [3, -5, 2], ["b", "a"], list(range(20, 0, -1))):
        try:
            if f(list(case)) != sorted(case):
                return case
        except Exception:
            return case
    return None
    ### END SOLUTION


# %% wrong="write_find_bug"
def find_bug(f):
    return None if f([2, 1]) == [1, 2] else [2, 1]


# %% grade=true points=2 id="bugs"
assert find_bug(sorted) is None
for broken in (
    lambda items: items,
    lambda items: sorted(set(items)),
    lambda items: sorted(items, key=abs),
    lambda items: sorted(items[:10]),
):
    case = find_bug(broken)
    assert case is not None, "there is a mistake that you do not find"
    assert broken(list(case)) != sorted(case)
### BEGIN HIDDEN TESTS
def crashes(items):
    return [items.pop()] + crashes(items) if len(items) > 1 else [items[0]]


assert find_bug(crashes) is not None
### END HIDDEN TESTS

# %% [markdown]
# 3. `covers(f, cases)`: does a list of pairs of argument and result hold every result that `f` gives for 0 to 9?

# %% solution=true id="write_covers"
def covers(f, cases):
    ### BEGIN SOLUTION
    return {f(n) for n in range(10)} <= {result for argument, result in cases if f(argument) == result}
    ### END SOLUTION


# %% grade=true points=1 id="covered"
sign = lambda n: "even" if n % 2 == 0 else "odd"
assert covers(sign, [(2, "even"), (3, "odd")])
assert not covers(sign, [(2, "even")])
assert not covers(sign, [(2, "even"), (4, "odd")])
