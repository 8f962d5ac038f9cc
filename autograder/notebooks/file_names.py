"""File names: which lesson a file is named after, and which file in a student's folder is the notebook."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)
MAX_NAME = 255
# Suffixes that browsers, Jupyter and file managers append when a name is already taken; Canvas appends -1, -2, ...
COPY = re.compile(r"(?:[ +_]?\((\d+)\)|-(\d+)|[ _-]+(?:copy|copie|kopie)[ _]?\d*)$", re.IGNORECASE)


def lesson_of(file: str, lessons: Iterable[str]) -> str:
    """The lesson that a file is named after, ignoring suffixes of copies; empty if there is none."""
    known = {plain(lesson): lesson for lesson in lessons}
    stem = NOTEBOOK.sub("", unicodedata.normalize("NFC", file)).strip()
    # No file system allows longer names, and stripping their suffixes one by one would take minutes.
    while stem and len(stem) <= MAX_NAME:
        if plain(stem) in known:
            return known[plain(stem)]
        shorter = COPY.sub("", stem).strip()
        if shorter == stem:
            break
        stem = shorter
    return ""


def title_of(lesson: str, notebook: str = "") -> str:
    """What messages call a notebook: its lesson, followed by its name if that is another one."""
    return lesson if notebook in ("", lesson) else f"{lesson}/{notebook}"


def plain(text: str) -> str:
    """A name reduced to letters and digits, so that case and the way accents are encoded make no difference."""
    for _ in range(2):  # Case folding may produce characters that fold again or that compose.
        kept = (letter for letter in text if unicodedata.category(letter)[0] in "LM" or letter.isdecimal())
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", "".join(kept)).casefold())
    return text


def notebook_among(files: Iterable[str], lesson: str, lessons: Iterable[str]) -> str:
    """The name of a lesson's notebook among a folder's files; empty if it cannot be determined for certain.

    It is the file with exactly the lesson's name; otherwise the only one named after the lesson; otherwise the only
    notebook in the folder, unless it is named after another lesson.
    """
    notebooks = sorted(file for file in files if NOTEBOOK.search(file))
    if f"{lesson}.ipynb" in notebooks:
        return f"{lesson}.ipynb"
    named = [file for file in notebooks if lesson_of(file, [lesson])]
    if not named and len(notebooks) == 1 and not lesson_of(notebooks[0], lessons):
        named = notebooks
    return named[0] if len(named) == 1 else ""


def notebooks_among(files: Iterable[str], names: Sequence[str]) -> dict[str, str]:
    """The file of each of a lesson's several notebooks among a folder's files; empty if it is not there for certain.

    It is the file with exactly the notebook's name; otherwise the only one named after it.
    """
    files = sorted(file for file in files if NOTEBOOK.search(file))
    found = {name: [file for file in files if file == f"{name}.ipynb"] for name in names}
    exact = {file for one in found.values() for file in one}
    for name in [name for name in names if not found[name]]:
        found[name] = [file for file in files if file not in exact and lesson_of(file, names) == name]
    return {name: one[0] if len(one) == 1 else "" for name, one in found.items()}
