"""Archives in which a student, or a damaged download, tries to decide more than what that student handed in.

Students choose their name on the platform, the names of their files, and what is in their own folder. None of this may
take on another student's identity, replace, hide or delay another's submission, or stop the import.
"""

import hashlib
import json
import os
import stat
import time
import tracemalloc
import zipfile

import pytest
from imported_class import EXPORT, LESSON, canvas_name, imported, notebook, pack, submitted
from nested import nest

from autograder.errors import UsageError
from autograder.lms import archive as archive_module
from autograder.lms.archive import Archive
from autograder.lms.gradescope import Malformed, parse
from autograder.lms.platforms import detect

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore:Duplicate name")
MINE, HERS = notebook("solved by eve"), notebook("solved by ada")
CLAIM = "submission_1:\n  :submitters:\n  - :sid: jan\nada:\n  :submitters:\n  - :sid: jan\njan:\n  :submitters:\n  - :sid: ada\n"
SIGNS = {
    "gradescope": ("submission_metadata.yml", "submission_1/01_toy.ipynb"),
    "moodle": ("Jan-Peter Müller_902_assignsubmission_file/01_toy.ipynb", "x_1_assignsubmission_file_01_toy.ipynb"),
    "canvas": (canvas_name("Müller, Jan-Peter", 12, 999, "01_toy.ipynb"), "müllerjanpeter_12_998_01_toy-9.ipynb"),
    "plain": ("jan/01_toy.ipynb", "submitted/jan/01_toy.ipynb"),
}
HONEST = {
    "gradescope": {"wei": f"{EXPORT}/submission_2/01_toy.ipynb", "ada": f"{EXPORT}/submission_1/"},
    "moodle": {"wei": "王 伟_904_assignsubmission_file/01_toy.ipynb", "ada": "Ada Lovelace_901_assignsubmission_file/"},
    "canvas": {"wei": canvas_name("王, 伟", 14, 506, "01_toy.ipynb"), "ada": "lovelaceada_11_507_"},
    "plain": {"wei": "wei/01_toy.ipynb", "ada": "ada/"},
}
REAL = "submission_1:\n  :submitters:\n  - :sid: ada\nsubmission_2:\n  :submitters:\n  - :sid: wei\n"


@pytest.mark.parametrize("platform", SIGNS)
@pytest.mark.parametrize("alone", [False, True])
def test_no_sign_of_a_platform_below_a_students_own_folder_decides_anything(classroom, tmp_path, platform, alone):
    """Fails at 981fac2: `submission_metadata.yml` in one folder made the archive Gradescope's, and its text decided."""
    names = HONEST[platform]
    entries = [] if alone else [(names["wei"], notebook("wei"))]
    if platform == "gradescope":
        entries.append((f"{EXPORT}/submission_metadata.yml", REAL))
    entries.append((names["ada"] + "01_toy.ipynb", HERS))
    for signs in SIGNS.values():
        for sign in signs:
            # Canvas has no folders, but older ones left a slash in a file's name.
            entries += [(names["ada"] + sign, CLAIM if sign.endswith(".yml") else MINE)]
            entries += [(names["ada"] + sign.replace("/", "\\").upper(), MINE)]
    _, found = imported(classroom, pack(tmp_path / "x.zip", entries))
    assert submitted(classroom, "jan") is None and "jan" not in found
    assert submitted(classroom, "wei") == (None if alone else notebook("wei"))
    # There may be too many files of her own to tell which one counts, but they are never taken for another student's.
    assert submitted(classroom, "ada") in (HERS, None)


