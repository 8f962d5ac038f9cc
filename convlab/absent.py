"""Says why a name is not there: its cell did not run, stopped with an error, or defines another name.

In a student's own notebook Python would say `NameError: name 'conv2d' is not defined`. Importing convlab in a Jupyter
kernel replaces that message, for the names of exercises. The judge asks `why_absent` what to say.
"""

from __future__ import annotations

import difflib
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

MOST_CELLS = 1_000  # how many cells of a session are remembered
MOST_ERROR, MOST_LINE = 200, 80  # characters of an error's text and of a line of code in a message
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
# What IPython and Jupyter append to the text of a syntax error: the name of a file that does not exist, and the line.
_PLACE = re.compile(r" \((?:<ipython-input|\d+\.py|<unknown)[^()]*, line \d+\)\Z")
_MADE = re.compile(r"(?m)^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)")


@dataclass(frozen=True)
class CellRun:
    """A cell and how it ended.

    Args:
        source: its text.
        error: the name of the error that ended it; empty if it ran to its end.
        text: the error's message.
        line: the line of the cell in which it ended, counted from 1; 0 if unknown.
    """

    source: str
    error: str = ""
    text: str = ""
    line: int = 0

    @property
    def ending(self) -> str:
        """How it ended, to follow "because": with the error and its line."""
        text = _PLACE.sub("", self.text).strip().partition("\n")[0]
        text = f"{text[:MOST_ERROR]}…" if len(text) > MOST_ERROR else text
        if self.error == "CellTimeoutError":
            return f"its cell did not finish in time. {text}".rstrip()
        lines = self.source.splitlines()
        code = lines[self.line - 1].strip() if 0 < self.line <= len(lines) else ""
        code = f"{code[:MOST_LINE]}…" if len(code) > MOST_LINE else code
        how = "did not run:" if self.error in _SYNTAX else "stopped with"
        where = f" (line {self.line}: `{code}`)" if code else ""
        return f"its cell {how} {self.error}{': ' if text else ''}{text}{where}"


def why_absent(
    name: str,
    before: Sequence[CellRun],
    own: CellRun | None = None,
    after: Sequence[str] = (),
    otherwise: str = "no cell defines it.",
) -> str:
    """One sentence that says why no object of this name is there.

    Args:
        before: the cells that have run, in order.
        own: the cell in which it should have been defined, if that is known.
        after: the texts of the cells that come later.
        otherwise: what to say if nothing else is known.
    """
    candidates = [cell for cell in before if defines(name, cell.source)]
    failed = [cell for cell in candidates if cell.error]
    if failed:
        return f"{name} is not there, because {failed[-1].ending}"
    if candidates:
        return f"{name} is not there, although its cell ran: define it outside of every other function, class and if."
    if any(defines(name, source) for source in after):
        return (
            f"{name} is not there yet: the cell that defines it stands further down, and cells run from top to bottom."
        )
    if own is not None and own.error:
        return f"{name} is not there, because {own.ending}"
    where, made = ("its cell", made_in(own.source)) if own is not None else ("a cell", _all_made(before))
    near = difflib.get_close_matches(name, made, 1, cutoff=0.8 if own is None else 0.0)
    if near:
        return (
            f"{name} is not there: {where} defines {near[0][:MOST_LINE]}, "
            f"and the tests look for {name}, spelled exactly like this."
        )
    return f"{name} is not there: {otherwise if own is None else 'its cell does not define it.'}"


def defines(name: str, source: str) -> bool:
    """Whether the text of a cell, which need not be valid Python, has a line that seems to define this name."""
    own = re.escape(name)
    return bool(
        re.search(
            rf"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{own}\b"
            rf"|^(?:[ \t(\[*]|\w+[ \t]*,)*{own}\b[ \t,)\]\w]*=(?!=)|\bimport\b[^\n]*\b{own}\b",
            source,
        )
    )


def made_in(source: str) -> list[str]:
    """The functions, classes and variables that lines of a cell seem to define, at the left edge."""
    return [function or variable for function, variable in _MADE.findall(source)]


def _all_made(cells: Sequence[CellRun]) -> list[str]:
    return [name for cell in cells if not cell.error for name in made_in(cell.source)]


# --- in a student's own notebook

_cells: list[CellRun] = []


def install() -> None:
    """In a Jupyter kernel, remember how cells ended, and say of an exercise that is not there why; elsewhere nothing.

    A handler that the notebook has set itself stays.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "kernel", None) is None or shell.custom_exceptions:
        return
    shell.events.register("post_run_cell", _remember)
    shell.set_custom_exc((NameError,), _show)


def _remember(result: Any) -> None:
    if result.info is None or not isinstance(result.info.raw_cell, str):
        return
    error = result.error_before_exec or result.error_in_exec
    _cells.append(ended(result.info.raw_cell, error) if error else CellRun(result.info.raw_cell))
    del _cells[:-MOST_CELLS]


def ended(source: str, error: BaseException) -> CellRun:
    """A cell that ended with an error."""
    if isinstance(error, SyntaxError):
        return CellRun(source, type(error).__name__, str(error.msg), error.lineno or 0)
    notebook = vars(sys.modules["__main__"])
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_globals is notebook]
    return CellRun(source, type(error).__name__, str(error), lines[0] if lines else 0)


def _show(shell: Any, kind: type, error: NameError, trace: TracebackType, tb_offset: int | None = None) -> list[str]:
    """What Jupyter shows for a NameError: for an exercise in the cell itself why it is not there, else what it always shows."""
    from convlab.checks import CheckError  # noqa: PLC0415, a cell that only draws needs no checks
    from convlab.points import lessons  # noqa: PLC0415, as above

    innermost = list(traceback.walk_tb(trace))[-1][0]
    exercise = any(error.name in lesson["points"] for lesson in lessons().values())
    if not exercise or innermost.f_globals is not shell.user_ns:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)
        return []
    first = f"run the cell with {error.name} first. After a restart of the kernel, run all cells above this one."
    said = CheckError(why_absent(str(error.name), _cells, otherwise=first))
    shell.showtraceback((CheckError, said, trace))
    return [str(said)]
