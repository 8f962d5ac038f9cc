"""Networks that a task describes, and Keras models judged by what they do: their outputs, their loss, their metrics.

A description is a list of layers such as `{"type": "conv", "filters": 64, "kernel": 7, "padding": "same", "activation":
"relu"}`, as in lesson 7. Names are only used for messages: a model is right if it has weights of the same shapes as the
described network and gives the same outputs with the same weights, however it is written.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

RTOL = 1e-4
_SEED = 6  # of every random generator in a model, so that dropout can be computed; it mirrors both pictures
# Pictures of two sizes of numbers: small ones tell ReLU from smooth activations, large ones from activations that saturate.
_SIZES = (1.0, 10.0)


class Network:
    """A network as a task describes it, to compare models with.

    Args:
        input_shape: the shape of one picture.
        layers: dicts with a "type": "conv" with "filters", "kernel" and, where they are not the default, "padding"
            ("valid"), "strides" (1) and "activation" (None); "pool" with "size", valid, with strides as large as the
            size; "flatten"; "dense" with "units" and "activation"; "dropout" with "rate". Sizes are ints or pairs.
        compiled: whether a model has to be compiled with sparse categorical cross-entropy and accuracy.
    """

    def __init__(self, input_shape: tuple[int, ...], layers: list[dict], compiled: bool = False) -> None:
        self.input_shape, self.layers, self.compiled = tuple(input_shape), layers, compiled
        self._named = [_input_line(self.input_shape), *map(_described, layers)]

    @property
    def lines(self) -> list[str]:
        """One line for the input, each layer and, where that is asked for, the loss and the metric."""
        return [*self._named, *(_due_compiled() if self.compiled else [])]

    def found_in(self, model: Any, seed: int = 0) -> list[str]:
        """`lines` if a model does the same as this network, and otherwise lines that say what the model is.

        Args:
            seed: of the random weights and pictures.

        Raises:
            AttributeError: `model` is not a Keras model.
        """
        named = [_input_line(_input_shape(model)), *layers_of(model)]
        remark = self._difference(model, seed, named == self._named)
        if not remark:
            named = self._named
        elif named == self._named:
            named = [*named, remark]
        return [*named, *(compiled_of(model) if self.compiled else [])]

    def _difference(self, model: Any, seed: int, named_alike: bool) -> str:
        """What a model does differently with the same weights; "" if nothing."""
        weights, pictures, outputs = self._computed(seed, sum(map(_is_seed, model.variables)))
        shapes = [tuple(weight.shape) for weight in model.weights]
        if _input_shape(model) != self.input_shape or shapes != [weight.shape for weight in weights]:
            return f"but its weights have the shapes {shapes}"
        # Half precision rounds too coarsely to tell activations apart, so their names count as well.
        tolerance = 0.03 if named_alike and "16" in str(model.compute_dtype) else RTOL
        for training, due in zip((None, True), outputs, strict=True):
            when = "while training " if training else ""
            try:
                got = _outputs(model, weights, pictures, training)
            except Exception as error:
                return f"but {when}it fails: {_words(error)}"
            if got.shape != due.shape:
                return f"but {when}its outputs have the shape {got.shape[1:]}"
            far = ~np.isclose(got, due, rtol=tolerance, atol=tolerance / 10 * np.abs(due).max())
            if far.any():
                place = tuple(np.argwhere(far)[0])
                return f"but {when}it gives {got[place]:.4g} with weights that should give {due[place]:.4g}"
        return ""

    def _computed(self, seed: int, generators: int) -> tuple[list[np.ndarray], np.ndarray, list[np.ndarray]]:
        """Random weights and pictures, and this network's outputs for them, first without dropout and then with it.

        Args:
            generators: how many random generators the model has: one may be shared by all layers of dropout.
        """
        keras, rng = _keras(), np.random.default_rng(seed)
        pictures = rng.normal(size=(len(_SIZES), *self.input_shape))
        pictures *= np.reshape(_SIZES, (-1,) + (1,) * len(self.input_shape))
        weights: list[np.ndarray] = []
        shared = keras.random.SeedGenerator(_SEED)
        plain = trained = keras.ops.convert_to_tensor(pictures, "float32")
        for layer in self.layers:
            if layer["type"] == "dropout":
                generator = shared if generators == 1 else keras.random.SeedGenerator(_SEED)
                trained = keras.random.dropout(trained, layer["rate"], seed=generator)
                continue
            step = self._step(layer, plain.shape[1:], weights, rng)
            # The same until the first dropout, and computed only once.
            plain, trained = (step(plain),) * 2 if trained is plain else (step(plain), step(trained))
        return weights, pictures.astype("float32"), [np.asarray(plain), np.asarray(trained)]

    @staticmethod
    def _step(layer: dict, shape: tuple[int, ...], weights: list[np.ndarray], rng: np.random.Generator) -> Callable:
        """One layer as a function; its random weights are added to `weights`."""
        ops, kind = _keras().ops, layer["type"]
        if kind == "pool":
            return lambda x: ops.max_pool(x, _pair(layer["size"]))
        if kind == "flatten":
            return lambda x: ops.reshape(x, (len(x), -1))
        size = (*_pair(layer["kernel"]), shape[-1], layer["filters"]) if kind == "conv" else (*shape, layer["units"])
        # Small numbers before a softmax keep its probabilities away from 0 and 1.
        spread = (0.1 if layer.get("activation") == "softmax" else 1.0) * np.sqrt(2 / np.prod(size[:-1]))
        kernel = (rng.standard_normal(size, dtype="float32") * spread).astype("float32")
        bias = rng.standard_normal(size[-1], dtype="float32")
        weights += [kernel, bias]
        activation = _keras().activations.get(layer.get("activation"))
        if kind == "dense":
            return lambda x: activation(ops.matmul(x, kernel) + bias)
        strides, padding = _pair(layer.get("strides", 1)), layer.get("padding", "valid")
        return lambda x: activation(ops.conv(x, kernel, strides, padding) + bias)


def _keras() -> Any:
    from convlab.quiet import keras  # noqa: PLC0415, only lessons with models need TensorFlow, which takes seconds

    return keras


def _is_seed(variable: Any) -> bool:
    return variable.name == "seed_generator_state"


def _outputs(model: Any, weights: list[np.ndarray], pictures: np.ndarray, training: bool | None) -> np.ndarray:
    """A model's outputs with other weights than its own, which stay as they are."""
    values = {id(variable): value for variable, value in zip(model.weights, weights, strict=True)}
    values |= {id(variable): np.array([_SEED, 0], variable.dtype) for variable in model.variables if _is_seed(variable)}
    variables = [
        [values.get(id(variable), variable.value) for variable in some]
        for some in (model.trainable_variables, model.non_trainable_variables)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that inputs came as an array instead of a list or a dict
        outputs = _keras().tree.flatten(model.stateless_call(*variables, pictures, training=training)[0])
    return np.asarray(outputs[0], "float32") if len(outputs) == 1 else np.zeros(len(outputs))


def _input_shape(model: Any) -> tuple[int | None, ...] | None:
    """The shape of one picture; None for a model without layers that were built, or with several inputs."""
    inputs = getattr(model, "inputs", None) or []
    if not inputs and model.built and hasattr(model, "input_shape"):
        return tuple(model.input_shape[1:])
    return tuple(inputs[0].shape[1:]) if len(inputs) == 1 else None


# In words


def _input_line(shape: tuple[int | None, ...] | None) -> str:
    return f"input {'×'.join(map(str, shape))}" if shape else "input of unknown shape"


def layers_of(model: Any) -> list[str]:
    """One line for each layer of a model, such as `"Conv2D 64 filters 7×7, same, relu"`, for messages.

    Layers that do the same mostly have the same line: an activation may be an argument, a layer or an operation, sizes
    may be ints or pairs, and models in a model are opened. What has no effect is left out: input layers, and padding or
    strides that change nothing.

    Raises:
        AttributeError: `model` is not a Keras model.
    """
    lines: list[str] = []
    for layer in _opened(model):
        if type(layer).__name__ in ("InputLayer", "Identity"):
            continue
        activation = _own_activation(layer)
        if activation is None:
            lines.append(_line(layer))
        elif activation != "linear":
            _activate(lines, activation)
    return lines


def _opened(model: Any) -> Iterator[Any]:
    """The layers of a model and of models in it. A functional model also has operations, such as `keras.ops.relu`."""
    for layer in getattr(model, "operations", model.layers):
        yield from _opened(layer) if hasattr(layer, "layers") else [layer]


def _activate(lines: list[str], activation: str) -> None:
    """Add an activation to its line. ReLU gives the same before and after max pooling, flattening and dropout."""
    place = len(lines) - 1
    while activation == "relu" and place > 0 and lines[place].split()[0] in ("MaxPooling2D", "Flatten", "Dropout"):
        place -= 1
    if place < 0 or lines[place].split(", ")[-1] in ("relu", "softmax"):
        lines.append(activation)
    else:
        lines[place] += f", {activation}"


def _own_activation(layer: Any) -> str | None:
    """The activation's name if the layer or operation is nothing but an activation, else None."""
    kind = type(layer).__name__
    if kind == "Activation":
        return _activation(layer.activation)
    if kind in ("ReLU", "LeakyReLU"):
        plain = not any(getattr(layer, name, None) for name in ("max_value", "negative_slope", "threshold"))
        return "relu" if plain else None
    if kind == "Softmax":
        return "softmax" if layer.axis == -1 else None
    return kind.lower() if not hasattr(layer, "get_weights") and hasattr(_keras().activations, kind.lower()) else None


def _activation(function: Any) -> str:
    if type(function).__name__ == "Activation":  # a layer used as the activation of another layer
        function = function.activation
    name = getattr(function, "__name__", type(function).__name__).lower()
    return {"softmax_v2": "softmax"}.get(name, name)


def _line(layer: Any) -> str:
    kind = type(layer).__name__
    if kind == "Conv2D":
        words = [f"Conv2D {layer.filters} filters {_size(layer.kernel_size)}"]
        words += [f"strides {_size(layer.strides)}"] if tuple(layer.strides) != (1, 1) else []
        words += ["same"] if layer.padding == "same" and tuple(layer.kernel_size) != (1, 1) else []
        words += [f"dilation {_size(layer.dilation_rate)}"] if tuple(layer.dilation_rate) != (1, 1) else []
        words += [f"{layer.groups} groups"] if layer.groups != 1 else []
    elif kind == "Dense":
        words = [f"Dense {layer.units}"]
    elif kind in ("MaxPooling2D", "AveragePooling2D"):
        words = [f"{kind} {_size(layer.pool_size)}"]
        words += [f"strides {_size(layer.strides)}"] if tuple(layer.strides) != tuple(layer.pool_size) else []
        words += ["same"] if layer.padding == "same" and not _fits(layer) else []
    elif kind in ("Dropout", "SpatialDropout2D"):
        words = [f"{kind} {layer.rate:g}"]
    elif kind == "Reshape" and len(getattr(layer, "target_shape", "  ")) == 1:
        words = ["Flatten"]
    else:
        words = [kind]
    if kind in ("Conv2D", "Dense"):
        words += ["no bias"] if not layer.use_bias else []
        words += [name for name in [_activation(layer.activation)] if name != "linear"]
    return ", ".join(words)


def _described(layer: dict) -> str:
    """The line that `layers_of` gives for a Keras layer of this description."""
    match layer["type"]:
        case "conv":
            kernel, strides = _pair(layer["kernel"]), _pair(layer.get("strides", 1))
            words = [f"Conv2D {layer['filters']} filters {_size(kernel)}"]
            words += [f"strides {_size(strides)}"] if strides != (1, 1) else []
            words += ["same"] if layer.get("padding") == "same" and kernel != (1, 1) else []
        case "pool":
            words = [f"MaxPooling2D {_size(_pair(layer['size']))}"]
        case "dense":
            words = [f"Dense {layer['units']}"]
        case "dropout":
            words = [f"Dropout {layer['rate']:g}"]
        case _:
            words = ["Flatten"]
    return ", ".join([*words, *filter(None, [layer.get("activation")])])


def _pair(size: Any) -> tuple[int, int]:
    vertical, horizontal = np.broadcast_to(size, 2).tolist()
    return vertical, horizontal


def _size(size: Any) -> str:
    return f"{size[0]}×{size[1]}"


def _fits(layer: Any) -> bool:
    """Whether the pooling windows cover the input without a remainder, so that 'same' and 'valid' are equivalent."""
    if len(layer._inbound_nodes) != 1:
        return False  # used in several places
    shape = layer.input.shape[1:3]
    return tuple(layer.pool_size) == tuple(layer.strides) and all(
        size is not None and size % pool == 0 for size, pool in zip(shape, layer.pool_size, strict=True)
    )


# How a model is compiled

# The classes of two batches of pictures, all ten among them.
_LABELS = np.array(
    [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 0, 3, 2], [1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 0, 3, 2, 3]]
)


