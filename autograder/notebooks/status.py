"""How running a submission ended."""

from enum import StrEnum


class Status(StrEnum):
    """How running a submission ended, as records, graded notebooks and feedback pages say it."""

    GRADED = "graded"
    """All cells ran."""
    TIMEOUT = "timeout"
    """A cell did not come to an end in its time."""
    OUT_OF_MEMORY = "out_of_memory"
    """A cell used more memory than it may."""
    KILLED = "killed"
    """A cell ended the whole process."""
    UNREADABLE = "unreadable"
    """The file is no notebook."""
    NOT_RECORDED = "not_recorded"
    """The gradebook could not take it; the record says why."""
    DROPPED = "dropped"
    """The student was removed from the gradebook."""
    LOST = "lost"
    """The grader lost the process and runs the notebook again; in no record."""


# How running a notebook may end, for who reads a graded notebook.
ENDINGS = (Status.GRADED, Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.KILLED, Status.UNREADABLE)
