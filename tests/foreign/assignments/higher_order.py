# nbformat: 4.0

# %% [markdown]
# # Functions that take and return functions

# %%
from functools import partial, reduce
import operator

# %% solution=true id="hof1"
def compose(*functions):
    """compose(f, g, h)(x) is f(g(h(x)))."""
    ### BEGIN SOLUTION
    return reduce(lambda f, g: lambda x: f(g(x)), functions, lambda x: x)
    ### END SOLUTION


# %% grade=true points=1 id="hof1_test"
assert compose(lambda x: x + 1, lambda x: x * 2)(5) == 11
assert compose(str, abs, int)("-3") == "3"
assert compose()("same") == "same"

# %% solution=true id="hof2"
def derivative(f, h=1e-6):
    ### BEGIN SOLUTION
    return lambda x: (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% wrong="hof2"
def derivative(f, h=1e-6):
    return lambda x: (f(x + h) - f(x)) / 2 * h


# %% grade=true points=1 id="hof2_test"
d = derivative(lambda x: x**2)
assert callable(d)
assert abs(d(3) - 6) < 1e-4
assert abs(derivative(d, h=1e-3)(1) - 2) < 1e-2

# %% solution=true id="hof3"
### BEGIN SOLUTION
double = partial(operator.mul, 2)
operations = {"+": operator.add, "-": operator.sub, "**": pow}
### END SOLUTION

# %% grade=true points=1 id="hof3_test"
assert double(21) == 42
assert isinstance(double, partial), "use functools.partial"
assert operations["+"](1, 2) == 3 and operations["-"](1, 2) == -1
assert operations["**"](2, 5) == 32

# %% solution=true id="hof4"
def group_by(items, key):
    """From each key to the items that have it, in their order."""
    ### BEGIN SOLUTION
    groups = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
    ### END SOLUTION


# %% grade=true points=1 id="hof4_test"
assert group_by([1, 2, 3, 4], lambda n: n % 2 == 0) == {False: [1, 3], True: [2, 4]}
assert group_by(["to", "a", "is"], len) == {2: ["to", "is"], 1: ["a"]}

# %% grade=true points=1 id="hof4_hidden"
### BEGIN HIDDEN TESTS
seen = []
group_by("abc", seen.append)
assert seen == list("abc"), "ask for each key once"
### END HIDDEN TESTS
assert group_by([], str) == {}

# %% solution=true id="hof5"
class EventBus:
    """subscribe(name, function) and publish(name, *args); publish returns how many functions were called."""

    ### BEGIN SOLUTION
    def __init__(self):
        self._functions = {}

    def subscribe(self, name, function):
        self._functions.setdefault(name, []).append(function)

    def publish(self, name, *args):
        functions = self._functions.get(name, [])
        for function in functions:
            function(*args)
        return len(functions)
    ### END SOLUTION


# %% grade=true points=2 id="hof5_test"
bus, received = EventBus(), []
bus.subscribe("greet", received.append)
bus.subscribe("greet", lambda name: received.append(name.upper()))
assert bus.publish("greet", "ada") == 2
assert received == ["ada", "ADA"]
assert bus.publish("nothing") == 0
