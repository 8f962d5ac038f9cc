"""Maps an identity on a learning platform to a student of the class.

Only a unique exact match counts. Names are normalized only in how accents are encoded (Unicode NFC): users who may
choose their names could otherwise choose one that looks like another student's. Ids take precedence over names, and an
identity whose id and name contradict each other is not mapped. What is uncertain is left to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.errors import AutograderError
from autograder.files import printable

# Roster columns with a platform's own id of a student. Moodle's id is different for each lesson.
USER_COLUMNS = {"canvas": ("lms_user_id", "canvas_id"), "moodle": ("participant_id",)}


@dataclass(frozen=True)
class Owner:
    """A person as a platform identifies them; `user` is the platform's own id, `ids` are the university's."""

    name: str = ""
    user: str = ""
    ids: tuple[str, ...] = ()
    email: str = ""

    def __str__(self) -> str:
        known = [self.name, *dict.fromkeys(self.ids), self.email, f"user {self.user}" if self.user else ""]
        return ", ".join(part for part in known if part)


def canvas_form(name: str) -> str:
    """A sortable name as Canvas writes it into file names: without `_` around numbers, then as `canvas_word`."""
    return canvas_word(re.sub(r"_([0-9]+)_", r"\1", _composed(name)))


def canvas_forms(name: str) -> set[str]:
    """A sortable name as Canvas may write it: a symbol such as ⊄ leaves its stroke behind if the name was decomposed."""
    return {canvas_form(name), canvas_word(re.sub(r"_([0-9]+)_", r"\1", unicodedata.normalize("NFD", name)))}


def canvas_word(text: str) -> str:
    """The letters, digits and connectors that Canvas keeps of a text; in lower case, letter by letter as in Ruby."""
    lowered = "".join(letter.lower() for letter in text)
    word = (one for one in lowered if unicodedata.category(one) in ("Nd", "Pc") or unicodedata.category(one)[0] in "LM")
    return _composed("".join(word))


def moodle_form(name: str) -> str:
    """A full name as Moodle writes it into folder names: by its `clean_filename`, and without '_'."""
    return _spaced(re.sub(r"[\x00-\x1f\x7f-\x9f&<>\"`|':\\/]", "", name.replace("_", " ")))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _spaced(text: str) -> str:
    return _composed(re.sub(r"\s+", " ", text).strip())


def _names(first: str, last: str) -> dict[str, set[str]]:
    """The forms of a student's name, by who writes it. In grade sheets, Canvas and Moodle do not shorten names."""
    sortable = ", ".join(filter(None, (last, first)))
    either = {f"{first} {last}", f"{last} {first}"}
    return {
        "canvas": canvas_forms(sortable),
        "moodle": set(map(moodle_form, either)),
        "gradescope": {_spaced(f"{first} {last}")},
        "canvas sheet": {_spaced(sortable)},
        "moodle sheet": set(map(_spaced, either)),
    }


