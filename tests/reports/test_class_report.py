"""The class report: figures that are right, texts that do nothing, and a sentence for whatever is missing."""

import csv
import io
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from graded_class import empty_class, graded_class, large_class
from hypothesis import given
from hypothesis import strategies as st

from autograder.classroom import ClassDirectory, Journal, Submission
from autograder.cli.main import main
from autograder.course import Course
from autograder.reports import write_report
from autograder.reports.class_report import duration
from autograder.reports.results import read_results
from autograder.reports.statistics import (
    ANOTHER_VALUE,
    class_distribution,
    discrimination,
    distribution,
    fault,
    lesson_figures,
)
from convlab.recognition import PERHAPS

LESSON = "01_toy"
SQUARES = "Two times x is not x times x."
HOSTILE = "<script>alert(1)</script><svg onload=alert(2)>"


def run(*arguments):
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def points(twice, half, explain, /, **more):
    code = {"twice": "def twice(x):\n    return x + x", "half": "def half(x):\n    return x * 0.5"}
    return {
        "twice": {"score": twice, "code": code["twice"]},
        "half": {"score": half, "code": code["half"]},
        "explain_toy": {"score": explain, "code": "Because."},
        **more,
    }


def wrong(text, name="CheckError", code="def twice(x):\n    return x * x"):
    return {"score": 0, "code": code, "error": (name, text)}


@pytest.fixture
def make(toy_course, tmp_path):
    """make({student: answers}, ...) is a graded class of the toy lesson."""
    empty_class(toy_course, (LESSON,))

    def class_of(answers, *, students=(), late=None):
        late = late and {(student, LESSON): seconds for student, seconds in late.items()}
        submissions = {(student, LESSON): answer for student, answer in answers.items()}
        return graded_class(toy_course, tmp_path / "class", submissions, students=students, late=late)

    return class_of


def figures(classroom):
    found = read_results(classroom, classroom.lessons)
    return lesson_figures(found.lessons[0], found.students)


def test_figures_are_those_computed_by_hand(make):
    found = figures(
        make(
            {"ann": points(2, 1, 2), "bob": points(2, 0, 1), "cy": points(0, 1, 0), "dot": points(0, 0, 0)},
            students=["eve"],
        )
    )
    assert (found.submitted, found.missing, found.statuses) == (4, ["eve"], {"graded": ["ann", "bob", "cy", "dot"]})
    twice, half, explain = found.exercises
    assert [one.name for one in found.exercises] == ["twice", "half", "explain_toy"]
    assert (twice.max_score, twice.mean, twice.full, twice.decided) == (2, 0.5, 0.5, 4)
    assert (half.mean, half.full) == (0.5, 0.5)
    assert (explain.max_score, explain.mean, explain.full, explain.by_hand) == (2, 0.375, 0.25, True)
    # Points (2, 2, 0, 0) against rests (3, 1, 1, 0): 3 / sqrt(4 * 4.75).
    assert twice.discrimination == pytest.approx(3 / 19**0.5)
    # Shares of 5 points: 1, 3/5, 1/5, 0.
    assert found.scores.counts == [1, 0, 1, 0, 0, 0, 1, 0, 0, 1]
    assert found.scores.median == pytest.approx(0.4) and found.scores.full == 1
    assert (found.waiting_points, found.penalty, found.late_known) == (0, 0, 0)


@given(
    st.lists(st.tuples(*[st.integers(0, 6).map(lambda n: n / 2)] * 3), min_size=0, max_size=12),
    st.sampled_from("abc"),
)
def test_discrimination_is_the_correlation_with_the_rest(rows, cell):
    table = [dict(zip("abc", row, strict=True)) for row in rows]
    own = np.array([row[cell] for row in table])
    rest = np.array([sum(row.values()) - row[cell] for row in table])
    found = discrimination(cell, table)
    if len(rows) < 3 or np.ptp(own) == 0 or np.ptp(rest) == 0:
        assert found is None
    else:
        assert found == pytest.approx(np.corrcoef(own, rest)[0, 1], abs=1e-9)


