"""Write the reference pages from the program itself: every command with its options, every setting of a class.

`python docs/site/reference.py` writes docs/reference/; `make reference` calls it. The site is built from fresh pages.
A page is Markdown that reads the same on GitHub and on the site.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
from traitlets import TraitType
from traitlets.config import Configurable

import autograder
from autograder.cli.main import COMMANDS
from autograder.cli.main import main as program

FOLDER = Path(__file__).resolve().parents[1] / "reference"
PACKAGE = Path(autograder.__file__).parent
GENERATED = "<!-- Generated from the program by 'make reference'. Do not edit. -->"
PROGRAM = "python -m autograder"
# Click knows no help for arguments. A command's own meaning goes before the common one.
ARGUMENTS = {
    "classdir": "Folder of the class: made by `new`, or any nbgrader course directory.",
    "lessons": "Names such as `01_dense_vs_conv`.",
    "lesson": "Name, such as `01_dense_vs_conv`.",
    "notebook": "A notebook, the folder it is alone in, or the number of a lesson, such as `1`.",
    "exercise": "Name, as in the exercise's title, such as `conv2d_valid`.",
    "folder": "Folder to make; a class that an earlier `demo` made there is replaced.",
    "bundle archive": "The zip to write.",
    "import archive": "The zip that the platform gave, or a folder.",
    "new classdir": "Folder to make; it must not exist, or be empty.",
}
EXIT_CODES = re.compile(r"(?s)\s*Exit codes?:? (?=\d:\s)(?P<codes>.*)")
COMMANDS_HEAD = f"""\
# Commands

{GENERATED}

`python` is the one of the course's environment: run `conda activate convlab`, or `source .venv/bin/activate` after
`make` (Windows: `.venv\\Scripts\\activate`). Each command prints this help with `--help` or `-h`.

| exit code | meaning, where a command says nothing else |
|---|---|
| 0 | done |
| 1 | not done, or not all of it; the message says why and what to do |
| 2 | the call was wrong: an unknown option or lesson, a folder that is not a class, a file that cannot be read |
"""
SETTINGS_HEAD = f"""\
# Settings

{GENERATED}

Settings of a class are lines in its `nbgrader_config.py`, such as `c.Run.cell_seconds = 120`, below the line with
`configure(...)` that `new` writes there. They hold for `grade`, `regrade`, nbgrader's own commands and the Formgrader.
"""
SETTINGS_TAIL = """\
## Settings of nbgrader

[nbgrader's own settings](https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html) hold as well, apart
from those of the steps that this grader replaces. These matter most:

| setting | meaning here |
|---|---|
| `c.CourseDirectory.db_url` | The gradebook: an SQLite file, or a PostgreSQL server (`new --db`). |
| `c.CourseDirectory.course_id` | The course's name, for nbgrader's exchange. |
| `c.Autograde.create_student` | False: only students of the roster are graded. True: whoever hands in is added. |
| `c.Autograde.autograde_preprocessors` | Steps of your own are kept; one that would run notebooks is refused. |
| `c.AssignLatePenalties.plugin_class` | Points for lateness. The plugin's module lies in the class's folder. |
| `c.LimitOutput.max_lines`, `c.LimitOutput.max_traceback` | How much of what a cell printed is kept. |
| `c.RunHere.timeout` | Seconds for one cell where `check` has no sandbox: macOS and Windows. |
| `c.Execute.timeout`, `c.ExecutePreprocessor.timeout`, `c.NotebookClient.timeout` | In a class whose configuration has no line with `configure(...)`: taken for `c.Run.cell_seconds`. |

## Environment variables

| variable | meaning |
|---|---|
| `CONVLAB_PROGRESS` | The file in which `check` keeps what you reached, instead of one in your user data folder. |
| `CONVLAB_DATA` | The folder with the course's data, instead of `data/` beside the package `convlab`. |
| `FASHION_MNIST` | A folder with the original files of Fashion-MNIST, for `load_fashion_mnist(full=True)`. |
"""


def pages() -> dict[str, str]:
    """The pages by name."""
    return {"commands": "\n".join(_commands()), "settings": "\n".join(_settings())}


def commands() -> dict[str, click.Command]:
    """Every command by its name; those of a group follow the group's own name."""
    return dict(_below(program, ""))


def _below(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _below(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def settings() -> dict[type[Configurable], dict[str, TraitType]]:
    """Our classes that a class's configuration can set, with their own settings by name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "config=True" not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if kind.__module__ == name and issubclass(kind, Configurable):
                found[kind] = kind.class_own_traits(config=True)
    return {kind: traits for kind, traits in found.items() if traits}


def _commands() -> Iterator[str]:
    yield COMMANDS_HEAD
    if program.params:
        yield "These options go before the command's name:\n"
        yield from _table(("option", "meaning"), [_parameter(one, click.Context(program)) for one in program.params])
    yield from _table(
        ("for", "command", "what it does"),
        [
            (whom.lower(), f"[{name}](#{name})", line)
            for whom, listed in COMMANDS.items()
            for name, (_, line) in listed.items()
        ],
    )
    for name, command in commands().items():
        context = click.Context(command, info_name=name)
        text = inspect.cleandoc(command.help)
        codes = EXIT_CODES.search(text)
        yield f"## {name}\n"
        yield f"```text\n{PROGRAM} {name} {' '.join(command.collect_usage_pieces(context))}\n```\n"
        yield f"{EXIT_CODES.sub('', text)}\n"
        yield from _table(("argument or option", "meaning"), [_parameter(one, context) for one in command.params])
        if codes:
            sentences = re.split(r"\s(?=\d:\s)", codes["codes"])
            yield f"Exit codes: {'; '.join(' '.join(one.split()).rstrip('.') for one in sentences)}.\n"


def _parameter(parameter: click.Parameter, context: click.Context) -> tuple[str, str]:
    default = parameter.default if parameter.default not in (None, (), False) else None
    if isinstance(parameter, click.Argument):
        meaning = ARGUMENTS.get(f"{context.info_name} {parameter.name}") or ARGUMENTS[parameter.name]
        name = parameter.make_metavar(context)
        if parameter.nargs == -1:
            meaning += " All if none is named."
    else:
        name = parameter.get_help_record(context)[0].replace(" RANGE", "")
        meaning = parameter.help + (" Required." if parameter.required else "")
        # A default of this machine, such as its cores, is told by the help.
        default = default if parameter.show_default or "default" not in meaning.lower() else None
    if isinstance(default, str | int | float | Path) and default is not True:
        meaning += f" Default: `{default}`."
    return f"`{name}`", meaning


def _settings() -> Iterator[str]:
    yield SETTINGS_HEAD
    for kind, traits in settings().items():
        yield f"## {kind.__name__}\n"
        yield f"{inspect.cleandoc(kind.__doc__)}\n"
        yield from _table(
            ("setting", "default", "meaning"),
            [
                (f"`c.{kind.__name__}.{name}`", f"`{trait.default_value!r}`", trait.help)
                for name, trait in traits.items()
            ],
        )
    yield SETTINGS_TAIL


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
