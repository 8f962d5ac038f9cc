"""An autograded notebook with something of everything that a feedback page shows, and its grades."""

import nbformat

from convlab.recognition import PERHAPS

GRADES = {"student": "ada", "notebook": "01_toy", "score": 1.0, "max_score": 5.0, "timestamp": None}


def notebook():
    cell = nbformat.v4.new_code_cell
    marks = {"schema_version": 3, "task": False}
    solution = {"grade": False, "grade_id": "twice", "locked": False, "solution": True, "comment": "See me.", **marks}
    test = {
        "grade": True,
        "grade_id": "test_twice",
        "locked": True,
        "solution": False,
        "points": 2,
        "score": 0,
        **marks,
    }
    written = {
        "grade": True,
        "grade_id": "explain",
        "locked": False,
        "solution": True,
        "points": 3,
        "score": 1,
        **marks,
    }
    hidden = "check(twice)\n### BEGIN HIDDEN TESTS\nassert twice(3) == 6, 'hidden line'\n### END HIDDEN TESTS"
    message = f"twice(3) should be 6, got 9\n  {PERHAPS} Two times x is not <b>x times x</b>."
    error = nbformat.v4.new_output("error", ename="CheckError", evalue=message, traceback=["assert twice(3) == 6"])
    image = nbformat.v4.new_output(
        "display_data", {"image/png": "aGk=", "text/plain": "x"}, metadata={"image/png": {"alt": 'a "fine" picture'}}
    )
    evil = nbformat.v4.new_output(
        "display_data",
        {"image/png": '"><script>alert(1)</script>', "text/html": "<script>1</script>", "text/plain": "<i>plain</i>"},
    )
    return nbformat.v4.new_notebook(
        metadata={"convlab": {"status": "timeout", "repaired": ["A <test> cell was put back."]}},
        cells=[
            nbformat.v4.new_markdown_cell("# Toy <lesson>"),
            cell("show()", outputs=[image, evil]),
            nbformat.v4.new_markdown_cell("### Exercise 1: `twice`\n\nWrite `twice`, so that $y = 2x$."),
            cell("def twice(x):\n    return '</pre><script>'", metadata={"nbgrader": solution}),
            cell(hidden, metadata={"nbgrader": test}, outputs=[error]),
            nbformat.v4.new_markdown_cell("**My** answer <script>", metadata={"nbgrader": {**written, "needs_manual_grade": True}}),
        ],
    )  # fmt: skip
