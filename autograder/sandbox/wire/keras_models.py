"""Rebuilds Keras objects from plain descriptions; also re-exports the functions that describe them.

Variables are first created without values, so that their shapes are checked against the weights that were sent before
anything is allocated.
"""

from __future__ import annotations

import contextlib
import math
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.saving import serialization_lib
from keras.src.saving.serialization_lib import ObjectSharingScope

from autograder.sandbox.wire.keras_allowed import MAX_SHAPE, OPTIMIZERS, Breach, check
from autograder.sandbox.wire.keras_config import (
    LOSSES,
    SETTINGS,
    ModelError,
    all_layers,
    changes_of,
    describe_model,
    first_line,
    short,
    state_of,
    tensor_to_array,
)

__all__ = ["Breach", "ModelError", "bring_back", "changes_of", "describe_model", "rebuild_model", "tensor_to_array"]

_REBUILD_SECONDS = 20.0
_MAX_UNSENT = 1_000_000  # elements of all variables that were not sent and get initial values


def rebuild_model(description: Any) -> Any:
    """Rebuild the object of a description.

    Raises:
        Breach: an honest sender never produces such a description.
        ModelError: Keras cannot build the object, or the weights do not fit.
    """
    _must(type(description) is dict, "a model's description is not a dict")
    if set(description) == {"history", "epoch", "params"}:
        return _history(description)
    _must(
        set(description) == {"config", "state", "trainable", "compiled", "iterations"},
        "a model's description has unexpected parts",
    )
    state = description["state"]
    _must(type(state) is list and type(description["iterations"]) is int, "a model's description has unexpected parts")
    for item in state:
        _must(
            type(item) is list and len(item) == 2 and type(item[0]) is str and type(item[1]) is np.ndarray,
            "a weight is not a named array",
        )
    flags = description["trainable"]
    _must(
        type(flags) is list and all(type(flag) is bool for flag in flags), "a model's description has unexpected parts"
    )
    config = description["config"]
    _must(type(config) is dict and type(config.get("module")) is str, "this is not an object of Keras'")
    check(config, OPTIMIZERS if config["module"] in OPTIMIZERS else None)
    compiled = description["compiled"]
    if compiled is not None:
        _must(
            type(compiled) is dict and set(compiled) == {*LOSSES, *SETTINGS, "optimizer"},
            "the arguments of a model's `compile` are malformed",
        )
        check([compiled[name] for name in LOSSES])
        check([compiled[name] for name in ("optimizer", *SETTINGS)], OPTIMIZERS)
    try:
        with _within_seconds(_REBUILD_SECONDS):
            return _rebuilt(description)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"this model cannot be rebuilt for the tests ({first_line(error)})") from error


def _must(true: bool, else_: str) -> None:
    if not true:
        raise Breach(else_)


def _history(description: dict) -> keras.callbacks.History:
    _must([type(part) for part in description.values()] == [dict, list, dict], "a history is malformed")
    history = keras.callbacks.History()
    history.history, history.epoch, history.params = (description[name] for name in ("history", "epoch", "params"))
    return history


def _rebuilt(description: dict) -> Any:
    config = description["config"]
    if config["module"] in OPTIMIZERS:
        value = serialization_lib.deserialize_keras_object(config)
    else:
        value = _with_state(lambda: serialization_lib.deserialize_keras_object(config), description["state"])
    _refuse_large(value)
    flags = description["trainable"]
    layers = all_layers(value)
    for layer, flag in zip(layers, flags if len(flags) == len(layers) else (), strict=False):
        layer._trainable = flag
    if description["compiled"] is not None and isinstance(value, keras.Model):
        _compile(value, description["compiled"])
    optimizer = value if isinstance(value, keras.optimizers.Optimizer) else getattr(value, "optimizer", None)
    if description["iterations"] and optimizer is not None:
        optimizer.iterations.assign(description["iterations"])
    return value


