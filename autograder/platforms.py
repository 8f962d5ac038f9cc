"""How Canvas, Moodle and Gradescope name what students handed in, and which student of the class a name means.

The rules are the platforms' own, from their sources:
- Canvas `lib/content_zipper.rb`: `<last><first>[_LATE]_<user id>_<attachment id>_<file>`, all in one folder. The name is
  the sortable one ("Last, First") in lower case, without anything that is no letter, digit or '_'.
- Moodle `mod/assign/classes/downloader.php`: `<full name>_<participant id>_assignsubmission_file[_]/<file>`, or, without
  folders, `<full name>_<participant id>_assignsubmission_file_<file>`.
- Gradescope's export: `submission_<id>/<file>`, and `submission_metadata.yml`, a Ruby hash of who handed in when.
- A plain archive: `<student id>/.../<file>`.

The times in the zips of Canvas and Moodle are those of the download and tell nothing about a submission.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import yaml

from autograder.archive import Archive, Entry, printable
from autograder.errors import AutograderError, UsageError

PLATFORMS = ("canvas", "moodle", "gradescope", "plain")
NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)
CANVAS = re.compile(
    r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d{1,20})_(?P<upload>\d{1,20})_(?P<file>.+)", re.DOTALL
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)(?:_(?P<late>LATE))?_(?P<user>\w{1,40}?)_(?P<upload>\d{1,20})_(?P<file>.+)"
)
MOODLE = re.compile(r"(?P<name>.+?)_(?P<user>\d{1,20})_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL)
# Columns of a roster that hold the platform's own id of a student. Moodle's is another one for each lesson.
USER_COLUMNS = {"canvas": ("lms_user_id", "canvas_id"), "moodle": ("participant_id",)}
METADATA = "submission_metadata.yml"
MAX_NAME = 255
MAX_METADATA_BYTES = 256 * 2**20
# What browsers, Jupyter and file managers put behind a name that is there already; Canvas puts -1, -2, ...
COPY = re.compile(r"(?:[ +_]?\((\d+)\)|-(\d+)|[ _-]+(?:copy|copie|kopie)[ _]?\d*)$", re.IGNORECASE)


@dataclass(frozen=True)
class Owner:
    """Whom a platform names: as much as it tells. `ids` are those of the university."""

    name: str = ""
    user: str = ""
    ids: tuple[str, ...] = ()
    email: str = ""

    def __str__(self) -> str:
        known = [self.name, *dict.fromkeys(self.ids), self.email, f"user {self.user}" if self.user else ""]
        return ", ".join(part for part in known if part)


@dataclass(frozen=True)
class HandIn:
    """A file that somebody handed in; `attempt` orders what one person handed in, the highest is the latest."""

    entry: Entry
    owner: Owner
    file: str
    attempt: tuple[float, ...] = ()
    late: bool = False
    submitted: datetime | None = None

    @property
    def is_notebook(self) -> bool:
        return bool(NOTEBOOK.search(self.file))


def lesson_of(file: str, lessons: Iterable[str]) -> str:
    """The lesson that a file is named after, whatever was put behind its name; empty if there is none."""
    known = {plain(lesson): lesson for lesson in lessons}
    stem = NOTEBOOK.sub("", unicodedata.normalize("NFC", file)).strip()
    # Longer names are on no disk, and taking them apart piece by piece takes minutes.
    while stem and len(stem) <= MAX_NAME:
        if plain(stem) in known:
            return known[plain(stem)]
        shorter = COPY.sub("", stem).strip()
        if shorter == stem:
            break
        stem = shorter
    return ""


def plain(text: str) -> str:
    """The letters and digits of a text, whatever their case and however their accents are stored."""
    for _ in range(2):  # Folding case may give what folds once more, or composes.
        kept = (letter for letter in text if unicodedata.category(letter)[0] in "LM" or letter.isdecimal())
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", "".join(kept)).casefold())
    return text


def words(*names: str) -> str:
    """`plain` that keeps words apart: Ann Alee is not Anna Lee."""
    return " ".join(filter(None, map(plain, re.split(r"[\s_,]+", " ".join(names)))))


def detect(archive: Archive) -> str:
    """The platform whose rules most notebooks of an archive follow. Raises UsageError if there is no notebook."""
    if any(entry.parts and entry.parts[-1] == METADATA and len(entry.parts) <= 2 for entry in archive.entries):
        return "gradescope"
    notebooks = [entry for entry in archive.entries if entry.parts and NOTEBOOK.search(entry.name)]
    if not notebooks:
        raise UsageError(
            "there is no notebook in it.",
            where=str(archive.path),
            remedy="Name the archive that the platform's 'Download submissions' gave.",
        )
    for platform, reads in (("moodle", _moodle), ("canvas", _canvas)):
        if sum(reads(entry) is not None for entry in notebooks) * 2 > len(notebooks):
            return platform
    return "plain"


def hand_ins(archive: Archive, platform: str, ids: Iterable[str]) -> tuple[list[HandIn], list[Entry]]:
    """What was handed in by the rules of a platform, and the notebooks that do not follow them.

    Args:
        ids: of the class's students, by which a plain archive's folders are told from folders around them.
    """
    entries = [entry for entry in archive.entries if entry.parts and not entry.fault]
    if platform == "gradescope":
        metadata = _metadata(archive)
        found = {entry: _gradescope(entry, metadata) for entry in entries if entry.parts[-1] != METADATA}
    elif platform == "plain":
        around = _folders_around(archive, entries, {one.casefold() for one in ids})
        found = {entry: [_plain(entry, around)] for entry in entries if len(entry.parts) > around + 1}
    else:
        reads = _canvas if platform == "canvas" else _moodle
        found = {entry: [one] for entry in entries if (one := reads(entry)) is not None}
    strays = [entry for entry in entries if not found.get(entry) and NOTEBOOK.search(entry.name)]
    return [one for several in found.values() for one in several], strays


def _canvas(entry: Entry) -> HandIn | None:
    match = CANVAS.fullmatch(entry.parts[-1]) or CANVAS_ANONYMOUS.fullmatch(entry.parts[-1])
    if not match:
        return None
    copy = re.search(r"-(\d{1,9})$", NOTEBOOK.sub("", match["file"]))
    attempt = (int(copy[1]) if copy else 0, int(match["upload"]))
    return HandIn(entry, Owner(match["name"], match["user"]), match["file"], attempt, bool(match["late"]))


def _moodle(entry: Entry) -> HandIn | None:
    for place, part in enumerate(entry.parts):
        match = MOODLE.fullmatch(part)
        if match:
            is_file = place == len(entry.parts) - 1
            if is_file and not match["file"]:
                return None
            return HandIn(entry, Owner(match["name"], match["user"]), match["file"] if is_file else entry.parts[-1])
    return None


def _plain(entry: Entry, around: int) -> HandIn:
    time = (entry.time.timestamp(),) if entry.time else (0,)
    return HandIn(entry, Owner(ids=(entry.parts[around],)), entry.parts[-1], time)


def _folders_around(archive: Archive, entries: list[Entry], ids: set[str]) -> int:
    """How many folders lie around the students' own: those that hold everything and are nobody's."""
    around, usual = 0, {"submitted", "submissions", plain(archive.path.stem)}
    while True:
        here = {entry.parts[around] if len(entry.parts) > around + 1 else "" for entry in entries}
        below = {entry.parts[around + 1].casefold() for entry in entries if len(entry.parts) > around + 2}
        if len(here) != 1 or not below or {one.casefold() for one in here} & ids:
            return around
        if not (below & ids or {plain(one) for one in here} & usual):
            return around
        around += 1


class _RubyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A safe loader for which Ruby's tagged objects are the plain data in them."""


