"""Imports submissions from a platform: archive -> hand-ins -> students -> `submitted/`, recorded in the import log."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograder.classroom import ClassDirectory, read_roster
from autograder.classroom.matching import Owner, Roster, mapped, unmapped
from autograder.classroom.roster import ROSTER, on_any_disk, refuse_strangers
from autograder.errors import AutograderError, LessonError, RosterError, UnknownStudent, UsageError
from autograder.files import printable, write_atomically
from autograder.gradebook import gradebook_errors
from autograder.lms.archive import Archive
from autograder.lms.import_log import Imports
from autograder.lms.platforms import PLATFORMS, SHARD, HandIn, detect, hand_ins
from autograder.notebooks.file_names import lesson_of

LOG = logging.getLogger(__name__)
TIMESTAMP = "timestamp.txt"
MAX_TIED = 20
STATUSES = ("imported", "replaced", "unchanged", "not_mapped", "refused")


@dataclass(frozen=True)
class ImportResult:
    """The outcome of importing one student's hand-in: `status` is one of STATUSES, `note` gives the reason."""

    status: str
    student: str
    entry: str = ""
    note: str = ""
    late: bool = False
    submitted: str = ""

    @property
    def is_fault(self) -> bool:
        return self.status in ("not_mapped", "refused")


def import_archive(
    classroom: ClassDirectory, lesson: str, path: Path, *, platform: str | None = None, roster: Path | None = None
) -> tuple[str, list[ImportResult]]:
    """Put each student's latest notebook of an archive into `submitted/<student>/<lesson>/<lesson>.ipynb`.

    Of a lesson with several notebooks, or one of another name, these are put there under their names. What cannot be
    imported is listed with the reason and does not stop the rest.

    Args:
        path: a zip file or a folder.
        platform: one of PLATFORMS; by default, it is detected from the names in the archive.
        roster: a CSV file with a column `id` and columns that map a platform's users to it: names, `email`,
            `canvas_id`, `lms_user_id`, `participant_id`, `sis_id`; or a file exported from the platform. By default,
            `roster.csv` in the class directory, if it exists. It is added to what the gradebook knows.

    Returns:
        The platform, and the outcome of each hand-in.

    Raises:
        LessonError, RosterError, UsageError: nothing was imported.
    """
    _check_released(classroom, lesson)
    if platform is not None and platform not in PLATFORMS:
        raise UsageError(f"there is no platform '{platform}'.", remedy=f"There are: {', '.join(PLATFORMS)}.")
    students = class_roster(classroom, roster)
    imports = Imports(classroom.path)
    with Archive(path) as archive:
        named, platform = platform is not None, platform or detect(archive, students.ids)
        open_class = platform == "plain" and not classroom.has_roster
        if not students.students and not open_class:
            raise RosterError(
                "the class has no students, so no submission can be mapped to one.",
                where=str(classroom.path),
                remedy="Give a roster with --roster (columns id, first_name, last_name, email).",
            )
        imports.teach(students, platform, lesson)
        found, strays = hand_ins(archive, platform, students.ids, named=named)
        results = [ImportResult("refused", "", printable(e.name), e.fault) for e in archive.entries if e.fault]
        note = f"its name does not follow the rules of {platform}; see --platform."
        results += [ImportResult("not_mapped", "", printable(stray.name), stray.fault or note) for stray in strays]
        files, faults = _by_student(found, students, platform, open_class=open_class)
        results += faults
        known = members(classroom)
        for student, theirs in sorted(files.items()):
            results += _import_all(classroom, imports, archive, lesson, platform, student, theirs, known)
    for one in results:
        level = logging.WARNING if one.is_fault else logging.INFO
        LOG.log(level, "%s: %s from %s%s", one.student or "nobody", one.status, one.entry, one.note and f": {one.note}")
    return platform, results


@dataclass
class _Theirs:
    """The files that one student handed in; `by` says whether the student was found by "id" or by "name"."""

    by: str
    files: list[HandIn]


