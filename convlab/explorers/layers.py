"""Lesson 7's explorer: the large model, layer by layer, with what its trained weights make of a picture."""

from __future__ import annotations

import base64
import json

from traitlets import Bytes, Dict, Int, List

from convlab.explorers.widget import FOLDER, Explorer, script
from convlab.pictures.style import Picture


class Layers(Explorer):
    """The layers as a list of blocks; the chosen one tells its parameters and shows its strongest maps."""

    _esm = script("layers.js")
    layers = List(Dict()).tag(sync=True)
    # One after the other: the picture, then the shown maps of each layer, a byte for each pixel.
    maps = Bytes().tag(sync=True)
    chosen = Int(0, min=0, max=13).tag(sync=True)
    answers = List(Dict()).tag(sync=True)

    def picture(self) -> Picture:
        # Its live curves need Keras, which takes seconds to import and is there in lesson 7 anyway.
        from convlab.pictures import full_model as pictures  # noqa: PLC0415

        counts = [layer["parameters"] for layer in self.layers]
        drawn = pictures.parameter_bars([_planned(layer) for layer in self.layers], counts)
        layer = self.layers[self.chosen]
        told = f"Chosen: {layer['name']}, output {' × '.join(map(str, layer['shape']))}, {layer['parameters']:,} of {sum(counts):,} parameters."
        return Picture(drawn.figure, f"{drawn.alt} {told}")


def _planned(layer: dict) -> dict:
    """A layer in the words of a plan, as the picture wants it."""
    kind = {"convolution": "conv"}.get(layer["name"].split()[0], layer["name"].split()[0])
    return {"type": kind, "filters": layer["shape"][-1], "units": layer["shape"][-1]}


def model() -> Layers:
    """Walk through the large model: shapes, parameters, and the maps that its trained weights make of a boot.

    All of it was computed by `data/show_large_model.py`.
    """
    shown = json.loads((FOLDER / "large_model.json").read_text(encoding="utf-8"))
    return Layers(layers=shown["layers"], answers=shown["answers"], maps=base64.b64decode(shown["maps"]))
