"""Broken and hostile uploads, each handed in between two honest students who must not notice.

The uploads are the functions in uploads/, grouped by module. Each is imported or graded by the real commands in a
separate process, which is measured. Afterwards, whatever the upload was: every command ended as documented and without
a traceback; the honest students' records, pages and graded notebooks are byte for byte those of a class without the
upload; the process took at most 10 s and 300 MB above its idle memory; little was written to disk; the terminal got no
control characters; and no secret appears anywhere. The figures are written to build/uploads.json.
"""

import importlib
import json
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest
from toy import TOY, TOY_MISCONCEPTIONS
from uploads.registry import UPLOADS
from uploads.stage import Driver, Stage, Templates

from autograder.course.lessons import REPOSITORY

pytestmark = pytest.mark.usefixtures("sandbox")

for _file in sorted(Path(__file__).with_name("uploads").glob("*.py")):
    importlib.import_module(f"uploads.{_file.stem}")
KINDS = ("identity", "metadata", "archives", "folders", "notebooks", "pages", "rosters", "templates", "terminal")


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    driver = Driver(tmp_path_factory.mktemp("driver"))
    yield Templates(tmp_path_factory.mktemp("templates"), (TOY, TOY_MISCONCEPTIONS), driver)
    driver.close()


@pytest.fixture(scope="module")
def table():
    rows = []
    yield rows
    path = REPOSITORY / "build" / "uploads.json"
    path.parent.mkdir(exist_ok=True)
    if len(rows) == len(UPLOADS):
        path.write_text(json.dumps([asdict(row) for row in rows], indent=1))


@pytest.fixture
def folder(tmp_path):
    """Removed at once: some of what lies in it is larger, or deeper, than pytest can remove."""
    yield tmp_path
    subprocess.run(["rm", "-rf", "--", tmp_path], check=True)


@pytest.mark.parametrize("upload", UPLOADS, ids=lambda one: f"{one.kind}-{one.__name__}")
def test_is_held(upload, templates, table, folder):
    stage = Stage(templates, folder, open_class=upload.open_class)
    stage.figures.name, stage.figures.kind = upload.__name__, upload.kind
    table.append(stage.figures)
    score = upload(stage) or 0.0
    stage.check(score)
    stage.figures.held = True


def test_there_are_enough_of_every_kind():
    count = {kind: sum(one.kind == kind for one in UPLOADS) for kind in KINDS}
    assert sum(count.values()) == len(UPLOADS) >= 120 and min(count.values()) >= 10, count
