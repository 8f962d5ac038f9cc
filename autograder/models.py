"""Keras models as plain values: what a layer is by its own arguments, its weights, and how the model is compiled.

A model is rebuilt from an allow-list of built-in classes by our own table. No class is looked up by a name from the other
side outside of that table, no Lambda, no custom class, no function; and before a layer is built, its weights have to be
there in the shapes that it would make, so that nobody can make us allocate what they have not sent.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.ops import EagerTensor
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

# The types themselves: making an instance would start TensorFlow's threads, which do not survive a fork.
_EAGER, _RESOURCE = EagerTensor, ResourceVariable
_VARIABLES = (keras.Variable, keras.src.backend.Variable, keras.src.backend.common.KerasVariable)

_ACTIVATIONS = {
    name: getattr(keras.activations, name)
    for name in (
        "linear relu softmax sigmoid tanh elu selu gelu softplus softsign silu exponential hard_sigmoid leaky_relu relu6 log_softmax mish"
    ).split()
}
# TensorFlow's own functions go under other names than Keras' when a model is saved.
_ALIASES = {
    id(function): name
    for name, function in [
        *_ACTIVATIONS.items(),
        ("relu", tf.nn.relu),
        ("softmax", tf.nn.softmax),
        ("sigmoid", tf.nn.sigmoid),
        ("sigmoid", tf.sigmoid),
        ("tanh", tf.nn.tanh),
        ("tanh", tf.tanh),
        ("elu", tf.nn.elu),
        ("selu", tf.nn.selu),
        ("gelu", tf.nn.gelu),
        ("silu", tf.nn.silu),
        ("relu", keras.ops.relu),
        ("softmax", keras.ops.softmax),
        ("sigmoid", keras.ops.sigmoid),
    ]
}

# The constructor's arguments that decide what a layer computes; initial values do not, since the weights are sent.
_LAYERS: dict[type, tuple[str, ...]] = {
    layers.Conv2D: (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "groups",
        "activation",
        "use_bias",
    ),
    layers.Dense: ("units", "activation", "use_bias"),
    layers.MaxPooling2D: ("pool_size", "strides", "padding"),
    layers.AveragePooling2D: ("pool_size", "strides", "padding"),
    layers.GlobalAveragePooling2D: ("keepdims",),
    layers.GlobalMaxPooling2D: ("keepdims",),
    layers.Flatten: (),
    layers.Dropout: ("rate",),
    layers.SpatialDropout2D: ("rate",),
    layers.Activation: ("activation",),
    layers.ReLU: ("max_value", "negative_slope", "threshold"),
    layers.LeakyReLU: ("negative_slope",),
    layers.Softmax: ("axis",),
    layers.BatchNormalization: ("axis", "momentum", "epsilon", "center", "scale"),
    layers.ZeroPadding2D: ("padding",),
    layers.Reshape: ("target_shape",),
    layers.Rescaling: ("scale", "offset"),
    layers.Identity: (),
    layers.Add: (),
    layers.Concatenate: ("axis",),
}
_LAYER_NAMES = {kind.__name__: kind for kind in _LAYERS}
_OPTIMIZERS = {
    name: getattr(keras.optimizers, name)
    for name in "SGD RMSprop Adam AdamW Adadelta Adagrad Adamax Nadam Ftrl Lion".split()
}
_LOSSES = {
    name: getattr(keras.losses, name)
    for name in "SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy MeanSquaredError MeanAbsoluteError".split()
}
_METRICS = {
    name: getattr(keras.metrics, name)
    for name in (
        "Accuracy SparseCategoricalAccuracy CategoricalAccuracy BinaryAccuracy SparseTopKCategoricalAccuracy MeanSquaredError "
        "SparseCategoricalCrossentropy"
    ).split()
}
_WORDS = frozenset(
    "sparse_categorical_crossentropy categorical_crossentropy binary_crossentropy mean_squared_error mse mean_absolute_error "
    "mae accuracy acc sparse_categorical_accuracy categorical_accuracy binary_accuracy".split()
)
MAX_LAYERS = 200


class ModelError(ValueError):
    """A description that is no model of the allow-list."""


def tensor_to_array(value: Any) -> np.ndarray | None:
    """An eager tensor or a Keras variable, by exact type, as an array; None for anything else."""
    if type(value) in (_EAGER, _RESOURCE) or type(value) in _VARIABLES:
        return np.asarray(value.numpy())
    return None


# --- out -------------------------------------------------------------------------------------------------------------


def describe_model(value: Any) -> dict[str, Any] | None:
    """A plain description of a Keras model or layer, by exact type; None for anything else.

    Raises:
        ModelError: it has a layer that is not on the allow-list.
    """
    if type(value) in _LAYERS:
        return {
            "kind": "layer",
            "layer": _describe_layer(value),
            "weights": [np.asarray(w) for w in value.get_weights()],
        }
    if type(value) not in (keras.Sequential, keras.Model, keras.src.models.functional.Functional):
        return None
    nodes = _chain(value) if type(value) is keras.Sequential else _graph(value)
    inputs = [[list(tensor.shape), tensor.dtype] for tensor in value.inputs] if value.built and value.inputs else []
    return {
        "kind": "sequential" if type(value) is keras.Sequential else "functional",
        "inputs": inputs,
        "nodes": nodes,
        "compiled": _describe_compiled(value) if value.compiled else None,
    }


def _chain(model: keras.Sequential) -> list[dict]:
    return [_node(layer, None) for layer in model.layers]


def _graph(model: keras.Model) -> list[dict]:
    nodes, number = [], {}
    for place, tensor in enumerate(model.inputs):
        number[id(tensor)] = -1 - place
    for operation in model.operations:
        if type(operation) is layers.InputLayer:
            continue
        (node,) = [node for node in operation._inbound_nodes if all(id(t) in number for t in node.input_tensors)][
            :1
        ] or [None]
        sources = [number[id(tensor)] for tensor in node.input_tensors] if node else []
        for tensor in node.outputs if node else []:
            number[id(tensor)] = len(nodes)
        nodes.append(_node(operation, sources))
    return nodes


def _node(layer: Any, sources: list[int] | None) -> dict:
    description = _describe_layer(layer)
    return {"layer": description, "weights": [np.asarray(w) for w in layer.get_weights()], "sources": sources}


def _describe_layer(layer: Any) -> dict:
    if type(layer) not in _LAYERS:
        raise ModelError(f"a layer of type '{str(type(layer).__name__)[:80]}' cannot be handed to the tests")
    fields = {name: _plain(getattr(layer, name)) for name in _LAYERS[type(layer)]}
    return {"class": type(layer).__name__, "fields": fields, "name": layer.name}


def _plain(value: Any) -> Any:
    if type(value) in (type(None), bool, int, float, str):
        return value
    if type(value) in (tuple, list):
        return [_plain(item) for item in value]
    if id(value) in _ALIASES:
        return _ALIASES[id(value)]
    if type(value) is layers.ReLU:
        return "relu"
    return {"unknown": str(getattr(value, "__name__", type(value).__name__))[:80]}


def _describe_compiled(model: Any) -> dict:
    metrics = getattr(model._compile_metrics, "_user_metrics", None) or []
    return {
        "optimizer": type(model.optimizer).__name__ if type(model.optimizer) in _OPTIMIZERS.values() else "?",
        "learning_rate": float(np.asarray(model.optimizer.learning_rate)) if model.optimizer is not None else 0.0,
        "loss": _word(model.loss, _LOSSES),
        "metrics": [_word(metric, _METRICS) for metric in (metrics if type(metrics) in (list, tuple) else [metrics])],
    }


def _word(value: Any, classes: dict[str, type]) -> Any:
    """A loss or metric: its name as a string, or its class with `from_logits`."""
    if type(value) is str:
        return value
    if type(value) in classes.values():
        return {"class": type(value).__name__, "from_logits": bool(value.get_config().get("from_logits", False))}
    known = {id(getattr(keras.losses, word, None)): word for word in _WORDS} | {
        id(getattr(keras.metrics, word, None)): word for word in _WORDS
    }
    return known.get(id(value), "?")


# --- in --------------------------------------------------------------------------------------------------------------


def rebuild_model(description: Any) -> Any:
    """The model or layer of a description, built from the allow-list. Raises ModelError."""
    kind = _of(description, dict).get("kind")
    if kind == "layer":
        return _layer(_of(description.get("layer"), dict), weights_follow=False)
    if kind not in ("sequential", "functional"):
        raise ModelError("this is no model")
    nodes = _of(description.get("nodes"), list)
    inputs = [_input(item) for item in _of(description.get("inputs"), list)]
    if len(nodes) > MAX_LAYERS or len(inputs) > 8:
        raise ModelError("the model has too many layers")
    model = _sequential(nodes, inputs) if kind == "sequential" else _functional(nodes, inputs)
    if description.get("compiled") is not None:
        _compile(model, _of(description["compiled"], dict))
    return model


def _of(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ModelError("a model's description has another form")
    return value


def _input(item: Any) -> keras.KerasTensor:
    shape, dtype = _of(item, list)
    sizes = [size for size in _of(shape, list)[1:]]
    if len(sizes) > 5 or any(size is not None and (type(size) is not int or not 0 < size <= 100_000) for size in sizes):
        raise ModelError("a model's input has no plain shape")
    if math.prod(size or 1 for size in sizes) > 10_000_000 or dtype not in (
        "float32",
        "float64",
        "uint8",
        "int32",
        "int64",
        "float16",
    ):
        raise ModelError("a model's input is too large or of another dtype")
    return keras.Input(tuple(sizes), dtype=dtype)


def _layer(description: dict, *, weights_follow: bool) -> layers.Layer:
    kind = _LAYER_NAMES.get(description.get("class"))
    if kind is None:
        raise ModelError("a layer is not one that the tests know")
    fields = _of(description.get("fields"), dict)
    if set(fields) != set(_LAYERS[kind]):
        raise ModelError("a layer has other arguments")
    arguments = {name: _argument(name, value) for name, value in fields.items()}
    if weights_follow and kind in (layers.Conv2D, layers.Dense):
        arguments["kernel_initializer"] = "zeros"  # random numbers would take time for nothing
    return kind(**arguments)


def _argument(name: str, value: Any) -> Any:
    if name == "activation":
        if value is None or (type(value) is str and value in _ACTIVATIONS):
            return value
        raise ModelError("an activation is not one that the tests know")
    if type(value) is list and len(value) <= 4:
        return tuple(_argument("", item) for item in value)
    if type(value) in (type(None), bool, float) or (type(value) is int and abs(value) <= 10_000_000):
        return value
    if value in ("valid", "same"):
        return value
    raise ModelError(f"the argument '{name}' of a layer is none that the tests know")


def _sequential(nodes: list, inputs: list) -> keras.Sequential:
    stack = []
    tensor = inputs[0] if inputs else None
    for node in nodes:
        layer = _layer(_of(_of(node, dict).get("layer"), dict), weights_follow=tensor is not None)
        if tensor is not None:
            tensor = _apply(layer, tensor, _of(node.get("weights"), list))
        stack.append(layer)
    # All layers at once: `add` would go through the whole model each time.
    return keras.Sequential([*inputs[:1], *stack])


def _functional(nodes: list, inputs: list) -> keras.Model:
    tensors: dict[int, Any] = {-1 - place: tensor for place, tensor in enumerate(inputs)}
    for place, node in enumerate(nodes):
        sources = [tensors.get(number) for number in _of(_of(node, dict).get("sources"), list)]
        if not sources or any(tensor is None for tensor in sources):
            raise ModelError("a layer's inputs are not there")
        layer = _layer(_of(node.get("layer"), dict), weights_follow=True)
        tensors[place] = _apply(layer, sources if len(sources) > 1 else sources[0], _of(node.get("weights"), list))
    if not nodes or not inputs:
        raise ModelError("the model is empty")
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], tensors[len(nodes) - 1])


def _apply(layer: layers.Layer, tensor: Any, weights: list) -> Any:
    """Build a layer on its input and give it its weights, once they are known to fit."""
    channels = None if isinstance(tensor, list) else tensor.shape[-1]
    shapes = [weight.shape if type(weight) is np.ndarray else None for weight in weights]
    due: list[tuple] = []
    if type(layer) is layers.Dense:
        due = [(channels, layer.units), *([(layer.units,)] if layer.use_bias else [])]
    elif type(layer) is layers.Conv2D:
        due = [
            (*layer.kernel_size, channels // layer.groups, layer.filters),
            *([(layer.filters,)] if layer.use_bias else []),
        ]
    elif type(layer) is layers.BatchNormalization:
        due = [(channels,)] * (layer.center + layer.scale + 2)
    if shapes[: len(due)] != due or len(shapes) > len(due) + 1:
        raise ModelError("a layer's weights do not fit its arguments")
    result = layer(tensor)
    if math.prod(size or 1 for size in result.shape) > 50_000_000:
        raise ModelError("a layer's output is too large")
    if due:
        layer.set_weights(weights[: len(due)])
    return result


def _compile(model: keras.Model, compiled: dict) -> None:
    optimizer = _OPTIMIZERS.get(compiled.get("optimizer"))
    rate = compiled.get("learning_rate")
    if optimizer is None or type(rate) is not float:
        raise ModelError("the optimizer is not one that the tests know")
    metrics = [_rebuilt_word(metric, _METRICS) for metric in _of(compiled.get("metrics"), list)[:20]]
    model.compile(
        optimizer=optimizer(learning_rate=rate), loss=_rebuilt_word(compiled.get("loss"), _LOSSES), metrics=metrics
    )


def _rebuilt_word(value: Any, classes: dict[str, type]) -> Any:
    if type(value) is str and value in _WORDS:
        return value
    if type(value) is dict and value.get("class") in classes and type(value.get("from_logits")) is bool:
        return classes[value["class"]](**({"from_logits": True} if value["from_logits"] else {}))
    raise ModelError("a loss or metric is not one that the tests know")
