# nbformat: 4.0

# %% [markdown]
# # Homework 1: first steps
#
# Fill in any place that says `YOUR CODE HERE`. Run the cells below each of your answers to check it.

# %%
NAME = ""
COLLABORATORS = ""

# %%
import math

# %% [markdown]
# **Q1.** A day has 24 hours. Store the number of seconds of a week in `week`, and its square root in `root`.

# %% solution=true id="q1"
### BEGIN SOLUTION
week = 7 * 24 * 60 * 60
root = math.sqrt(week)
### END SOLUTION

# %% grade=true points=1 id="q1_test"
assert week == 604800, "a week has 604800 seconds"
assert isinstance(week, int)
### BEGIN HIDDEN TESTS
assert abs(root - 777.6888838089432) < 1e-6
### END HIDDEN TESTS

# %% [markdown]
# **Q2.** Write `is_leap(year)`. A year is a leap year if 4 divides it, but not 100, unless 400 does as well.

# %% solution=true id="q2"
def is_leap(year):
    """Return whether a year of the Gregorian calendar is a leap year."""
    ### BEGIN SOLUTION
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    ### END SOLUTION


# %% wrong="q2"
def is_leap(year):
    return year % 4 == 0


# %% grade=true points=1 id="q2_test_a"
assert is_leap(2024)
assert not is_leap(2023)
print("Success!")

# %% grade=true points=2 id="q2_test_b"
### BEGIN HIDDEN TESTS
for year, expected in [(1900, False), (2000, True), (2100, False), (4, True)]:
    assert is_leap(year) == expected, f"{year} is wrong"
### END HIDDEN TESTS
assert is_leap(1600), "1600 is a leap year"

# %% [markdown]
# **Q3.** `letter_grade(score)` gives "A" from 90, "B" from 80, "C" from 70, else "F".

# %% solution=true id="q3"
def letter_grade(score):
    ### BEGIN SOLUTION
    for letter, least in (("A", 90), ("B", 80), ("C", 70)):
        if score >= least:
            return letter
    return "F"
    ### END SOLUTION


# %% grade=true points=2 id="q3_test"
assert letter_grade(95) == "A"
assert letter_grade(90) == "A"
assert letter_grade(89.99) == "B"
assert letter_grade(0) == "F"

# %% [markdown]
# **Q4.** In a sentence: why does `0.1 + 0.2 == 0.3` give `False`?

# %% [markdown] solution=true grade=true points=2 id="q4"
# ### BEGIN SOLUTION
# None of the three numbers has a finite binary fraction, so each is rounded.
# ### END SOLUTION
