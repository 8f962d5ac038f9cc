"""Batches: however many workers there are, wherever they run and whoever dies, the books say the same."""

import json
import logging
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from autograder.classroom import ClassDirectory, Journal, Submission, new_class
from autograder.classroom.demo import sample_submissions
from autograder.classroom.journal import FILE
from autograder.errors import ForkServerDied, PoolError
from autograder.files import write_notebook
from autograder.grading import grade_class
from autograder.grading.pool import Pool

LESSON = "01_toy"
KINDS = ("ada", "ben", "chloe", "dae", "hana", "ivo")


def class_of(count, toy_course, path):
    made = new_class(toy_course, path)
    samples = sample_submissions(toy_course, LESSON)
    for number in range(count):
        notebook = nbformat.from_dict(samples[KINDS[number % len(KINDS)]])
        notebook.cells[0].source += f"\n\nStudent {number}"
        write_notebook(notebook, made.path / "submitted" / f"s{number:02}" / LESSON / f"{LESSON}.ipynb")
    return made


@pytest.fixture(scope="module")
def classroom(toy_course, tmp_path_factory):
    """A class of twelve, not graded yet."""
    return class_of(12, toy_course, tmp_path_factory.mktemp("pool") / "class")


def copy_of(classroom, path):
    """The same class elsewhere; the gradebook's address is part of its configuration."""
    shutil.copytree(classroom.path, path)
    config = path / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(classroom.path), str(path)))
    return ClassDirectory(path)


def grades(classroom):
    """What the gradebook holds, whatever its internal ids are."""
    with sqlite3.connect(classroom.path / "gradebook.db") as books:
        rows = books.execute(
            "select student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade from grade"
            " join submitted_notebook on grade.notebook_id = submitted_notebook.id"
            " join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id"
            " join student on submitted_assignment.student_id = student.id"
            " join base_cell on grade.cell_id = base_cell.id order by 1, 2"
        )
        return rows.fetchall()


def written(classroom):
    """Graded notebooks and feedback by their relative paths."""
    files = [path for folder in ("autograded", "feedback") for path in (classroom.path / folder).rglob("*.*")]
    return {
        str(path.relative_to(classroom.path)): path.read_bytes() for path in files if path.suffix in (".ipynb", ".html")
    }


@pytest.fixture(scope="module")
def undisturbed(classroom, tmp_path_factory):
    """Graded by one worker, without any trouble."""
    made = copy_of(classroom, tmp_path_factory.mktemp("undisturbed") / "class")
    records = list(grade_class(made, [LESSON], workers=1))
    assert {record.status for record in records} == {"graded"}
    return made


@pytest.mark.usefixtures("sandbox")
def test_many_workers_write_what_one_writes(classroom, undisturbed, tmp_path):
    made = copy_of(classroom, tmp_path / "class")
    list(grade_class(made, [LESSON], workers=3))
    assert grades(made) == grades(undisturbed) and len(grades(made)) == 36
    assert written(made) == written(undisturbed)


