"""`make check` is quick and leaves nothing out by accident: only what is marked as slow."""

import subprocess
import sys

import pytest

from autograder.course import REPOSITORY as ROOT


def collected(expression):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", expression]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if "::" in line}


@pytest.mark.slow
def test_files_that_are_not_even_imported_hold_slow_tests_only():
    # Written otherwise, the same selection imports every file.
    assert collected("not slow") == collected("not (slow)") != set()
