"""The warm parent: imports once, forks on request.

    grader ── starts ──> warm parent (inside the walls; imports, then forks, watches, limits, reports)
                             └── forks ──> child (first process of its own pid namespace)

The grader asks over a control socket, and hands over two sockets for each child: *data*, for the child's own conversation, and
*life*, held by the parent. When the grader's end of *life* closes, the child ends; when the child ends, the parent says how.
A child never sees the parent, a sibling, or their sockets.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from dataclasses import asdict
from typing import BinaryIO

from autograder.errors import ForkServerDied
from autograder.sandbox import walls
from autograder.sandbox.process import Limits, Process, Program
from autograder.sandbox.visible import PACKAGE

ATTEMPTS = 3
START_SECONDS = 120.0
FORK_SECONDS = 30.0  # a fork takes milliseconds: who is not done by then is stuck
END_SECONDS = 2.0  # between hanging up and killing
SAID_BYTES = 20_000


class _Said:
    """The last that a process wrote to its error stream. It is read all the time: a full pipe would stop the writer."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._tail = stream, b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stream, contextlib.suppress(OSError):
            while part := self._stream.read1(2**16):
                self._tail = (self._tail + part)[-SAID_BYTES:]

    def last_lines(self) -> str:
        """Its last two lines, once it has ended; waits for what is still on its way, but not for who else holds the stream."""
        self._reader.join(1.0)
        return " ".join(self._tail.decode(errors="replace").strip().splitlines()[-2:])


class ForkServer:
    """Starts a warm parent and asks it for children. No wait for it is without an end.

    Args:
        program: what its processes run.
        keras: imports Keras and TensorFlow, too: three times as much to import, and to copy and throw away for each child.
        unsafe: without any walls; only for `--unsafe-no-sandbox`.
    """

    def __init__(self, program: Program, *, keras: bool = True, unsafe: bool = False) -> None:
        self.program, self.keras, self.unsafe = program, keras, unsafe
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._said: _Said | None = None
        self._ready = False
        self._failures = 0  # starts in a row that came to nothing
        self._lock = threading.RLock()

    def launch(self) -> ForkServer:
        """Start it without waiting for what it imports.

        The process ends when the thread that calls this ends: Linux ties it to the thread, not to the process.

        Raises:
            SandboxUnavailable: the walls cannot be built.
        """
        with self._lock:
            if self._process is None:
                self._launch()
        return self

    def _launch(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ready = False
        with theirs:
            prefix = [] if self.unsafe else walls.walls(self.program)
            environment = walls.environment() if self.unsafe else {"PATH": os.environ.get("PATH", os.defpath)}
            self._process = subprocess.Popen(
                [*prefix, *self._program(theirs.fileno())],
                cwd=PACKAGE.parent,
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._said = _Said(self._process.stderr)

    def _program(self, control: int) -> list[str]:
        """What runs inside the walls."""
        options = [name for name, wanted in (("keras", self.keras), ("unsafe", self.unsafe)) if wanted]
        return [walls.PYTHON, "-m", "autograder.sandbox.server", self.program.entry, str(control), *options]

    def start(self) -> ForkServer:
        """Start it, if need be, and wait until everything is imported.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            ForkServerDied: it ended while importing, or was not done in time, with what it said.
        """
        self.launch()
        if self._ready:
            return self
        answer = self._answer(START_SECONDS)
        if answer != b"ready":
            self._kill()
            self._failures += 1
            why = "did not start" if answer is not None else f"was not ready after {START_SECONDS:g} s"
            said = self._said.last_lines() or "It gave no reason."
            raise ForkServerDied(f"the {self.program.name} process {why}: {said}")
        self._ready, self._failures = True, 0
        return self

    def _answer(self, seconds: float) -> bytes | None:
        """Its next message; empty if it is gone, None if nothing came in time."""
        self._control.settimeout(seconds)
        try:
            return self._control.recv(100)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def fork(self, limits: Limits) -> Process:
        """A new child that runs the program; threads may ask at the same time.

        A parent that has died since its last child is replaced first.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            ForkServerDied: again and again.
        """
        with self._lock:
            # What could not be started for the submissions before is tried once for each, so that a batch comes to its end.
            for _ in range(ATTEMPTS - 1 if self._failures < ATTEMPTS else 0):
                with contextlib.suppress(ForkServerDied):
                    return self._fork(limits)
            return self._fork(limits)

    def _fork(self, limits: Limits) -> Process:
        self.start()
        data, child_data = socket.socketpair()
        life, child_life = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with child_data, child_life:
            try:
                request = json.dumps(asdict(limits)).encode()
                self._control.settimeout(FORK_SECONDS)
                socket.send_fds(self._control, [request], [child_data.fileno(), child_life.fileno()])
                answer = self._answer(FORK_SECONDS)
            except OSError:
                answer = b""
        if answer != b"forked":
            data.close()
            life.close()
            self._kill()
            what = f"did not answer within {FORK_SECONDS:g} s" if answer is None else "ended unexpectedly"
            raise ForkServerDied(f"the {self.program.name} process {what}.", remedy="It is started again.")
        return Process(data, life)

    def close(self) -> None:
        """End the parent, and with it every child."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """End it whatever it does. Its children end with it: they are in its pid namespace, or have asked the kernel to."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            # One that hangs inside the kernel ends when the kernel lets go of it, and nobody need wait for that.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
            self._process = None

    def __enter__(self) -> ForkServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
