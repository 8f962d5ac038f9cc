"""Write files atomically: after a crash there is either the old file or the new one."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode


def write_notebook(notebook: NotebookNode, path: Path) -> Path:
    """Write a notebook, with Unix line endings on every system; returns its path. Not atomic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        nbformat.write(notebook, file)
    return path


def name_beside(path: Path) -> str:
    """The temporary name, in the same folder, that a file has while it is being written."""
    return f".{path.name}.new"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: whatever happens, a full disk included, there is either the old file or the new one."""
    beside = path.with_name(name_beside(path))
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if sys.platform == "win32" and path.exists():
            path.chmod(stat.S_IWRITE)  # Windows refuses to replace a read-only file
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
