"""Archives of Canvas, Moodle and Gradescope in, grades and feedback out.

The archives are made here by the rules of the platforms' own sources: Canvas `lib/content_zipper.rb` (`get_filename`,
`sanitize_user_name`, `sanitize_file_name`, `add_upload_submission`), Moodle `mod/assign/classes/downloader.php`
(`get_student_prefix`, `load_submissionplugin_filelist`), Gradescope's exports as the scripts of courses read them.
"""

import csv
import errno
import io
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path
from time import monotonic

import nbformat
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from imported_class import (
    CANVAS_EXPORT,
    EXPORT,
    LESSON,
    WORKSHEET,
    canvas_name,
    exported,
    imported,
    notebook,
    pack,
    run,
    stamp,
    submitted,
)
from nbgrader.api import Gradebook

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.classroom.matching import Owner, Roster, canvas_form, mapped
from autograder.errors import UsageError
from autograder.lms import archive as archive_module
from autograder.lms import importer
from autograder.lms.archive import Archive
from autograder.lms.platforms import _canvas_readings, detect
from autograder.lms.sheets import inert
from autograder.notebooks.file_names import lesson_of, notebooks_among
from autograder.sandbox import missing

# nbgrader 0.9 trips over rules of a newer SQLAlchemy that do not concern it.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


# The platforms' archives


def test_canvas_names_are_mapped_and_the_latest_attempt_counts(classroom, tmp_path):
    """`<last><first>[_LATE]_<user>_<attachment>_<file>`: Canvas, `lib/content_zipper.rb`."""
    entries = [
        (canvas_name("Lovelace, Ada", 11, 501, "01_toy.ipynb"), notebook("first")),
        (canvas_name("Lovelace, Ada", 11, 502, "01_toy-1.ipynb"), notebook("second")),
        (canvas_name("Lovelace, Ada", 11, 503, "01_toy-10.ipynb"), notebook("last")),
        (canvas_name("Müller, Jan-Peter", 12, 504, "01_toy (1).ipynb", late=True), notebook("jan")),
        (canvas_name("O'Brien, Sinéad", 13, 505, "01_toy-Copy1.ipynb"), notebook("sinead")),
        (canvas_name("王, 伟", 14, 506, "01_toy.ipynb"), notebook("wei")),
        (canvas_name("O'Brien, Sinéad", 13, 507, "photo.png"), b"picture"),
    ]
    result, found = imported(classroom, pack(tmp_path / "submissions.zip", entries))
    assert result.exit_code == 0, result.output
    assert found == dict.fromkeys(["ada", "jan", "obri", "wei"], "imported")
    assert [submitted(classroom, one) for one in found] == [notebook(text) for text in ("last", "jan", "sinead", "wei")]
    assert "late" in result.output and "does not say when" in result.output
    # The times in Canvas' zip are those of the download.
    assert [stamp(classroom, one) for one in found] == [None] * 4


def test_canvas_twins_and_strangers_are_listed_and_not_guessed(classroom, tmp_path):
    entries = [
        (canvas_name("Lee, Kim", 21, 601, "01_toy.ipynb"), notebook("one")),
        (canvas_name("Lee, Kim", 22, 602, "01_toy.ipynb"), notebook("two")),
        (canvas_name("Nobody, Known", 23, 603, "01_toy.ipynb"), notebook("three")),
        (canvas_name("Lovelace, Ada", 11, 604, "01_toy.ipynb"), notebook("ada")),
        ("anon_aB3xZ_605_01_toy.ipynb", notebook("anonymous")),
    ]
    path = pack(tmp_path / "submissions.zip", entries)
    result, found = imported(classroom, path)
    assert result.exit_code == 1
    assert found == {name: "not_mapped" for name, *_ in entries if "lovelace" not in name} | {"ada": "imported"}
    assert "matches several students (twin1, twin2)" in result.output and "STUDENT,21" in result.output
    assert not (classroom.path / "submitted" / "twin1").exists()
    (classroom.path / "roster.csv").write_text("id,canvas_id\ntwin1,21\ntwin2,22\n")
    result, found = imported(classroom, path)
    assert found["twin1"] == found["twin2"] == "imported" and found["ada"] == "unchanged"
    assert submitted(classroom, "twin2") == notebook("two")


def test_two_people_of_one_name_on_the_platform_are_not_guessed(classroom, tmp_path):
    """The class has one Ada Lovelace, the platform two."""
    entries = [(canvas_name("Lovelace, Ada", user, 600 + user, "01_toy.ipynb"), notebook(str(user))) for user in (1, 2)]
    result, found = imported(classroom, pack(tmp_path / "s.zip", entries))
    assert result.exit_code == 1 and set(found.values()) == {"not_mapped"} and "other people" in result.output
    (classroom.path / "roster.csv").write_text("id,canvas_id\nada,2\n")
    result, found = imported(classroom, tmp_path / "s.zip")
    assert submitted(classroom, "ada") == notebook("2") and sorted(found.values()) == ["imported", "not_mapped"]


