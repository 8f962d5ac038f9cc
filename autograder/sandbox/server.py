"""The fork server itself, inside the walls: imports once, then forks children, watches them and reports their ends."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.sandbox import isolation
from autograder.sandbox.process import LEARN, LEARNED, Limits, ProcessReport
from autograder.sandbox.syscalls import seccomp_filter

WATCH_SECONDS = 0.05


def serve(entry: str, control: socket.socket, *, keras: bool, unsafe: bool) -> None:
    """Import, then fork a child for each request and watch the children, until the grader closes the control socket.

    Args:
        entry: "package.module:function", called in each child with its data socket. If the module has a function
            `learn`, a `LEARN` request calls it here, with data that all future children will have.
        control: the socket on which requests come in.
        keras: whether to import Keras and TensorFlow, too.
        unsafe: run without any walls.
    """
    isolation.die_with_parent()
    if not unsafe:
        isolation.enter_own_namespaces()
    if keras:
        import autograder.sandbox.wire.keras_models  # noqa: PLC0415, F401, it takes seconds
    with _no_address_grammar():
        run = pkgutil.resolve_name(entry)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise SystemExit(f"importing left {threads} threads running, and threads do not survive a fork")
    # Built once: loading libseccomp takes longer than building all other walls of a child.
    rules = None if unsafe else seccomp_filter()
    # Imported objects never become garbage: children need not scan them, which would copy their memory pages.
    gc.collect()
    gc.freeze()
    isolation.large_pages()
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
                _learn(run.__module__, *fds)
                threads = len(os.listdir("/proc/self/task"))
                control.send(LEARNED if threads == 1 else b"threads")
                continue
            data, life = (socket.socket(fileno=fd) for fd in fds)
            limits = Limits(**json.loads(request))
            folder = tempfile.mkdtemp(prefix="autograder-") if unsafe else ""
            pid = os.fork() if unsafe else isolation.fork_into_namespace()
            if pid == 0:
                _become(run, data, limits, rules, folder)
            data.close()
            children.append(_Watched(pid, life, limits, folder))
            for fd in children[-1].descriptors:
                poll.register(fd, select.POLLIN)
            control.send(b"forked")


@contextlib.contextmanager
def _no_address_grammar() -> Iterator[None]:
    """Keep nbformat's jsonschema from building a grammar of internationalized addresses: a second of each start."""
    if "rfc3987_syntax" in sys.modules:
        yield
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rfc3987_syntax"]


def _learn(module: str, content: int) -> None:
    """Pass the content of a file to the program's `learn`, so that all future children have it in memory."""
    with open(content, "rb") as file:
        sys.modules[module].learn(file.read())
    gc.collect()
    gc.freeze()
    isolation.large_pages()


class _Watched:
    """A child under watch: killed when it exceeds a limit or the grader says so; its end is reported to the grader."""

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
        """Handle descriptors that are ready and check the limits. Returns descriptors that need no more polling."""
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
            # The first process of a pid namespace does not receive SIGXCPU: the kernel kills it with SIGKILL instead.
            spent = usage.ru_utime + usage.ru_stime >= self._limits.cpu_s
            reason = "cpu_time" if number and spent else "signal" if number else "exited"
        exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
        peak = max(self._peak, usage.ru_maxrss * 1024)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            ended = ProcessReport(reason, exit_code, number, peak, usage.ru_utime + usage.ru_stime)
            self._life.send(json.dumps(asdict(ended)).encode())
        self._life.close()
        os.close(self._handle)
        os.close(self._stat)
        self.ended = True

    def _use(self) -> tuple[int, int]:
        """The child's number of threads and resident memory in bytes; zeros if it is gone."""
        try:
            # The child chooses its own name, so parse only what follows the last parenthesis.
            fields = os.pread(self._stat, 2_000, 0).rpartition(b")")[2].split()
            return int(fields[17]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0, 0


def _number_in_proc(handle: int) -> str:
    """A process's pid as /proc shows it: /proc belongs to an outer pid namespace."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Pid:"))


def _become(run: Callable[[socket.socket], None], data: socket.socket, limits: Limits, rules: Any, folder: str) -> None:
    """Turn this new child into the program: build every wall, then run it. Never returns.

    Without seccomp rules (`rules` is None) no walls are built, and the child only changes to its folder.
    """
    code = 1
    try:
        isolation.die_with_parent()
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        size = isolation.own_size()
        keep = data.fileno()
        quiet = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(quiet, standard)
        os.closerange(3, keep)
        os.closerange(keep + 1, 65_536)
        if rules is None:
            os.chdir(folder)
        else:
            isolation.unshare()
            isolation.scratch_disk(limits)
            isolation.drop_privileges()
        isolation.set_limits(limits, size)
        if rules is not None:
            rules.load()
        run(data)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    _entry, _control, *_options = sys.argv[1:]
    serve(_entry, socket.socket(fileno=int(_control)), keras="keras" in _options, unsafe="unsafe" in _options)
