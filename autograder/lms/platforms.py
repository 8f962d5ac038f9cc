"""How Canvas, Moodle and Gradescope name submitted files.

The rules are those of the platforms, from their sources:
- Canvas `lib/content_zipper.rb`: `<last><first>[_LATE]_<user id>_<attachment id>_<file>`, all in one folder. The name
is
  the sortable one ("Last, First") in lower case, reduced to letters, digits and '_'. The attachment's id grows with
  each upload. A "-1" after a file's name has no meaning here: Canvas adds it if the student already has a file of that
  name, and so do browsers.
- Moodle `mod/assign/classes/downloader.php`: `<full name>_<participant id>_assignsubmission_file[_]/<file>`, or,
without
  folders, `<full name>_<participant id>_assignsubmission_file_<file>`. The full name contains no '_'.
- Gradescope's export: `submission_<id>/<file>`, and `submission_metadata.yml`, a Ruby hash of who handed in and when.
- A plain archive: `<student id>/.../<file>`.

Only the top level of an archive is named by the platform. Names below it are chosen by students and never decide
anything. The times in the zips of Canvas and Moodle are those of the download and say nothing about a submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from autograder.classroom.matching import Owner, canvas_word
from autograder.errors import AutograderError, UsageError
from autograder.files import printable
from autograder.lms.archive import Archive, Entry
from autograder.lms.gradescope import MAX_BYTES, Malformed, parse
from autograder.notebooks.file_names import NOTEBOOK, plain

PLATFORMS = ("canvas", "moodle", "gradescope", "plain")
# Matches where the student's name ends and the ids begin. Canvas' ids have no leading zeros.
CANVAS = re.compile(
    r"(?P<late>_LATE)?(?=_(?P<user>[1-9][0-9]{0,19})_(?P<upload>[1-9][0-9]{0,19})_(?P<file>.+))", re.DOTALL
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]{1,40})_(?P<upload>[1-9][0-9]{0,19})_(?P<file>.+)"
)
CANVAS_PAGE = re.compile(r".*_[0-9]{1,20}_(text|link)\.html", re.DOTALL)
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<user>[0-9]{1,20})_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL)
MOODLE_OTHER = re.compile(r"[^_]+_[0-9]{1,20}_assign[a-z]+_[a-z]+(_.*)?", re.DOTALL)
METADATA = "submission_metadata.yml"
GRADESCOPE_TOP = re.compile(r"assignment_[0-9]+_export")
GRADESCOPE = re.compile(r"submission_[0-9]+")
USUAL = ("submitted", "submissions")
# A Canvas instance with several databases adds the database's number times this to an id.
SHARD = 10**13


@dataclass(frozen=True)
class HandIn:
    """A file that somebody handed in; of one person's files, the one with the highest `attempt` is the latest.

    `doubt` lists other users whose file this may be instead: a student can choose a name that looks like another's.
    """

    entry: Entry
    owner: Owner
    file: str
    attempt: tuple[float, ...] = ()
    late: bool = False
    submitted: datetime | None = None
    doubt: tuple[str, ...] = ()

    @property
    def is_notebook(self) -> bool:
        return bool(NOTEBOOK.search(self.file))


def detect(archive: Archive, ids: Iterable[str] = ()) -> str:
    """Detect the platform whose naming rules all names at an archive's top level follow.

    Args:
        ids: the ids of the class's students, after whom the folders of a plain archive are named.

    Raises:
        UsageError: there is no notebook, or the names at the top level follow the rules of no platform or of several.
    """
    entries = _readable(archive)
    if not any(NOTEBOOK.search(entry.name) for entry in entries):
        raise UsageError(
            "the archive contains no notebook.",
            where=str(archive.path),
            remedy="Name the archive downloaded with the platform's 'Download submissions'.",
        )
    ids = frozenset(ids)
    depth = _folders_around(archive, entries, ids)
    forms = {_form(entry, depth, ids) for entry in entries}
    if "metadata" in forms and forms <= {"metadata", "gradescope"}:
        return "gradescope"
    if len(forms) == 1 and forms & {"canvas", "moodle", "plain"}:
        _check_alone(archive, entries, depth, ids)
        return forms.pop()
    found = {"metadata": METADATA, "gradescope": "folders of Gradescope", "plain": "other names"}
    names = sorted(found.get(form, f"names of {form.capitalize()}") for form in forms)
    raise UsageError(
        f"the names at its top level do not show which platform it is from ({', '.join(names)}).",
        where=str(archive.path),
        remedy=f"Name it with --platform: {', '.join(PLATFORMS)}.",
    )


def _check_alone(archive: Archive, entries: list[Entry], depth: int, ids: frozenset[str]) -> None:
    """Raise UsageError for a single folder that is named by no student's id and may contain the files of several.

    Its name may have been chosen by a student.
    """
    tops = {entry.parts[depth] if len(entry.parts) > depth + 1 else "" for entry in entries}
    name = min(tops)
    if len(tops) > 1 or not name or name in ids or _form(entries[0], depth, ids) != "plain":
        return
    below = {entry.parts[depth + 1] for entry in entries if len(entry.parts) > depth + 2}
    if below & ids or any(_form(entry, depth + 1, ids) != "plain" for entry in entries):
        raise UsageError(
            f"everything is in the folder {printable(name)!r}, which is not a student's id.",
            where=str(archive.path),
            remedy="If the platform made it, unpack the archive and import that folder; if it is a student's, rename it to the id.",
        )


def _form(entry: Entry, depth: int, ids: frozenset[str]) -> str:
    """The platform whose rules the part of a name at the platform's top level follows, or "metadata"."""
    top, is_file = entry.parts[depth], len(entry.parts) == depth + 1
    if top in ids and not is_file:
        return "plain"
    if top == METADATA and is_file:
        return "metadata"
    if GRADESCOPE.fullmatch(top) and not is_file:
        return "gradescope"
    if MOODLE.fullmatch(top) or MOODLE_OTHER.fullmatch(top):
        return "moodle"
    if _canvas_readings(top) or CANVAS_ANONYMOUS.fullmatch(top) or CANVAS_PAGE.fullmatch(top):
        return "canvas"
    return "plain"


