"""Everything that can go wrong in a way a person can mend.

AutograderError            what happened, where, and what to do
├── UsageError             the call cannot mean anything here             exit 2
│   ├── ClassError         this is not a class directory, or not a usable one
│   ├── RosterError        the roster has rows that cannot be students
│   └── LessonError        no lesson of that name
├── SourceError            a lesson's source breaks the rules             exit 2
├── UnreadableSubmission   a notebook that cannot be read at all          exit 2
├── GradebookError         the database refuses to answer or to write     exit 1
├── ClassInUse             another process is writing into the class      exit 1
├── SandboxUnavailable     the walls cannot be built on this machine      exit 1
├── PoolError              the workers of a batch cannot be reached, or died   exit 1
└── BundleError            what students get cannot be put together        exit 1
"""

from __future__ import annotations

import sys


class AutograderError(Exception):
    """One clear sentence for a person: what is wrong, where, and the remedy.

    Args:
        what: the fault, a sentence.
        where: lesson, student, cell or file, as far as known.
        remedy: what to do about it, a sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        # A place is a stranger's name at times, and forges no second line.
        self.what, self.where, self.remedy = what, where.replace("\n", "?"), remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.remedy}" if self.remedy else "")

    def __reduce__(self):
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
    """The faults of lesson sources, all of them at once: mending one at a time is no fun."""

    exit_code = 2

    @classmethod
    def of(cls, faults: list[str]) -> SourceError:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        return cls(f"{count} in the lesson sources:\n" + "\n".join(f"  - {fault}" for fault in faults))


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


# As it was called, so that what a message advises can be copied.
COMMAND = f"{sys.orig_argv[0]} -m autograder"


class ChannelError(AutograderError):
    """The conversation cannot go on."""


class FrameTooLarge(ChannelError):
    """A frame beyond the caps."""


class MalformedFrame(ChannelError):
    """Bytes that are no frame, or a frame that is no value."""


class RefusedValue(ChannelError):
    """A value that cannot be handed to the tests, in words for its author."""


class ChannelClosed(ChannelError):
    """The other side is gone."""


class ChannelTimeout(ChannelError):
    """The other side did not answer in time."""


class ForkServerDied(AutograderError):
    """The parent is gone; a new one can be started and the submission in hand graded again."""


class BeyondLimits(AutograderError):
    """A clerk needed more than it may, or ended; `what` says for what, and how."""
