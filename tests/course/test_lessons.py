"""The lessons themselves: the curriculum is kept, every page runs clean, and the tests of every exercise are proven."""

import re

import numpy as np
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.course.proof import Proof, mutations, prove_all
from autograder.course.variants import answer, blank, cell_of, exercise_ids
from convlab.data import load_fashion_mnist, load_large_model_weights

COURSE = Course(ROOT)
SOURCES = {lesson: read_lesson(COURSE.source(lesson)) for lesson in COURSE.lessons}
CURRICULUM = {
    "01_dense_vs_conv": {"dense_parameter_count": 1, "conv_parameter_count": 1, "receptive_patch": 2, "conv2d_valid": 3, "dense_matrix_of_conv": 3, "explain_dense_vs_conv": 2},
    "02_padding": {"output_size_valid": 1, "zero_pad": 2, "same_padding": 2, "conv2d_same": 3, "pixel_visits": 2, "layers_until_gone": 1, "explain_padding": 1},
    "03_stride": {"output_size": 2, "same_padding_strided": 2, "conv2d_strided": 3, "ignored_pixels": 1, "receptive_field_size": 2, "conv2d_fast": 2, "explain_stride": 1},
    "04_filters": {"line_filter": 1, "relu": 1, "conv_neuron": 3, "conv2d": 4, "feature_maps": 2, "keras_conv": 2, "recover_kernel": 2, "explain_filters": 1},
    "05_pooling": {"max_pool2d": 3, "avg_pool2d": 3, "global_avg_pool2d": 1, "pooled_shape": 2, "discarded_fraction": 1, "pool_shift_change": 2, "max_pool_gradient": 1, "explain_pooling": 1},
    "06_dropout": {"dropout_mask": 2, "dropout": 3, "expected_survivors": 1, "dropout_gradient": 1, "generalization_gap": 1, "dropout_model": 2, "mc_dropout": 1, "explain_dropout": 1},
    "07_full_model": {"prepare": 2, "flatten": 1, "build_model": 4, "build_small_model": 2, "count_parameters": 3, "softmax": 1, "numpy_predict": 4, "confusion_matrix": 2, "explain_full_model": 2},
    "08_learning": {"merge_linear": 2, "cross_entropy": 1, "numeric_gradient": 2, "softmax_cross_entropy_gradient": 2, "relu_gradient": 1, "conv2d_gradients": 4, "learn_kernel": 3, "train_step": 4, "explain_learning": 1},
}  # fmt: skip
SECONDS = 180
KOREAN = "합성곱 수용 영역 패딩 스트라이드 필터 특성 맵 풀링 드롭아웃"


def points(lesson):
    marks = [cell.metadata.nbgrader for cell in SOURCES[lesson].cells if "nbgrader" in cell.metadata]
    return {mark.grade_id.removeprefix("test_"): mark.points for mark in marks if "points" in mark}


def test_exercises_and_points_are_those_of_the_curriculum():
    assert {lesson: points(lesson) for lesson in SOURCES} == CURRICULUM
    sums = [sum(exercises.values()) for exercises in CURRICULUM.values()]
    assert sum(sums[:7]) == 100 and sums[7:] == [20]


@pytest.mark.slow
def test_each_exercise_has_wrong_answers_with_help_and_right_ones():
    total = 0
    for lesson, source in SOURCES.items():
        wrong, right = (
            read_answers(COURSE.source(lesson).with_name(f"{name}.py")) for name in ("misconceptions", "right_answers")
        )
        total += len(wrong)
        for exercise in exercise_ids(source):
            assert len([one for one in wrong if one.exercise == exercise]) >= 4, exercise
            assert len([one for one in right if one.exercise == exercise]) >= 2, exercise
        assert all(30 < len(one.help) < 250 for one in wrong)
    assert total >= 150


@pytest.mark.usefixtures("sandbox")
def test_the_tests_of_every_lesson_are_proven_by_the_judge():
    together = Proof.total(prove_all(COURSE, COURSE.lessons))
    print(vars(together))
    assert together.faults == []
    proof = together.sums
    assert (proof.accepted, proof.rejected) == (proof.right, proof.wrong)
    assert proof.recognized >= 0.95 * proof.wrong
    assert proof.visible >= 0.95 * proof.wrong and proof.named >= 0.90 * proof.wrong
    assert all(figures.visible >= 0.8 * figures.wrong for figures in together.exercises), together.survivors
    assert proof.mutants >= 250 and proof.killed >= 0.95 * proof.mutants, together.survivors


