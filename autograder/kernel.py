"""Run notebook cells as a Jupyter kernel does, in this very process, and catch what they show.

An IPython shell with Jupyter's display protocol and inline figures, but without sockets, threads and message queues:
the process that uses it may be forked and thrown away.
"""

from __future__ import annotations

import io
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

# What one cell may show; a page of feedback with more than this helps nobody.
MAX_OUTPUT_BYTES = 2 * 2**20
MAX_OUTPUTS = 200


class Outputs:
    """The outputs of one cell as nbformat wants them, capped while they come in."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.size = 0
        self.truncated = False
        self.displayed: dict[Any, dict[str, Any]] = {}

    def add(self, output: dict[str, Any], size: int) -> None:
        if self.truncated:
            return
        if self.size + size > MAX_OUTPUT_BYTES or len(self.items) >= MAX_OUTPUTS:
            self.truncated = True
            self.items.append({"output_type": "stream", "name": "stdout", "text": "\n… more output was left out\n"})
            return
        self.size += size
        self.items.append(output)

    def write(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name and not self.truncated:
            room = MAX_OUTPUT_BYTES - self.size
            last["text"] += text[:room]
            self.size += len(text[:room])
            if len(text) > room:
                self.add({}, MAX_OUTPUT_BYTES)
        else:
            self.add(
                {"output_type": "stream", "name": name, "text": text[:MAX_OUTPUT_BYTES]},
                min(len(text), MAX_OUTPUT_BYTES),
            )

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
    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

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

    def enable_gui(self, gui: str | None = None) -> None:
        """Figures are inline: there is no window system here."""

    def ask_exit(self) -> None:
        """`exit()` ends a person's session, not the grading of their notebook."""

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
            self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        return list(self.outputs.items)


def new_shell() -> CellShell:
    """The shell of this process; made before a fork and after all imports, it costs the children nothing."""
    shell = CellShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:", "enabled": False}}))
    # To show an error, Python looks once for the files of all modules: with TensorFlow that takes longer than a notebook.
    try:
        raise NotImplementedError
    except NotImplementedError as error:
        shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
    return shell