@contextmanager
def dask(folder):
    """A scheduler's address, and a function that starts a worker in a folder of its own and returns its process."""
    processes = []

    def start(program, *arguments, cwd):
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", "--host", "127.0.0.1"]
        # As the README tells: the profiler can stop older CPythons for ever.
        environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}
        processes.append(subprocess.Popen([*command, *arguments], cwd=cwd, env=environment, stderr=subprocess.DEVNULL))
        return processes[-1]

    def worker(name):
        (folder / name).mkdir()
        # No nanny: a killed worker stays dead until somebody starts another.
        arguments = ("--no-nanny", "--nthreads", "1", "--local-directory", str(folder / name))
        return start("dask_worker", "--scheduler-file", str(address), *arguments, cwd=folder / name)

    address = folder / "scheduler.json"
    try:
        worker.scheduler = start("dask_scheduler", "--port", "0", "--scheduler-file", str(address), cwd=folder)
        deadline = time.monotonic() + 60
        while not (address.exists() and address.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield json.loads(address.read_text())["address"], worker
    finally:
        # Not asked to leave: a worker may take its time over that, and nothing here depends on it.
        for process in reversed(processes):
            process.kill()
        for process in processes:
            process.wait(30)


@pytest.mark.usefixtures("sandbox")
def test_workers_of_a_scheduler_need_no_class_directory(classroom, undisturbed, tmp_path):
    made = copy_of(classroom, tmp_path / "class")
    with dask(tmp_path) as (scheduler, worker):
        worker("one")
        worker("two")
        records = list(grade_class(made, [LESSON], scheduler=scheduler))
    assert {record.status for record in records} == {"graded"}
    assert grades(made) == grades(undisturbed)


def slow(seconds):
    """A job that takes its time and tells in which process."""
    return SimpleNamespace(run=partial(subprocess.check_output, ["sh", "-c", f"sleep {seconds}; echo $PPID"]))


@pytest.mark.slow
def test_workers_that_come_later_are_used_and_a_scheduler_that_goes_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.grading.pool.LOOK_SECONDS", 0.2)
    with dask(tmp_path) as (scheduler, worker):
        processes, came = set(), []
        jobs = ((number, slow(0.3 if number < 100 else 60)) for number in range(1000))
        with pytest.raises(PoolError, match="scheduler is gone"), Pool(scheduler=scheduler) as pool:
            threads = [threading.Timer(delay, worker, [str(delay)]) for delay in (0, 3)]
            for thread in threads:
                thread.start()
            for group in pool.run(jobs):
                came += [number for number, _ in group]
                processes |= {process for _, process in group}
                if len(came) >= 60:
                    worker.scheduler.kill()
        for thread in threads:
            thread.join()
    assert len(processes) == 2 and len(came) == len(set(came))


@pytest.mark.slow
def test_the_log_says_which_jobs_a_lost_dask_worker_had(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("autograder.grading.pool.LOOK_SECONDS", 0.2)
    caplog.set_level(logging.DEBUG, logger="autograder")
    with dask(tmp_path) as (scheduler, worker):
        first = worker("one")
        with Pool(scheduler=scheduler) as pool:
            done = []
            for group in pool.run((f"job {number}", slow(0.5)) for number in range(8)):
                done += [name for name, _ in group]
                if first.poll() is None:
                    worker("two")
                    first.kill()
                    first.wait(30)
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    (lost,) = [text for level, text in said if level == "WARNING"]
    again = re.fullmatch(r"Dask worker tcp://127\.0\.0\.1:\d+ is gone; sent again: (.*)", lost)[1].split("; ")
    assert sorted(done) == [f"job {number}" for number in range(8)]
    assert again and set(again) <= set(done)
    address = re.search(r"tcp://\S+", lost)[0]
    backs = dict(re.fullmatch(r"(job \d): back from (\S+) .*", text).groups() for _, text in said if ": back " in text)
    assert len(backs) == 8 and all(backs[name] != address for name in again)
    assert any(re.fullmatch(r"Dask worker tcp://\S+ is there", text) for _, text in said)


def test_a_worker_that_cannot_do_a_job_costs_only_that_one():
    with Pool(1) as pool:
        jobs = [("bad", SimpleNamespace(run=partial(int, "x"))), ("good", SimpleNamespace(run=partial(int, "7")))]
        results = dict(result for group in pool.run(jobs) for result in group)
    assert results["good"] == 7 and type(results["bad"]) is PoolError and "ValueError" in str(results["bad"])


def test_local_workers_have_no_profiler():
    with Pool(2) as pool:
        (worker,) = pool._cluster.workers.values()
        assert "profile" not in worker.periodic_callbacks


class Doomed:
    """A job for which the walls cannot be built."""

    def run(self):
        raise ForkServerDied("no walls")


def test_a_job_that_cannot_be_done_comes_back_as_its_error_without_a_traceback():
    logged = []
    handler = logging.Handler()
    handler.emit = logged.append
    logger = logging.getLogger("distributed.worker")
    logger.addHandler(handler)
    try:
        with Pool(1) as pool:
            (((name, error),),) = pool.run([("one", Doomed())])
    finally:
        logger.removeHandler(handler)
    assert name == "one" and type(error) is ForkServerDied and str(error) == "no walls"
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_named():
    with pytest.raises(PoolError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        Pool(scheduler="tcp://127.0.0.1:9")


@pytest.mark.usefixtures("sandbox")
def test_whoever_is_killed_the_books_are_right_in_the_end(toy_course, tmp_path):
    """120 submissions, up to 16 at a time: fork servers, a grading process and the coordinator are killed at random."""
    calm = class_of(120, toy_course, tmp_path / "calm")
    made = copy_of(calm, tmp_path / "class")
    assert {record.status for record in grade_class(calm, [LESSON], workers=2)} == {"graded"}
    chance = random.Random(4)

    with dask(tmp_path) as (scheduler, worker):
        workers = [worker("one"), worker("two")]
        command = [sys.executable, "-m", "autograder", "grade", str(made.path), "--scheduler", scheduler]

        def coordinator():
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def wait_for_more(count):
            goal = len(Journal(made.path)._keys) + count
            deadline = time.monotonic() + 120
            while len(Journal(made.path)._keys) < goal and time.monotonic() < deadline:
                assert process.poll() is None, "the coordinator should still be busy"
                time.sleep(0.02)
            time.sleep(chance.random() * 0.3)

        process = coordinator()
        wait_for_more(5)
        os.kill(below(workers[0].pid, "judge"), signal.SIGKILL)
        wait_for_more(5)
        os.kill(below(workers[1].pid, "worker"), signal.SIGKILL)
        wait_for_more(5)
        workers[0].kill()
        worker("three")
        wait_for_more(5)
        process.kill()
        process.wait(30)
        done = len(Journal(made.path)._keys)
        assert 20 <= done < 120
        process = coordinator()
        wait_for_more(5)
        process.kill()
        process.wait(30)
        assert coordinator().wait(300) == 0
    assert grades(made) == grades(calm)
    assert written(made) == written(calm)


def below(pid, kind):
    """The outermost process of a fork server that was started by process `pid`; None if it is gone."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == pid and f"autograder.sandbox.server\0autograder.execution.{kind}:main".encode() in command:
            return int(path.parent.name)
    return None


def test_a_journal_forgets_a_line_that_was_cut_off(tmp_path):
    one, two = (Submission(name, LESSON, tmp_path) for name in ("one", "two"))
    Journal(tmp_path).write((one, "a", None))
    with open(tmp_path / FILE, "a") as file:
        file.write('{"student": "two", "les')
    journal = Journal(tmp_path)
    assert (journal.key(one), journal.key(two)) == ("a", None)
    journal.write((two, "b", 1.5))
    journal = Journal(tmp_path)
    assert (journal.key(one), journal.key(two)) == ("a", "b")
    assert (journal.seconds("one", LESSON), journal.seconds("two", LESSON)) == (None, 1.5)
