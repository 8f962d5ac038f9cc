"""Gradescope's submission_metadata.yml where it is a student's, and in every shape that is not Gradescope's."""

from uploads.packing import archive, entries, metadata, named, pack, person
from uploads.registry import upload

CLAIM = metadata().replace("submission_111:", "ada:").replace("submission_666:", "mallory:")
SWAPPED = CLAIM.replace("ada@", "x@").replace('":sid: "ada"', '":sid: "mallory"')
FILE = "submission_metadata.yml"
DEEP = "[" * 200_000


def _beside(stage, platform, content, name=FILE):
    """Import an archive in which the hostile student has a file beside the notebook."""
    own = (named(platform, "mallory"), stage.cheat("pass")), (named(platform, "mallory", name), content)
    found = stage.import_(archive(stage, platform, *own))
    assert found["ada"]["status"] == found["zoe"]["status"] == found["mallory"]["status"] == "imported"


@upload
def in_a_folder_of_a_plain_archive(stage):
    """A student's own metadata says whose folder is whose."""
    _beside(stage, "plain", SWAPPED)


@upload
def in_a_folder_of_moodle(stage):
    """A student's own metadata in an archive of Moodle."""
    _beside(stage, "moodle", SWAPPED)


@upload
def among_files_of_canvas(stage):
    """A student's own metadata among the files of Canvas."""
    _beside(stage, "canvas", SWAPPED)


@upload
def in_a_folder_of_gradescope(stage):
    """A student's own metadata below the true one."""
    _beside(stage, "gradescope", SWAPPED)


@upload
def deep_in_a_folder(stage):
    """Deeply nested metadata in a student's folder, which ended the process with a segmentation fault."""
    _beside(stage, "plain", DEEP)


@upload
def other_spellings_in_a_folder(stage):
    """Metadata in a student's folder under other spellings of its name."""
    _beside(stage, "plain", SWAPPED, "Submission_Metadata.YML")


@upload
def metadata_as_a_folder(stage):
    """A student's folder with the name of the metadata file."""
    _beside(stage, "moodle", SWAPPED, f"{FILE}/{FILE}")


@upload
def whole_export_in_a_folder(stage):
    """An export of Gradescope in a student's folder of a plain archive."""
    inner = (("mallory/submission_111/01_toy.ipynb", stage.cheat("1")), (f"mallory/submission_111/{FILE}", metadata()))
    stage.import_(archive(stage, "plain", *inner))


@upload
def folder_named_as_anothers_submission(stage):
    """A student's folder, inside an export of Gradescope, with the name of another's submission."""
    own = (named("gradescope", "mallory", "submission_111/01_toy.ipynb"), stage.cheat("pass"))
    found = stage.import_(archive(stage, "gradescope", own))
    assert found["ada"]["status"] == "imported"


def _whole(stage, yml):
    """Import an export whose own metadata is broken: refused with a sentence, or imported as far as readable."""
    own = (named("gradescope", "mallory"), stage.cheat("pass"))
    stage.import_(archive(stage, "gradescope", own, yml=yml), refused=True)


def _of_mallory(stage, text):
    """Import an export whose entry of one student is broken: the others are imported."""
    own = (named("gradescope", "mallory"), stage.cheat("pass"))
    found = stage.import_(archive(stage, "gradescope", own, yml=metadata(mallory=text)))
    assert {found[student]["status"] for student in ("ada", "zoe")} <= {"imported", "unchanged"}


@upload
def deep_flow(stage):
    """Metadata of brackets, 200,000 deep."""
    _whole(stage, DEEP)


@upload
def deep_mappings(stage):
    """Metadata of mappings in one line, 100,000 deep."""
    _whole(stage, "{a: " * 100_000)


@upload
def deep_blocks(stage):
    """Metadata of sequences in blocks, 20,000 deep."""
    _whole(stage, "- " * 20_000 + "x")


