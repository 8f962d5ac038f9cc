"""The construct matrix: what tests of real courses do, one construct a row, and how each has to be judged."""

from rows.functions import FUNCTIONS
from rows.objects import OBJECTS
from rows.surroundings import SURROUNDINGS
from rows.values import VALUES

CONSTRUCTS = [*VALUES, *OBJECTS, *FUNCTIONS, *SURROUNDINGS]