@pytest.mark.parametrize(
    "names",
    [
        ["Eve/ada/01_toy.ipynb"],
        ["eve/submitted/ada/01_toy.ipynb"],
        ["eve/submission_metadata.yml", "eve/submission_1/01_toy.ipynb"],
        ["eve/submission_metadata.yml/01_toy.ipynb", "submission_metadata.yml/ada/01_toy.ipynb"],
        ["Submission_Metadata.yml", "submission_metadata.yml.", "submission_metadata.yml /x", "eve/01_toy.ipynb"],
        [
            "ADA/01_toy.ipynb",
            "ad\u0430/01_toy.ipynb",
            "ada /01_toy.ipynb",
            "ada./01_toy.ipynb",
            "\uff41da/01_toy.ipynb",
        ],
        ["ada@example.org/01_toy.ipynb", "Ada Lovelace/01_toy.ipynb"],
    ],
)
def test_a_folder_is_a_student_only_if_it_is_exactly_the_id(classroom, tmp_path, names):
    """Fails at 981fac2: a lone folder around others was searched, and 'ADA' was taken for 'ada'."""
    _, found = imported(classroom, pack(tmp_path / "x.zip", [(name, MINE) for name in names]), "--platform", "plain")
    assert "ada" not in found and submitted(classroom, "ada") is None


def test_most_names_do_not_decide_for_the_rest(classroom, tmp_path):
    """Fails at 981fac2: three names like Canvas' made a plain archive count as Canvas', and no folder had an owner."""
    entries = [(f"x_{n}_{n}_01_toy.ipynb", MINE) for n in range(1, 4)] + [("ada/01_toy.ipynb", HERS)]
    path = pack(tmp_path / "x.zip", entries)
    with pytest.raises(UsageError, match="do not show which platform"):
        detect(Archive(path), ["ada"])
    result, _ = imported(classroom, path)
    assert result.exit_code == 2 and "--platform" in result.output
    assert imported(classroom, path, "--platform", "plain")[1]["ada"] == "imported"


@pytest.mark.parametrize("names", [["Eve/ada/01_toy.ipynb"], ["eve/submission_metadata.yml", "eve/submission_1/01_toy.ipynb"],
                                   ["in/Ada Lovelace_901_assignsubmission_file/01_toy.ipynb"]])  # fmt: skip
def test_a_lone_folder_that_is_nobodys_is_asked_about(classroom, tmp_path, names):
    result, _ = imported(classroom, pack(tmp_path / "x.zip", [(name, MINE) for name in names]))
    assert (
        result.exit_code == 2 and "which is not a student's id" in result.output and submitted(classroom, "ada") is None
    )


def test_nothing_is_written_through_a_link_into_anothers_folder(classroom, tmp_path):
    """Fails at 981fac2: the notebook replaced that of the student to whose folder the link led."""
    (classroom.path / "submitted" / "jan" / LESSON).mkdir(parents=True)
    (classroom.path / "submitted" / "jan" / LESSON / f"{LESSON}.ipynb").write_bytes(notebook("jan"))
    (classroom.path / "submitted" / "ada").symlink_to("jan")
    result, found = imported(classroom, pack(tmp_path / "x.zip", [("ada/01_toy.ipynb", MINE)]))
    assert (
        found == {"ada": "refused"} and submitted(classroom, "jan") == notebook("jan") and "is a link" in result.output
    )


# Metadata


