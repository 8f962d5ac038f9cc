"""For classes made by version 0.1, whose `nbgrader_config.py` names this module."""

from autograder.grading import configure
from autograder.grading.nbgrader_plugin import FeedbackExporter, Run, RunHere, SubmissionExporter

__all__ = ["FeedbackExporter", "Run", "RunHere", "SubmissionExporter", "configure"]