def _readable(archive: Archive) -> list[Entry]:
    return [entry for entry in archive.entries if entry.parts and not entry.fault]


def hand_ins(
    archive: Archive, platform: str, ids: Iterable[str], *, named: bool = False
) -> tuple[list[HandIn], list[Entry]]:
    """The files whose names follow a platform's rules, and the notebooks whose names do not, with a fault if known.

    Args:
        ids: the ids of the class's students, which distinguish the folders of a plain archive from folders around them.
        named: whether the user named the platform; if so, folders of any name may surround its top level.

    Raises:
        UsageError: Gradescope's metadata file is missing, exists twice, or cannot be read.
    """
    entries, ids = _readable(archive), frozenset(ids)
    depth = _folders_around(archive, entries, ids, any_name=named and platform != "plain")
    if platform == "gradescope":
        metadata = _metadata(archive, entries, depth)
        found = {entry: _gradescope(entry, depth, metadata) for entry in entries if entry.parts[depth:] != [METADATA]}
    elif platform == "plain":
        found = {entry: [_plain(entry, depth)] for entry in entries if len(entry.parts) > depth + 1}
    else:
        reads = _canvas if platform == "canvas" else _moodle
        found = {entry: [one] for entry in entries if (one := reads(entry, depth)) is not None}
    strays = [entry for entry in entries if not found.get(entry) and NOTEBOOK.search(entry.name)]
    if platform == "gradescope":
        strays = [replace(entry, fault=_about(entry.parts[depth], metadata)) for entry in strays]
    return [one for several in found.values() for one in several], strays


def _folders_around(archive: Archive, entries: list[Entry], ids: frozenset[str], *, any_name: bool = False) -> int:
    """The number of folders around the platform's top level: those that contain everything and cannot be a student's.

    A folder with an unusual name may belong to the only student, who chose its contents.
    """
    depth = 0
    near = {plain(one) for one in ids}
    while len(here := {entry.parts[depth] if len(entry.parts) > depth + 1 else "" for entry in entries}) == 1:
        (name,) = here
        usual = name.lower() in USUAL or name == archive.path.stem or GRADESCOPE_TOP.fullmatch(name)
        if not name or plain(name) in near or not (usual or any_name):
            break
        if any_name and _form(entries[0], depth, ids) != "plain":
            break
        depth += 1
    return depth


