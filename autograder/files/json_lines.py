"""Append-only files with one JSON object per line; a crash may leave the last line incomplete."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read all complete objects of a file, in order; an empty list if there is no such file. Raises OSError."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        # Not `splitlines`: it also splits at other line breaks, which a stranger's name may contain to forge a line.
        for line in path.read_bytes().decode("utf-8", "replace").split("\n"):
            with contextlib.suppress(ValueError, RecursionError):
                if isinstance(entry := json.loads(line), dict):
                    found.append(entry)
    return found


def append_lines(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Append objects and sync them to disk; starts a new line if the last one is incomplete. Raises OSError."""
    text = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else f"\n{text}"
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