def _predictions() -> np.ndarray:
    """Probabilities of ten classes for these pictures; in the first batch the largest of 7 of the 17 are right."""
    powers = np.exp(np.random.default_rng(1).normal(size=(*_LABELS.shape, 10)))
    rows = np.arange(_LABELS.shape[1])
    powers[0, rows, _LABELS[0]] = np.where(rows < 7, 1.1 * powers[0].max(axis=1), 0.5 * powers[0].mean(axis=1))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype("float32")


def _due_numbers() -> tuple[np.ndarray, np.ndarray]:
    """Loss and accuracy for each batch."""
    predictions = _predictions()
    of_truth = np.take_along_axis(predictions, _LABELS[..., np.newaxis], axis=-1)
    return -np.log(of_truth).mean(axis=(1, 2)), (predictions.argmax(axis=-1) == _LABELS).mean(axis=1)


def _due_compiled() -> list[str]:
    loss, accuracy = _due_numbers()
    return [
        f"loss {_two(loss)}: sparse categorical cross-entropy on probabilities",
        f"metric {_two(accuracy)}: accuracy",
    ]


def compiled_of(model: Any) -> list[str]:
    """A line for the loss of a model and one for its metrics, with what they give for two batches with known answers.

    Labels are class numbers, and predictions are probabilities of ten classes, which are not the model's own. If the
    loss is sparse categorical cross-entropy and one of the metrics is the accuracy, the lines are always the same.

    Raises:
        AttributeError: `model` is not a Keras model.
    """
    if not model.compiled:
        return ["not compiled"]
    batches = [tuple(map(_keras().ops.convert_to_tensor, batch)) for batch in zip(_LABELS, _predictions(), strict=True)]
    return [_loss_line(model, batches), _metric_line(model, batches)]


