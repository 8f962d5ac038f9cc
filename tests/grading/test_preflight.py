"""Where each test is judged is found out before anybody is graded, kept with the class, and said wherever points are."""

import csv
import json

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.classroom import ClassDirectory, new_class
from autograder.classroom.directory import CONFIG_FILE
from autograder.cli.main import main
from autograder.course import Course, solved
from autograder.course.preflight import instead_of, kept_findings
from autograder.course.preflight.findings import FILE, up_to_date
from autograder.course.release import write_sources
from autograder.course.variants import cell_of
from autograder.execution import shared_runner
from autograder.files import write_notebook
from autograder.uploads.preflight import Limits, preflight
from autograder.uploads.prepare import Lesson

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SPY = """\
calls, own = [], price
def price(x):
    calls.append(x)
    return own(x)
assert total([1, 2]) == 6, "total([1, 2]) should be 6"
assert calls == [1, 2], "total should call price"
### BEGIN HIDDEN TESTS
assert total([5]) == 10, "hidden line of total"
### END HIDDEN TESTS
"""
TESTS = {
    "test_double": (2, "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS"),
    "test_total": (3, SPY),
    "test_wrong": (1, "assert double(2) == 5, 'the instructor is wrong'"),
    "test_free": (1, "assert True"),
    "test_shown": (0, "assert False, 'worth nothing'"),
}
JUDGED = {"test_total": "together", "test_wrong": "by hand"}


def marked(source, grade_id, *, points=None, kind=nbformat.v4.new_code_cell):
    marks = {"grade": points is not None, "solution": not grade_id.startswith("test_"), "schema_version": 3}
    marks |= {"grade_id": grade_id, "locked": grade_id.startswith("test_"), "task": False}
    marks |= {} if points is None else {"points": points}
    return kind(source, metadata={"nbgrader": marks})


def lesson():
    """A problem set with a test of each kind."""
    code = f"def double(x):\n    {BEGIN}\n    return 2 * x\n    {END}"
    sums = (
        f"def price(x):\n    return 2 * x\ndef total(xs):\n    {BEGIN}\n    return sum(price(x) for x in xs)\n    {END}"
    )
    written = marked("Because.", "why", points=2, kind=nbformat.v4.new_markdown_cell)
    tests = {name: marked(text, name, points=points) for name, (points, text) in TESTS.items()}
    cells = [marked(code, "double"), tests.pop("test_double"), marked(sums, "total"), *tests.values(), written]
    return nbformat.v4.new_notebook(cells=cells)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def hand_in(folder, student, notebook):
    write_notebook(notebook, folder / "submitted" / student / "ps1" / "ps1.ipynb")


def records_of(folder, *options):
    result = run("grade", folder, "--workers", "1", "--json", folder / "records.json", *options)
    assert result.exit_code == 0, result.output
    records = json.loads((folder / "records.json").read_text())["submissions"]
    return result.output, {record["student"]: record for record in records}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, sandbox):
    """A plain course after its first `grade`: its folder, what was printed, and the records."""
    folder = tmp_path_factory.mktemp("course")
    source = lesson()
    write_notebook(source, folder / "source" / "ps1" / "ps1.ipynb")
    hand_in(folder, "ada", solved(source))
    careless = solved(source)
    cell_of(careless, "total").source = "def price(x):\n    return 2 * x\ndef total(xs):\n    return 2 * sum(xs)"
    # What a notebook says of itself is nothing.
    for cell in careless.cells:
        cell.metadata["convlab"] = {"judged": "by hand" if cell.cell_type == "code" else "together"}
    hand_in(folder, "bob", careless)
    guessed = solved(source)
    cell_of(
        guessed, "total"
    ).source = "def price(x):\n    return 2 * x\ndef total(xs):\n    return sum(map(price, xs)) if len(xs) > 1 else 0"
    hand_in(folder, "cleo", guessed)
    return folder, *records_of(folder)


def test_the_first_grade_finds_out_where_each_test_is_judged(graded):
    folder, output, _ = graded
    found = kept_findings(folder)["ps1", "ps1"]
    assert found.modes == JUDGED and found.free == ("test_free",)
    assert "price" in found.tests["test_total"].apart and found.tests["test_total"].together == ""
    assert "gives 'price' another meaning" in found.tests["test_total"].instead
    assert "ps1, test_total: judged together with the notebook" in output and found.tests["test_total"].apart in output
    assert "ps1, test_wrong: not graded by machine" in output
    assert "ps1, test_free: gives points to the notebook as handed out" in output
    assert "test_double:" not in output and "test_shown" not in output


