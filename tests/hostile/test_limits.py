"""Notebooks that take long or much memory to read or show: only a child process is affected, and the batch goes on."""

import json
import os
import select
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.classroom import new_class
from autograder.cli.main import main
from autograder.course import read_lesson, solved
from autograder.course.variants import blank, cell_of
from autograder.errors import BeyondLimits
from autograder.files import write_notebook
from autograder.reports import html
from autograder.uploads.clerks import ORDINARY_BYTES, Clerks

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
MEGABYTE = 2**20
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TABLE = "|" + "a|" * 250 + "\n|" + "-|" * 250 + "\n" + "|x\n" * 8_000
# Texts on which nbconvert's renderer, and so the Formgrader's page, fails or runs forever.
TEXTS = {
    "missing": "![x](attachment:foo.png)",
    "by_reference": "![x][y]\n\n[y]: attachment:foo.png",
    "as_entity": "![x](&#97;ttachment:foo.png)",
    "in_code": "`![x](attachment:foo.png)` and ![x](attachment:foo.png)",
    "table": TABLE,
    "quotes": ">" * 5_000 + " deep",
    "lists": "\n".join(" " * depth + "- x" for depth in range(300)),
    "heading": "# " + "<b>" * 500 + "&#0; \x0c \x01",
    "fence": "```{python}\nx\n```\n\n```   \ny\n```\n\n```mermaid\n<script>\n```\n\n```python3 -c\nz",
    "latex": r"$\begin{a}" * 200 + r"\frac{" * 300 + "$",
    "template": "{{ cell }} {% raw %} << x >> {# #}",
    "letters": "\ud83d\ude00 \u202e \ufffe \x85 \u2028",
}


def with_text(source, text):
    notebook = solved(source)
    cell_of(notebook, "explain_toy").source = text
    notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="more"))
    return notebook


def old(source):
    """1.1 MB of version 3: converting its 20,000 unknown outputs took 54 s and 1.2 GB."""
    cells = []
    for cell in solved(source).cells:
        kind = {"cell_type": cell.cell_type, "metadata": cell.metadata}
        code = {"input": cell.source, "language": "python", "outputs": [], "collapsed": False}
        cells.append(kind | (code if cell.cell_type == "code" else {"source": cell.source}))
    code = next(cell for cell in cells if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "unknown", "metadata": {}, "x": number} for number in range(20_000)]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


def with_more(source, **more):
    """An honest notebook's file with additional top-level text that `json.dumps` would not write."""
    text = nbformat.writes(solved(source))
    return text[: text.rindex("}")] + "".join(f', "{key}": {value}' for key, value in more.items()) + "}"


MEMORY = {
    "b_lists": lambda source: '{"cells": [' + "[]," * (20 * MEGABYTE) + "[]]}",
    "c_dicts": lambda source: with_more(source, x="[" + '{"a":{}},' * (6 * MEGABYTE) + "0]"),
}
READABLE = {
    "d_old": old,
    "e_nan": lambda source: with_more(source, x="[NaN, Infinity, 1e999999, -0]"),
    "f_twice": lambda source: with_more(source, nbformat="4", nbformat_minor="5"),
    "g_long": lambda source: with_more(source, x='"' + "x" * (60 * MEGABYTE) + '"'),
    "h_emoji": lambda source: with_more(
        source, x='"\\ud83d\\ude00 \\ud800 ' + "\U0001f600" + "y" * (50 * MEGABYTE) + '"'
    ),
}
UNREADABLE = {
    "i_number": lambda source: with_more(source, x="9" * 100_000),
    "j_deep": lambda source: with_more(source, x="[" * 500_000 + "]" * 500_000),
    "k_code": lambda source: json.dumps({"cells": [{"cell_type": "code", "source": "x " * (10 * MEGABYTE)}]}),
}
WRITTEN = MEMORY | READABLE | UNREADABLE


def peak():
    status = Path("/proc/self/status").read_text()
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in status.splitlines() if " kB" in line}


