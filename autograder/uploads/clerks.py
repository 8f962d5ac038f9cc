"""Has strangers' notebooks read and rendered by clerks: processes with limits.

Nothing of a student's runs in a clerk, so that it may serve one ordinary submission after the other, which saves most of what
a process costs. Who needs much is served alone, and only a clerk that has served nobody before finds that something is too much.

What comes back is checked for its shape and size, and is never asked for points: those follow from the judge's verdict and the
lesson alone. Where a clerk needs more than it may, `BeyondLimits` says so, and the caller goes on without it.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import socket
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
from autograder.sandbox.forkserver import ATTEMPTS, START_SECONDS
from autograder.sandbox.process import LEARN, LEARNED
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

# Of a processor for all of a submission, and by the clock for one request: a busy machine must not make a difference.
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
SECONDS, WALL_SECONDS = 10, 60.0
MEMORY_BYTES = 640 * 2**20  # a file of 64 MB in which one letter takes four bytes needs 400 MB
SPARE_SECONDS = 120.0  # that a clerk may wait for worker and judge, beyond their own time
MOST_LESSONS = 64  # that a warm parent keeps
# A clerk serves others as long as none of its submissions was large or took long.
MOST_SERVED, ORDINARY_BYTES, ORDINARY_SECONDS = 25, 2**20, 0.5


class _Parent(ForkServer):
    """A warm parent that is told the lessons again after it had to be replaced."""

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
        """What a child that is forked now knows."""
        return tuple(self._lessons)

    def _launch(self) -> None:
        self._known = set()
        super()._launch()

    def start(self) -> _Parent:
        super().start()
        for key in [key for key in self._lessons if key not in self._known]:
            self._teach(self._lessons[key])
            self._known.add(key)
        return self

    def _teach(self, lesson: bytes) -> None:
        file = os.memfd_create("lesson")
        try:
            os.write(file, lesson)
            os.lseek(file, 0, os.SEEK_SET)
            socket.send_fds(self._control, [LEARN], [file])
            answer = self._answer(START_SECONDS)
        except OSError:
            answer = b""
        finally:
            os.close(file)
        if answer != LEARNED:
            self._kill()
            raise ForkServerDied("the clerk process did not take a lesson.", remedy="It is started again.")


class _Process:
    """A clerk's process, and whether it may serve another submission."""

    def __init__(self, child: Process, lessons: tuple[str, ...], wall_s: float) -> None:
        self.child, self._lessons, self._end = child, lessons, time.monotonic() + wall_s
        self._served, self._ordinary = 0, True

    @property
    def is_fresh(self) -> bool:
        return not self._served

    def note(self, size: int, seconds: float) -> None:
        """Take down what one request brought and how long it took."""
        self._ordinary &= size <= ORDINARY_BYTES and seconds <= ORDINARY_SECONDS

    def leave(self) -> bool:
        """End one submission's service. Returns whether there may be another."""
        self._served += 1
        return self._ordinary and self._served < MOST_SERVED

    def can_serve(self, lessons: tuple[str, ...], seconds: float) -> bool:
        return self._lessons == lessons and time.monotonic() + seconds < self._end and self.child.ended(0) is None