@pytest.mark.parametrize("folders", ["4.1", "3.1", "flat"])
def test_moodle_names_are_mapped(classroom, tmp_path, folders):
    """`<full name>_<participant>_assignsubmission_file[_]/<file>`: Moodle, `mod/assign/classes/downloader.php`.

    `clean_filename` drops the apostrophe; before 4.1 the folder ended in '_' (`mod/assign/feedback/file/importziplib.php`).
    """
    tail = {"4.1": "/", "3.1": "_/", "flat": "_"}[folders]
    people = {"ada": "Ada Lovelace_901", "jan": "Müller Jan-Peter_902", "obri": "Sinéad OBrien_903", "wei": "王 伟_904"}
    names = {student: f"{who}_assignsubmission_file{tail}01_toy.ipynb" for student, who in people.items()}
    names["jan"] = unicodedata.normalize("NFD", names["jan"])
    entries = [(name, notebook(student)) for student, name in names.items()]
    entries += [("Ada Lovelace_901_assignsubmission_onlinetext/onlinetext.html", b"<p>Hello</p>")]
    result, found = imported(classroom, pack(tmp_path / "course-Toy-77.zip", entries))
    assert result.exit_code == 0, result.output
    assert found == dict.fromkeys(people, "imported")
    assert all(submitted(classroom, student) == notebook(student) for student in people)
    remembered = [json.loads(line) for line in (classroom.path / "imports.jsonl").read_text().splitlines()]
    assert {one["student"]: one["user"] for one in remembered} == {
        "ada": "901",
        "jan": "902",
        "obri": "903",
        "wei": "904",
    }


def test_moodle_folders_inside_a_students_folder_are_searched(classroom, tmp_path):
    entries = [("Ada Lovelace_901_assignsubmission_file/homework/week 1/01_toy.ipynb", notebook("deep"))]
    result, _ = imported(classroom, pack(tmp_path / "m.zip", entries))
    assert result.exit_code == 0 and submitted(classroom, "ada") == notebook("deep")


def test_a_moodle_participant_is_not_a_user_id(classroom, tmp_path):
    """`get_uniqueid_for_user` counts anew for each assignment, so it must not meet ids from elsewhere."""
    (classroom.path / "roster.csv").write_text("id,lms_user_id,canvas_id\nada,902,902\n")
    entries = [("Jan-Peter Müller_902_assignsubmission_file/01_toy.ipynb", notebook("jan"))]
    result, found = imported(classroom, pack(tmp_path / "m.zip", entries))
    assert result.exit_code == 0 and found == {"jan": "imported"}


METADATA = """\
---
submission_1001:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
    :email: someone@else.org
  :created_at: 2026-02-03 10:20:30.123456000 Z
  :score: 0.0
  :status: processed
  :history: []
submission_1002:
  :submitters:
  - :name: J. Müller
    :sid: ''
    :email: jan@example.org
  - :name: "Sinéad O'Brien"
    :sid:
    :email: private@home.net
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-02-03 23:30:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Pacific Time (US & Canada)
  :score: 1.0
submission_1003:
  :submitters:
  - :name: Kim Lee
    :sid: twin1
    :email: kim2@example.org
  :created_at: 2026-02-03 10:20:30 -0800
"""


def test_gradescope_maps_by_id_then_address_then_name_and_keeps_the_time(classroom, tmp_path):
    """`assignment_N_export/submission_N/` with `submission_metadata.yml`; a group hands in for each of its members."""
    top = "assignment_7_export"
    entries = [
        (f"{top}/submission_metadata.yml", METADATA),
        (f"{top}/submission_1001/01_toy.ipynb", notebook("ada")),
        (f"{top}/submission_1002/src/01_toy.ipynb", notebook("group")),
        (f"{top}/submission_1003/01_toy.ipynb", notebook("twin")),
        (f"{top}/submission_1004/01_toy.ipynb", notebook("unknown")),
    ]
    result, found = imported(classroom, pack(tmp_path / "export.zip", entries))
    assert result.exit_code == 1
    assert found == {
        "ada": "imported",
        "jan": "imported",
        "obri": "imported",
        f"{top}/submission_1003/01_toy.ipynb": "not_mapped",
        f"{top}/submission_1004/01_toy.ipynb": "not_mapped",
    }
    assert stamp(classroom, "ada") == "2026-02-03 10:20:30 UTC\n"
    assert stamp(classroom, "obri") == "2026-02-03 23:30:00 UTC\n"
    assert submitted(classroom, "jan") == submitted(classroom, "obri") == notebook("group")
    assert "matches several students (twin1, twin2)" in result.output
    assert importer.parse_utc(stamp(classroom, "ada").strip()) == datetime(2026, 2, 3, 10, 20, 30)


def test_a_gradescope_export_without_or_with_broken_metadata_is_refused(classroom, tmp_path):
    for number, text in enumerate(["a: [", "!!python/object/apply:os.system [touch /tmp/pwned]"]):
        entries = [(f"{EXPORT}/submission_metadata.yml", text), (f"{EXPORT}/submission_1/01_toy.ipynb", notebook())]
        result, _ = imported(classroom, pack(tmp_path / f"{number}.zip", entries))
        assert result.exit_code == 2 and "submission_metadata.yml cannot be read" in result.output
    path = pack(tmp_path / "none.zip", [("submission_1/01_toy.ipynb", notebook())])
    result, _ = imported(classroom, path, "--platform", "gradescope")
    assert result.exit_code == 2 and "there is no submission_metadata.yml" in result.output


def test_a_plain_zip_or_folder_takes_the_newest_file(classroom, tmp_path):
    old, new = (2026, 3, 1, 12, 0, 0), (2026, 3, 2, 12, 0, 0)
    entries = [
        ("hand-ins/ada/first/01_toy.ipynb", notebook("new"), new),
        ("hand-ins/ada/second/01_toy.ipynb", notebook("old"), old),
        ("hand-ins/jan/anything.ipynb", notebook("jan")),
        ("hand-ins/stranger/01_toy.ipynb", notebook("stranger")),
        ("__MACOSX/hand-ins/ada/._01_toy.ipynb", b"junk"),
        ("hand-ins/jan/.ipynb_checkpoints/01_toy-checkpoint.ipynb", notebook("checkpoint")),
    ]
    path = pack(tmp_path / "hand-ins.zip", entries)
    result, found = imported(classroom, path)
    assert result.exit_code == 1
    assert found == {"ada": "imported", "jan": "imported", "hand-ins/stranger/01_toy.ipynb": "not_mapped"}
    assert submitted(classroom, "ada") == notebook("new") and submitted(classroom, "jan") == notebook("jan")
    assert "its name is 'anything.ipynb'" in result.output
    with zipfile.ZipFile(path) as file:
        file.extractall(tmp_path / "folder")
    result, found = imported(classroom, tmp_path / "folder" / "hand-ins")
    assert result.exit_code == 1 and found["jan"] == "unchanged"


