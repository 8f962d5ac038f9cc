"""Strangers' text on the terminal: it cannot move the cursor, color, hide or reverse text, or forge a line."""

import io
import re
import unicodedata
from pathlib import Path

import pytest
from imported_class import LESSON, imported, notebook, pack, run
from rich.progress import Progress, TextColumn

from autograder.cli.console import Terminal, echo, show_batch, show_differences, show_imported
from autograder.files import printable
from autograder.files.text import printable_lines
from autograder.gradebook import Record
from autograder.lms.importer import ImportResult

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
ATTACKS = [
    "\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;http://evil\x1b\\x", "\x9b2J", "\x90q\x9c", "\x00", "\x08\x08", "\r", "\x0b", "\x0c",
    "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\u2060", "\ufeff", "\u061c", "\u00ad", "\u115f",
    "\u3164", "\u2800", "\U000e0041", "\ud800", "\ufff9", "\U0001d173", "\u180e",
]  # fmt: skip
FORGED = "eve\njan, 01_toy: graded, 5 of 5 points"


def harmless(text):
    seen = [one for one in text if unicodedata.category(one)[0] == "C" or unicodedata.category(one) in ("Zl", "Zp")]
    return set(seen) <= {"\n"} and not set(text) & set("\u115f\u3164\u2800")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_text_is_made_harmless_and_what_is_harmless_is_kept(attack):
    assert harmless(printable(f"a{attack}b")) and "\n" not in printable(f"a{attack}\nb")
    assert harmless(printable_lines(f"a{attack}\nb"))
    for kept in ("Sinéad O'Brien", "王 伟", "Ærøskøbing [bold]", "José\u0301", "–✓✗", "مريم"):
        assert printable(kept) == kept
    assert printable("a\u00a0b\tc\u3000d") == "a b c d"


@pytest.mark.parametrize("attack", [*ATTACKS, "[red]", "[/]", "\\", "[link=http://evil]x[/link]"])
def test_tables_lines_and_bars_print_names_as_text(attack):
    """Fails at 981fac2: rich drops some control characters, but not escape sequences and direction marks."""
    name = f"{attack}eve"
    out = io.StringIO()
    console = Terminal(file=out, width=200, color_system=None)
    record = Record(name, f"01{attack}", "graded", reason=f"because {attack} of {FORGED}", repaired=[f"{attack} note"])
    console.print(f"{name}: {FORGED}", markup=False)
    show_batch(console, _Class(), [record], [f"submitted/{name}"])
    show_imported(console, "canvas", [ImportResult("refused", name, name, f"{attack} {FORGED}")])
    show_differences(console, [])
    with Progress(TextColumn("{task.description}"), console=console) as bar:
        bar.add_task(f"{printable(name)}".replace("[", "\\["), total=1)
    shown = out.getvalue()
    assert harmless(shown), sorted(set(shown) - set(map(chr, range(32, 127))))
    assert "eve" in shown and not re.search("^jan, 01_toy", shown, re.MULTILINE)


class _Class:
    path, lessons = Path("class"), (LESSON,)


def test_errors_and_sentences_cannot_forge_a_line(capsys):
    echo(f"Error: \x1b[1m{FORGED}\n  - one\n", err=True)
    assert capsys.readouterr().err == "Error: ?[1meve\n  jan, 01_toy: graded, 5 of 5 points\n  - one\n\n"


def test_import_prints_no_name_raw(classroom, tmp_path):
    """Fails at 981fac2 for a class directory and a lesson with such a name, which errors printed unchanged."""
    for attack in ATTACKS[:-1]:
        if attack in ("\x00", "\ud800"):
            continue
        name = f"x{attack}\nada: imported"
        result, _ = imported(
            classroom, pack(tmp_path / "x.zip", [(f"{name}/{attack}.ipynb", notebook())]), "--platform", "plain"
        )
        assert harmless(result.output), attack
        for arguments in (
            ("import", classroom.path / name, LESSON, tmp_path / "x.zip"),
            ("import", classroom.path, LESSON, tmp_path / name),
            ("grade", classroom.path, name),
            ("export", classroom.path, name, "--format", "csv"),
            ("report", classroom.path, name),
        ):
            result = run(*arguments)
            assert result.exit_code != 0 and harmless(result.output), (arguments, result.output)
            assert not re.search("^ada: imported", result.output, re.MULTILINE)
