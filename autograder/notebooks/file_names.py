"""Which lesson a file is named after, and which of the files in a student's folder is the notebook."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)
MAX_NAME = 255
# What browsers, Jupyter and file managers put behind a name that is there already; Canvas puts -1, -2, ...
COPY = re.compile(r"(?:[ +_]?\((\d+)\)|-(\d+)|[ _-]+(?:copy|copie|kopie)[ _]?\d*)$", re.IGNORECASE)


def lesson_of(file: str, lessons: Iterable[str]) -> str:
    """The lesson that a file is named after, whatever was put behind its name; empty if there is none."""
    known = {plain(lesson): lesson for lesson in lessons}
    stem = NOTEBOOK.sub("", unicodedata.normalize("NFC", file)).strip()
    # Longer names are on no disk, and taking them apart piece by piece takes minutes.
    while stem and len(stem) <= MAX_NAME:
        if plain(stem) in known:
            return known[plain(stem)]
        shorter = COPY.sub("", stem).strip()
        if shorter == stem:
            break
        stem = shorter
    return ""


def plain(text: str) -> str:
    """The letters and digits of a lesson's name, whatever their case and however their accents are stored."""
    for _ in range(2):  # Folding case may give what folds once more, or composes.
        kept = (letter for letter in text if unicodedata.category(letter)[0] in "LM" or letter.isdecimal())
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", "".join(kept)).casefold())
    return text


def notebook_among(files: Iterable[str], lesson: str, lessons: Iterable[str]) -> str:
    """The name of a lesson's notebook among a folder's files; empty if none can be told for certain.

    It is the one of the lesson's name; else the only one that is named after the lesson; else the only one of the folder, unless
    it is named after another lesson.
    """
    notebooks = sorted(file for file in files if NOTEBOOK.search(file))
    if f"{lesson}.ipynb" in notebooks:
        return f"{lesson}.ipynb"
    named = [file for file in notebooks if lesson_of(file, [lesson])]
    if not named and len(notebooks) == 1 and not lesson_of(notebooks[0], lessons):
        named = notebooks
    return named[0] if len(named) == 1 else ""
