"""Notebooks that are mutated in their bytes or their structure, or grown from a grammar."""

import copy
import json
import sys

# fmt: off
WEIRD = [
    *(None, True, -1, 0, 10**40, 1e308, float("nan"), "", "x" * 5000, "\ud800", "\0\x1b[31m\u202e", [], {}, [[]], {"": {}}),
    *([[[[[[1]]]]]], {"a": {"a": {"a": []}}}, ["a", 1, None], "twice", "test_twice", "code", "markdown", "../../x"),
]
KEYS = ["cells", "cell_type", "source", "metadata", "outputs", "nbgrader", "grade_id", "locked", "points", "worksheets"]
KEYS += ["input", "attachments", "id", "nbformat", "nbformat_minor", "output_type", "data", "text", "solution", "grade"]
BYTES = [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"[", b"]", b"}", b",", b"null", b"1e999"]
MARKDOWN = ["|a|b|\n|-|-|\n", "|", "- ", "> ", "`", "```\n", "$", "$$", "[x](", "![y](attachment:z.png)", "<b>", "</div>", "<!--"]
MARKDOWN += ["\n", "\n\n", "# ", "*", "_", "\\", "<script>", "&amp;", "[^1]", "[^1]: ", "---\n", "\u202e", "\x1b[31m", "  ", "word ", "{{x}}"]
CODE = ["x = 1\n", "print(x)\n", "print('\\x1b[31m', '\\ud800')\n", "1/0\n", "raise ValueError('\\0' * 99)\n", "def twice(x):\n"]
CODE += ["    return 2 * x\n", "    return x + x\n", "twice(2)\n", "import os\n", "os.getcwd()\n", "class A:\n", "    pass\n", "del twice\n"]
CODE += ["%matplotlib inline\n", "!ls\n", "%%time\n", "?\n", "'''", "(", ")", "[", "\\\n", "\t", "lambda: ", "async ", "await x\n"]
CODE += ["def half(x):\n", "    yield\n", "x" * 300 + "\n", "display(x)\n", "[x] * 9\n", "'a' * 10**6\n", "exit()\n", "globals().clear()\n"]
# fmt: on
KINDS = ["code", "markdown", "raw", "heading", "unknown"]


def notebook(chance, bases):
    """The bytes of a mutant. `bases`: notebooks as plain data."""
    limit = sys.getrecursionlimit()
    # Wrapped and nested values become deeper than Python's default recursion limit can copy.
    sys.setrecursionlimit(20_000)
    try:
        return _mutant(chance, bases)
    finally:
        sys.setrecursionlimit(limit)


def _mutant(chance, bases):
    way = chance.random()
    if way < 0.3:
        return in_bytes(chance, json.dumps(chance.choice(bases)).encode(), BYTES)
    data = grown(chance, bases) if way > 0.75 else copy.deepcopy(chance.choice(bases))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        data = in_structure(chance, data)
    text = json.dumps(data, ensure_ascii=chance.random() < 0.5)
    return text.encode(chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16")), "surrogatepass")


def in_bytes(chance, content, tokens):
    """Change, insert, remove, double, move or cut off some bytes."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 2, 8, 64, 512)))
        way = chance.randrange(7)
        if way == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            data[at:at] = chance.choice(tokens) * chance.choice((1, 1, 3, 500))
        elif way == 2:
            del data[at:end]
        elif way == 3:
            data[at:at] = data[at:end] * chance.choice((1, 2, 50))
        elif way == 4:
            place = chance.randrange(len(data) + 1)
            data[place:place] = data[at:end]
        elif way == 5:
            data[at:end] = chance.choice(tokens)
        elif chance.random() < 0.2:
            del data[at:]
    return bytes(data)


def _places(data, found, parent=None, key=None):
    """All places of a value's tree, as (container, key)."""
    if parent is not None:
        found.append((parent, key))
    if isinstance(data, dict):
        for name, value in data.items():
            _places(value, found, data, name)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            _places(value, found, data, number)
    return found


def in_structure(chance, data):
    """Replace, remove, double, wrap, swap or rename one value."""
    places = _places(data, [])
    if not places:
        return chance.choice(WEIRD)
    (parent, key), (other, name) = chance.choice(places), chance.choice(places)
    way = chance.randrange(8)
    if way < 2:
        parent[key] = copy.deepcopy(chance.choice(WEIRD))
    elif way == 2:
        del parent[key]
    elif way == 3 and isinstance(parent, list):
        parent[key:key] = [copy.deepcopy(parent[key])] * chance.choice((1, 2, 200))
    elif way == 4:
        value = parent[key]
        for _ in range(chance.choice((1, 2, 60))):
            value = [value] if chance.random() < 0.5 else {chance.choice(KEYS): value}
        parent[key] = value
    elif way == 5:
        parent[key] = copy.deepcopy(other[name])
    elif way == 6 and isinstance(parent, dict):
        parent[chance.choice(KEYS)] = parent.pop(key)
    elif isinstance(parent[key], str):
        at = chance.randrange(len(parent[key]) + 1)
        parent[key] = parent[key][:at] + chance.choice([*MARKDOWN, *CODE, "\ud800"]) + parent[key][at:]
    return data


def _text(chance, tokens):
    return "".join(chance.choice(tokens) * chance.choice((1, 1, 1, 2, 40)) for _ in range(chance.choice((0, 1, 5, 30))))


def grown(chance, bases):
    """A notebook of this or that version whose cells are made of pieces of Markdown and code, with marked cells between."""
    cells = []
    for _ in range(chance.choice((0, 1, 3, 10, 40))):
        kind = chance.choice(KINDS)
        source = _text(chance, CODE if kind == "code" else MARKDOWN)
        cell = {"cell_type": kind, "metadata": {}, "source": chance.choice((source, source.splitlines(keepends=True)))}
        if kind == "code":
            output = chance.choice(({"output_type": "stream", "name": "stdout", "text": source}, {"output_type": "x"}))
            cell |= {
                "outputs": [output] * chance.choice((0, 0, 1, 50)),
                "execution_count": chance.choice((None, 1, "x")),
            }
        cells.append(cell)
    marked = [copy.deepcopy(one) for one in chance.choice(bases)["cells"] if "nbgrader" in one["metadata"]]
    chance.shuffle(marked) if chance.random() < 0.3 else None
    for cell in marked:
        if chance.random() < 0.85:
            cells.insert(chance.randrange(len(cells) + 1) if chance.random() < 0.3 else len(cells), cell)
    if chance.random() < 0.2:
        for cell in cells:
            cell["input"] = cell["source"]
        return {
            "nbformat": chance.choice((2, 3)),
            "nbformat_minor": 0,
            "metadata": {},
            "worksheets": [{"cells": cells}],
        }
    return {"nbformat": 4, "nbformat_minor": chance.choice((0, 4, 5, 9)), "metadata": {}, "cells": cells}
