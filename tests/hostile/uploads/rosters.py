"""Rosters that are broken, or that would confuse one student with another."""

import csv

from uploads.packing import archive, named, without_ids
from uploads.registry import upload

HEAD = "id,first_name,last_name,email"
HONEST = "ada,Ada,Lovelace,ada@example.org\nzoe,Zoe,Young,zoe@example.org\n"
USUAL = f"{HEAD}\n{HONEST}mallory,Mal,Lory,mallory@example.org\n"


def _import(stage, roster, name="Mal Lory", number=666):
    """Import a Moodle archive with this roster: refused with a sentence, or nobody gets another student's work."""
    without_ids(stage)
    path = stage.folder / "given.csv"
    path.write_bytes(roster if isinstance(roster, bytes) else roster.encode("utf-8", "surrogateescape"))
    entry = f"{name}_{number}_assignsubmission_file_/01_toy.ipynb"
    found = archive(stage, "moodle", (entry, stage.cheat("pass")))
    return stage.import_(found, "--roster", path, refused=True)


@upload
def open_quotation(stage):
    """A quotation mark that is never closed swallows all students behind it."""
    assert _import(stage, f'{HEAD}\nada,"Ada,Lovelace,ada@example.org\nzoe,Zoe,Young,z\nmallory,Mal,Lory,m\n') == {}


@upload
def quotation_that_swallows_one(stage):
    """A quotation mark in one student's name is closed by the next one's, so that one student is lost."""
    _import(stage, f'{HEAD}\nada,"Ada,Lovelace,a\nzoe,Zoe",Young,z\nmallory,Mal,Lory,m\n')


@upload
def other_encodings(stage):
    """A roster in UTF-16, in UTF-32, and in Latin-1."""
    for content in (USUAL.encode("utf-16"), USUAL.encode("utf-32"), USUAL.replace("Young", "Yüng").encode("latin-1")):
        stage.may_have["mallory"] = None
        _import_again(stage, content)


def _import_again(stage, content):
    (stage.path / "roster.csv").write_text(USUAL)
    _import(stage, content)
    for student in ("ada", "mallory", "zoe"):
        notebook = stage.path / "submitted" / student / "01_toy" / "01_toy.ipynb"
        if notebook.exists():
            notebook.unlink()
            notebook.parent.rmdir()
            notebook.parent.parent.rmdir()


@upload
def zero_bytes(stage):
    """Zero bytes in ids and names."""
    _import(stage, USUAL.replace("Ada,", "A\0da,").replace("mallory,", "mal\0lory,"))


@upload
def formulas(stage):
    """Names that are formulas for a spreadsheet stay text in every export."""
    names = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1", "=HYPERLINK(1)")
    rows = "".join(f'f{number},"{name}","{name}",{number}@example.org\n' for number, name in enumerate(names))
    _import(stage, USUAL + rows)
    for form in ("csv", "canvas"):
        out = stage.folder / "out.csv"
        stage.run("export", stage.path, "--format", form, "-o", out)
        cells = [cell for row in csv.reader(out.open(newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "＝", "\t", "\r"))], cells


@upload
def duplicates_by_case(stage):
    """Ids that are one folder on macOS and Windows."""
    assert _import(stage, USUAL + "ADA,Eve,X,e@example.org\nZoe,Eve,Y,f@example.org\n") == {}


@upload
def twice_the_same(stage):
    """One id twice, with different people."""
    assert _import(stage, USUAL + "ada,Mal,Lory,mallory@example.org\n") == {}


@upload
def address_of_another(stage):
    """Two students with one address, one name, or one number of the platform."""
    _import(stage, f"{HEAD},participant_id\n{HONEST}mallory,Ada,Lovelace,ada@example.org,666\n")


@upload
def number_of_another(stage):
    """A student's number of the platform is another's id."""
    _import(stage, f"{HEAD},participant_id\n{HONEST}mallory,Mal,Lory,m@example.org,111\n", "Somebody", 111)


@upload
def a_million_rows(stage):
    """A million students."""
    _import(stage, USUAL + "".join(f"s{number},A,B,{number}@x\n" for number in range(1_000_000)))


@upload
def a_million_faults(stage):
    """300,000 rows, none of which can be a student: the error message stays readable."""
    _import(stage, HEAD + "\n" + "/,A,B,C\n" * 300_000)


@upload
def wide_rows(stage):
    """A header and rows of 100,000 columns."""
    _import(stage, HEAD + "," * 100_000 + "\n" + HONEST + "mallory" + ",x" * 100_000 + "\n")


@upload
def long_fields(stage):
    """A name of 20 MB, and one of more than a CSV's field may have."""
    _import(stage, USUAL + f"eve,{'x' * 20_000_000},y,z\n")


@upload
def no_ids(stage):
    """No column of ids, two of them, none filled in, or nothing at all."""
    for text in (
        "first_name\nAda\n",
        f"id,{USUAL}",
        f"{HEAD}\n,Ada,Lovelace,a\n",
        "",
        "\n\n",
        HEAD,
        "\ufeff\ufeffid\nada\n",
    ):
        _import_again(stage, text)


@upload
def ids_that_are_paths(stage):
    """Ids that lead elsewhere, or that no file system takes."""
    for name in (
        "../ada",
        "a/b",
        "..",
        ".",
        "a\\b",
        "/etc",
        "x" * 300,
        "a:b",
        "ada ",
        "a\x1b[31m",
        "a\u202eb",
        "*",
        "",
    ):
        _import_again(stage, f'{USUAL}"{name}",A,B,c@example.org\n')
    assert sorted(path.name for path in (stage.path / "submitted").iterdir()) in ([], ["ada", "zoe"])


@upload
def ids_that_windows_reserves(stage):
    """Ids that are devices on Windows, or end in a dot."""
    _import(stage, USUAL + "con,A,B,c\nNUL.txt,A,B,c\naux.,A,B,c\n")


@upload
def other_separators(stage):
    """Semicolons, tabs, and line ends of old systems."""
    for text in (
        USUAL.replace(",", ";"),
        USUAL.replace(",", "\t"),
        USUAL.replace("\n", "\r"),
        USUAL.replace("\n", "\n\n"),
    ):
        _import_again(stage, text)


@upload
def no_file(stage):
    """A folder, nothing, or a file of another kind in place of the roster."""
    without_ids(stage)
    (stage.folder / "folder.csv").mkdir()
    (stage.folder / "zip.csv").write_bytes(b"PK\x03\x04\x00\xff" * 99)
    found = archive(stage, "moodle", (named("moodle", "mallory"), stage.cheat("pass")))
    for name in ("folder.csv", "nothing.csv", "zip.csv"):
        ran = stage.run("import", stage.path, "01_toy", found, "--roster", stage.folder / name)
        assert ran.code == 2 and ran.error.startswith("Error: ") and ran.error.count("\n") == 1