def test_without_a_roster_the_folders_of_a_plain_archive_are_the_ids(toy_course, tmp_path):
    classroom = new_class(toy_course, tmp_path / "open")
    entries = [("submitted/zoe/01_toy/01_toy.ipynb", notebook("zoe")), ("submitted/b@d!/01_toy.ipynb", notebook())]
    result, found = imported(classroom, pack(tmp_path / "p.zip", entries))
    assert result.exit_code == 1 and found == {"zoe": "imported", "b@d!": "not_mapped"}
    canvas = pack(tmp_path / "c.zip", [(canvas_name("Lovelace, Ada", 1, 2, "01_toy.ipynb"), notebook())])
    result, _ = imported(classroom, canvas)
    assert result.exit_code == 2 and "the class has no students" in result.output and "--roster" in result.output


def test_the_platform_can_be_named(classroom, tmp_path):
    entries = [("ada/01_toy.ipynb", notebook("ada")), ("x_1_2_01_toy.ipynb", notebook("x"))]
    path = pack(tmp_path / "x.zip", entries)
    with pytest.raises(UsageError, match="do not show which platform"):
        detect(Archive(path), ["ada"])
    result, found = imported(classroom, path, "--platform", "plain")
    assert result.exit_code == 1 and found == {"ada": "imported", "x_1_2_01_toy.ipynb": "not_mapped"}


def test_names_without_the_utf_8_mark_are_read_all_the_same(classroom, tmp_path):
    """macOS packs UTF-8 names without saying so; Python's zipfile then reads them as code page 437."""
    name = "Sinéad OBrien_903_assignsubmission_file_/01_toy.ipynb".encode()
    packed = pack(tmp_path / "x.zip", [("N" * len(name), notebook("sinead"))]).read_bytes()
    (tmp_path / "x.zip").write_bytes(packed.replace(b"N" * len(name), name))
    result, found = imported(classroom, tmp_path / "x.zip")
    assert result.exit_code == 0 and found == {"obri": "imported"}


# What counts among several


@pytest.mark.parametrize(
    "file",
    ["01_toy.ipynb", "01_toy (1).ipynb", "01_toy-1.ipynb", "01_toy-Copy1.ipynb", "01_toy (2)-Copy1.ipynb", "01_TOY.IPYNB",
     "01_toy.ipynb.json", "01_toy+(3).ipynb", "01_toy - Copy.ipynb", "01 toy.ipynb"],
)  # fmt: skip
def test_a_notebook_that_was_renamed_on_its_way_is_known(file):
    assert lesson_of(file, ["01_toy", "02_toy"]) == "01_toy"


@pytest.mark.parametrize(
    "file", ["01_toys.ipynb", "my 01_toy.ipynb", "toy.ipynb", "-1.ipynb", ".ipynb", "11_toy.ipynb"]
)
def test_another_name_is_not_taken_for_the_lesson(file):
    assert lesson_of(file, ["01_toy", "02_toy"]) == ""


def test_each_of_several_notebooks_is_the_file_of_its_name_or_its_only_copy():
    files = ["a (1).ipynb", "a.ipynb", "b-Copy1.ipynb", "c (1).ipynb", "c (2).ipynb", "mine.ipynb", "a.csv"]
    found = {"a": "a.ipynb", "b": "b-Copy1.ipynb", "c": "", "d": ""}
    assert notebooks_among(files, list(found)) == found
    assert notebooks_among(["a-1.ipynb"], ["a", "a-1"]) == {"a": "", "a-1": "a-1.ipynb"}


def test_two_different_files_of_one_student_are_refused_and_equal_ones_are_not(classroom, tmp_path):
    folder = "Ada Lovelace_901_assignsubmission_file"
    entries = [(f"{folder}/01_toy.ipynb", notebook("a")), (f"{folder}/01_toy (1).ipynb", notebook("b"))]
    result, found = imported(classroom, pack(tmp_path / "m.zip", entries))
    assert result.exit_code == 1 and found == {"ada": "refused"} and "files of one student differ" in result.output
    assert submitted(classroom, "ada") is None
    entries[1] = (f"{folder}/01_toy (1).ipynb", notebook("a"))
    result, found = imported(classroom, pack(tmp_path / "m.zip", entries))
    assert result.exit_code == 0 and submitted(classroom, "ada") == notebook("a")


def test_no_notebook_and_another_lessons_notebook_are_refused(classroom, tmp_path):
    for kind in ("source", "release"):
        other = classroom.path / kind / "02_other"
        other.mkdir()
        (other / "02_other.ipynb").write_bytes(notebook())
    entries = [
        ("ada/essay.pdf", b"%PDF"),
        ("jan/02_other.ipynb", notebook()),
        ("obri/a.ipynb", notebook("a")),
        ("obri/b.ipynb", notebook("b")),
        ("wei/01_toy.ipynb", notebook("wei")),
    ]
    result, found = imported(classroom, pack(tmp_path / "x.zip", entries))
    assert result.exit_code == 1
    assert found == {"ada": "refused", "jan": "refused", "obri": "refused", "wei": "imported"}
    for sentence in (
        "no notebook was handed in, only essay.pdf",
        "another lesson, 02_other",
        "none is named 01_toy.ipynb",
    ):
        assert sentence in result.output


