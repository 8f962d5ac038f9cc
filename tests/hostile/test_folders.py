"""Hostile folders between two honest ones: deep, wide, full of sparse files, or not a folder at all."""

import errno
import json
import os
import subprocess

import nbformat
import pytest
from click.testing import CliRunner
from nested import nest

from autograder.classroom import new_class
from autograder.cli.main import main
from autograder.course import read_lesson, solved
from autograder.course.variants import blank
from autograder.files import write_notebook
from autograder.notebooks import handed_in_files
from autograder.notebooks.folder import (
    MAX_COPIED_BYTES,
    MAX_DEPTH,
    MAX_FILES,
    handed_in_beside,
    ordinary_files,
    read_submitted_or_error,
    walk,
)

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
NOTEBOOK = f"{LESSON}.ipynb"


def hole(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


def deep(folder):
    nest(folder, 1_300)


def long_paths(folder):
    nest(folder, 40, "long-" * 50)


def wide(folder):
    (folder / "many").mkdir()
    for number in range(30_000):
        (folder / "many" / f"{number}.txt").touch()
    (folder / "zz_needed.txt").write_text("here")


def holes(folder):
    hole(folder / "hole.bin", 2**40)
    (folder / "zz_needed.txt").write_text("here")


def odd_names(folder):
    for name in ("line\nbreak.txt", "\x1b[2Jclear.txt", "‮txt.py", "a" * 255, f".{NOTEBOOK}.new", "[a-z]*?.txt"):
        (folder / name).write_text("x")
    with open(os.path.join(os.fsencode(folder), b"caf\xe9\xff.txt"), "w") as file:
        file.write("x")


def odd_kinds(folder):
    (folder / "sub").mkdir()
    os.mkfifo(folder / "sub" / "pipe")
    os.mkfifo(folder / "other.ipynb")
    (folder / "out").symlink_to("/etc")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder)
    (folder / "gone").symlink_to(folder / "nothing")


def in_the_way(folder):
    """A file where the lesson has a folder, and a folder where the lesson has a file."""
    (folder / "data").write_text("x")
    (folder / "helper.py").mkdir()
    (folder / "helper.py" / "x").write_text("x")


def as_folder(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / "x.txt").write_text("x")


def as_pipe(folder):
    (folder / NOTEBOOK).unlink()
    os.mkfifo(folder / NOTEBOOK)


