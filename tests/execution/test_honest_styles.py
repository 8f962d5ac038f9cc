"""Every honest answer that passes in plain Jupyter gets its points here, whatever its style.

The notebooks are in styles/*.txt, separated by lines `===== name` and, for cells, `-----`; `----- test` begins a test
cell and `----- file NAME` a file that was handed in beside the notebook. A notebook without a test has to define
`twice`, which doubles a number.

Plain Jupyter is an IPython shell that runs cells and tests in one namespace and inside of an event loop, as ipykernel does,
in a fork for each notebook (styles/plain.py); `python tests/execution/styles/plain.py --kernel` asks real kernels instead.
"""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

FOLDER = Path(__file__).with_name("styles")
sys.path.insert(0, str(FOLDER))
from plain import STYLES, Style  # noqa: E402


@pytest.fixture(scope="module")
def verdicts():
    """The verdicts of plain Jupyter and of worker and judge by notebook: why a test failed; empty if none did."""
    # In parallel: one mostly starts processes, the other mostly waits for them.
    with (
        subprocess.Popen([sys.executable, FOLDER / "plain.py"], stdout=subprocess.PIPE) as process,
        Runner() as runner,
    ):
        runner.check()
        ours = {name: judged(runner, style) for name, style in STYLES.items()}
        plain = json.loads(process.communicate(timeout=300)[0])
    return {name: (plain[name], ours[name]) for name in STYLES}


def judged(runner: Runner, style: Style) -> str:
    cells = []
    for source, test in style.cells:
        cell = nbformat.v4.new_code_cell(source)
        if test:
            cell.metadata["nbgrader"] = {"grade": True, "solution": False}
        cells.append(cell)
    result = runner.run(nbformat.v4.new_notebook(cells=cells), style.files, cell_seconds=30)
    errors = [
        f"{output['ename']}: {output['evalue']}"
        for (_, test), outputs in zip(style.cells, result.outputs, strict=True)
        for output in outputs
        if test and output["output_type"] == "error"
    ]
    return "; ".join([*errors, result.status]).removesuffix("graded")


def test_there_are_many_styles():
    assert len(STYLES) >= 200


@pytest.mark.parametrize("name", STYLES)
def test_a_style_that_passes_in_plain_jupyter_gets_its_points(name, verdicts):
    assert verdicts[name] == ("", "")
