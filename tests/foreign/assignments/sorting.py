# %% [markdown]
# # Sorting
# Write the algorithms yourself: `sorted` and `list.sort` do not count.

# %%
import random
import inspect

# %% solution=true id="selection"
def selection_sort(items):
    """Sorts a list in place; returns None."""
    ### BEGIN SOLUTION
    for start in range(len(items)):
        least = start
        for place in range(start + 1, len(items)):
            if items[place] < items[least]:
                least = place
        items[start], items[least] = items[least], items[start]
    ### END SOLUTION


# %% grade=true points=1 id="selection_in_place"
numbers = [5, 2, 9, 1]
assert selection_sort(numbers) is None
assert numbers == [1, 2, 5, 9], numbers

# %% grade=true points=1 id="selection_random"
random.seed(11)
for size in (0, 1, 2, 20):
    data = [random.randrange(100) for _ in range(size)]
    expected = sorted(data)
    selection_sort(data)
    assert data == expected

# %% solution=true id="merge"
def merge_sort(items):
    """Returns a new sorted list."""
    ### BEGIN SOLUTION
    if len(items) < 2:
        return list(items)
    left, right = merge_sort(items[: len(items) // 2]), merge_sort(items[len(items) // 2 :])
    result = []
    while left and right:
        result.append(left.pop(0) if left[0] <= right[0] else right.pop(0))
    return result + left + right
    ### END SOLUTION


# %% wrong="merge"
def merge_sort(items):
    return sorted(items)


# %% grade=true points=1 id="merge_values"
original = [3, 1, 2]
assert merge_sort(original) == [1, 2, 3] and original == [3, 1, 2]
assert merge_sort("hello") == list("ehllo")

# %% grade=true points=2 id="merge_honest"
def sorted(*args, **kwargs):
    raise AssertionError("You used sorted().")


try:
    assert merge_sort([2, 3, 1]) == [1, 2, 3]
    assert merge_sort([]) == []
finally:
    del sorted

# %% solution=true id="key"
def sort_by(items, key):
    """Returns a new list, sorted by key(item), by insertion; items with the same key stay in their order."""
    ### BEGIN SOLUTION
    result = []
    for item in items:
        place = len(result)
        while place > 0 and key(result[place - 1]) > key(item):
            place -= 1
        result.insert(place, item)
    return result
    ### END SOLUTION


# %% grade=true points=2 id="key_test"
assert sort_by(["ccc", "a", "bb", "z"], len) == ["a", "z", "bb", "ccc"]
assert sort_by([3, -1, 2], abs) == [-1, 2, 3]
people = [("Al", 30), ("Bo", 20), ("Cy", 30)]
assert sort_by(people, key=lambda p: -p[1]) == [("Al", 30), ("Cy", 30), ("Bo", 20)]
assert "sort(" not in inspect.getsource(sort_by)