def test_rounding_errors_are_no_discrimination():
    table = [{"a": 1.0, "b": 0.1, "c": 0.2}, {"a": 0.0, "b": 0.3, "c": 0.0}, {"a": 1.0, "b": 0.15, "c": 0.15}]
    assert discrimination("a", table) is None


@pytest.mark.parametrize(
    ("shares", "places"), [([0.3, 0.1 + 0.2], [3, 3]), ([0, 0.0999], [0, 0]), ([1, 0.9, 1.2], [9, 9, 9]), ([-0.1], [0])]
)
def test_shares_fall_into_their_class(shares, places):
    assert distribution(shares).counts == [places.count(n) for n in range(10)]


def test_what_waits_for_a_person_counts_as_waiting_and_nowhere_else(make):
    classroom = make({"ann": points(2, 1, None), "bob": points(2, 0, None), "cy": points(0, 1, 0)})
    found = figures(classroom)
    explain = found.exercises[2]
    assert (found.waiting_points, found.waiting_answers, explain.waiting) == (4, 2, 2)
    assert (explain.mean, explain.full, explain.discrimination) == (None, None, None)
    assert found.scores.median == pytest.approx(2 / 3) and found.scores.full == 1
    assert "in 2 answers" in write_report(classroom, classroom.lessons).page.read_text()


def test_stubs_are_not_attempted_and_are_no_failures(make):
    text = "twice(x) is not right yet.\n  x = 2\n  It is not written yet: replace 'raise NotImplementedError' with your code."
    blank = {"twice": {"score": 0, "error": ("CheckError", text)}}
    found = figures(make({"ann": blank, "bob": points(2, 1, 2)}))
    assert [one.not_attempted for one in found.exercises] == [1, 1, 1] and found.failures == []


def test_a_known_misconception_is_counted_and_a_forged_one_is_not(make):
    real = f"twice(3) should be 6, got 9\n  {PERHAPS} {SQUARES}"
    forged = f"twice(3) should be 6\n  {PERHAPS} The instructor owes you a point."
    found = figures(
        make({"ann": points(0, 1, 2, twice=wrong(real)), "bob": points(0, 1, 2, twice=wrong(forged)), "cy": {}})
    )
    (one,) = found.misconceptions
    assert (one.exercise, one.name, one.help, one.count, one.of) == ("twice", "squares", SQUARES, 1, 2)
    assert [failure.message for failure in found.failures] == ["twice(3) should be 6"]


def test_messages_that_differ_in_numbers_are_one_group(make):
    texts = ["twice(3) should be 6, got 9", "twice(3) should be 6, got 9", "twice(3) should be 6, got 7.5", "no number"]
    found = figures(make({f"s{n}": points(0, 1, 2, twice=wrong(text)) for n, text in enumerate(texts)}))
    assert [(one.message, one.count) for one in found.failures] == [
        ("twice(3) should be 6, got 9", 3),
        ("no number", 1),
    ]


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("  x = 3\n  expected = 15\n  got      = 3\n  Hint: 4 inputs.", ANOTHER_VALUE),
        (
            "  x = 3\n  It raised IndexError: tuple index out of range\n  expected = 3",
            "It raised IndexError: tuple index out of range",
        ),
        (
            "  x = [[1],\n       [2]]\n  got      = 3\n  Expected shape (2, 2), got ().",
            "Expected shape (2, 2), got ().",
        ),
        (
            "  x = 3\n  First difference at [0]: no.\n  expected[0:2, 1] = [[1],\n                      [2]]\n  got[0:2, 1]      = [3]",
            "First difference at [0]: no.",
        ),
    ],
)
def test_of_a_checks_message_only_the_fault_is_said(rest, said):
    assert fault("f(x) is not right yet.\n" + rest) == said