def test_importing_again_replaces_only_what_differs_and_is_not_older(classroom, tmp_path):
    def export(name, text, time, extra=""):
        metadata = f"submission_1:\n  :submitters:\n  - :sid: ada\n  :created_at: {time}\n{extra}"
        entries = [
            (f"{EXPORT}/submission_metadata.yml", metadata),
            (f"{EXPORT}/submission_1/01_toy.ipynb", notebook(text)),
        ]
        return imported(classroom, pack(tmp_path / name, entries))[1]["ada"]

    assert export("1.zip", "one", "2026-02-02 10:00:00 Z") == "imported"
    assert export("1.zip", "one", "2026-02-02 10:00:00 Z") == "unchanged"
    assert export("2.zip", "two", "2026-02-02 12:00:00 Z") == "replaced"
    assert export("1.zip", "one", "2026-02-02 10:00:00 Z") == "unchanged"
    assert submitted(classroom, "ada") == notebook("two") and stamp(classroom, "ada") == "2026-02-02 12:00:00 UTC\n"


def test_an_older_canvas_attempt_or_moodle_archive_replaces_nothing(classroom, tmp_path):
    for upload, text, status in ((501, "one", "imported"), (502, "two", "replaced"), (501, "one", "unchanged")):
        entries = [(canvas_name("Lovelace, Ada", 11, upload, "01_toy.ipynb"), notebook(text))]
        assert imported(classroom, pack(tmp_path / "c.zip", entries))[1] == {"ada": status}
    assert submitted(classroom, "ada") == notebook("two")
    for day, text, status in ((2, "one", "imported"), (3, "two", "replaced"), (2, "one", "unchanged")):
        entries = [("王 伟_904_assignsubmission_file/01_toy.ipynb", notebook(text))]
        archive = pack(tmp_path / "m.zip", entries, time=(2026, 3, day, 8, 0, 0))
        assert imported(classroom, archive)[1] == {"wei": status}
    assert submitted(classroom, "wei") == notebook("two")


def test_a_new_notebook_of_unknown_time_does_not_inherit_the_old_time(classroom, tmp_path):
    folder = classroom.path / "submitted" / "ada" / LESSON
    folder.mkdir(parents=True)
    (folder / f"{LESSON}.ipynb").write_bytes(notebook("old"))
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC\n")
    entries = [(canvas_name("Lovelace, Ada", 11, 501, "01_toy.ipynb"), notebook("new"))]
    assert imported(classroom, pack(tmp_path / "c.zip", entries))[1] == {"ada": "replaced"}
    assert submitted(classroom, "ada") == notebook("new") and stamp(classroom, "ada") is None


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_loses_nothing(classroom, tmp_path, monkeypatch, step):
    entries = [("ada/01_toy.ipynb", notebook("one"))]
    imported(classroom, pack(tmp_path / "1.zip", entries))
    real = getattr(os, step)

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    later = pack(tmp_path / "2.zip", [("ada/01_toy.ipynb", notebook("two"))], time=(2026, 3, 2, 0, 0, 0))
    result, found = imported(classroom, later)
    assert result.exit_code == 1 and found == {"ada": "refused"} and "the disk is full" in result.output
    assert submitted(classroom, "ada") == notebook("one")
    assert sorted(path.name for path in (classroom.path / "submitted" / "ada" / LESSON).iterdir()) == ["01_toy.ipynb"]
    monkeypatch.setattr(os, step, real)
    assert imported(classroom, later)[1] == {"ada": "replaced"} and submitted(classroom, "ada") == notebook("two")


# Hostile archives


