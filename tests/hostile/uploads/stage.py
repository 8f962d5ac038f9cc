"""A class with two honest students, a hostile one between them, and what must hold whatever the hostile one hands in."""

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom import new_class
from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY
from autograder.course.variants import answer, blank
from autograder.files import write_notebook

LESSON = "01_toy"
MEGABYTE = 2**20
MAX_MEMORY, MAX_BUSY_SECONDS, MAX_SIZE = 300 * MEGABYTE, 10.0, 12 * MEGABYTE
# Even on a busy machine, only a command that hangs takes this long.
HANG_SECONDS = 60
SECRETS = {
    "environment": "secretOfTheEnvironment5f2c",
    "home": "secretOfTheHome5f2c",
    "submission": "secretOfAda5f2c",
    "gradebook": "secretOfTheGradebook5f2c",
}
HIDDEN = "hidden line of"
ROSTER = f"""\
id,first_name,last_name,email,canvas_id,participant_id
ada,Ada,Lovelace,ada@example.org,11,111
mallory,Mal,Lory,mallory@example.org,66,666
jan,Jan-Peter,Müller,jan@example.org,22,222
wei,伟,王,wei@example.org,33,333
twin1,Kim,Lee,{SECRETS["gradebook"]}@example.org,44,444
twin2,Kim,Lee,kim2@example.org,55,555
russ,Russ,Weiss,russ@example.org,77,777
zoe,Zoe,Young,zoe@example.org,99,999
"""
FULL_NAMES = {"ada": "Ada Lovelace", "mallory": "Mal Lory", "zoe": "Zoe Young", "jan": "Jan-Peter Müller"}
HONEST = ("ada", "zoe")


@dataclass
class Ran:
    """How a command ended, what it printed, and what it cost."""

    code: int
    output: str
    error: str
    fault: str
    seconds: float
    busy: float
    memory: int
    child_memory: int


class Died(Exception):
    """The process of a command was killed by a signal, or hung."""


