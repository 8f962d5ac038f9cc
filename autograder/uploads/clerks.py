"""The grader's side of clerks: has strangers' notebooks read and rendered by processes with limits.

No student's code runs in a clerk, so one clerk may serve several ordinary submissions, one after the other, which saves
most of the cost of a process. A submission that needs much gets a clerk of its own, and only a fresh clerk's failure is
taken as a sign that a submission exceeds the limits.

Answers are checked for form and size, and no points are taken from them: points follow from the judge's verdict and the
lesson alone. If a clerk exceeds its limits, `BeyondLimits` is raised, and the caller goes on without the answer.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import sys
import threading
import time
from typing import Any

from nbformat import NotebookNode

from autograder.errors import (
    AutograderError,
    BeyondLimits,
    ChannelError,
    ChannelTimeout,
    ForkServerDied,
    FrameTooLarge,
    RefusedValue,
    UnreadableSubmission,
)
from autograder.gradebook import Entry
from autograder.notebooks.read import MAX_CELLS, MAX_SOURCES
from autograder.sandbox import ForkServer, Limits, Process, Program
from autograder.sandbox.forkserver import ATTEMPTS, ServerProcess
from autograder.sandbox.process import LEARNED
from autograder.sandbox.wire import Channel
from autograder.uploads import clerk
from autograder.uploads.answers import (
    MAX_NOTE,
    MAX_NOTEBOOK_BYTES,
    MAX_NOTES,
    RepairedNotebook,
    answered,
    checked_page,
    given_cell,
    short_line,
    text_within,
)

LOG = logging.getLogger(__name__)

CLERK = Program(
    "clerk",
    "autograder.uploads.clerk:main",
    (
        "classroom/directory.py",
        "course/lessons.py",
        *(f"files/{name}.py" for name in "atomic text".split()),
        *(f"gradebook/{name}.py" for name in "database scores upstream".split()),
        *(f"notebooks/{name}.py" for name in "cells file_names folder names outcome read repair status".split()),
        *(f"reports/{name}" for name in "feedback.py html.py templates".split()),
        "uploads/clerk.py",
    ),
)
# CPU time of a clerk's process, and wall time for one request; the latter is long, to allow for a busy machine.
SECONDS, WALL_SECONDS = 10, 60.0
MEMORY_BYTES = 640 * 2**20  # a file of 64 MB with one character that takes four bytes needs 400 MB
SPARE_SECONDS = 120.0  # how long a clerk may wait for worker and judge, beyond their own time limits
MOST_LESSONS = 64  # how many lessons a fork server keeps
# A clerk goes on to another submission if none of its requests was larger or took longer than this.
MOST_SERVED, ORDINARY_BYTES, ORDINARY_SECONDS = 25, 2**20, 0.5


class _Parent(ForkServer):
    """The fork server of the clerks; it is taught the lessons again after its process was replaced."""

    def __init__(self, *, unsafe: bool) -> None:
        super().__init__(CLERK, keras=False, unsafe=unsafe)
        self._lessons: dict[str, bytes] = {}
        self._known: set[str] = set()

    def learn(self, key: str, lesson: bytes) -> None:
        with self._lock:
            self._lessons.setdefault(key, lesson)
            while len(self._lessons) > MOST_LESSONS:
                self._lessons.pop(next(iter(self._lessons)))

    def knows(self, key: str) -> bool:
        return key in self._lessons

    @property
    def lessons(self) -> tuple[str, ...]:
        """The keys of the lessons that a child forked now knows."""
        return tuple(self._lessons)

    def _launch(self) -> ServerProcess:
        self._known = set()
        return super()._launch()

    def start(self) -> _Parent:
        super().start()
        for key in [key for key in self._lessons if key not in self._known]:
            self._teach(self._lessons[key])
            self._known.add(key)
        return self

    def _teach(self, lesson: bytes) -> None:
        if self.teach(lesson) != LEARNED:
            self._kill_and_log("did not accept a lesson")
            raise ForkServerDied("the clerk process did not accept a lesson.", remedy="It is started again.")


class _Process:
    """A clerk's process, and whether it may serve another submission."""

    def __init__(self, child: Process, lessons: tuple[str, ...], wall_s: float) -> None:
        self.child, self._lessons, self._end = child, lessons, time.monotonic() + wall_s
        self._served, self._ordinary = 0, True

    @property
    def is_fresh(self) -> bool:
        return not self._served

    def note(self, size: int, seconds: float) -> None:
        """Record the size of one request in bytes and how long it took."""
        self._ordinary &= size <= ORDINARY_BYTES and seconds <= ORDINARY_SECONDS

    def leave(self) -> bool:
        """End the service for one submission. Returns whether the process may serve another one."""
        self._served += 1
        return self._ordinary and self._served < MOST_SERVED

    def can_serve(self, lessons: tuple[str, ...], seconds: float) -> bool:
        return self._lessons == lessons and time.monotonic() + seconds < self._end and self.child.ended(0) is None


