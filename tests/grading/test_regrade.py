"""A test was wrong: correct it, see who gains or loses, then write; what a person gave stays."""

import json

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.cli.main import main
from autograder.course.lessons import MISCONCEPTIONS
from autograder.course.variants import answer
from autograder.files import write_notebook

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"


def run(*arguments, **how):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **how)


@pytest.fixture
def classroom(toy_course, tmp_path):
    """Graded: ada is right, ben rounds half of 3 down, chloe's half was given by hand."""
    made = new_class(toy_course, tmp_path / "class")
    samples = sample_submissions(toy_course, LESSON)
    for student in ("ada", "ben", "chloe"):
        notebook = nbformat.from_dict(samples["ada"])
        if student != "ada":
            answer(notebook, "half", "def half(x):\n    return x // 2\n")
        write_notebook(notebook, made.path / "submitted" / student / LESSON / f"{LESSON}.ipynb")
    assert run("grade", made.path).exit_code == 0
    with Gradebook(made.db_url) as books:
        for student in ("ben", "chloe"):
            comment = books.find_comment("half", LESSON, LESSON, student)
            comment.manual_comment = "Ask me about this."
        grade = books.find_grade("test_half", LESSON, LESSON, "chloe")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        written = books.find_grade("explain_toy", LESSON, LESSON, "ben")
        written.manual_score, written.needs_manual_grade = 2, False
        books.db.commit()
    return made


def correct(classroom, old, new, points=None):
    path = classroom.path / "source" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
        if points and cell.metadata.get("nbgrader", {}).get("grade_id") == "test_half":
            cell.metadata.nbgrader.points = points
    write_notebook(notebook, path)


def books_of(classroom):
    with Gradebook(classroom.db_url) as books:
        return {
            student: {
                grade.name: (grade.score, grade.needs_manual_grade)
                for grade in books.find_submission_notebook(LESSON, LESSON, student).grades
            }
            for student in ("ada", "ben", "chloe")
        }


def test_without_a_correction_nothing_is_touched(classroom):
    result = run("regrade", classroom.path)
    assert result.exit_code == 0 and "No submission is affected" in result.output


def test_differences_are_shown_and_written_only_when_confirmed(classroom, tmp_path):
    before = books_of(classroom)
    page = classroom.path / "feedback" / "ben" / LESSON / f"{LESSON}.html"
    old_page = page.read_text()
    correct(classroom, "half(3) == 1.5", "half(3) in (1, 1.5)")
    for refusal in ({"input": "n\n"}, {"input": ""}):
        result = run("regrade", classroom.path, **refusal)
        assert result.exit_code == 1 and "Nothing was written" in result.output
    differences = tmp_path / "differences.json"
    assert run("regrade", classroom.path, "--dry-run", "--json", differences).exit_code == 0
    assert books_of(classroom) == before and page.read_text() == old_page

    (changed,) = [one for one in json.loads(differences.read_text()) if one["changes"]]
    assert changed["student"] == "ben" and changed["difference"] == 1
    assert changed["changes"] == [{"cell": "test_half", "before": 0, "after": 1}]

    result = run("regrade", classroom.path, "--yes")
    assert result.exit_code == 0 and "+1" in result.output and "the points of 1 of them would change" in result.output
    after = books_of(classroom)
    assert after == {**before, "ben": {**before["ben"], "test_half": (1, False)}}
    # What a person gave and wrote is still there, and nobody has to look at it again.
    assert after["ben"]["explain_toy"] == (2, False) and after["chloe"]["test_half"] == (0.5, False)
    assert page.read_text() != old_page and "Ask me about this." in page.read_text()
    assert "No submission is affected" in run("regrade", classroom.path).output


def test_what_a_person_added_is_no_difference_and_what_stands_waits_for_nobody(classroom):
    with Gradebook(classroom.db_url) as books:
        books.find_grade("test_half", LESSON, LESSON, "ada").extra_credit = 0.5
        books.db.commit()
    correct(classroom, "half(3) == 1.5", "half(3) == 3 / 2")
    result = run("regrade", classroom.path, "--yes")
    assert result.exit_code == 0 and "; the points of 0 of them would change" in result.output
    assert books_of(classroom)["ada"]["test_half"] == (1.5, False)
    page = (classroom.path / "feedback" / "ben" / LESSON / f"{LESSON}.html").read_text()
    assert books_of(classroom)["ben"]["explain_toy"] == (2, False) and "still wait" not in page


