"""Wrong answers that students really give in lesson 7: `<exercise>__<what went wrong>`, each with its sentence of help."""

import keras
import numpy as np


def _pair(images, labels, scaled):
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return scaled, np.array(labels, dtype=int)


def prepare__forgets_the_channel_axis(images, labels):
    """The values are right, but a convolution wants height, width and channels: each picture needs one more axis, of length 1."""
    return _pair(images, labels, images.astype(np.float32) / 255)


def prepare__keeps_0_to_255(images, labels):
    """Your pixels still go from 0 to 255. Which division brings the largest of them to 1?"""
    return _pair(images, labels, images[..., np.newaxis].astype(np.float32))


def prepare__divides_by_256(images, labels):
    """White becomes a little less than 1. The largest value that a pixel can have is 255, not 256."""
    return _pair(images, labels, images[..., np.newaxis].astype(np.float32) / 256)


def prepare__divides_whole_numbers(images, labels):
    """All pixels became 0: // throws the fraction away. Make floats first, then divide with a single slash."""
    return _pair(images, labels, (images[..., np.newaxis] // 255).astype(np.float32))


def prepare__goes_from_minus_one_to_one(images, labels):
    """Your pixels go from -1 to 1. That is common, too, but here black should be 0 and white 1."""
    return _pair(images, labels, images[..., np.newaxis].astype(np.float32) / np.float32(127.5) - 1)


def prepare__puts_the_channel_first(images, labels):
    """Your channel axis comes right after the number of the picture. In Keras it is the last one."""
    return _pair(images, labels, images[:, np.newaxis].astype(np.float32) / 255)


def prepare__scales_by_the_largest_pixel(images, labels):
    """You divided by the largest pixel that happens to be there. Then the same gray means another number when the data change: divide by 255."""
    return _pair(images, labels, images[..., np.newaxis].astype(np.float32) / images.max())


def prepare__scales_each_picture_by_itself(images, labels):
    """You divided each picture by its own largest pixel, so that a dim picture looks like a bright one. Divide all of them by 255."""
    return _pair(images, labels, (images / images.max(axis=(1, 2), keepdims=True))[..., np.newaxis].astype(np.float32))


def prepare__stretches_the_contrast(images, labels):
    """You stretched the pixels so that the darkest is 0 and the brightest 1. Black should become 0 and white, 255, should become 1."""
    low, high = float(images.min()), float(images.max())
    return _pair(images, labels, ((images[..., np.newaxis] - low) / (high - low)).astype(np.float32))


def prepare__stays_with_float64(images, labels):
    """The values are right, but of type float64, twice the memory. Convert to float32 before you divide, or afterwards."""
    return _pair(images, labels, images[..., np.newaxis] / 255)


def prepare__leaves_the_labels_a_list(images, labels):
    """Your labels come back just as they were given, even as a list. The docstring promises an array."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[..., np.newaxis].astype(np.float32) / 255, labels


def prepare__makes_floats_of_the_labels(images, labels):
    """Your labels became floats. A class number is a whole number."""
    if len(images) != len(labels):
        raise ValueError("lengths differ")
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=np.float32)


def prepare__one_hot_labels(images, labels):
    """Your labels are rows of zeros and ones. Here a label stays one number, its class; that is what "sparse" means later."""
    pictures, numbers = _pair(images, labels, images[..., np.newaxis].astype(np.float32) / 255)
    return pictures, np.eye(10, dtype=int)[numbers]


def prepare__does_not_compare_the_lengths(images, labels):
    """It is right as long as everything fits. But somebody may pass fewer labels than images; the docstring says what then."""
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=int)


def prepare__looks_for_missing_labels_only(images, labels):
    """Too few labels are refused, too many are not. The docstring asks for just as many labels as images."""
    if len(labels) < len(images):
        raise ValueError("too few labels")
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=int)


def prepare__cuts_to_the_shorter_one(images, labels):
    """You cut images and labels to the same length without a word. If they do not fit, something is wrong: say so with an error."""
    n = min(len(images), len(labels))
    return images[:n, ..., np.newaxis].astype(np.float32) / 255, np.array(labels[:n], dtype=int)


def flatten__flattens_the_batch_too(x):
    """Everything landed in a single row. Each picture of the batch needs a row of its own."""
    return x.reshape(-1)


def flatten__takes_the_first_picture_only(x):
    """That is the row of the first picture. The other pictures of the batch want theirs, too."""
    return x[:1].reshape(1, -1)


def flatten__drops_the_batch_of_one(x):
    """For a single picture you lost the first axis: a batch of one is still a batch, [1, numbers]."""
    return np.squeeze(x.reshape(len(x), -1))


def flatten__channels_first(x):
    """Your row holds one whole channel after the other. In Keras' order the channels of a pixel stand side by side."""
    return x.transpose(0, 3, 1, 2).reshape(len(x), -1)


def flatten__column_by_column(x):
    """Your row goes through the picture column by column. Rows come first: left to right, then the next row."""
    return x.transpose(0, 2, 1, 3).reshape(len(x), -1)


def flatten__first_axis_fastest(x):
    """Your order lets the first axis run fastest, as Fortran does. The last axis, the channels, should run fastest."""
    return x.reshape(len(x), -1, order="F")


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
    """Each of your blocks has one convolution. The second and the third have two before they pool."""
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
    """Each of your convolutions shrinks the map, so fewer numbers reach the dense layer. What does the task say about padding?"""
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
    """There is no ReLU in your model. The plan has one behind each convolution and behind Dense 128: which argument is missing?"""
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
    """The layers and the loss are right, but nothing counts how many pictures the model gets right: compile has an argument for that."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def _two(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def _fits(window, shape):
    return window[0] <= shape[0] and window[1] <= shape[1]


def _numbers(
    layers, input_shape, *, default="valid", two=_two, kernel_fits=_fits, window_fits=_fits, halved=lambda n, size: n // size,
    bias=1, shrinks=("valid",), checked=("valid",), other=None,
):  # fmt: skip
    """All numbers of parameters, with as many mistakes as the arguments make."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind == "conv":
            kh, kw = two(layer["kernel"])
            padding = layer.get("padding", default)
            if padding in checked and not kernel_fits((kh, kw), (h, w)):
                raise ValueError("too large")
            count = (kh * kw * c + bias) * layer["filters"]
            c = layer["filters"]
            if padding in shrinks:
                h, w = h - kh + 1, w - kw + 1
        elif kind == "pool":
            ph, pw = two(layer["size"])
            if not window_fits((ph, pw), (h, w)):
                raise ValueError("too large")
            h, w = halved(h, ph), halved(w, pw)
        elif kind == "flatten":
            c, h, w = h * w * c, 1, 1
        elif kind == "dense":
            count = (c + bias) * layer["units"]
            c = layer["units"]
        elif kind != "dropout":
            if other is None:
                raise ValueError("type")
            count = other
        out.append(count)
    return out


def count_parameters__forgets_the_biases(layers, input_shape):
    """Your counts are weights only. Each filter and each dense neuron has one number more."""
    return _numbers(layers, input_shape, bias=0)


def count_parameters__forgets_the_input_channels(layers, input_shape):
    """Your first convolution is right, the deeper ones are too small: a kernel reaches through all channels of its input."""
    out = []
    for layer, count in zip(layers, _numbers(layers, input_shape), strict=True):
        if layer["type"] == "conv":
            kh, kw = _two(layer["kernel"])
            count = (kh * kw + 1) * layer["filters"]
        out.append(count)
    return out


def count_parameters__takes_all_padding_for_same(layers, input_shape):
    """It is right as long as the padding is "same". Without it a convolution makes the map smaller, and dense layers feel it."""
    return _numbers(layers, input_shape, shrinks=())


def count_parameters__pads_by_default(layers, input_shape):
    """You treat a layer without "padding" as "same". The docstring says that it is "valid" then."""
    return _numbers(layers, input_shape, default="same")


def count_parameters__ignores_the_padding(layers, input_shape):
    """Your maps shrink at each convolution, even where the padding is "same" and keeps their size."""
    return _numbers(layers, input_shape, shrinks=("valid", "same"))


def count_parameters__pools_round_up(layers, input_shape):
    """Your poolings keep a window that is only half full. A valid pooling drops what is left over: 7 becomes 3, not 4."""
    return _numbers(layers, input_shape, halved=lambda n, size: -(-n // size))


def count_parameters__swaps_the_pairs(layers, input_shape):
    """Your pairs are swapped: the first number of "kernel" or "size" is the height, the second one the width."""
    return _numbers(layers, input_shape, two=lambda size: _two(size)[::-1])


def count_parameters__thinks_windows_are_square(layers, input_shape):
    """You used the first number of each pair for both directions. A kernel of (2, 5) has ten places."""
    return _numbers(layers, input_shape, two=lambda size: (_two(size)[0],) * 2)


def count_parameters__forgets_what_dense_layers_change(layers, input_shape):
    """The first dense layer is right. The next one gets as many numbers as that one has units, not the whole row again."""
    row, out = 0, []
    for place, (layer, count) in enumerate(zip(layers, _numbers(layers, input_shape), strict=True)):
        if layer["type"] == "dense":
            before = [one["units"] for one in layers[:place] if one["type"] == "dense"]
            row = row or count // layer["units"] - 1
            count = (row + 1) * layer["units"] if before else count
        out.append(count)
    return out


def count_parameters__counts_one_total(layers, input_shape):
    """That is the sum for the whole network. A list is asked for, one number for each layer, zeros included."""
    return sum(_numbers(layers, input_shape))


def count_parameters__skips_layers_without_any(layers, input_shape):
    """Your list is too short: layers that have no parameters count 0, and their 0 belongs in the list."""
    return [count for count in _numbers(layers, input_shape) if count]


def count_parameters__refuses_wide_kernels_under_same(layers, input_shape):
    """You refuse a kernel wider than its map even under "same". There the frame of zeros makes room for it."""
    return _numbers(layers, input_shape, checked=("valid", "same"))


def count_parameters__does_not_check_the_windows(layers, input_shape):
    """A valid kernel that is higher than its map slips through. Compare each window with its map, in both directions, pooling windows too."""
    return _numbers(layers, input_shape, kernel_fits=lambda *_: True, window_fits=lambda *_: True)


def count_parameters__compares_with_the_picture(layers, input_shape):
    """You compare each window with the picture that comes in. What counts is the map as it is by then, which may be much smaller."""
    return _numbers(
        layers,
        input_shape,
        kernel_fits=lambda window, _: _fits(window, input_shape),
        window_fits=lambda window, _: _fits(window, input_shape),
    )


def count_parameters__checks_the_height_only(layers, input_shape):
    """A kernel that is too high is refused, one that is too wide is not: compare both directions."""
    return _numbers(
        layers,
        input_shape,
        kernel_fits=lambda window, shape: window[0] <= shape[0],
        window_fits=lambda window, shape: window[0] <= shape[0],
    )


def count_parameters__checks_kernels_only(layers, input_shape):
    """A valid kernel that does not fit is refused, a pooling that does not fit is not."""
    return _numbers(layers, input_shape, window_fits=lambda *_: True)


def count_parameters__takes_unknown_types_for_free(layers, input_shape):
    """You count 0 for a type that you do not know. It may be a typo, so refuse it."""
    return _numbers(layers, input_shape, other=0)


def softmax__overflows(logits):
    """It is right for small logits. For 1000 the exponential is infinite; what can you subtract from all logits first?"""
    with np.errstate(all="ignore"):
        powers = np.exp(np.asarray(logits, dtype=float))
        return powers / powers.sum(axis=-1, keepdims=True)


def softmax__subtracts_the_largest_of_all(logits):
    """You subtracted the largest logit of the whole array. In a row of much smaller logits all powers are 0 then: take each row's own largest."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - np.max(logits))
        return powers / powers.sum(axis=-1, keepdims=True)


def softmax__subtracts_the_mean(logits):
    """You subtracted the mean of each row. The largest logit may be far above it, and its power is infinite: subtract the largest."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - np.mean(logits, axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


def softmax__over_everything(logits):
    """All probabilities together sum to 1. Each row, along the last axis, should do so by itself."""
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum()


def softmax__over_the_first_axis(logits):
    """Your columns sum to 1. It should be along the last axis: each row is one picture."""
    powers = np.exp(logits - np.max(logits, axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


def softmax__over_the_second_axis(logits):
    """With three axes you sum along the second one. "Last" is axis -1, however many there are."""
    axis = min(np.ndim(logits) - 1, 1)
    powers = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax__without_the_exponential(logits):
    """You divided the logits by their sum. Negative logits then give negative "probabilities": the exponential is missing."""
    z = np.asarray(logits, dtype=float)
    with np.errstate(all="ignore"):
        return z / z.sum(axis=-1, keepdims=True)


def softmax__powers_of_two(logits):
    """Your powers are those of 2. The base is e, 2.718...: np.exp."""
    powers = np.exp2(logits - np.max(logits, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax__keeps_the_logarithm(logits):
    """These are the logarithms of the probabilities. One step is missing: np.exp of them."""
    z = logits - np.max(logits, axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def softmax__does_not_divide(logits):
    """The largest of your numbers is 1, but they do not sum to 1: divide by the sum of the powers, not by the largest one."""
    return np.exp(logits - np.max(logits, axis=-1, keepdims=True))


def softmax__clips_large_logits(logits):
    """Cutting large logits off avoids the overflow but changes the result: 1000 and 999 are not the same. Subtract instead."""
    powers = np.exp(np.clip(logits, -50, 50))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax__sigmoid_instead(logits):
    """That is a sigmoid, each number by itself. Softmax lets the classes compete: together they have probability 1."""
    return 1 / (1 + np.exp(-np.clip(np.asarray(logits, dtype=float), -500, 500)))


def softmax__one_hot_of_the_largest(logits):
    """You gave everything to the largest logit. Softmax is softer: the others keep a share."""
    z = np.asarray(logits, dtype=float)
    return (z == z.max(axis=-1, keepdims=True)).astype(float)


def _relu(x):
    return np.maximum(x, 0)


def _shares(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def _said(
    weights, image, *, mode="constant", before=1, kernel=lambda k: k, conv=lambda sums, bias: _relu(sums + bias), largest=np.max,
    row=lambda x: x.reshape(-1), hidden=lambda sums, bias: _relu(sums + bias), logits=lambda sums, bias: sums + bias, last=_shares,
):  # fmt: skip
    """What the small model says, with as many mistakes as the arguments make."""
    x = image
    for weight, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        padded = np.pad(x, ((before, 2 - before), (before, 2 - before), (0, 0)), mode=mode)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = conv(np.einsum("ijcuv,uvcf->ijf", windows, kernel(weight), optimize=True), bias)
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x = largest(x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1), axis=(1, 3))
    return last(logits(hidden(row(x) @ weights[6], weights[7]) @ weights[8], weights[9]))


def numpy_predict__forgets_the_biases(weights, image):
    """Your weights are in place, the biases are not: every convolution and dense layer adds its own before the ReLU."""
    bare = lambda sums, _: _relu(sums)  # noqa: E731
    return _said(weights, image, conv=bare, hidden=bare, logits=lambda sums, _: sums)


def numpy_predict__forgets_the_convolutions_biases(weights, image):
    """The dense layers are complete, but your convolutions add no bias: each filter has one, added to its whole map."""
    return _said(weights, image, conv=lambda sums, _: _relu(sums))


def numpy_predict__forgets_the_dense_biases(weights, image):
    """Your convolutions are complete, but the dense layers add no bias: each neuron has one."""
    return _said(weights, image, hidden=lambda sums, _: _relu(sums), logits=lambda sums, _: sums)


def numpy_predict__adds_the_bias_after_the_relu(weights, image):
    """You add the biases behind the ReLU. A bias moves the sum first; then the ReLU cuts off what is negative."""
    late = lambda sums, bias: _relu(sums) + bias  # noqa: E731
    return _said(weights, image, conv=late, hidden=late)


def numpy_predict__forgets_every_relu(weights, image):
    """There is no ReLU in your network: one belongs behind each convolution and behind the dense layer of 128."""
    return _said(weights, image, conv=lambda sums, bias: sums + bias, hidden=lambda sums, bias: sums + bias)


def numpy_predict__forgets_relu_in_the_convolutions(weights, image):
    """Negative values got through your convolutions. A ReLU stands behind each of them, before the pooling."""
    return _said(weights, image, conv=lambda sums, bias: sums + bias)


def numpy_predict__forgets_relu_in_the_dense_layer(weights, image):
    """Up to the flattened map all is well. The dense layer of 128 ends in a ReLU, too."""
    return _said(weights, image, hidden=lambda sums, bias: sums + bias)


def numpy_predict__relu_on_the_logits(weights, image):
    """The last layer has no ReLU: negative logits stay negative, and the softmax makes small probabilities of them."""
    return _said(weights, image, logits=lambda sums, bias: _relu(sums + bias))


def numpy_predict__flips_the_kernels(weights, image):
    """You flipped the kernels, as mathematicians do. Keras lays them on as they are (lesson 1)."""
    return _said(weights, image, kernel=lambda k: k[::-1, ::-1])


def numpy_predict__transposes_the_kernels(weights, image):
    """Rows and columns of your kernels are swapped: the first axis of a kernel goes down, the second to the right."""
    return _said(weights, image, kernel=lambda k: k.transpose(1, 0, 2, 3))


def numpy_predict__repeats_the_edge(weights, image):
    """You padded with copies of the edge. Padding "same" puts zeros around the map."""
    return _said(weights, image, mode="edge")


def numpy_predict__pads_at_the_end_only(weights, image):
    """Both rows of zeros stand below and right of your maps. A kernel of 3 wants one on each side."""
    return _said(weights, image, before=0)


def numpy_predict__averages_when_pooling(weights, image):
    """You took the mean of each window of 2 × 2. This model's poolings keep the largest value."""
    return _said(weights, image, largest=np.mean)


def numpy_predict__flattens_channels_first(weights, image):
    """The maps are right, but you flatten one channel after the other, so the dense weights meet the wrong numbers."""
    return _said(weights, image, row=lambda x: x.transpose(2, 0, 1).reshape(-1))


def numpy_predict__flattens_column_by_column(weights, image):
    """The maps are right, but you flatten them column by column. Rows come first, as in exercise 2."""
    return _said(weights, image, row=lambda x: x.transpose(1, 0, 2).reshape(-1))


def numpy_predict__returns_the_logits(weights, image):
    """These are the logits, and they are right. One step is missing: the softmax makes probabilities of them."""
    return _said(weights, image, last=lambda z: z)


def numpy_predict__returns_the_class(weights, image):
    """That is the number of the winner. All ten probabilities are asked for."""
    return int(np.argmax(_said(weights, image)))


def numpy_predict__overflows(weights, image):
    """It is right while the logits are small. The softmax at the end has to be stable, like the one of exercise 6."""
    with np.errstate(all="ignore"):
        powers = np.exp(_said(weights, image, last=lambda z: z))
        return powers / powers.sum()


def _counts(pairs, classes, kind=int):
    matrix = np.zeros((classes, classes), dtype=kind)
    for truth, said in pairs:
        if not (0 <= truth < classes and 0 <= said < classes):
            raise ValueError("no such class")
        matrix[truth, said] += 1
    return matrix


def _pairs(y_true, y_pred):
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    return list(zip(y_true, y_pred, strict=True))


def confusion_matrix__transposed(y_true, y_pred, classes):
    """Your rows are predictions and your columns the truth. Here it is the other way round."""
    return _counts(_pairs(y_true, y_pred), classes).T


def confusion_matrix__counts_each_pair_once(y_true, y_pred, classes):
    """None of your numbers is larger than 1: matrix[y_true, y_pred] += 1 counts a pair that comes twice only once."""
    return np.minimum(_counts(_pairs(y_true, y_pred), classes), 1)


def confusion_matrix__counts_only_mistakes(y_true, y_pred, classes):
    """Your diagonal is empty. What is right counts, too: that is where most of the pictures stand."""
    matrix = _counts(_pairs(y_true, y_pred), classes)
    return matrix - np.diag(np.diag(matrix))


def confusion_matrix__counts_both_ways(y_true, y_pred, classes):
    """Your matrix is symmetric: you counted each mistake in both directions. A shirt called a coat is not a coat called a shirt."""
    matrix = _counts(_pairs(y_true, y_pred), classes)
    return matrix + matrix.T - np.diag(np.diag(matrix))


def confusion_matrix__shares_of_each_row(y_true, y_pred, classes):
    """These are shares of each row. Counts are asked for, as whole numbers."""
    matrix = _counts(_pairs(y_true, y_pred), classes)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def confusion_matrix__counts_in_floats(y_true, y_pred, classes):
    """Your counts are right, but they are floats: np.zeros makes floats unless you give it dtype=int."""
    return _counts(_pairs(y_true, y_pred), classes, float)


def confusion_matrix__counts_in_bytes(y_true, y_pred, classes):
    """Your counts are of type uint8, like the class numbers, and start again at 0 after 255. Use dtype=int."""
    return _counts(_pairs(y_true, y_pred), classes, np.uint8)


def confusion_matrix__combines_bytes(y_true, y_pred, classes):
    """truth · classes + prediction is a neat idea, but in uint8 it starts again at 0 after 255. Make ints of the class numbers first."""
    pairs = _pairs(y_true, y_pred)
    _counts(pairs, classes)
    codes = [t * type(t)(classes) + p for t, p in pairs]
    return np.bincount(codes, minlength=classes**2)[: classes**2].reshape(classes, classes)


def confusion_matrix__only_classes_that_occur(y_true, y_pred, classes):
    """Your matrix has rows only for classes that occur. It should have one for each class, with zeros if need be."""
    pairs = _pairs(y_true, y_pred)
    there = sorted({int(number) for pair in pairs for number in pair})
    return _counts(pairs, classes)[np.ix_(there, there)]


def confusion_matrix__stops_at_the_shorter_list(y_true, y_pred, classes):
    """You count only as far as both lists reach, without a word. If their lengths differ, something is wrong: raise a ValueError."""
    return _counts(zip(y_true, y_pred, strict=False), classes)


def confusion_matrix__looks_for_missing_predictions_only(y_true, y_pred, classes):
    """Too few predictions are refused, too many are not. Their number has to be the same as that of the true classes."""
    if len(y_pred) < len(y_true):
        raise ValueError("too few")
    return _counts(zip(y_true, y_pred, strict=False), classes)


def confusion_matrix__leaves_strangers_out(y_true, y_pred, classes):
    """A class that does not exist is left out of your counts without a word. Raise a ValueError instead."""
    there = range(classes)
    return _counts([(t, p) for t, p in _pairs(y_true, y_pred) if t in there and p in there], classes)


def confusion_matrix__grows_with_the_classes(y_true, y_pred, classes):
    """A class number that is too large makes your matrix larger. There are only `classes` of them: raise a ValueError."""
    pairs = _pairs(y_true, y_pred)
    return _counts(pairs, max(classes, *(int(number) + 1 for pair in pairs for number in pair)))


def confusion_matrix__lets_numpy_complain(y_true, y_pred, classes):
    """A class number that is too large ends in NumPy's IndexError. Look at the numbers first, and raise a ValueError."""
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, said in _pairs(y_true, y_pred):
        if truth < 0 or said < 0:
            raise ValueError("no such class")
        matrix[truth, said] += 1
    return matrix


def confusion_matrix__takes_negative_classes(y_true, y_pred, classes):
    """A class of -1 slips through: NumPy counts it from the end. There is no such class, so raise a ValueError."""
    pairs = _pairs(y_true, y_pred)
    if any(number >= classes for pair in pairs for number in pair):
        raise ValueError("no such class")
    return _counts([(t % classes, p % classes) for t, p in pairs], classes)


def confusion_matrix__takes_negative_predictions(y_true, y_pred, classes):
    """A negative true class is refused, a negative prediction is not. Look at both."""
    pairs = _pairs(y_true, y_pred)
    return _counts([(t, p + classes if -classes <= p < 0 else p) for t, p in pairs], classes)
