"""Folders and files in submitted/ that cannot be walked, read or copied as others can."""

import contextlib
import json
import os
import socket
import threading
import time

from nested import nest
from uploads.registry import upload
from uploads.stage import LESSON, MEGABYTE, SECRETS

NOTEBOOK = f"{LESSON}.ipynb"


@upload
def nested_folders(stage):
    """1,300 nested folders beside the notebook, which ended grading for everybody."""
    nest(stage.hand_in(stage.solved()), 1300)
    return 3.0


@upload
def folders_longer_than_a_path(stage):
    """Nested folders whose path is longer than any path may be."""
    nest(stage.hand_in(stage.solved()), 60, "x" * 250)
    return 3.0


@upload
def nested_folder_beside_the_lesson(stage):
    """Nested folders in the student's folder, beside the lesson's."""
    folder = stage.hand_in(stage.solved()).parent
    (folder / "notes").mkdir()
    nest(folder / "notes", 1300)
    return 3.0


@upload
def link_to_anothers_lesson(stage):
    """The lesson's folder is a link to another student's."""
    stage.hand_in_honest()
    (stage.path / "submitted" / "mallory").mkdir()
    (stage.path / "submitted" / "mallory" / LESSON).symlink_to(stage.path / "submitted" / "ada" / LESSON)


@upload
def link_to_anothers_folder(stage):
    """The student's folder is a link to another student's."""
    stage.hand_in_honest()
    (stage.path / "submitted" / "mallory").symlink_to(stage.path / "submitted" / "ada")


@upload
def link_to_anothers_notebook(stage):
    """The notebook is a link to another student's."""
    stage.hand_in_honest()
    folder = stage.hand_in(b"")
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(stage.path / "submitted" / "ada" / LESSON / NOTEBOOK)


@upload
def links_beside_the_notebook(stage):
    """Links to the instructor's files beside the notebook, printed by a cell."""
    folder = stage.hand_in(
        stage.cheat("import glob\nfor one in glob.glob('**', recursive=True):\n    print(open(one).read())")
    )
    (folder / "source").symlink_to(stage.path / "source")
    (folder / "gradebook").symlink_to(stage.path / "gradebook.db")
    (folder / "home").symlink_to(os.path.join(stage.templates.driver.log.parent, "home"))


@upload
def link_to_nothing(stage):
    """Links to themselves, to nothing and to endless files."""
    folder = stage.hand_in(stage.solved())
    for name, target in (("loop", "loop"), ("nothing", "/no/such"), ("zero", "/dev/zero"), ("fd", "/proc/self/fd/0")):
        (folder / name).symlink_to(target)
    return 3.0


@upload
def hard_link_to_anothers_notebook(stage):
    """A hard link to another's notebook, which nothing can tell from a copy: its owner loses nothing."""
    stage.hand_in_honest()
    folder = stage.hand_in(stage.solved())
    own = folder / "own.ipynb"
    own.hardlink_to(folder / NOTEBOOK)
    return 3.0


@upload
def pipe_as_notebook(stage):
    """The notebook is a pipe that nobody writes into."""
    folder = stage.hand_in(b"")
    (folder / NOTEBOOK).unlink()
    os.mkfifo(folder / NOTEBOOK)


@upload
def folder_as_notebook(stage):
    """The notebook is a folder, with a notebook in it."""
    folder = stage.hand_in(b"")
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / NOTEBOOK).write_bytes(stage.bytes_of(stage.solved()))


@upload
def socket_and_pipes(stage):
    """A socket and pipes beside the notebook, one of them named `timestamp.txt`."""
    folder = stage.hand_in(stage.solved())
    os.mkfifo(folder / "timestamp.txt")
    os.mkfifo(folder / "data.csv")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one, contextlib.chdir(folder):
        one.bind("s")
    return 3.0


@upload
def sparse_files(stage):
    """A sparse notebook of 300 GB would be read for ever; sparse files beside one would fill the disk."""
    folder = stage.hand_in(stage.solved())
    for name in ("a.npy", "b.csv"):
        (folder / name).touch()
        os.truncate(folder / name, 300 * 2**30)
    return 3.0


@upload
def sparse_notebook(stage):
    """A sparse notebook of 300 GB."""
    folder = stage.hand_in(b"")
    os.truncate(folder / NOTEBOOK, 300 * 2**30)


@upload
def many_files(stage):
    """5,000 small files beside the notebook."""
    folder = stage.hand_in(stage.solved())
    for number in range(5000):
        (folder / f"{number}.txt").write_text(str(number))
    return 3.0


@upload
def large_files(stage):
    """200 MB of files beside the notebook."""
    folder = stage.hand_in(stage.solved())
    for number in range(8):
        (folder / f"{number}.bin").write_bytes(os.urandom(MEGABYTE) * 25)
    return 3.0


