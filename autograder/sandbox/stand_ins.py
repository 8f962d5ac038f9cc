"""Replacements for starting other processes, which the walls forbid: honest cells get a message instead of an error.

A command counts as run, successful and without output, since most cells can go on with that. Python's own pools and
processes become threads, which compute the same values. None of this is a security measure: it only spares honest cells
an error.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import shlex
import subprocess
import sys
import threading
from concurrent import futures
from concurrent.futures import process
from multiprocessing import dummy, pool, queues, sharedctypes
from typing import Any

MAX_SHOWN = 500  # characters of a command
NO_PROCESS = 2**22  # above Linux's largest possible pid, so signals to it reach no process


def not_run(command: Any) -> str:
    """The message that a command is not run. The command is a string, a path, or a list of arguments."""
    given = [command] if isinstance(command, (str, bytes, os.PathLike)) else list(command)
    words = [os.fsdecode(word) if isinstance(word, (bytes, os.PathLike)) else str(word) for word in given]
    text = words[0] if len(words) == 1 else shlex.join(words)
    text = text.removeprefix(f"{shlex.quote(sys.executable)} -m ").strip()
    return f"This command is not run when grading: {text[:MAX_SHOWN]}{'…' if len(text) > MAX_SHOWN else ''}"


def replace_processes() -> None:
    """Replace Python's ways of starting a process, for good in this process and its forks, by ones that start none."""
    subprocess.Popen._execute_child = _execute_child  # type: ignore[attr-defined] # private, so not in its stub
    os.system = _system
    for name, stand_in in _STAND_INS.items():
        setattr(multiprocessing, name, stand_in)
    pool.get_context = _context  # type: ignore[attr-defined] # imported by the module, so not in its stub
    pool.Pool.__new__ = _new_pool  # type: ignore[method-assign,assignment] # `Pool` itself stays, and makes threads
    process.ProcessPoolExecutor = _ProcessPoolExecutor  # type: ignore[misc,assignment] # another class with the same methods
    futures.ProcessPoolExecutor = _ProcessPoolExecutor  # type: ignore[misc,assignment] # likewise, under its public name


def _execute_child(self: Any, args: Any, *others: Any) -> None:
    """Replace `Popen._execute_child`: the process has ended already. `others[9:15]` are the six pipe descriptors."""
    pipes = others[9:15]
    # Libraries that check whether a program exists send its stderr to /dev/null: no message for those.
    if pipes[-1] == -1 or pipes[-1] != getattr(self, "_devnull", None):
        print(not_run(args), file=sys.stderr)
    self.pid, self.returncode, self._child_created = NO_PROCESS, 0, True
    self._close_pipe_fds(*pipes)


def _system(command: Any) -> int:
    print(not_run(command), file=sys.stderr)
    return 0


class _Process(dummy.DummyProcess):
    """A thread with the methods of a process."""

    pid = ident = sentinel = NO_PROCESS
    authkey = b""

    def __init__(
        self,
        group: None = None,
        target: Any = None,
        name: str | None = None,
        args: tuple = (),
        kwargs: dict | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        self._left_alone, self._failed = False, False
        super().__init__(group, target, name, args, kwargs or {})
        self.daemon = True if daemon is None else daemon

    def start(self) -> None:
        run = self.run

        def watched() -> None:
            try:
                run()
            except BaseException:
                self._failed = True
                raise

        self.run = watched  # type: ignore[method-assign] # a subclass's own `run` is watched, too
        super().start()

    @property
    def exitcode(self) -> int | None:  # type: ignore[override] # a thread never fails, a process does
        ended = -15 if self._left_alone else super().exitcode
        return 1 if ended == 0 and self._failed else ended

    def is_alive(self) -> bool:
        return not self._left_alone and super().is_alive()

    def join(self, timeout: float | None = None) -> None:
        if not self._left_alone:
            super().join(timeout)

    def terminate(self) -> None:
        """Stop waiting for the thread: it cannot be ended from outside."""
        self._left_alone = True

    kill = terminate

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class _Queue(queue.Queue):
    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    cancel_join_thread = join_thread = close


class _Pool(pool.ThreadPool):
    def __init__(
        self,
        processes: int | None = None,
        initializer: Any = None,
        initargs: tuple = (),
        maxtasksperchild: int | None = None,
        context: Any = None,
    ) -> None:
        super().__init__(processes, initializer, initargs)


def _new_pool(kind: type, *_: Any, **__: Any) -> pool.Pool:
    # `pool.Pool` itself stays in place: `ThreadPool` is its subclass and uses its methods.
    return object.__new__(_Pool if kind is pool.Pool else kind)


class _ProcessPoolExecutor(futures.ThreadPoolExecutor):
    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Any = None,
        initargs: tuple = (),
        *,
        max_tasks_per_child: int | None = None,
    ) -> None:
        super().__init__(max_workers, initializer=initializer, initargs=initargs)


class _Manager:
    """A stand-in for `multiprocessing.Manager`: makes ordinary objects, which threads share anyway."""

    def start(self, *_: Any) -> None:
        """Do nothing: there is no server to start or stop."""

    shutdown = start

    def __enter__(self) -> _Manager:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: there is no server to stop."""


def _context(method: str | None = None) -> Any:
    return multiprocessing


def _locked(kind: Any) -> Any:
    """`multiprocessing.Value` or `Array` with a thread lock: a lock between processes is backed by a file."""
    return lambda *args, lock=True: kind(*args, lock=threading.RLock() if lock in (True, None) else lock)


_STAND_INS = {
    "Process": _Process,
    "Pool": _Pool,
    "Manager": _Manager,
    "Queue": _Queue,
    "JoinableQueue": _Queue,
    "SimpleQueue": lambda: queues.SimpleQueue(ctx=multiprocessing),
    "Value": _locked(sharedctypes.Value),
    "Array": _locked(sharedctypes.Array),
    **{name: getattr(threading, name) for name in ("Lock", "RLock", "Condition", "Event", "Barrier")},
    **{name: getattr(threading, name) for name in ("Semaphore", "BoundedSemaphore")},
    "Pipe": dummy.Pipe,
    "current_process": threading.current_thread,
    "active_children": dummy.active_children,
    "get_context": _context,
    "set_start_method": lambda method, force=False: None,
}
for _name in ("Queue", "JoinableQueue", "Value", "Array", "Lock", "RLock", "Condition", "Event", "Semaphore", "Pool"):
    setattr(_Manager, _name, staticmethod(_STAND_INS[_name]))
for _name in ("dict", "list", "Namespace"):
    setattr(_Manager, _name, staticmethod(getattr(dummy, _name)))
