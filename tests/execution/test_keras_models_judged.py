"""Keras models in worker and judge: a model that cannot be sent costs the points of its own test, and no others."""

import nbformat
import pytest

from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

SETUP = "import keras\nimport numpy as np\nfrom keras import layers\n"
SMALL = "keras.Sequential([keras.Input((3,)), layers.Dense(2)])"
# name: (the student's code, the test, a part of the expected message or "" if the test passes)
EXERCISES = {
    "lambda layer": (
        "def f():\n    return keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: 2 * x)])",
        "f()",
        "f: 'lambda' is a Lambda layer, which holds code of your own: the tests can only take Keras' own.",
    ),
    "own layer": (
        "class Mine(layers.Dense):\n    pass\nmodel = keras.Sequential([keras.Input((3,)), Mine(2)])",
        "1 / len('x'); model.count_params()",
        "'model': a layer is of a class of your own, 'Mine': the tests can only take Keras' own.",
    ),
    "after those": (f"def f():\n    return {SMALL}", "assert f().count_params() == 8", ""),
    "own activation": (
        "def wave(x):\n    return keras.ops.sin(x)\ndef f():\n    return keras.Sequential([layers.Dense(2, activation=wave, name='last')])",
        "f()",
        "f: the activation of 'last' is a function of your own, 'wave': the tests can only take Keras' own.",
    ),
    "own optimizer": (
        f"class Mine(keras.optimizers.SGD):\n    pass\ndef f():\n    model = {SMALL}\n    model.compile(Mine(), 'mse')\n    return model",
        "f()",
        "f: the optimizer is of a class of your own, 'Mine': the tests can only take Keras' own.",
    ),
    "own loss, needed": (
        f"def mine(y, p):\n    return keras.ops.mean(y - p)\ndef f():\n    model = {SMALL}\n    model.compile('sgd', mine)\n    return model",
        "f().evaluate(np.ones((2, 3)), np.ones((2, 2)), verbose=0)",
        "the loss 'mine' is your own: the tests can only compute Keras' own losses",
    ),
    "own loss, not needed": (
        f"def mine(y, p):\n    return keras.ops.mean(y - p)\ndef f():\n    model = {SMALL}\n    model.compile('sgd', mine)\n    return model",
        "assert f().predict(np.ones((2, 3)), verbose=0).shape == (2, 2)",
        "",
    ),
    "a class that only builds": (
        "class Net(keras.Sequential):\n    def __init__(self):\n        super().__init__([keras.Input((3,)), layers.Dense(2)])\ndef f():\n    model = Net()\n    model.compile('sgd', 'mse')\n    return model",
        "model = f()\nassert model.count_params() == 8 and model.predict(np.ones((2, 3)), verbose=0).shape == (2, 2) and model.loss == 'mse'",
        "",
    ),
    "a functional class": (
        "class Net(keras.Model):\n    def __init__(self):\n        x = keras.Input((3,))\n        super().__init__(x, layers.Dense(2)(x))\nmodel = Net()",
        "assert model.count_params() == 8 and [type(l).__name__ for l in model.layers] == ['InputLayer', 'Dense']",
        "",
    ),
    "a class with a call, called": (
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(2)\n    def call(self, x):\n        return self.d(x)\nnet = Net()",
        "assert np.asarray(net(np.ones((4, 3)))).shape == (4, 2)",
        "",
    ),
    "a class with a call, looked into": (
        "net = Net()",
        "net.count_params()",
        "'Net' object has no attribute 'count_params' that a test of this course can mean",
    ),
    "history": (
        f"def f():\n    model = {SMALL}\n    model.compile('sgd', 'mse')\n    return model.fit(np.ones((4, 3)), np.ones((4, 2)), epochs=3, verbose=0)",
        "history = f()\nassert len(history.history['loss']) == 3 and history.epoch == [0, 1, 2]",
        "",
    ),
    "optimizer": (
        "def f():\n    return keras.optimizers.Adam(0.5)",
        "assert abs(float(f().learning_rate) - 0.5) < 1e-6",
        "",
    ),
    "trains what it is given": (
        "def f(model, x, y):\n    model.compile(keras.optimizers.SGD(0.1), 'mse')\n    model.fit(x, y, epochs=30, verbose=0)",
        f"model = {SMALL}\nx, y = np.eye(3), np.ones((3, 2))\nf(model, x, y)\nassert model.loss == 'mse' and model.evaluate(x, y, verbose=0) < 0.5\nassert int(model.optimizer.iterations) == 30",
        "",
    ),
    "freezes what it is given": (
        "def f(model):\n    model.layers[0].trainable = False",
        f"model = {SMALL}\nf(model)\nassert model.trainable_weights == []",
        "",
    ),
    "adds to what it is given": (
        "def f(model):\n    model.add(layers.Dense(5))",
        f"model = {SMALL}\nf(model)\nassert model.output_shape == (None, 5) and model(np.ones((1, 3))).shape == (1, 5)",
        "",
    ),
    "at last": ("def twice(x):\n    return 2 * x", "assert twice(2) == 4", ""),
}


@pytest.fixture(scope="module")
def graded():
    cells = [nbformat.v4.new_code_cell(SETUP)]
    for answer, test, _ in EXERCISES.values():
        cells += [nbformat.v4.new_code_cell(answer), nbformat.v4.new_code_cell(SETUP + test)]
        cells[-1].metadata["nbgrader"] = {"grade": True, "solution": False}
    with Runner() as runner:
        runner.check()
        result = runner.run(nbformat.v4.new_notebook(cells=cells), cell_seconds=120, total_seconds=600)
    said = [[output["evalue"] for output in outputs if output["output_type"] == "error"] for outputs in result.outputs]
    return result.status, dict(zip(EXERCISES, said[2::2], strict=True))


def test_nothing_of_it_ends_the_notebook(graded):
    """Fails at 981fac2: a model that cannot be rebuilt ended the judge, and all later exercises were lost."""
    assert graded[0] == "graded"


@pytest.mark.parametrize("name", EXERCISES)
def test_each_gets_what_it_deserves_and_is_told_why(name, graded):
    due = EXERCISES[name][2]
    got = " ".join(graded[1][name])
    assert due in got and bool(due) == bool(got), got
