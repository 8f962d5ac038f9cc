# %% [markdown]
# # Signatures, hints, docstrings

# %%
import inspect
from typing import Callable, Iterable, Optional, get_type_hints

# %% solution=true id="q_first"
### BEGIN SOLUTION
def first(items: Iterable[int], test: Callable[[int], bool], default: Optional[int] = None) -> Optional[int]:
    """The first item that passes a test, or a default."""
    return next((item for item in items if test(item)), default)
### END SOLUTION

# %% grade=true points=1 id="q_first_values"
assert first([1, 4, 6], lambda n: n % 2 == 0) == 4
assert first([], bool) is None
assert first((n for n in range(3)), lambda n: n > 5, default=-1) == -1

# %% grade=true points=1 id="q_first_signature"
signature = inspect.signature(first)
assert list(signature.parameters) == ["items", "test", "default"]
assert signature.parameters["default"].default is None
assert signature.return_annotation == Optional[int], "what does it return?"
assert get_type_hints(first)["items"] == Iterable[int]

# %% grade=true points=0.5 id="q_first_doc"
assert first.__doc__ is not None and len(first.__doc__.split()) >= 5, "write a docstring"

# %% solution=true id="q_area"
### BEGIN SOLUTION
def area(width, height=None, *, unit="cm"):
    """The area of a rectangle, or of a square."""
    return f"{width * (width if height is None else height)} {unit}²"
### END SOLUTION

# %% wrong="q_area"
def area(width, height, unit="cm"):
    """Area."""
    return f"{width * height} {unit}²"


# %% grade=true points=1 id="q_area_values"
assert area(3, 4) == "12 cm²"
assert area(3) == "9 cm²"
assert area(height=2, width=5, unit="m") == "10 m²"

# %% grade=true points=1 id="q_area_keyword"
try:
    area(1, 2, "m")
    assert False, "unit should be given by name only"
except TypeError:
    pass
parameter = inspect.signature(area).parameters["unit"]
assert parameter.kind == inspect.Parameter.KEYWORD_ONLY and parameter.default == "cm"

# %% solution=true id="q_call"
def describe(function):
    """The name of a function, its number of parameters, and the first line of its docstring or ''."""
    ### BEGIN SOLUTION
    doc = inspect.getdoc(function) or ""
    return function.__name__, len(inspect.signature(function).parameters), doc.split("\n")[0]
    ### END SOLUTION


# %% grade=true points=2 id="q_call_values"
def example(a, b, *rest):
    """Does nothing.

    At all.
    """


assert describe(example) == ("example", 3, "Does nothing.")
assert describe(lambda: 0) == ("<lambda>", 0, "")
assert describe(first)[1] == 3
