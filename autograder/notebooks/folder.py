"""Reads and copies folders that strangers filled.

Links are never followed, only ordinary files are opened, and depth, number and bytes are limited. A problem with a file
is reported as a sentence about that file, never as an exception that ends a batch.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import UnreadableSubmission
from autograder.notebooks.read import BROKEN, MAX_BYTES, RESAVE, parse_notebook

MAX_FILES, MAX_FILES_BYTES = 200, 32 * 2**20  # files placed beside the notebook when it runs
MAX_COPIED, MAX_COPIED_BYTES = 2_000, 256 * 2**20  # files kept beside the graded notebook
MAX_DEPTH = 32
MAX_SEEN = 20_000  # entries looked at in a folder and everything below it
NOTES = 5  # files left out that are named one by one; the others are only counted

_PLAIN_WORDS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENAMETOOLONG: "its path is too long",
    errno.ENOENT: "it is gone",
    errno.ELOOP: "it is a link",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the disk reports an error",
}


@dataclass(frozen=True)
class FolderEntry:
    """A file somewhere below a folder.

    Args:
        path: where it is.
        relative: its path relative to the folder, with forward slashes.
        size: in bytes, according to the file system.
        modified: in seconds since 1970, according to the file system.
        fault: why it must not be read; empty if it may be.
    """

    path: Path
    relative: str
    size: int = 0
    modified: float = 0
    fault: str = ""


def walk(top: Path, *, max_depth: int = MAX_DEPTH, max_seen: int = MAX_SEEN) -> Iterator[FolderEntry]:
    """Yield the files below a folder, nearest first, each with a fault if it must not be read. Raises nothing.

    A subfolder that cannot be listed, or is too deep, is yielded as a file with a fault. If there are more than
    `max_seen` entries, the walk stops there and yields `top` with a fault.
    """
    room = max_seen
    waiting = deque([(top, "", 0)])
    while waiting:
        folder, relative, depth = waiting.popleft()
        if depth > max_depth:
            yield FolderEntry(folder, relative, fault=f"it lies more than {max_depth} folders deep")
            continue
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in islice(entries, room + 1)]
        except OSError as error:
            yield FolderEntry(folder, relative, fault=f"it cannot be read: {why(error)}")
            continue
        for name in sorted(names[:room]):
            path, below = folder / name, f"{relative}/{name}" if relative else name
            try:
                state = path.lstat()
            except OSError as error:
                yield FolderEntry(path, below, fault=f"it cannot be read: {why(error)}")
                continue
            if stat.S_ISDIR(state.st_mode):
                waiting.append((path, below, depth + 1))
            else:
                yield FolderEntry(path, below, state.st_size, state.st_mtime, _fault(below, state))
        room -= len(names)
        if room < 0:
            yield FolderEntry(top, "", fault=f"there are more than {max_seen:,} files and folders: some were left out")
            return


def _fault(relative: str, state: os.stat_result) -> str:
    if stat.S_ISLNK(state.st_mode):
        return "it is a link, and links are not followed"
    if not stat.S_ISREG(state.st_mode):
        return "it is not an ordinary file"
    try:
        relative.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return ""


def why(error: OSError) -> str:
    """What went wrong with a file, in plain words."""
    return _PLAIN_WORDS.get(error.errno or 0, (error.strerror or type(error).__name__).lower())


def read_ordinary(path: Path, most: int) -> bytes:
    """Read up to `most` bytes of an ordinary file, plus one if it has more. Raises OSError, also for other kinds."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not an ordinary file")
        return file.read(most + 1)


def link_in(folder: Path) -> Path | None:
    """The lesson's folder, or the student's folder that contains it, whichever is a link; None if neither is."""
    return next((path for path in (folder.parent, folder) if path.is_symlink()), None)


def read_submitted(path: Path) -> bytes:
    """Read a submission's file as bytes, however broken. Raises UnreadableSubmission if it is missing or too large."""
    if link := link_in(path.parent):
        raise UnreadableSubmission(
            f"the folder '{_shown(link.name)}' is a link, and links are not followed.",
            where=path.name,
            remedy="Hand in the notebook itself.",
        )
    return _read(path)


def read_notebook(path: Path) -> NotebookNode:
    """Read and parse a person's own notebook with `parse_notebook`, wherever it is. Raises UnreadableSubmission."""
    return parse_notebook(_read(path), path.name)


