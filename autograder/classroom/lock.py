"""One process at a time writes into a class: the lock goes with the process, however that ends."""

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
    """Hold a class's lock while `what`, such as "grade", writes into it.

    The lock is the operating system's, on an open file: a process that is killed leaves none behind. On a file system that two
    machines share it holds for both, if that file system has locks.

    Raises:
        ClassInUse: another process has it. ClassError: the folder cannot be written.
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
            f"the class cannot be written ({error.strerror}).", where=str(folder), remedy="Mend the folder's rights."
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
    """What the process that has the lock said of itself; "command" has a word for when it has not yet."""
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