BOMBS = {
    "deep lists": b"[" * 2_000_000,
    "deep mappings": b"{a: " * 500_000,
    "deep blocks": b"- " * 1_000_000,
    "wide": b"a:\n" + b"- 1\n" * 2_100_000,
    "laughs": b"a: &a [x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(24)),
    "many keys": b"".join(b"k%d: 1\n" % n for n in range(20_001)),
    "a key twice": b"submission_1: {}\nsubmission_1: {}\n",
    "a list as a key": b"? [a]\n: b\n",
    "two documents": b"--- {a: b}\n--- {c: d}\n",
    "NUL": b"a: \0b\n",
    "no UTF-8": b"a: \xff\xfe\n",
    "nothing": b"",
    "a list": b"- a\n",
    "an unknown name": b"a: *nowhere\n",
    "a tag on top": b"!!python/object/apply:os.system [touch pwned]\n",
    "comments": b"#" * 2_000_000,
    "too large": b" " * (64 * 2**20 + 1),
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind == "wide")) for kind in BOMBS if kind != "laughs"]
)
def test_metadata_that_would_end_or_hold_up_the_process_are_an_error_in_words(classroom, tmp_path, kind):
    """Fails at 981fac2: deeply nested YAML ended the process with a segmentation fault."""
    entries = [(f"{EXPORT}/submission_metadata.yml", BOMBS[kind]), (f"{EXPORT}/submission_1/01_toy.ipynb", MINE)]
    result, _ = imported(classroom, pack(tmp_path / "g.zip", entries))
    assert result.exit_code == 2 and "submission_metadata.yml cannot be read: " in result.output, result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "text",
    [
        "submission_1: &a\n  :submitters: *a\n",
        "submission_1:\n  :submitters: &a [*a]\n",
        "base: &a {':submitters': [{':sid': ada}]}\nsubmission_1:\n  <<: *a\n",
        "submission_1:\n  :submitters:\n  - :sid: ada\n    :sid: jan\n",
        "submission_1:\n  :submitters:\n  - :sid: !!binary YWRh\n",
        "submission_1:\n  :submitters:\n  - :sid: [ada]\n",
        "submission_1:\n  :submitters:\n  - ada\n",
        f"submission_1:\n  :submitters:\n  - :sid: {'9' * 5_000_000}\n",
        "submission_1: ada\n",
        BOMBS["laughs"].decode().replace("a:", "submission_1:", 1),
    ],
)
def test_a_submission_of_unknown_form_is_listed_and_the_next_one_imported(classroom, tmp_path, text):
    entries = [(f"{EXPORT}/submission_{n}/01_toy.ipynb", notebook(str(n))) for n in (1, 2)]
    text += "submission_2:\n  :submitters:\n  - :sid: wei\n"
    result, found = imported(
        classroom, pack(tmp_path / "g.zip", [(f"{EXPORT}/submission_metadata.yml", text), *entries])
    )
    assert result.exit_code == 1 and found["wei"] == "imported" and "does not say whose it is (" in result.output
    assert submitted(classroom, "ada") is None and submitted(classroom, "jan") is None


def test_texts_of_metadata_stay_what_they_are_and_take_no_time():
    """YAML reads 0o17, 1:20, 0x1f, no and 2026-01-01 as numbers, a boolean and a date."""
    texts = ["017", "1:20", "0x" + "f" * 400, "no", "2026-01-01", "1e9", ".inf", "1_0", "'~'"]
    people = "".join(f"  - :sid: {text}\n" for text in texts)
    found = parse(f"submission_1:\n  :submitters:\n{people}  - :sid: ~\n".encode())
    assert [one["sid"] for one in found["submission_1"]["submitters"]] == [*(text.strip("'") for text in texts), ""]


def test_a_name_that_ruby_wrote_once_is_read_wherever_it_is_referred_to():
    text = (
        "submission_1:\n  :history:\n  - :created_at: &1 2026-01-02 00:00:00 Z\n    :by: &2\n    - :name: Ada\n      :sid: ada\n"
        "  :submitters: *2\n  :created_at: *1\n"
    )
    found = parse(text.encode())["submission_1"]
    assert found == {
        "submitters": [{"name": "Ada", "sid": "ada", "email": ""}],
        "created_at": "2026-01-02 00:00:00 Z",
    }


