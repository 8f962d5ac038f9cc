# %% [markdown]
# # Printing

# %%
import io
from contextlib import redirect_stdout

# %% locked=true id="printed_by"
def printed_by(function, *args):
    """What a function prints."""
    with redirect_stdout(io.StringIO()) as out:
        function(*args)
    return out.getvalue()


# %% solution=true id="tree"
def christmas_tree(height):
    """Prints a tree of stars."""
    ### BEGIN SOLUTION
    for row in range(height):
        print(" " * (height - row - 1) + "*" * (2 * row + 1))
    ### END SOLUTION


# %% grade=true points=2 id="tree_t"
assert printed_by(christmas_tree, 3) == "  *\n ***\n*****\n"
lines = printed_by(christmas_tree, 5).splitlines()
assert len(lines) == 5 and lines[-1] == "*" * 9

# %% solution=true id="table"
def multiplication_table(n):
    ### BEGIN SOLUTION
    for a in range(1, n + 1):
        print(*(f"{a * b:4}" for b in range(1, n + 1)), sep="")
    ### END SOLUTION


# %% wrong="table"
def multiplication_table(n):
    for a in range(1, n + 1):
        for b in range(1, n + 1):
            print(a * b)


# %% grade=true points=2 id="table_t"
f = io.StringIO()
with redirect_stdout(f):
    result = multiplication_table(3)
assert result is None, "print, do not return"
rows = [[int(x) for x in line.split()] for line in f.getvalue().strip("\n").split("\n")]
assert rows == [[1, 2, 3], [2, 4, 6], [3, 6, 9]]

# %% solution=true id="receipt"
def receipt(items):
    """Prints name and price of each item, then the total, with two decimals; returns the total."""
    ### BEGIN SOLUTION
    for name, price in items:
        print(f"{name:<10}{price:>8.2f}")
    total = sum(price for _, price in items)
    print(f"{'TOTAL':<10}{total:>8.2f}")
    return total
    ### END SOLUTION


# %% grade=true points=1 id="receipt_captured"
# %%capture shown
assert receipt([("tea", 2.5), ("cake", 4)]) == 6.5

# %% grade=true points=1 id="receipt_t"
lines = shown.stdout.splitlines()
assert lines[0] == "tea           2.50"
assert lines[-1].split() == ["TOTAL", "6.50"] and len(lines) == 3

# %% solution=true id="shout"
import sys


def report_error(message):
    """Prints to the standard error stream."""
    ### BEGIN SOLUTION
    print(f"error: {message}", file=sys.stderr)
    ### END SOLUTION


# %% grade=true points=1 id="shout_t"
before, sys.stderr = sys.stderr, io.StringIO()
try:
    report_error("disk full")
    said = sys.stderr.getvalue()
finally:
    sys.stderr = before
assert said == "error: disk full\n"
