"""Wrong answers that students really give in lesson 7: `<exercise>__<what went wrong>`, each with its sentence of help."""

import keras
import numpy as np


def prepare__forgets_the_channel_axis(images, labels):
    """The values are right, but a convolution wants height, width and channels: each picture needs one more axis, of length 1."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images.astype(np.float32) / 255, np.array(labels, dtype=int)


def prepare__keeps_0_to_255(images, labels):
    """Your pixels still go from 0 to 255. Which division brings the largest of them to 1?"""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[..., np.newaxis].astype(np.float32), np.array(labels, dtype=int)


def prepare__divides_by_256(images, labels):
    """White becomes a little less than 1. The largest value that a pixel can have is 255, not 256."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[..., np.newaxis].astype(np.float32) / 256, np.array(labels, dtype=int)


def prepare__divides_whole_numbers(images, labels):
    """Nearly all pixels became 0: // throws the fraction away. Make floats first, then divide with a single slash."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return (images[..., np.newaxis] // 255).astype(np.float32), np.array(labels, dtype=int)


def prepare__puts_the_channel_first(images, labels):
    """Your channel axis comes right after the number of the picture. In Keras it is the last one."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[:, np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=int)


def prepare__scales_by_each_maximum(images, labels):
    """You divided by the largest pixel that happens to be there. Then the same gray means different things in different pictures."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    peak = images.max() if images.size else 1
    return images[..., np.newaxis].astype(np.float32) / np.float32(max(peak / 2, 1)), np.array(labels, dtype=int)


def prepare__does_not_compare_the_lengths(images, labels):
    """It is right as long as everything fits. But somebody may pass fewer labels than images; the docstring says what then."""
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=int)


def prepare__one_hot_labels(images, labels):
    """Your labels are rows of zeros and ones. Here a label stays one number, its class; that is what "sparse" means later."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[..., np.newaxis].astype(np.float32) / 255, np.eye(10, dtype=int)[np.array(labels, dtype=int)]


def flatten__flattens_the_batch_too(x):
    """Everything landed in a single row. Each picture of the batch needs a row of its own."""
    return x.reshape(-1)


def flatten__channels_first(x):
    """Your row holds one whole channel after the other. In Keras' order the channels of a pixel stand side by side."""
    return x.transpose(0, 3, 1, 2).reshape(len(x), -1)


def flatten__column_by_column(x):
    """Your row goes through the picture column by column. Rows come first: left to right, then the next row."""
    return x.transpose(0, 2, 1, 3).reshape(len(x), -1)


def flatten__one_column(x):
    """Rows and columns of the result are swapped: one row for each picture, one column for each number."""
    return x.reshape(len(x), -1).T


def flatten__keeps_the_channels(x):
    """Height and width are merged, but the channels are still an axis of their own. Merge all three."""
    return x.reshape(x.shape[0], -1, x.shape[-1])


def flatten__averages_each_channel(x):
    """You averaged every channel, which is global average pooling. Flattening keeps all numbers."""
    return x.mean(axis=(1, 2))


def build_model__valid_padding():
    """Your convolutions lose a margin each. With padding="same" the maps shrink at the poolings only."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(keras.layers.Conv2D(64, 7, activation="relu"))
    model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Conv2D(128, 3, activation="relu"))
    model.add(keras.layers.Conv2D(128, 3, activation="relu"))
    model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(64, activation="relu"))
    model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_model__small_first_kernel():
    """Your first convolution looks through 3 × 3. It is the only one of the plan with a larger window; which?"""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 3, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_model__one_convolution_per_block():
    """Every block of yours has one convolution. The second and the third have two before they pool."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size in ((64, 7), (128, 3), (256, 3)):
        model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_model__no_dropout():
    """The layers are right but for the two that silence half of the neurons while training."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_model__logits_at_the_end():
    """Your last layer gives logits, numbers of any size. The task asks for probabilities: which activation makes them?"""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def build_model__logits_loss_behind_softmax():
    """The layers are right. But the loss is told to expect logits, and your model gives probabilities already."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def build_model__one_hot_loss():
    """The layers are right. The loss is the one for one-hot labels; ours are class numbers, so it is the sparse one."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def build_model__not_compiled():
    """The layers are right. What is missing is model.compile(...), which says how to learn."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            model.add(keras.layers.Conv2D(filters, size, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


def build_small_model__the_large_dense_part():
    """Your convolutions are right, but behind them stands the dense part of the large model. Here it is one hidden layer, no dropout."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    for units in (128, 64):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__valid_padding():
    """The map shrinks at every convolution of yours, so fewer numbers reach the dense layer. What does the task say about padding?"""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__pools_only_at_the_end():
    """You pool twice. In this model every convolution is followed by a pooling, so the map is halved three times."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        if filters != 128:
            model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__same_filters_everywhere():
    """All three convolutions have 32 filters. Their number doubles from block to block."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(3):
        model.add(keras.layers.Conv2D(32, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__no_hidden_dense_layer():
    """Your flattened map goes straight to the ten classes. One dense layer of 128 stands in between."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__forgets_relu():
    """Nothing of yours bends: without ReLU a stack of convolutions is no more than one weighted sum. Which argument is missing?"""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__no_accuracy():
    """The layers and the loss are right. Nobody would learn how many pictures it gets right, though: compile has an argument for that."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def count_parameters__forgets_the_biases(layers, input_shape):
    """Your counts are weights only. Each filter and each dense neuron has one number more."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            valid = layer.get("padding", "valid") == "valid"
            if valid and (kh > h or kw > w):
                raise ValueError("too large")
            count = kh * kw * c * layer["filters"]
            c = layer["filters"]
            if valid:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = c * layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
        out.append(count)
    return out


