"""What the lessons import: data, pictures, checks, and help while working."""

from convlab.hints import hint

__all__ = ["hint"]