def _loss_line(model: Any, batches: list[tuple[Any, Any]]) -> str:
    if model._compile_loss is None:
        return "no loss"
    try:
        values = np.array([np.asarray(model._compile_loss(*batch)) for batch in batches])
    except Exception as error:
        return f"loss {_name(model.loss)} fails on class numbers: {_words(error)}"
    if values.ndim != 1:
        return f"loss {_name(model.loss)} gives a number for each picture"
    right = np.allclose(values, _due_numbers()[0], rtol=RTOL)
    return _due_compiled()[0] if right else f"loss {_two(values)}: {_name(model.loss)}"


def _metric_line(model: Any, batches: list[tuple[Any, Any]]) -> str:
    if model._compile_metrics is None:
        return "no metric"
    try:
        if not model._compile_metrics.built:
            model._compile_metrics.build(*batches[0])
    except Exception as error:
        return f"metrics that fail on class numbers: {_words(error)}"
    found = []
    for metric in model._compile_metrics.metrics:
        # One metric may fail, such as one of the student's own, and another one be the accuracy.
        try:
            values = np.array([_measured(metric, batch) for batch in batches])
        except Exception:
            found.append(f"{_name(metric)} fails on class numbers")
            continue
        if values.ndim == 1 and np.allclose(values, _due_numbers()[1], rtol=RTOL):
            return _due_compiled()[1]
        found.append(f"{_two(values)}: {_name(metric)}")
    return "metric " + "; ".join(found)


def _measured(metric: Any, batch: tuple[Any, Any]) -> np.ndarray:
    metric.reset_state()
    metric.update_state(*batch)
    value = np.asarray(metric.result())
    metric.reset_state()
    return value


def _two(values: np.ndarray) -> str:
    return " and ".join(f"{np.mean(value):.4g}" for value in values)


def _name(thing: Any) -> str:
    """The name of a loss or a metric, or of several."""
    if isinstance(thing, (list, tuple, dict)):
        return " and ".join(map(_name, thing.values() if isinstance(thing, dict) else thing))
    if isinstance(thing, str):
        return thing
    name = str(getattr(thing, "name", None) or getattr(thing, "__name__", type(thing).__name__))
    logits = isinstance(getattr(thing, "_fn_kwargs", None), dict) and thing._fn_kwargs.get("from_logits")
    return f"{name} on logits" if logits else name


def _words(error: Exception) -> str:
    said = re.sub(r"\{\{.*?\}\} ", "", str(error))  # TensorFlow begins with the place in its own code
    return (said.strip().splitlines() or [type(error).__name__])[0][:120]
