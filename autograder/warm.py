"""The warm parent: imports once, forks on request.

    grader ── starts ──> warm parent (inside the walls; imports, then forks, watches, limits, reports)
                             └── forks ──> child (first process of its own pid namespace)

The grader asks over a control socket, and hands over two sockets for each child: *data*, for the child's own conversation, and
*life*, held by the parent. When the grader's end of *life* closes, the child ends; when the child ends, the parent says how.
A child never sees the parent, a sibling, or their sockets.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from autograder import sandbox
from autograder.errors import AutograderError
from autograder.sandbox import Limits
from autograder.syscalls import seccomp_filter
from autograder.visible import PACKAGE

ATTEMPTS = 3
START_SECONDS = 120.0
FORK_SECONDS = 30.0  # a fork takes milliseconds: who is not done by then is stuck
END_SECONDS = 2.0  # between hanging up and killing
SAID_BYTES = 20_000
WATCH_SECONDS = 0.05
LEARN, LEARNED = b"learn", b"learned"


class WarmParentDied(AutograderError):
    """The parent is gone; a new one can be started and the submission in hand graded again."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: `reason` is exited, signal, wall_time, cpu_time, memory, threads, killed or lost."""

    reason: str
    exit_code: int = 0
    signal: int = 0
    max_rss_bytes: int = 0
    cpu_seconds: float = 0.0


class Child:
    """The grader's hold on one forked process."""

    def __init__(self, data: socket.socket, life: socket.socket) -> None:
        self.data, self.life = data, life

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the child, as Jupyter's stop button does."""
        self._tell(b"i")

    def kill(self) -> None:
        self._tell(b"k")

    def _tell(self, letter: bytes) -> None:
        with contextlib.suppress(OSError):
            self.life.send(letter)

    def ended(self, timeout: float) -> Ended | None:
        """How it ended, waiting at most `timeout` seconds; None while it lives."""
        readable, _, _ = select.select([self.life], [], [], timeout)
        if not readable:
            return None
        try:
            report = self.life.recv(4096)
        except OSError:
            report = b""
        return Ended(**json.loads(report)) if report else Ended("lost")

    def close(self) -> None:
        """Let go of the child, which ends it."""
        self.data.close()
        self.life.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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


class WarmParent:
    """Starts a warm parent and asks it for children. No wait for it is without an end.

    Args:
        kind: "worker", "judge" or "clerk".
        keras: imports Keras and TensorFlow, too: three times as much to import, and to copy and throw away for each child.
        unsafe: without any walls; only for `--unsafe-no-sandbox`.
    """

    def __init__(self, kind: str, *, keras: bool = True, unsafe: bool = False) -> None:
        self.kind, self.keras, self.unsafe = kind, keras, unsafe
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._said: _Said | None = None
        self._ready = False
        self._failures = 0  # starts in a row that came to nothing
        self._lock = threading.RLock()

    def launch(self) -> WarmParent:
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
            prefix = [] if self.unsafe else sandbox.walls(self.kind)
            environment = sandbox.environment() if self.unsafe else {"PATH": os.environ.get("PATH", os.defpath)}
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
        return [sandbox.PYTHON, "-m", "autograder.warm", self.kind, str(control), *options]

    def start(self) -> WarmParent:
        """Start it, if need be, and wait until everything is imported.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            WarmParentDied: it ended while importing, or was not done in time, with what it said.
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
            raise WarmParentDied(f"the {self.kind} process {why}: {said}")
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

    def fork(self, limits: Limits) -> Child:
        """A new child that runs this kind's entry; threads may ask at the same time.

        A parent that has died since its last child is replaced first.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            WarmParentDied: again and again.
        """
        with self._lock:
            # What could not be started for the submissions before is tried once for each, so that a batch comes to its end.
            for _ in range(ATTEMPTS - 1 if self._failures < ATTEMPTS else 0):
                with contextlib.suppress(WarmParentDied):
                    return self._fork(limits)
            return self._fork(limits)

    def _fork(self, limits: Limits) -> Child:
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
            raise WarmParentDied(f"the {self.kind} process {what}.", remedy="It is started again.")
        return Child(data, life)

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

    def __enter__(self) -> WarmParent:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


# --- inside the walls ------------------------------------------------------------------------------------------------


def _entry(kind: str, *, keras: bool):
    """Import what this kind needs and return the function that a child runs with its data socket."""
    if keras:
        import autograder.models  # noqa: PLC0415, F401, it takes seconds
    if kind == "judge":
        from autograder.judge import main  # noqa: PLC0415
    elif kind == "clerk":
        from autograder.clerk import main  # noqa: PLC0415
    else:
        from autograder.worker import main  # noqa: PLC0415
    return main


def serve(kind: str, control: socket.socket, *, keras: bool, unsafe: bool) -> None:
    """The warm parent's life: import, then fork for each request, and watch the children, until the grader hangs up."""
    sandbox.die_with_parent()
    if not unsafe:
        sandbox.enter_own_namespaces()
    entry = _entry(kind, keras=keras)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise SystemExit(f"importing left {threads} threads running, and threads do not survive a fork")
    # Finding libseccomp takes longer than a child's other walls together.
    rules = None if unsafe else seccomp_filter()
    # What was imported never becomes garbage: children need not look through it, and so need no copy of their own.
    gc.collect()
    gc.freeze()
    sandbox.large_pages()
    control.send(b"ready")
    children: list[_Watched] = []
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        ready = [fd for fd, _ in poll.poll(WATCH_SECONDS * 1000 if children else None)]
        for child in list(children):
            for fd in child.look(ready):
                poll.unregister(fd)
            if child.ended:
                children.remove(child)
        if control.fileno() in ready:
            request, fds, _, _ = socket.recv_fds(control, 65_536, 2)
            if not request:
                return
            if request == LEARN:
                _learn(*fds)
                control.send(LEARNED)
                continue
            data, life = (socket.socket(fileno=fd) for fd in fds)
            limits = Limits(**json.loads(request))
            folder = tempfile.mkdtemp(prefix="autograder-") if unsafe else ""
            pid = os.fork() if unsafe else sandbox.fork_into_namespace()
            if pid == 0:
                _become(entry, data, limits, rules, folder)
            data.close()
            children.append(_Watched(pid, life, limits, folder))
            for fd in children[-1].descriptors:
                poll.register(fd, select.POLLIN)
            control.send(b"forked")