@pytest.mark.parametrize("how", ["link", "encrypted", "bomb", "twice", "folder"])
def test_metadata_that_are_no_plain_file_are_refused(classroom, tmp_path, how):
    path, name = tmp_path / "g.zip", f"{EXPORT}/submission_metadata.yml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{EXPORT}/submission_1/01_toy.ipynb", HERS)
        info = zipfile.ZipInfo(f"{name}/x" if how == "folder" else name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (stat.S_IFLNK | 0o777) << 16 if how == "link" else 0
        file.writestr(info, b" " * (100 * 2**20) if how == "bomb" else REAL)
        if how == "twice":
            file.writestr(name, REAL.replace("ada", "jan"))
    if how == "encrypted":
        raw = bytearray(path.read_bytes())
        raw[raw.rindex(name.encode()) - 38] |= 1
        path.write_bytes(raw)
    result, _ = imported(classroom, path)
    assert result.exit_code == 2 and submitted(classroom, "ada") is None and submitted(classroom, "jan") is None
    assert "Traceback" not in result.output


# Whose notebook it is


@pytest.mark.parametrize(
    "owner",
    [
        ":sid: ADA", ":sid: \uff41da", ":email: ADA@example.org", ":email: \u017finead@example.org", ":name: ada lovelace",
        ":name: Ada  Lovelace Jr", ":name: ada", ":name: ada@example.org", ":sid: Ada Lovelace", ":email: ada",
        ":name: \u017fin\u00e9ad O'Brien", ":name: Adaª Lovelace",
    ],
)  # fmt: skip
def test_what_is_nearly_a_students_is_listed(classroom, tmp_path, owner):
    """Fails at 981fac2 for most: case, long s and other forms were folded before names and addresses were compared."""
    text = f"submission_1:\n  :submitters:\n  - {owner}\n"
    entries = [(f"{EXPORT}/submission_metadata.yml", text), (f"{EXPORT}/submission_1/01_toy.ipynb", MINE)]
    result, found = imported(classroom, pack(tmp_path / "g.zip", entries))
    assert result.exit_code == 1 and set(found.values()) == {"not_mapped"} and submitted(classroom, "ada") is None


def gradescope(tmp_path, people, name="g.zip"):
    text = "".join(f"submission_{n}:\n  :submitters:\n  - {{{who}}}\n" for n, who in enumerate(people))
    entries = [(f"{EXPORT}/submission_{n}/01_toy.ipynb", notebook(str(n))) for n in range(len(people))]
    return pack(tmp_path / name, [(f"{EXPORT}/submission_metadata.yml", text), *entries])


def test_two_who_claim_one_student_are_both_listed(classroom, tmp_path):
    """Fails at 981fac2: both were assigned to one student, and the later one counted."""
    people = ["':sid': ada, ':email': eve@example.org", "':sid': ada, ':email': ada@example.org", "':sid': wei"]
    result, found = imported(classroom, gradescope(tmp_path, people))
    assert result.exit_code == 1 and found.pop("wei") == "imported" and set(found.values()) == {"not_mapped"}
    assert submitted(classroom, "ada") is None and "other people" in result.output


def test_an_id_that_contradicts_the_name_is_listed(classroom, tmp_path):
    people = ["':sid': ada, ':name': '伟 王'", "':sid': jan, ':name': Johnny"]
    result, found = imported(classroom, gradescope(tmp_path, people))
    assert found.pop("jan") == "imported" and set(found.values()) == {"not_mapped"}
    assert "is 'ada' by id or email address, but has the name of wei" in result.output


def test_a_name_on_canvas_cannot_hold_the_ids_of_another(classroom, tmp_path):
    """Fails at 981fac2: Canvas takes '-' out of a name after it has looked for ids, so `Ada-_-11_-502_..` reads like them."""
    forged = canvas_name("lovelaceada_-11_-999_01_toy", 66, 700, "01_toy.ipynb")
    assert forged == "lovelaceada_11_999_01_toy_66_700_01_toy.ipynb"
    entries = [(canvas_name("Lovelace, Ada", 11, 501, "01_toy.ipynb"), HERS), (forged, MINE)]
    path = pack(tmp_path / "c.zip", entries)
    result, found = imported(classroom, path)
    assert result.exit_code == 1 and submitted(classroom, "ada") == HERS
    assert (
        found == {"ada": "imported", forged: "not_mapped"}
        and "user 11 or user 66: its name can be read" in result.output
    )
    # Not even if nobody in the class is user 66: a Canvas user who is not on the roster could do the same.
    (classroom.path / "roster.csv").write_text("id,canvas_id\nada,11\njan,12\nobri,13\nwei,14\ntwin1,15\ntwin2,16\n")
    assert imported(classroom, path)[1] == {"ada": "unchanged", forged: "not_mapped"}


def test_dates_in_the_names_of_files_are_no_ids(classroom, tmp_path):
    names = ["01_toy_2026_03_01.ipynb", "Homework_2026_10_5_x.ipynb", "a b_2026_10_5_x.ipynb"]
    for number, file in enumerate(names):
        name = canvas_name("Lovelace, Ada", 11, 501 + number, file)
        assert imported(classroom, pack(tmp_path / "c.zip", [(name, notebook(file))]))[1] in (
            {"ada": "imported"}, {"ada": "replaced"}
        )  # fmt: skip


def test_who_was_another_in_an_earlier_import_is_listed(classroom, tmp_path):
    """Users can change their name on the platform to that of somebody who did not hand in."""

    def canvas(who, user, upload, text):
        return imported(classroom, pack(tmp_path / "c.zip", [(canvas_name(who, user, upload, "01_toy.ipynb"), text)]))

    assert canvas("王, 伟", 14, 500, notebook("wei"))[1] == {"wei": "imported"}
    result, found = canvas("Lovelace, Ada", 14, 501, MINE)
    assert set(found.values()) == {"not_mapped"} and "was 'wei' in an earlier import" in result.output
    result, found = canvas("王, 伟", 66, 502, MINE)
    assert set(found.values()) == {"not_mapped"} and "was user 14 in an earlier import" in result.output
    # But an id that a person put on the roster is believed.
    (classroom.path / "roster.csv").write_text("id,canvas_id\nwei,66\n")
    assert canvas("王, 伟", 66, 502, MINE)[1] == {"wei": "imported"} or submitted(classroom, "wei") == MINE


@pytest.mark.parametrize(
    ("first", "second", "wins"), [("01_toy-2.ipynb", "01_toy.ipynb", 1), ("01_toy.ipynb", "01_toy-1.ipynb", 1)]
)
def test_the_later_upload_to_canvas_counts_whatever_the_files_are_called(classroom, tmp_path, first, second, wins):
    """Fails at 981fac2: a browser's '-2' outranked the attachment's number."""
    files = [
        (canvas_name("Lovelace, Ada", 11, 501 + n, file), notebook(str(n))) for n, file in enumerate((first, second))
    ]
    assert imported(classroom, pack(tmp_path / "c.zip", files))[1] == {"ada": "imported"}
    assert submitted(classroom, "ada") == notebook(str(wins))
    # The same if the two uploads come in two archives, one after the other.
    for number, status in ((0, "unchanged"), (1, "unchanged")):
        assert imported(classroom, pack(tmp_path / "c.zip", files[number : number + 1]))[1] == {"ada": status}


def test_numbers_of_two_databases_of_canvas_are_not_compared(classroom, tmp_path):
    files = [(canvas_name("Lovelace, Ada", 11, n, "01_toy.ipynb"), notebook(str(n))) for n in (501, 7 * 10**13 + 5)]
    result, found = imported(classroom, pack(tmp_path / "c.zip", files))
    assert found == {"ada": "refused"} and "it is unclear which is the latest" in result.output


def test_an_import_of_an_earlier_release_is_compared_by_the_attachment(classroom, tmp_path):
    (classroom.path / "submitted" / "ada" / LESSON).mkdir(parents=True)
    (classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb").write_bytes(HERS)
    record = {"lesson": LESSON, "student": "ada", "platform": "canvas", "entry": "x", "file": "x", "user": "11",
              "attempt": [2, 501], "zipped": "", "submitted": "", "late": False, "sha256": hashlib.sha256(HERS).hexdigest()}  # fmt: skip
    (classroom.path / "imports.jsonl").write_text(json.dumps(record) + "\n")
    later = [(canvas_name("Lovelace, Ada", 11, 502, "01_toy.ipynb"), notebook("later"))]
    assert imported(classroom, pack(tmp_path / "c.zip", later))[1] == {"ada": "replaced"}


# Sizes and numbers


@pytest.mark.slow
def test_one_students_thousands_of_files_do_not_cost_the_class_its_import(classroom, tmp_path):
    """Fails at 981fac2: more than 50,000 entries ended the import."""
    entries = [("jan/01_toy.ipynb", notebook("jan")), *((f"ada/venv/{n}.py", b"") for n in range(60_000))]
    entries += [("ada/01_toy.ipynb", HERS), ("wei/01_toy.ipynb", notebook("wei"))]
    path = pack(tmp_path / "x.zip", entries)
    result, found = imported(classroom, path)
    assert result.exit_code == 0 and found == dict.fromkeys(["ada", "jan", "wei"], "imported")
    assert len(Archive(path).entries) < 25_000


@pytest.mark.slow
def test_one_students_thousands_of_notebooks_are_refused_and_the_rest_imported(classroom, tmp_path):
    entries = [("jan/01_toy.ipynb", notebook("jan")), *((f"ada/{n}/01_toy.ipynb", MINE) for n in range(5_000))]
    result, found = imported(classroom, pack(tmp_path / "x.zip", [*entries, ("wei/01_toy.ipynb", notebook("wei"))]))
    assert result.exit_code == 1 and found["jan"] == found["wei"] == "imported" and found["ada"] == "refused"
    assert "more than 500 notebooks" in result.output and len(result.output) < 20_000


@pytest.mark.slow
def test_a_directory_of_countless_entries_costs_little_memory_and_no_other_student(classroom, tmp_path, monkeypatch):
    """Fails at 981fac2: zipfile keeps about 500 bytes of each entry, twice."""
    monkeypatch.setattr(archive_module, "MANY_ENTRIES", 1_000)
    monkeypatch.setattr(archive_module, "MAX_ENTRIES", 20_000)
    names = [
        *(f"ada/{n}/01_toy.ipynb" for n in range(30_000)),
        *(f"ada/{n}/" for n in range(1_000)),
        "wei/01_toy.ipynb",
    ]
    path = pack(tmp_path / "x.zip", [("jan/01_toy.ipynb", notebook("jan")), *((name, notebook("x")) for name in names)])
    assert len(Archive(path).entries) < 7_000
    _, found = imported(classroom, path)
    assert found["jan"] == found["wei"] == "imported" and found["ada"] == "refused"
    monkeypatch.setattr(archive_module, "MAX_SEEN", 9_000)
    result, _ = imported(classroom, path)
    assert result.exit_code == 2 and "9,000 in all" in result.output


@pytest.mark.slow
def test_equal_files_are_compared_without_keeping_them(classroom, tmp_path):
    """Fails at 981fac2: forty files of 60 MB cost 2.4 GB."""
    big = b" " * (20 * 2**20)
    path = pack(tmp_path / "x.zip", [*((f"ada/{n}/01_toy.ipynb", big) for n in range(12)), ("wei/01_toy.ipynb", MINE)])
    tracemalloc.start()
    try:
        _, found = imported(classroom, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == {"ada": "imported", "wei": "imported"} and peak < 120 * 2**20


def test_a_folder_nested_without_end_is_left_out(classroom, tmp_path):
    """Fails at 981fac2: 1,300 folders ended the import with RecursionError."""
    top = tmp_path / "in"
    (top / "wei").mkdir(parents=True)
    (top / "wei" / "01_toy.ipynb").write_bytes(notebook("wei"))
    (top / "ada").mkdir()
    nest(top / "ada", 1_300)
    result, found = imported(classroom, top)
    assert result.exit_code == 1 and found.pop("wei") == "imported" and "64 folders deep" in result.output


def test_names_of_64_kilobytes_are_not_read_aloud(classroom, tmp_path):
    entries = [("wei/01_toy.ipynb", notebook("wei")), ("ada/" + "x" * 60_000 + ".ipynb", MINE)]
    result, found = imported(classroom, pack(tmp_path / "x.zip", entries))
    assert result.exit_code == 1 and found["wei"] == "imported" and len(result.output) < 5_000


def test_a_pipe_is_no_archive(classroom, tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    begun = time.monotonic()
    result, _ = imported(classroom, tmp_path / "pipe.zip")
    assert result.exit_code == 2 and "not a zip archive" in result.output and time.monotonic() - begun < 60


def test_the_metadata_process_says_so_when_it_is_ended(monkeypatch):
    from autograder.lms import gradescope

    monkeypatch.setattr(gradescope.sys, "executable", "/bin/false")
    with pytest.raises(Malformed, match="too much time or memory"):
        gradescope.parse(b"a: b")
