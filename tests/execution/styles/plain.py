"""Notebooks of honest students, and what plain Jupyter says of their tests.

python plain.py              in forks of one IPython shell, as JSON: name -> "" if all tests pass, else why not
python plain.py --kernel     in a real kernel for each notebook, which takes minutes
"""

import asyncio
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import matplotlib
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

INLINE = "module://matplotlib_inline.backend_inline"
DEFAULT_TEST = "assert twice(2) == 4 and twice(50) == 100 and twice(0) == 0"
# Placeholders for what cannot be written in a text file as it is.
MADE = {
    "TWO_THOUSAND_LINES": "    [1, 2, 3],\n" * 2_000,
    "WINDOWS\n": "a = 1\r\nif a:\r\n    b = 2\r\n",
    "BOM\n": "\ufeff",
}


class Style(NamedTuple):
    """A notebook: its cells with their text and whether they are tests, and the files beside it."""

    cells: list[tuple[str, bool]]
    files: dict[str, bytes]


def read(path: Path) -> dict[str, Style]:
    styles = {}
    for text in path.read_text(encoding="utf-8").split("===== ")[1:]:
        name, _, text = text.partition("\n")
        for word, made in MADE.items():
            text = text.replace(word, made)
        cells, files = [], {}
        for number, part in enumerate(text.split("\n-----")):
            kind, _, body = ("", "", part) if number == 0 else part.partition("\n")
            kind, _, file = kind.strip().partition(" ")
            if kind == "file":
                files[file] = body.encode()
            else:
                cells.append((body.removesuffix("\n"), kind == "test"))
        if not any(test for _, test in cells):
            cells.append((DEFAULT_TEST, True))
        assert name not in styles, name
        styles[f"{path.stem}: {name}"] = Style(cells, files)
    return styles


class Shell(InteractiveShell):
    """The parts of a Jupyter kernel, beyond the shell, that a cell can see."""

    def should_run_async(self, raw_cell: str, **options: object) -> bool:
        if asyncio._get_running_loop() is None:
            return options.get("preprocessing_exc_tuple") is None
        return super().should_run_async(raw_cell, **options)

    def enable_gui(self, gui: str | None = None) -> None:
        """Figures are inline."""


class Shown(io.StringIO):
    encoding = "utf-8"

    def fileno(self) -> int:
        return 1


STYLES = {name: style for path in sorted(Path(__file__).parent.glob("*.txt")) for name, style in read(path).items()}


def in_this_process(style: Style) -> str:
    """Run all cells in a shell in this process, which should be a fork; returns why a test failed, or an empty text."""
    shell = Shell.instance()
    sys.path.insert(0, "")
    said = []
    for source, test in style.cells:
        streams = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = Shown()
        try:
            result = shell.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        error = result.error_in_exec or result.error_before_exec
        if error is not None:
            said.append(f"{type(error).__name__}: {error}")
        if test and error is not None:
            return " ... ".join(said)
    return ""


def _warm_up() -> None:
    """Import what all notebooks need, once for all forks."""
    import matplotlib.pyplot as plt
    import nbformat  # noqa: F401
    import scipy.signal  # noqa: F401

    os.environ["IPYTHONDIR"] = tempfile.mkdtemp()
    shell = Shell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:", "enabled": False}}))
    shell.extension_manager.load_extension("storemagic")
    matplotlib.use(INLINE)
    plt.plot([1])
    plt.savefig(io.BytesIO())
    plt.close("all")


def forked(style: Style) -> str:
    """Call `in_this_process` in a fork, in a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as file:
        for name, content in style.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        child = os.fork()
        if child == 0:
            said = "it ended the process"
            try:
                os.chdir(folder)
                os.environ.update(HOME=folder, MPLBACKEND=INLINE)
                quiet = os.open(os.devnull, os.O_RDWR)
                for standard in (0, 1, 2):
                    os.dup2(quiet, standard)
                said = in_this_process(style)
            finally:
                file.write(said.encode())
                file.flush()
                os._exit(0)
        os.waitpid(child, 0)
        file.seek(0)
        return file.read().decode()


def in_a_kernel(style: Style) -> str:
    """Run all cells in a real kernel; returns why a test failed, or an empty text."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    cells = [nbformat.v4.new_code_cell(source) for source, _ in style.cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in style.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client = NotebookClient(
            notebook, timeout=60, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        with contextlib.suppress(CellExecutionError, DeadKernelError):
            client.execute()
    outputs = [
        output
        for cell, (_, test) in zip(notebook.cells, style.cells, strict=True)
        for output in cell.outputs
        if test and output.output_type == "error"
    ]
    return outputs[0].evalue if outputs else ""


if __name__ == "__main__":
    only = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = {name: style for name, style in STYLES.items() if not only or any(word in name for word in only)}
    if "--kernel" in sys.argv:
        for _name, _style in chosen.items():
            print(f"{_name}: {in_a_kernel(_style) or 'passes'}", flush=True)
    else:
        _warm_up()
        json.dump({name: forked(style) for name, style in chosen.items()}, sys.stdout, indent=1)
