# %% [markdown]
# # Errors, warnings, logs

# %%
import logging
import warnings

logging.getLogger("retry").addHandler(logging.NullHandler())

# %% solution=true id="safe_div"
def safe_divide(a, b):
    """a / b; for a zero None and a UserWarning; a TypeError with a message for texts."""
    ### BEGIN SOLUTION
    if isinstance(a, str) or isinstance(b, str):
        raise TypeError("numbers are needed, not text")
    if b == 0:
        warnings.warn("division by zero", stacklevel=2)
        return None
    return a / b
    ### END SOLUTION


# %% grade=true points=1 id="t_div_values"
assert safe_divide(1, 4) == 0.25
try:
    safe_divide("1", 2)
except TypeError as e:
    assert "text" in str(e), "say what is wrong"
else:
    assert False, "no TypeError"

# %% grade=true points=1 id="t_div_warns"
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    assert safe_divide(1, 0) is None
assert len(w) == 1 and issubclass(w[-1].category, UserWarning)
assert "zero" in str(w[-1].message)

# %% solution=true id="validator"
class ValidationError(ValueError):
    """Has the name of the field and what is wrong with it."""

    ### BEGIN SOLUTION
    def __init__(self, field, problem):
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem
    ### END SOLUTION


def validate(record):
    """Raises a ValidationError for the field 'age' unless it is an int from 0 to 150, and for an empty 'name'."""
    ### BEGIN SOLUTION
    if not record.get("name"):
        raise ValidationError("name", "is empty")
    age = record.get("age")
    if type(age) is not int or not 0 <= age <= 150:
        raise ValidationError("age", f"cannot be {age!r}")
    return True
    ### END SOLUTION


# %% wrong="validator"
class ValidationError(ValueError):
    pass


def validate(record):
    if not record["name"]:
        raise ValidationError("name: is empty")
    if not 0 <= record["age"] <= 150:
        raise ValidationError("age")
    return True


# %% grade=true points=1 id="t_valid"
assert validate({"name": "Eve", "age": 30})

# %% grade=true points=2 id="t_invalid"
def problem_of(record):
    try:
        validate(record)
    except ValidationError as e:
        return e.field, str(e)
    return None


assert problem_of({"name": "", "age": 3}) == ("name", "name: is empty")
assert problem_of({"name": "X", "age": 200})[0] == "age"
assert problem_of({"name": "X"}) == ("age", "age: cannot be None")
assert issubclass(ValidationError, ValueError)
### BEGIN HIDDEN TESTS
assert problem_of({"name": "X", "age": "7"})[0] == "age" and problem_of({"name": "X", "age": 7}) is None
### END HIDDEN TESTS

# %% solution=true id="retry"
def retry(action, times):
    """Calls action() until it raises nothing, at most so many times; the last error is raised from a RuntimeError.

    Each failed attempt is logged as a warning to the logger "retry".
    """
    ### BEGIN SOLUTION
    for attempt in range(1, times + 1):
        try:
            return action()
        except Exception as error:
            logging.getLogger("retry").warning("attempt %d failed: %s", attempt, error)
            last = error
    raise RuntimeError(f"failed {times} times") from last
    ### END SOLUTION


# %% grade=true points=2 id="t_retry"
class Flaky:
    def __init__(self, fails):
        self.fails, self.calls = fails, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.fails:
            raise OSError(f"no {self.calls}")
        return "ok"


flaky = Flaky(2)
assert retry(flaky, 5) == "ok" and flaky.calls == 3
try:
    retry(Flaky(9), 2)
    assert False, "nothing was raised"
except RuntimeError as e:
    assert isinstance(e.__cause__, OSError) and "2" in str(e)

# %% grade=true points=1 id="t_retry_log"
import unittest

with unittest.TestCase().assertLogs("retry", "WARNING") as logs:
    retry(Flaky(1), 2)
assert len(logs.records) == 1 and "no 1" in logs.output[0]
