"""What some tests need of the system. Where it is missing they are left out, and named at the end; in CI they fail."""

import glob
import os
import shutil
from collections import Counter
from functools import cache

import pytest

from convlab.data import DEBIAN_DIRECTORY

NEEDS = "needs "


def chromium():
    return shutil.which("chromium") or shutil.which("google-chrome")


def initdb():
    """PostgreSQL's program that makes a database; Debian does not put it on PATH."""
    return max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default=None) or shutil.which("initdb")


def _sandbox():
    from autograder.sandbox import missing

    return "".join(f"the sandbox, but {fault}" for fault in missing()[:1])


FAULTS = {
    "chromium": lambda: "" if chromium() else "Chromium (apt-get install chromium)",
    "postgresql": lambda: "" if initdb() else "PostgreSQL's server (apt-get install postgresql)",
    "data set": lambda: (
        "" if DEBIAN_DIRECTORY.is_dir() else "the whole data set (apt-get install dataset-fashion-mnist)"
    ),
    "sandbox": _sandbox,
}
fault = cache(lambda name: FAULTS[name]())


def require(name):
    """Leave the test out if what it needs is not there."""
    if fault(name):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{NEEDS}{fault(name)}")


def left_out(skipped):
    """A sentence for each need that was not met: how many tests were left out for it."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    return [f"Left out: {count} test(s), which need {reason.removeprefix(NEEDS)}" for reason, count in reasons.items()]