def count_parameters__forgets_the_input_channels(layers, input_shape):
    """Your first convolution is right, the deeper ones are too small: a kernel reaches through all channels of its input."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            valid = layer.get("padding", "valid") == "valid"
            if valid and (kh > h or kw > w):
                raise ValueError("too large")
            count = kh * kw * layer["filters"] + layer["filters"]
            c = layer["filters"]
            if valid:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = c * layer["units"] + layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
        out.append(count)
    return out


def count_parameters__takes_all_padding_for_same(layers, input_shape):
    """It is right as long as the padding is "same". Without it a convolution makes the map smaller, and dense layers feel it."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            if layer.get("padding", "valid") == "valid" and (kh > h or kw > w):
                raise ValueError("too large")
            count = kh * kw * c * layer["filters"] + layer["filters"]
            c = layer["filters"]
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = c * layer["units"] + layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
        out.append(count)
    return out


def count_parameters__ignores_the_padding(layers, input_shape):
    """Your maps shrink at each convolution, even where the padding is "same" and keeps their size."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            if layer.get("padding", "valid") == "valid" and (kh > h or kw > w):
                raise ValueError("too large")
            count = kh * kw * c * layer["filters"] + layer["filters"]
            c = layer["filters"]
            h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = c * layer["units"] + layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
        out.append(count)
    return out


def count_parameters__pools_round_up(layers, input_shape):
    """Your poolings keep a window that is only half full. A valid pooling drops what is left over: 7 becomes 3, not 4."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            valid = layer.get("padding", "valid") == "valid"
            if valid and (kh > h or kw > w):
                raise ValueError("too large")
            count = kh * kw * c * layer["filters"] + layer["filters"]
            c = layer["filters"]
            if valid:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = -(-h // ph), -(-w // pw)
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = c * layer["units"] + layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
        out.append(count)
    return out


def count_parameters__counts_one_total(layers, input_shape):
    """That is the sum for the whole network. A list is asked for, one number for each layer, zeros included."""
    h, w, c = input_shape
    total = 0
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            valid = layer.get("padding", "valid") == "valid"
            if valid and (kh > h or kw > w):
                raise ValueError("too large")
            total += kh * kw * c * layer["filters"] + layer["filters"]
            c = layer["filters"]
            if valid:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            total += c * layer["units"] + layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
    return total


def count_parameters__skips_layers_without_any(layers, input_shape):
    """Your list is too short: layers that have no parameters count 0, and their 0 belongs into the list."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            kh, kw = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
            valid = layer.get("padding", "valid") == "valid"
            if valid and (kh > h or kw > w):
                raise ValueError("too large")
            out.append(kh * kw * c * layer["filters"] + layer["filters"])
            c = layer["filters"]
            if valid:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = (layer["size"],) * 2 if isinstance(layer["size"], int) else layer["size"]
            if ph > h or pw > w:
                raise ValueError("too large")
            h, w = h // ph, w // pw
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            out.append(c * layer["units"] + layer["units"])
            c = layer["units"]
        elif kind != "dropout":
            raise ValueError("type")
    return out


def softmax__overflows(logits):
    """It is right for small logits. For 1000 the exponential is infinite; what may you subtract from all logits first?"""
    with np.errstate(all="ignore"):
        powers = np.exp(np.asarray(logits, dtype=float))
        return powers / powers.sum(axis=-1, keepdims=True)


def softmax__over_everything(logits):
    """All probabilities together sum up to 1. Each row, along the last axis, should do so by itself."""
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum()


def softmax__over_the_first_axis(logits):
    """Your columns sum up to 1. It should be along the last axis: each row is one picture."""
    powers = np.exp(logits - np.max(logits, axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


def softmax__without_the_exponential(logits):
    """You divided the logits by their sum. Negative logits then give negative "probabilities": the exponential is missing."""
    z = np.asarray(logits, dtype=float)
    with np.errstate(all="ignore"):
        return z / z.sum(axis=-1, keepdims=True)


def softmax__clips_large_logits(logits):
    """Cutting large logits off avoids the overflow but changes the result: 1000 and 900 are not the same. Subtract instead."""
    powers = np.exp(np.clip(logits, -50, 50))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax__sigmoid_instead(logits):
    """That is a sigmoid, each number by itself. Softmax lets the classes compete: together they have probability 1."""
    return 1 / (1 + np.exp(-np.clip(np.asarray(logits, dtype=float), -500, 500)))


def softmax__one_hot_of_the_largest(logits):
    """You gave everything to the largest logit. Softmax is softer: the others keep a share."""
    z = np.asarray(logits, dtype=float)
    return (z == z.max(axis=-1, keepdims=True)).astype(float)


def numpy_predict__forgets_the_biases(weights, image):
    """Your weights are in place, the biases are not: every convolution and dense layer adds its own before the ReLU."""
    x = image
    for kernel in weights[0:6:2]:
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True), 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    z = np.maximum(x.reshape(-1) @ weights[6], 0) @ weights[8]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__forgets_relu_in_the_convolutions(weights, image):
    """Negative values got through your convolutions. A ReLU stands behind each of them, before the pooling."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    z = np.maximum(x.reshape(-1) @ weights[6] + weights[7], 0) @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__forgets_relu_in_the_dense_layer(weights, image):
    """Up to the flattened map all is well. The dense layer of 128 ends in a ReLU, too."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias, 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    z = (x.reshape(-1) @ weights[6] + weights[7]) @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__flips_the_kernels(weights, image):
    """You flipped the kernels, as mathematicians do. Keras lays them on as they are (lesson 1)."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel[::-1, ::-1], optimize=True) + bias, 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    z = np.maximum(x.reshape(-1) @ weights[6] + weights[7], 0) @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__averages_when_pooling(weights, image):
    """You took the mean of each window of 2 × 2. This model's poolings keep the largest value."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias, 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).mean(axis=(1, 3))
    z = np.maximum(x.reshape(-1) @ weights[6] + weights[7], 0) @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__flattens_channels_first(weights, image):
    """The maps are right, but you flatten one channel after the other, so the dense weights meet the wrong numbers."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias, 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    z = np.maximum(x.transpose(2, 0, 1).reshape(-1) @ weights[6] + weights[7], 0) @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def numpy_predict__returns_the_logits(weights, image):
    """These are the logits, and they are right. One step is missing: the softmax makes probabilities of them."""
    x = image
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias, 0)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).max(axis=(1, 3))
    return np.maximum(x.reshape(-1) @ weights[6] + weights[7], 0) @ weights[8] + weights[9]


