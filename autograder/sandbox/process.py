"""A process inside the walls, as the grader sees it: what it runs, what it may use, and how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
from dataclasses import dataclass

# The request that passes data to a fork server's program, which all its future children will have; and the answer.
LEARN, LEARNED = b"learn", b"learned"


@dataclass(frozen=True)
class Program:
    """What the children of a fork server run.

    Args:
        name: what messages call it.
        entry: "package.module:function"; the function is called with the process's data socket.
        shown: the files of this package that it needs inside the walls, relative to the package, in addition to those
            that every sandboxed process needs.
    """

    name: str
    entry: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """The resources that one child may use."""

    wall_s: float = 300.0  # from fork to end
    cpu_s: int = 600  # of all its threads together
    memory_bytes: int = 2 * 2**30  # resident memory, beyond what it had right after the fork
    disk_bytes: int = 64 * 2**20  # its scratch disk, which is in memory, too
    open_files: int = 128
    # TensorFlow starts several threads per processor.
    threads: int = 128 + 8 * (os.cpu_count() or 1)


@dataclass(frozen=True)
class ProcessReport:
    """How a child ended.

    Args:
        reason: "exited", "signal", "wall_time", "cpu_time", "memory", "threads", "killed" (the grader asked for it or
            hung up) or "lost" (the fork server ended without a report).
        signal: the number of the signal that ended it; 0 if none did.
    """

    reason: str
    exit_code: int = 0
    signal: int = 0
    max_rss_bytes: int = 0
    cpu_seconds: float = 0.0

    def __str__(self) -> str:
        how = {
            "exited": f"exited with {self.exit_code}",
            "signal": f"ended by signal {self.signal}",
            "wall_time": "ended at its wall time limit",
            "cpu_time": "ended at its CPU time limit",
            "memory": "ended at its memory limit",
            "threads": "ended at its thread limit",
            "killed": "ended by the grader",
            "lost": "lost with its fork server",
        }
        size, seconds = self.max_rss_bytes / 2**20, self.cpu_seconds
        return f"{how.get(self.reason, self.reason)} ({size:.0f} MB, {seconds:.2f} s CPU)"


class Process:
    """The grader's handle on one child of a fork server."""

    def __init__(self, data: socket.socket, life: socket.socket) -> None:
        self.data, self.life = data, life

    def interrupt(self) -> None:
        """Interrupt the child, as Jupyter's stop button does: Python code in it gets a KeyboardInterrupt."""
        self._tell(b"i")

    def kill(self) -> None:
        self._tell(b"k")

    def _tell(self, letter: bytes) -> None:
        with contextlib.suppress(OSError):
            self.life.send(letter)

    def ended(self, timeout: float) -> ProcessReport | None:
        """Wait at most `timeout` seconds for the child's end; returns how it ended, or None if it is still running."""
        readable, _, _ = select.select([self.life], [], [], timeout)
        if not readable:
            return None
        try:
            report = self.life.recv(4096)
        except OSError:
            report = b""
        return ProcessReport(**json.loads(report)) if report else ProcessReport("lost")

    def close(self) -> None:
        """Close both sockets, which ends the child."""
        self.data.close()
        self.life.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