def test_points_and_marks_are_those_of_the_mode(graded):
    _, _, records = graded
    points = {name: record["points"] for name, record in records.items()}
    assert points["ada"] == {
        "test_double": 2, "test_total": 3, "test_wrong": None, "test_free": 1, "test_shown": 0, "why": None,
    }  # fmt: skip
    assert [points[name]["test_total"] for name in ("bob", "cleo")] == [0, 0]
    assert all(record["judged"] == JUDGED and record["to_grade"] == 3 for record in records.values())
    assert records["bob"]["messages"]["test_total"] == "total should call price"
    assert records["cleo"]["messages"]["test_total"] == "A hidden test failed."
    assert "test_wrong" not in records["ada"]["messages"]


def test_a_test_by_hand_waits_for_a_person_and_takes_their_points(graded):
    folder, _, _ = graded
    with Gradebook(ClassDirectory(folder).db_url) as gradebook:
        grade = gradebook.find_grade("test_wrong", "ps1", "ps1", "cleo")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    _, records = records_of(folder)
    assert records["cleo"]["points"]["test_wrong"] == 1 and records["cleo"]["to_grade"] == 2


def test_pages_say_where_a_test_was_judged(graded):
    folder, _, _ = graded
    page = (folder / "feedback" / "ada" / "ps1" / "ps1.html").read_text()
    assert page.count(">judged together with your notebook<") == 1
    assert page.count(">not graded by machine<") == 1
    assert "Judged together with your notebook: This test ran in your notebook&#39;s own process" in page
    assert "hidden line of total" not in (folder / "feedback" / "cleo" / "ps1" / "ps1.html").read_text()
    assert run("report", folder).exit_code == 0
    report = (folder / "report.html").read_text()
    assert report.count(">judged together<") == 1 and report.count(">not graded by machine<") == 1
    with open(folder / "report.csv", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["student"] == "ada"]
    assert {row["exercise"]: row["judged"] for row in rows if row["judged"]} == {
        "double": "apart", "total": "together", "wrong": "by hand", "free": "apart", "shown": "apart",
    }  # fmt: skip


def test_only_a_change_of_the_source_makes_it_again(graded):
    folder, _, _ = graded
    before = (folder / FILE).stat().st_mtime_ns
    output, _ = records_of(folder, "--force")
    assert (folder / FILE).stat().st_mtime_ns == before and "judged together" not in output
    source = nbformat.read(folder / "source" / "ps1" / "ps1.ipynb", 4)
    cell_of(source, "test_wrong").source = "assert double(2) == 4"
    cell_of(source, "test_free").source = "assert double(1) == 2"
    write_notebook(source, folder / "source" / "ps1" / "ps1.ipynb")
    output = run("regrade", folder, "--dry-run").output
    assert "ps1, test_total: judged together" in output and "test_wrong: not" not in output
    _, records = records_of(folder)
    assert records["ada"]["points"]["test_wrong"] == 1 and records["ada"]["judged"] == {"test_total": "together"}
    assert kept_findings(folder)["ps1", "ps1"].free == ()


def test_the_command_says_it_all_and_a_class_may_forbid_to_judge_together(graded):
    folder, _, _ = graded
    result = run("preflight", folder, "--json", folder / "found.json")
    assert result.exit_code == 0 and "test_total: judged together" in result.output
    (found,) = json.loads((folder / "found.json").read_text())["notebooks"]
    assert found["tests"]["test_total"]["judged"] == "together" and found["free"] == []
    (folder / CONFIG_FILE).write_text("c = get_config()\nc.Run.together = False\n")
    result = run("preflight", folder)
    assert result.exit_code == 1 and "test_total: not graded by machine" in result.output
    assert "by hand" in run("regrade", folder, "--dry-run").output
    _, records = records_of(folder)
    assert records["ada"]["points"]["test_total"] is None and records["ada"]["judged"] == {"test_total": "by hand"}
    assert run("preflight", folder, "no-such-lesson").exit_code == 2


def found_for(*cells, release=None):
    """What a pre-flight finds out about a notebook with these marked cells."""
    source = nbformat.v4.new_notebook(cells=list(cells))
    contents = (nbformat.writes(one).encode() for one in (release or source, source))
    return preflight(Lesson("ps1", *contents, {}), shared_runner(), Limits(cell_seconds=10))


ONE = marked("def one():\n    return 1", "one")


