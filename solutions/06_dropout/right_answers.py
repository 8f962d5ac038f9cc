"""Right answers of lesson 6 in other styles than the solution: `<exercise>__<style>`."""

import keras
import numpy as np


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