def _with_state(make: Callable[[], Any], state: list) -> Any:
    """Call `make` and fill its variables with the values that were sent; shapes are checked before any allocation."""
    before = global_state.get_global_attribute("uninitialized_variables", [])
    global_state.set_global_attribute("uninitialized_variables", [])
    try:
        with keras.StatelessScope(initialize_variables=False), ObjectSharingScope(), _all_layers_at_once():
            value = make()
        waiting = {
            id(variable): variable for variable in global_state.get_global_attribute("uninitialized_variables", [])
        }
    finally:
        global_state.set_global_attribute("uninitialized_variables", before)
    variables = state_of(value)
    if len(variables) != len(state):
        raise ModelError(f"this model has {len(variables)} arrays of weights, but was sent with {len(state)}")
    for variable, (name, array) in zip(variables, state, strict=True):
        if variable.name != name or tuple(variable.shape) != array.shape:
            raise ModelError(f"the weights '{short(variable.name)}' of this model do not fit what it was sent with")
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
    for layer in all_layers(value):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return value


@contextlib.contextmanager
def _all_layers_at_once() -> Iterator[None]:
    """Speed up `Sequential.from_config`, which goes through the whole model for each layer: a minute for 200 layers."""
    kept = vars(keras.Sequential)["from_config"]

    def from_config(kind: type, config: dict, custom_objects: Any = None) -> keras.Sequential:
        model = kind(name=config["name"])
        for layer in config["layers"]:
            model.add(serialization_lib.deserialize_keras_object(layer), rebuild=False)
        model._maybe_rebuild()
        if not model._functional and config.get("build_input_shape"):
            model.build(config["build_input_shape"])
        return model

    keras.Sequential.from_config = classmethod(from_config)
    try:
        yield
    finally:
        keras.Sequential.from_config = kept


def _refuse_large(value: Any) -> None:
    for layer in all_layers(value):
        for node in getattr(layer, "_inbound_nodes", ()):
            for tensor in node.output_tensors:
                if math.prod(size or 1 for size in tensor.shape) > MAX_SHAPE:
                    raise ModelError(f"the output of layer '{short(layer.name)}' is too large")


def _compile(model: keras.Model, compiled: dict) -> None:
    arguments = {name: serialization_lib.deserialize_keras_object(compiled[name]) for name in (*SETTINGS, "optimizer")}
    with_metrics = _with_state(lambda: _Losses({name: _rebuilt_losses(compiled[name]) for name in LOSSES}), [])
    model.compile(**arguments, **with_metrics.said)


class _Losses:
    """Holds losses and metrics while `_with_state` creates their variables, none of which were sent."""

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
    """Replace a loss or metric of the student's own, so that everything that does not need it can be tested."""
    _must(what in ("loss", "metric") and type(name) is str, "a loss or metric is malformed")

    def refuse(*_: Any, **__: Any) -> Any:
        plural = {"loss": "losses", "metric": "metrics"}[what]
        raise ModelError(f"the {what} '{short(name)}' is your own: the tests can only compute Keras' own {plural}")

    refuse.__name__ = refuse.__qualname__ = short(name)
    return refuse


def bring_back(before: Any, after: Any) -> None:
    """Apply to `before` what a function changed: weights, frozen layers, compilation, layers of a Sequential."""
    if [type(layer) for layer in before.layers] != [
        type(layer) for layer in after.layers
    ] or before.built != after.built:
        if not isinstance(before, keras.Sequential):
            return
        while before.layers:
            before.pop()
        before._layers = []
        for layer in after._layers:
            before.add(layer, rebuild=False)
        before._maybe_rebuild()
    elif [weight.shape for weight in before.weights] == [weight.shape for weight in after.weights]:
        before.set_weights(after.get_weights())
    for layer, other in zip(all_layers(before), all_layers(after), strict=False):
        layer._trainable = other._trainable
    if after.compiled:
        before.compile(**after._compile_config.config)
        before.optimizer.iterations.assign(after.optimizer.iterations)


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
