"""What a description of a Keras object may contain: Keras' own classes and functions that bring no code and no files.

The allow-lists are built from Keras' public namespace when this module is imported. `check` walks a description from
the other side, every part of which may be hostile, before any of it is passed to Keras' own deserialization.
"""

from __future__ import annotations

import importlib
import types
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src import api_export
from keras.src.ops.operation import Operation
from keras.src.saving.keras_saveable import KerasSaveable

MAX_NODES = 4_000  # classes and functions in one description; EfficientNetV2L has 1,030 layers
MAX_TEXT = 2_000
MAX_SHAPE = 50_000_000  # elements of an array, for each shape in a description
MAX_COUNT = 100_000  # for arguments for which Keras allocates a list or a table of that length at once

# Classes without a public name: that of `keras.Model(inputs, outputs)`, and the cell inside `ConvLSTM2D`.
_UNNAMED = {
    (kind.__module__, kind.__name__): kind
    for kind in (keras.src.models.functional.Functional, keras.src.layers.rnn.conv_lstm.ConvLSTMCell)
}
_CLASS_MODULES = (
    "keras keras.layers keras.optimizers keras.optimizers.schedules keras.losses keras.metrics keras.initializers keras.regularizers "
    "keras.constraints keras.dtype_policies keras.random keras.quantizers"
).split()
_FUNCTION_MODULES = "keras.activations keras.losses keras.metrics keras.ops".split()
_OPERATION_MODULES = [f"ops.{part}" for part in "numpy nn math core image linalg einops".split()] + [
    "activations.activations"
]
# Never allowed: what holds code, files or models of other libraries, and what calls a function passed to it.
_NEVER = set(
    "Lambda TFSMLayer JaxLayer FlaxLayer TorchModuleWrapper Model Layer Operation Function Variable KerasTensor StatelessScope "
    "SymbolicScope RematScope name_scope InputSpec Map Scan AssociativeScan Switch WhileLoop ForiLoop Cond VectorizedMap JVP".split()
)
_COUNTING = set(
    "AUC SensitivityAtSpecificity SpecificityAtSensitivity PrecisionAtRecall RecallAtPrecision".split()
) | set("IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU MelSpectrogram STFTSpectrogram Discretization".split())


class Breach(ValueError):
    """A description that an honest sender never produces."""


def _public(modules: list[str]) -> dict[tuple[str, str], Any]:
    found = {}
    for path, thing in api_export.REGISTERED_NAMES_TO_OBJS.items():
        module, _, name = path.rpartition(".")
        if module in modules and name not in _NEVER:
            found[module, name] = thing
    return found


def _operations() -> dict[tuple[str, str], type]:
    """The classes behind `keras.ops` and `keras.activations`: a model that uses `keras.ops.sin(x)` contains one of them."""
    found = {}
    for part in _OPERATION_MODULES:
        module = importlib.import_module(f"keras.src.{part}")
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, Operation) and kind.__module__ == module.__name__:
                found[module.__name__, name] = kind
    return {key: kind for key, kind in found.items() if key[1] not in _NEVER}


CLASSES: dict[tuple[str, str], type] = {
    key: kind
    for key, kind in (_public(_CLASS_MODULES) | _operations() | _UNNAMED).items()
    if isinstance(kind, type) and (issubclass(kind, KerasSaveable) or hasattr(kind, "from_config"))
}
OWN_CLASSES = frozenset(CLASSES.values())
FUNCTIONS: dict[tuple[str, str], types.FunctionType] = {
    key: function
    for key, function in _public(_FUNCTION_MODULES).items()
    if isinstance(function, types.FunctionType) and key[1] not in ("get", "serialize", "deserialize")
}
# Functions are looked up by identity, since a student's function may have the same name as one of Keras'.
NAMES: dict[int, tuple[str, str]] = {id(function): key for key, function in FUNCTIONS.items()}
# TensorFlow's functions are sent as the Keras functions that do the same.
for _space, _words in (
    (tf.nn, "relu softmax sigmoid tanh elu selu gelu silu swish softplus softsign relu6 leaky_relu log_softmax"),
    (tf.math, "sigmoid tanh softplus softsign exp"),
    (tf, "sigmoid tanh exp"),
):
    for _word in _words.split():
        _key = "keras.activations", {"swish": "silu", "exp": "exponential"}.get(_word, _word)
        if _key in FUNCTIONS:
            NAMES.setdefault(id(getattr(_space, _word)), _key)
for _key in [("keras.ops", name) for module, name in FUNCTIONS if module == "keras.ops"]:
    for _space in (tf, tf.math):
        if isinstance(getattr(_space, _key[1], None), types.FunctionType) and _key[1] in (
            "sin cos tan sinh cosh sqrt square abs maximum minimum erf sign".split()
        ):
            NAMES.setdefault(id(getattr(_space, _key[1])), _key)


# An optimizer allocates its variables at once, so its description may only contain classes of these modules.
OPTIMIZERS = ("keras.optimizers", "keras.optimizers.schedules")


def check(tree: Any, only: tuple[str, ...] | None = None) -> None:
    """Check a description made of classes, functions and plain values, as Keras' `serialize_keras_object` returns it.

    Args:
        tree: the description.
        only: the modules from which its classes may come; None for all that are allowed.

    Raises:
        Breach: it refers to something that is not allowed, or is malformed.
    """
    _Walk(only).value(tree)