def test_slips_absolute_paths_links_and_passwords_are_refused_and_the_rest_imported(classroom, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("../../evil/01_toy.ipynb", "/tmp/01_toy.ipynb", "C:\\01_toy.ipynb", "ada/..\\..\\01_toy.ipynb"):
            file.writestr(name, notebook("evil"))
        link = zipfile.ZipInfo("jan/01_toy.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("ada/01_toy.ipynb", notebook("ada"))
        file.writestr("wei/01_toy.ipynb", notebook("wei"), zipfile.ZIP_BZIP2)
        file.writestr("obri/01_toy.ipynb", notebook("secret"))
    raw = bytearray(path.read_bytes())
    # The flag "encrypted" in the central directory's entry of obri.
    place = raw.rindex(b"obri/01_toy.ipynb") - 46
    assert raw[place : place + 4] == b"PK\x01\x02"
    raw[place + 8] |= 1
    path.write_bytes(raw)
    before = sorted(tmp_path.iterdir())
    result, found = imported(classroom, path)
    assert result.exit_code == 1
    assert found.pop("ada") == "imported" and submitted(classroom, "ada") == notebook("ada")
    assert len(found) == 7 and set(found.values()) == {"refused"}
    for sentence in (
        "leads out of the archive",
        "absolute path",
        "a link or a device",
        "encrypted",
        "compressed in a way",
    ):
        assert sentence in result.output
    assert sorted(tmp_path.iterdir()) == before
    assert sorted(p.name for p in (classroom.path / "submitted").iterdir()) == ["ada"]


def test_a_zip_bomb_is_stopped_while_it_is_read_whatever_its_header_says(classroom, tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "MAX_BYTES", 2**20)
    path = pack(tmp_path / "x.zip", [("ada/01_toy.ipynb", b"0" * 2**26), ("jan/01_toy.ipynb", notebook("jan"))])
    assert path.stat().st_size < 2**17
    result, found = imported(classroom, path)
    assert found == {"ada": "refused", "jan": "imported"} and "the file has more than 1 MB" in result.output
    # Headers that promise 100 bytes.
    raw = path.read_bytes().replace(struct.pack("<I", 2**26), struct.pack("<I", 100))
    path.write_bytes(raw)
    result, found = imported(classroom, path)
    assert found == {"ada": "refused", "jan": "unchanged"} and "the entry is damaged" in result.output


def test_the_bytes_and_the_entries_of_an_archive_are_limited(classroom, tmp_path, monkeypatch):
    text = notebook("x" * 1000)
    entries = [
        *((f"ada/{n}/01_toy.ipynb", text) for n in range(4)),
        ("jan/01_toy.ipynb", text),
        ("wei/01_toy.ipynb", text),
    ]
    path = pack(tmp_path / "x.zip", entries)
    monkeypatch.setattr(archive_module, "MAX_BYTES_EACH", 2 * len(text))
    result, found = imported(classroom, path)
    assert (
        found == {"ada": "refused", "jan": "imported", "wei": "imported"}
        and "the student's files together have more than" in result.output
    )
    monkeypatch.setattr(archive_module, "MAX_ENTRIES", 2)
    result, _ = imported(classroom, path)
    assert result.exit_code == 2 and "more entries than any class needs (at most 2 that count" in result.output


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_two_files(classroom, tmp_path):
    entries = [("ada/01_toy.ipynb", notebook("one")), ("ada/01_toy.ipynb", notebook("two"))]
    result, found = imported(classroom, pack(tmp_path / "x.zip", entries))
    assert result.exit_code == 1 and found == {"ada": "refused"} and submitted(classroom, "ada") is None


def test_names_without_end_do_not_hold_up_the_import(classroom, tmp_path):
    long = "01_toy" + "-1" * 30_000
    entries = [
        (f"lovelaceada_11_501_{long}.ipynb", notebook("one")),
        (f"lovelaceada_11_{'9' * 5000}_01_toy.ipynb", notebook("two")),
        (f"lovelaceada_11_502_01_toy-{'9' * 5000}.ipynb", notebook("three")),
        ("lovelaceada_11_503_01_toy.ipynb", notebook("ada")),
    ]
    begun = monotonic()
    imported(classroom, pack(tmp_path / "x.zip", entries), "--platform", "canvas")
    assert submitted(classroom, "ada") == notebook("ada") and monotonic() - begun < 20


def test_links_in_a_folder_are_refused(classroom, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("secret"))
    for student in ("ada", "jan", "wei"):
        (tmp_path / "in" / student).mkdir(parents=True)
    (tmp_path / "in" / "ada" / "01_toy.ipynb").symlink_to(secret)
    (tmp_path / "in" / "jan" / "01_toy.ipynb").write_bytes(notebook("jan"))
    os.mkfifo(tmp_path / "in" / "wei" / "01_toy.ipynb")
    (tmp_path / "in" / "obri").symlink_to(tmp_path)
    result, found = imported(classroom, tmp_path / "in")
    assert result.exit_code == 1
    assert found == {
        "jan": "imported",
        "ada/01_toy.ipynb": "refused",
        "wei/01_toy.ipynb": "refused",
        "obri": "refused",
    }


def test_names_cannot_write_on_the_terminal(classroom, tmp_path):
    entries = [
        (canvas_name("Lovelace, Ada", 1, 2, "01_toy.ipynb"), notebook()),
        ("\x1b[2J\u202egpj_1_2_x.ipynb", notebook()),
    ]
    result, _ = imported(classroom, pack(tmp_path / "x.zip", entries))
    assert result.exit_code == 1 and "\x1b" not in result.output and "\u202e" not in result.output


# Calls that cannot work


def test_bad_calls_say_what_to_do(classroom, tmp_path):
    (tmp_path / "not.zip").write_bytes(b"Rar!\x1a\x07" * 50)
    (tmp_path / "cut.zip").write_bytes(
        pack(tmp_path / "whole.zip", [("ada/01_toy.ipynb", notebook())]).read_bytes()[:99]
    )
    (tmp_path / "empty").mkdir()
    (classroom.path / "source" / "03_new").mkdir()
    (classroom.path / "source" / "03_new" / "03_new.ipynb").write_bytes(notebook())
    good = tmp_path / "whole.zip"
    for arguments, sentence in (
        ((LESSON, tmp_path / "not.zip"), "this is not a zip archive"),
        ((LESSON, tmp_path / "cut.zip"), "this is not a zip archive"),
        ((LESSON, tmp_path / "none.zip"), "there is no such file"),
        ((LESSON, tmp_path / "empty"), "the archive contains no notebook"),
        (("02_tpyo", good), "there is no lesson '02_tpyo'"),
        (("03_new", good), "the lesson '03_new' is not released"),
        ((LESSON, good, "--platform", "moodel"), "moodel"),
        ((LESSON, good, "--roster", tmp_path / "no.csv"), "there is no such file"),
    ):
        result = run("import", classroom.path, *arguments)
        assert result.exit_code == 2 and sentence in result.output, (arguments, result.output)
    assert not any((classroom.path / "submitted").iterdir())


def test_a_student_of_the_mapping_who_is_not_in_the_class_is_listed(classroom, tmp_path):
    (classroom.path / "roster.csv").write_text("id,first_name,last_name\nnew,Grace,Hopper\n")
    entries = [("Grace Hopper_905_assignsubmission_file/01_toy.ipynb", notebook())]
    result, found = imported(classroom, pack(tmp_path / "m.zip", entries))
    assert result.exit_code == 1 and found == {"new": "not_mapped"} and "nbgrader db student add new" in result.output


# Names

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=12)


@given(first=NAMES, last=NAMES, form=st.sampled_from(["NFC", "NFD"]), user=st.integers(1, 10**9))
@example(first="0", last="0⊄", form="NFD", user=1)  # decomposed, the symbol leaves its stroke behind
def test_any_name_that_canvas_writes_finds_its_student(first, last, form, user):
    """The sortable name in lower case, word characters only; `sanitize_user_name` takes underscores around digits."""
    assume("_" not in first + last and canvas_form(first) and canvas_form(last))
    assume(not any(unicodedata.category(one) in ("Nl", "No") for one in unicodedata.normalize("NFKD", first + last)))
    assume(not any(unicodedata.category(one) in ("Nl", "No", "So", "Pc") for one in first + last))
    name = canvas_name(f"{unicodedata.normalize(form, last)}, {unicodedata.normalize(form, first)}", user, 7, "a.ipynb")
    (text, match), *_ = _canvas_readings(name)
    assert match["user"] == str(user) and match["file"] == "a.ipynb" and not re.search("LATE", text)
    roster = Roster(
        [{"id": "x", "first_name": first, "last_name": last}, {"id": "y", "first_name": "Someone", "last_name": "Else"}]
    )
    owner = Owner(text, match["user"])
    assert mapped([owner], roster, "canvas")[0] == {owner: "x"}


@given(names=st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=6))
def test_students_whose_names_read_the_same_are_never_told_apart(names):
    """Whoever is found is the only one of the name."""
    roster = Roster([{"id": str(n), "first_name": first, "last_name": last} for n, (first, last) in enumerate(names)])
    for number, (first, last) in enumerate(names):
        owner = Owner(canvas_form(f"{last}, {first}"))
        found, faults = mapped([owner], roster, "canvas")
        same = sum(canvas_form(f"{b}, {a}") == owner.name for a, b in names)
        assert found == ({owner: str(number)} if same == 1 and owner.name else {}) and len(found) + len(faults) == 1


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader_of_archives(content):
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(b"PK\x05\x06" + content)
        file.flush()
        try:
            Archive(Path(file.name)).__exit__()
        except UsageError as error:
            assert "not a zip archive" in str(error)