def test_a_notebook_that_broke_shows_what_it_would_lose(classroom, tmp_path):
    submitted = classroom.path / "submitted"
    (submitted / "ada" / LESSON / f"{LESSON}.ipynb").write_text("{")
    (submitted / "ben" / LESSON / f"{LESSON}.ipynb").unlink()
    differences = tmp_path / "differences.json"
    run("regrade", classroom.path, "--dry-run", "--json", differences)
    found = {one["student"]: one for one in json.loads(differences.read_text())}
    assert found["ada"]["status"] == "unreadable" and found["ada"]["difference"] == -3
    assert found["ben"]["status"] == "not_recorded" and f"'{LESSON}.ipynb' no longer exists" in found["ben"]["reason"]


def test_a_test_may_be_worth_other_points(classroom):
    correct(classroom, "half(3) == 1.5", "half(3) == 1.5", points=4)
    assert run("regrade", classroom.path, "--yes").exit_code == 0
    assert {student: grades["test_half"][0] for student, grades in books_of(classroom).items()} == {
        "ada": 4,
        "ben": 0,
        "chloe": 0.5,
    }


def test_grading_learns_a_corrected_test_too(classroom):
    correct(classroom, "half(3) == 1.5", "half(3) in (1, 1.5)")
    assert run("grade", classroom.path).exit_code == 0
    assert books_of(classroom)["ben"]["test_half"] == (1, False)


def test_grading_learns_new_points_of_an_answer_that_a_person_grades(classroom):
    path = classroom.path / "source" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (written,) = (one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "explain_toy")
    written.metadata.nbgrader.points = 5
    write_notebook(notebook, path)
    assert run("grade", classroom.path).exit_code == 0
    with Gradebook(classroom.db_url) as books:
        assert books.find_grade_cell("explain_toy", LESSON, LESSON).max_score == 5
    assert books_of(classroom)["ben"]["explain_toy"][0] == 2


def test_a_broken_file_of_misconceptions_is_named_and_costs_nothing(classroom):
    before = books_of(classroom)
    path = classroom.path / MISCONCEPTIONS / f"{LESSON}.json"
    kept = path.read_text()
    for broken in (kept[:-2], "[]", '{"twice": 1}', '{"twice": [{"text": 1}]}'):
        path.write_text(broken)
        for command in ("grade", "regrade"):
            result = run(command, classroom.path)
            said = " ".join(result.output.split())
            assert result.exit_code and "this is not a list of misconceptions" in said and "delete it" in said
            assert isinstance(result.exception, SystemExit)
    assert books_of(classroom) == before
    path.unlink()
    assert run("grade", classroom.path).exit_code == 0
    points = [
        {(student, name): score for student, grades in books.items() for name, (score, _) in grades.items()}
        for books in (before, books_of(classroom))
    ]
    assert points[0] == points[1]


def test_exercises_are_not_added_to_a_graded_lesson(classroom):
    path = classroom.path / "source" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (test,) = (one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "test_half")
    more = nbformat.from_dict({**test, "id": "more"})
    more.metadata.nbgrader.grade_id = "test_more"
    notebook.cells.append(more)
    write_notebook(notebook, path)
    before = books_of(classroom)
    result = run("grade", classroom.path)
    assert result.exit_code == 2 and "Traceback" not in result.output
    assert "Cannot add or remove cells" in " ".join(result.output.split())
    assert books_of(classroom) == before


def test_only_graded_submissions_are_regraded(classroom, toy_course):
    notebook = sample_submissions(toy_course, LESSON)["ada"]
    write_notebook(notebook, classroom.path / "submitted" / "dora" / LESSON / f"{LESSON}.ipynb")
    result = run("regrade", classroom.path)
    assert result.exit_code == 0 and "No submission is affected" in result.output


def test_a_due_date_touches_what_was_graded_without_it(classroom):
    with Gradebook(classroom.db_url) as books:
        books.update_or_create_assignment(LESSON, duedate="2026-01-31")
    assert "3 submission(s) are affected; the points of 0 of them" in run("regrade", classroom.path, "--yes").output
    assert "No submission is affected" in run("regrade", classroom.path).output