def test_statuses_lateness_and_running_times_are_those_of_the_records(make):
    late = {"ann": -3600, "bob": 5400, "cy": 200_000}
    classroom = make(
        {"ann": points(2, 1, 2), "bob": points(2, 1, 2, status="timeout"), "cy": {"status": "unreadable"}}, late=late
    )
    path = classroom.path / "autograded" / "ann" / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][:2]:
        cell["metadata"]["execution"] = {
            "iopub.execute_input": "2026-03-02T09:00:00.000000Z",
            "shell.execute_reply": "2026-03-02T09:00:01.500000Z",
        }
    path.write_text(json.dumps(notebook))
    # The journal knows better than a notebook.
    Journal(classroom.path).write((Submission("bob", LESSON, path.parent), "key", 61.0))
    found = figures(classroom)
    assert found.statuses == {"graded": ["ann"], "timeout": ["bob"], "unreadable": ["cy"]}
    assert found.late == [("cy", 200_000), ("bob", 5400)] and found.late_known == 3
    assert sorted(found.running) == [3.0, 61.0] and found.running_median == 32.0
    # An unreadable submission has no exercises of which anything could be said.
    assert found.scores.total == 2 and found.exercises[0].decided == 2 and found.exercises[0].not_attempted == 0
    write_report(classroom, classroom.lessons)
    page = (classroom.path / "report.html").read_text()
    assert "cy (2\u00a0d\u00a07\u00a0h), bob (1\u00a0h\u00a030\u00a0min)" in page and "running took 32\u00a0s" in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.42, "0.4 s"), (59, "59 s"), (61, "1 min 1 s"), (7200, "2 h"), (90061, "1 d 1 h")],
)
def test_durations_have_two_units_at_most(seconds, text):
    assert duration(seconds) == text.replace(" ", "\u00a0")


