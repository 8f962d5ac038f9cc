"""Measures the time to grade a TensorFlow submission beyond the running time of its own cells.

    python benchmarks/overhead.py [--runs 7]

Two measurements alternate: the cells of a small submission in a new Python process after it has imported TensorFlow
(only the cells are timed), and the same cells and their test run by a worker and a judge from running fork servers,
from submission to verdict.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

import nbformat

from autograder.execution import Runner

ANSWER = """
import keras
import numpy as np

def build():
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
FIT = """
rng = np.random.default_rng(0)
history = build().fit(rng.random((256, 28, 28, 1)), rng.integers(0, 10, 256), epochs=2, verbose=0)
"""
TEST = """
from convlab.checks import check
from convlab.models import layers_of
check(build, of=layers_of, gives=["Conv2D 8 filters 3×3, relu", "MaxPooling2D 2×2", "Flatten", "Dense 10, softmax"])
"""
ALONE = """
import sys, time
import keras, tensorflow
from convlab import checks, models
start = time.perf_counter()
for source in sys.argv[1:]:
    exec(source, globals())
print(time.perf_counter() - start)
"""


def alone() -> float:
    """The seconds that the cells and the test take in a process of their own, not counting imports."""
    command = [sys.executable, "-c", ALONE, ANSWER, FIT, TEST]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def graded(runner: Runner) -> float:
    cells = [nbformat.v4.new_code_cell(source) for source in (ANSWER, FIT, TEST)]
    cells[2].metadata["nbgrader"] = {"grade": True, "solution": False}
    start = time.perf_counter()
    result = runner.run(nbformat.v4.new_notebook(cells=cells))
    seconds = time.perf_counter() - start
    if result.status != "graded" or result.outputs[2]:
        raise SystemExit(f"expected the submission to pass, got {result}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with Runner() as runner:
        runner.check()
        graded(runner)
        pairs = [(alone(), graded(runner)) for _ in range(runs)]
    own, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"own cells {own:.2f} s, graded {whole:.2f} s, overhead {whole - own:.2f} s, ratio {whole / own:.2f} (medians of {runs})"
    )


if __name__ == "__main__":
    main()
