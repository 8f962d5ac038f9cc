"""Canvas gradebooks and Moodle worksheets that were altered: nobody gets a peer's points, and nothing is lost."""

import csv
import io
import re
import shutil

from nbgrader.api import Gradebook
from uploads.registry import upload
from uploads.stage import LESSON

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,01_toy (5),Other (6)"
ADA, MALLORY, ZOE = (
    '"Lovelace, Ada",11,ada,ada,A,,7',
    '"Lory, Mal",66,mallory,mallory,A,,7',
    '"Young, Zoe",99,zoe,zoe,A,,7',
)
USUAL = "\n".join((CANVAS, "    Points Possible,,,,,5,9", ADA, MALLORY, ZOE)) + "\n"
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)
WORKSHEET = MOODLE + "".join(
    f"Participant {number},{name},{student}@example.org,Submitted,,5.00,Yes,-,-,\n"
    for number, name, student in ((111, "Ada Lovelace", "ada"), (666, "Mal Lory", "mallory"), (999, "Zoe Young", "zoe"))
)
OWN = {"11": "3", "66": "0", "99": "2", "Participant 111": "3", "Participant 666": "0", "Participant 999": "2"}
FORMULA = re.compile(r"[=+@＝＋\t\r]|-(?![\d.,]*$)")


def _graded(stage):
    """Grade the class, and make a gradebook in which the written answers are graded by hand as well."""
    if stage.records:
        return
    stage.hand_in_honest()
    stage.hand_in(stage.blank())
    stage.grade()
    shutil.copy(stage.path / "gradebook.db", stage.folder / "by_hand.db")
    with Gradebook(f"sqlite:///{stage.folder / 'by_hand.db'}") as gradebook:
        for submission in gradebook.assignment_submissions(LESSON):
            for grade in submission.notebooks[0].grades:
                if grade.name == "explain_toy":
                    grade.manual_score, grade.needs_manual_grade = 0.0, False
        gradebook.db.commit()


def run(stage, *arguments):
    """Run `export` with everything graded by hand; restores the gradebook afterwards to compare the honest grades."""
    _graded(stage)
    before = (stage.path / "gradebook.db").read_bytes()
    shutil.copy(stage.folder / "by_hand.db", stage.path / "gradebook.db")
    try:
        return stage.run("export", stage.path, "--format", *arguments)
    finally:
        (stage.path / "gradebook.db").write_bytes(before)


def _export(stage, text, form="canvas", *options, column=None, refused=True):
    """Fill a template in; gives its rows, or none where it was refused with a sentence.

    Holds for each row: its grade is what it was, or this student's own; no other cell changes but that formulas become text.
    """
    template, out = stage.folder / "template.csv", stage.folder / "out.csv"
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    template.write_bytes(content)
    out.unlink(missing_ok=True)
    ran = run(stage, form, "--template", template, "-o", out, *options)
    if ran.code == 2:
        assert refused and ran.error.startswith("Error: ") and ran.error.count("\n") == 1, ran.error
        assert not out.exists()
        return []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16").encode()
    rows = list(
        csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline=""), delimiter=_delimiter(content))
    )
    before = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=_delimiter(content)))
    before = [row for row in before if row]
    grade = column if column is not None else 5 if form == "canvas" else 4
    key = 1 if form == "canvas" else 0
    for row, old in zip(rows[1:], before[1:], strict=True):
        was = old[grade] if len(old) > grade else ""
        assert row[grade] in (was, f"'{was}", OWN.get(row[key], was)), (row, was)
        for place, cell in enumerate(row):
            assert not FORMULA.match(cell) or "Points Possible" in row[0] or not row[0].strip(), row
            comment = form == "moodle" and place == 9
            assert place == grade or comment or cell.lstrip("'") == (old[place] if place < len(old) else "").lstrip("'")
    return rows


def _delimiter(content):
    first = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda one: first.count(one.encode()))


