"""The grader's side of a fork server: a process that imports everything once and then forks on request.

    grader ── starts ──> fork server (inside the walls; imports, then forks, watches, limits, reports)
                             └── forks ──> child (first process of its own pid namespace)

The grader sends requests over a control socket, each with two sockets for the new child: *data*, for the child's own
conversation, and *life*, which the fork server keeps. When the grader closes its end of *life*, the fork server ends
the child; when the child ends, the fork server reports over *life* how it ended. A child never sees the fork server, a
sibling, or their sockets.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import threading
import time
from dataclasses import asdict
from typing import IO, NamedTuple

from autograder.errors import ForkServerDied
from autograder.sandbox import walls
from autograder.sandbox.process import LEARN, Limits, Process, Program
from autograder.sandbox.visible import PACKAGE

LOG = logging.getLogger(__name__)
ATTEMPTS = 3
START_SECONDS = 120.0
FORK_SECONDS = 30.0  # a fork takes milliseconds: a fork server that is not done by then is stuck
EXIT_SECONDS = 0.1  # how long to wait for the exit status of a process that closed its socket
END_SECONDS = 2.0  # between closing the control socket and killing
SAID_BYTES = 20_000


class _Said:
    """The end of what a process wrote to stderr, read continuously by a thread: a full pipe would block the process."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._tail = stream, b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stream, contextlib.suppress(OSError):
            while part := os.read(self._stream.fileno(), 2**16):
                self._tail = (self._tail + part)[-SAID_BYTES:]

    def last_lines(self) -> str:
        """The last two lines, once the process has ended.

        Waits up to a second for output still in the pipe, but not for other processes that hold the stream open.
        """
        self._reader.join(1.0)
        return " ".join(self._tail.decode(errors="replace").strip().splitlines()[-2:])