@pytest.fixture(scope="module")
def graded(toy_course, tmp_path_factory):
    """The class, records by student, and the batch's peak memory in this process, in bytes above idle."""
    classroom = new_class(toy_course, tmp_path_factory.mktemp("limits") / "class")
    source = read_lesson(toy_course.source(LESSON))
    for student in ("a_honest", "z_honest"):
        write_notebook(solved(source), classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb")
    for student, make in WRITTEN.items():
        path = classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(make(source))
    for student, text in TEXTS.items():
        notebook = with_text(source, text.encode("utf-16", "surrogatepass").decode("utf-16"))
        write_notebook(notebook, classroom.path / "submitted" / f"t_{student}" / LESSON / f"{LESSON}.ipynb")
    picture = with_text(source, "![x](attachment:x.png)")
    cell_of(picture, "explain_toy")["attachments"] = {
        "x.png": {"image/png": PIXEL},
        "unnamed.png": {"image/png": PIXEL},
        "bad.svg": {"image/svg+xml": "<svg/>"},
    }
    write_notebook(picture, classroom.path / "submitted" / "p_picture" / LESSON / f"{LESSON}.ipynb")
    del picture, notebook
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()["VmRSS"]
    file = classroom.path / "records.json"
    result = CliRunner().invoke(main, ["grade", str(classroom.path), "--json", str(file)])
    cost = peak()["VmHWM"] - before
    assert result.exit_code == 0, result.output
    return classroom, {record["student"]: record for record in json.loads(file.read_text())["submissions"]}, cost


def test_honest_notebooks_have_their_points_and_are_equal(graded):
    _, records, _ = graded
    same = ("status", "score", "points", "max_points", "messages", "repaired")
    assert records["a_honest"]["score"] == 3
    assert [records["a_honest"][key] for key in same] == [records["z_honest"][key] for key in same]


@pytest.mark.parametrize("student", [*READABLE, *(f"t_{name}" for name in TEXTS), "p_picture"])
def test_points_depend_on_the_answers_alone(graded, student):
    """Fails at 981fac2 for `d_old` within any reasonable time."""
    assert (graded[1][student]["status"], graded[1][student]["score"]) == ("graded", 3)


@pytest.mark.parametrize("student", [*MEMORY, *UNREADABLE])
def test_what_is_too_much_to_be_read_is_unreadable_and_says_why(graded, student):
    """Fails at 981fac2: the grader itself took 1.95 GB for 63 MB."""
    record = graded[1][student]
    assert record["status"] == "unreadable" and record["score"] == 0
    words = "memory" if student in MEMORY else "MB of code" if student == "k_code" else "not valid JSON"
    assert words in record["reason"] and "JupyterLab" in record["reason"] + "JupyterLab" * (student == "k_code")


def test_the_grader_itself_stays_small(graded):
    """Fails at 981fac2: it grew by more than a GB."""
    assert graded[2] < 300 * MEGABYTE


def formgrader_page(path):
    """What the Formgrader shows of a submission, by its own exporter."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = dict.fromkeys(
        ("assignment_id", "notebook_id", "submission_id", "base_url", "student", "notebook_path"), "x"
    )
    names |= {"index": 0, "total": 1, "last_name": "", "first_name": ""}
    return HTMLExporter(config=config).from_filename(str(path), resources=names)[0]


@pytest.mark.parametrize("student", ["a_honest", "p_picture", "c_dicts", *(f"t_{name}" for name in TEXTS)])
def test_the_formgrader_can_show_whatever_was_graded(graded, student):
    """Fails at 981fac2 for texts that name a picture that is missing."""
    folder = graded[0].path
    page = formgrader_page(folder / "autograded" / student / LESSON / f"{LESSON}.ipynb")
    assert "twice" in page and len(page) < 8 * MEGABYTE
    feedback = (folder / "feedback" / student / LESSON / f"{LESSON}.html").read_text()
    assert feedback.startswith(html.head()) and len(feedback) < 16 * MEGABYTE


def test_a_picture_in_a_written_answer_reaches_the_one_who_grades_it(graded):
    """Fails at 981fac2: pictures were dropped, and their names kept the Formgrader from showing anything."""
    path = graded[0].path / "autograded" / "p_picture" / LESSON / f"{LESSON}.ipynb"
    answer = cell_of(nbformat.read(path, as_version=4), "explain_toy")
    assert answer.attachments == {"x.png": {"image/png": PIXEL}}
    assert f"data:image/png;base64,{PIXEL}" in formgrader_page(path)


@pytest.fixture(scope="module")
def clerks():
    with Clerks() as one:
        yield one


def test_a_clerk_that_was_lost_through_no_fault_of_the_notebook_is_replaced(clerks, toy_course):
    source = json.dumps(blank(read_lesson(toy_course.source(LESSON))))
    key = clerks.learn(source, source, "{}")
    with clerks.hire() as clerk:
        cells = clerk.read(key, "x.ipynb", source.encode()).cells
        os.kill(clerks._parent._running.process.pid, 9)
        assert clerk.read(key, "x.ipynb", source.encode()).cells == cells


def test_a_clerk_that_does_not_answer_in_time_is_ended(clerks, monkeypatch):
    monkeypatch.setattr("autograder.uploads.clerks.WALL_SECONDS", 0.01)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(TABLE)])
    with clerks.hire() as clerk, pytest.raises(BeyondLimits, match=r"takes more than 0.01 s"):
        clerk.clean(notebook, '{"SanitizeHTML": {"enabled": true}}')


@pytest.fixture
def lesson(clerks, toy_course):
    """A lesson's name among the clerks, and its notebook as handed in blank."""
    source = json.dumps(blank(read_lesson(toy_course.source(LESSON))))
    return clerks.learn(source, source, "{}"), source.encode()


def test_a_clerk_serves_one_ordinary_submission_after_the_other(clerks, lesson, monkeypatch):
    monkeypatch.setattr("autograder.uploads.clerks.MOST_SERVED", 3)
    clerks._idle.clear()
    processes = [clerks.take(60, fresh=False) for _ in range(2)]
    assert processes[0] is not processes[1]
    for process in processes:
        clerks.give_back(process)
    assert clerks.take(60, fresh=False) in processes
    clerks._idle.clear()
    process = clerks.take(60, fresh=False)
    for _ in range(2):
        clerks.give_back(process)
        assert clerks.take(60, fresh=False) is process
    clerks.give_back(process)
    assert clerks._idle == []


def test_a_clerk_with_a_large_submission_serves_nobody_else(clerks, lesson):
    clerks._idle.clear()
    key, content = lesson
    with clerks.hire() as clerk:
        clerk.read(key, "x.ipynb", content + b" " * ORDINARY_BYTES)
    assert clerks._idle == []


def test_a_clerk_that_was_asked_and_not_heard_serves_nobody_else(clerks, lesson, monkeypatch):
    """Otherwise its late answer would be taken for that of the next submission."""
    clerks._idle.clear()
    key, content = lesson
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), clerks.hire() as clerk:
        patch.setattr("autograder.uploads.clerks.Channel.receive", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        clerk.read(key, "x.ipynb", content)
    assert clerks._idle == []


def test_what_is_too_much_after_others_is_tried_alone(clerks, lesson):
    """One submission uses up the limits of a process; the next one assigned to it is read all the same."""
    clerks._idle.clear()
    key, content = lesson
    with clerks.hire() as clerk:
        clerk.read(key, "x.ipynb", content)
    (process,) = clerks._idle
    # Simulate a first one that left no CPU time: the process ends while it serves the second.
    with clerks.hire() as clerk:
        clerk._process = clerks.take(60, fresh=False)
        assert clerk._process is process and not process.is_fresh
        process.child.kill()
        # It ends a moment later, and might answer until then.
        assert select.select([process.child.data], [], [], 10)[0]
        assert len(clerk.read(key, "x.ipynb", content).cells) > 3
        assert clerk._process is not process and clerk._process.is_fresh


def test_a_clerk_from_before_a_lesson_is_not_asked_about_it(clerks, lesson):
    clerks._idle.clear()
    process = clerks.take(60, fresh=False)
    clerks.give_back(process)
    other = lesson[1].decode().replace("Toy", "Another")
    key = clerks.learn(other, other, "{}")
    with clerks.hire() as clerk:
        clerk.read(key, "x.ipynb", lesson[1])
        assert clerk._process is not process