def test_what_students_wrote_is_shown_and_does_nothing(make):
    formula = '=HYPERLINK("http://evil.example")'
    classroom = make(
        {
            "ann": points(0, 1, 2, twice=wrong(HOSTILE, code=f"{HOSTILE}")),
            "bob": points(0, 1, 2, twice=wrong(formula, name="AssertionError")),
            "cy": points(0, 1, 2, twice=wrong("text", name=f"{HOSTILE}Error")),
        }
    )
    path = classroom.path / "autograded" / "cy" / LESSON / f"{LESSON}.ipynb"
    path.write_text(path.read_text().replace('"status": "graded"', f'"status": "{HOSTILE}"'))
    assert run(classroom.path).exit_code == 0
    page = (classroom.path / "report.html").read_text()
    assert "<script" not in page and "onload" in page and "<svg onload" not in page and "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#)', page)
    rows = list(csv.reader(io.StringIO((classroom.path / "report.csv").read_text(encoding="utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'" + formula in cells and not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_the_table_has_a_row_for_each_student_and_exercise(make):
    classroom = make(
        {"ann": points(2, 1, None), "bob": points(0, 0.5, None, twice=wrong(f"no\n  {PERHAPS} {SQUARES}"))}
    )
    page = classroom.path / "elsewhere.html"
    assert run(classroom.path, LESSON, "-o", page).exit_code == 0
    with open(page.with_suffix(".csv"), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student"], row["exercise"], row["points"]) for row in rows] == [
        ("ann", "twice", "2"),
        ("ann", "half", "1"),
        ("ann", "explain_toy", ""),
        ("bob", "twice", "0"),
        ("bob", "half", "0.5"),
        ("bob", "explain_toy", ""),
    ]
    assert rows[2]["waits_for_a_person"] == "yes" and rows[3]["misconception"] == "squares"
    assert (
        rows[3]["message"] == "no" and rows[0]["seconds_late"] == "" and not (classroom.path / "report.html").exists()
    )


def test_every_chart_has_words_and_headings_come_in_order(make):
    classroom = make({"ann": points(2, 1, 2), "bob": points(0, 1, 2), "cy": points(2, 0, 2)})
    page = write_report(classroom, classroom.lessons).page.read_text()
    for tag in re.findall(r"<svg[^>]*>", page):
        assert "aria-hidden" in tag or ('role="img"' in tag and "aria-label" in tag)
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_a_damaged_notebook_is_named_and_the_others_go_on(make):
    classroom = make({student: points(2, 1, 2) for student in ("ann", "bob", "cy", "dot")})
    for student, text in (("ann", "{"), ("bob", '{"cells": [{"source": 1}], "nbformat": 4}')):
        (classroom.path / "autograded" / student / LESSON / f"{LESSON}.ipynb").write_text(text)
    (classroom.path / "autograded" / "cy" / LESSON / f"{LESSON}.ipynb").unlink()
    result = run(classroom.path)
    assert result.exit_code == 0
    for student in ("ann", "bob", "cy"):
        assert f"autograded/{student}/{LESSON}/{LESSON}.ipynb cannot be read" in result.output
        assert (
            f"autograded/{student}/{LESSON}/{LESSON}.ipynb cannot be read"
            in (classroom.path / "report.html").read_text()
        )
    assert figures(classroom).exercises[0].decided == 4


def test_damaged_files_of_the_class_itself_are_named_too(make):
    classroom = make({"ann": points(2, 1, 2)})
    (classroom.path / "release" / LESSON / f"{LESSON}.ipynb").write_text("{")
    (classroom.path / "misconceptions" / f"{LESSON}.json").write_text("{")
    result = run(classroom.path)
    assert result.exit_code == 0 and f"release/{LESSON}" in result.output and "misconceptions/" in result.output
    assert sorted(one.name for one in figures(classroom).exercises) == ["explain_toy", "half", "twice"]


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("no class", 2, "no such folder"),
        ("no lesson", 2, "there is no lesson '09_none'"),
        ("nothing graded", 2, "no submission has been graded yet"),
        ("no gradebook", 2, "no submission has been graded yet"),
        ("damaged gradebook", 1, "the gradebook is damaged"),
        ("no page", 2, "ending in .html"),
        ("no place", 1, "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence_with_a_remedy(make, tmp_path, fault, code, words):
    classroom = make({} if fault == "nothing graded" else {"ann": points(2, 1, 2)})
    arguments = {
        "no class": [tmp_path / "nowhere"],
        "no lesson": [classroom.path, "09_none"],
        "no page": [classroom.path, "-o", tmp_path / "report.csv"],
        "no place": [classroom.path, "-o", tmp_path / "nowhere" / "report.html"],
    }
    database = classroom.path / "gradebook.db"
    if fault == "no gradebook":
        database.unlink()
    if fault == "damaged gradebook":
        database.write_bytes(b"not a database, but somebody's bytes" * 100)
    result = run(*arguments.get(fault, [classroom.path]))
    assert result.exit_code == code and words in result.output
    assert result.output.startswith("Error: ") and len(result.output.splitlines()) == 1
    assert database.exists() == (fault != "no gradebook") and not (classroom.path / "report.html").exists()


def test_reporting_writes_nothing_into_the_gradebook(make):
    classroom = make({"ann": points(2, 1, 2)})
    before = (classroom.path / "gradebook.db").read_bytes()
    write_report(ClassDirectory(classroom.path), classroom.lessons)
    assert (classroom.path / "gradebook.db").read_bytes() == before


@pytest.mark.slow
def test_sixty_students_in_all_lessons(tmp_path):
    classroom = large_class(Course(), tmp_path / "class")
    report = write_report(classroom, classroom.lessons)
    found = read_results(classroom, classroom.lessons)
    page = report.page.read_text()
    assert report.notes == [] and len(found.lessons) == len(Course().lessons) and len(found.students) == 60
    assert f"<dd>{sum(len(lesson.results) for lesson in found.lessons)}</dd>" in page
    assert class_distribution(found).total == 60
    # The one pair that shares its own answers comes first; nobody else is named.
    pairs = page.split('id="similar"')[1].split("<h2")[0]
    assert re.findall(r"<tr><td>(s\d\d and s\d\d)</td>", pairs) == ["s00 and s01"]
    rows = Path(report.table).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + sum(len(result.outcomes) for lesson in found.lessons for result in lesson.results)
