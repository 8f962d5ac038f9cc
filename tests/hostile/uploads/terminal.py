"""Names and texts that would write on the instructor's terminal, or forge a line of a report.

What is asserted of each printed text holds for every upload: no control character, no mark of direction, no separator of
lines but the line break.
"""

import os

import nbformat
from uploads.packing import archive, entries, metadata, named, pack, person, without_ids
from uploads.registry import upload
from uploads.stage import LESSON

NOTEBOOK = f"{LESSON}.ipynb"
HOSTILE = {
    "colors": "\x1b[31mred\x1b[0m",
    "clear": "\x1b[2J\x1b[H",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "link": "\x1b]8;;http://x\x1b\\x\x1b]8;;\x1b\\",
    "c1": "\x9b31m\x90q\x9c",
    "direction": "a\u202eb\u2066c\u200fd",
    "lines": "x\u2028zoe\u2029y\x85z",
    "carriage": "x\rzoe, 01_toy: graded 3",
    "break": "x\nzoe, 01_toy: imported",
    "tabs": "a\tb\vc\fd\be",
    "invisible": "a\u200bb\ufeffc\u00add",
    "tags": "a\U000e0041\U000e007f",
}


def _markup(text):
    """Whether rich would interpret part of it as a style, a link or the end of one."""
    return f"[red]{text}[/red][/][link=http://x][@click=x]"


@upload(open_class=True)
def names_of_students(stage):
    """Students' folders in submitted/ that hold every kind of control character."""
    for text in HOSTILE.values():
        stage.hand_in(stage.cheat("pass"), text.replace("/", "_"))
    stage.grade()
    assert stage.last.code == 1


@upload
def names_of_strangers(stage):
    """The same names in a class with a roster."""
    for text in HOSTILE.values():
        stage.hand_in(stage.cheat("pass"), text.replace("/", "_"))


@upload(open_class=True)
def markup_in_names(stage):
    """Students' folders that are rich's markup, closed and open."""
    for name in ("[red]x", "[", "x[bold", "[link=http:x]", "\\[red]"):
        stage.hand_in(stage.cheat("pass"), name)
    (stage.path / "submitted" / "mallory" / "[red]lesson").mkdir(parents=True)
    stage.hand_in_honest()
    stage.grade()
    assert "[red]x" in stage.last.output


@upload
def names_of_lessons(stage):
    """Folders named after lessons that do not exist, with control characters."""
    for text in HOSTILE.values():
        (stage.path / "submitted" / "mallory" / text.replace("/", "_")).mkdir(parents=True)
    stage.hand_in(stage.blank())
    stage.grade()
    assert stage.last.code == 1


@upload
def names_of_files(stage):
    """Files, links and pipes beside the notebook, with control characters."""
    folder = stage.hand_in(stage.blank())
    for number, text in enumerate(HOSTILE.values()):
        name = text.replace("/", "_")
        (folder / f"{name}.txt").write_text("x")
        (folder / f"{name}.d").mkdir()
        (folder / f"{name}.link").symlink_to("/no/such")
        os.mkfifo(folder / f"{name}.{number}")
        (folder / f"{name}.ipynb").write_text("{}")


@upload
def only_misnamed_notebooks(stage):
    """A notebook whose name, the only one in its folder, holds control characters."""
    folder = stage.hand_in(b"")
    (folder / NOTEBOOK).unlink()
    (folder / f"{HOSTILE['colors']}{HOSTILE['break']}{HOSTILE['direction']}.ipynb".replace("/", "_")).write_bytes(
        stage.bytes_of(stage.blank())
    )


@upload
def entries_of_canvas(stage):
    """Entries of Canvas whose names and files hold control characters."""
    own = [(f"{_markup(text)}_66_90{n}_{text}.ipynb", stage.cheat("pass")) for n, text in enumerate(HOSTILE.values())]
    found = archive(stage, "canvas", *own, *((f"{text}.ipynb", b"x") for text in HOSTILE.values()))
    stage.import_(found, "--platform", "canvas")


@upload
def entries_of_moodle(stage):
    """Full names of Moodle that hold control characters."""
    own = [
        (f"{_markup(text)}_9{n}_assignsubmission_file_/{text}.ipynb", stage.cheat("pass"))
        for n, text in enumerate(HOSTILE.values())
    ]
    stage.import_(archive(stage, "moodle", *own), "--platform", "moodle")


