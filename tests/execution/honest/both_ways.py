"""Runs honest answers and their tests twice: as plain Jupyter would, and with worker and judge, which must agree."""

from dataclasses import dataclass

import nbformat

SETUP = "import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers, ops\n"


@dataclass(frozen=True)
class Case:
    """What a student wrote, and the instructor's test of it."""

    name: str
    answer: str
    test: str


def passes_plainly(case: Case) -> str:
    """The error in one process, as in a plain Jupyter kernel; empty if it passes."""
    space: dict = {}
    try:
        exec(SETUP + case.answer, space)
        exec(case.test, space)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def judged(runner, cases: list[Case]) -> dict[str, str]:
    """The error of each case in the judge; all cases are run as one notebook, with one exercise for each."""
    cells = [nbformat.v4.new_code_cell(SETUP)]
    for case in cases:
        cells.append(nbformat.v4.new_code_cell(case.answer))
        cells.append(nbformat.v4.new_code_cell(case.test))
        cells[-1].metadata["nbgrader"] = {"grade": True, "solution": False}
    result = runner.run(nbformat.v4.new_notebook(cells=cells), cell_seconds=120, total_seconds=900)
    tests = [outputs for outputs, cell in zip(result.outputs, cells, strict=True) if cell.metadata.get("nbgrader")]
    errors = [[output["evalue"] for output in outputs if output["output_type"] == "error"] for outputs in tests]
    return {case.name: " ".join(error) for case, error in zip(cases, errors, strict=True)} | {"": result.status}