class Clerks:
    """A warm parent for clerks; without it, where there is no sandbox to offer, this process does their work.

    Args:
        unsafe: without walls, for `--unsafe-no-sandbox`; the limits stay.
    """

    def __init__(self, *, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self._parent = _Parent(unsafe=unsafe) if sys.platform.startswith("linux") else None
        self._here: set[str] = set()
        self._lock = threading.Lock()
        self._idle: list[_Process] = []

    def launch(self) -> Clerks:
        """Have it import, while the caller does something else. Raises SandboxUnavailable."""
        if self._parent:
            self._parent.launch()
        return self

    def hire(self, total_seconds: float = 0.0) -> Clerk:
        """A clerk for one submission, which may have to wait for so long between two requests."""
        return Clerk(self, total_seconds)

    def learn(
        self, release: str, source: str, steps: str, earlier: dict[str, list[tuple[str, float | None]]] | None = None
    ) -> str:
        """Make a lesson known, and how its notebooks are written out; gives the name that clerks know it by."""
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

    def take(self, seconds: float, *, fresh: bool) -> _Process:
        """A process for a submission that may need it for so long; one that has served nobody yet if it has to be `fresh`."""
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
    """One submission's clerk; it has a process from the first request on."""

    def __init__(self, clerks: Clerks, total_seconds: float) -> None:
        self.unsafe = clerks.unsafe
        self._clerks, self._seconds = clerks, total_seconds + SPARE_SECONDS
        self._process: _Process | None = None

    def read(self, lesson: str, name: str, content: bytes) -> RepairedNotebook:
        """A submission's cells, put into the lesson's shape. Raises UnreadableSubmission; BeyondLimits."""
        answer = self._ask("reading it", "read", lesson, name, content)
        if answer[0] == "unreadable" and len(answer) == 4 and all(type(part) is str for part in answer):
            what, where, remedy = (short_line(part, MAX_NOTE) for part in answer[1:])
            raise UnreadableSubmission(what, where=where, remedy=remedy)
        if answer[0] != "read" or len(answer) != 3 or type(answer[1]) is not list or type(answer[2]) is not list:
            raise BeyondLimits("reading it gave nothing that can be used.")
        cells = [given_cell(item) for item in answer[1]]
        # The lesson may have as many cells of its own, which were put back.
        if len(cells) > 2 * MAX_CELLS or sum(len(cell.source) for cell in cells) > 2 * MAX_SOURCES:
            raise BeyondLimits("reading it gave more than a notebook may hold.")
        notes = [short_line(note, MAX_NOTE) for note in answer[2][:MAX_NOTES] if type(note) is str]
        return RepairedNotebook(cells, notes)

    def finish(
        self, nb: NotebookNode, steps: str, names: dict[str, Any], grades: Entry, *, hide: bool
    ) -> tuple[str, str]:
        """A notebook that was run as the text of its file, and its feedback page. Raises BeyondLimits."""
        request = (_json(nb), steps, _json(names), clerk.entry_as_json(grades), hide)
        text, page = self._texts("showing it", "finish", *request, count=2)
        return text_within(text, MAX_NOTEBOOK_BYTES), checked_page(page)

    def page(self, nb: NotebookNode, names: dict[str, Any], *, hide: bool) -> str:
        """The feedback page of a notebook after `fill_in_grades`. Raises BeyondLimits."""
        (page,) = self._texts("showing it", "page", _json(nb), _json(names), b"", hide, count=1)
        return checked_page(page)

    def clean(self, nb: NotebookNode, steps: str) -> dict[str, Any]:
        """A notebook that was run with nothing in its texts that runs in a browser, as JSON has it. Raises BeyondLimits."""
        (text,) = self._texts("showing it", "clean", _json(nb), steps, count=1)
        try:
            return json.loads(text_within(text, MAX_NOTEBOOK_BYTES))
        except (ValueError, RecursionError):
            raise BeyondLimits("showing it gave nothing that can be used.") from None

    def _texts(self, doing: str, *request: Any, count: int) -> list[bytes]:
        answer = self._ask(doing, *request)
        if len(answer) != 1 + count or not all(type(text) is bytes for text in answer[1:]):
            raise BeyondLimits(f"{doing} gave nothing that can be used.")
        return list(answer[1:])

    def _ask(self, doing: str, *request: Any) -> tuple:
        """A request's answer: a tuple that begins with a word other than failed. Raises BeyondLimits."""
        if self._clerks._parent is None:
            return self._here(doing, *request)
        fresh = False
        for _ in range(ATTEMPTS):
            if self._process is not None and self._process.child.ended(0):
                self._dismiss()
            if self._process is None:
                self._process = self._clerks.take(self._seconds, fresh=fresh)
            begun = time.monotonic()
            try:
                channel = Channel(self._process.child.data, clerk.FRAMES)
                channel.send(request, timeout=WALL_SECONDS)
                answer = channel.receive(max(begun + WALL_SECONDS - time.monotonic(), 0.01))
            except ChannelError as error:
                why = self._why(error) if self._process.is_fresh else ""
            except BaseException:
                # Its answer is still to come, and must not be taken for the next one's.
                self._dismiss()
                raise
            else:
                self._process.note(sum(len(part) for part in request if type(part) is bytes), time.monotonic() - begun)
                return answered(answer, doing)
            # What others brought may have been too much together.
            fresh = True
            self._dismiss()
            if why:
                raise BeyondLimits(f"{doing} {why}.")
        raise BeyondLimits(f"{doing} ended the process.")

    def _why(self, error: ChannelError) -> str:
        """What was too much; empty if the process was lost through no fault of the notebook's."""
        if isinstance(error, ChannelTimeout):
            return f"takes more than {WALL_SECONDS:g} s"
        if isinstance(error, (FrameTooLarge, RefusedValue)):
            return "gives more than can be kept"
        ended = self._process.child.ended(1)
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


# Not all that renders text was made for two threads.
_ONE_AT_A_TIME = threading.Lock()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


_shared: dict[bool, Clerks] = {}
_sharing = threading.Lock()


def shared_clerks(*, unsafe: bool = False) -> Clerks:
    """The clerks of this process; their warm parent stays until the process ends."""
    with _sharing:
        if unsafe not in _shared:
            _shared[unsafe] = Clerks(unsafe=unsafe)
            atexit.register(_shared[unsafe].close)
        return _shared[unsafe]
