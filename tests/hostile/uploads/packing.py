"""Builds archives as the platforms write them, with the honest students' notebooks and a hostile student's files."""

import json
import zipfile

from uploads.stage import FULL_NAMES, LESSON

CANVAS = {
    "ada": "lovelaceada_11_{}",
    "mallory": "lorymal_66_{}",
    "zoe": "youngzoe_99_{}",
    "jan": "müllerjanpeter_22_{}",
}
MOODLE = {"ada": 111, "mallory": 666, "zoe": 999, "jan": 222}
NOTEBOOK = f"{LESSON}.ipynb"


def named(platform, student, file=NOTEBOOK, *, attempt=900):
    """The name that a platform gives to a file that this student handed in."""
    if platform == "canvas":
        return f"{CANVAS[student].format(attempt)}_{file}"
    if platform == "moodle":
        return f"{FULL_NAMES[student]}_{MOODLE[student]}_assignsubmission_file_/{file}"
    return f"submission_{MOODLE[student]}/{file}" if platform == "gradescope" else f"{student}/{file}"


def person(student, *, sid=None, email=None, name=None, when="2026-03-01 12:00:00 UTC"):
    """A submission of Gradescope's metadata, as YAML."""
    who = {":name": name or FULL_NAMES.get(student, student), ":sid": sid or student}
    who[":email"] = email or f"{student}@example.org"
    fields = "".join(f"\n    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in who.items())
    return f"  :submitters:\n  -{fields[4:]}\n  :created_at: {when}\n"


def metadata(**people):
    """Gradescope's submission_metadata.yml; `people` maps a student to the text of the submission, or None for the usual."""
    people = {"ada": None, "mallory": None, "zoe": None} | people
    return "---\n" + "".join(
        f"submission_{MOODLE[student]}:\n{text if text is not None else person(student)}"
        for student, text in people.items()
    )


def entries(stage, platform, *between):
    """Names and contents: ada's notebook, what comes between, zoe's notebook."""
    honest = [(named(platform, student), content) for student, content in stage.templates.honest.items()]
    return [honest[0], *between, honest[1]]


def pack(stage, found, name="archive.zip", *, first=()):
    """A zip of (name, content) pairs, where a name may be a ZipInfo."""
    path = stage.folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in [*first, *found]:
            info = entry if isinstance(entry, zipfile.ZipInfo) else zipfile.ZipInfo(entry, (2026, 3, 1, 12, 0, 0))
            file.writestr(info, stage.bytes_of(content), info.compress_type or zipfile.ZIP_DEFLATED)
    return path


def archive(stage, platform, *between, yml=None):
    """A platform's archive with something between the honest hand-ins."""
    first = [("submission_metadata.yml", yml if yml is not None else metadata())] if platform == "gradescope" else ()
    return pack(stage, entries(stage, platform, *between), first=first)


def without_ids(stage):
    """Have the class know its students by their ids, names and addresses alone."""
    (stage.path / "roster.csv").unlink(missing_ok=True)