@upload
def names_in_no_encoding(stage):
    """Files and folders whose names are no UTF-8, with line breaks, quotes, or as long as may be."""
    folder = os.fsencode(stage.hand_in(stage.solved()))
    for name in (
        b"\xff\xfe.txt",
        b"a\nb.txt",
        b"\x1b[31mred\x1b[0m",
        b"'; rm -rf x",
        b"-rf",
        b"x" * 255,
        b" ",
        b"\xff.ipynb",
    ):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"x")
    os.mkdir(os.path.join(folder, b"\xff folder"))
    return 3.0


@upload(open_class=True)
def student_in_no_encoding(stage):
    """Students' and lessons' folders whose names are no UTF-8."""
    for name in (b"\xff\xfe", b"a\nb", b"\x1b[2J", b"..."):
        folder = os.path.join(os.fsencode(stage.path / "submitted"), name, os.fsencode(LESSON))
        os.makedirs(folder)
        with open(os.path.join(folder, os.fsencode(NOTEBOOK)), "wb") as file:
            file.write(stage.bytes_of(stage.solved()))
    os.makedirs(os.path.join(os.fsencode(stage.path / "submitted"), b"mallory", b"\xff lesson"))


@upload
def names_like_ours(stage):
    """Files with the same names as the grader's own."""
    folder = stage.hand_in(stage.solved())
    for name in ("gradebook.db", "nbgrader_config.py", f"{LESSON}.html", "jupyter_nbconvert_config.py", "conftest.py"):
        (folder / name).write_text("raise SystemExit('breach')")
    for name in (f".{NOTEBOOK}.new", f"{LESSON}.ipynb.tmp", "__pycache__", ".ipynb_checkpoints", "autograder"):
        (folder / name).mkdir()
    return 3.0


@upload
def modules_like_the_libraries(stage):
    """Modules with the same names as those that the grader imports."""
    folder = stage.hand_in(stage.solved())
    for name in ("json", "numpy", "nbformat", "traitlets", "encodings", "sitecustomize", "usercustomize", "convlab"):
        (folder / f"{name}.py").write_text("raise SystemExit('breach')")
    return 3.0


@upload
def changes_while_read(stage):
    """Files that come, go and change while they are read and copied."""
    folder = stage.hand_in(stage.solved())
    done = threading.Event()

    def change():
        number = 0
        while not done.wait(0.001):
            number += 1
            with contextlib.suppress(OSError):
                (folder / f"{number % 7}.txt").write_text("x" * (number % 5000))
                (folder / f"{(number + 3) % 7}.txt").unlink(missing_ok=True)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(3):
            stage.check(3.0)
    finally:
        done.set()
        thread.join()
    return 3.0


@upload
def times_out_of_range(stage):
    """Submission times that are invalid, of other years, or very long, and files from the years 1970 and 2400."""
    for text in ("yesterday", "0000-00-00 00:00:00 UTC", "9999-12-31 23:59:59 UTC", "\x1b[31m", "x" * MEGABYTE, "\0"):
        folder = stage.hand_in(stage.solved())
        (folder / "timestamp.txt").write_text(text)
        stage.check(3.0)
    for when in (0, 13_569_465_600):
        os.utime(folder / NOTEBOOK, (when, when))
    return 3.0


@upload
def files_instead_of_folders(stage):
    """Files where students' and lessons' folders should be."""
    stage.hand_in_honest()
    (stage.path / "submitted" / "mallory").write_text("x")
    (stage.path / "submitted" / ".DS_Store").write_text("x")
    (stage.path / "submitted" / "jan").mkdir()
    (stage.path / "submitted" / "jan" / LESSON).write_text("x")


@upload
def nothing_in_the_folder(stage):
    """A folder without a notebook, and notebooks of other names only."""
    folder = stage.hand_in(b"")
    (folder / NOTEBOOK).unlink()
    (folder / "a.ipynb").write_bytes(stage.bytes_of(stage.cheat("1")))
    (folder / "b.ipynb").write_bytes(stage.bytes_of(stage.cheat("2")))


@upload
def other_lessons(stage):
    """Many folders named after lessons that do not exist."""
    for number in range(300):
        (stage.path / "submitted" / "mallory" / f"99_x{number}").mkdir(parents=True)
    stage.hand_in(stage.solved())
    return 3.0


@upload
def leftovers_of_a_grading(stage):
    """The student's own autograded/ and feedback/ are there already, as links to another's."""
    stage.hand_in_honest()
    stage.hand_in(stage.solved())
    stage.grade()
    secret = json.loads((stage.path / "submitted" / "ada" / LESSON / NOTEBOOK).read_bytes())
    assert SECRETS["submission"] in json.dumps(secret)
    time.sleep(0)
    folder = stage.path / "submitted" / "mallory" / LESSON
    (folder / "feedback").symlink_to(stage.path / "feedback" / "ada")
    (folder / "autograded").symlink_to(stage.path / "autograded" / "ada")
    return 3.0
