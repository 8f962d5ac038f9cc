"""Gives its function 100,000 parameters and a name made of control characters."""
# status: graded killed
import inspect
def twice(x):
    return 0
twice.__name__ = "\x1b[31m" * 10_000
twice.__signature__ = inspect.Signature([inspect.Parameter(f"p{n}", inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in range(100_000)])
