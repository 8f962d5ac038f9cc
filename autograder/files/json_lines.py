"""Files of one JSON object a line, to which lines are only added; a crash may cut the last one off in the middle."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> list[dict[str, Any]]:
    """All whole objects of a file, in its order; none if there is no such file. Raises OSError."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        # Not `splitlines`: a name of a stranger's may hold other line breaks, and what follows them would count.
        for line in path.read_bytes().decode("utf-8", "replace").split("\n"):
            with contextlib.suppress(ValueError, RecursionError):
                if isinstance(entry := json.loads(line), dict):
                    found.append(entry)
    return found


def append_lines(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Add objects, on lines of their own whatever the last one is like, and have them on the disk. Raises OSError."""
    text = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else f"\n{text}"
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
