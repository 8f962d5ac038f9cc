"""Keras objects as plain values: Keras' own configuration, the weights, and how a model is compiled.

The description is Keras' own (`serialize_keras_object`), made of the classes and functions in `allowed` alone: no Lambda, no
custom class, no function of a student's. Where it is rebuilt, variables are made without values first, so that their shapes are
held against the weights that were sent before anything is allocated.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src import activations
from keras.src.backend.common import global_state
from keras.src.ops.operation import Operation
from keras.src.saving import serialization_lib
from keras.src.saving.serialization_lib import ObjectSharingScope
from tensorflow.python.framework.ops import EagerTensor
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

from autograder.allowed import MAX_SHAPE, NAMES, OWN_CLASSES, Breach, check

__all__ = ["Breach", "ModelError", "describe_model", "rebuild_model", "tensor_to_array"]

# The types themselves: making an instance would start TensorFlow's threads, which do not survive a fork.
_EAGER, _RESOURCE = EagerTensor, ResourceVariable
_VARIABLES = (keras.Variable, keras.src.backend.Variable, keras.src.backend.common.KerasVariable)
_LOOKUPS = (keras.layers.StringLookup, keras.layers.IntegerLookup, keras.layers.TextVectorization)
_FUNCTIONAL = keras.src.models.functional.Functional
# What `compile` was told besides the optimizer. A loss or metric of the student's own is replaced by one that says so.
_LOSSES = ("loss", "metrics", "weighted_metrics")
_SETTINGS = ("loss_weights", "run_eagerly", "steps_per_execution", "jit_compile")
_PLAIN = "?bBhHiIlLqQefd"
_REBUILD_SECONDS = 20.0
_MAX_UNSENT = 1_000_000  # numbers in variables that get their own initial values


class ModelError(ValueError):
    """An object that cannot be handed over, in words for a student."""


def tensor_to_array(value: Any) -> np.ndarray | None:
    """An eager tensor or a Keras variable, by exact type, as an array; None for anything else."""
    if type(value) in (_EAGER, _RESOURCE) or type(value) in _VARIABLES:
        return np.asarray(value.numpy())
    return None


# --- out -------------------------------------------------------------------------------------------------------------


def describe_model(value: Any) -> dict[str, Any] | None:
    """A plain description of an object of Keras' own, by exact type; None for anything else.

    Raises:
        ModelError: it holds something that is not Keras' own.
    """
    if type(value) is keras.callbacks.History:
        return {"history": dict(value.history), "epoch": list(value.epoch), "params": dict(value.params or {})}
    if type(value) not in OWN_CLASSES or isinstance(value, keras.DTypePolicy):
        return None
    try:
        config = _described(value)
        compiled = _described_compilation(value) if getattr(value, "compiled", False) else None
        check([config, compiled])
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"this {type(value).__name__} cannot be handed to the tests ({_first_line(error)})") from error
    return {
        "config": config,
        "state": [[variable.name, _numbers(variable)] for variable in _state(value)],
        "trainable": [bool(layer.trainable) for layer in _layers(value)],
        "compiled": compiled,
        "iterations": _iterations(value),
    }


def _described(value: Any) -> Any:
    with _own_serializer():
        return serialization_lib.serialize_keras_object(value)


@contextlib.contextmanager
def _own_serializer() -> Iterator[None]:
    """Keras' serialization, but by identity in the place of names: a student's own `relu` is not Keras'."""
    serialize = serialization_lib.serialize_keras_object
    within: list[Any] = []
    shared: list[Any] = []  # one layer may be in several places

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
        # Whoever compiles does it afterwards, out of this description.
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
    """What Keras' serialization would get wrong, and whether it is that."""
    if isinstance(thing, dict) and thing.get("class_name") in ("__numpy__", "__tensor__"):
        return thing, True  # it comes by again, as part of a configuration
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
    """With what Keras' configuration of some layers leaves out."""
    # Words that were learned are kept in a table.
    if isinstance(thing, _LOOKUPS) and len(thing.get_vocabulary(include_special_tokens=False)):
        node["config"]["vocabulary"] = [_word(word) for word in thing.get_vocabulary(include_special_tokens=False)]
    # Keras 3.15 forgets some arguments of losses and metrics, such as the `delta` of a Huber loss.
    known = inspect.signature(type(thing).__init__).parameters if hasattr(thing, "_fn_kwargs") else ()
    for name in known:
        if name in thing._fn_kwargs and name not in node["config"]:
            node["config"][name] = serialization_lib.serialize_keras_object(thing._fn_kwargs[name])
    # Keras 3.15 writes the range of a shear as its constructor does not take it.
    if isinstance(thing, keras.layers.RandomShear):
        given = thing._auto_config.config
        node["config"] |= {name: given.get(name, 0.0) for name in ("x_factor", "y_factor")}
    return node