class _Walk:
    def __init__(self, only: tuple[str, ...] | None) -> None:
        self.only, self.nodes = only, 0

    def value(self, value: Any, most: int = 2**64) -> None:
        kind = type(value)
        if kind in (type(None), bool, float):
            return
        if kind is int:
            _must(abs(value) <= most, "a number in a model's description is too large")
        elif kind is str:
            _must(len(value) <= MAX_TEXT, "a text in a model's description is too long")
        elif kind in (list, tuple):
            for item in value:
                self.value(item, most)
        elif kind is dict and "class_name" in value:
            self._node(value)
        elif kind is dict:
            self._items(value, most)
        else:
            raise Breach(f"a model's description holds a value of type '{kind.__name__}'")

    def _items(self, config: dict, most: int = 2**64) -> None:
        for key, item in config.items():
            _must(type(key) is str and len(key) <= MAX_TEXT, "a key in a model's description is not a short string")
            if key in ("batch_shape", "shape", "target_shape", "build_input_shape", "input_shape"):
                _shape(item)
            self.value(item, most)

    def _node(self, node: dict) -> None:
        self.nodes += 1
        _must(self.nodes <= MAX_NODES, "a model's description has too many parts")
        name, config = node["class_name"], node.get("config")
        _must(type(name) is str, "a class in a model's description has no name")
        if name.startswith("__"):
            _must(set(node) == {"class_name", "config"} and type(config) is dict, f"'{name[:80]}' is malformed")
            self._special(name, node["config"])
        elif name == "function":
            self._function(node)
        else:
            self._class(node, name, config)

    def _special(self, name: str, config: dict) -> None:
        if name in ("__numpy__", "__tensor__"):
            _must(set(config) == {"value", "dtype"} and type(config["dtype"]) is str, "an array is malformed")
            if type(config["value"]) is not np.ndarray:
                self.value(config["value"])
        elif name == "__keras_tensor__":
            _must(set(config) == {"shape", "dtype", "keras_history"}, "a tensor is malformed")
            _shape(config["shape"])
            self.value(config["dtype"])
            history = config["keras_history"]
            _must(
                type(history) is list and [type(part) for part in history] == [str, int, int], "a tensor has no source"
            )
            _must(min(history[1:]) >= 0, "a tensor has no source")
        elif name == "__slice__":
            _must(set(config) == {"start", "stop", "step"}, "a slice is malformed")
            self._items(config)
        else:
            _must(name == "__ellipsis__" and not config, f"a model's description holds a '{name[:80]}'")

    def _function(self, node: dict) -> None:
        _must(set(node) == {"module", "class_name", "config", "registered_name"}, "a function is malformed")
        key = node["module"], node["config"]
        _must(all(type(part) is str for part in key) and key in FUNCTIONS, "a function is not one of Keras' own")
        _must(node["registered_name"] == node["config"], "a function is registered under a different name")

    def _class(self, node: dict, name: str, config: Any) -> None:
        known = {"module", "class_name", "config", "registered_name"}
        _must(
            known <= set(node) <= known | {"name", "inbound_nodes", "build_config", "shared_object_id"},
            "a class is malformed",
        )
        module = node["module"]
        _must(type(module) is str and (module, name) in CLASSES, f"'{name[:80]}' is not a class of Keras' own")
        _must(self.only is None or module in self.only, f"'{name}' is not allowed here")
        _must(node["registered_name"] in (None, name), "a class is registered under a different name")
        _must(type(config) is dict and type(node.get("build_config", {})) is dict, f"'{name}' has no arguments")
        _must(
            type(node.get("name", "")) is str and type(node.get("shared_object_id", 0)) is int, f"'{name}' has no name"
        )
        # Keras accepts a file name in place of a vocabulary or weights, and would read the file.
        for key in ("vocabulary", "idf_weights"):
            _must(type(config.get(key)) is not str, f"the {key} of '{name}' is a file name")
        self._items(config, MAX_COUNT if name in _COUNTING else 2**64)
        self._items(node.get("build_config", {}))
        nodes = node.get("inbound_nodes", [])
        _must(type(nodes) is list, f"the inputs of '{name}' are malformed")
        for call in nodes:
            _must(type(call) is dict and set(call) == {"args", "kwargs"}, f"an input of '{name}' is malformed")
            _must(
                type(call["args"]) in (list, tuple) and type(call["kwargs"]) is dict,
                f"an input of '{name}' is malformed",
            )
            self.value(call["args"])
            self._items(call["kwargs"])


def _must(true: bool, else_: str) -> None:
    if not true:
        raise Breach(else_)


def _shape(value: Any) -> None:
    """Check a shape, or several in lists and dicts. Raises Breach if its array would exceed MAX_SHAPE elements."""
    if type(value) is dict:
        value = list(value.values())
    if type(value) not in (list, tuple):
        return
    size = 1
    for item in value:
        if type(item) is int:
            size *= max(abs(item), 1)
            _must(size <= MAX_SHAPE, "a shape in a model's description is too large")
        else:
            _shape(item)
