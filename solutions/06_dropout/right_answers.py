"""Right answers of lesson 6 in other styles than the solution: `<exercise>__<style>`."""

import functools
import itertools

import keras
import numpy as np
import tensorflow as tf


def generalization_gap__unpacks(history):
    """Unpacks the lists."""
    *_, training = history["accuracy"]
    *_, validation = history["val_accuracy"]
    return training - validation


def generalization_gap__arrays(history):
    """A difference of arrays, float32."""
    gaps = np.array(history["accuracy"], dtype=np.float64) - np.array(history["val_accuracy"])
    return np.float32(gaps[-1])


def dropout_mask__not_below(shape, rate, rng):
    """Negates the comparison."""
    if rate < 0 or rate >= 1:
        raise ValueError("rate")
    return ~(rng.random(shape) < rate)


def dropout_mask__fills_a_buffer(shape, rate, rng):
    """Draws into a buffer."""
    if not (rate >= 0 and rate < 1):
        raise ValueError("rate must be in [0, 1)")
    lots = np.empty(shape)
    rng.random(out=lots)
    return np.greater_equal(lots, rate)


def expected_survivors__subtracts(units, rate):
    """Subtracts the silenced."""
    if rate < 0 or rate >= 1:
        raise ValueError
    return units - units * rate


def expected_survivors__float32(units, rate):
    """A NumPy number."""
    if not 0 <= rate < 1:
        raise ValueError("rate")
    return np.float32(units) * np.float32(1 - rate)


def dropout__where(x, rate, training, rng):
    """np.where."""
    if rate < 0 or rate >= 1:
        raise ValueError("rate")
    if training:
        return np.where(rng.random(x.shape) >= rate, x / (1 - rate), 0)
    return x.copy()


def dropout__in_place_on_a_copy(x, rate, training, rng):
    """Indexes a copy, float32."""
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"rate {rate}")
    out = np.array(x, dtype=np.float32)
    if not training:
        return out
    out[rng.random(x.shape) < rate] = 0
    out *= 1 / (1 - rate)
    return out


def dropout_gradient__where(upstream, mask, rate):
    """np.where."""
    if rate >= 1 or rate < 0:
        raise ValueError("rate")
    return np.where(mask, upstream, 0) / (1 - rate)


def dropout_gradient__indexes(upstream, mask, rate):
    """Indexes the survivors, float32."""
    if rate not in [0] and not 0 < rate < 1:
        raise ValueError("rate")
    gradient = np.zeros(upstream.shape, dtype=np.float32)
    gradient[mask] = upstream[mask] / (1 - rate)
    return gradient


def dropout_mask__one_by_one(shape, rate, rng):
    """A list of lots, one after the other, from the same stream."""
    if rate >= 1.0 or rate < 0.0:
        raise ValueError("rate")
    lots = [rng.random() >= rate for _ in range(functools.reduce(lambda a, b: a * b, shape))]
    return np.array(lots).reshape(shape)


def generalization_gap__last_of_all(history):
    """Walks through all epochs and keeps the last."""
    gap = None
    for practiced, new in zip(history["accuracy"], history["val_accuracy"], strict=True):
        gap = practiced - new
    return gap


def expected_survivors__adds_up(units, rate):
    """A sum of probabilities."""
    if rate < 0 or not rate < 1:
        raise ValueError("rate")
    return sum(itertools.repeat(1.0 - rate, units))


def dropout__value_by_value(x, rate, training, rng):
    """A loop over a flat list."""
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return np.array(x)
    lots = rng.random(x.shape).ravel().tolist()
    values = [value / (1 - rate) if lot >= rate else 0 for value, lot in zip(x.ravel().tolist(), lots, strict=True)]
    return np.array(values).reshape(x.shape)


def dropout__tensorflow(x, rate, training, rng):
    """TensorFlow's operations; a tensor."""
    if rate < 0 or rate >= 1:
        raise ValueError("rate")
    inputs = tf.cast(x, tf.float32)
    return tf.where(rng.random(x.shape) >= rate, inputs / (1 - rate), 0.0) if training else inputs


def dropout_gradient__tape(upstream, mask, rate):
    """TensorFlow's tape."""
    if rate < 0 or rate >= 1:
        raise ValueError("rate")
    inputs = tf.zeros(upstream.shape)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = inputs * tf.cast(mask, tf.float32) / (1 - rate)
    return tape.gradient(outputs, inputs, tf.cast(upstream, tf.float32))


def dropout_model__compiled(hidden_units, rate):
    """Add by add, compiled."""
    if rate < 0 or rate >= 1:
        raise ValueError("rate")
    model = keras.Sequential()
    model.add(keras.layers.Input(shape=(28, 28)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(hidden_units))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.Dense(10))
    model.add(keras.layers.Softmax())
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def dropout_model__functional(hidden_units, rate):
    """A functional model."""
    if not 0 <= rate < 1:
        raise ValueError("rate")
    inputs = keras.Input((28, 28))
    x = keras.layers.Dense(hidden_units, activation="relu")(keras.layers.Flatten()(inputs))
    outputs = keras.layers.Dense(10, activation="softmax")(keras.layers.Dropout(rate)(x))
    return keras.Model(inputs, outputs)


def mc_dropout__one_large_batch(model, x, samples):
    """All predictions in one batch."""
    if samples <= 0:
        raise ValueError("samples")
    answers = np.array(model(np.concatenate([x] * samples), training=True))
    answers = answers.reshape(samples, len(x), -1)
    return [np.mean(answers, axis=0), np.std(answers, axis=0)]


def mc_dropout__running_sums(model, x, samples):
    """Running sums, in floats of 64 bits."""
    if samples < 1:
        raise ValueError("samples")
    total, squares = 0.0, 0.0
    for _ in range(samples):
        answer = model(x, training=True).numpy().astype(float)
        total = total + answer
        squares = squares + answer**2
    mean = total / samples
    return mean, np.sqrt(np.maximum(squares / samples - mean**2, 0))


def mc_dropout__lists(model, x, samples):
    """Lists of predictions, picture by picture; a deviation written out."""
    if not samples >= 1:
        raise ValueError("samples")
    answers = [model(x, training=True).numpy().tolist() for _ in range(samples)]
    mean, std = [], []
    for picture in range(len(x)):
        columns = list(zip(*(answer[picture] for answer in answers), strict=True))
        middle = [sum(column) / samples for column in columns]
        mean.append(middle)
        std.append(
            [
                (sum((value - m) ** 2 for value in column) / samples) ** 0.5
                for column, m in zip(columns, middle, strict=True)
            ]
        )
    return np.array(mean), np.array(std)
