"""The files of a working directory, carried between a test and the student's process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from autograder.errors import MalformedFrame

MAX_FILES, MAX_BYTES, MAX_PARTS = 200, 32 * 2**20, 8


class Folder:
    """The files below a folder, and which of them are new since they were last told or taken over.

    Hidden files and folders are left out.

    Args:
        top: the folder.
        known: whether the files that are there now are no news.
    """

    def __init__(self, top: Path, *, known: bool = False) -> None:
        self._top = top
        self._known: dict[str, tuple[int, int]] = dict(self._look()) if known else {}

    def changes(self) -> dict[str, bytes | None]:
        """The contents of new and changed files by relative path; None for one that is gone. Links are left out."""
        there = dict(self._look())
        changed: dict[str, bytes | None] = {name: None for name in self._known if name not in there}
        room = MAX_BYTES
        for name, (state, size) in there.items():
            if self._known.get(name) != (state, size) and size <= room:
                with contextlib.suppress(OSError):
                    changed[name] = (self._top / name).read_bytes()
                    room -= size
        self._known = there
        return changed

    def take(self, changed: Any, protected: Collection[str] = ()) -> None:
        """Write and remove files as the other side did, except for protected ones.

        Raises:
            MalformedFrame: something is not a plain file below this folder.
        """
        if type(changed) is not dict or len(changed) > 2 * MAX_FILES:
            raise MalformedFrame("expected a limited number of files.")
        for name, content in changed.items():
            if type(name) is not str or type(content) not in (bytes, type(None)) or not _is_below(name):
                raise MalformedFrame("expected files below the working directory.")
            if name in protected:
                continue
            path = self._top / name
            with contextlib.suppress(OSError):
                if content is None:
                    path.unlink()
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
                with open(os.open(path, flags, 0o644), "wb") as file:
                    file.write(content)
        there = dict(self._look())
        for name in changed:
            self._known.pop(name, None)
            self._known.update({name: there[name]} if name in there else {})

    def _look(self) -> Iterator[tuple[str, tuple[int, int]]]:
        count = 0
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(self._top / folder) as entries:
                for entry in sorted(entries, key=lambda one: one.name):
                    if entry.name.startswith("."):
                        continue
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) and name.count("/") < MAX_PARTS:
                        waiting.append(name)
                    elif entry.is_file(follow_symlinks=False) and count < MAX_FILES:
                        count += 1
                        state = entry.stat(follow_symlinks=False)
                        yield name, (state.st_mtime_ns, state.st_size)


def _is_below(name: str) -> bool:
    parts = name.split("/")
    return len(parts) <= MAX_PARTS + 1 and all(
        part and not part.startswith(".") and len(part) < 256 and "\0" not in part and "\\" not in part
        for part in parts
    )
