"""Afterwards the log tells an operator what became of each submission, how long it took, and why."""

import io
import logging
import os
import re
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from click.testing import CliRunner

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.cli import console, logs
from autograder.cli.main import main
from autograder.course.variants import answer
from autograder.execution import shared_runner
from autograder.execution.runner import RunReport
from autograder.files import write_notebook
from autograder.grading.grade import _Pace
from autograder.grading.job import JobReport, Settings
from autograder.uploads import clerk

LESSON = "01_toy"
EVENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4} (DEBUG|INFO|WARNING) \w+\[\d+\] \S+ autograder\.[\w.]+: "
)
FORGED = "2026-01-01T00:00:00.000+0000 INFO MainProcess[1] MainThread autograder.grading.grade: eve, 01_toy: graded"
SECRETS = ("hidden line of", "the secret of", "a line of kim's own", "model answer", "Two times x")


def grade(classroom, *options):
    return CliRunner().invoke(main, ["grade", str(classroom.path), *map(str, options)])


def hand_in(classroom, student, notebook, name=f"{LESSON}.ipynb"):
    path = classroom.path / "submitted" / student / LESSON / name
    if isinstance(notebook, str):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook, encoding="utf-8")
    else:
        write_notebook(notebook, path)


@pytest.fixture(scope="module")
def classroom(toy_course, tmp_path_factory):
    """Right, endless, ending its process, unreadable, refused by the disk, and two with names that would forge a line."""
    made = new_class(toy_course, tmp_path_factory.mktemp("logging") / "class", cell_seconds=2)
    samples = sample_submissions(toy_course, LESSON)
    gone = nbformat.from_dict(samples["ada"])
    answer(gone, "half", "def half(x):\n    import os\n    os._exit(7)  # a line of kim's own\n")
    for student, notebook in {**{name: samples[name] for name in ("ada", "ben", "finn", "gus")}, "kim": gone}.items():
        hand_in(made, student, notebook)
    (made.path / "autograded").mkdir(exist_ok=True)
    (made.path / "autograded" / "ben").write_text("no folder", encoding="utf-8")
    hand_in(made, f"eve\n{FORGED}", "{}")
    for name in ("first.ipynb", f"x\n{FORGED}.ipynb"):
        hand_in(made, "dora", samples["ada"], name)
    return made


@pytest.fixture(scope="module")
def lines(classroom, sandbox, tmp_path_factory):
    """The log of grading that class."""
    path = tmp_path_factory.mktemp("log") / "grade.log"
    result = grade(classroom, "--log-file", path, "--workers", 2)
    assert result.exit_code == 1, result.output
    return path.read_text(encoding="utf-8").splitlines()


def those(lines, *words):
    return [line for line in lines if all(word in line for word in words)]


def test_the_log_has_two_lines_at_info_for_a_submission(lines):
    ran, recorded = those(lines, "ada, 01_toy: ", " INFO ", "grading.")
    assert re.search(
        r": graded after \d+\.\d\d s: read [\d.]+, show [\d.]+ s; fork [\d.]+, cells [\d.]+, tests [\d.]+ s;", ran
    )
    assert re.search(r"worker ended by the grader \(\d\d+ MB, [\d.]+ s CPU\); judge exited with 0 \(\d\d+ MB", ran)
    assert re.search(r": recorded with 3 of 5 points; books [\d.]+, page [\d.]+ s", recorded)


def test_the_log_says_when_and_where_a_submission_ran(lines):
    (begins,) = those(lines, "ada, 01_toy: begins")
    (back,) = those(lines, "ada, 01_toy: back from inproc://")
    thread = re.search(r"\((\S+)\), begun \d\d:\d\d:\d\d, took [\d.]+ s$", back)[1]
    assert f" {thread} autograder.grading.job: " in begins
    assert those(lines, f" {thread} autograder.uploads.clerks: ", "clerk: reading it took")


def test_the_log_explains_a_timeout(lines):
    (line,) = those(lines, "finn, 01_toy: timeout after")
    assert " WARNING " in line
    assert re.search(r"slow: .*code cell 5 took [2-5]\.\d s, the limit is 2 s", line)
    assert "slowest is code cell 5 with " in line and "a cell was stopped at its time limit" in line


def test_the_log_explains_a_process_that_was_ended(lines):
    (line,) = those(lines, "kim, 01_toy: killed after")
    assert " WARNING " in line
    assert re.search(r"it ended before it answered; worker exited with 7 \(\d\d+ MB, [\d.]+ s CPU\)", line)


def test_the_log_explains_an_unreadable_upload(lines):
    (line,) = those(lines, "gus, 01_toy: unreadable after")
    assert " WARNING " in line and "valid JSON, line " in line


def test_the_log_explains_what_the_books_refused(lines):
    (line,) = those(lines, " WARNING ", "grading.recorder: ben, 01_toy: not recorded: ")
    assert "NotADirectoryError: " in line


