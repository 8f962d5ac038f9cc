"""Tries to break through every wall of the sandbox, as a hostile submission would, and says which of them held."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.examiner import Examiner
from autograder.visible import PACKAGE


@dataclass(frozen=True)
class Wall:
    """`attempt` is a cell that a worker runs; it prints what it could do, or nothing. `ends` are statuses that stop it as well."""

    name: str
    tries: str
    attempt: str
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    wall: Wall
    held: bool
    said: str


WALLS = (
    Wall(
        "network",
        "connect to a server of the grader's machine; look up a name",
        """
        import socket
        def connect():
            socket.create_connection(("127.0.0.1", {port}), 2)
        def look_up():
            socket.getaddrinfo("localhost.localdomain.", 80)
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 53))
        attempt(connect, look_up)
        """,
    ),
    Wall(
        "files",
        "read the repository's solutions, the class directory, a file in the home directory",
        """
        def read():
            assert MARKER in open({secret!r}).read()
        def solutions():
            os.listdir({solutions!r})
        def home():
            assert any(os.path.exists(name) for name in {home!r})
        attempt(read, solutions, home)
        """,
    ),
    Wall(
        "writing",
        "change the installed packages, the course's code, the system",
        """
        import convlab, keras
        def write(place):
            def into():
                open(os.path.join(place, "written-by-doctor"), "w").close()
                os.unlink(os.path.join(place, "written-by-doctor"))
            return into
        attempt(*[write(place) for place in ("/", "/usr", "/etc", "/dev", "/proc", "/var", os.path.dirname(convlab.__file__), os.path.dirname(keras.__file__), {folder!r})])
        """,
    ),
    Wall(
        "environment",
        "find what the grader's environment holds",
        """
        def mine():
            assert MARKER in "".join(os.environ.values())
        def of_others():
            assert open("/proc/{pid}/environ").read()
        attempt(mine, of_others)
        """,
    ),
    Wall(
        "other processes",
        "see them in /proc, send them signals",
        """
        def see():
            assert [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]
        def signal():
            os.kill({pid}, 0)
        def parent():
            assert os.getppid()
            os.kill(os.getppid(), 0)
        attempt(see, signal, parent)
        """,
    ),
    Wall(
        "descriptors",
        "use a file or socket that was left open",
        """
        def look():
            links = [os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd") if int(fd) > 2 and os.path.exists(f"/proc/self/fd/{{fd}}")]
            assert len([link for link in links if not link.startswith(("/dev/null", "/proc"))]) > 1
        attempt(look)
        """,
    ),
    Wall(
        "new processes",
        "fork, start a program",
        """
        import subprocess
        def fork():
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
        def run():
            subprocess.run(["/bin/true"], check=True)
        attempt(fork, run)
        """,
    ),
    Wall(
        "privileges",
        "become root, mount, make namespaces",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def root():
            os.setuid(0)
            assert os.getuid() == 0
        def mount():
            os.makedirs("mounted", exist_ok=True)
            assert libc.mount(b"tmpfs", b"mounted", b"tmpfs", 0, None) == 0
            libc.umount2(b"mounted", 2)
        def namespaces():
            assert libc.unshare(0x10000000 | 0x20000) == 0
        def capabilities():
            status = open("/proc/self/status").read()
            assert int(status.split("CapEff:")[1].split()[0], 16) or "NoNewPrivs:\\t0" in status
        attempt(root, mount, namespaces, capabilities)
        """,
    ),
    Wall(
        "kernel calls",
        "trace a process, memory files, keys, io_uring, bpf",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def trace():
            assert libc.ptrace(0, 0, 0, 0) == 0
        def memory_file():
            os.close(os.memfd_create("doctor"))
        def filter_mode():
            assert "Seccomp:\\t2" not in open("/proc/self/status").read()
        attempt(trace, memory_file, filter_mode)
        """,
    ),
    Wall(
        "memory",
        "use eight gigabytes",
        """
        blocks = []
        def fill():
            for _ in range(128):
                blocks.append(bytearray(b"x") * 2**26)
        attempt(fill)
        blocks.clear()
        """,
        ends=("out_of_memory",),
    ),
    Wall(
        "disk",
        "write 200 MB, ten thousand files",
        """
        import shutil, tempfile
        place = tempfile.mkdtemp()
        def large():
            with open(f"{{place}}/large", "wb") as file:
                for _ in range(200):
                    file.write(bytes(2**20))
        def many():
            for number in range(10_000):
                open(f"{{place}}/{{number}}", "w").close()
        attempt(large, many)
        shutil.rmtree(place)
        """,
    ),
    Wall(
        "time",
        "run on, deaf to every signal",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pass
        print("ran for 30 s")
        """,
        ends=("timeout",),
    ),
    Wall(
        "output",
        "print a hundred million characters",
        """
        for _ in range(100):
            print("x" * 1_000_000)
        """,
    ),
    Wall(
        "hidden tests",
        "find the text of a test that ran just before",
        """
        import gc
        def search():
            texts = [value for value in gc.get_objects() if type(value) in (dict, list, tuple)]
            assert any(type(item) is str and TESTED in item and item is not TESTED for value in texts for item in (value.values() if type(value) is dict else value))
        def history():
            assert any(TESTED in text for text in In[:-1])
        def files():
            assert any(TESTED in open(os.path.join(at, name), errors="replace").read() for at, _, names in os.walk(os.getcwd()) for name in names)
        attempt(search, history, files)
        """,
    ),
)

