"""Text that strangers wrote, made harmless for a terminal: nothing in it moves the cursor, hides, or turns writing around."""

from __future__ import annotations

import unicodedata

# Letters that Python calls printable and nobody sees.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def printable(text: str) -> str:
    """A text on one line: spaces of every kind are spaces, and what cannot be seen is '?'."""
    return "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """A text that may have several lines; those behind the first are indented, so that none passes for one of ours."""
    first, *more = text.replace("\r\n", "\n").split("\n")
    return "\n".join([printable(first), *(_indented(printable(line)) for line in more)])


def _indented(line: str) -> str:
    return line if not line or line.startswith("  ") else f"  {line}"


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter if letter not in UNSEEN else "?"
    return " " if letter == "\t" or unicodedata.category(letter) == "Zs" else "?"