def _by_student(
    found: list[HandIn], students: Roster, platform: str, *, open_class: bool
) -> tuple[dict[str, _Theirs], list[ImportResult]]:
    """The files of each student, and a result for each file that could not be mapped to a student."""
    results = []
    certain = []
    for one in found:
        if one.doubt:
            users = " or ".join(f"user {user}" for user in (one.owner.user, *one.doubt[:4]))
            fault = AutograderError(
                f"it may belong to {users}: its name can be read in more than one way.",
                remedy="Look on Canvas whose file it is, unpack the archive, rename or remove it, and import the folder.",
            )
            results.append(ImportResult("not_mapped", "", printable(one.entry.name), str(fault)))
        else:
            certain.append(one)
    owners = [one.owner for one in certain]
    if open_class:
        people, faults = _folder_names(owners)
    else:
        people, faults = mapped(owners, students, platform)
    files: dict[str, _Theirs] = {}
    for one in certain:
        if one.owner in people:
            by = "id" if open_class or students.certain(one.owner, platform) else "name"
            files.setdefault(people[one.owner], _Theirs(by, [])).files.append(one)
    first = {one.owner: one.entry.name for one in reversed(certain)}
    results += [ImportResult("not_mapped", "", printable(first[owner]), str(fault)) for owner, fault in faults.items()]
    return files, results


def _folder_names(owners: list[Owner]) -> tuple[dict[Owner, str], dict[Owner, AutograderError]]:
    """In a class that anybody may join, folder names are ids; those that some disks do not distinguish are faults."""
    names = {owner.ids[0] for owner in owners}
    counts = Counter(map(on_any_disk, names))
    twice = {owner for owner in owners if counts[on_any_disk(owner.ids[0])] > 1}
    people = {owner: owner.ids[0] for owner in owners if owner not in twice}
    return people, {
        owner: unmapped(owner, "plain", "differs from another folder only by case or a dot") for owner in twice
    }


def _import_all(
    classroom: ClassDirectory,
    imports: Imports,
    archive: Archive,
    lesson: str,
    platform: str,
    student: str,
    theirs: _Theirs,
    known: set[str] | None,
) -> list[ImportResult]:
    """Import the notebooks of one student; the files that are none of the lesson's several notebooks are left."""
    names = classroom.notebooks(lesson)
    lessons = [*(one for one in classroom.lessons if one != lesson), *names]
    parts = {names[0]: theirs}
    if len(names) > 1:
        files = {name: [one for one in theirs.files if lesson_of(one.file, names) == name] for name in names}
        parts = {name: _Theirs(theirs.by, some) for name, some in files.items() if some}
    if not parts:
        there = _listed(one.file for one in theirs.files)
        fault = AutograderError(
            f"none of the lesson's notebooks was handed in, only {there}.",
            remedy=f"Ask for {', '.join(f'{name}.ipynb' for name in names)}.",
        )
        return [ImportResult("refused", student, printable(theirs.files[0].entry.name), str(fault))]
    return [
        _import_one(classroom, imports, archive, (lesson, name, lessons), platform, student, part, known)
        for name, part in parts.items()
    ]


def _import_one(
    classroom: ClassDirectory,
    imports: Imports,
    archive: Archive,
    of: tuple[str, str, list[str]],
    platform: str,
    student: str,
    theirs: _Theirs,
    known: set[str] | None,
) -> ImportResult:
    """Import one notebook; `of` are its lesson, its name, and the names that notebooks may have."""
    lesson, name, lessons = of
    entry = printable(theirs.files[0].entry.name)
    try:
        refuse_strangers(student, known, "import")
        chosen, content = _latest(archive, student, theirs.files, name, lessons)
        return _put(classroom, imports, student, lesson, name, platform, theirs.by, chosen, content)
    except UnknownStudent as error:
        return ImportResult("not_mapped", printable(student), entry, str(error))
    except AutograderError as error:
        return ImportResult("refused", student, entry, str(error))
    except OSError as error:
        return ImportResult("refused", student, entry, str(_explained(error, classroom.path)))


