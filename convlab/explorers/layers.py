"""Lesson 7's explorer: the large model, layer by layer, with what its trained weights make of a picture."""

from __future__ import annotations

import base64
import json

from traitlets import Bytes, Dict, Int, List

from convlab.explorers.widget import FOLDER, Explorer, script
from convlab.pictures.style import INK, INPUT, OUTPUT, OUTPUT_EDGE, Picture, new_figure, title


class Layers(Explorer):
    """The layers as a list of blocks; the chosen one tells its parameters and shows its strongest maps."""

    _esm = script("layers.js")
    layers = List(Dict()).tag(sync=True)
    # One after the other: the picture, then the shown maps of each layer, a byte for each pixel.
    maps = Bytes().tag(sync=True)
    chosen = Int(0, min=0, max=13).tag(sync=True)
    answers = List(Dict()).tag(sync=True)

    def picture(self) -> Picture:
        # Not in `convlab.pictures.full_model`: its live curves need Keras, which takes seconds to import.
        figure, axes = new_figure(7, 0.3 * len(self.layers) + 0.6)
        ax, total = axes[0, 0], sum(layer["parameters"] for layer in self.layers)
        for place, layer in enumerate(self.layers):
            here = place == self.chosen
            share = layer["parameters"] / total
            ax.barh(place, share, height=0.7, color=OUTPUT if here else INPUT, edgecolor=OUTPUT_EDGE)
            words = {"fontsize": 9.5, "color": INK, "va": "center", "fontweight": "bold" if here else "normal"}
            ax.text(-0.36, place, layer["name"], **words)
            ax.text(-0.02, place, _size(layer), ha="right", **words)
            ax.text(share + 0.01, place, f"{layer['parameters']:,}" if share else "–", **words)
        ax.set_ylim(len(self.layers) - 0.4, -0.6)
        ax.set_xlim(-0.37, 0.55)
        title(ax, f"layers, outputs and {total:,} parameters")
        listed = "; ".join(f"{layer['name']} to {_size(layer)}" for layer in self.layers)
        chosen = self.layers[self.chosen]
        told = f"Marked: {chosen['name']}, output {_size(chosen)}, {chosen['parameters']:,} of {total:,} parameters."
        return Picture(figure, f"The layers of a network, one below the other: {listed}. {told}")


def _size(layer: dict) -> str:
    return " × ".join(f"{size:,}" for size in layer["shape"])


def model() -> Layers:
    """Walk through the large model: shapes, parameters, and the maps that its trained weights make of a boot.

    All of it was computed by `data/show_large_model.py`.
    """
    shown = json.loads((FOLDER / "large_model.json").read_text(encoding="utf-8"))
    return Layers(layers=shown["layers"], answers=shown["answers"], maps=base64.b64decode(shown["maps"]))
