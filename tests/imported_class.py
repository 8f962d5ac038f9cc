"""A class to import archives into, and what makes such archives."""

import csv
import io
import json
import unicodedata
import zipfile

from click.testing import CliRunner

from autograder.cli.main import main

LESSON, EXPORT = "01_toy", "assignment_7_export"
ROSTER = """\
id,first_name,last_name,email
ada,Ada,Lovelace,ada@example.org
jan,Jan-Peter,Müller,jan@example.org
obri,Sinéad,O'Brien,sinead@example.org
wei,伟,王,wei@example.org
twin1,Kim,Lee,kim1@example.org
twin2,Kim,Lee,kim2@example.org
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


CANVAS_EXPORT = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,01 Toy (9001),Essay (9002),Final Score
,,,,,,Manual Posting,,
    Points Possible,,,,,,10,4,(read only)
"Lee, Kim",21,,kim1@example.org,One,=1+1,,3,0
"Lee, Kim",22,TWIN2,,One,,,,0
"Lovelace, Ada",11,,,One,keep me,0.5,,0
"O'Brien, Sinéad",13,obri,,One,,,,0
"Guest, A",99,,,One,,7,,0
"Student, Test",100,,,One,,,,0
"""

WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 901,Ada Lovelace,,Submitted,,5.00,Yes,"Monday, 2 March 2026, 9:00 AM",-,
Participant 902,Kim Lee,kim1@example.org,Submitted,1.00,5.00,Yes,-,-,old
Participant 903,=HYPERLINK(1),sinead@example.org,Submitted,,5.00,Yes,-,-,
Participant 904,Kim Lee,,No submission,,5.00,Yes,-,-,
"""


def notebook(text="x"):
    cell = {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def pack(path, entries, time=(2026, 3, 1, 12, 0, 0)):
    """A zip of (name, bytes) pairs, or of names with their time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content, *when in entries:
            file.writestr(zipfile.ZipInfo(name, date_time=when[0] if when else time), content, zipfile.ZIP_DEFLATED)
    return path


def canvas_name(sortable, user, upload, file, *, late=False):
    """As `content_zipper.rb` makes it; Ruby's [[:word:]] is letters, marks, decimal digits and connectors."""
    lowered = "".join(letter.lower() for letter in sortable)
    name = "_".join([lowered, *(["LATE"] if late else []), str(user)])
    word = "".join(
        one for one in name if unicodedata.category(one) in ("Nd", "Pc") or unicodedata.category(one)[0] in "LM"
    )
    return f"{word}_{upload}_{file}"


def imported(classroom, archive, *options, lesson=LESSON):
    """Exit code, and status by student (by entry where there is none)."""
    report = classroom.path / "report.json"
    result = run("import", classroom.path, lesson, archive, "--json", report, *options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found = json.loads(report.read_text())["submissions"] if report.exists() else []
    return result, {one["student"] or one["entry"]: one["status"] for one in found}


def submitted(classroom, student):
    path = classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    return path.read_bytes() if path.is_file() else None


def stamp(classroom, student):
    path = classroom.path / "submitted" / student / LESSON / "timestamp.txt"
    return path.read_text() if path.is_file() else None


def exported(classroom, *arguments):
    result = run("export", classroom.path, *arguments, "-o", classroom.path / "out.csv")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    if not (classroom.path / "out.csv").is_file():
        return result, []
    text = (classroom.path / "out.csv").read_bytes().decode("utf-8-sig")
    return result, list(csv.reader(io.StringIO(text, newline="")))