def _check_released(classroom: ClassDirectory, lesson: str) -> None:
    classroom.select([lesson])
    release = classroom.path / "release" / lesson
    if not all((release / f"{name}.ipynb").is_file() for name in classroom.notebooks(lesson)):
        raise LessonError(
            f"the lesson '{lesson}' is not released.",
            where=str(classroom.path / "release"),
            remedy=f"Release it with 'nbgrader generate_assignment {lesson}'.",
        )


def class_roster(classroom: ClassDirectory, path: Path | None = None) -> Roster:
    """The students of the gradebook, with what a roster adds about them. Raises RosterError, GradebookError."""
    columns = ("first_name", "last_name", "email", "lms_user_id")
    with gradebook_errors(classroom.db_url), Gradebook(classroom.db_url) as gradebook:
        known = {
            one.id: {"id": one.id} | {column: getattr(one, column) or "" for column in columns}
            for one in gradebook.students
        }
    path = path or classroom.path / ROSTER
    if path.is_file() or path != classroom.path / ROSTER:
        for row in read_roster(path, known):
            known[row["id"]] = known.get(row["id"], {}) | row
    return Roster(list(known.values()))


def members(classroom: ClassDirectory) -> set[str] | None:
    """The ids of the students who may hand in; None if anybody may."""
    if not classroom.has_roster:
        return None
    with gradebook_errors(classroom.db_url), Gradebook(classroom.db_url) as gradebook:
        return {one.id for one in gradebook.students}


def _latest(
    archive: Archive, student: str, files: list[HandIn], lesson: str, lessons: list[str]
) -> tuple[HandIn, bytes]:
    """The notebook that counts, and its bytes. Raises AutograderError if there is none, or if it is unclear which."""
    notebooks = [one for one in files if one.is_notebook]
    if not notebooks:
        names = _listed(one.file for one in files)
        raise AutograderError(f"no notebook was handed in, only {names}.", remedy=f"Ask for {lesson}.ipynb.")
    named = [one for one in notebooks if lesson_of(one.file, lessons) == lesson]
    others = sorted({other for one in notebooks if (other := lesson_of(one.file, lessons))} - {lesson})
    if not named and others:
        raise AutograderError(
            f"the notebook is named after another lesson, {others[0]}.", remedy="Import it there, or ask the student."
        )
    if not named and len(notebooks) > 1:
        raise AutograderError(
            f"several notebooks were handed in and none is named {lesson}.ipynb: {_listed(one.file for one in notebooks)}.",
            remedy="Keep only one of them in the archive.",
        )
    candidates = named or notebooks
    newest = max(one.attempt for one in candidates)
    tied = [one for one in candidates if one.attempt == newest or not _comparable(one.attempt, newest)]
    if len(tied) <= MAX_TIED:
        first = archive.read(tied[0].entry, whose=student)
        digest = hashlib.sha256(first).digest()
        if all(hashlib.sha256(archive.read(one.entry, whose=student)).digest() == digest for one in tied[1:]):
            return tied[0], first
    raise AutograderError(
        f"{len(tied)} files of one student differ, and it is unclear which is the latest: {_listed(one.entry.name for one in tied)}.",
        remedy="Keep only one of them in the archive, or ask the student.",
    )


