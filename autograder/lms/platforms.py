"""How Canvas, Moodle and Gradescope name what students handed in.

The rules are the platforms' own, from their sources:
- Canvas `lib/content_zipper.rb`: `<last><first>[_LATE]_<user id>_<attachment id>_<file>`, all in one folder. The name is
  the sortable one ("Last, First") in lower case, without anything that is no letter, digit or '_'. The attachment's id grows
  with each upload. The "-1" behind a file's name tells nothing: Canvas puts it there when the student has a file of that
  name already, and browsers put it there as well.
- Moodle `mod/assign/classes/downloader.php`: `<full name>_<participant id>_assignsubmission_file[_]/<file>`, or, without
  folders, `<full name>_<participant id>_assignsubmission_file_<file>`. The full name holds no '_'.
- Gradescope's export: `submission_<id>/<file>`, and `submission_metadata.yml`, a Ruby hash of who handed in when.
- A plain archive: `<student id>/.../<file>`.

Only the top level of an archive is the platform's. Below it lies what students chose, which never decides anything.
The times in the zips of Canvas and Moodle are those of the download and tell nothing about a submission.
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
# Where the name ends and the ids begin. Canvas' numbers have no zeros in front.
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
# A Canvas instance that spans several databases puts the database's number in front of an id of this many digits.
SHARD = 10**13


@dataclass(frozen=True)
class HandIn:
    """A file that somebody handed in; `attempt` orders what one person handed in, the highest is the latest.

    `doubt` are the other users whose file this may be as well: a name can be made to look like another's.
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
    """The platform whose form an archive's top level has throughout.

    Args:
        ids: of the class's students, after whom the folders of a plain archive are named.

    Raises:
        UsageError: there is no notebook, or the top level has no form or several.
    """
    entries = _readable(archive)
    if not any(NOTEBOOK.search(entry.name) for entry in entries):
        raise UsageError(
            "there is no notebook in it.",
            where=str(archive.path),
            remedy="Name the archive that the platform's 'Download submissions' gave.",
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
        f"its top level does not tell which platform it is from ({', '.join(names)}).",
        where=str(archive.path),
        remedy=f"Name it with --platform: {', '.join(PLATFORMS)}.",
    )


def _check_alone(archive: Archive, entries: list[Entry], depth: int, ids: frozenset[str]) -> None:
    """Refuse a lone folder that is no student's and holds what could be everybody's: its name may be a student's choice."""
    tops = {entry.parts[depth] if len(entry.parts) > depth + 1 else "" for entry in entries}
    name = min(tops)
    if len(tops) > 1 or not name or name in ids or _form(entries[0], depth, ids) != "plain":
        return
    below = {entry.parts[depth + 1] for entry in entries if len(entry.parts) > depth + 2}
    if below & ids or any(_form(entry, depth + 1, ids) != "plain" for entry in entries):
        raise UsageError(
            f"all of it lies in the folder {printable(name)!r}, which is no student's id.",
            where=str(archive.path),
            remedy="If it is the platform's, unpack the archive and name that folder instead; if it is a student's, rename it to the id.",
        )


def _form(entry: Entry, depth: int, ids: frozenset[str]) -> str:
    """Whose form the first part of a name has that is not of a folder around everything."""
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
    """What was handed in by the rules of a platform, and the notebooks that do not follow them, with a fault if one is known.

    Args:
        ids: of the class's students, by which a plain archive's folders are told from folders around them.
        named: whether a person named the platform; then one folder of any name may lie around everything of it.

    Raises:
        UsageError: Gradescope's metadata are missing, twice there, or cannot be read.
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
    """How many folders lie around the platform's own top level: those that hold everything and can be nobody's.

    A folder of another name may be that of the only student, who chose what is in it.
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
    # A student's own name may hold what looks like ids, and so may the file's: of a name Canvas leaves lower case.
    doubt = tuple(other["user"] for text, other in others if text == canvas_word(text))
    return HandIn(
        entry, Owner(name, match["user"]), match["file"], (int(match["upload"]),), bool(match["late"]), doubt=doubt
    )


def _canvas_readings(top: str) -> list[tuple[str, re.Match[str]]]:
    """Each way to take a name of Canvas' apart: what stands before the ids, and the ids."""
    found = [(top[: match.start()], match) for match in CANVAS.finditer(top[:2000])]
    # '_LATE' is found once with and once without.
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
            f"there is no {METADATA} at its top level." if not files else f"there are two {METADATA}.",
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
    """Why a submission is nobody's."""
    fault = metadata.get(submission, {}).get("fault") or "nobody who handed it in is named"
    return f"{METADATA} does not tell whose it is ({printable(fault)}); ask the student."


def _gradescope(entry: Entry, depth: int, metadata: dict[str, Any]) -> list[HandIn]:
    """One for each person of a group: each of them hands in for himself."""
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
    """An aware time; Rails writes UTC where it writes no zone."""
    try:
        value = datetime.fromisoformat(
            re.sub(r" ?(UTC|Z)$", "+00:00", text[:64].strip()).replace(" +", "+").replace(" -", "-")
        )
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        value.astimezone(UTC)  # the first and the last day of all years are none elsewhere
        return value
    except (ValueError, OverflowError):
        return None
