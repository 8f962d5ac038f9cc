"""Run notebook cells as a Jupyter kernel does, in this very process, and catch what they show.

An IPython shell with Jupyter's display protocol and inline figures, but without sockets, threads and message queues:
the process that uses it may be forked and thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import shlex
import sys
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

# What one cell may show; a page of feedback with more than this helps nobody.
MAX_OUTPUT_BYTES = 2 * 2**20
MAX_OUTPUTS = 200


class Outputs:
    """The outputs of one cell as nbformat wants them, capped while they come in."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._parts: list[str] = []  # of the last output, while that is a stream
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
            # Joined once at the end: text that grows print by print would be copied each time.
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
        """All outputs so far, whole."""
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

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def fileno(self) -> int:
        """Where libraries write past Python: nobody reads it."""
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
        self, data: dict, metadata: dict | None = None, *, transient: dict | None = None, update: bool = False, **_: Any
    ) -> None:
        """Show, or show anew what has the same display id, as a plot does that follows a training."""
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
    """An IPython shell whose cells' outputs end up in `outputs`."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **options: Any) -> None:
        self.outputs = Outputs()
        super().__init__(**options)
        self.display_pub.outputs = self.outputs
        self.displayhook.outputs = self.outputs
        self.colors = "nocolor"
        self.history_manager.enabled = False

    def forget(self) -> None:
        """Begin with an empty namespace. IPython's own `reset` collects garbage, which takes long with TensorFlow around."""
        self.user_ns.clear()
        self.init_user_ns()

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """IPython's history would keep all that is printed, however much that is; nobody asks for it here."""
        yield

    def enable_gui(self, gui: str | None = None) -> None:
        """Figures are inline: there is no window system here."""

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Figures are inline, whatever a person at a screen would have asked for."""
        return super().enable_matplotlib("inline" if gui else gui)

    def ask_exit(self) -> None:
        """`exit()` ends a person's session, not the grading of their notebook."""

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Every cell runs inside of an event loop, as in a Jupyter kernel; one that a cell runs is inside already."""
        if asyncio._get_running_loop() is None:
            return options.get("preprocessing_exc_tuple") is None
        return super().should_run_async(raw_cell, **options)

    def system(self, cmd: str) -> None:
        """`!command`: it is not run, and says so."""
        self.user_ns["_exit_code"] = 0
        print(not_run(cmd), file=sys.stderr)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList | LSString:
        """`lines = !command`: nothing."""
        self.system(cmd)
        return SList() if split else LSString("")

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Of an extension that is not installed here: it says so, and the cell goes on."""
        if magic_name in ("load_ext", "reload_ext") or not self._knows("line", magic_name):
            try:
                return super().run_line_magic(magic_name, line, _stack_depth + 1)
            except (UsageError, ModuleNotFoundError) as error:
                print(f"This line is left out when grading: %{magic_name} {line} ({error})", file=sys.stderr)
                return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Of an extension that is not installed here: the cell itself is run if it is Python."""
        if self._knows("cell", magic_name):
            return super().run_cell_magic(magic_name, line, cell)
        try:
            compile(self.transform_cell(cell), "<cell>", "exec")
        except (SyntaxError, ValueError):
            return super().run_cell_magic(magic_name, line, cell)
        print(f"This line is left out when grading: %%{magic_name} {line}", file=sys.stderr)
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
        """Run one cell and return its outputs; whatever the cell raises is an output, too."""
        self.outputs.clear()
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self.outputs, "stdout"), _Stream(self.outputs, "stderr")
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        outputs = self.outputs.taken()
        error = result.error_before_exec or result.error_in_exec
        if error is not None and not any(output["output_type"] == "error" for output in outputs):
            # IPython prints groups of exceptions as text, and what comes behind too much output is left out.
            outputs.append(_error_output(error))
        return outputs


def _error_output(error: BaseException) -> dict[str, Any]:
    name, text = type(error).__name__, ""
    with contextlib.suppress(Exception):  # its text is made by whoever wrote its class
        text = str(error)[:10_000]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


# Magics that start another program.
_INSTALLERS = ("pip", "conda", "mamba", "micromamba", "uv")
_SCRIPTS = ("bash", "sh", "script", "perl", "ruby", "python", "python2", "python3", "pypy", "cmd", "system", "sx", "!")


def _silence_commands(shell: CellShell) -> None:
    def script(name: str, line: str, cell: str = "") -> None:
        words = shlex.split(line)
        # `%%bash --out lines` puts what was written into a variable.
        shell.user_ns.update({after: "" for word, after in itertools.pairwise(words) if word in ("--out", "--err")})
        shell.system(f"%%{name} {line}")

    for name in _INSTALLERS:
        shell.register_magic_function(lambda line, name=name: shell.system(f"{name} {line}"), "line", name)
    for name in _SCRIPTS:
        shell.register_magic_function(lambda line, cell="", name=name: script(name, line, cell), "cell", name)


def new_shell() -> CellShell:
    """The shell of this process; made before a fork and after all imports, it costs the children nothing."""
    shell = CellShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:", "enabled": False}}))
    _silence_commands(shell)
    # To show an error, Python looks once for the files of all modules: with TensorFlow that takes longer than a notebook.
    try:
        raise NotImplementedError
    except NotImplementedError as error:
        shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
    return shell
