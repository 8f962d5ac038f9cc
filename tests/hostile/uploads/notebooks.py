"""Files that are not notebooks, notebooks of other versions, and notebooks with wrong types everywhere."""

import copy
import json

from uploads.registry import upload
from uploads.stage import MEGABYTE


def _data(stage):
    """A solved notebook as plain data."""
    return json.loads(json.dumps(stage.solved()))


def _marked(data, grade_id):
    return next(cell for cell in data["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def _each(stage, notebooks, score=None):
    """Grade the class once for each of several notebooks. `score`: the expected score; None: anything up to 3."""
    for notebook in notebooks:
        stage.hand_in(notebook)
        stage.grade()
        got = stage.records["mallory"]["score"]
        assert got == score if score is not None else got <= 3, got
    stage.hand_in(b"{}")


@upload
def nothing(stage):
    """Files without a notebook in them."""
    _each(stage, [b"", b" ", b"\0" * 4096, b"[]", b"null", b"42", b'"x"', b"{}", b'{"cells": 1}', b"{" * 9], 0)


@upload
def cut_off(stage):
    """A notebook that was cut off, at several places."""
    content = stage.bytes_of(stage.solved())
    _each(stage, [content[: len(content) * part // 10] for part in (1, 5, 9)] + [content[:-1]], 0)


@upload
def other_versions(stage):
    """Versions from 0 to 99, as numbers and as other types."""
    versions = (0, 1, 2, 3, 5, 99, -1, 4.5, "4", None, [4], {"a": 4}, True, 10**30)
    _each(stage, [_data(stage) | {"nbformat": version} for version in versions])


@upload
def version_3_with_outputs(stage):
    """Version 3 with 20,000 outputs of an unknown type, which took 54 s and 1.2 GB."""
    outputs = [{"output_type": "unknown", "x": str(n)} for n in range(20_000)]
    cell = {"cell_type": "code", "input": "1", "outputs": outputs, "language": "python", "metadata": {}}
    stage.hand_in(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}))


@upload
def version_3_that_is_broken(stage):
    """Version 3 whose worksheets are missing, many, nested or of other types."""
    cell = {"cell_type": "code", "input": ["1"], "outputs": 5, "language": 5, "metadata": {}}
    sheets = (None, 5, [], [5], [{"cells": 5}], [{"cells": [5]}], [{"cells": [cell]}] * 2, [{"cells": [cell]}] * 5000)
    _each(stage, [json.dumps({"nbformat": 3, "metadata": {}, "worksheets": sheet}) for sheet in sheets], 0)


@upload
def version_2_with_many_cells(stage):
    """Version 2 with 30,000 cells of prompts and headings."""
    cells = [{"cell_type": "heading", "level": n, "source": "x", "metadata": {}} for n in range(30_000)]
    stage.hand_in(json.dumps({"nbformat": 2, "metadata": {}, "worksheets": [{"cells": cells}]}))


@upload
def large_json(stage):
    """63 MB of JSON, mostly empty lists, which took 2 GB."""
    data = _data(stage)
    data["metadata"]["x"] = "@"
    stage.hand_in(json.dumps(data).replace('"@"', "[" + ",".join(["[]"] * 20_000_000) + "]"))
    stage.grade()
    assert stage.records["mallory"]["score"] in (0, 3)
    stage.hand_in(b"{}")


@upload
def large_objects(stage):
    """40 MB of JSON objects with keys of their own."""
    data = _data(stage)
    data["metadata"]["x"] = {f"k{n}": {"a": n} for n in range(1_500_000)}
    _each(stage, [data])


@upload
def too_large(stage):
    """70 MB, more than is read."""
    stage.hand_in(stage.bytes_of(stage.solved()) + b" " * 70 * MEGABYTE)


@upload
def deep_json(stage):
    """Lists, objects and both, 100,000 deep, at several places."""
    data = json.dumps(_data(stage) | {"x": "@"})
    _each(stage, [data.replace('"@"', "[" * n + "]" * n) for n in (900, 5000, 100_000)])
    _each(stage, ["[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, '{"cells":[' * 50_000], 0)


@upload
def duplicate_keys(stage):
    """Cells that are there twice, first as a solution, then as nothing."""
    text = json.dumps(_data(stage))
    stage.hand_in(text[:-1] + ', "cells": [], "nbformat": 4}')


@upload
def numbers(stage):
    """Invalid numbers, and numbers of 100,000 digits."""
    data = json.dumps(_data(stage) | {"x": "@"})
    _each(stage, [data.replace('"@"', one) for one in ("NaN", "-Infinity", "1e999", "9" * 4000, "9" * 100_000, "-0")])


@upload
def encodings(stage):
    """UTF-8 with a mark, UTF-16, UTF-32, Latin-1, and bytes that are none of them."""
    text = json.dumps(_data(stage), ensure_ascii=False)
    _each(stage, [text.encode("utf-8-sig")], 3)
    _each(
        stage, [text.encode(one) for one in ("utf-16", "utf-32")] + [text.encode() + b"\xff", b"\xff" + text.encode()]
    )


@upload
def surrogates_and_zeros(stage):
    """Lone surrogates, zero bytes and control characters in sources, ids and metadata."""
    data = _data(stage)
    for text in ("\ud800", "\udfff\ud800", "\0", "\x1b]0;x\x07", "\u202e", "\ufffe", "\x85\u2028"):
        data["cells"][0]["source"] = text
        data["cells"].append(
            {"cell_type": "code", "id": text, "metadata": {text: text}, "source": f"# {text}", "outputs": []}
        )
        _marked(data, "half")["id"] = text
    stage.hand_in(json.dumps(data))
    stage.grade()
    assert stage.records["mallory"]["score"] <= 3
    stage.hand_in(b"{}")


@upload
def cells_of_other_types(stage):
    """Cells that are an object, text, numbers or lists, alone and among others."""
    values = ({"0": {}}, "text", 5, None, [None], [5], ["x"], [[]], [{}], [{"cell_type": "code"}])
    _each(stage, [_data(stage) | {"cells": value} for value in values], 0)
    data = _data(stage)
    _each(stage, [data | {"cells": [*data["cells"], value]} for value in (None, 5, "x", [], {}, {"source": "x"})])


@upload
def sources_of_other_types(stage):
    """Sources that are nested lists, numbers or objects."""
    notebooks = []
    for value in ([["x"]], [5], 5, None, {"a": "x"}, [None], True, ["x"] * 100_000, {"source": {"source": "x"}}):
        notebooks.append(_data(stage))
        _marked(notebooks[-1], "twice")["source"] = value
    _each(stage, notebooks)


@upload
def metadata_of_other_types(stage):
    """Other types at every place of the metadata: the notebook's, the cells', nbgrader's, the kernel's."""
    notebooks = []
    for value in (None, 5, "x", [], [5], {"a": {"b": []}}, True, 1e308, {"grade_id": ["twice"]}, {"grade_id": {}}):
        for place in range(5):
            data = _data(stage)
            cell = _marked(data, "half")
            if place == 0:
                data["metadata"] = value
            elif place == 1:
                data["metadata"] = {"kernelspec": value, "language_info": value, "widgets": value, "convlab": value}
            elif place == 2:
                cell["metadata"] = value
            elif place == 3:
                cell["metadata"]["nbgrader"] = value
            else:
                cell["metadata"]["nbgrader"] |= {
                    "points": value,
                    "locked": value,
                    "grade": value,
                    "schema_version": value,
                }
            notebooks.append(data)
    _each(stage, notebooks[::2])


@upload
def kinds_of_cells(stage):
    """Types of cells and of outputs that nobody knows, or of other types."""
    notebooks = []
    for value in ("unknown", None, 5, [], {}, "heading", "CODE", "x" * 10_000):
        data = _data(stage)
        _marked(data, "twice")["cell_type"] = value
        _marked(data, "half")["outputs"] = [{"output_type": value, "data": value, "text": value, "traceback": value}]
        notebooks.append(data)
    _each(stage, notebooks)


@upload
def ids(stage):
    """Ids that are there twice, are huge, hold slashes, or are of other types."""
    notebooks = []
    for value in ("same", "x" * 100_000, "../../x", "a/b", "", " ", None, 5, [], "student-0", "<script>"):
        data = _data(stage)
        for cell in data["cells"]:
            cell["id"] = value
        notebooks.append(data)
    _each(stage, notebooks, 3)


@upload
def attachments(stage):
    """Attachments that are missing, of other types, no base64, or 20 MB."""
    notebooks = []
    png = {"image/png": "iVBORw0KGgo="}
    for value in (
        None,
        5,
        "x",
        [],
        {"a.png": 5},
        {"a.png": {"image/png": "%%%"}},
        {"a.png": {"text/html": "<script>"}},
    ):
        data = _data(stage)
        text = "![x](attachment:a.png) ![y](attachment:missing.png) ![z](attachment:../../x)"
        data["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": text, "attachments": value})
        _marked(data, "explain_toy")["source"] = text
        notebooks.append(data)
    large = copy.deepcopy(notebooks[0])
    large["cells"][0]["attachments"] = {"a.png": png | {"image/jpeg": "A" * 20 * MEGABYTE}}
    _each(stage, [*notebooks, large], 3)


@upload
def widgets(stage):
    """State of widgets: 15 MB of it, and of other types."""
    notebooks = []
    kind = "application/vnd.jupyter.widget-state+json"
    for value in ({"state": {"x" * 32: {"state": "y" * 15 * MEGABYTE}}}, {"state": 5}, 5, {"version_major": "x"}):
        data = _data(stage)
        data["metadata"]["widgets"] = {kind: value}
        notebooks.append(data)
    _each(stage, notebooks, 3)


@upload
def many_cells(stage):
    """100,000 empty cells."""
    data = _data(stage)
    data["cells"] += [{"cell_type": "code", "metadata": {}, "source": "", "outputs": []}] * 100_000
    stage.hand_in(json.dumps(data))


@upload
def cells_up_to_the_limit(stage):
    """400 cells that each print something, and 400 of Markdown."""
    data = _data(stage)
    data["cells"] += [{"cell_type": "code", "metadata": {}, "source": f"print({n})", "outputs": []} for n in range(400)]
    data["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": f"# {n}"} for n in range(400)]
    stage.hand_in(json.dumps(data))
    return 3.0


@upload
def stored_outputs(stage):
    """50 MB of outputs that are stored in the notebook, with scripts in them."""
    data = _data(stage)
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "x" * 12 * MEGABYTE},
                {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>1</script>"}},
            ]
    stage.hand_in(json.dumps(data)[: 63 * MEGABYTE])
    stage.grade()
    assert stage.records["mallory"]["score"] in (0, 3)
    stage.hand_in(b"{}")


@upload
def ids_of_marked_cells(stage):
    """Different spellings of a marked cell's id."""
    notebooks = []
    for value in ("TWICE", "twice ", "twice\0", "twicе", "../twice", "test_twice", "explain_toy", "x" * 100_000, ""):
        data = _data(stage)
        _marked(data, "twice")["metadata"]["nbgrader"]["grade_id"] = value
        notebooks.append(data)
    _each(stage, notebooks)


@upload
def marks_of_tests(stage):
    """Test cells that are unlocked, retyped, worth 1000 points, doubled, moved or rewritten."""
    data = json.loads(json.dumps(stage.blank()))
    for name in ("test_twice", "test_half"):
        cell = _marked(data, name)
        cell["metadata"]["nbgrader"] |= {"locked": False, "points": 1000, "solution": True, "cell_type": "markdown"}
        cell["source"] = "pass"
    data["cells"] += [copy.deepcopy(_marked(data, "test_twice")) for _ in range(50)]
    data["cells"].reverse()
    stage.hand_in(data)


@upload
def invented_exercises(stage):
    """Graded cells that the lesson does not have, with points."""
    data = json.loads(json.dumps(stage.blank()))
    for number in range(200):
        marks = {"grade": True, "grade_id": f"test_x{number}", "locked": False, "points": 10, "schema_version": 3}
        cell = {"cell_type": "code", "metadata": {"nbgrader": marks | {"solution": False, "task": False}}, "source": ""}
        data["cells"].append(cell | {"outputs": [], "execution_count": None})
    stage.hand_in(data)


@upload
def tags_and_kernels(stage):
    """Tags that skip cells, and a kernel of another language or a command."""
    data = json.loads(json.dumps(stage.blank()))
    data["metadata"]["kernelspec"] = {"name": "../../bin/sh", "language": "bash", "argv": ["touch", "/tmp/breach"]}
    data["metadata"]["language_info"] = {"name": "R", "pygments_lexer": "../../x", "codemirror_mode": {"name": "x"}}
    for cell in data["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove_cell", "hide-output", 5]
    stage.hand_in(data)
