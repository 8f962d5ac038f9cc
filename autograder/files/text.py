"""Make strangers' text safe to print: no cursor movement, no invisible characters, no reversed writing direction."""

from __future__ import annotations

import unicodedata

# Characters that `str.isprintable` accepts although they are invisible.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def printable(text: str) -> str:
    """The text on one line: every kind of space becomes a plain space, and every invisible character becomes '?'."""
    return "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """Like `printable`, but keeps lines; all but the first are indented, so that none looks like a line of our own."""
    first, *more = text.replace("\r\n", "\n").split("\n")
    return "\n".join([printable(first), *(_indented(printable(line)) for line in more)])


def _indented(line: str) -> str:
    return line if not line or line.startswith("  ") else f"  {line}"


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter if letter not in UNSEEN else "?"
    return " " if letter == "\t" or unicodedata.category(letter) == "Zs" else "?"