def _word(word: Any) -> Any:
    return word.item() if isinstance(word, np.generic) else word


def _place(thing: Any, owner: Any) -> str:
    """Such as "the activation of layer 'dense' is a function of your own, 'wave'"."""
    kind = type(thing)
    if isinstance(thing, keras.layers.Lambda):
        return f"'{_short(thing.name)}' is a Lambda layer, which holds code of your own"
    if hasattr(thing, "get_config"):
        sort = next((word for base, word in _SORTS if isinstance(thing, base)), "a part of it")
        return f"{sort} is of a class of your own, '{_short(kind.__name__)}'"
    name = _short(getattr(thing, "__name__", kind.__name__))
    what = next((key for key, value in vars(owner).items() if value is thing), "") if hasattr(owner, "__dict__") else ""
    of = f" of '{_short(owner.name)}'" if isinstance(getattr(owner, "name", None), str) else ""
    return f"the {_short(what.strip('_')) or 'function'}{of} is a function of your own, '{name}'"


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


def _short(text: Any) -> str:
    return str(text)[:80]


def _first_line(error: BaseException) -> str:
    # Keras puts the whole configuration before what went wrong.
    text = str(error).rpartition("Exception encountered: ")[2].strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__


def _described_compilation(model: keras.Model) -> dict[str, Any]:
    """What `compile` was told, but the optimizer as it is now."""
    said = model._compile_config.config
    described = {name: _described(said.get(name)) for name in _SETTINGS}
    described |= {name: _described_losses(said.get(name), name) for name in _LOSSES}
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
        return {"own": "loss" if what == "loss" else "metric", "name": _short(name)}


def _numbers(variable: Any) -> np.ndarray:
    array = np.asarray(variable.numpy() if hasattr(variable, "numpy") else variable)
    return array if array.dtype.char in _PLAIN else array.astype(np.float32)


def _state(value: Any) -> list[Any]:
    """The variables whose values cross, in Keras' order: weights and the states of random numbers."""
    return list(value.variables) if isinstance(value, (keras.layers.Layer, keras.metrics.Metric)) else []


def _layers(value: Any) -> list[Any]:
    return list(value._flatten_layers()) if isinstance(value, keras.layers.Layer) else []


def _iterations(value: Any) -> int:
    optimizer = value if isinstance(value, keras.optimizers.Optimizer) else getattr(value, "optimizer", None)
    return int(optimizer.iterations.numpy()) if isinstance(optimizer, keras.optimizers.Optimizer) else 0


# --- in --------------------------------------------------------------------------------------------------------------


def rebuild_model(description: Any) -> Any:
    """The object of a description.

    Raises:
        Breach: no honest sender makes such a description.
        ModelError: Keras does not make an object of it, or its weights do not fit.
    """
    _must(type(description) is dict, "a model's description is no dict")
    if set(description) == {"history", "epoch", "params"}:
        return _history(description)
    _must(
        set(description) == {"config", "state", "trainable", "compiled", "iterations"},
        "a model's description has other parts",
    )
    state = description["state"]
    _must(type(state) is list and type(description["iterations"]) is int, "a model's description has other parts")
    for item in state:
        _must(
            type(item) is list and len(item) == 2 and type(item[0]) is str and type(item[1]) is np.ndarray,
            "a weight is no array",
        )
    flags = description["trainable"]
    _must(type(flags) is list and all(type(flag) is bool for flag in flags), "a model's description has other parts")
    _must(type(description["config"]) is dict and "class_name" in description["config"], "this is no object of Keras'")
    check(description["config"])
    compiled = description["compiled"]
    if compiled is not None:
        _must(
            type(compiled) is dict and set(compiled) == {*_LOSSES, *_SETTINGS, "optimizer"},
            "a model is compiled in another way",
        )
        check(compiled)
    try:
        with _within_seconds(_REBUILD_SECONDS):
            return _rebuilt(description)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"this model cannot be rebuilt for the tests ({_first_line(error)})") from error


def _must(true: bool, else_: str) -> None:
    if not true:
        raise Breach(else_)


