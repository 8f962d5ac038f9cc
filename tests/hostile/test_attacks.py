"""No attack in attacks/ succeeds; honest submissions before and after it are judged the same, byte for byte.

An attack file is what a hostile student wrote into the cell of the exercise `twice` of the toy lesson. It prints BREACH
if it did something that must be impossible. Its comments say how its run ends (`# status:`; otherwise graded) and where
it would succeed without protection (`# wins: stock`: full points in nbgrader's own execution; `# wins: unsafe`: a
breach without the walls).
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from autograder.course import read_lesson, solved
from autograder.course.variants import answer, blank, cell_of
from autograder.execution import Runner
from autograder.sandbox import Limits

pytestmark = pytest.mark.usefixtures("sandbox")

ATTACKS = {path.stem: path.read_text() for path in sorted(Path(__file__).with_name("attacks").glob("*.py"))}
SECRET = "secret-of-the-grader-5f2c"


def said(attack, key, default):
    found = re.search(rf"(?m)^# {key}: (.*)$", ATTACKS[attack])
    return found.group(1).split() if found else [default]


@pytest.fixture(scope="module")
def source(toy_course):
    return read_lesson(toy_course.source("01_toy"))


def with_tests(notebook, source):
    """The notebook as the judge gets it: the test cells hold the instructor's text."""
    for name in ("test_twice", "test_half"):
        answer(notebook, name, cell_of(source, name).source.replace("hidden line", SECRET))
    return notebook


def hostile(source, attack):
    notebook = with_tests(blank(source), source)
    answer(notebook, "twice", ATTACKS[attack])
    return notebook


def examine(runner, notebook, seconds=2.0):
    result = runner.run(notebook, cell_seconds=seconds, total_seconds=40)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return result, {
        cell.metadata.nbgrader.grade_id: outputs
        for cell, outputs in zip(cells, result.outputs, strict=True)
        if "nbgrader" in cell.metadata
    }


def passed(outputs):
    return not any(output["output_type"] == "error" for output in outputs)


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    """A runner on a machine with secrets: in the environment, in HOME, in a gradebook, in another's submission."""
    home = tmp_path_factory.mktemp("home")
    (home / "notes.txt").write_text(SECRET)
    handed_in = home / "class" / "submitted" / "other" / "01_toy" / "01_toy.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text(SECRET)
    with contextlib.closing(sqlite3.connect(home / "class" / "gradebook.db")) as gradebook:
        gradebook.execute("create table student (id text)")
        gradebook.execute("insert into student values (?)", [SECRET])
        gradebook.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_THE_GRADER", SECRET)
        patch.setenv("HOME", str(home))
        with Runner() as runner:
            runner.check()
            yield runner


@pytest.fixture(scope="module")
def unwalled():
    with Runner(unsafe=True) as runner:
        yield runner


@pytest.fixture(scope="module")
def control(walled, source):
    """The outputs of an honest submission before any attack."""
    result, outputs = examine(walled, with_tests(solved(source), source))
    assert result.status == "graded" and passed(outputs["test_twice"]) and passed(outputs["test_half"])
    return json.dumps(result.outputs)


