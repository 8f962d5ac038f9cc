"""The error tree: everything that can go wrong and that a person can fix.

AutograderError            what happened, where, and what to do
├── UsageError             the command or its arguments make no sense here      exit 2
│   ├── ClassError         not a class directory, or not a usable one
│   ├── RosterError        the roster has rows that do not describe a student
│   └── LessonError        there is no lesson of that name
├── SourceError            a lesson's source breaks the rules                   exit 2
├── UnknownStudent         nobody of that name is in the class                  exit 1
├── UnreadableSubmission   a notebook that cannot be read at all                exit 2
├── GradebookError         the database cannot be read or written               exit 1
├── ClassInUse             another process is writing to the class directory    exit 1
├── SandboxUnavailable     the walls cannot be built on this machine            exit 1
├── PoolError              the grading processes cannot be reached, or died     exit 1
├── BundleError            the students' bundle cannot be put together          exit 1
├── ChannelError           talking to a process in the sandbox failed           exit 1
│   ├── FrameTooLarge      a message exceeds the size limits
│   ├── MalformedFrame     bytes that are not a frame, or not an expected message
│   ├── RefusedValue       a value that cannot be handed to the tests
│   ├── ChannelClosed      the other process closed the connection or ended
│   └── ChannelTimeout     the other process did not answer in time
├── ForkServerDied         a fork server ended unexpectedly or got stuck        exit 1
└── BeyondLimits           a clerk exceeded its limits, failed or ended         exit 1
"""

from __future__ import annotations

import sys
from typing import Any


class AutograderError(Exception):
    """An error that tells a person in one message what is wrong, where, and what to do about it.

    Args:
        what: what is wrong, as a sentence.
        where: the lesson, student, cell or file, as far as known.
        remedy: what to do about it, as a sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        # `where` may contain a name that a stranger chose: without newlines it cannot forge a second line of output.
        self.what, self.where, self.remedy = what, where.replace("\n", "?"), remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.remedy}" if self.remedy else "")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, self.where, self.remedy)


def _rebuild(kind: type[AutograderError], what: str, where: str, remedy: str) -> AutograderError:
    return kind(what, where=where, remedy=remedy)


class UsageError(AutograderError):
    exit_code = 2


class ClassError(UsageError):
    pass


class RosterError(UsageError):
    pass


class LessonError(UsageError):
    pass


class SourceError(AutograderError):
    """All faults in the lesson sources, reported together so that they can be fixed in one pass."""

    exit_code = 2

    @classmethod
    def of(cls, faults: list[str]) -> SourceError:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        return cls(f"{count} in the lesson sources:\n" + "\n".join(f"  - {fault}" for fault in faults))


class UnknownStudent(AutograderError):
    pass


class UnreadableSubmission(AutograderError):
    exit_code = 2


class GradebookError(AutograderError):
    pass


class ClassInUse(AutograderError):
    pass


class SandboxUnavailable(AutograderError):
    pass


class PoolError(AutograderError):
    pass


class BundleError(AutograderError):
    pass


# How this program was started, so that the commands that messages recommend can be copied and run.
COMMAND = f"{sys.orig_argv[0]} -m autograder"


class ChannelError(AutograderError):
    """Talking to a process in the sandbox failed; the conversation cannot go on."""


class FrameTooLarge(ChannelError):
    """A frame that exceeds the size limits."""


class MalformedFrame(ChannelError):
    """Bytes that are not a frame, or a frame that does not hold a valid value or an expected message."""


class RefusedValue(ChannelError):
    """A value that cannot be handed to the tests; the message is written for the student whose value it is."""


class ChannelClosed(ChannelError):
    """The other process closed the connection or ended."""


class ChannelTimeout(ChannelError):
    """The other process did not answer in time."""


class ForkServerDied(AutograderError):
    """A fork server ended or got stuck; a new one can be started, and the current submission graded again."""


class BeyondLimits(AutograderError):
    """A clerk exceeded its limits, failed or ended; `what` says what it was doing and which limit it hit."""