class ServerProcess(NamedTuple):
    """A running fork server process, its control socket, what it wrote to stderr, and when it was started."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    said: _Said
    started: float

    def ask(self, request: bytes, files: list[int], seconds: float) -> bytes | None:
        """Send a request with open file descriptors; returns what `answer` returns."""
        try:
            self.control.settimeout(seconds)
            socket.send_fds(self.control, [request], files)
        except OSError:
            return b""
        return self.answer(seconds)

    def answer(self, seconds: float) -> bytes | None:
        """The next message from the process; empty if the process is gone, None if nothing came in time."""
        try:
            self.control.settimeout(seconds)
            return self.control.recv(100)
        except TimeoutError:
            return None
        except OSError:
            return b""


class ForkServer:
    """Starts a fork server process and requests children from it; every wait has a time limit.

    Args:
        program: what its children run.
        keras: whether to import Keras and TensorFlow, too: three times as much to import, and to copy for each child.
        unsafe: run without any walls; only for `--unsafe-no-sandbox`.
    """

    def __init__(self, program: Program, *, keras: bool = True, unsafe: bool = False) -> None:
        self.program, self.keras, self.unsafe = program, keras, unsafe
        self._running: ServerProcess | None = None
        self._ready = False
        self._failures = 0  # failed starts in a row
        self._lock = threading.RLock()

    def __str__(self) -> str:
        options = [name for name, wanted in (("Keras", self.keras), ("no sandbox", self.unsafe)) if wanted]
        return f"{self.program.name} ({', '.join(options)})" if options else self.program.name

    def launch(self) -> ForkServer:
        """Start the process, if it is not running, without waiting for its imports.

        The process ends when the thread that calls this ends: Linux ties it to the thread, not to the grader's process.

        Raises:
            SandboxUnavailable: the walls cannot be built.
        """
        self._launched()
        return self

    def _launched(self) -> ServerProcess:
        with self._lock:
            if self._running is None:
                self._running = self._launch()
            return self._running

    def _launch(self) -> ServerProcess:
        self._ready = False
        prefix = [] if self.unsafe else walls.walls(self.program)
        environment = walls.environment() if self.unsafe else {"PATH": os.environ.get("PATH", os.defpath)}
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [*prefix, *self._program(theirs.fileno())],
                cwd=PACKAGE.parent,
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        assert process.stderr is not None  # it is a pipe, as asked for
        LOG.debug("fork server for %s: started as process %d", self, process.pid)
        return ServerProcess(process, control, _Said(process.stderr), time.monotonic())

    def _program(self, control: int) -> list[str]:
        """The command that runs inside the walls."""
        options = [name for name, wanted in (("keras", self.keras), ("unsafe", self.unsafe)) if wanted]
        return [walls.PYTHON, "-m", "autograder.sandbox.server", self.program.entry, str(control), *options]

    def start(self) -> ForkServer:
        """Start the process, if it is not running, and wait until everything is imported.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            ForkServerDied: it ended while importing, or was not ready in time; the message quotes its error output.
        """
        running = self._launched()
        if self._ready:
            return self
        answer = running.answer(START_SECONDS)
        if answer != b"ready":
            self._kill_and_log("did not start" if answer is not None else "was not ready in time")
            self._failures += 1
            why = "did not start" if answer is not None else f"was not ready after {START_SECONDS:g} s"
            said = running.said.last_lines() or "It gave no reason."
            raise ForkServerDied(f"the {self.program.name} process {why}: {said}")
        self._ready, self._failures = True, 0
        LOG.info("fork server for %s: ready %.1f s after its start", self, time.monotonic() - running.started)
        return self

    def fork(self, limits: Limits) -> Process:
        """Fork a new child that runs the program; several threads may call this at once.

        A fork server process that has died since its last child is replaced first.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            ForkServerDied: it died in each of several attempts.
        """
        with self._lock:
            # After repeated failed starts only one attempt per submission is made, so that a batch still ends soon.
            for _ in range(ATTEMPTS - 1 if self._failures < ATTEMPTS else 0):
                with contextlib.suppress(ForkServerDied):
                    return self._fork(limits)
            return self._fork(limits)

    def _fork(self, limits: Limits) -> Process:
        self.start()
        data, child_data = socket.socketpair()
        life, child_life = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with child_data, child_life:
            handles = [child_data.fileno(), child_life.fileno()]
            answer = self._ask(json.dumps(asdict(limits)).encode(), handles, FORK_SECONDS)
        if answer != b"forked":
            data.close()
            life.close()
            what = f"did not answer within {FORK_SECONDS:g} s" if answer is None else "ended unexpectedly"
            self._kill_and_log(what)
            raise ForkServerDied(f"the {self.program.name} process {what}.", remedy="It is started again.")
        return Process(data, life)

    def teach(self, content: bytes) -> bytes:
        """Pass data to the program's `learn`, so that all children forked from now on have it; returns the answer.

        The answer is `LEARNED`; other answers mean that the process is not as it should be any more.
        """
        with self._lock:
            file = os.memfd_create("data")
            try:
                os.write(file, content)
                os.lseek(file, 0, os.SEEK_SET)
                return self._ask(LEARN, [file], START_SECONDS) or b""
            except OSError:
                return b""
            finally:
                os.close(file)

    def _ask(self, request: bytes, files: list[int], seconds: float) -> bytes | None:
        """Send a request to the process; the answer is empty if the process is gone, None if nothing came in time."""
        return self._running.ask(request, files, seconds) if self._running is not None else b""

    def close(self) -> None:
        """End the process, and with it every child. One that is not ready yet is killed: it may still import."""
        if self._running is not None and self._ready:
            LOG.debug("fork server for %s: closed, no longer needed", self)
            self._running.control.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.process.wait(END_SECONDS)
        self._kill()

    def _kill_and_log(self, what: str) -> None:
        """Kill the process; log what was wrong, how it had ended by itself if it had, and its last lines on stderr."""
        running, code = self._running, None
        if running is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = running.process.wait(EXIT_SECONDS)
        self._kill()
        how = "it was killed" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"
        said = running.said.last_lines() if running is not None else ""
        LOG.warning("fork server for %s: %s (%s); last words: %s", self, what, how, said or "none")

    def _kill(self) -> None:
        """Kill the process. Its children end with it: they are in its pid namespace, or set a parent-death signal."""
        if self._running is not None:
            self._running.control.close()
            self._running.process.kill()
            # A process stuck inside a system call ends when that returns; there is no need to wait for it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.process.wait(END_SECONDS)
            self._running = None

    def __enter__(self) -> ForkServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
