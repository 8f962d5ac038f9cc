# %% [markdown]
# # Nested data

# %%
import json

response = """
{"user": {"name": "ada", "tags": ["math", "code"], "address": {"city": "London", "zip": null}},
 "posts": [{"id": 1, "likes": 3, "draft": false}, {"id": 2, "likes": 10, "draft": true}, {"id": 3, "likes": 4}]}
"""

# %% solution=true id="load"
data = None
### BEGIN SOLUTION
data = json.loads(response)
city = data["user"]["address"]["city"]
likes = sum(post["likes"] for post in data["posts"])
### END SOLUTION

# %% grade=true points=1 id="test_load_1"
assert data is not None, "load the response"
assert isinstance(data, dict) and len(data["posts"]) == 3

# %% grade=true points=1 id="test_load_2"
assert city == "London"
assert likes == 17

# %% solution=true id="dig"
def dig(data, path, default=None):
    """dig(data, "user.address.city"); numbers are places in a list. `default` if something is missing or null."""
    ### BEGIN SOLUTION
    for step in path.split("."):
        try:
            data = data[int(step)] if isinstance(data, list) else data[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return default
    return default if data is None else data
    ### END SOLUTION


# %% wrong="dig"
def dig(data, path, default=None):
    for step in path.split("."):
        data = data.get(step, default)
    return data


# %% grade=true points=2 id="test_dig"
sample = json.loads('{"a": {"b": [10, {"c": "deep"}], "n": null}}')
assert dig(sample, "a.b.0") == 10
assert dig(sample, "a.b.1.c") == "deep"
assert dig(sample, "a.x", default="?") == "?"
assert dig(sample, "a.n", "none") == "none"
### BEGIN HIDDEN TESTS
assert dig(sample, "a.b.7") is None and dig(sample, "a.b.x", 0) == 0 and dig(5, "a") is None
### END HIDDEN TESTS

# %% solution=true id="flat"
def flatten(data, prefix=""):
    """A flat dictionary whose keys are paths."""
    ### BEGIN SOLUTION
    if not isinstance(data, (dict, list)):
        return {prefix: data}
    flat = {}
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        flat |= flatten(value, f"{prefix}.{key}" if prefix else str(key))
    return flat
    ### END SOLUTION


# %% grade=true points=2 id="test_flat"
assert flatten({"a": 1}) == {"a": 1}
assert flatten({"a": {"b": [True, None]}, "c": "x"}) == {"a.b.0": True, "a.b.1": None, "c": "x"}
assert flatten([]) == {}

# %% solution=true id="encode"
def encode(value):
    """JSON text; sets become sorted lists, complex numbers lists of two numbers."""
    ### BEGIN SOLUTION
    def default(item):
        if isinstance(item, (set, frozenset)):
            return sorted(item)
        if isinstance(item, complex):
            return [item.real, item.imag]
        raise TypeError(f"{type(item).__name__} cannot be written")

    return json.dumps(value, default=default)
    ### END SOLUTION


# %% grade=true points=2 id="test_encode"
assert json.loads(encode({"s": {3, 1}, "z": 1 + 2j})) == {"s": [1, 3], "z": [1.0, 2.0]}
try:
    encode(object())
    assert False, "an object cannot be written"
except TypeError as e:
    print("good:", e)