# nbgrader's own way stays open


@pytest.mark.slow
def test_zip_collect_still_works_in_a_class_directory(classroom):
    folder = classroom.path / "downloaded" / LESSON / "archive"
    folder.mkdir(parents=True)
    pack(folder / "x.zip", [("ada_attempt_2026-01-30-15-00-00_01_toy.ipynb", notebook("collected"))])
    pattern = r".*/(?P<student_id>\w+?)_attempt_(?P<timestamp>[0-9-]+)_(?P<file_id>\w+)"
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "zip_collect",
        LESSON,
        f"--FileNameCollectorPlugin.named_regexp={pattern}",
    ]
    subprocess.run(command, cwd=classroom.path, check=True, capture_output=True)
    assert submitted(classroom, "ada") == notebook("collected")
    assert stamp(classroom, "ada").startswith("2026-01-30 15:00:00")


# Grades out


def test_canvas_gets_a_gradebook_that_it_imports(graded):
    """Header, `Points Possible`, ids before names: Canvas, `lib/gradebook_importer.rb`."""
    (graded.path / "imports.jsonl").write_text(
        json.dumps({"lesson": LESSON, "student": "ada", "platform": "canvas", "user": "11"}) + "\n"
    )
    result, rows = exported(graded, "--format", "canvas")
    assert result.exit_code == 0 and "1 submission(s) have answers that wait for manual grading" in result.output
    assert rows[:2] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LESSON],
        ["    Points Possible", "", "", "", "", "5"],
    ]
    assert {row[2]: (row[0], row[1], row[5]) for row in rows[2:]} == {
        "ada": ("Lovelace, Ada", "11", "2"),
        "jan": ("Müller, Jan-Peter", "", ""),
        "obri": ("O'Brien, Sinéad", "", ""),
        "wei": ("王, 伟", "", ""),
        "twin1": ("Lee, Kim", "", "5"),
        "twin2": ("Lee, Kim", "", ""),
    }