# A cell's attempts: whichever does not raise got through.
_PRELUDE = """
import os, time
# Written backwards, so that a search does not find the searcher.
MARKER, TESTED = ("".join(reversed(text)) for text in ({marker!r}, {tested!r}))
def attempt(*tries):
    for one in tries:
        try:
            one()
        except (AssertionError, OSError, MemoryError, RuntimeError):
            continue
        print("got through:", one.__name__)
"""
OUTPUT_CAP = 10_000_000


def try_walls(*, unsafe: bool = False) -> Iterator[Found]:
    """Attack each wall with a submission of its own and yield what came of it.

    Args:
        unsafe: attack where no walls are, which shows that the attacks are real.

    Raises:
        SandboxUnavailable: the walls cannot be built here.
    """
    marker, tested = secrets.token_hex(8), secrets.token_hex(8)
    with (
        contextlib.ExitStack() as stack,
        socket.create_server(("127.0.0.1", 0)) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        secret = Path(folder, "secret.txt")
        secret.write_text(marker)
        os.environ["CONVLAB_DOCTOR"] = marker
        stack.callback(os.environ.pop, "CONVLAB_DOCTOR")
        known = {
            "port": server.getsockname()[1],
            "secret": str(secret),
            "folder": folder,
            "home": [
                str(path)
                for path in Path.home().iterdir()
                if not sys.prefix.startswith(str(path)) and not sys.base_prefix.startswith(str(path))
            ],
            "solutions": str(PACKAGE.parent / "solutions"),
            "pid": os.getpid(),
        }
        examiner = stack.enter_context(Examiner(unsafe=unsafe))
        examiner.check()
        for wall in WALLS:
            attempt = textwrap.dedent(wall.attempt).format(**known)
            yield _try(examiner, wall, _PRELUDE.format(marker=marker[::-1], tested=tested[::-1]) + attempt, tested)


def _try(examiner: Examiner, wall: Wall, attempt: str, tested: str) -> Found:
    test = nbformat.v4.new_code_cell(f"secret = '{tested}'")
    test.metadata["nbgrader"] = {"grade": True, "solution": False}
    notebook = nbformat.v4.new_notebook(cells=[test, nbformat.v4.new_code_cell(attempt)])
    # On a busy machine an attack takes its time; only the one on the time limit is to be stopped by it.
    seconds = 5 if wall.name == "time" else 40
    examined = examiner.examine(notebook, cell_seconds=seconds, total_seconds=60)
    outputs = examined.outputs[1]
    printed = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
    errors = [output["evalue"] for output in outputs if output["output_type"] == "error"]
    if wall.name == "output":
        held = len(printed) < OUTPUT_CAP
        return Found(wall, held, "the rest was cut off" if held else f"{len(printed):,} characters came out")
    if examined.status in wall.ends:
        return Found(wall, True, f"ended: {examined.status}")
    if printed or errors or examined.status != "graded":
        return Found(wall, False, (printed or " ".join(errors) or examined.status).strip()[:300])
    return Found(wall, True, "refused")