def _canvas(entry: Entry, depth: int) -> HandIn | None:
    top = entry.parts[depth]
    if len(entry.parts) != depth + 1:
        return None
    anonymous = CANVAS_ANONYMOUS.fullmatch(top)
    if anonymous:
        owner = Owner("anon", anonymous["user"])
        return HandIn(entry, owner, anonymous["file"], (int(anonymous["upload"]),), bool(anonymous["late"]))
    readings = _canvas_readings(top)
    if not readings:
        return None
    (name, match), *others = readings
    # A student's name may contain what looks like ids, and so may the file's; Canvas writes the student's in lower
    # case.
    doubt = tuple(other["user"] for text, other in others if text == canvas_word(text))
    return HandIn(
        entry, Owner(name, match["user"]), match["file"], (int(match["upload"]),), bool(match["late"]), doubt=doubt
    )


def _canvas_readings(top: str) -> list[tuple[str, re.Match[str]]]:
    """All ways to split a name from Canvas: the text before the ids, and the match of the ids."""
    found = [(top[: match.start()], match) for match in CANVAS.finditer(top[:2000])]
    # '_LATE' is matched once with and once without; the latter is dropped.
    return [(text, match) for text, match in found if not text.endswith("_LATE") or match["late"]]


def _moodle(entry: Entry, depth: int) -> HandIn | None:
    match = MOODLE.fullmatch(entry.parts[depth])
    is_file = len(entry.parts) == depth + 1
    if not match or (is_file and not match["file"]):
        return None
    return HandIn(entry, Owner(match["name"], match["user"]), match["file"] if is_file else entry.parts[-1])


def _plain(entry: Entry, depth: int) -> HandIn:
    time = (entry.time.timestamp(),) if entry.time else (0,)
    return HandIn(entry, Owner(ids=(entry.parts[depth],)), entry.parts[-1], time)


def _metadata(archive: Archive, entries: list[Entry], depth: int) -> dict[str, Any]:
    files = [entry for entry in entries if entry.parts[depth:] == [METADATA]]
    if len(files) != 1:
        raise UsageError(
            f"there is no {METADATA} at its top level." if not files else f"{METADATA} exists more than once.",
            where=str(archive.path),
            remedy="Export the submissions from Gradescope again, or name another --platform.",
        )
    try:
        return parse(archive.read(files[0], MAX_BYTES))
    except (Malformed, AutograderError) as error:
        raise UsageError(
            f"{METADATA} cannot be read: {str(error).rstrip('.')}.",
            where=str(archive.path),
            remedy="Export the submissions again.",
        ) from error


def _about(submission: str, metadata: dict[str, Any]) -> str:
    """Why a submission cannot be mapped to anybody."""
    fault = metadata.get(submission, {}).get("fault") or "it names no submitter"
    return f"{METADATA} does not say whose it is ({printable(fault)}); ask the student."


def _gradescope(entry: Entry, depth: int, metadata: dict[str, Any]) -> list[HandIn]:
    """A hand-in for each person of a group."""
    known = metadata.get(entry.parts[depth], {}) if len(entry.parts) > depth + 1 else {}
    submitted = _time(known.get("created_at", ""))
    return [
        HandIn(
            entry,
            Owner(one["name"], "", (one["sid"],), one["email"]),
            entry.parts[-1],
            (submitted.timestamp() if submitted else 0,),
            submitted=submitted,
        )
        for one in known.get("submitters", [])
    ]


def _time(text: str) -> datetime | None:
    """Parse a time; without a time zone it is UTC, as Rails writes it. None if it cannot be parsed."""
    try:
        value = datetime.fromisoformat(
            re.sub(r" ?(UTC|Z)$", "+00:00", text[:64].strip()).replace(" +", "+").replace(" -", "-")
        )
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        value.astimezone(UTC)  # raises OverflowError for times close to the first and the last representable year
        return value
    except (ValueError, OverflowError):
        return None