def confusion_matrix__transposed(y_true, y_pred, classes):
    """Your rows are predictions and your columns the truth. Here it is the other way round."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, said in zip(y_true, y_pred, strict=True):
        if not (0 <= truth < classes and 0 <= said < classes):
            raise ValueError("no such class")
        matrix[said, truth] += 1
    return matrix


def confusion_matrix__counts_each_pair_once(y_true, y_pred, classes):
    """No number of yours is larger than 1: matrix[y_true, y_pred] += 1 counts a pair that comes twice only once."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    truth, said = np.array(y_true, dtype=int), np.array(y_pred, dtype=int)
    both = np.concatenate([truth, said])
    if both.size and (both.min() < 0 or both.max() >= classes):
        raise ValueError("no such class")
    matrix = np.zeros((classes, classes), dtype=int)
    matrix[truth, said] += 1
    return matrix


def confusion_matrix__counts_only_mistakes(y_true, y_pred, classes):
    """Your diagonal is empty. What is right counts, too: that is where most of the pictures stand."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, said in zip(y_true, y_pred, strict=True):
        if not (0 <= truth < classes and 0 <= said < classes):
            raise ValueError("no such class")
        if truth != said:
            matrix[truth, said] += 1
    return matrix


def confusion_matrix__shares_instead_of_counts(y_true, y_pred, classes):
    """These are shares of each row. Counts are asked for, as whole numbers."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes))
    for truth, said in zip(y_true, y_pred, strict=True):
        if not (0 <= truth < classes and 0 <= said < classes):
            raise ValueError("no such class")
        matrix[truth, said] += 1
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def confusion_matrix__only_classes_that_occur(y_true, y_pred, classes):
    """Your matrix has rows only for classes that occur. It should have one for each class, with zeros if need be."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    if any(not 0 <= number < classes for number in [*y_true, *y_pred]):
        raise ValueError("no such class")
    there = sorted({int(number) for number in [*y_true, *y_pred]})
    matrix = np.zeros((len(there), len(there)), dtype=int)
    for truth, said in zip(y_true, y_pred, strict=True):
        matrix[there.index(truth), there.index(said)] += 1
    return matrix


def confusion_matrix__takes_negative_classes(y_true, y_pred, classes):
    """A class of -1 slips through: NumPy counts it from the end. There is no such class, so an error is due."""
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, said in zip(y_true, y_pred, strict=True):
        if truth >= classes or said >= classes:
            raise ValueError("no such class")
        matrix[truth, said] += 1
    return matrix


def confusion_matrix__stops_at_the_shorter_list(y_true, y_pred, classes):
    """zip stops at the shorter of the two lists without a word. If their lengths differ, something is wrong: say so."""
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, said in zip(y_true, y_pred, strict=False):
        if not (0 <= truth < classes and 0 <= said < classes):
            raise ValueError("no such class")
        matrix[truth, said] += 1
    return matrix
