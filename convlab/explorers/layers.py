"""Lesson 7's explorer: the large model, layer by layer, with its feature maps of a picture or a drawing."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from traitlets import Bytes, Dict, Int, List, observe

from convlab.data import CLASS_NAMES, load_large_model_weights
from convlab.explorers.widget import FOLDER, Wardrobe, script
from convlab.pictures.style import INK, OUTPUT, OUTPUT_EDGE, PALE, SMALL, WIDEST, Picture, new_figure, title

SIDE = 28
SHOWN_MAPS = 8
SHOWN_ANSWERS = 3


class Layers(Wardrobe):
    """The layers as a list of blocks; for the chosen one, its parameters and its strongest feature maps."""

    _esm = script("layers.js")
    layers = List(Dict()).tag(sync=True)
    chosen = Int(0, min=0, max=13).tag(sync=True)
    # The picture that the page shows, one byte for each pixel; the browser sends it as a memoryview.
    drawing = Bytes().tag(sync=True, from_json=lambda value, _: bytes(value))
    # Concatenated: the picture that the maps were computed for, then the shown maps of each layer.
    maps = Bytes().tag(sync=True)
    strongest = List(List(Dict())).tag(sync=True)
    answers = List(Dict()).tag(sync=True)

    @observe("drawing")
    def _look(self, _: Any) -> None:
        if len(self.drawing) == SIDE**2 and not self.maps.startswith(self.drawing):
            with self.hold_sync():
                for name, value in seen(self.drawing, _outputs(self.layers, self.drawing)).items():
                    setattr(self, name, value)

    def picture(self) -> Picture:
        # Not in `convlab.pictures.full_model`, whose live curves need Keras, which takes seconds to import.
        figure, axes = new_figure(WIDEST, 0.3 * len(self.layers) + 0.6)
        ax, total = axes[0, 0], sum(layer["parameters"] for layer in self.layers)
        for place, layer in enumerate(self.layers):
            here = place == self.chosen
            share = layer["parameters"] / total
            ax.barh(place, share, height=0.7, color=OUTPUT if here else PALE, edgecolor=OUTPUT_EDGE)
            words = {"fontsize": SMALL, "color": INK, "va": "center", "fontweight": "bold" if here else "normal"}
            ax.text(-1.33, place, layer["name"], **words)
            ax.text(-0.03, place, _size(layer), ha="right", **words)
            ax.text(share + 0.02, place, f"{layer['parameters']:,}" if share else "–", **words)
        ax.set(xlim=(-1.33, 0.75), ylim=(len(self.layers) - 0.4, -0.6))
        title(ax, f"layers, outputs and {total:,} parameters")
        listed = "; ".join(f"{layer['name']} to {_size(layer)}" for layer in self.layers)
        chosen = self.layers[self.chosen]
        told = f"Marked: {chosen['name']}, output {_size(chosen)}, {chosen['parameters']:,} of {total:,} parameters."
        return Picture(figure, f"The layers of a network, one below the other: {listed}. {told}")


def _size(layer: dict) -> str:
    return " × ".join(f"{size:,}" for size in layer["shape"])


def seen(picture: bytes, outputs: Iterable[np.ndarray]) -> dict[str, Any]:
    """What the explorer shows of the layers' outputs for one picture: values for its traits, by name.

    Of maps `[h, w, channels]` those with the largest means are shown, as bytes; each map is scaled to its own maximum.
    """
    strips, strongest = [picture], []
    for output in outputs:
        chosen: Sequence[int] | np.ndarray = (
            np.argsort(-output.mean(axis=(0, 1)), kind="stable")[:SHOWN_MAPS] if output.ndim == 3 else ()
        )
        peaks = [float(output[..., k].max()) for k in chosen]
        strongest.append([{"filter": int(k), "peak": round(peak, 2)} for k, peak in zip(chosen, peaks, strict=True)])
        for k, peak in zip(chosen, peaks, strict=True):
            strips.append(np.rint(255 * output[..., k] / max(peak, 1e-9)).astype(np.uint8).tobytes())
    answers = [
        {"name": CLASS_NAMES[best], "share": round(float(output[best]), 4)}
        for best in np.argsort(-output)[:SHOWN_ANSWERS]
    ]
    return {"maps": b"".join(strips), "strongest": strongest, "answers": answers}


_weights = functools.cache(load_large_model_weights)


def _outputs(layers: list[dict], picture: bytes) -> Iterator[np.ndarray]:
    """Yield the output of each layer, computed with the trained weights and Keras' own operations."""
    # Imported here because Keras takes seconds, and the explorer does not need it until somebody draws.
    from convlab.quiet import keras  # noqa: PLC0415

    ops, weights = keras.ops, iter(_weights())
    x = np.frombuffer(picture, np.uint8).reshape(1, SIDE, SIDE, 1).astype(np.float32) / 255
    for place, layer in enumerate(layers):
        match layer["name"].split()[0]:
            case "convolution":
                x = ops.relu(ops.conv(x, next(weights), padding="same") + next(weights))
            case "max":
                x = ops.max_pool(x, 2)
            case "flatten":
                x = ops.reshape(x, (1, -1))
            case "dense":
                activation = ops.softmax if place == len(layers) - 1 else ops.relu
                x = activation(ops.matmul(x, next(weights)) + next(weights))
        yield np.asarray(x)[0]


def model(image: Any = None) -> Layers:
    """Walk through the large model: shapes, parameters, and the feature maps that its trained weights give.

    It starts with a boot, whose maps `data/show_large_model.py` has computed beforehand; for pictures that are chosen
    or drawn later, the notebook's kernel computes them.

    Args:
        image: array `[28, 28]` of whole numbers from 0 to 255, such as an image of Fashion-MNIST; by default, the boot.

    Raises:
        ValueError: the image has another shape or other values.
    """
    shown = json.loads((FOLDER / "large_model.json").read_text(encoding="utf-8"))
    shown["maps"] = base64.b64decode(shown["maps"])
    if image is None:
        return Layers(drawing=shown["maps"][: SIDE**2], **shown)
    pixels = np.asarray(image)
    if pixels.shape != (SIDE, SIDE) or not np.isin(pixels, np.arange(256)).all():
        raise ValueError(f"image has the shape {pixels.shape}; it must be 28 × 28, with whole numbers from 0 to 255")
    return Layers(drawing=pixels.astype(np.uint8).tobytes(), **shown)
