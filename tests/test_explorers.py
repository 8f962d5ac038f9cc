"""What the explorers compute in Python, and what they leave where no widget can run."""

import base64
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder.kernel import new_shell
from convlab import explorers

WIDGET = "application/vnd.jupyter.widget-view+json"
small = arrays(float, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.integers(-9, 9))
kernels = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 3)), elements=st.integers(-9, 9))


@pytest.mark.parametrize("name", explorers.__all__)
def test_an_explorer_is_a_widget_a_picture_and_a_text_where_no_front_end_listens(name):
    outputs = new_shell().run_to_outputs(f"from convlab import explorers\nexplorers.{name}()")
    assert [output["output_type"] for output in outputs] == ["execute_result"]
    data = outputs[0]["data"]
    assert data[WIDGET]["model_id"] and base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert len(data["text/plain"]) > 40 and outputs[0]["metadata"]["image/png"]["alt"] == data["text/plain"]


def test_convlab_alone_imports_neither_anywidget_nor_matplotlib():
    code = (
        "import sys, convlab; sys.exit(any(name in sys.modules for name in ('anywidget', 'ipywidgets', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_explorers_import_no_tensorflow():
    code = "import sys, convlab.explorers; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=30, deadline=None)
@given(small, kernels)
def test_the_stepper_knows_the_sum_of_products_at_each_place(image, kernel):
    stepper = explorers.convolution(image, kernel)
    height, width = kernel.shape
    for (row, column), value in np.ndenumerate(stepper.output):
        assert value == sum(image[row + u, column + v] * kernel[u, v] for u in range(height) for v in range(width))


def test_the_stepper_tells_the_place_where_it_stands():
    stepper = explorers.convolution(np.arange(9).reshape(3, 3), [[1, -1]])
    stepper.row, stepper.column = 2, 1
    assert "Output (2, 1) is 7·1 + 8·(-1) = -1" in stepper.picture().alt


@pytest.mark.parametrize(
    ("image", "kernel"),
    [
        (np.zeros((2, 2)), np.zeros((3, 1))),
        (np.zeros((10, 3)), None),
        (np.zeros(4), None),
        (np.zeros((0, 3)), None),
        ([[np.nan]], [[1]]),
    ],
)
def test_the_stepper_refuses_what_it_cannot_show(image, kernel):
    with pytest.raises(ValueError):
        explorers.convolution(image, kernel)
