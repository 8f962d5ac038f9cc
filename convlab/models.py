"""Descriptions of Keras models in words, so that two models can be compared line by line."""

from __future__ import annotations

from typing import Any


def layers_of(model: Any) -> list[str]:
    """One line for each layer, such as `"Conv2D 64 filters 7×7, same, relu"`.

    The same network gives the same lines however it is written: sequential or functional, an activation as an argument
    or as a layer of its own, sizes as ints or pairs. What has no effect is left out: input layers, and padding or
    strides that change nothing.

    Raises:
        AttributeError: `model` is not a Keras model.
    """
    lines: list[str] = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("InputLayer", "Identity"):
            continue
        activation = _own_activation(layer)
        if activation is None:
            lines.append(_line(layer))
        elif activation != "linear" and lines:
            lines[-1] += f", {activation}"
        elif activation != "linear":
            lines.append(activation)
    return lines


def _own_activation(layer: Any) -> str | None:
    """The activation's name if the layer is nothing but an activation, else None."""
    kind = type(layer).__name__
    if kind == "Activation":
        return _activation(layer.activation)
    if kind == "ReLU" and not layer.max_value and not layer.negative_slope and not layer.threshold:
        return "relu"
    return "softmax" if kind == "Softmax" and layer.axis == -1 else None


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
    elif kind == "Reshape" and len(layer.target_shape) == 1:
        words = ["Flatten"]
    else:
        words = [kind]
    if kind in ("Conv2D", "Dense"):
        words += ["no bias"] if not layer.use_bias else []
        words += [name for name in [_activation(layer.activation)] if name != "linear"]
    return ", ".join(words)


def _size(size: Any) -> str:
    return f"{size[0]}×{size[1]}"


def _fits(layer: Any) -> bool:
    """Whether the pooling windows cover the input without a remainder, so that 'same' and 'valid' are equivalent."""
    shape = layer.input.shape[1:3]
    return tuple(layer.pool_size) == tuple(layer.strides) and all(
        size is not None and size % pool == 0 for size, pool in zip(shape, layer.pool_size, strict=True)
    )


def loss_of(model: Any) -> str:
    """The loss that a model was compiled with, such as `"sparse_categorical_crossentropy"`.

    If the loss expects logits, `" on logits"` is added.

    Raises:
        AttributeError: `model` is not a Keras model.
    """
    if not model.compiled:
        return "not compiled"
    loss = model.loss
    if isinstance(loss, str):
        return loss
    name = str(getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__))
    config = loss.get_config() if hasattr(loss, "get_config") else {}
    return name + (" on logits" if config.get("from_logits") else "")


def measures_accuracy(model: Any) -> bool:
    """Whether a model was compiled with accuracy among its metrics.

    Raises:
        AttributeError: `model` is not a Keras model.
    """
    if not model.compiled or model._compile_metrics is None:
        return False
    metrics = model._compile_metrics._user_metrics or []
    names = [metric if isinstance(metric, str) else getattr(metric, "name", "") for metric in _flat(metrics)]
    return any(name in ("accuracy", "acc", "sparse_categorical_accuracy") for name in names)


def _flat(metrics: Any) -> list:
    if isinstance(metrics, dict):
        metrics = list(metrics.values())
    return [item for metric in metrics for item in (metric if isinstance(metric, (list, tuple)) else [metric])]