def _comparable(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two attempts can be ordered by number: each of Canvas' databases counts its ids separately."""
    return bool(one) == bool(other) and (not one or one[-1] // SHARD == other[-1] // SHARD)


def _listed(names: Iterable[str], most: int = 8) -> str:
    """The first of these names, sorted, for a message."""
    unique = sorted({printable(name[:200]) for name in names})
    return ", ".join(unique[:most]) + (f" and {len(unique) - most:,} more" if len(unique) > most else "")


def _put(
    classroom: ClassDirectory,
    imports: Imports,
    student: str,
    lesson: str,
    name: str,
    platform: str,
    by: str,
    chosen: HandIn,
    content: bytes,
) -> ImportResult:
    """Write a notebook and its submission time, unless the existing one is the same or newer."""
    record = {
        "lesson": lesson,
        **({} if name == lesson else {"notebook": name}),
        "student": student,
        "platform": platform,
        "entry": chosen.entry.name,
        "file": chosen.file,
        "user": chosen.owner.user,
        "by": by,
        "attempt": list(chosen.attempt),
        "zipped": chosen.entry.time.isoformat() if chosen.entry.time else "",
        "submitted": chosen.submitted.isoformat() if chosen.submitted else "",
        "late": chosen.late,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    folder = classroom.path / "submitted" / student / lesson
    notebook, stamp = folder / f"{name}.ipynb", folder / TIMESTAMP
    if any(one.is_symlink() for one in (folder, folder.parent)):
        raise AutograderError(
            "the student's folder is a link, and writing there might overwrite someone else's files.",
            where=str(folder),
            remedy="Replace it with a folder, and import again.",
        )
    there = notebook.read_bytes() if notebook.is_file() and not notebook.is_symlink() else None
    time = f"{chosen.submitted.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if chosen.submitted else ""
    done = ImportResult("imported", student, printable(chosen.entry.name), "", chosen.late, time)
    if not lesson_of(chosen.file, [name]):
        done = replace(done, note=f"its name is '{printable(chosen.file)}', not {name}.ipynb")
    if chosen.late and not time:
        done = replace(done, note=f"{platform} marks it as late, but does not say when it was handed in")
    if there is not None and (
        reason := _older(imports.of(lesson, student, platform, name), record, stamp, there, content)
    ):
        return replace(done, status="unchanged", note=reason)
    if there != content:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(notebook, content)
        done = replace(done, status="imported" if there is None else "replaced")
    else:
        done = replace(done, status="unchanged")
    if time and (not stamp.is_file() or stamp.read_text(encoding="utf-8", errors="replace").strip() != time):
        write_atomically(stamp, f"{time}\n".encode())
    elif not time and done.status == "replaced":
        # It is the time of the previous notebook.
        stamp.unlink(missing_ok=True)
    imports.write(record)
    return done


def _older(before: dict[str, Any], now: dict[str, Any], stamp: Path, there: bytes, content: bytes) -> str:
    """Why the existing notebook is newer than the one to import; "" if nothing says so."""
    if now["submitted"] and stamp.is_file():
        with contextlib.suppress(ValueError, OverflowError, AttributeError):
            kept = parse_utc(stamp.read_text(encoding="utf-8", errors="replace").strip()).replace(tzinfo=UTC)
            if kept > datetime.fromisoformat(now["submitted"]).replace(microsecond=0):
                return f"the existing one was handed in later ({kept:%Y-%m-%d %H:%M:%S} UTC) and is kept"
        return ""
    if there == content or before.get("sha256") != hashlib.sha256(there).hexdigest():
        return ""
    same_user = before.get("user") == now["user"]
    # Records written by earlier versions have another number before the attachment's id.
    earlier, later = before.get("attempt", [])[-1:], now["attempt"][-1:]
    if now["platform"] == "canvas" and same_user and earlier != later and _comparable(tuple(earlier), tuple(later)):
        return "the existing one is a later attempt and is kept" if earlier > later else ""
    if before.get("zipped", "") > now["zipped"] > "":
        return "the existing one came with a later archive and is kept"
    return ""


def write_out(path: Path, content: bytes) -> None:
    """Call `write_atomically` for a file that the user named. Raises AutograderError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise _explained(error, path) from error


def _explained(error: OSError, where: Path) -> AutograderError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AutograderError(
            "the disk is full.",
            where=str(where),
            remedy="Free disk space and run this again: nothing was lost, and nothing is imported twice.",
        )
    return AutograderError(
        f"the file cannot be written ({error.strerror}: {error.filename}).",
        remedy="Fix this and run the command again.",
    )


def as_dict(platform: str, results: list[ImportResult]) -> dict[str, Any]:
    return {"platform": platform, "submissions": [asdict(one) for one in results]}