def _learn(content: int) -> None:
    """In a clerk's warm parent: keep the lesson that a file holds for the children to come."""
    with open(content, "rb") as file:
        sys.modules["autograder.clerk"].learn(file.read())
    gc.collect()
    gc.freeze()
    sandbox.large_pages()


class _Watched:
    """A child as its parent sees it: brings its end about when a limit is passed or the grader says so, and reports it."""

    def __init__(self, pid: int, life: socket.socket, limits: Limits, folder: str) -> None:
        self._pid, self._life, self._limits, self._folder = pid, life, limits, folder
        self._handle = os.pidfd_open(pid)
        self._stat = os.open(f"/proc/{_number_in_proc(self._handle)}/stat", os.O_RDONLY)
        _, self._base = self._use()
        self._peak = self._base
        self._deadline = time.monotonic() + limits.wall_s
        self._reason = ""
        self.descriptors = {self._handle, life.fileno()}
        self.ended = False

    def look(self, ready: list[int]) -> set[int]:
        """See to what is ready, and to the limits. Returns the descriptors that nobody need look at any more."""
        if self._handle in ready:
            self._report()
            return self.descriptors
        if self._reason:
            return set()
        if self._life.fileno() in ready:
            letter = b""
            with contextlib.suppress(OSError):
                letter = self._life.recv(1)
            if letter == b"i":
                signal.pidfd_send_signal(self._handle, signal.SIGINT)
            else:
                self._reason = "killed"
        threads, resident = self._use()
        self._peak = max(self._peak, resident)
        if self._peak > self._base + self._limits.memory_bytes:
            self._reason = "memory"
        elif threads > self._limits.threads:
            self._reason = "threads"
        elif time.monotonic() > self._deadline:
            self._reason = self._reason or "wall_time"
        if not self._reason:
            return set()
        signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        self.descriptors.remove(self._life.fileno())
        return {self._life.fileno()}

    def _report(self) -> None:
        _, status, usage = os.wait4(self._pid, 0)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        reason = self._reason
        if not reason:
            # The first process of a namespace does not hear SIGXCPU: the kernel kills it outright.
            spent = usage.ru_utime + usage.ru_stime >= self._limits.cpu_s
            reason = "cpu_time" if number and spent else "signal" if number else "exited"
        exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
        peak = max(self._peak, usage.ru_maxrss * 1024)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            ended = Ended(reason, exit_code, number, peak, usage.ru_utime + usage.ru_stime)
            self._life.send(json.dumps(asdict(ended)).encode())
        self._life.close()
        os.close(self._handle)
        os.close(self._stat)
        self.ended = True

    def _use(self) -> tuple[int, int]:
        """Threads, and resident memory in bytes; zeros if the child is gone."""
        try:
            # The name before the last bracket is the child's own choice.
            fields = os.pread(self._stat, 2_000, 0).rpartition(b")")[2].split()
            return int(fields[17]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0, 0


def _number_in_proc(handle: int) -> str:
    """A process's number in /proc, which counts from an outer namespace on."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Pid:"))


def _become(entry, data: socket.socket, limits: Limits, rules, folder: str) -> None:
    """The child: puts on every wall, or without rules goes to its folder, then runs the entry. Does not return."""
    code = 1
    try:
        sandbox.die_with_parent()
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        size = sandbox.own_size()
        keep = data.fileno()
        quiet = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(quiet, standard)
        os.closerange(3, keep)
        os.closerange(keep + 1, 65_536)
        if rules is None:
            os.chdir(folder)
        else:
            sandbox.unshare()
            sandbox.scratch_disk(limits)
            sandbox.drop_privileges()
        sandbox.set_limits(limits, size)
        if rules is not None:
            rules.load()
        entry(data)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    _kind, _control, *_options = sys.argv[1:]
    serve(_kind, socket.socket(fileno=int(_control)), keras="keras" in _options, unsafe="unsafe" in _options)
