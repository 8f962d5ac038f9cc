"""What the lessons' notebooks import: data, figures, checks, and help for students while they work."""

from convlab import absent
from convlab.hints import hint
from convlab.points import progress

__all__ = ["hint", "progress"]

# The one thing that importing convlab changes, and only in a Jupyter kernel: what it says of an exercise that is not there.
absent.install()