@upload
def usual(stage):
    """The usual template, so that the others are known to differ from what works."""
    rows = _export(stage, USUAL, refused=False)
    assert [row[5] for row in rows[2:]] == ["3", "0", "2"]
    rows = _export(stage, WORKSHEET, "moodle", refused=False)
    assert [row[4] for row in rows[1:]] == ["3", "0", "2"]


@upload
def two_rows_of_one_student(stage):
    """Two rows of one student: by number, by login, and with a peer's name."""
    _export(stage, USUAL + ADA.replace(",7", ",8") + "\n" + '"Lory, Mal",11,ada,ada,B,1,7\n')
    rows = _export(stage, WORKSHEET + WORKSHEET.splitlines()[1] + "\n", "moodle")
    assert rows or stage.last.code == 2


@upload
def rows_that_contradict_themselves(stage):
    """A row with one student's number and another's login, name or address."""
    rows = _export(stage, "\n".join((CANVAS, '"Lory, Mal",66,ada,ada,A,,7', '"Lovelace, Ada",5000,x,x,A,,7')) + "\n")
    assert [row[5] for row in rows[1:]] in ([], ["", ""]), rows
    row = "Participant 666,Ada Lovelace,ada@example.org,Submitted,,5.00,Yes,-,-,\n"
    rows = _export(stage, MOODLE + row, "moodle")
    assert [row[4] for row in rows[1:]] in ([], [""]), rows


@upload
def peers_by_spelling(stage):
    """Rows of strangers whose name, login or address is a student's once it is folded."""
    strangers = (
        '"Lovelace, Ada",5001,ADA2,Ada.,A,,7',
        '"LOVELACE, ADA",5002,x,x,A,,7',
        '"Lovelace, Аda",5003,y,y,A,,7',
    )
    rows = _export(stage, "\n".join((CANVAS, ADA, MALLORY, ZOE, *strangers)) + "\n")
    assert [row[5] for row in rows[4:]] in ([], ["", "", ""]), rows


@upload
def formulas(stage):
    """Formulas in names, logins, sections and grades of other lessons, which are kept."""
    cells = ("=1+1", "@SUM(1)", "+1+cmd", "-1+1", "＝1", "=cmd|' /C calc'!A0")
    rows = [f'"Lory, Mal",66,mallory,mallory,{cell},,{cell}' for cell in cells]
    _export(stage, "\n".join((CANVAS, ADA, rows[0], ZOE)) + "\n")
    for row in rows:
        _export(stage, "\n".join((CANVAS, row)) + "\n")
    _export(stage, WORKSHEET.replace("Mal Lory", "=HYPERLINK(1)").replace("Submitted", "@SUM(1)"), "moodle")


@upload
def excused(stage):
    """EX in Canvas' template: an excused student stays excused."""
    rows = _export(stage, USUAL.replace("A,,7", "A,EX,7"))
    assert [row[5] for row in rows[2:]] == ["EX", "EX", "EX"], rows


@upload
def grades_of_other_kinds(stage):
    """Letters, percents, notes and N/A where points are expected."""
    for text in ("A+", "100%", "N/A", "complete", "1e999", "nan", "٣"):
        _export(stage, USUAL.replace("A,,7", f"A,{text},7"))


@upload
def doubled_columns(stage):
    """The lesson's column twice, the number's column twice."""
    _export(stage, USUAL.replace("Other (6)", "01_toy (6)"))
    _export(stage, USUAL.replace("SIS User ID", "ID"))
    _export(stage, USUAL.replace("Section", "Student"))
    _export(stage, WORKSHEET.replace("Status", "Grade"), "moodle")
    _export(stage, WORKSHEET.replace("Status", "Identifier"), "moodle")


@upload
def missing_columns(stage):
    """No number, no name, no lesson, no grade; or the other platform's template."""
    for old in ("ID,", "Student,", "01_toy (5)", "SIS Login ID,"):
        _export(stage, USUAL.replace(old, "x," if old.endswith(",") else "x", 1), column=5)
    for old in ("Identifier,", "Grade,", "Last modified (grade),", "Full name,"):
        _export(stage, WORKSHEET.replace(old, "x,", 1), "moodle")
    _export(stage, WORKSHEET)
    _export(stage, USUAL, "moodle")


