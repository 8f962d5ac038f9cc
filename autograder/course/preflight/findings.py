"""What a pre-flight found out about the tests of a notebook, and the file in which a class keeps it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import ClassError
from autograder.files import write_atomically
from autograder.notebooks.cells import lesson_notebook
from autograder.notebooks.status import Mode

FILE = "preflight.json"
# Raise this number when a change of the program may move a test from one mode to another: all pre-flights are then
# made anew.
JUDGING = 1


@dataclass(frozen=True)
class Finding:
    """A test that is not judged apart.

    Args:
        judged: where it is judged instead, a `Mode`.
        apart: why the instructor's own solution fails it there, or why it says nothing that it passes.
        together: why it fails together with the notebook, too; empty if it passes there.
        instead: what to write so that it can be judged apart.
    """

    judged: str
    apart: str
    together: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Findings:
    """What was found out about one notebook of a lesson.

    Args:
        lesson, notebook: their names.
        digest: that of what it was found out from, as from `digest_of`.
        tests: the tests that are not judged apart, by `grade_id`.
        free: the tests that give points to the notebook as handed out, without any answer.
        unsolved: the tests that fail for want of a solution in `source/`; they are judged apart, whether or not that works.
    """

    lesson: str
    notebook: str
    digest: str
    tests: dict[str, Finding] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    unsolved: tuple[str, ...] = ()

    @property
    def modes(self) -> dict[str, str]:
        """Where the tests that are not judged apart are judged, by `grade_id`."""
        return {name: finding.judged for name, finding in self.tests.items()}

    @property
    def silent(self) -> bool:
        """Whether there is nothing to say: every test can be judged apart, and none gives points for nothing."""
        return not (self.tests or self.free or self.unsolved)


def digest_of(source: bytes, files: dict[str, bytes]) -> str:
    """A digest of what findings depend on: the cells of a notebook in `source/`, the files beside it, the program."""
    cells = [
        [cell.cell_type, cell.source, cell.metadata.get("nbgrader"), cell.metadata.get("tags")]
        for cell in lesson_notebook(source).cells
    ]
    beside = sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files.items())
    return hashlib.sha256(json.dumps([JUDGING, cells, beside], sort_keys=True).encode()).hexdigest()


def kept_findings(folder: Path) -> dict[tuple[str, str], Findings]:
    """The findings that a class keeps, by lesson and notebook; without those that are damaged, which are made anew."""
    try:
        entries = json.loads((folder / FILE).read_text(encoding="utf-8"))["notebooks"]
        found = [one for entry in entries if (one := _read(entry))]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {(one.lesson, one.notebook): one for one in found}


def up_to_date(known: Iterable[Findings], source: Path) -> list[Findings]:
    """Those of the findings that hold for the notebooks below a folder, which have no other files beside them."""
    notebooks = [(one, source / one.lesson / f"{one.notebook}.ipynb") for one in known]
    return [one for one, path in notebooks if path.is_file() and one.digest == digest_of(path.read_bytes(), {})]


def _read(entry: Any) -> Findings | None:
    try:
        tests = {str(name): Finding(**finding) for name, finding in entry["tests"].items()}
        others = (tuple(map(str, entry[name])) for name in ("free", "unsolved"))
        found = Findings(entry["lesson"], entry["notebook"], entry["digest"], tests, *others)
    except (KeyError, TypeError, AttributeError):
        return None
    return found if {mode for mode in found.modes.values()} <= {Mode.TOGETHER, Mode.BY_HAND} else None


def keep_findings(folder: Path, found: Iterable[Findings]) -> None:
    """Add findings to those that a class keeps, in place of older ones. Raises ClassError if they cannot be written."""
    known = kept_findings(folder) | {(one.lesson, one.notebook): one for one in found}
    entries = [asdict(known[key]) for key in sorted(known)]
    path = folder / FILE
    try:
        write_atomically(path, (json.dumps({"notebooks": entries}, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise ClassError(
            f"what the pre-flight found cannot be recorded ({error.strerror}).",
            where=str(path),
            remedy="Free disk space, or fix the file's permissions.",
        ) from error