class Clerks:
    """Provides clerks from a fork server; on systems other than Linux, this process does their work itself.

    Args:
        unsafe: run without walls, for `--unsafe-no-sandbox`; the limits still apply.
    """

    def __init__(self, *, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self._parent = _Parent(unsafe=unsafe) if sys.platform.startswith("linux") else None
        self._here: set[str] = set()
        self._lock = threading.Lock()
        self._idle: list[_Process] = []

    def launch(self) -> Clerks:
        """Start the fork server without waiting for its imports. Raises SandboxUnavailable."""
        if self._parent:
            self._parent.launch()
        return self

    def hire(self, total_seconds: float = 0.0) -> Clerk:
        """A clerk for one submission, which may wait for worker and judge between requests, up to `total_seconds`."""
        return Clerk(self, total_seconds)

    def learn(
        self, release: str, source: str, steps: str, earlier: dict[str, list[tuple[str, float | None]]] | None = None
    ) -> str:
        """Teach a lesson to future clerks; returns the key by which they know it.

        Args:
            release: the lesson's notebook as released, as JSON.
            source: its source notebook, as JSON.
            steps: the settings with which its notebooks are written out, as JSON.
            earlier: the earlier released versions of its marked cells, by `grade_id`.
        """
        before = json.dumps(earlier or {}, sort_keys=True)
        key = hashlib.sha256("\0".join([release, source, steps, before]).encode("utf-8", "replace")).hexdigest()
        with self._lock:
            if key not in self._here and not (self._parent and self._parent.knows(key)):
                lesson = {"key": key, "release": release, "source": source, "steps": steps, "earlier": before}
                content = json.dumps(lesson).encode()
                if self._parent:
                    self._parent.learn(key, content)
                else:
                    clerk.learn(content)
                    self._here.add(key)
        return key

    def take(self, seconds: float, *, fresh: bool) -> _Process | None:
        """Get a process for a submission that may need it for `seconds`.

        Args:
            fresh: whether it must be a new process, which has not served any submission yet.
        """
        if self._parent is None:
            return None
        lessons = self._parent.lessons
        while not fresh:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                break
            if process.can_serve(lessons, seconds):
                return process
            process.child.close()
        wall = 2 * seconds
        limits = Limits(wall, SECONDS, MEMORY_BYTES, disk_bytes=2**20)
        return _Process(self._parent.fork(limits), lessons, wall)

    def give_back(self, process: _Process) -> None:
        if process.leave():
            with self._lock:
                self._idle.append(process)
        else:
            process.child.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().child.close()
        if self._parent:
            self._parent.close()

    def __enter__(self) -> Clerks:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Clerk:
    """The clerk of one submission; it gets a process with its first request."""

    def __init__(self, clerks: Clerks, total_seconds: float) -> None:
        self.unsafe = clerks.unsafe
        self._clerks, self._seconds = clerks, total_seconds + SPARE_SECONDS
        self._process: _Process | None = None

    def read(self, lesson: str, name: str, content: bytes) -> RepairedNotebook:
        """Read a submission and restore the lesson's structure. Raises UnreadableSubmission, BeyondLimits."""
        answer = self._ask("reading it", "read", lesson, name, content)
        if answer[0] == "unreadable" and len(answer) == 4 and all(type(part) is str for part in answer):
            what, where, remedy = (short_line(part, MAX_NOTE) for part in answer[1:])
            raise UnreadableSubmission(what, where=where, remedy=remedy)
        if answer[0] != "read" or len(answer) != 3 or type(answer[1]) is not list or type(answer[2]) is not list:
            raise BeyondLimits("reading it gave no usable result.")
        cells = [given_cell(item) for item in answer[1]]
        # Twice the limits: the lesson's own cells, which were restored, may be as many again.
        if len(cells) > 2 * MAX_CELLS or sum(len(cell.source) for cell in cells) > 2 * MAX_SOURCES:
            raise BeyondLimits("reading it gave more cells or code than a notebook may hold.")
        notes = [short_line(note, MAX_NOTE) for note in answer[2][:MAX_NOTES] if type(note) is str]
        return RepairedNotebook(cells, notes)

    def finish(
        self, nb: NotebookNode, steps: str, names: dict[str, Any], grades: Entry, *, hide: bool
    ) -> tuple[str, str]:
        """Write out a notebook that was run: the text of its file, and its feedback page. Raises BeyondLimits."""
        request = (clerk.as_json(nb), steps, clerk.as_json(names), clerk.entry_as_json(grades), hide)
        text, page = self._texts("showing it", "finish", *request, count=2)
        return text_within(text, MAX_NOTEBOOK_BYTES), checked_page(page)

    def page(self, nb: NotebookNode, names: dict[str, Any], *, hide: bool) -> str:
        """The feedback page of a notebook after `fill_in_grades`. Raises BeyondLimits."""
        (page,) = self._texts("showing it", "page", clerk.as_json(nb), clerk.as_json(names), b"", hide, count=1)
        return checked_page(page)

    def clean(self, nb: NotebookNode, steps: str) -> dict[str, Any]:
        """Remove from a notebook's texts everything that could run in a browser; returns it as plain JSON values.

        Raises:
            BeyondLimits: the clerk exceeded its limits, or its answer is malformed.
        """
        (text,) = self._texts("showing it", "clean", clerk.as_json(nb), steps, count=1)
        try:
            return json.loads(text_within(text, MAX_NOTEBOOK_BYTES))
        except (ValueError, RecursionError):
            raise BeyondLimits("showing it gave no usable result.") from None

    def _texts(self, doing: str, *request: Any, count: int) -> list[bytes]:
        answer = self._ask(doing, *request)
        if len(answer) != 1 + count or not all(type(text) is bytes for text in answer[1:]):
            raise BeyondLimits(f"{doing} gave no usable result.")
        return list(answer[1:])

    def _ask(self, doing: str, *request: Any) -> tuple:
        """Send a request and return the answer: a tuple that begins with a word other than "failed".

        Args:
            doing: what is asked for, such as "reading it", for messages.

        Raises:
            BeyondLimits: the clerk exceeded its limits, failed, or was lost in each attempt.
        """
        fresh = False
        for _ in range(ATTEMPTS):
            if self._process is not None and self._process.child.ended(0):
                self._dismiss()
            process = self._process = self._process or self._clerks.take(self._seconds, fresh=fresh)
            if process is None:
                return self._here(doing, *request)
            begun = time.monotonic()
            try:
                channel = Channel(process.child.data, clerk.FRAMES)
                channel.send(request, timeout=WALL_SECONDS)
                answer = channel.receive(max(begun + WALL_SECONDS - time.monotonic(), 0.01))
            except ChannelError as error:
                why = self._why(error, process) if process.is_fresh else ""
                LOG.log(
                    logging.WARNING if why else logging.INFO,
                    "clerk: %s %s (%s)",
                    doing,
                    why or "failed, is tried again in a new process",
                    error,
                )
            except BaseException:
                # The answer may still arrive, and must not be taken for that of the next request.
                self._dismiss()
                raise
            else:
                seconds = time.monotonic() - begun
                LOG.debug("clerk: %s took %.3f s", doing, seconds)
                process.note(sum(len(part) for part in request if type(part) is bytes), seconds)
                return answered(answer, doing)
            # Earlier submissions may have used up the limits of this process: try again in a new one.
            fresh = True
            self._dismiss()
            if why:
                raise BeyondLimits(f"{doing} {why}.")
        raise BeyondLimits(f"{doing} ended the process.")

    def _why(self, error: ChannelError, process: _Process) -> str:
        """What went wrong, as the end of a sentence; empty if the process was lost through no fault of the notebook."""
        if isinstance(error, ChannelTimeout):
            return f"takes more than {WALL_SECONDS:g} s"
        if isinstance(error, (FrameTooLarge, RefusedValue)):
            return "gives a larger result than can be kept"
        ended = process.child.ended(1)
        LOG.debug("clerk: %s", ended or "did not end")
        if ended is None or ended.reason == "lost":
            return "" if ended else "ended the process"
        if ended.reason == "memory" or ended.exit_code == clerk.OUT_OF_MEMORY:
            return f"takes more than {MEMORY_BYTES // 2**20} MB of memory"
        return f"takes more than {SECONDS:g} s" if ended.reason in ("cpu_time", "wall_time") else "ended the process"

    def _here(self, doing: str, *request: Any) -> tuple:
        try:
            with _ONE_AT_A_TIME:
                return answered(clerk.answer_to(*request), doing)
        except (AutograderError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise BeyondLimits(f"{doing} failed ({type(error).__name__}: {error}).") from None

    def _dismiss(self) -> None:
        if self._process is not None:
            self._process.child.close()
            self._process = None

    def close(self) -> None:
        if self._process is not None:
            self._clerks.give_back(self._process)
            self._process = None

    def __enter__(self) -> Clerk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# Some of the libraries that render text are not thread-safe.
_ONE_AT_A_TIME = threading.Lock()


_shared: dict[bool, Clerks] = {}
_sharing = threading.Lock()


def shared_clerks(*, unsafe: bool = False) -> Clerks:
    """The clerks that all callers in this process share; their fork server stays until the process ends."""
    with _sharing:
        if unsafe not in _shared:
            _shared[unsafe] = Clerks(unsafe=unsafe)
            atexit.register(_shared[unsafe].close)
        return _shared[unsafe]
