"""Write what lesson 7's explorer shows of the large model to convlab/explorers/large_model.json.

    python data/show_large_model.py [--out FILE]

Of each layer: name, output shape, parameters and the sum that gives them, and the strongest maps of one test picture, a
byte for each pixel. Written beforehand, so that the explorer needs no Keras, and nothing in `convlab` solves the lesson.
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

from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights

TARGET = Path(__file__).resolve().parents[1] / "convlab" / "explorers" / "large_model.json"
SHOWN_MAPS = 8
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

    told, strips = [], [boot.tobytes()]
    for layer, output in zip(model.layers, made, strict=True):
        values = np.asarray(output)[0]
        told.append(describe(layer) | {"shape": list(values.shape), "maps": 0})
        if values.ndim == 3:
            told[-1]["maps"] = SHOWN_MAPS
            strips.append(strongest(values).tobytes())
    shares = np.asarray(made[-1])[0]
    answers = [{"name": CLASS_NAMES[best], "share": round(float(shares[best]), 4)} for best in np.argsort(-shares)[:3]]
    content = {"layers": told, "answers": answers, "maps": base64.b64encode(b"".join(strips)).decode()}
    target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(target)


def strongest(values: np.ndarray) -> np.ndarray:
    """The maps `[8, h, w]` of `[h, w, channels]` with the largest mean, as bytes, each up to its own peak."""
    shown = np.moveaxis(values[..., np.argsort(-values.mean(axis=(0, 1)), kind="stable")[:SHOWN_MAPS]], 2, 0)
    return np.rint(255 * shown / shown.max(axis=(1, 2), keepdims=True).clip(1e-9)).astype(np.uint8)


def describe(layer: layers.Layer) -> dict:
    """Name and number of parameters of a layer, and how the number comes about, with its numbers filled in."""
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
