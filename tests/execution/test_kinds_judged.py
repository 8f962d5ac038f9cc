"""Values of pandas, SciPy and Matplotlib from worker to judge and back, inside the walls."""

import nbformat
import pytest

from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

ANSWER = """
import numpy as np, pandas as pd, matplotlib.pyplot as plt, scipy.sparse, uuid, datetime
def frame():
    return pd.DataFrame({"name": ["a", "b"], "n": pd.array([1, None], "Int64"), "day": pd.date_range("2020", periods=2)})
def mean(table):
    return table["n"].mean()
def sparse():
    return scipy.sparse.csr_array(np.eye(3))
def plot():
    fig, ax = plt.subplots()
    ax.plot([1, 2], [3, 4], label="line")
    ax.set_title("Title")
    ax.legend()
    return ax
table = np.array([(1, "x")], dtype=[("n", "i4"), ("s", "U3")])
masked = np.ma.array([1, 2], mask=[0, 1])
"""
TESTS = {
    "a frame": 'import pandas as pd\ngot = frame()\nassert got["n"].sum() == 1 and list(got.columns) == ["name", "n", "day"]\n'
    'assert isinstance(got, pd.DataFrame) and got["day"].dt.year.tolist() == [2020, 2020]',
    "a frame as an argument": 'import pandas as pd\nassert mean(pd.DataFrame({"n": [1, 2, 3]})) == 2',
    "a sparse array": "import numpy as np\nassert np.array_equal(sparse().toarray(), np.eye(3))",
    "axes": "from matplotlib.axes import Axes\nax = plot()\nassert isinstance(ax, Axes) and ax.get_title() == 'Title'\n"
    "assert ax.lines[0].get_xydata().tolist() == [[1, 3], [2, 4]] and ax.figure.axes == [ax]\n"
    "assert ax.get_legend().get_texts()[0].get_text() == 'line'",
    "a table": 'assert table.dtype.names == ("n", "s") and table["s"][0] == "x" and masked.sum() == 1',
}


def test_a_notebooks_values_are_judged_as_what_they_are():
    cells = [nbformat.v4.new_code_cell(ANSWER)]
    for source in TESTS.values():
        cells.append(nbformat.v4.new_code_cell(source))
        cells[-1].metadata["nbgrader"] = {"grade": True, "solution": False}
    with Runner() as runner:
        runner.check()
        result = runner.run(nbformat.v4.new_notebook(cells=cells), cell_seconds=60, total_seconds=200)
    found = [[one.get("evalue", one) for one in outputs if one["output_type"] == "error"] for outputs in result.outputs]
    assert (result.status, found) == ("graded", [[]] * (len(TESTS) + 1))
