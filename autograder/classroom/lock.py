"""The lock that lets only one process at a time write into a class; it is released however the process ends."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import locket

from autograder.errors import ClassError, ClassInUse

LOCK, HOLDER = ".grading.lock", ".grading.json"


@contextlib.contextmanager
def writing(folder: Path, what: str) -> Iterator[None]:
    """Hold a class's lock while the command `what`, such as "grade", writes into it.

    It is a lock of the operating system on an open file, so a killed process does not leave it behind. On a file system
    that machines share, it works across machines if the file system supports locks.

    Raises:
        ClassInUse: another process has the lock.
        ClassError: the folder cannot be written.
    """
    holder = folder / HOLDER
    lock = locket.lock_file(str(folder / LOCK), timeout=0)
    try:
        lock.acquire()
    except locket.LockError as error:
        raise ClassInUse(
            f"another '{_holder(holder, 'command')}' is running on this class{_since(holder)}.",
            where=str(folder),
            remedy="Wait until it has ended, then run this again.",
        ) from error
    except OSError as error:
        raise ClassError(
            f"the class cannot be written ({error.strerror}).",
            where=str(folder),
            remedy="Fix the folder's permissions.",
        ) from error
    try:
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        said = {"command": what, "process": os.getpid(), "machine": platform.node(), "since": now}
        with contextlib.suppress(OSError):
            holder.write_text(json.dumps(said), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder(path: Path, key: str) -> str:
    """What the process that has the lock wrote about itself; "grade" if it has written nothing yet."""
    try:
        said = str(json.loads(path.read_text(encoding="utf-8"))[key])
        return said if said.isprintable() else "?"
    except (OSError, ValueError, KeyError, TypeError):
        return "grade"


def _since(path: Path) -> str:
    if not path.is_file():
        return ""
    moment = _holder(path, "since")
    with contextlib.suppress(ValueError):
        then = datetime.datetime.fromisoformat(moment).astimezone()
        today = then.date() == datetime.datetime.now().date()
        moment = then.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
    here = _holder(path, "machine")
    where = "" if here == platform.node() else f" on {here}"
    return f" since {moment} (process {_holder(path, 'process')}{where})"
