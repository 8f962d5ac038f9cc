"""nbgrader's Formgrader in a class directory: what its button asks for is done by our worker and judge."""

import json
import urllib.request

import nbformat

from autograder.classroom import new_class
from autograder.demo import sample_submissions
from autograder.release import write_notebook

LESSON = "01_toy"


def test_the_button_of_the_formgrader_grades_with_worker_and_judge(toy_course, tmp_path, jupyter):
    classroom = new_class(toy_course, tmp_path / "class")
    notebook = sample_submissions(toy_course, LESSON)["dae"]  # a known wrong answer
    write_notebook(notebook, classroom.path / "submitted" / "dae" / LESSON / f"{LESSON}.ipynb")
    with jupyter(classroom.path) as address:
        token = address("").split("token=")[1]
        request = urllib.request.Request(
            address(f"formgrader/api/submission/{LESSON}/dae/autograde"),
            method="POST",
            headers={"Authorization": f"token {token}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert json.load(answer)["success"]
    graded = nbformat.read(classroom.path / "autograded" / "dae" / LESSON / f"{LESSON}.ipynb", as_version=4)
    assert graded.metadata.convlab.status == "graded"
    told = [
        output.evalue for cell in graded.cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
    assert len(told) == 1 and told[0].endswith("Perhaps this is it: Two times x is not x times x.")