def test_canvas_own_export_keeps_its_rows_and_ids(graded, tmp_path):
    template = tmp_path / "grades.csv"
    template.write_text("\ufeff" + CANVAS_EXPORT, encoding="utf-8")
    result, rows = exported(graded, "--format", "canvas", "--template", template)
    before = list(csv.reader(io.StringIO(CANVAS_EXPORT)))
    assert [row[6] for row in rows] == ["01 Toy (9001)", "Manual Posting", "10", "5", "", "2", "", "7", ""]
    assert [[*row[:5], *row[7:]] for row in rows] == [[*row[:5], *row[7:]] for row in before]
    assert rows[3][5] == "'=1+1" and rows[5][5] == "keep me"
    assert (graded.path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "expects at most 10 points, the lesson has 5" in result.output
    assert result.exit_code == 0 and "Guest, A" in result.output and "Test" not in result.output


def test_a_column_of_another_name_has_to_be_named(graded, tmp_path):
    template = tmp_path / "grades.csv"
    template.write_text(CANVAS_EXPORT.replace("01 Toy (9001)", "Homework 1 (9001)"), encoding="utf-8")
    result, _ = exported(graded, "--format", "canvas", "--template", template)
    assert result.exit_code == 1 and "--column '01_toy=Title (id)'" in result.output
    option = ("--column", "01_toy=Homework 1 (9001)")
    result, rows = exported(graded, "--format", "canvas", "--template", template, *option)
    assert result.exit_code == 0 and rows[5][6] == "2"
    result, _ = exported(graded, "--format", "canvas", "--template", template, "--column", "01_toy=Nothing")
    assert result.exit_code == 2 and "there is no column 'Nothing'" in result.output


def test_moodles_worksheet_is_filled_in(graded, tmp_path):
    """`Identifier`, `Grade` and `Last modified (grade)` stay what they are: Moodle, `offline/importgradeslib.php`."""
    template = tmp_path / "worksheet.csv"
    template.write_text(WORKSHEET, encoding="utf-8")
    result, rows = exported(graded, "--format", "moodle", "--template", template)
    before = list(csv.reader(io.StringIO(WORKSHEET)))
    assert [(row[4], row[9]) for row in rows[1:]] == [
        ("2", "2 of 5 points; 1 taken off for lateness"),
        ("5", "5 of 5 points"),
        ("", ""),
        ("", ""),
    ]
    assert rows[3][1] == "'=HYPERLINK(1)"
    assert [[row[0], *row[5:9]] for row in rows] == [[row[0], *row[5:9]] for row in before]
    assert result.exit_code == 0 and "matches several students (twin1, twin2)" in result.output


def test_moodle_without_a_worksheet_needs_the_numbers_of_an_import(graded):
    record = {"lesson": LESSON, "student": "ada", "platform": "moodle", "user": "901"}
    (graded.path / "imports.jsonl").write_text(json.dumps(record) + "\n")
    result, rows = exported(graded, "--format", "moodle")
    assert result.exit_code == 1 and "twin1: Moodle's participant id of this student is unknown" in result.output
    assert rows[1][:6] == ["Participant 901", "Ada Lovelace", "ada@example.org", "", "2", "5"] and len(rows) == 2


def test_a_grade_without_a_row_in_the_template_is_reported(graded, tmp_path):
    template = tmp_path / "worksheet.csv"
    template.write_text("\n".join(WORKSHEET.splitlines()[:2]) + "\n", encoding="utf-8")
    result, _ = exported(graded, "--format", "moodle", "--template", template)
    assert result.exit_code == 1 and "twin1, 01_toy: the template has no row for this student" in result.output


def test_csv_has_the_columns_of_nbgraders_export(graded):
    result, rows = exported(graded, "--format", "csv")
    assert result.exit_code == 0
    ada = dict(zip(rows[0], rows[1], strict=True))
    assert (ada["student_id"], ada["raw_score"], ada["late_submission_penalty"], ada["score"]) == ("ada", "3", "1", "2")
    assert "assignment,timestamp,student_id" in run("export", graded.path, "--format", "csv").output


def test_templates_that_do_not_fit_are_refused(graded, tmp_path):
    for form, text, sentence in (
        ("canvas", WORKSHEET, "not an export of Canvas' gradebook"),
        ("moodle", CANVAS_EXPORT, "not a grading worksheet of Moodle"),
        ("moodle", "", "it is empty"),
        ("canvas", 'a,"b\n', "the template cannot be read"),
        ("csv", WORKSHEET, "--template needs"),
    ):
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        result, _ = exported(graded, "--format", form, "--template", tmp_path / "t.csv")
        assert result.exit_code == 2 and sentence in result.output, (form, result.output)
    assert run("export", graded.path, "--format", "csv", "-o", "/proc/no/out.csv").exit_code == 1


@given(st.text(max_size=30))
def test_no_text_becomes_a_formula(text):
    """OWASP, "CSV injection": a cell that begins with =, +, -, @, a tab or a carriage return is executed."""
    safe = inert(text)
    assert safe in (text, f"'{text}") and inert(safe) == safe
    assert re.fullmatch(r"[+-]?[\d.,]*%?|-", safe) or not safe.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))


# Feedback out


def test_feedback_goes_back_under_the_names_that_came(classroom, tmp_path):
    """Canvas: the notebook's name; Moodle: the student's folder, `mod/assign/feedback/file/importziplib.php`."""
    canvas = [
        (canvas_name("Lovelace, Ada", 11, 501, "01_toy-1.ipynb", late=True), notebook("ada")),
        (canvas_name("Müller, Jan-Peter", 12, 502, "01_toy.ipynb"), notebook("jan")),
    ]
    moodle = [
        ("Ada Lovelace_901_assignsubmission_file/week 1/01_toy.ipynb", notebook("ada")),
        ("王 伟_904_assignsubmission_file_01_toy.ipynb", notebook("wei")),
    ]
    imported(classroom, pack(tmp_path / "c.zip", canvas))
    imported(classroom, pack(tmp_path / "m.zip", moodle))
    for student in ("ada", "jan", "wei"):
        page = classroom.path / "feedback" / student / LESSON / f"{LESSON}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{student}</p>")
    out = tmp_path / "back.zip"
    result = run("export-feedback", classroom.path, LESSON, "--format", "canvas", "-o", out)
    assert result.exit_code == 1 and "wei: nothing of 01_toy was imported from canvas" in result.output
    with zipfile.ZipFile(out) as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == {
            "lovelaceada_LATE_11_501_01_toy-1.html": "<p>ada</p>",
            "müllerjanpeter_12_502_01_toy.html": "<p>jan</p>",
        }
    result = run("export-feedback", classroom.path, LESSON, "--format", "moodle", "-o", out)
    with zipfile.ZipFile(out) as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == {
            "Ada Lovelace_901_assignsubmission_file_/01_toy.html": "<p>ada</p>",
            "王 伟_904_assignsubmission_file_/01_toy.html": "<p>wei</p>",
        }
        for name in file.namelist():
            # Moodle's importer splits a path's parts like this.
            who, number, kind, plugin, _ = name.split("/")[0].split("_", 4)
            assert who and number.isdigit() and (kind, plugin) == ("assignsubmission", "file")


