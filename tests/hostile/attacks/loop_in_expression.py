"""Matches a regular expression that takes years."""
# status: timeout
import re
re.match(r"(a|a)*b", "a" * 60)
def twice(x):
    return 0