def test_a_test_that_uses_what_another_one_makes_goes_with_it(sandbox):
    first = marked("import math\nassert 'def one' in In[-2]", "test_first", points=1)
    second = marked("assert math.floor(one()) == 1", "test_second", points=1)
    release = nbformat.v4.new_notebook(cells=[marked("# YOUR CODE HERE", "one"), first, second])
    found = found_for(ONE, first, second, release=release)
    assert (found.modes, found.unsolved) == ({"test_first": "together", "test_second": "together"}, ())


def test_a_test_without_a_solution_to_try_it_with_is_judged_apart(sandbox):
    """Else all tests of a course whose `source/` has only stubs would be left to a person."""
    stub = marked("def two():\n    ...", "two")
    tests = [
        marked(f"assert {name}() == {value}", f"test_{name}", points=1) for name, value in (("one", 2), ("two", 2))
    ]
    release = nbformat.v4.new_notebook(cells=[marked("# YOUR CODE HERE", "one"), tests[0], stub, tests[1]])
    found = found_for(ONE, tests[0], stub, tests[1], release=release)
    assert (found.modes, found.unsolved) == ({"test_one": "by hand"}, ("test_two",))


def test_a_test_that_forbids_a_function_is_judged_where_that_has_an_effect(sandbox):
    """Its solution passes apart, and so would any answer that calls what is forbidden."""
    forbids = marked("def sorted(*_):\n    raise AssertionError\nassert one() == 1\ndel sorted", "test_one", points=1)
    release = nbformat.v4.new_notebook(cells=[marked("# YOUR CODE HERE", "one"), forbids])
    found = found_for(ONE, forbids, release=release)
    assert found.modes == {"test_one": "together"} and "'sorted' has no effect" in found.tests["test_one"].apart


def test_partial_points_are_not_full_points(sandbox):
    partly = marked("one() / 2", "test_one", points=1)
    release = nbformat.v4.new_notebook(cells=[marked("# YOUR CODE HERE", "one"), partly])
    found = found_for(ONE, partly, release=release)
    assert found.tests["test_one"].apart == "it gives 0.5 of 1 points." == found.tests["test_one"].together


@pytest.mark.parametrize(
    ("test", "message", "words"),
    [
        ("assert x == 1", "'x': it is an open file.", "What 'x' stands for cannot leave the student's process"),
        ("import os\nos.getcwd = lambda: ''\nassert f()", "no", "an effect there"),
        ("from unittest.mock import patch\nwith patch('os.getcwd'):\n    f()", "no", "an effect there"),
        ("def g():\n    return 1\nassert f()", "no", "gives 'g' another meaning"),
        ("del g\nf()", "no", "gives 'g' another meaning"),
        ("assert 'g' in globals()", "no", "with 'globals'"),
        ("%timeit f()\nassert f()", "no", "uses a magic"),
        ("this is not Python", "SyntaxError", "Test what the exercise's functions return"),
    ],
)
def test_there_is_advice_for_what_cannot_be_judged_apart(test, message, words):
    assert words in instead_of(test, message, {"f", "g", "x"})


def test_damaged_findings_are_made_anew(tmp_path):
    good = {"lesson": "a", "notebook": "a", "digest": "", "tests": {}, "free": [], "unsolved": []}
    finding = {"judged": "apart", "apart": "", "together": "", "instead": ""}
    for text in ("", "[]", '{"notebooks": 3}', '{"notebooks": [[]]}'):
        (tmp_path / FILE).write_text(text)
        assert kept_findings(tmp_path) == {}
    (tmp_path / FILE).write_text(
        json.dumps({"notebooks": [good, good | {"tests": {"t": finding}}, good | {"free": 3}]})
    )
    assert list(kept_findings(tmp_path)) == [("a", "a")]
    assert kept_findings(tmp_path)["a", "a"].tests == {}


def test_the_courses_own_lessons_have_a_pre_flight_that_is_up_to_date(tmp_path):
    """Else the first `grade` of each new class would make it, which takes a minute: 'make lessons' renews it."""
    course = Course()
    write_sources(course, course.lessons, tmp_path)
    known = kept_findings(course.solutions)
    assert [one.lesson for one in up_to_date(known.values(), tmp_path)] == course.lessons == [name for name, _ in known]
    assert all(one.silent for one in known.values())


@pytest.mark.slow
def test_the_courses_own_tests_are_all_judged_apart(tmp_path, sandbox):
    """What `solutions/preflight.json` says is found out again from the beginning."""
    classroom = new_class(Course(), tmp_path / "class")
    before = kept_findings(classroom.path)
    assert run("preflight", classroom.path).exit_code == 0
    assert kept_findings(classroom.path) == before == kept_findings(Course().solutions)