def _read(path: Path) -> bytes:
    try:
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode):
            what = "a link" if stat.S_ISLNK(state.st_mode) else "not an ordinary file"
            raise UnreadableSubmission(
                f"the notebook is missing: the file of that name is {what}.", where=path.name, remedy=HAND_IN
            )
        if state.st_size > MAX_BYTES:
            raise _too_large(path, state.st_size)
        content = read_ordinary(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise UnreadableSubmission("the notebook is missing.", where=path.name, remedy=HAND_IN) from error
    except OSError as error:
        remedy = PERMIT if error.errno in (errno.EACCES, errno.EPERM) else BROKEN
        raise UnreadableSubmission(f"the file cannot be read: {why(error)}.", where=path.name, remedy=remedy) from error
    if len(content) > MAX_BYTES:
        raise _too_large(path, len(content))
    return content


HAND_IN = "Hand in a file of this name."
PERMIT = "Give the user who runs the grading permission to read it."


def _too_large(path: Path, size: int) -> UnreadableSubmission:
    return UnreadableSubmission(
        f"the notebook has {size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20} MB.", where=path.name, remedy=RESAVE
    )


def read_submitted_or_error(path: Path) -> bytes | UnreadableSubmission:
    """A notebook's file as bytes, or the error that says why it cannot be read."""
    try:
        return read_submitted(path)
    except UnreadableSubmission as error:
        return error


@dataclass(frozen=True)
class FilesBeside:
    """Files handed in beside a notebook: contents by relative path, and notes on what was left out."""

    files: dict[str, bytes]
    notes: list[str]


def handed_in_beside(folder: Path, notebook: str = "") -> FilesBeside:
    """Read the ordinary files beside the notebook, by default the lesson's, up to the limits on number and bytes."""
    files: dict[str, bytes] = {}
    left: dict[str, str] = {}
    room = MAX_FILES_BYTES
    if link_in(folder):
        return FilesBeside({}, [])
    for found in walk(folder):
        if not found.fault and _is_lesson(found, notebook or folder.name):
            continue
        fault = found.fault
        if not fault and (len(files) >= MAX_FILES or found.size > room):
            fault = f"only {MAX_FILES} files with {MAX_FILES_BYTES // 2**20} MB in total are available to a notebook"
        if not fault:
            try:
                content = read_ordinary(found.path, room)
            except OSError as error:
                fault = f"it cannot be read: {why(error)}"
            else:
                room -= len(content)
                if room >= 0:
                    files[found.relative] = content
        if fault:
            left.setdefault(found.relative, fault)
    return FilesBeside(files, _notes(left))


def _is_lesson(found: FolderEntry, notebook: str) -> bool:
    """Whether a file is the notebook itself or a copy of it; other notebooks are kept, since it may run them."""
    copy = ".ipynb_checkpoints" in found.relative or found.path.stem.startswith(notebook)
    return found.path.suffix == ".ipynb" and copy


def _notes(left: dict[str, str]) -> list[str]:
    notes = [
        f"'{_shown(name)}' beside the notebook was left out: {fault}." if name else f"The notebook's folder: {fault}."
        for name, fault in left.items()
    ]
    more = len(notes) - NOTES
    if more > 0:
        files = "1 more file beside the notebook was" if more == 1 else f"{more:,} more files beside the notebook were"
        notes[NOTES:] = [f"{files} left out."]
    return notes


def _shown(name: str) -> str:
    """A stranger's file name made safe to print: short, on one line, without control characters."""
    text = "".join(letter if letter.isprintable() else "?" for letter in name)
    return text if len(text) <= 80 else f"{text[:60]}…{text[-15:]}"


def handed_in_files(folder: Path, notebook: str = "") -> dict[str, bytes]:
    """The contents of the files that `handed_in_beside` reads, by relative path."""
    return handed_in_beside(folder, notebook).files


def ordinary_files(path: str, exclude: list[str] | None = None, *, own: bool | None = None) -> list[str]:
    """A replacement for nbgrader's `find_all_files` that is safe for folders that strangers filled.

    nbgrader copies what it finds into `autograded/` and `feedback/`: following a link would give the student any file
    that the instructor can read, a named pipe would block the copy forever, and a sparse file may claim a terabyte.

    Args:
        exclude: patterns of names to leave out.
        own: whether the folder is the instructor's own, which has no limits; if None, it is where nbgrader's path has
            '.' in place of a student.
    """
    top = Path(path)
    own = f"{os.sep}.{os.sep}" in path if own is None else own
    files: list[str] = []
    room = MAX_COPIED_BYTES
    if not own and link_in(top):
        return []
    for found in walk(top, **({"max_depth": 10_000, "max_seen": 10**9} if own else {})):
        # Instructors link large data; their own links are followed to files, as nbgrader does.
        fault = found.fault and not (own and found.path.is_file())
        if fault or any(fnmatchcase(part, glob) for part in found.relative.split("/") for glob in exclude or []):
            continue
        if not own and (len(files) >= MAX_COPIED or found.size > room):
            continue
        room -= found.size
        files.append(str(found.path))
    return files


def copy_over(source: Path, top: Path, relative: Path, *, own: bool = False) -> None:
    """Copy a file to its place below `top`, replacing whatever is in the way there. Raises OSError.

    Args:
        own: whether the file is the instructor's own, which may be a link to the file that is meant.
    """
    target = top / relative
    for parent in [top / part for part in reversed(relative.parents)][1:]:
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            parent.unlink()
        parent.mkdir(exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    elif os.path.lexists(target):
        target.unlink()  # it may be read-only
    shutil.copy(source, target, follow_symlinks=own)


def submission_key(submitted: Path, source: Path) -> str:
    """A digest of the submission's notebook and the lesson's source: the same key means the same score.

    Raises:
        OSError: the source cannot be read.
    """
    digest = hashlib.sha256()
    content = read_submitted_or_error(submitted)
    digest.update(content if isinstance(content, bytes) else f"unreadable: {content}".encode())
    digest.update(source.read_bytes() if source.is_file() else b"missing")
    return digest.hexdigest()
