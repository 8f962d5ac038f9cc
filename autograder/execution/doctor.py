"""Attacks every wall of the sandbox, as a hostile submission would, and reports which of them held."""

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

from autograder.execution.attempts import WALLS, Wall
from autograder.execution.runner import Runner
from autograder.notebooks.status import Status
from autograder.sandbox.visible import PACKAGE


@dataclass(frozen=True)
class WallResult:
    """Whether a wall held against its attack; `said` is what the attack printed or how it ended."""

    wall: Wall
    held: bool
    said: str


# Put before each attack: `attempt` calls the attack's functions, and those that raise no exception got through.
_PRELUDE = """
import os, time
# Written backwards, so that an attack that searches for them does not find this cell.
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


def try_walls(*, unsafe: bool = False) -> Iterator[WallResult]:
    """Attack each wall with a submission of its own and yield the result.

    Args:
        unsafe: attack without any walls, which shows that the attacks are real.

    Raises:
        SandboxUnavailable: the walls cannot be built on this machine.
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
        runner = stack.enter_context(Runner(unsafe=unsafe))
        runner.check()
        for wall in WALLS:
            attempt = textwrap.dedent(wall.attempt).format(**known)
            yield _try(runner, wall, _PRELUDE.format(marker=marker[::-1], tested=tested[::-1]) + attempt, tested)


def _try(runner: Runner, wall: Wall, attempt: str, tested: str) -> WallResult:
    test = nbformat.v4.new_code_cell(f"secret = '{tested}'")
    test.metadata["nbgrader"] = {"grade": True, "solution": False}
    notebook = nbformat.v4.new_notebook(cells=[test, nbformat.v4.new_code_cell(attempt)])
    # On a busy machine an attack may take long; only the attack on the time limit is meant to be stopped by it.
    seconds = 5 if wall.name == "time" else 40
    result = runner.run(notebook, cell_seconds=seconds, total_seconds=60)
    outputs = result.outputs[1]
    printed = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
    errors = [output["evalue"] for output in outputs if output["output_type"] == "error"]
    if wall.name == "output":
        held = len(printed) < OUTPUT_CAP
        return WallResult(wall, held, "the rest was cut off" if held else f"{len(printed):,} characters came out")
    if result.status in wall.ends:
        return WallResult(wall, True, f"ended: {result.status}")
    if printed or errors or result.status != Status.GRADED:
        return WallResult(wall, False, (printed or " ".join(errors) or result.status).strip()[:300])
    return WallResult(wall, True, "refused")
