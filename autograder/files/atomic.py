"""Write files so that there is the old or the new one, whatever happens."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode


def write_notebook(notebook: NotebookNode, path: Path) -> Path:
    """Write a notebook with Unix line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        nbformat.write(notebook, file)
    return path


def name_beside(path: Path) -> str:
    """What a file is called until it is written."""
    return f".{path.name}.new"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that there is the old or the new one, whatever happens; a full disk leaves the old one."""
    beside = path.with_name(name_beside(path))
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if sys.platform == "win32" and path.exists():
            path.chmod(stat.S_IWRITE)  # what is read-only is not replaced there
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