@upload
def entries_of_a_plain_archive(stage):
    """Folders of a plain archive that hold control characters, with files of all kinds."""
    own = [(f"{text}/{text}.ipynb", stage.cheat("pass")) for text in HOSTILE.values()]
    stage.import_(archive(stage, "plain", *own, *((f"mallory/{text}.ipynb", b"x") for text in HOSTILE.values())))


@upload
def names_in_gradescopes_metadata(stage):
    """Names, ids and addresses in Gradescope's metadata that hold control characters."""
    for text in HOSTILE.values():
        yml = metadata(mallory=person("x", sid=text, email=text, name=_markup(text)))
        own = named("gradescope", "mallory"), stage.cheat("pass")
        stage.import_(archive(stage, "gradescope", own, yml=yml), refused=True)


@upload
def name_of_the_archive(stage):
    """An archive whose own name, as a student's mail brought it, holds control characters."""
    content = entries(stage, "canvas", (named("canvas", "mallory"), stage.cheat("pass")))
    path = pack(stage, content, f"{HOSTILE['colors']}{HOSTILE['break']}.zip".replace("/", "_"))
    path.write_bytes(path.read_bytes()[:99])
    stage.import_(path, refused=True)


@upload
def ids_in_a_roster(stage):
    """Ids and names of a roster that hold control characters."""
    without_ids(stage)
    for text in HOSTILE.values():
        path = stage.folder / "given.csv"
        path.write_text(f'id,first_name,last_name,email\n"{text}","{text}","{text}","{text}"\n', newline="")
        found = archive(stage, "moodle", (named("moodle", "mallory"), stage.cheat("pass")))
        stage.import_(found, "--roster", path, refused=True)


@upload
def exceptions(stage):
    """Names and texts of exceptions that hold control characters, in cells and in answers."""
    text = "".join(HOSTILE.values())
    code = f"def twice(x):\n    raise type({text!r}, (ValueError,), {{}})({text!r})"
    notebook = stage.cheat(code)
    notebook.cells.insert(2, nbformat.from_dict({**nbformat.v4.new_code_cell(f"raise KeyError({text!r})"), "id": "m"}))
    stage.hand_in(notebook)


@upload
def past_python(stage):
    """What a worker writes to its descriptors and terminal, and what the interpreter itself writes when it ends."""
    code = "\n".join(
        [
            "import os, sys, warnings",
            "for one in range(64):\n    try: os.write(one, b'\\x1b[31mbreach')\n    except OSError: pass",
            "sys.__stderr__.write('\\x1b[2J'); warnings.warn('\\x1b[31m')",
            "for name in ('/dev/tty', '/dev/console', '/proc/1/fd/1', '/proc/1/fd/2'):",
            "    try: open(name, 'w').write('\\x1b[31mbreach')\n    except OSError: pass",
            "os.kill(os.getpid(), 11)",
        ]
    )
    stage.hand_in(stage.cheat(code))


@upload
def versions_and_ids(stage):
    """Control characters in the fields of a notebook that a note may quote."""
    text = "".join(HOSTILE.values())
    notebook = stage.blank()
    for cell in notebook.cells:
        cell["cell_type"] = text if cell.metadata.get("nbgrader", {}).get("grade_id") == "twice" else cell.cell_type
        cell.metadata["tags"] = [text]
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["points"] = text
    notebook["nbformat_minor"] = text
    notebook.metadata["kernelspec"] = {"name": text, "display_name": text, "language": text}
    stage.hand_in(notebook)


@upload
def floods_of_lines(stage):
    """20,000 notebooks of strangers, each of which would be a line of the report."""
    own = [(f"x{n}/{NOTEBOOK}", b"x") for n in range(20_000)]
    stage.import_(archive(stage, "plain", *own))


@upload(open_class=True)
def long_names(stage):
    """Names of 255 letters, of wide letters and of marks upon marks."""
    for name in ("x" * 255, "王" * 80, "x" + "\u0300" * 100, "🏳️‍🌈" * 10):
        stage.hand_in(stage.blank(), name)
