"""A class that looks graded: rows written by nbgrader's own API, notebooks written as a grading would, and nothing run."""

import datetime
import json
import random
import shutil
import tempfile
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from nbgrader.api import Gradebook

from autograder.classroom import ClassDirectory, new_class
from autograder.classroom.directory import CONFIG_FILE
from autograder.course import read_answers, read_lesson, solved
from autograder.course.variants import exercise_ids
from convlab.recognition import PERHAPS


def graded_class(course, folder, submissions, *, students=(), late=None):
    """A class directory with these submissions.

    submissions: (student, lesson) -> {"status": ..., exercise: answer}, where an answer has any of `score` (of the
        exercise's points; None: waits for a person), `code`, and `error` as (name, text).
    late: (student, lesson) -> seconds after the due date.
    """
    lessons = sorted({lesson for _, lesson in submissions}) or course.lessons
    classroom = _fresh_class(course, folder, tuple(lessons))
    templates = {
        lesson: json.loads((folder / "release" / lesson / f"{lesson}.ipynb").read_text()) for lesson in lessons
    }
    with Gradebook(classroom.db_url) as gradebook:
        session = gradebook.db()
        session.expire_on_commit = session.autoflush = False
        # One transaction instead of one for each row: a large class in seconds.
        with patch.object(session, "commit", session.flush):
            for student in sorted({student for student, _ in submissions} | set(students)):
                gradebook.update_or_create_student(student)
            for (student, lesson), answers in submissions.items():
                _write_rows(gradebook, student, lesson, answers, (late or {}).get((student, lesson)))
                path = folder / "autograded" / student / lesson / f"{lesson}.ipynb"
                path.parent.mkdir(parents=True)
                path.write_text(json.dumps(_notebook(templates[lesson], answers)))
        session.commit()
    return classroom


@lru_cache
def empty_class(course, lessons):
    """Made once, since nbgrader starts two processes for a new gradebook, and then copied."""
    folder = tempfile.TemporaryDirectory()
    return folder, new_class(course, Path(folder.name) / "empty", lessons=list(lessons)).path


def _fresh_class(course, folder, lessons):
    _, empty = empty_class(course, lessons)
    shutil.copytree(empty, folder)
    config = folder / CONFIG_FILE
    config.write_text(config.read_text().replace(str(empty), str(folder)))
    return ClassDirectory(folder)


def _write_rows(gradebook, student, lesson, answers, late):
    times = {}
    if late is not None:
        gradebook.find_assignment(lesson).duedate = time_of(0)
        times = {"timestamp": time_of(late)}
    submission = gradebook.add_submission(lesson, student, **times)
    for grade in submission.notebooks[0].grades:
        score = answers.get(grade.name.removeprefix("test_"), {}).get("score", 0)
        grade.auto_score = score
        grade.needs_manual_grade = score is None
    gradebook.db.commit()


def time_of(seconds):

    return datetime.datetime(2026, 3, 2, 9, 0) + datetime.timedelta(seconds=seconds)


def _notebook(template, answers):
    notebook = json.loads(json.dumps(template))
    notebook["metadata"]["convlab"] = {"status": answers.get("status", "graded"), "repaired": []}
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        answer = answers.get(marks.get("grade_id", "").removeprefix("test_"), {})
        if marks.get("solution") and "code" in answer:
            cell["source"] = answer["code"]
        if marks.get("grade") and "error" in answer:
            name, text = answer["error"]
            cell["outputs"] = [{"output_type": "error", "ename": name, "evalue": text, "traceback": []}]
    return notebook