@upload
def aliases(stage):
    """Aliases of aliases, which would be a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    _whole(stage, "\n".join(lines) + "\n" + metadata().removeprefix("---\n"))


@upload
def merges(stage):
    """Merge keys of merge keys, which are copied each time."""
    lines = ["m0: &m0 {" + ", ".join(f"k{n}: {n}" for n in range(1000)) + "}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 8)}]}}" for n in range(1, 10)]
    _whole(stage, "\n".join(lines) + "\n" + metadata().removeprefix("---\n"))


@upload
def alias_of_itself(stage):
    """A mapping that holds itself."""
    _whole(stage, "--- &a\nsubmission_111: *a\n:submitters: *a\n")


@upload
def tags(stage):
    """Tags that would make objects of Python or Ruby."""
    _whole(stage, '--- !!python/object/apply:os.system ["touch /tmp/breach"]\n')
    _whole(stage, "--- !ruby/object:Gem::Installer\ni: x\n" + metadata().removeprefix("---\n"))


@upload
def numbers_that_are_slow(stage):
    """Scalars that are slow to resolve: numbers of many digits, in base 60, with underlines."""
    numbers = ("9" * 200_000, "1" + ":59" * 100_000, "1_" * 200_000 + "1", "0x" + "f" * 300_000, "1." + "0" * 300_000)
    _whole(stage, "".join(f"n{n}: {one}\n" for n, one in enumerate(numbers)) + metadata().removeprefix("---\n"))


@upload
def wide(stage):
    """300,000 submissions that are nobody's."""
    _whole(stage, "".join(f"s{n}: {{a: 1}}\n" for n in range(300_000)) + metadata().removeprefix("---\n"))


@upload
def long_scalar(stage):
    """A name of 30 MB."""
    _whole(stage, metadata(mallory=person("mallory", name="x" * 30_000_000)))


@upload
def duplicate_keys(stage):
    """A submission that is listed twice, the second time as another student's."""
    _whole(stage, metadata() + "submission_111:\n" + person("mallory"))


@upload
def no_mapping(stage):
    """Metadata that is a list, a number, or nothing."""
    for text in ("- a\n- b\n", "42\n", "", "--- ~\n"):
        _whole(stage, text)


@upload
def other_encodings(stage):
    """Metadata in UTF-16, in Latin-1, and with zero bytes."""
    for content in (metadata().encode("utf-16"), b"\xff\xfe\xfd: 1\n", b"a: \x00\n", metadata().encode() + b"\x00"):
        _whole(stage, content)


@upload
def several_documents(stage):
    """A second document behind the first."""
    _whole(stage, metadata() + "---\n" + CLAIM)


@upload
def people_of_other_types(stage):
    """Submitters that are text, numbers, mappings or lists of lists."""
    for value in ("text", "42", "{a: b}", "[[[[x]]]]", "[~, 1, x]", "!ruby/object:User {}"):
        _of_mallory(stage, f"  :submitters: {value}\n  :created_at: 2026-03-01 12:00:00 UTC\n")


@upload
def fields_of_other_types(stage):
    """Names, ids and addresses that are lists, mappings, dates or numbers."""
    for value in ("[a, b]", "{a: b}", "2026-03-01", "1e999", "true", "!!binary aGFsbG8="):
        _of_mallory(stage, f"  :submitters:\n  - :name: {value}\n    :sid: {value}\n    :email: {value}\n")


@upload
def times_out_of_range(stage):
    """Times of year 0, 9999 and of no calendar."""
    for when in ("0000-00-00", "0001-01-01 00:00:00 +14:00", "9999-12-31 23:59:59 -14:00", "2026-02-31", "[1]", ".nan"):
        _of_mallory(stage, person("mallory", when=when))


@upload
def no_metadata(stage):
    """An export of Gradescope whose metadata is gone."""
    found = entries(stage, "gradescope", (named("gradescope", "mallory"), stage.cheat("pass")))
    stage.import_(pack(stage, found), "--platform", "gradescope", refused=True)
