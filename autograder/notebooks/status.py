"""The status of a submission, how running it ended; and the mode of a test, where it is judged."""

from enum import StrEnum


class Status(StrEnum):
    """How running a submission ended; the value is what records and graded notebooks store."""

    GRADED = "graded"
    """All cells ran."""
    TIMEOUT = "timeout"
    """A cell did not finish within its time limit."""
    OUT_OF_MEMORY = "out_of_memory"
    """A cell exceeded the memory limit."""
    KILLED = "killed"
    """A cell ended the worker process."""
    UNREADABLE = "unreadable"
    """The file cannot be read as a notebook."""
    MISSING = "missing"
    """Other notebooks of the lesson were handed in, but not this one; its points count as 0."""
    NOT_RECORDED = "not_recorded"
    """The result could not be written to the gradebook; the record's `reason` says why."""
    DROPPED = "dropped"
    """The student was removed from the gradebook."""
    LOST = "lost"
    """The grader lost the process and runs the notebook again; never appears in a record."""


class Mode(StrEnum):
    """Where a test is judged; the value is what records and graded notebooks store. The instructor's lesson decides."""

    APART = "apart"
    """In the judge, on values from the student's process."""
    TOGETHER = "together"
    """In the student's process itself: the test needs it, and a determined notebook can forge the verdict."""
    BY_HAND = "by hand"
    """Not by machine: the test works neither way, so a person gives the points."""


# The statuses that a graded notebook may hold.
ENDINGS = (Status.GRADED, Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.KILLED, Status.UNREADABLE, Status.MISSING)
# Those of a notebook that was not run, since there was none.
NOT_READ = (Status.UNREADABLE, Status.MISSING)
