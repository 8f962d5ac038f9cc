"""What the lessons' notebooks import: data, figures, checks, and help for students while they work."""

from convlab.hints import hint
from convlab.points import progress

__all__ = ["hint", "progress"]
