"""What the lessons import: data, pictures, checks, and help while working."""

from convlab.hints import hint
from convlab.points import progress

__all__ = ["hint", "progress"]