def _history(description: dict) -> keras.callbacks.History:
    _must([type(part) for part in description.values()] == [dict, list, dict], "a history has another form")
    history = keras.callbacks.History()
    history.history, history.epoch, history.params = (description[name] for name in ("history", "epoch", "params"))
    return history


def _rebuilt(description: dict) -> Any:
    value = _with_state(lambda: serialization_lib.deserialize_keras_object(description["config"]), description["state"])
    _refuse_large(value)
    flags = description["trainable"]
    layers = _layers(value)
    for layer, flag in zip(layers, flags if len(flags) == len(layers) else (), strict=False):
        layer._trainable = flag
    if description["compiled"] is not None and isinstance(value, keras.Model):
        _compile(value, description["compiled"])
    optimizer = value if isinstance(value, keras.optimizers.Optimizer) else getattr(value, "optimizer", None)
    if description["iterations"] and optimizer is not None:
        optimizer.iterations.assign(description["iterations"])
    return value


def _with_state(make: Callable[[], Any], state: list) -> Any:
    """What `make` makes, with the values that were sent: no variable is allocated before its shape is known to be theirs."""
    before = global_state.get_global_attribute("uninitialized_variables", [])
    global_state.set_global_attribute("uninitialized_variables", [])
    try:
        with keras.StatelessScope(initialize_variables=False), ObjectSharingScope():
            value = make()
        waiting = {
            id(variable): variable for variable in global_state.get_global_attribute("uninitialized_variables", [])
        }
    finally:
        global_state.set_global_attribute("uninitialized_variables", before)
    variables = _state(value)
    if len(variables) != len(state):
        raise ModelError(f"this model has {len(variables)} arrays of weights, but was sent with {len(state)}")
    for variable, (name, array) in zip(variables, state, strict=True):
        if variable.name != name or tuple(variable.shape) != array.shape:
            raise ModelError(f"the weights '{_short(variable.name)}' of this model do not fit what it was sent with")
    unsent = [variable for key, variable in waiting.items() if key not in set(map(id, variables))]
    if sum(math.prod(variable.shape) for variable in unsent) > _MAX_UNSENT:
        raise ModelError("this model is too large")
    for variable in unsent:
        variable._deferred_initialize()
    for variable, (_, array) in zip(variables, state, strict=True):
        if id(variable) in waiting:
            variable._initialize(array)
            variable._initializer = None
        else:
            variable.assign(array)
    for layer in _layers(value):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return value


def _refuse_large(value: Any) -> None:
    for layer in _layers(value):
        for node in getattr(layer, "_inbound_nodes", ()):
            for tensor in node.output_tensors:
                if math.prod(size or 1 for size in tensor.shape) > MAX_SHAPE:
                    raise ModelError(f"the output of layer '{_short(layer.name)}' is too large")


def _compile(model: keras.Model, compiled: dict) -> None:
    arguments = {name: serialization_lib.deserialize_keras_object(compiled[name]) for name in (*_SETTINGS, "optimizer")}
    with_metrics = _with_state(lambda: _Losses({name: _rebuilt_losses(compiled[name]) for name in _LOSSES}), [])
    model.compile(**arguments, **with_metrics.said)


class _Losses:
    """Losses and metrics while their variables wait."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said


def _rebuilt_losses(value: Any) -> Any:
    if type(value) is list:
        return [_rebuilt_losses(item) for item in value]
    if type(value) is dict and set(value) == {"own", "name"}:
        return _stand_in(value["own"], value["name"])
    if type(value) is dict and "class_name" not in value:
        return {key: _rebuilt_losses(item) for key, item in value.items()}
    return serialization_lib.deserialize_keras_object(value)


def _stand_in(what: Any, name: Any) -> Callable[..., Any]:
    """In the place of a loss or metric of the student's own, so that all can be tested that does not need it."""
    _must(what in ("loss", "metric") and type(name) is str, "a loss or metric has another form")

    def refuse(*_: Any, **__: Any) -> Any:
        plural = {"loss": "losses", "metric": "metrics"}[what]
        raise ModelError(f"the {what} '{_short(name)}' is your own: the tests can only compute Keras' own {plural}")

    refuse.__name__ = refuse.__qualname__ = _short(name)
    return refuse


@contextlib.contextmanager
def _within_seconds(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def stop(*_: Any) -> None:
        raise ModelError(f"rebuilding this model takes more than {seconds:g} s")

    kept = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)
