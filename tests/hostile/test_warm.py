"""A fork server that is slow, noisy, silent or stopped neither hangs the grader nor leaves processes behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.errors import ForkServerDied
from autograder.execution.runner import WORKER
from autograder.sandbox import ForkServer, Limits, forkserver, walls

pytestmark = pytest.mark.usefixtures("sandbox")

FORKING = "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        time.sleep(300)\n"
READY = "import socket, time\ncontrol = socket.socket(fileno={control})\ncontrol.send(b'ready')\n"
# By case: what the fork server's process does instead of importing, and the expected end of the error message.
STUCK = {
    "sleeps": ("import time; time.sleep(300)", "was not ready after 1 s: It gave no reason."),
    "sleeps after a word": (
        "import sys, time; print('waiting for a disk', file=sys.stderr, flush=True); time.sleep(300)",
        "was not ready after 1 s: waiting for a disk",
    ),
    "floods its error stream": ("import sys\nwhile True:\n    sys.stderr.write('noise\\n')", "was not ready after 1 s: noise noise"),
    "closes its control socket": ("import os, time; os.close({control}); time.sleep(300)", "did not start: It gave no reason."),
    "stops itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "was not ready after 1 s: It gave no reason."),
    "ends with an error": ("raise SystemExit('no such library')", "did not start: no such library"),
    "has children that sleep": (f"{FORKING}time.sleep(300)", "was not ready after 1 s: It gave no reason."),
}  # fmt: skip


class Played(ForkServer):
    """A fork server whose process runs a given program instead."""

    def __init__(self, program, **options):
        super().__init__(WORKER, keras=False, **options)
        self.code = program

    def _program(self, control):
        return [walls.PYTHON, "-c", self.code.format(control=control)]


def below(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return children + [deeper for child in children for deeper in below(child)]


def alive(pids):
    return [
        pid for pid in pids if Path(f"/proc/{pid}").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    ]


def assert_gone(pids):
    for _ in range(100):
        if not alive(pids):
            return
        time.sleep(0.05)
    raise AssertionError(f"{alive(pids)} live on")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(forkserver, "START_SECONDS", 1.0)
    monkeypatch.setattr(forkserver, "FORK_SECONDS", 1.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("unsafe", [False, True], ids=["walls", "unsafe"])
@pytest.mark.parametrize("case", STUCK)
def test_a_start_that_comes_to_nothing_is_an_error_that_says_why(case, unsafe):
    """Fails at 981fac2: a process that stays alive silently hangs the grader forever."""
    program, said = STUCK[case]
    parent = Played(program, unsafe=unsafe).launch()
    process = parent._running.process
    with pytest.raises(ForkServerDied) as died:
        parent.start()
    assert str(died.value) == f"the worker process {said}"
    assert process.poll() is not None


@pytest.mark.usefixtures("impatient")
def test_all_that_a_stuck_parent_has_started_ends_with_it():
    parent = Played(f"{FORKING}time.sleep(300)").launch()
    started = []
    for _ in range(200):
        started = below(parent._running.process.pid)
        if len(started) >= 5:  # bubblewrap's own two, and three
            break
        time.sleep(0.05)
    assert len(started) >= 5
    with pytest.raises(ForkServerDied):
        parent.start()
    assert_gone(started)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "then", ["time.sleep(300)", "import os; os.kill(os.getpid(), 19)", "control.close(); time.sleep(300)"]
)
def test_a_parent_that_never_forks_is_given_up(then):
    """Fails at 981fac2, where giving up takes 6 minutes."""
    parent = Played(f"{READY}{then}", unsafe=True)
    with pytest.raises(ForkServerDied, match=r"did not answer within 1 s|ended unexpectedly"):
        parent.fork(Limits())
    assert parent._running is None


@pytest.mark.usefixtures("impatient")
def test_a_batch_whose_parent_cannot_start_comes_to_its_end():
    """There are three attempts for the first submission, then one for each."""
    parent = Played("import time; time.sleep(300)", unsafe=True)
    for attempts in (3, 1, 1):
        begun = parent._failures
        with pytest.raises(ForkServerDied):
            parent.fork(Limits())
        assert parent._failures - begun == attempts


def test_a_parent_that_talks_while_it_works_is_not_stopped_by_a_full_pipe():
    """Fails at 981fac2: nobody reads its stderr, so after 64 KB it blocks."""
    noise = "import sys\nsys.stderr.write('x' * 2**20)\nsys.stderr.flush()\n"
    parent = Played(f"{noise}{READY}control.recv(100)", unsafe=True)
    with parent:
        assert parent._ready


def test_a_stopped_parent_is_replaced_and_the_next_child_runs(monkeypatch):
    monkeypatch.setattr(forkserver, "FORK_SECONDS", 2.0)
    with ForkServer(WORKER, keras=False) as parent:
        process = parent._running.process
        stopped = [process.pid, *below(process.pid)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        with parent.fork(Limits()) as child:
            assert child.ended(0.2) is None
        assert parent._running.process is not process
        assert_gone(stopped)
