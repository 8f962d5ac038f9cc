"""Describes a Keras object for sending: its configuration, its weights, and how a model is compiled.

The configuration is Keras' own (`serialize_keras_object`) and may only contain the classes and functions of
`keras_allowed`: no Lambda layer, no custom class, no function of the student's own.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src import activations
from keras.src.ops.operation import Operation
from keras.src.saving import serialization_lib
from tensorflow.python.framework.ops import EagerTensor
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

from autograder.sandbox.wire.keras_allowed import NAMES, OWN_CLASSES, check

# The types are imported directly: creating an instance to get its type would start TensorFlow's threads, which do not
# survive a fork.
_EAGER, _RESOURCE = EagerTensor, ResourceVariable
_VARIABLES = (keras.Variable, keras.src.backend.Variable, keras.src.backend.common.KerasVariable)
_LOOKUPS = (keras.layers.StringLookup, keras.layers.IntegerLookup, keras.layers.TextVectorization)
# Arguments of `compile` besides the optimizer. A student's own loss or metric is replaced by one that raises an error.
LOSSES = ("loss", "metrics", "weighted_metrics")
SETTINGS = ("loss_weights", "run_eagerly", "steps_per_execution", "jit_compile")
_FUNCTIONAL = keras.src.models.functional.Functional
_BUILDS = frozenset(vars(type("Empty", (), {}))) | {
    "__init__",
    "__annotations__",
    "__static_attributes__",
    "__firstlineno__",
}
_PLAIN = "?bBhHiIlLqQefd"


class ModelError(ValueError):
    """An object that cannot be handed to the tests; the message is written for a student."""


def tensor_to_array(value: Any) -> np.ndarray | None:
    """Convert an eager tensor or a Keras variable, of exactly these types, to an array; None for anything else."""
    if type(value) in (_EAGER, _RESOURCE) or type(value) in _VARIABLES:
        return np.asarray(value.numpy())
    return None


def describe_model(value: Any) -> dict[str, Any] | None:
    """Describe an object of one of Keras' own classes, of exactly that type, in plain values; None for anything else.

    Raises:
        ModelError: it holds something that is not Keras' own.
    """
    if type(value) is keras.callbacks.History:
        return {"history": dict(value.history), "epoch": list(value.epoch), "params": dict(value.params or {})}
    source, value = value, _built_in(value)
    if type(value) not in OWN_CLASSES or isinstance(value, keras.DTypePolicy):
        return None
    try:
        config = _described(value)
        compiled = _described_compilation(source) if getattr(source, "compiled", False) else None
        check([config, compiled])
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"this {type(value).__name__} cannot be handed to the tests ({first_line(error)})") from error
    return {
        "config": config,
        "state": [[variable.name, _numbers(variable)] for variable in state_of(value)],
        "trainable": [bool(layer.trainable) for layer in all_layers(value)],
        "compiled": compiled,
        "iterations": _iterations(source),
    }


def _built_in(value: Any) -> Any:
    """Replace a model of the student's own class by a Keras model of the same layers, if the class only builds it.

    Any other value is returned unchanged.
    """
    own = [
        kind for kind in type(value).__mro__ if not kind.__module__.startswith(("keras.", "builtins", "tensorflow."))
    ]
    if (
        not own
        or not isinstance(value, (keras.Sequential, _FUNCTIONAL))
        or any(set(vars(kind)) - _BUILDS for kind in own)
    ):
        return value
    if isinstance(value, keras.Sequential):
        return keras.Sequential(value._layers, name=value.name)
    twin = _FUNCTIONAL(value._inputs_struct, value._outputs_struct, name=value.name)
    twin._trainable = value._trainable
    return twin


def _described(value: Any) -> Any:
    with _own_serializer():
        return serialization_lib.serialize_keras_object(value)


@contextlib.contextmanager
def _own_serializer() -> Iterator[None]:
    """Make Keras' serialization identify functions by identity instead of name: a student's `relu` is not Keras'."""
    serialize = serialization_lib.serialize_keras_object
    within: list[Any] = []
    shared: list[Any] = []  # layers seen so far, since the same layer may occur in several places

    def serialize_own(thing: Any) -> Any:
        plain, done = _leaf(thing, within[-1] if within else None)
        if done:
            return plain
        within.append(thing)
        try:
            node = _completed(thing, serialize(thing))
            if isinstance(thing, Operation):
                if not any(thing is other for other in shared):
                    shared.append(thing)
                node["shared_object_id"] = next(n for n, other in enumerate(shared) if thing is other)
            return node
        finally:
            within.pop()

    def serialize_activation(activation: Any) -> Any:
        node = serialize_own(activation)
        return node["config"] if node.get("module") == "keras.activations" else node

    def build_only(thing: Any, config: dict) -> None:
        # Leave the compilation out: it is described separately, and the model is compiled after it was rebuilt.
        build = thing.get_build_config() if hasattr(thing, "get_build_config") else None
        if build is not None:
            config["build_config"] = serialization_lib.serialize_dict(build)

    replaced = (
        (serialization_lib, "serialize_keras_object", serialize_own),
        (serialization_lib, "get_build_and_compile_config", build_only),
        (activations, "serialize", serialize_activation),
    )
    kept = [getattr(module, name) for module, name, _ in replaced]
    for module, name, function in replaced:
        setattr(module, name, function)
    try:
        yield
    finally:
        for (module, name, _), function in zip(replaced, kept, strict=True):
            setattr(module, name, function)


