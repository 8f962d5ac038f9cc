"""Writes convlab/explorers/large_model.json: what lesson 7's explorer shows of the large model.

    python data/show_large_model.py [--out FILE]

For each layer: its name, output shape, number of parameters and how it is computed, and its strongest feature maps of
one test picture, as bytes. It is written in advance so that the explorer does not need Keras, and nothing in `convlab`
contains the lesson's solution.
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path

import keras
import numpy as np
from keras import layers
from train_large_model import large_model

from convlab.data import load_fashion_mnist, load_large_model_weights
from convlab.explorers.layers import SHOWN_MAPS, seen

TARGET = Path(__file__).resolve().parents[1] / "convlab" / "explorers" / "large_model.json"
BOOT = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TARGET)
    target = parser.parse_args().out

    model = large_model()
    model.set_weights(load_large_model_weights())
    _, (images, labels) = load_fashion_mnist()
    boot = images[np.flatnonzero(labels == BOOT)[0]]
    made = keras.Model(model.inputs[0], [layer.output for layer in model.layers])(
        boot[np.newaxis, ..., np.newaxis] / 255
    )

    outputs = [np.asarray(output)[0] for output in made]
    told = [
        describe(layer) | {"shape": list(output.shape), "maps": SHOWN_MAPS if output.ndim == 3 else 0}
        for layer, output in zip(model.layers, outputs, strict=True)
    ]
    content = {"layers": told} | seen(boot.tobytes(), outputs)
    content["maps"] = base64.b64encode(content["maps"]).decode()
    target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(target)


def describe(layer: layers.Layer) -> dict:
    """A layer's name, its number of parameters, and the computation of that number with the values filled in."""
    before, count = layer.input.shape[1:], layer.count_params()
    match layer:
        case layers.Conv2D():
            (high, wide), channels, filters = layer.kernel_size, before[-1], layer.filters
            name = f"convolution {high} × {wide}"
            how = (
                f"{high} · {wide} · {channels} weights in each of {filters} filters, and {filters} biases: "
                f"{high} · {wide} · {channels} · {filters} + {filters} = {count:,}"
            )
        case layers.Dense():
            name = "dense"
            how = (
                f"{before[0]:,} weights in each of {layer.units} neurons, and {layer.units} biases: "
                f"{before[0]:,} · {layer.units} + {layer.units} = {count:,}"
            )
        case layers.MaxPooling2D():
            size, rest = layer.pool_size[0], before[0] % layer.pool_size[0]
            name = f"max pooling {size} × {size}"
            how = f"the largest of each window, side by side: {before[0]} pixels give {before[0] // size}"
            how += ", the last row and column are dropped" if rest else ""
        case layers.Flatten():
            name, how = "flatten", f"all numbers in a row: {' · '.join(map(str, before))} = {layer.output.shape[1]:,}"
        case layers.Dropout():
            name = f"dropout {layer.rate:g}"
            how = "silences neurons while training; in a prediction it does nothing"
    return {"name": name, "parameters": count, "how": how}


if __name__ == "__main__":
    main()
