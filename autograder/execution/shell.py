"""Runs notebook cells in this process as a Jupyter kernel does, and captures their outputs.

An IPython shell with Jupyter's display protocol and inline figures, but without sockets, threads and message queues, so
the process that uses it can be forked and thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import itertools
import json
import shlex
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.stand_ins import not_run

# Limits on the outputs of one cell: a feedback page with more than this helps nobody.
MAX_OUTPUT_BYTES = 2 * 2**20
MAX_OUTPUTS = 200


class Outputs:
    """Collects the outputs of one cell in nbformat's form and enforces the limits as they come in."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._parts: list[str] = []  # text of the last output, while that is a stream
        self.size = 0
        self.truncated = False
        self.displayed: dict[Any, dict[str, Any]] = {}

    def add(self, output: dict[str, Any], size: int) -> None:
        if self.truncated:
            return
        self._join()
        if self.size + size > MAX_OUTPUT_BYTES or len(self.items) >= MAX_OUTPUTS:
            self.truncated = True
            self.items.append({"output_type": "stream", "name": "stdout", "text": "\n… more output was left out\n"})
            return
        self.size += size
        self.items.append(output)

    def write(self, name: str, text: str) -> None:
        if self.truncated:
            return
        last = self.items[-1] if self.items else {}
        if last.get("output_type") != "stream" or last["name"] != name:
            self._join()
            self.add({"output_type": "stream", "name": name, "text": ""}, 0)
        room = MAX_OUTPUT_BYTES - self.size
        if not self.truncated:
            # Parts are joined once at the end: appending to a string would copy it with each print.
            self._parts.append(text[:room])
            self.size += len(text[:room])
        if len(text) > room:
            self._join()
            self.add({}, MAX_OUTPUT_BYTES)

    def _join(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self.items[-1]["text"] += "".join(parts)

    def taken(self) -> list[dict[str, Any]]:
        """All outputs so far, with the text of streams joined."""
        self._join()
        return list(self.items)

    def data(
        self, kind: str, data: dict, metadata: dict | None, display_id: Any = None, *, update: bool = False
    ) -> None:
        size = sum(len(value) for value in data.values() if isinstance(value, str))
        output = {"output_type": kind, "data": dict(data), "metadata": dict(metadata or {})}
        if not update:
            self.add(output, size)
            if display_id is not None and self.items and self.items[-1] is output:
                self.displayed[display_id] = output
        elif display_id in self.displayed and self.size + size <= MAX_OUTPUT_BYTES:
            self.size += size
            self.displayed[display_id].update(output)


class _Stream(io.TextIOBase):
    encoding, errors = "UTF-8", "strict"
    shown = True  # what is written here is an output of the cell

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def fileno(self) -> int:
        """The descriptor for libraries that write directly to it; what they write there is discarded."""
        return 1 if self._name == "stdout" else 2

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._outputs.write(self._name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    outputs = AnyTrait()

    def publish(
        self,
        data: dict,
        metadata: dict | None = None,
        source: object = None,
        *,
        transient: dict | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Add a display, or update the one with the same display id, as a plot of a running training does."""
        self.outputs.data("display_data", data, metadata, (transient or {}).get("display_id"), update=update)

    def clear_output(self, wait: bool = False) -> None:
        self.outputs.clear()


class _Hook(DisplayHook):
    outputs = AnyTrait()

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.outputs.data("execute_result", format_dict, md_dict)
        if self.outputs.items and self.outputs.items[-1]["output_type"] == "execute_result":
            self.outputs.items[-1]["execution_count"] = self.prompt_count

    def finish_displayhook(self) -> None:
        pass


class CellShell(InteractiveShell):
    """An IPython shell that collects the outputs of its cells in `outputs`, and keeps the last cell's error in `error`."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **options: Any) -> None:
        self.outputs = Outputs()
        self.error: BaseException | None = None
        super().__init__(**options)
        for part in (self.display_pub, self.displayhook):
            part.set_trait("outputs", self.outputs)
        self.colors = "nocolor"
        if self.history_manager is not None:
            self.history_manager.enabled = False

    def forget(self) -> None:
        """Empty the namespace. IPython's own `reset` also collects garbage, which is slow with TensorFlow imported."""
        self.user_ns.clear()
        self.init_user_ns()

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Do nothing: IPython would keep everything printed in its history, however much, and it is not needed here."""
        yield

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: figures are inline, since there is no window system here."""

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Use inline figures, whichever backend the cell asks for."""
        return super().enable_matplotlib("inline" if gui else gui)

    def ask_exit(self) -> None:
        """Do nothing: `exit()` in a cell must not end the grading of the notebook."""

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Run every cell in an event loop, as a Jupyter kernel does; a cell run by another one is in it already."""
        if asyncio._get_running_loop() is None:
            return options.get("preprocessing_exc_tuple") is None
        return super().should_run_async(raw_cell, **options)

    def system(self, cmd: str) -> None:
        """Handle `!command`: it is not run, and a message says so."""
        self.user_ns["_exit_code"] = 0
        print(not_run(cmd), file=sys.stderr)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList | LSString:
        """Handle `lines = !command`: it is not run, and its output is empty."""
        self.system(cmd)
        return SList() if split else LSString("")

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a line magic; if its extension is not installed here, print a message, so that the cell goes on."""
        if magic_name in ("load_ext", "reload_ext") or not self._knows("line", magic_name):
            try:
                return super().run_line_magic(magic_name, line, _stack_depth + 1)
            except (UsageError, ModuleNotFoundError) as error:
                print(f"This line is skipped when grading: %{magic_name} {line} ({error})", file=sys.stderr)
                return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell magic; if its extension is not installed here, run the cell without it, provided it is Python."""
        if self._knows("cell", magic_name):
            return super().run_cell_magic(magic_name, line, cell)
        try:
            compile(self.transform_cell(cell), "<cell>", "exec")
        except (SyntaxError, ValueError):
            return super().run_cell_magic(magic_name, line, cell)
        print(f"This line is skipped when grading: %%{magic_name} {line}", file=sys.stderr)
        self.run_cell(cell)
        return None

    def _knows(self, kind: str, name: str) -> bool:
        return self._find_with_lazy_load(kind, name) is not None

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        text = str(evalue)[:100_000]
        size = len(text) + sum(len(line) for line in stb)
        self.outputs.add(
            {"output_type": "error", "ename": etype.__name__, "evalue": text, "traceback": list(stb)},
            min(size, MAX_OUTPUT_BYTES // 2),
        )

    def run_to_outputs(self, source: str) -> list[dict[str, Any]]:
        """Run one cell and return its outputs in nbformat's form; an exception is an output, too."""
        self.outputs.clear()
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self.outputs, "stdout"), _Stream(self.outputs, "stderr")
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        outputs = self.outputs.taken()
        self.error = error = result.error_before_exec or result.error_in_exec
        if error is not None and not any(output["output_type"] == "error" for output in outputs):
            # IPython shows exception groups as plain text, and an error after too much output was dropped.
            outputs.append(_error_output(error))
        return outputs


def _error_output(error: BaseException) -> dict[str, Any]:
    name, text = type(error).__name__, ""
    with contextlib.suppress(Exception):  # `__str__` may be the student's own
        text = str(error)[:10_000]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


# Magics that start another program, which is not possible here.
_INSTALLERS = ("pip", "conda", "mamba", "micromamba", "uv")
_SCRIPTS = ("bash", "sh", "script", "perl", "ruby", "python", "python2", "python3", "pypy", "cmd", "system", "sx", "!")


def _silence_commands(shell: CellShell) -> None:
    def script(name: str, line: str, cell: str = "") -> None:
        words = shlex.split(line)
        # `%%bash --out lines` stores what the script prints in a variable; here it is empty.
        shell.user_ns.update({after: "" for word, after in itertools.pairwise(words) if word in ("--out", "--err")})
        shell.system(f"%%{name} {line}")

    for name in _INSTALLERS:
        shell.magics_manager.register_function(lambda line, name=name: shell.system(f"{name} {line}"), "line", name)
    for name in _SCRIPTS:
        shell.magics_manager.register_function(lambda line, cell="", name=name: script(name, line, cell), "cell", name)


def learn(modules: bytes) -> None:
    """Import modules once for all future children; called in the fork server. `modules` are their names as JSON.

    A module that cannot be imported raises its error where a notebook imports it.
    """
    for name in json.loads(modules):
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(name)


def new_shell() -> CellShell:
    """Create the shell of this process. Called after all imports and before the fork, it costs the children nothing."""
    shell = CellShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:", "enabled": False}}))
    _silence_commands(shell)
    # Format one traceback now: the first one looks up the source files of all modules, which with TensorFlow takes
    # longer than a notebook.
    try:
        raise NotImplementedError
    except NotImplementedError as error:
        shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
    return shell
