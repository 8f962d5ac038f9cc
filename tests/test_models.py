"""Keras models cross to the judge as plain descriptions and come out as they went in, or not at all."""

import numpy as np
import pytest

from autograder.models import ModelError, describe_model, rebuild_model
from autograder.values import Limits, decode, encode
from convlab.models import layers_of, loss_of, measures_accuracy
from convlab.quiet import keras

L = keras.layers
LIMITS = Limits()


def across(model):
    head, body = encode(model, LIMITS)
    return decode(head, b"".join(body), LIMITS)


def sequential():
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            L.Conv2D(3, (3, 2), strides=(2, 1), padding="same", activation="relu"),
            L.BatchNormalization(),
            L.MaxPooling2D((2, 2)),
            L.Dropout(0.25),
            L.Flatten(),
            L.Dense(4, activation="softmax", use_bias=False),
        ]
    )


def functional():
    inputs = keras.Input((6, 6, 1))
    one = L.Conv2D(2, 3, padding="same")(inputs)
    two = L.ReLU()(L.Conv2D(2, 5, padding="same", dilation_rate=1)(inputs))
    merged = L.Concatenate()([L.Add()([one, two]), two])
    return keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling2D()(merged)))


@pytest.mark.parametrize("build", [sequential, functional])
def test_a_model_answers_the_same_on_the_other_side(build):
    model = build()
    rng = np.random.default_rng(0)
    # Fresh models have zero biases, which would hide a lost one.
    model.set_weights([rng.random(w.shape) + 0.1 for w in model.get_weights()])
    got = across(model)
    x = rng.normal(size=(3, *model.input_shape[1:])).astype("float32")
    assert got is not model and np.allclose(got(x), model(x), atol=1e-5)
    assert layers_of(got) == layers_of(model)


def test_how_a_model_is_compiled_crosses_with_it():
    model = sequential()
    assert loss_of(across(model)) == "not compiled"
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    got = across(model)
    assert loss_of(got) == "sparse_categorical_crossentropy on logits" and measures_accuracy(got)
    assert type(got.optimizer).__name__ == "SGD"
    model = sequential()
    model.compile("adam", "mse")
    assert loss_of(across(model)) == "mse" and not measures_accuracy(across(model))


def test_tensors_and_variables_cross_as_arrays():
    import tensorflow as tf

    for value in (tf.constant([[1.5, 2.0]]), tf.Variable([3]), keras.Variable([4.0])):
        got = across(value)
        assert type(got) is np.ndarray and np.array_equal(got, np.asarray(value))


class Mine(L.Dense):
    pass


@pytest.mark.parametrize(
    "layer",
    [L.Lambda(lambda x: x), Mine(2), L.Dense(2, activation=lambda x: x)],
    ids=["lambda layer", "subclass", "own activation"],
)
def test_what_could_bring_code_along_is_refused(layer):
    model = keras.Sequential([keras.Input((2,)), layer])
    with pytest.raises((ModelError, Exception), match=r"cannot be handed|not one that the tests know"):
        rebuild_model(describe_model(model))


def tampered(change):
    description = describe_model(sequential())
    change(description)
    return description


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["nodes"][0]["layer"].update({"class": "Lambda"}),
        lambda d: d["nodes"][0]["layer"]["fields"].update({"filters": 10**9}),
        lambda d: d["nodes"][0]["layer"]["fields"].update({"activation": "os.system"}),
        lambda d: d["nodes"][0]["layer"]["fields"].update({"kernel_initializer": "zeros"}),
        lambda d: d["nodes"][0]["layer"]["fields"].pop("filters"),
        lambda d: d["nodes"][0].update({"weights": []}),
        lambda d: d["nodes"][0].update({"weights": [np.zeros((1, 1, 2, 3)), np.zeros(3)]}),
        lambda d: d.update({"inputs": [[[None, 10**6, 10**6, 3], "float32"]]}),
        lambda d: d.update({"nodes": d["nodes"] * 100}),
        lambda d: d.update({"kind": "subclass"}),
        lambda d: d.update({"compiled": {"optimizer": "os", "learning_rate": 1.0, "loss": "mse", "metrics": []}}),
    ],
)
def test_a_tampered_description_is_no_model(change):
    with pytest.raises((ModelError, ValueError)):
        rebuild_model(tampered(change))