def _leaf(thing: Any, owner: Any) -> tuple[Any, bool]:
    """Serialize what Keras' own serialization would get wrong; returns the result and whether this is such a case."""
    if isinstance(thing, dict) and thing.get("class_name") in ("__numpy__", "__tensor__"):
        return thing, True  # already serialized: it is part of a configuration
    if isinstance(thing, np.generic):
        return thing.item(), True
    if isinstance(thing, str):
        return str(thing), True
    array = tensor_to_array(thing) if not isinstance(thing, np.ndarray) else thing
    if array is not None and array.ndim and array.dtype.char in _PLAIN:
        kind = "__numpy__" if array is thing else "__tensor__"
        return {"class_name": kind, "config": {"value": np.array(array), "dtype": array.dtype.name}}, True
    if isinstance(thing, type) and thing in OWN_CLASSES:
        return serialization_lib.serialize_keras_object(thing()), True
    if callable(thing) and not hasattr(thing, "get_config"):
        key = NAMES.get(id(thing))
        if key is None:
            raise ModelError(f"{_place(thing, owner)}: the tests can only take Keras' own")
        return {"module": key[0], "class_name": "function", "config": key[1], "registered_name": key[1]}, True
    if hasattr(thing, "get_config") and type(thing) not in OWN_CLASSES:
        raise ModelError(f"{_place(thing, owner)}: the tests can only take Keras' own")
    return None, False


def _completed(thing: Any, node: Any) -> Any:
    """Add to a serialized object what Keras' configuration of some classes leaves out."""
    # A vocabulary that was learned with `adapt` is in a table, not in the configuration.
    if isinstance(thing, _LOOKUPS) and len(thing.get_vocabulary(include_special_tokens=False)):
        node["config"]["vocabulary"] = [_word(word) for word in thing.get_vocabulary(include_special_tokens=False)]
    # Keras 3.15 omits some arguments of losses and metrics, such as the `delta` of a Huber loss.
    known = inspect.signature(type(thing).__init__).parameters if hasattr(thing, "_fn_kwargs") else ()
    for name in known:
        if name in thing._fn_kwargs and name not in node["config"]:
            node["config"][name] = serialization_lib.serialize_keras_object(thing._fn_kwargs[name])
    # Keras 3.15 serializes the range of a RandomShear in a form that its constructor does not accept.
    if isinstance(thing, keras.layers.RandomShear):
        given = thing._auto_config.config
        node["config"] |= {name: given.get(name, 0.0) for name in ("x_factor", "y_factor")}
    return node