@dataclass
class Roster:
    """The students of a class, indexed by everything that identifies them: ids, email addresses, names."""

    students: list[dict[str, str]]
    _certain: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _learned: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _guessed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _named: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for one in self.students:
            student = one["id"]
            for text in filter(None, (student, one.get("sis_id"))):
                self._certain[f"id {_composed(text)}"].add(student)
            if one.get("email"):
                self._certain[f"email {_composed(one['email'])}"].add(student)
            for platform, columns in USER_COLUMNS.items():
                for column in columns:
                    if one.get(column):
                        self._certain[f"{platform} {one[column]}"].add(student)
            for writer, names in _names(one.get("first_name", ""), one.get("last_name", "")).items():
                for name in filter(None, names):
                    self._named[writer, name].add(student)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.students]

    def learn(self, platform: str, user: str, student: str, *, certain: bool) -> None:
        """Note how an earlier import mapped this user to this student: by an id if `certain`, else by name only."""
        (self._learned if certain else self._guessed)[f"{platform} {user}"].add(student)

    def certain(self, owner: Owner, platform: str) -> set[str]:
        """The students with one of the owner's ids or the owner's email address."""
        keys = [f"id {_composed(one)}" for one in owner.ids if one]
        keys += [f"email {_composed(owner.email)}"] if owner.email else []
        keys += [f"{platform} {owner.user}"] if owner.user else []
        found = set().union(*(self._certain.get(key, ()) for key in keys))
        # The roster takes precedence over an earlier import: it may have been corrected since.
        return found or set(self._learned.get(f"{platform} {owner.user}", ()))

    def named(self, owner: Owner, writer: str) -> set[str]:
        """The students with the owner's name, in the form that `writer` uses."""
        name = _composed(owner.name) if writer in ("canvas", "moodle") else _spaced(owner.name)
        return set(self._named.get((writer, name), ())) if name else set()

    def contradicted(self, owner: Owner, platform: str, student: str) -> str:
        """How the roster or an earlier import contradicts a match by name; "" if nothing does."""
        # Not for Moodle, whose ids belong to one lesson: those on the roster may be of another lesson.
        if platform == "canvas" and owner.user and (user := self._user(platform, student)):
            return f"has the name of '{student}', who is user {user} on the roster"
        before = self._guessed.get(f"{platform} {owner.user}", set()) - {student} if owner.user else set()
        if before:
            return f"has the name of '{student}', but was '{min(before)}' in an earlier import"
        others = sorted(
            key.partition(" ")[2]
            for known in (self._guessed, self._learned)
            for key, students in known.items()
            if student in students and key.startswith(f"{platform} ") and key != f"{platform} {owner.user}"
        )
        return f"has the name of '{student}', who was user {others[0]} in an earlier import" if others else ""

    def _user(self, platform: str, student: str) -> str:
        one = next(one for one in self.students if one["id"] == student)
        return next((one[column] for column in USER_COLUMNS[platform] if one.get(column)), "")


def mapped(
    owners: Iterable[Owner], roster: Roster, platform: str, *, writer: str = ""
) -> tuple[dict[Owner, str], dict[Owner, AutograderError]]:
    """Map each owner to a student, or to an error that says why that is impossible.

    Args:
        writer: the form of the owners' names, such as "canvas sheet"; by default, that of the platform's archives.
    """
    students: dict[Owner, str] = {}
    faults: dict[Owner, AutograderError] = {}
    by_id: set[Owner] = set()
    for owner in dict.fromkeys(owners):
        certain, named = roster.certain(owner, platform), roster.named(owner, writer or platform)
        found = certain or named
        if len(found) > 1:
            why = f"matches several students ({', '.join(sorted(found))})"
        elif not found:
            why = "matches no student on the roster"
        elif certain and named and not certain <= named:
            why = f"is '{min(certain)}' by id or email address, but has the name of {', '.join(sorted(named))}"
        else:
            why = "" if certain else roster.contradicted(owner, platform, min(found))
        if why:
            faults[owner] = unmapped(owner, platform, why)
            continue
        students[owner] = min(found)
        by_id |= {owner} if certain else set()
    several: dict[str, list[Owner]] = defaultdict(list)
    for owner, student in students.items():
        several[student].append(owner)
    for student, claimants in several.items():
        certain_ones = [owner for owner in claimants if owner in by_id]
        kept = certain_ones if len(certain_ones) == 1 else claimants if len(claimants) == 1 else []
        for owner in claimants:
            if owner not in kept:
                del students[owner]
                faults[owner] = unmapped(owner, platform, f"matches '{student}', as do other people on the platform")
    return students, faults


def unmapped(owner: Owner, platform: str, why: str) -> AutograderError:
    """An error about somebody who could not be mapped, with the roster lines that would do it."""
    column = USER_COLUMNS.get(platform, ("email",))[-1]
    value = printable(owner.user if platform in USER_COLUMNS else owner.email)
    if platform == "plain":
        remedy = "Name the folder exactly as the student's id, or add the student: 'nbgrader db student add ID'."
    elif value:
        remedy = f"Find out who it is, write the lines 'id,{column}' and 'STUDENT,{value}' into a roster, and name it with --roster."
    else:
        remedy = "Find out who it is, and correct the student's data on the platform."
    return AutograderError(f"{why}.", where=printable(str(owner)), remedy=remedy)