def _untagged(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else loader.construct_scalar(node)


_RubyLoader.add_multi_constructor("!ruby/", _untagged)


def _metadata(archive: Archive) -> dict[str, Any]:
    files = [entry for entry in archive.entries if entry.parts[-1:] == [METADATA]]
    if not files:
        raise UsageError(
            f"there is no {METADATA} in it.",
            where=str(archive.path),
            remedy="Export the submissions from Gradescope again, or name another --platform.",
        )
    shallowest = min(files, key=lambda entry: len(entry.parts))
    try:
        content = archive.read(shallowest, MAX_METADATA_BYTES)
        found = yaml.load(content, Loader=_RubyLoader)
    except (yaml.YAMLError, UnicodeError, ValueError, TypeError, RecursionError, AutograderError) as error:
        raise UsageError(
            f"{METADATA} cannot be read.", where=str(archive.path), remedy="Export the submissions again."
        ) from error
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _gradescope(entry: Entry, metadata: dict[str, Any]) -> list[HandIn]:
    """One for each person of a group."""
    place = next((n for n, part in enumerate(entry.parts[:-1]) if part in metadata), None)
    known = metadata[entry.parts[place]] if place is not None else None
    if not isinstance(known, dict):
        return []
    submitted = _time(known.get(":created_at"))
    people = [one for one in known.get(":submitters") or [] if isinstance(one, dict)]
    # No ids of a group's members: each of them hands in for himself.
    return [
        HandIn(
            entry,
            Owner(_text(one, ":name"), "", (_text(one, ":sid"),), _text(one, ":email")),
            entry.parts[-1],
            (submitted.timestamp() if submitted else 0,),
            submitted=submitted,
        )
        for one in people
    ]


def _text(person: dict[str, Any], key: str) -> str:
    return str(person.get(key) if person.get(key) is not None else "").strip()


def _time(value: Any) -> datetime | None:
    """An aware time; Rails writes UTC where it writes no zone."""
    if isinstance(value, dict):
        value = value.get("utc") or value.get("time")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


@dataclass
class Roster:
    """Whom of the class an Owner is. Only exact matches count; two that match are none."""

    students: list[dict[str, str]]
    _certain: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for one in self.students:
            student, first, last = one["id"], one.get("first_name", ""), one.get("last_name", "")
            self._certain["id " + student.casefold()].add(student)
            if one.get("email"):
                self._certain["email " + one["email"].casefold()].add(student)
            for platform, columns in USER_COLUMNS.items():
                for column in columns:
                    if one.get(column):
                        self.learn(platform, one[column], student)
            for name in (words(first, last), words(last, first)):
                self._names["words " + name].add(student)
            self._names["canvas " + plain(last + first)].add(student)

    def learn(self, platform: str, user: str, student: str) -> None:
        """The student has this id on the platform."""
        self._certain[f"{platform} {user}"].add(student)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.students]

    def certain(self, owner: Owner, platform: str) -> set[str]:
        """Students with one of the owner's ids or the address."""
        keys = [f"id {one.casefold()}" for one in owner.ids if one]
        keys += [f"email {owner.email.casefold()}"] if owner.email else []
        keys += [f"{platform} {owner.user}"] if owner.user else []
        return set().union(*(self._certain.get(key, ()) for key in keys))

    def named(self, owner: Owner, platform: str) -> set[str]:
        """Students of the owner's name. Canvas writes names without spaces, the last name first."""
        if not plain(owner.name):
            return set()
        key = f"canvas {plain(owner.name)}" if platform == "canvas" else f"words {words(owner.name)}"
        return set(self._names.get(key, ()))


