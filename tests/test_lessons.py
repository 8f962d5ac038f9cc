"""The lessons themselves: right answers count, stubs and known wrong answers do not, and every page runs."""

import re

import numpy as np
import pytest
from conftest import ROOT
from nbclient import NotebookClient

from autograder.course import Course
from autograder.demo import answer, as_answer, blank, cell_of, exercise_ids, misconceptions, solved
from autograder.source import read_lesson

COURSE = Course(ROOT)
SOURCES = {lesson: read_lesson(COURSE.source(lesson)) for lesson in COURSE.lessons}
POINTS = {"01_dense_vs_conv": 12}
EXERCISES = [(lesson, name) for lesson, source in SOURCES.items() for name in exercise_ids(source)]
WRONG_ANSWERS = {
    f"{lesson}: {name}": (lesson, function)
    for lesson in COURSE.lessons
    for name, function in misconceptions(COURSE, lesson).items()
}

# Right answers written in other ways than the solution.
RIGHT_ANSWERS = {
    "dense_parameter_count": ["def dense_parameter_count(input_shape, units):\n    return (np.prod(input_shape) + 1) * units", "dense_parameter_count = lambda shape, units: __import__('math').prod(shape) * units + units"],
    "conv_parameter_count": ["def conv_parameter_count(kernel_size, in_channels, filters):\n    return (np.prod(kernel_size) * in_channels + 1) * filters", "def conv_parameter_count(k, c, f):\n    return sum(k[0] * k[1] * c + 1 for _ in range(f))"],
    "receptive_patch": [
        "def receptive_patch(image, row, col, kernel_size):\n    windows = np.lib.stride_tricks.sliding_window_view(image, tuple(kernel_size)) if all(k <= n for k, n in zip(kernel_size, image.shape)) else np.zeros((0, 0))\n    if min(row, col) < 0 or row >= windows.shape[0] or col >= windows.shape[1]:\n        raise ValueError\n    return windows[row, col]",
        "def receptive_patch(image, row, col, kernel_size):\n    if row < 0 or col < 0:\n        raise ValueError('negative')\n    patch = image[row:row + kernel_size[0], col:col + kernel_size[1]].copy()\n    if patch.shape != tuple(kernel_size):\n        raise ValueError('outside')\n    return patch",
    ],
    "conv2d_valid": [
        "def conv2d_valid(image, kernel):\n    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:\n        raise ValueError\n    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image, 'float32'), kernel.shape)\n    return (windows * kernel.astype('float32')).sum(axis=(-2, -1))",
        "def conv2d_valid(image, kernel):\n    image, (h, w) = image.astype(float), kernel.shape\n    H, W = image.shape\n    if h > H or w > W:\n        raise ValueError('large')\n    return sum(image[u:H - h + 1 + u, v:W - w + 1 + v] * float(kernel[u, v]) for u in range(h) for v in range(w))",
    ],
    "dense_matrix_of_conv": [
        "def dense_matrix_of_conv(kernel, input_shape):\n    (h, w), (H, W) = kernel.shape, input_shape\n    if h > H or w > W:\n        raise ValueError\n    columns = []\n    for pixel in np.eye(H * W):\n        windows = np.lib.stride_tricks.sliding_window_view(pixel.reshape(H, W), (h, w))\n        columns.append((windows * kernel).sum(axis=(2, 3)).ravel())\n    return np.array(columns).T",
        "def dense_matrix_of_conv(kernel, input_shape):\n    (h, w), (H, W) = kernel.shape, input_shape\n    if h > H or w > W:\n        raise ValueError('large')\n    rows = []\n    for i in range(H - h + 1):\n        for j in range(W - w + 1):\n            row = np.zeros((H, W), dtype='float32')\n            row[i:i + h, j:j + w] = kernel\n            rows.append(row.reshape(-1))\n    return np.stack(rows)",
    ],
}  # fmt: skip


def verdict(lesson, name, code):
    """None if the exercise's whole test cell, hidden tests included, accepts the code; else its message."""
    names = {"np": np}
    exec(code, names)
    try:
        exec(cell_of(SOURCES[lesson], f"test_{name}").source, names)
    except AssertionError as error:
        return str(error)
    return None


def test_points_are_those_of_the_curriculum():
    for lesson, source in SOURCES.items():
        assert (
            sum(cell.metadata.nbgrader.get("points", 0) for cell in source.cells if "nbgrader" in cell.metadata)
            == POINTS[lesson]
        )


@pytest.mark.parametrize(("lesson", "name"), EXERCISES)
def test_the_solution_and_other_right_answers_count(lesson, name):
    answers = [cell_of(solved(SOURCES[lesson]), name).source, *RIGHT_ANSWERS[name]]
    assert len(answers) >= 3 and [verdict(lesson, name, code) for code in answers] == [None] * len(answers)


@pytest.mark.parametrize(("lesson", "name"), EXERCISES)
def test_a_stub_never_counts_and_is_called_unwritten(lesson, name):
    assert "not written yet" in verdict(lesson, name, cell_of(blank(SOURCES[lesson]), name).source)


@pytest.mark.parametrize("wrong", WRONG_ANSWERS)
def test_a_known_wrong_answer_never_counts(wrong):
    lesson, function = WRONG_ANSWERS[wrong]
    name = function.__name__.split("__")[0]
    message = verdict(lesson, name, as_answer(function))
    assert message is not None and len(message) > 40


def test_each_exercise_has_four_known_wrong_answers_with_help():
    for _, name in EXERCISES:
        known = [function for _, function in WRONG_ANSWERS.values() if function.__name__.startswith(f"{name}__")]
        assert len(known) >= 4, name
        assert all(function.__doc__ and 30 < len(function.__doc__) < 250 for function in known)


def test_tests_stand_on_their_own():
    """The judge runs a test cell without the notebook around it."""
    for lesson, name in EXERCISES:
        answers = solved(SOURCES[lesson])
        assert verdict(lesson, name, cell_of(answers, name).source) is None


@pytest.mark.parametrize("lesson", COURSE.lessons)
@pytest.mark.parametrize("state", [solved, blank])
def test_every_page_runs_clean_and_every_picture_has_an_alternative_text(lesson, state):
    notebook = state(SOURCES[lesson])
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    outputs = [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    graded = [cell.metadata.get("nbgrader", {}).get("grade", False) for cell, _ in outputs]
    errors = [
        output
        for (_, output), is_test in zip(outputs, graded, strict=True)
        if output.output_type == "error" and not (is_test and state is blank)
    ]
    assert errors == []
    assert [output for _, output in outputs if output.get("name") == "stderr"] == []
    pictures = [output.data["text/html"] for _, output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
    assert all(len(re.search(r'alt="([^"]*)"', html).group(1)) > 40 for html in pictures)


def test_a_wrong_answer_can_be_pasted_into_a_notebook():
    notebook = solved(SOURCES["01_dense_vs_conv"])
    function = misconceptions(COURSE, "01_dense_vs_conv")["conv2d_valid__flips_the_kernel"]
    answer(notebook, "conv2d_valid", as_answer(function))
    source = cell_of(notebook, "conv2d_valid").source
    assert (
        source.startswith("def conv2d_valid(image, kernel):\n    kernel = kernel[::-1, ::-1]") and '"""' not in source
    )