def test_a_hostile_name_forges_no_line(lines):
    assert all(EVENT.match(line) for line in lines)
    assert not [line for line in lines if line.startswith("2026-01-01T00")]
    (stranger,) = those(lines, "grading.grade", "not recorded", "eve\\n2026-01-01T00")
    (misnamed,) = those(lines, "dora, 01_toy: not recorded", "x\\n2026-01-01T00")
    assert " WARNING " in stranger and " WARNING " in misnamed


def test_the_log_tells_no_test_no_answer_and_no_code(lines):
    assert [secret for secret in SECRETS if those(lines, secret)] == []


def test_the_log_says_that_a_fork_server_died_and_was_started_again(classroom, lines, tmp_path):
    (worker, _) = shared_runner()._pairs[False]
    worker._running.process.kill()
    path = tmp_path / "again.log"
    grade(classroom, "--force", "--log-file", path, "--workers", 1)
    found = path.read_text(encoding="utf-8").splitlines()
    died = those(found, "fork server for worker: ended unexpectedly (signal 9); last words: ")
    ready = those(found, "fork server for worker: ready ")
    assert len(died) == len(ready) == 1 and found.index(died[0]) < found.index(ready[0])
    assert those(found, "ada, 01_toy: graded after")


def test_the_log_says_that_an_upload_was_too_much_for_its_clerk(classroom, lines, tmp_path, monkeypatch):
    monkeypatch.setattr(clerk, "FRAMES", replace(clerk.FRAMES, head_bytes=20))
    path = tmp_path / "clerk.log"
    grade(classroom, "--force", "--log-file", path, "--workers", 1)
    found = path.read_text(encoding="utf-8").splitlines()
    assert those(found, " WARNING ", "ada, 01_toy: clerk: reading it gives a larger result than can be kept (")
    assert those(found, " WARNING ", "ada, 01_toy: the notebook exceeded the clerk's limits: ")


def test_verbose_lines_stand_above_the_progress_bar(classroom, lines, monkeypatch):
    screen = console.Terminal(file=io.StringIO(), force_terminal=True, width=400)
    for module in (console, logs):
        monkeypatch.setattr(module, "error_console", lambda: screen)
    grade(classroom, "-v")
    shown = screen.file.getvalue().split("\n")
    for words in ("ben, 01_toy: not recorded: ", "dora, 01_toy: not recorded: "):
        (line,) = those(shown, words)
        before, _, behind = line.rpartition("\x1b[2K")  # erases the bar's line; the bar comes again below
        assert "Grading" in before and words in behind and "Grading" not in behind
    (line,) = those(shown, "dora, 01_toy: not recorded: ")
    assert f"x\\n{FORGED}.ipynb" in line


def test_very_verbose_lines_off_a_terminal_are_those_of_the_file(classroom, lines):
    shown = grade(classroom, "-vv").stderr.splitlines()
    assert those(shown, " DEBUG ", "ada, 01_toy: unchanged since it was recorded")
    assert all(EVENT.match(line) for line in those(shown, "autograder."))
    assert not those(grade(classroom, "-v").stderr.splitlines(), " DEBUG ")


def test_without_the_options_nothing_is_printed(classroom, lines):
    """In a process of its own, where no test listens either: Python itself prints warnings that have no handler."""
    command = [sys.executable, "-m", "autograder", "grade", str(classroom.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 1 and "not_recorded" in done.stdout
    assert [line for line in done.stderr.splitlines() if not line.startswith("Grading")] == []


def test_a_command_leaves_the_loggers_as_they_were(classroom, lines, tmp_path):
    logger = logging.getLogger("autograder")
    before = logger.level, list(logger.handlers)
    grade(classroom, "-vv", "--log-file", tmp_path / "grade.log")
    assert (logger.level, logger.handlers) == before
    assert not logger.isEnabledFor(logging.INFO)


def test_a_log_that_cannot_be_written_is_a_wrong_call(classroom, tmp_path):
    result = grade(classroom, "--log-file", tmp_path / "nowhere" / "grade.log")
    assert result.exit_code == 2 and "the log cannot be written (No such file or directory)" in result.output


def report(seconds, cells=0.1, slowest=(1, 0.1)):
    return JobReport(0.0, 0.1, 0.1, seconds, RunReport(0.01, cells, 0.1, slowest), "")


def test_slow_is_what_takes_three_times_the_median_of_its_lesson():
    pace = _Pace(Settings(cell_seconds=60, total_seconds=300))
    assert [pace.slow("01", report(seconds)) for seconds in (9.0, 1.0, 1.1, 1.2)] == [""] * 4
    assert pace.slow("01", report(4.6)) == "4 times the median so far, 1.15 s"
    assert pace.slow("02", report(4.6)) == ""


def test_slow_is_what_comes_near_a_limit():
    pace = _Pace(Settings(cell_seconds=60, total_seconds=300))
    assert pace.slow("01", report(260, 250, (3, 20.0))) == "all cells took 250.1 s, the limit is 300 s"
    assert pace.slow("01", report(60, 55, (3, 50.0))) == "code cell 3 took 50.0 s, the limit is 60 s"