def mapped(
    owners: Iterable[Owner], roster: Roster, platform: str
) -> tuple[dict[Owner, str], dict[Owner, AutograderError]]:
    """Each owner's student, or why there is none."""
    students: dict[Owner, str] = {}
    faults: dict[Owner, AutograderError] = {}
    by_name: dict[str, list[Owner]] = defaultdict(list)
    for owner in dict.fromkeys(owners):
        certain = roster.certain(owner, platform)
        found = certain or roster.named(owner, platform)
        if len(found) == 1:
            students[owner] = next(iter(found))
            if not certain:
                by_name[students[owner]].append(owner)
        elif found:
            faults[owner] = _unmapped(owner, platform, f"fits several students ({', '.join(sorted(found))})")
        else:
            faults[owner] = _unmapped(owner, platform, "is nobody on the roster")
    taken = {student for owner, student in students.items() if owner not in by_name[student]}
    for student, several in by_name.items():
        if len(several) > 1 or student in taken:
            for owner in several:
                del students[owner]
                why = f"is the name of several people on the platform, and of '{student}' here"
                faults[owner] = _unmapped(owner, platform, why)
    return students, faults


def _unmapped(owner: Owner, platform: str, why: str) -> AutograderError:
    column = USER_COLUMNS.get(platform, ("email",))[-1]
    value = f" {owner.user}" if owner.user else ""
    where = printable(str(owner))
    if platform == "plain":
        remedy = "Name the folder after the student's id, or add the student: 'nbgrader db student add ID'."
    else:
        remedy = f"Write the student's {column}{value} into a roster (columns id, {column}) and name it with --roster."
    return AutograderError(f"{why}.", where=where, remedy=remedy)