class Driver:
    """A process that runs commands on a machine that holds secrets; a new one where one has died."""

    def __init__(self, folder):
        self._folder, self._process = folder, None
        home = folder / "home"
        home.mkdir()
        (home / "notes.txt").write_text(SECRETS["home"])
        self._env = os.environ | {
            "HOME": str(home),
            "SECRET_OF_THE_GRADER": SECRETS["environment"],
            "PYTHONPATH": str(REPOSITORY),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONFAULTHANDLER": "1",
        }

    @property
    def log(self):
        return self._folder / "driver.log"

    def _start(self):
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("driver.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._env,
                cwd=self._folder,
                start_new_session=True,
            )
        self._answers = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(self._process, self._answers), daemon=True).start()

    @staticmethod
    def _listen(process, answers):
        for line in process.stdout:
            answers.put(line)
        answers.put(b"")

    def run(self, *arguments):
        if self._process is None or self._process.poll() is not None:
            self._start()
        self._process.stdin.write(json.dumps([str(one) for one in arguments]).encode() + b"\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=HANG_SECONDS)
        except queue.Empty:
            self.close()
            raise Died(f"{arguments[0]} hung for {HANG_SECONDS} s") from None
        if not line:
            code = self._process.wait()
            self.close()
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise Died(f"{arguments[0]} ended its process: {how}\n{self.log.read_text(errors='replace')[-3000:]}")
        return Ran(**json.loads(line))

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process = None


class Templates:
    """Classes to copy, with the notebooks of honest students and their results without an attack."""

    def __init__(self, folder, toy, driver):
        """toy: the text of a lesson's source and of its misconceptions."""
        lesson = folder / "course" / "solutions" / LESSON
        lesson.mkdir(parents=True)
        for name, text in zip((f"{LESSON}.py", "misconceptions.py"), toy, strict=True):
            (lesson / name).write_text(text)
        course = Course(folder / "course")
        self.folder, self.driver, self.source = folder, driver, read_lesson(course.source(LESSON))
        (folder / "roster.csv").write_text(ROSTER)
        self.of_roster = new_class(course, folder / "of_roster", roster=folder / "roster.csv", cell_seconds=5).path
        shutil.copy(folder / "roster.csv", self.of_roster / "roster.csv")
        self.open = new_class(course, folder / "open", cell_seconds=5).path
        ada, zoe = solved(self.source), solved(self.source)
        answer(ada, "twice", f"def twice(x):\n    return x + x  # {SECRETS['submission']}")
        answer(zoe, "half", "def half(x):\n    return x // 2")
        self.honest = {}
        for student, notebook in (("ada", ada), ("zoe", zoe)):
            self.honest[student] = write_notebook(notebook, folder / f"{student}.ipynb").read_bytes()
        self.alone = None
        alone = Stage(self, folder / "alone")
        alone.hand_in_honest()
        alone.grade()
        self.alone = alone.kept_of_honest()


@dataclass
class Figures:
    """The highest cost of an upload over all commands that handled it."""

    name: str = ""
    kind: str = ""
    ends: list = field(default_factory=list)
    seconds: float = 0.0
    busy: float = 0.0
    memory: int = 0
    child_memory: int = 0
    size: int = 0
    honest: bool = False
    terminal: bool = True
    secrets: bool = True
    held: bool = False


class Stage:
    """A class directory of its own for one upload.

    Args:
        open_class: whether the class has no roster: anybody may hand in, and folder names are the students' ids.
    """

    def __init__(self, templates, folder, *, open_class=False):
        self.templates, self.folder, self.source = templates, folder, templates.source
        template = templates.open if open_class else templates.of_roster
        self.path = folder / "class"
        shutil.copytree(template, self.path)
        config = self.path / "nbgrader_config.py"
        config.write_text(config.read_text().replace(str(template), str(self.path)))
        self.figures = Figures()
        self.records, self.last = {}, None
        # What each student may have in submitted/ after an import; None: anything that is not an honest student's.
        self.may_have = {student: {content} for student, content in templates.honest.items()} | {"mallory": None}

    def blank(self):
        return blank(self.source)

    def solved(self):
        return solved(self.source)

    def cheat(self, code):
        """A blank notebook with this code as its answer to `twice`."""
        notebook = self.blank()
        answer(notebook, "twice", code)
        return notebook

    def bytes_of(self, notebook):
        if isinstance(notebook, bytes):
            return notebook
        if isinstance(notebook, str):
            return notebook.encode("utf-8", "surrogatepass")
        return json.dumps(notebook).encode()

    def hand_in(self, notebook, student="mallory", lesson=LESSON):
        """Put a notebook into submitted/; returns its folder."""
        folder = self.path / "submitted" / student / lesson
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{lesson}.ipynb").write_bytes(self.bytes_of(notebook))
        return folder

    def hand_in_honest(self):
        for student, content in self.templates.honest.items():
            self.hand_in(content, student)

    def run(self, *arguments):
        """Run a command, and assert what must hold for every command."""
        log = self.templates.driver.log
        logged = log.stat().st_size if log.exists() else 0
        ran = self.templates.driver.run(*arguments)
        self.last = ran
        figures = self.figures
        figures.ends.append(f"{arguments[0]}: {ran.code}")
        for name in ("seconds", "busy", "memory", "child_memory"):
            setattr(figures, name, max(getattr(figures, name), getattr(ran, name)))
        assert not ran.fault, ran.fault
        said = ran.output + ran.error + log.read_bytes()[logged:].decode(errors="backslashreplace")
        assert "Traceback (most recent call last)" not in said, said[-3000:]
        stray = sorted({repr(letter) for letter in said if not letter.isprintable() and letter != "\n"})
        figures.terminal &= not stray
        assert not stray, f"printed {stray}"
        self._secrets_in(said, "the terminal")
        assert len(said) < MEGABYTE // 2, f"{arguments[0]} printed {len(said):,} characters"
        assert ran.memory <= MAX_MEMORY, f"{arguments[0]} took {ran.memory / MEGABYTE:.0f} MB above its rest"
        assert ran.busy <= MAX_BUSY_SECONDS, f"{arguments[0]} was busy for {ran.busy:.1f} s"
        return ran

    def grade(self, *options):
        """Grade everything in submitted/; exit code 0 must mean that all of it, and nothing else, has a record."""
        report = self.folder / "records.json"
        ran = self.run("grade", self.path, "--force", "--json", report, *options)
        found = json.loads(report.read_text())
        self.records = {record["student"]: record for record in found["submissions"]}
        complete = all(record["status"] != "not_recorded" for record in self.records.values()) and not found["unknown"]
        assert ran.code == (0 if complete else 1), (ran.code, ran.error)
        assert all(record["sandbox"] for record in self.records.values() if record["status"] != "not_recorded")
        for record in self.records.values():
            assert record["status"] not in ("not_recorded", "unreadable") or record["reason"], record
        return self.records

    def import_(self, archive, *options, refused=False, owners=True):
        """Import an archive; returns the outcome of each hand-in, by student, or by entry if it has no student.

        Args:
            refused: whether the whole archive may be refused with one sentence, since the archive itself is broken.
            owners: whether to check who got what; not if the archive itself gives wrong owners.
        """
        report = self.folder / "imported.json"
        report.unlink(missing_ok=True)
        before = self._submitted()
        ran = self.run("import", self.path, LESSON, archive, "--json", report, *options)
        if ran.code == 2:
            assert refused, ran.error
            assert re.fullmatch(r"Error: .+\n", ran.error), ran.error
            assert self._submitted() == before
            self.hand_in_honest()
            return {}
        found = json.loads(report.read_text())["submissions"]
        faults = [one for one in found if one["status"] in ("not_mapped", "refused")]
        assert ran.code == (1 if faults else 0)
        assert all(one["note"] for one in faults)
        there = {path.parent.parent.name: content for path, content in self._submitted().items()}
        for student, content in there.items() if owners else ():
            assert student in self.may_have, f"{student} was given a notebook"
            allowed = self.may_have[student]
            assert content in allowed if allowed else content not in self.templates.honest.values(), student
        assert refused or set(HONEST) <= set(there), faults[:9]
        self.hand_in_honest()
        return {one["student"] or one["entry"]: one for one in found}

    def _submitted(self):
        paths = sorted((self.path / "submitted").glob("*/*/*.ipynb"))
        return {path: path.read_bytes() for path in paths if path.is_file()}

    def kept_of_honest(self):
        """The full records, pages and graded notebooks of the honest students."""
        kept = {}
        for student in HONEST:
            page = self.path / "feedback" / student / LESSON / f"{LESSON}.html"
            graded = self.path / "autograded" / student / LESSON / f"{LESSON}.ipynb"
            record = self.records[student] | {"feedback": ""}
            kept[student] = (json.dumps(record), page.read_bytes(), graded.read_bytes())
        return kept

    def check(self, score=0.0):
        """Grade the class, and assert what must hold after every upload.

        Args:
            score: the expected score of the hostile student; None for any score that a mutant of a right answer may
                get.
        """
        if not (self.path / "submitted" / "ada").exists():
            self.hand_in_honest()
        self.grade()
        kept = self.kept_of_honest()
        self.figures.honest = kept == self.templates.alone
        for student in HONEST:
            for mine, alone in zip(kept[student], self.templates.alone[student], strict=True):
                assert mine == alone, f"{student} got something else"
        for student, record in self.records.items():
            if student not in HONEST:
                assert record["score"] == score if score is not None else record["score"] <= 3, record
        if (self.path / "submitted" / "mallory" / LESSON).is_dir():
            assert "mallory" in self.records, "the hostile student has no record"
        self._look_at_files()

    def _look_at_files(self):
        size = 0
        for top in ("autograded", "feedback"):
            for path in (self.path / top).rglob("*"):
                student = path.relative_to(self.path / top).parts[0]
                assert not path.is_symlink(), path
                if path.is_dir():
                    continue
                if student not in HONEST:
                    size += path.lstat().st_blocks * 512
                if student != "ada":
                    self._secrets_in(_visible(path, top), path)
        self.figures.size = max(self.figures.size, size)
        # Files beside a notebook are copied once; what is made of it is bounded.
        handed_in = sum(_blocks(folder) for folder in (self.path / "submitted").iterdir() if folder.name not in HONEST)
        assert size <= MAX_SIZE + handed_in, f"{size / MEGABYTE:.0f} MB were written"

    def _secrets_in(self, text, where):
        seen = [kind for kind, secret in SECRETS.items() if secret in text]
        seen += ["hidden test"] if HIDDEN in text else []
        self.figures.secrets &= not seen
        assert not seen, f"{where} shows a secret of the {', '.join(seen)}"


def _blocks(folder):
    """Bytes on the disk of what lies below a folder, however deep."""
    return int(subprocess.run(["du", "-sk", "--", folder], capture_output=True, check=False).stdout.split()[0]) * 1024


def _visible(path, top):
    """What a student gets to see of a file. An instructor's notebook in autograded/ holds the hidden tests themselves."""
    text = path.read_text(errors="replace")
    if top == "autograded" and path.suffix == ".ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code":
                cell["source"] = ""
        return json.dumps(notebook)
    return text
