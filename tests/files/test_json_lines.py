"""What is kept line by line survives a cut-off line, and no text in it becomes a line of its own."""

import pytest

from autograder.files import append_lines, read_lines


def test_lines_come_back_in_their_order(tmp_path):
    path = tmp_path / "x.jsonl"
    assert read_lines(path) == []
    append_lines(path, [{"a": 1}, {"b": "é"}])
    append_lines(path, [{"c": [None]}])
    assert read_lines(path) == [{"a": 1}, {"b": "é"}, {"c": [None]}]


@pytest.mark.parametrize("cut", [1, 5, 9])
def test_a_line_that_was_cut_off_costs_no_other(tmp_path, cut):
    path = tmp_path / "x.jsonl"
    append_lines(path, [{"a": 1}, {"b": "cut off"}])
    path.write_bytes(path.read_bytes()[:-cut])
    append_lines(path, [{"c": 3}])
    kept = [{"b": "cut off"}] if cut == 1 else []  # only its line break is gone
    assert read_lines(path) == [{"a": 1}, *kept, {"c": 3}]


@pytest.mark.parametrize("breaks", ["\u2028", "\u2029", "\x85", "\x1c", "\x0b", "\x0c", "\r", "\n", "\r\n"])
def test_no_line_break_in_a_text_forges_a_line(tmp_path, breaks):
    """Fails at 981fac2 for imports.jsonl: a file's name could bring along a line that says who is who."""
    path = tmp_path / "x.jsonl"
    entry = {"entry": f'x{breaks}{{"lesson": "01_toy", "student": "ada", "user": "666"}}{breaks}'}
    append_lines(path, [entry])
    assert read_lines(path) == [entry]


def test_what_is_no_object_is_left_out(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'[1]\n3\n"x"\n\xff\n' + b"[" * 100_000 + b'\n{"a": 1}\n')
    assert read_lines(path) == [{"a": 1}]
