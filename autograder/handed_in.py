"""A folder that a stranger filled: what of it is read, copied and counted."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from nbgrader.utils import find_all_files

from autograder.errors import UnreadableSubmission
from autograder.submission import MAX_BYTES, read_submitted

MAX_FILES, MAX_FILES_BYTES = 200, 32 * 2**20


def read_submitted_or_error(path: Path) -> bytes | UnreadableSubmission:
    """A notebook's file, or why it cannot be read."""
    try:
        return read_submitted(path)
    except UnreadableSubmission as error:
        return error


def ordinary_files(path: str, exclude: list[str] | None = None) -> list[str]:
    """nbgrader's `find_all_files` for folders that strangers filled.

    nbgrader copies what it finds into `autograded/` and `feedback/`: following a link would hand the student any file
    that the instructor can read, and a named pipe would stop the copy for ever.
    """
    return [name for name in find_all_files(path, exclude) if is_ordinary(Path(name), Path(path))]


def is_ordinary(path: Path, top: Path) -> bool:
    """Whether it is a file, and one below `top`. Raises OSError if there is none."""
    return stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(top.resolve())


def handed_in_files(folder: Path) -> dict[str, bytes]:
    """The ordinary files beside the notebook, by relative path, until they are too many or too large."""
    files: dict[str, bytes] = {}
    room = MAX_FILES_BYTES
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".ipynb" or not is_ordinary(path, folder):
            continue
        room -= path.stat().st_size
        if len(files) >= MAX_FILES or room < 0:
            break
        files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def submission_key(submitted: Path, source: Path) -> str:
    """A digest of all that a record depends on: the same key gives the same score."""
    digest = hashlib.sha256()
    for path in (submitted, source):
        if not path.is_file() or path.is_symlink():
            digest.update(b"missing")
        elif (size := path.stat().st_size) > MAX_BYTES:
            digest.update(f"{size} bytes, which nobody reads".encode())
        else:
            digest.update(path.read_bytes())
    return digest.hexdigest()