def _word(word: Any) -> Any:
    return word.item() if isinstance(word, np.generic) else word


def _place(thing: Any, owner: Any) -> str:
    """Say what and where something is, such as "the activation of 'dense' is a function of your own, 'wave'"."""
    kind = type(thing)
    if isinstance(thing, keras.layers.Lambda):
        return f"'{short(thing.name)}' is a Lambda layer, which holds code of your own"
    if hasattr(thing, "get_config"):
        sort = next((word for base, word in _SORTS if isinstance(thing, base)), "a part of it")
        return f"{sort} is of a class of your own, '{short(kind.__name__)}'"
    name = short(getattr(thing, "__name__", kind.__name__))
    what = next((key for key, value in vars(owner).items() if value is thing), "") if hasattr(owner, "__dict__") else ""
    of = f" of '{short(owner.name)}'" if isinstance(getattr(owner, "name", None), str) else ""
    return f"the {short(what.strip('_')) or 'function'}{of} is a function of your own, '{name}'"


_SORTS = (
    (keras.Model, "a model in it"),
    (keras.layers.Layer, "a layer"),
    (keras.optimizers.Optimizer, "the optimizer"),
    (keras.losses.Loss, "the loss"),
    (keras.metrics.Metric, "a metric"),
    (keras.initializers.Initializer, "an initializer"),
    (keras.regularizers.Regularizer, "a regularizer"),
    (keras.constraints.Constraint, "a constraint"),
    (keras.optimizers.schedules.LearningRateSchedule, "the learning rate"),
)


def short(text: Any) -> str:
    return str(text)[:80]


def first_line(error: BaseException) -> str:
    # Keras' message begins with the whole configuration; what went wrong comes after it.
    text = str(error).rpartition("Exception encountered: ")[2].strip().splitlines()
    # Memory addresses differ from run to run, and feedback pages must not.
    return re.sub(r" at 0x[0-9a-f]+", "", f"{type(error).__name__}: {text[0][:200]}") if text else type(error).__name__


def _described_compilation(model: keras.Model) -> dict[str, Any]:
    """Describe the arguments of `compile`, with the optimizer in its current state."""
    said = model._compile_config.config
    described = {name: _described(said.get(name)) for name in SETTINGS}
    described |= {name: _described_losses(said.get(name), name) for name in LOSSES}
    return described | {"optimizer": _described(model.optimizer)}


def _described_losses(value: Any, what: str) -> Any:
    if isinstance(value, dict):
        return {key: _described_losses(item, what) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_described_losses(item, what) for item in value]
    try:
        return _described(value)
    except ModelError:
        name = getattr(value, "__name__", None) or getattr(value, "name", None) or type(value).__name__
        return {"own": "loss" if what == "loss" else "metric", "name": short(name)}


def _numbers(variable: Any) -> np.ndarray:
    array = np.asarray(variable.numpy() if hasattr(variable, "numpy") else variable)
    return array if array.dtype.char in _PLAIN else array.astype(np.float32)


def state_of(value: Any) -> list[Any]:
    """The variables whose values are sent, in Keras' order: weights and the states of random generators."""
    return list(value.variables) if isinstance(value, (keras.layers.Layer, keras.metrics.Metric)) else []


def all_layers(value: Any) -> list[Any]:
    return list(value._flatten_layers()) if isinstance(value, keras.layers.Layer) else []


def _iterations(value: Any) -> int:
    optimizer = value if isinstance(value, keras.optimizers.Optimizer) else getattr(value, "optimizer", None)
    return int(optimizer.iterations.numpy()) if isinstance(optimizer, keras.optimizers.Optimizer) else 0


def changes_of(model: Any) -> Any:
    """Everything that a function may change about a model, to compare before and after a call; equal if unchanged."""
    weights = [_numbers(variable).tobytes() for variable in model.variables if variable._value is not None]
    return weights, [layer.trainable for layer in all_layers(model)], id(getattr(model, "_compile_config", None))