def test_each_notebook_of_a_lesson_is_imported_and_has_its_page(classroom, tmp_path):
    """Fails at df4d209: a lesson had one notebook, and the other was refused or left."""
    for folder in ("source", "release"):
        first = classroom.path / folder / LESSON / f"{LESSON}.ipynb"
        (first.parent / "plots.ipynb").write_bytes(first.read_bytes())
    canvas = [
        (canvas_name("Lovelace, Ada", 11, 501, "01_toy-1.ipynb"), notebook("a toy")),
        (canvas_name("Lovelace, Ada", 11, 502, "plots.ipynb"), notebook("an old plot")),
        (canvas_name("Lovelace, Ada", 11, 503, "plots-1.ipynb"), notebook("a plot")),
        (canvas_name("Lovelace, Ada", 11, 504, "scratch.ipynb"), notebook("neither")),
        (canvas_name("Müller, Jan-Peter", 12, 505, "01_toy.ipynb"), notebook("jan")),
        (canvas_name("王, 伟", 14, 506, "homework.ipynb"), notebook("wei")),
    ]
    result, _ = imported(classroom, pack(tmp_path / "c.zip", canvas))
    said = " ".join(result.output.split())
    assert result.exit_code == 1 and "none of the lesson's notebooks was handed in, only homework.ipynb" in said
    ada = classroom.path / "submitted" / "ada" / LESSON
    handed_in = {path.name: path.read_bytes() for path in ada.glob("*.ipynb")}
    assert handed_in == {"01_toy.ipynb": notebook("a toy"), "plots.ipynb": notebook("a plot")}
    lines = [json.loads(line) for line in (classroom.path / "imports.jsonl").read_text().splitlines()]
    assert [(line["student"], line.get("notebook")) for line in lines] == [
        ("ada", None),
        ("ada", "plots"),
        ("jan", None),
    ]
    assert [one.missing for one in classroom.submissions([LESSON]) if one.student == "jan"] == [False, True]
    for student in ("ada", "jan"):
        for name in (LESSON, "plots"):
            page = classroom.path / "feedback" / student / LESSON / f"{name}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"<p>{student}: {name}</p>")
    result = run("export-feedback", classroom.path, LESSON, "--format", "canvas", "-o", tmp_path / "back.zip")
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(tmp_path / "back.zip") as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == {
            "lovelaceada_11_501_01_toy-1.html": "<p>ada: 01_toy</p>",
            "lovelaceada_11_503_plots-1.html": "<p>ada: plots</p>",
            "müllerjanpeter_12_505_01_toy.html": "<p>jan: 01_toy</p>",
            "müllerjanpeter_12_505_01_toy_plots.html": "<p>jan: plots</p>",
        }


def test_feedback_on_an_earlier_submission_is_not_handed_back(classroom, tmp_path):
    entries = [(canvas_name("Lovelace, Ada", 11, 501, "01_toy.ipynb"), notebook("ada"))]
    page = classroom.path / "feedback" / "ada" / LESSON / f"{LESSON}.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>of an earlier one</p>")
    os.utime(page, (1, 1))
    imported(classroom, pack(tmp_path / "c.zip", entries))
    result = run("export-feedback", classroom.path, LESSON, "--format", "canvas", "-o", tmp_path / "back.zip")
    assert result.exit_code == 1 and "is not graded yet" in result.output and not (tmp_path / "back.zip").exists()


# Late penalties


PLUGIN = """

from nbgrader.plugins import LateSubmissionPlugin


class OnePointPerDay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 86400


c.AssignLatePenalties.plugin_class = OnePointPerDay
"""


@pytest.mark.slow
def test_nbgraders_late_plugin_takes_points_off_in_gradebook_feedback_and_export(classroom, toy_course, tmp_path):
    """nbgrader, "Writing custom late submission plugins": due date, time of handing in, a class in the configuration."""
    config = classroom.path / "nbgrader_config.py"
    config.write_text(config.read_text() + PLUGIN)
    command = [sys.executable, "-m", "nbgrader", "db", "assignment", "add", LESSON, "--duedate=2026-02-01 00:00:00 UTC"]
    subprocess.run(command, cwd=classroom.path, check=True, capture_output=True)
    answers = nbformat.writes(sample_submissions(toy_course, LESSON)["ada"])
    metadata, entries = "", []
    for number, (student, time) in enumerate((("ada", "2026-02-03 00:00:00 Z"), ("jan", "2026-01-31 23:59:59 Z"))):
        metadata += f"submission_{number}:\n  :submitters:\n  - :sid: {student}\n  :created_at: {time}\n"
        entries.append((f"{EXPORT}/submission_{number}/01_toy.ipynb", answers))
    result, _ = imported(
        classroom, pack(tmp_path / "g.zip", [(f"{EXPORT}/submission_metadata.yml", metadata), *entries])
    )
    assert result.exit_code == 0, result.output
    assert run("grade", classroom.path, *(["--unsafe-no-sandbox"] if missing() else [])).exit_code == 0
    with Gradebook(classroom.db_url) as gradebook:
        ada, jan = (gradebook.find_submission(LESSON, student) for student in ("ada", "jan"))
        assert (ada.score, ada.late_submission_penalty, ada.total_seconds_late) == (3, 2, 2 * 86400)
        assert (jan.score, jan.late_submission_penalty) == (3, 0)
    page = (classroom.path / "feedback" / "ada" / LESSON / f"{LESSON}.html").read_text()
    assert "Handed in late: 2 points were taken off" in page
    assert "Handed in late" not in (classroom.path / "feedback" / "jan" / LESSON / f"{LESSON}.html").read_text()
    _, rows = exported(classroom, "--format", "canvas", "--unfinished")
    assert {row[2]: row[5] for row in rows[2:] if row[5]} == {"ada": "1", "jan": "3"}