def as_link(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(folder.parent.parent / "a_honest" / LESSON / NOTEBOOK)


KEPT = {
    "b_deep": deep,
    "c_long": long_paths,
    "d_wide": wide,
    "e_holes": holes,
    "f_names": odd_names,
    "g_kinds": odd_kinds,
    "h_in_the_way": in_the_way,
}
UNREADABLE = {
    "i_folder": (as_folder, "not an ordinary file"),
    "j_pipe": (as_pipe, "not an ordinary file"),
    "k_link": (as_link, "a link"),
}
LINKED = ("l_student_link", "m_lesson_link")


@pytest.fixture(scope="module")
def graded(toy_course, tmp_path_factory):
    """Grade a class once; returns the class, the printed output, and the records by student."""
    folder = tmp_path_factory.mktemp("folders")
    classroom = new_class(toy_course, folder / "class", cell_seconds=20)
    own = classroom.path / "source" / LESSON
    (own / "data").mkdir()
    (own / "data" / "own.csv").write_text("the lesson's")
    (own / "helper.py").write_text("# the lesson's")
    source = read_lesson(toy_course.source(LESSON))
    submitted = classroom.path / "submitted"

    def submit(student, notebook):
        return write_notebook(notebook, submitted / student / LESSON / NOTEBOOK).parent

    for student in ("a_honest", "z_honest"):
        submit(student, solved(source))
    for student, make in KEPT.items():
        make(submit(student, solved(source)))
    for student, (make, _) in UNREADABLE.items():
        make(submit(student, blank(source)))
    (submitted / "l_student_link").symlink_to(submitted / "a_honest")
    (submitted / "m_lesson_link").mkdir()
    (submitted / "m_lesson_link" / LESSON).symlink_to(submitted / "a_honest" / LESSON)
    (submitted / "a_honest" / LESSON / "private.txt").write_text("private of a_honest")
    result = CliRunner().invoke(main, ["grade", str(classroom.path), "--json", str(folder / "records.json")])
    assert (folder / "records.json").exists(), result.output
    records = {record["student"]: record for record in json.loads((folder / "records.json").read_text())["submissions"]}
    yield classroom, result, records
    # shutil.rmtree cannot delete folders nested this deeply.
    subprocess.run(["rm", "-rf", *(submitted / student for student in KEPT)], check=True)


def test_every_folder_has_a_record_and_honest_ones_their_points(graded):
    """Fails at 981fac2: 1,300 nested folders end the whole batch with RecursionError."""
    _, result, records = graded
    assert result.exit_code == 0, result.output
    assert {student: (record["status"], record["score"]) for student, record in records.items()} == (
        {student: ("graded", 3) for student in ("a_honest", "z_honest", *KEPT)}
        | {student: ("unreadable", 0) for student in (*UNREADABLE, *LINKED)}
    )


@pytest.mark.parametrize("student", UNREADABLE)
def test_a_notebook_that_is_no_file_is_unreadable_and_says_why(graded, student):
    _, _, records = graded
    assert UNREADABLE[student][1] in records[student]["reason"] and "Errno" not in records[student]["reason"]


@pytest.mark.parametrize("student", LINKED)
def test_a_link_to_another_students_folder_is_not_followed(graded, student):
    """Fails at 981fac2: the student who made the link got the other student's work and points."""
    classroom, _, records = graded
    assert "is a link, and links are not followed" in records[student]["reason"]
    for top in ("autograded", "feedback"):
        for path in (classroom.path / top / student).rglob("*"):
            if path.is_file():
                assert "private" not in path.read_text() and "2 * x" not in path.read_text(), path
    assert "is a link" in (classroom.path / "feedback" / student / LESSON / f"{LESSON}.html").read_text()


def test_what_was_left_out_is_said(graded):
    _, _, records = graded
    said = {student: " ".join(records[student]["repaired"]) for student in KEPT}
    assert f"lies more than {MAX_DEPTH} folders deep" in said["b_deep"]
    assert "too long" in said["c_long"] or "folders deep" in said["c_long"]
    assert f"only {MAX_FILES} files" in said["d_wide"] and "more files beside the notebook" in said["d_wide"]
    assert "'hole.bin' beside the notebook was left out: only" in said["e_holes"]
    assert "its name is not UTF-8" in said["f_names"]
    assert "'gone' beside the notebook was left out: it is a link, and links are not followed" in said["g_kinds"]
    assert "1 more file beside the notebook was left out." in said["g_kinds"]
    assert all(text.isprintable() for text in said.values())


def test_what_is_kept_beside_the_graded_notebook_is_limited(graded):
    """Fails at 981fac2: sparse files were copied at their full size and filled the disk."""
    classroom, _, _ = graded
    for student in (*KEPT, *LINKED):
        files = [path for path in (classroom.path / "autograded" / student).rglob("*") if path.is_file()]
        assert sum(path.lstat().st_size for path in files) <= MAX_COPIED_BYTES and len(files) < 3_000
        assert not any(path.is_symlink() for path in (classroom.path / "autograded" / student).rglob("*"))
        own = classroom.path / "autograded" / student / LESSON
        assert (own / "data" / "own.csv").read_text() == "the lesson's"
        assert (own / "helper.py").read_text() == "# the lesson's"
    assert (classroom.path / "autograded" / "e_holes" / LESSON / "zz_needed.txt").read_text() == "here"


def test_files_nearest_to_the_notebook_come_first(graded):
    classroom, _, _ = graded
    assert "zz_needed.txt" in handed_in_files(classroom.path / "submitted" / "d_wide" / LESSON)


def test_walking_ends_and_says_where_it_stopped(tmp_path):
    nest(tmp_path, 1_300)
    assert [found.fault for found in walk(tmp_path)] == [f"it lies more than {MAX_DEPTH} folders deep"]
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    found = list(walk(tmp_path, max_seen=2))
    assert [one.relative for one in found] == ["a", "b", ""] and "more than 2 files" in found[-1].fault
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)


@pytest.mark.parametrize(
    ("number", "words", "of_notebook"),
    [
        (errno.EACCES, "permission denied", "permission denied"),
        (errno.ENOENT, "it is gone", "the notebook is missing"),
        (errno.EIO, "the disk reports an error", "the disk reports an error"),
    ],
)
def test_what_cannot_be_read_or_changes_meanwhile_is_a_sentence(tmp_path, monkeypatch, number, words, of_notebook):
    """Fails at 981fac2: `[Errno 13] Permission denied: '/...'` was what a student read."""
    folder = tmp_path / "ada" / LESSON
    write_notebook(nbformat.v4.new_notebook(), folder / NOTEBOOK)
    (folder / "data.csv").write_text("1")
    really = os.open

    def refuse(path, *arguments, **options):
        if str(path).startswith(str(folder)):
            raise OSError(number, os.strerror(number), str(path))
        return really(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    said = str(read_submitted_or_error(folder / NOTEBOOK))
    assert of_notebook in said and "Errno" not in said
    assert handed_in_beside(folder).notes == [
        f"'data.csv' beside the notebook was left out: it cannot be read: {words}."
    ]


def test_the_lessons_own_files_have_no_limits(tmp_path):
    folder = tmp_path / "source" / LESSON
    folder.mkdir(parents=True)
    hole(folder / "large.bin", MAX_COPIED_BYTES + 1)
    assert len(ordinary_files(str(folder), own=True)) == len(ordinary_files(f"{tmp_path}/source/./{LESSON}")) == 1
    assert ordinary_files(str(folder)) == []