@upload
def another_language(stage):
    """Moodle's worksheet in another language, and one with semicolons."""
    german = MOODLE.replace("Identifier", "ID").replace("Grade", "Bewertung").replace("Full name", "Name")
    _export(stage, german + WORKSHEET.split("\n", 1)[1], "moodle")
    _export(stage, WORKSHEET.replace(",", ";"), "moodle")


@upload
def line_ends(stage):
    """Line endings of old systems, and line breaks inside fields."""
    _export(stage, USUAL.replace("\n", "\r\n"), refused=False)
    _export(stage, USUAL.replace("Lory, Mal", "Lory,\n Mal\r\n"))
    path, out = stage.folder / "cr.csv", stage.folder / "cr_out.csv"
    path.write_bytes(USUAL.replace("\n", "\r").encode())
    ran = run(stage, "canvas", "--template", path, "-o", out)
    assert ran.code in (0, 1, 2)
    if out.exists():
        rows = list(csv.reader(io.StringIO(out.read_bytes().decode(), newline="")))
        assert [row[5] for row in rows if len(row) > 5 and row[1] in OWN] in (["3", "0", "2"], [])


@upload
def doubled_maximum(stage):
    """Two rows of points possible, and hidden rows above the students."""
    rows = USUAL.splitlines()
    _export(stage, "\n".join([rows[0], ",,,,,Manual Posting,", rows[1], rows[1].replace("5", "50"), *rows[2:]]) + "\n")
    _export(stage, USUAL.replace("    Points Possible", "Points Possible"))
    _export(stage, USUAL.replace('"Lory, Mal"', '"Points Possible, Mal"'))


@upload
def broken_files(stage):
    """Open quotations, other encodings, zero bytes, and files that are none."""
    texts = (
        USUAL.replace('"Lory, Mal"', '"Lory, Mal'),
        USUAL.encode("utf-16"),
        b"\0" * 999,
        b"PK\x03\x04",
        b"",
        b"\n\n\n",
    )
    for text in texts:
        _export(stage, text)
    for name in ("nothing.csv", "."):
        ran = run(stage, "canvas", "--template", stage.folder / name)
        assert ran.code == 2


@upload
def large(stage):
    """200,000 rows of strangers, and rows of 20,000 columns."""
    strangers = "".join(f'"S, {n}",{7_000_000 + n},s{n},s{n},A,,7\n' for n in range(100_000))
    _export(stage, USUAL + strangers)
    _export(stage, USUAL.replace("\n", "," * 20_000 + "\n"))


@upload
def short_and_long_rows(stage):
    """Rows with fewer and with more cells than the header."""
    _export(stage, "\n".join((CANVAS, ADA, '"Lory, Mal",66', ZOE)) + "\n")
    path, out = stage.folder / "long.csv", stage.folder / "long_out.csv"
    path.write_text("\n".join((CANVAS, ADA, MALLORY + ",1,2,=1+1", ZOE)) + "\n")
    ran = run(stage, "canvas", "--template", path, "-o", out)
    assert ran.code == 2 or ",=1" not in out.read_text()


@upload
def letters_for_the_terminal(stage):
    """Names of columns and students that would write on the terminal."""
    _export(stage, USUAL.replace("01_toy (5)", "x\x1b[31m\u202e (5)"), "canvas", "--column", "01_toy=y")
    _export(stage, USUAL.replace("Lory, Mal", "L\x1b]0;x\x07, \u202eM").replace(",66,mallory,mallory,", ",67,x\x9b,y,"))
    _export(stage, WORKSHEET.replace("Mal Lory", "\x1b[2J").replace("666", "667").replace("mallory@", "m@"), "moodle")