def test_mutants_differ_from_the_solution_and_leave_texts_alone():
    code = 'def f(x):\n    """Two."""\n    if x < 2:\n        raise ValueError("small")\n    return x + 1\n'
    found = set(mutations(code))
    assert code not in found and len(found) > 3
    assert all('"""Two."""' in mutant and 'ValueError("small")' in mutant for mutant in found)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", COURSE.lessons)
@pytest.mark.parametrize("state", [solved, blank])
def test_every_page_runs_clean_and_stock_nbgrader_gives_what_is_due(lesson, state):
    notebook = state(SOURCES[lesson])
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata.nbgrader.solution:
            # Stock nbgrader runs the hidden tests as well.
            cell.source = cell_of(SOURCES[lesson], cell.metadata.nbgrader.grade_id).source
    NotebookClient(notebook, timeout=SECONDS, allow_errors=True).execute()
    pictures = 0
    for cell in notebook.cells:
        tested = cell.metadata.get("nbgrader", {}).get("locked", False)
        if tested and cell.cell_type == "code":
            score, most = determine_grade(cell)
            assert score == (most if state is solved else 0), cell.metadata.nbgrader.grade_id
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text
            assert output.output_type != "error" or (tested and state is blank), output.get("evalue")
            if "image/png" in output.get("data", {}):
                pictures += 1
                assert len(re.search(r'alt="([^"]*)"', output.data["text/html"]).group(1)) > 40
    assert pictures >= (4 if state is solved else 2)


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_a_lesson_is_told_in_small_pieces_and_has_all_its_parts(lesson):
    texts = [cell.source for cell in SOURCES[lesson].cells if cell.cell_type == "markdown"]
    told = "\n".join(texts)
    for part in (
        "In this lesson you will",
        "## To remember",
        "## Words",
        "## What next",
        "**To read:**",
        "challenge",
        "ow you know why",
    ):
        assert part in told, part
    assert told.count("**Predict first") >= 4
    assert max(len(text.split()) for text in texts) < 200


def test_the_korean_terms_of_the_notes_are_all_explained():
    told = "\n".join(cell.source for source in SOURCES.values() for cell in source.cells)
    assert [term for term in KOREAN.split() if term not in told] == []


@pytest.mark.slow
def test_the_shipped_model_is_as_good_as_the_text_says():
    from convlab.quiet import keras

    names = {"keras": keras, "layers": keras.layers, "np": np}
    exec(cell_of(solved(SOURCES["07_full_model"]), "build_model").source, names)
    model = names["build_model"]()
    model.set_weights(load_large_model_weights())
    _, (images, labels) = load_fashion_mnist()
    _, accuracy = model.evaluate(images[..., np.newaxis] / np.float32(255), labels, verbose=0)
    assert model.count_params() == 1_413_834
    assert accuracy == pytest.approx(0.936, abs=0.002)


def test_the_two_models_of_lesson_7_have_the_sums_that_the_text_gives():
    names = {"np": np}
    exec(cell_of(solved(SOURCES["07_full_model"]), "count_parameters").source, names)
    plan = next(cell.source for cell in SOURCES["07_full_model"].cells if cell.source.startswith("plan = ["))
    exec(plan.split("pictures.")[0], names)
    small = [
        *({"type": kind, **more} for filters in (32, 64, 128) for kind, more in (("conv", {"filters": filters, "kernel": 3, "padding": "same"}), ("pool", {"size": 2}))),
        {"type": "flatten"},
        {"type": "dense", "units": 128},
        {"type": "dense", "units": 10},
    ]  # fmt: skip
    assert sum(names["count_parameters"](names["plan"], (28, 28, 1))) == 1_413_834
    assert sum(names["count_parameters"](small, (28, 28, 1))) == 241_546


def test_a_wrong_answer_can_be_pasted_into_a_notebook():
    notebook = solved(SOURCES["01_dense_vs_conv"])
    wrong = read_answers(COURSE.source("01_dense_vs_conv").with_name("misconceptions.py"))[0]
    answer(notebook, wrong.exercise, wrong.code)
    source = cell_of(notebook, "conv2d_valid").source
    assert "def conv2d_valid(image, kernel):\n    kernel = kernel[::-1, ::-1]" in source and '"""' not in source


def test_an_answer_brings_what_it_uses_of_its_module(tmp_path):
    (tmp_path / "misconceptions.py").write_text(
        "import math\nimport json\n\ndef _half(x):\n    return x / math.tau\n\ndef f__wrong(x):\n    '''Help.'''\n    return _half(x)\n"
    )
    (found,) = read_answers(tmp_path / "misconceptions.py")
    assert (found.exercise, found.name, found.help) == ("f", "wrong", "Help.")
    assert found.code == "import math\n\ndef _half(x):\n    return x / math.tau\n\ndef f(x):\n    return _half(x)"