def large_class(course, folder, *, students=60, lessons=(), seed=1):
    """Students of different strength in all lessons, or these; s00 and s01 share their answers, under other names."""
    chance = random.Random(seed)
    submissions, late = {}, {}
    strength = {f"s{number:02}": chance.betavariate(2.2, 0.9) for number in range(students)}
    strength["s01"] = strength["s00"] = 0.9
    for lesson in lessons or course.lessons:
        source = read_lesson(course.source(lesson))
        right = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in solved(source).cells}
        points = {
            cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        wrong = defaultdict(list)
        for one in read_answers(course.source(lesson).with_name("misconceptions.py")):
            wrong[one.exercise].append(one)
        for student, skill in strength.items():
            if chance.random() < 0.06 and student not in ("s00", "s01"):
                continue
            status = chance.choices(["graded", "timeout", "killed", "unreadable"], [94, 3, 1, 2])[0]
            answers = {"status": status if student not in ("s00", "s01") else "graded"}
            for name in exercise_ids(source) if answers["status"] != "unreadable" else ():
                if student == "s01" and answers_of(submissions, lesson).get(name):
                    theirs = answers_of(submissions, lesson)[name]
                    answers[name] = (
                        theirs | {"code": theirs["code"].replace("mine", "ours")} if "code" in theirs else theirs
                    )
                else:
                    answers[name] = _answer(name, points[f"test_{name}"], right[name], wrong[name], skill, chance)
            for cell, highest in points.items():
                if not cell.startswith("test_") and status != "unreadable":
                    graded = lesson == course.lessons[0]
                    score = chance.choice([0, highest / 2, highest]) if graded else None
                    answers[cell] = {"code": f"Because {student} thinks so.", "score": score}
            submissions[student, lesson] = answers
            late[student, lesson] = chance.choice([-7200, -600, -86400] * 4 + [5400, 93600])
    return graded_class(course, folder, submissions, late=late)


def answers_of(submissions, lesson):
    return submissions.get(("s00", lesson), {})


def _answer(name, highest, right, wrong, skill, chance):
    if chance.random() < 0.03:
        return {"error": ("CheckError", f"{name}(x) is not right yet.\n  It is not written yet: replace it.")}
    if chance.random() < skill:
        return {"score": highest, "code": right if chance.random() < 0.4 else invented(name, chance)}
    kind = chance.random()
    if wrong and kind < 0.7:
        one = chance.choice(wrong[: 1 + min(3, len(wrong))])
        text = f"{name}(x) is not right yet.\n  x = 3\n  expected = 1\n  got      = 2\n  {PERHAPS} {one.help}"
        return {"score": 0, "code": one.code, "error": ("CheckError", text)}
    text = chance.choice(
        [
            f"{name}(x) is not right yet.\n  x = 3\n  expected = 1\n  got      = {chance.randint(2, 9)}",
            f"{name}(x) is not right yet.\n  x = 3\n  It raised IndexError: index {chance.randint(2, 9)} is out of bounds\n  expected = 1",
            f"{name}(x) is not right yet.\n  x = 3\n  expected = [1]\n  got      = [2]\n  Expected shape (2, 2), got (2, {chance.randint(3, 9)}).",
        ]
    )
    return {"score": 0, "code": invented(name, chance), "error": ("CheckError", text)}


def invented(name, chance):
    """Code that nobody else writes; it is never run."""
    lines, known = [], ["x", "1", "2"]
    for number in range(chance.randint(5, 12)):
        one, other, third = (chance.choice(known) for _ in range(3))
        form = chance.choice(
            [
                "mine{n} = {a} {o} {b} {p} {c}",
                "mine{n} = {f}({a}, {b})",
                "mine{n} = {a}[{b}:{c}]",
                "for step{n} in range({a}):\n        mine{n} = step{n} {o} {b}",
                "if {a} {o} {b}:\n        return {c}\n    mine{n} = {b}",
                "mine{n} = [{a} {o} item for item in {b}]",
                "mine{n} = {a}.{g}(axis={c})",
            ]
        )
        operators, calls = (
            ["+", "-", "*", "//", "%", "<"],
            ["max", "min", "np.dot", "np.pad", "np.roll", "divmod", "zip"],
        )
        fields = {"n": number, "a": one, "b": other, "c": third, "o": chance.choice(operators)}
        fields |= {"p": chance.choice(operators), "f": chance.choice(calls)}
        lines.append(form.format(**fields, g=chance.choice(["sum", "max", "mean", "min", "std"])))
        known.append(f"mine{number}")
    return f"def {name}(x):\n    " + "\n    ".join([*lines, f"return {known[-1]}"])