def below(pid):
    """All descendants of a process."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return children + [pid for child in children for pid in below(child)]


def in_use():
    """Counts of what an attack could leave behind: processes, descriptors, mounts, shared memory, files in /tmp."""
    descriptors = os.listdir("/proc/self/fd")
    return {
        "processes": len(below(os.getpid())),
        "descriptors": len(descriptors),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "shared memory": len(os.listdir("/dev/shm")),
        "files": len([name for name in os.listdir("/tmp") if name.startswith("autograder-")]),
    }


def memory_of_fork_servers(runner):
    """Resident memory in bytes that is not shared with a file."""
    servers = [server for pair in runner._pairs.values() for server in pair if server._running]
    pids = [pid for server in servers for pid in below(server._running.process.pid)]
    pages = [Path(f"/proc/{pid}/statm").read_text().split() for pid in pids]
    return sum(int(resident) - int(shared) for _, resident, shared, *_ in pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def at_first(walled, control):
    for parent in itertools.chain.from_iterable(walled._pairs.values()):
        parent.start()
    now = None
    while now != (now := in_use()):
        # The processes of the control submission may still be ending.
        time.sleep(0.5)
    return now, memory_of_fork_servers(walled), shutil.disk_usage("/tmp").used


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_attack_is_held(attack, walled, source, control, at_first):
    result, outputs = examine(walled, hostile(source, attack), float(said(attack, "seconds", 2)[0]))
    assert result.status in said(attack, "status", "graded")
    assert not passed(outputs["test_twice"]) and not passed(outputs["test_half"])
    text = json.dumps(result.outputs)
    assert "BREACH" not in text and SECRET not in json.dumps(
        [o for name, o in outputs.items() if not name.startswith("test_")]
    )
    after, _ = examine(walled, with_tests(solved(source), source))
    assert json.dumps(after.outputs) == control


def test_after_all_attacks_the_machine_is_as_before(at_first, walled):
    before, memory, disk = at_first
    # Processes that are just ending may take a moment.
    for _ in range(100):
        with contextlib.suppress(FileNotFoundError):
            if in_use() == before:
                break
        time.sleep(0.05)
    assert in_use() == before
    assert memory_of_fork_servers(walled) < memory + 100 * 2**20
    assert shutil.disk_usage("/tmp").used < disk + 200 * 2**20


@pytest.mark.usefixtures("walled")  # the secrets of its machine
@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if said(attack, "wins", "") == ["unsafe"]])
def test_it_would_win_without_the_walls(attack, unwalled, source):
    # Plenty of time: without walls, an attack may search the whole machine.
    result, _ = examine(unwalled, hostile(source, attack), 40.0)
    assert "BREACH" in json.dumps(result.outputs)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if said(attack, "wins", "") == ["stock"]])
def test_it_would_win_where_tests_and_students_share_a_process(attack, source):
    notebook = hostile(source, attack)
    NotebookClient(notebook, timeout=20, allow_errors=True).execute()
    assert determine_grade(cell_of(notebook, "test_twice"))[0] == 2


def test_points_earned_before_an_attack_are_kept(walled, source):
    notebook = with_tests(solved(source), source)
    answer(notebook, "half", "import os\nos._exit(1)")
    result, outputs = examine(walled, notebook)
    assert result.status == "killed" and passed(outputs["test_twice"]) and not passed(outputs["test_half"])


def test_a_loop_in_one_exercise_does_not_cost_the_next(walled, source):
    notebook = with_tests(solved(source), source)
    answer(notebook, "twice", "def twice(x):\n    while True:\n        pass")
    result, outputs = examine(walled, notebook)
    assert result.status == "timeout" and not passed(outputs["test_twice"]) and passed(outputs["test_half"])


def test_a_fork_server_that_dies_is_replaced(walled, source, control):
    workers, judges = walled._pairs[False]
    workers._running.process.kill()
    workers._running.process.wait()
    # A fork server that died unnoticed must not cost the next child anything, let alone one of the notebook's attempts.
    with workers.fork(Limits()) as child:
        assert child.ended(0.2) is None
    judges._running.process.kill()
    result, _ = examine(walled, with_tests(solved(source), source))
    assert json.dumps(result.outputs) == control


BESIDE = (
    "numpy.py json.py msgpack.py struct.py convlab/checks.py convlab/__init__.py autograder/execution/judge.py autograder/sandbox/wire/codec.py keras.py "
    "sitecustomize.py usercustomize.py ipython_config.py startup/00-first.py .ipython/profile_default/startup/00.py "
    ".matplotlib/matplotlibrc matplotlibrc __main__.py conftest.py _bootlocale.py"
).split()


def test_files_beside_a_notebook_replace_no_module_of_worker_or_judge(walled, source):
    """If it came first on the import path, each would be imported in place of the real module, or run at startup."""
    notebook = with_tests(solved(source), source)
    notebook.cells.append(
        nbformat.v4.new_code_cell("import numpy, json, struct, convlab.checks, msgpack; numpy.ones(2)")
    )
    files = {name: b"print('BREACH')\nraise SystemExit\n" for name in BESIDE}
    result = walled.run(notebook, files, cell_seconds=10, total_seconds=40)
    assert result.status == "graded" and "BREACH" not in json.dumps(result.outputs)
    assert not any(output["output_type"] == "error" for outputs in result.outputs for output in outputs)
