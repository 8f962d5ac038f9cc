"""Keras models are sent to the judge as plain descriptions and are rebuilt unchanged, or refused."""

import numpy as np
import pytest

from autograder.errors import RefusedValue
from autograder.sandbox.wire import FrameLimits
from autograder.sandbox.wire.codec import decode, encode
from convlab.models import compiled_of, layers_of
from convlab.quiet import keras

pytestmark = pytest.mark.slow

L = keras.layers
LIMITS = FrameLimits()


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
    # New models have zero biases, so a lost bias would go unnoticed.
    model.set_weights([rng.random(w.shape) + 0.1 for w in model.get_weights()])
    got = across(model)
    x = rng.normal(size=(3, *model.input_shape[1:])).astype("float32")
    assert got is not model and np.allclose(got(x), model(x), atol=1e-5)
    assert layers_of(got) == layers_of(model)


@pytest.mark.parametrize(
    ("loss", "metrics"),
    [
        ("sparse_categorical_crossentropy", ["accuracy"]),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"]),
        (keras.losses.SparseCategoricalCrossentropy(ignore_class=3, reduction="sum", name="mine"), ["mae", "acc"]),
        ("categorical_crossentropy", [keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="accuracy")]),
        ("mse", None),
    ],
)
def test_how_a_model_is_compiled_crosses_with_it(loss, metrics):
    model = sequential()
    assert compiled_of(across(model)) == ["not compiled"]
    model.compile("sgd", loss, metrics=metrics)
    got = across(model)
    assert compiled_of(got) == compiled_of(model) and type(got.optimizer).__name__ == "SGD"


def test_tensors_and_variables_cross_as_arrays():
    import tensorflow as tf

    for value in (tf.constant([[1.5, 2.0]]), tf.Variable([3]), keras.Variable([4.0])):
        got = across(value)
        assert type(got) is np.ndarray and np.array_equal(got, np.asarray(value))


class Mine(L.Dense):
    pass


def wave(x, **_):
    return keras.ops.sin(x)


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (L.Lambda(lambda x: x), "'lambda' is a Lambda layer, which holds code of your own"),
        (Mine(2, name="hidden"), "a layer is of a class of your own, 'Mine'"),
        (L.Dense(2, activation=wave, name="out"), "the activation of 'out' is a function of your own, 'wave'"),
        (
            L.Dense(2, activation=lambda x: x, name="out"),
            "the activation of 'out' is a function of your own, '<lambda>'",
        ),
        (L.Dense(2, kernel_initializer=wave, name="out"), "the kernel_initializer of 'out' is a function of your own"),
        (L.TimeDistributed(Mine(2)), "a layer is of a class of your own, 'Mine'"),
    ],
    ids=["lambda layer", "subclass", "own activation", "lambda", "own initializer", "inside a wrapper"],
)
def test_what_could_bring_code_along_is_refused_in_words(layer, why):
    with pytest.raises(RefusedValue) as refused:
        encode(keras.Sequential([keras.Input((2, 2)), layer]), LIMITS)
    assert str(refused.value) == f"{why}: the tests can only take Keras' own." or why in str(refused.value)


def test_a_function_of_the_name_of_one_of_keras_is_not_taken_for_it():
    def relu(x):
        return -x

    with pytest.raises(RefusedValue, match="the activation of 'out' is a function of your own, 'relu'"):
        encode(keras.Sequential([keras.Input((2,)), L.Dense(2, activation=relu, name="out")]), LIMITS)


def my_loss(y_true, y_pred):
    return keras.ops.mean(y_true - y_pred)


def test_an_own_loss_or_metric_is_missed_only_where_it_is_needed():
    model = sequential()
    model.compile("adam", my_loss, metrics=["mae", my_loss])
    got = across(model)
    x = np.ones((2, 8, 8, 2), "float32")
    assert np.allclose(got.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
    assert "my_loss" in compiled_of(got)[0] and "my_loss" in compiled_of(got)[1]
    with pytest.raises(ValueError, match="'my_loss' is your own: the tests can only compute Keras' own"):
        got.evaluate(x, np.ones((2, 4)), verbose=0)
