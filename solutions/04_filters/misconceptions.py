"""Wrong answers that students really give in lesson 4: `<exercise>__<what went wrong>`, each with its sentence of help."""

import keras
import numpy as np


def _line_checked(size, direction):
    if size < 1 or size % 2 == 0 or direction not in ("horizontal", "vertical"):
        raise ValueError("no such size or direction")


def line_filter__directions_swapped(size, direction):
    """Your directions are swapped: a horizontal line fills a row, a vertical one a column."""
    _line_checked(size, direction)
    weights = np.zeros((size, size))
    if direction == "vertical":
        weights[size // 2] = 1
    else:
        weights[:, size // 2] = 1
    return weights


def line_filter__one_step_off(size, direction):
    """Your line is not in the middle. In a filter of 7 the middle is number 3, counted from 0."""
    _line_checked(size, direction)
    weights = np.zeros((size, size))
    weights[min(size // 2 + 1, size - 1)] = 1
    return weights if direction == "horizontal" else weights.T


def line_filter__on_the_edge(size, direction):
    """Your line stands in the first row or column. It belongs in the middle."""
    _line_checked(size, direction)
    weights = np.zeros((size, size))
    weights[0] = 1
    return weights if direction == "horizontal" else weights.T


def line_filter__averages(size, direction):
    """The line is in the right place, but its weights are not ones: you divided them by the size."""
    _line_checked(size, direction)
    weights = np.zeros((size, size))
    weights[size // 2] = 1 / size
    return weights if direction == "horizontal" else weights.T


def line_filter__cross(size, direction):
    """That is a cross: both lines at once. Only one of them belongs in each filter."""
    _line_checked(size, direction)
    weights = np.zeros((size, size))
    weights[size // 2] = weights[:, size // 2] = 1
    return weights


def line_filter__black_on_white(size, direction):
    """You made a line of zeros among ones. It should be ones among zeros."""
    _line_checked(size, direction)
    weights = np.ones((size, size))
    weights[size // 2] = 0
    return weights if direction == "horizontal" else weights.T


def line_filter__takes_even_sizes(size, direction):
    """It is right for odd sizes. An even one has no middle; the docstring says what to do."""
    if size < 1 or direction not in ("horizontal", "vertical"):
        raise ValueError("no such size or direction")
    weights = np.zeros((size, size))
    weights[size // 2] = 1
    return weights if direction == "horizontal" else weights.T


def line_filter__takes_any_direction(size, direction):
    """Whatever is not "horizontal" counts as vertical in your code, a misspelled direction too. Refuse what is neither of the two."""
    if size < 1 or size % 2 == 0:
        raise ValueError("no such size")
    weights = np.zeros((size, size))
    weights[size // 2] = 1
    return weights if direction == "horizontal" else weights.T


def line_filter__nothing_for_negative_sizes(size, direction):
    """For a negative size you return an array with nothing in it. The docstring asks for a ValueError below 1."""
    if size % 2 == 0 or direction not in ("horizontal", "vertical"):
        raise ValueError("no such size or direction")
    weights = np.array([[float(row == size // 2)] * size for row in range(size)])
    return weights if direction == "horizontal" else weights.T


def relu__absolute_value(x):
    """You took the absolute value. Negative numbers become 0, not positive."""
    return np.abs(x)


def relu__sigmoid(x):
    """That is a sigmoid, which squeezes everything between 0 and 1. ReLU leaves positive numbers as they are."""
    return 1 / (1 + np.exp(-np.clip(np.asarray(x, dtype=float), -500, 500)))


def relu__keeps_the_negative(x):
    """You kept the negative numbers and removed the positive ones. It is max(0, x), not min."""
    return np.minimum(x, 0)


def relu__only_the_largest(x):
    """You returned one number, the largest of all. ReLU works on each number by itself; look at np.maximum."""
    return np.max(np.maximum(x, 0))


def relu__leaky(x):
    """Your negative numbers leak through a little: that is a "leaky ReLU". Here they become 0."""
    x = np.asarray(x, dtype=float)
    return np.where(x > 0, x, 0.01 * x)


def relu__yes_or_no(x):
    """You tell where x is positive. The positive numbers themselves should come through."""
    return (np.asarray(x) > 0).astype(float)


def relu__caps_at_one(x):
    """You cut off above 1 as well. ReLU has no upper end."""
    return np.clip(np.asarray(x, dtype=float), 0, 1)


def relu__changes_x(x):
    """You set entries of x itself to 0, and the caller has lost the original. Make a new array."""
    x[x < 0] = 0
    return x


def relu__whole_numbers_only(x):
    """Your decimals are gone: you made the result an array of whole numbers."""
    return np.maximum(x, 0).astype(int)


def _neuron(x, weights, bias, i, j, k, strides, steps=None, sign=1, first=None, mean=False):
    kernel_height, kernel_width, channels, filters = weights.shape
    if x.shape[2] != channels or len(bias) != filters or min(strides) < 1:
        raise ValueError("channels, filters or strides do not fit")
    top, left = i * strides[0], j * strides[1]
    if min(i, j, k) < 0 or k >= filters or top + kernel_height > x.shape[0] or left + kernel_width > x.shape[1]:
        raise ValueError("no such output")
    if first is not None:
        top, left = first(i, j, strides)
    kernel = weights[..., k].astype(float)
    if steps is not None:
        kernel = steps(kernel)
    patch = x[top : top + kernel_height, left : left + kernel_width].astype(float)
    if patch.shape != kernel.shape:
        return 0.0
    total = np.sum(patch * kernel)
    return float(bias[k]) + sign * float(total / kernel.size if mean else total)


def conv_neuron__minus_sign(x, weights, bias, i, j, k, strides):
    """You subtract the sum. It is b + Σ: a filter answers where the picture fits it, not where it is the opposite."""
    return _neuron(x, weights, bias, i, j, k, strides, sign=-1)


def conv_neuron__forgets_the_bias(x, weights, bias, i, j, k, strides):
    """The weighted sum is right. One number for each filter is still missing."""
    return _neuron(x, weights, bias, i, j, k, strides) - float(bias[k])


def _swapped(i, j, strides):
    return j * strides[1], i * strides[0]


def conv_neuron__swaps_row_and_column(x, weights, bias, i, j, k, strides):
    """Rows and columns are swapped: i counts rows and comes first, x[row, column]."""
    return _neuron(x, weights, bias, i, j, k, strides, first=_swapped)


def _unstrided(i, j, strides):
    return i, j


def conv_neuron__ignores_the_stride(x, weights, bias, i, j, k, strides):
    """Your window begins at pixel (i, j). With a stride it begins further down and to the right."""
    return _neuron(x, weights, bias, i, j, k, strides, first=_unstrided)


def _flipped(kernel):
    return kernel[::-1, ::-1]


def conv_neuron__flips_the_kernel(x, weights, bias, i, j, k, strides):
    """Your kernel is upside down and mirrored. Lay it on as it is (lesson 1)."""
    return _neuron(x, weights, bias, i, j, k, strides, steps=_flipped)


def _first_channel(kernel):
    return kernel * (np.arange(kernel.shape[2]) == 0)


def conv_neuron__first_channel_only(x, weights, bias, i, j, k, strides):
    """You looked at the first channel only. A filter reaches through all channels of its input."""
    return _neuron(x, weights, bias, i, j, k, strides, steps=_first_channel)


def conv_neuron__takes_the_mean(x, weights, bias, i, j, k, strides):
    """You took the mean of the products. It is their sum."""
    return _neuron(x, weights, bias, i, j, k, strides, mean=True)


def conv_neuron__index_error_outside(x, weights, bias, i, j, k, strides):
    """It is right inside. Outside the output NumPy raises IndexError or wraps around; the docstring asks for ValueError."""
    total = float(bias[k])
    for u in range(weights.shape[0]):
        for v in range(weights.shape[1]):
            for c in range(weights.shape[2]):
                total += float(x[i * strides[0] + u, j * strides[1] + v, c]) * float(weights[u, v, c, k])
    return total


def _swapped_strides(i, j, strides):
    return i * strides[1], j * strides[0]


def conv_neuron__swaps_the_strides(x, weights, bias, i, j, k, strides):
    """Your strides are swapped: the first of the pair is vertical, from row to row."""
    return _neuron(x, weights, bias, i, j, k, strides, first=_swapped_strides)


def _unchecked(x, weights, bias, i, j, k, strides):
    top, left = i * strides[0], j * strides[1]
    if i < 0 or j < 0 or not 0 <= k < weights.shape[3]:
        raise ValueError("no such output")
    patch = x[top : top + weights.shape[0], left : left + weights.shape[1]]
    if patch.shape[:2] != weights.shape[:2]:
        raise ValueError("no such output")
    return float(np.sum(patch.astype(float) * weights[..., k]) + bias[k])


def conv_neuron__overflows_uint8(x, weights, bias, i, j, k, strides):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert before you multiply."""
    _neuron(x, weights, bias, i, j, k, strides)
    top, left = i * strides[0], j * strides[1]
    patch = x[top : top + weights.shape[0], left : left + weights.shape[1]]
    return np.sum(patch * weights[..., k]) + bias[k]


def conv_neuron__cut_off_at_the_border(x, weights, bias, i, j, k, strides):
    """Where the window leaves the input you add up what is left of the patch. Under "valid" no such output exists: refuse it."""
    if x.shape[2] != weights.shape[2] or len(bias) != weights.shape[3] or min(strides) < 1:
        raise ValueError("channels, filters or strides do not fit")
    if min(i, j, k) < 0 or k >= len(bias):
        raise ValueError("no such output")
    top, left = i * strides[0], j * strides[1]
    patch = x[top : top + weights.shape[0], left : left + weights.shape[1]].astype(float)
    return float(np.sum(patch * weights[: patch.shape[0], : patch.shape[1], :, k]) + bias[k])


def conv_neuron__stretches_a_single_channel(x, weights, bias, i, j, k, strides):
    """An input of one channel passes for one of two: NumPy stretches an axis of length 1 without a word. Compare the counts."""
    if min(strides) < 1 or len(bias) != weights.shape[3] or x.shape[2] not in (1, weights.shape[2]):
        raise ValueError("channels, filters or strides do not fit")
    return _unchecked(x, weights, bias, i, j, k, strides)


def conv_neuron__does_not_count_the_biases(x, weights, bias, i, j, k, strides):
    """You accept any number of biases, as long as number k is there. Each filter has one: compare the counts."""
    if min(strides) < 1 or x.shape[2] != weights.shape[2]:
        raise ValueError("channels or strides do not fit")
    return _unchecked(x, weights, bias, i, j, k, strides)


def conv_neuron__takes_steps_backwards(x, weights, bias, i, j, k, strides):
    """The numbers are right, but you accept a stride below 1. At row 0 and column 0 it does no harm; refuse it there as well."""
    if len(bias) != weights.shape[3] or x.shape[2] != weights.shape[2]:
        raise ValueError("channels or filters do not fit")
    return _unchecked(x, weights, bias, i, j, k, strides)


def _layer(x, weights, bias, strides, padding, frame=None, kernel=None, thin=True, sign=1, activation=None):
    kernel_size, (channels, filters) = weights.shape[:2], weights.shape[2:]
    if padding not in ("valid", "same") or min(strides) < 1 or x.shape[2] != channels or len(bias) != filters:
        raise ValueError("arguments do not fit")
    if padding == "valid" and (kernel_size[0] > x.shape[0] or kernel_size[1] > x.shape[1]):
        raise ValueError("the kernel is larger than the input")
    zeros = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape, kernel_size, strides, strict=False)]
    if padding == "same":
        sides = (
            [(z // 2, z - z // 2) for z in zeros]
            if frame is None
            else [frame(z, k) for z, k in zip(zeros, kernel_size, strict=True)]
        )
        x = np.pad(x.astype(float), [*sides, (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), kernel_size, axis=(0, 1))
    if thin:
        windows = windows[:: strides[0], :: strides[1]]
    weights = weights.astype(float) if kernel is None else kernel(weights.astype(float))
    output = sign * np.einsum("ijcuv,uvck->ijk", windows, weights, optimize=True) + bias
    return output if activation is None else activation(output)


def conv2d__minus_sign(x, weights, bias, strides, padding):
    """You subtract the sum. It is b + Σ."""
    return _layer(x, weights, bias, strides, padding, sign=-1)


def conv2d__forgets_the_bias(x, weights, bias, strides, padding):
    """The weighted sums are right. Each filter still has its bias to add, to all places of its map."""
    return _layer(x, weights, np.zeros(len(bias)), strides, padding)


def _flip_layer(weights):
    return weights[::-1, ::-1]


def conv2d__flips_the_kernel(x, weights, bias, strides, padding):
    """Your kernels are upside down and mirrored. Lay them on as they are (lesson 1)."""
    return _layer(x, weights, bias, strides, padding, kernel=_flip_layer)


def conv2d__crops_instead_of_striding(x, weights, bias, strides, padding):
    """The shape is right, the values are not: you cut the map of stride 1 to size. Where does the window of output (i, j) begin?"""
    due = _layer(x, weights, bias, strides, padding)
    whole = _layer(x, weights, bias, (1, 1), padding)
    return whole[: due.shape[0], : due.shape[1]]


def _extra_first(zeros, _):
    return zeros - zeros // 2, zeros // 2


def conv2d__extra_zero_first(x, weights, bias, strides, padding):
    """Under "same" with an odd number of zeros your map is moved by a pixel: the extra zero goes after, not before."""
    return _layer(x, weights, bias, strides, padding, frame=_extra_first)


def conv2d__pads_as_without_a_stride(x, weights, bias, strides, padding):
    """Under "same" you pad as for stride 1. With a stride fewer zeros may be needed (lesson 3), so your map is moved."""
    due = _layer(x, weights, bias, strides, padding)
    return _layer(x, weights, bias, (1, 1), padding)[:: strides[0], :: strides[1]][: due.shape[0], : due.shape[1]]


def conv2d__swaps_the_strides(x, weights, bias, strides, padding):
    """Your strides are swapped: the first of the pair is vertical, from row to row."""
    _layer(x, weights, bias, strides, padding)
    return _layer(x, weights, bias, tuple(strides)[::-1], padding)


def _one_channel(weights):
    return weights * (np.arange(weights.shape[2]) == 0)[:, None]


def conv2d__first_channel_only(x, weights, bias, strides, padding):
    """You looked at the first channel only. A filter reaches through all channels of its input."""
    return _layer(x, weights, bias, strides, padding, kernel=_one_channel)


def _rectified(output):
    return np.maximum(output, 0)


def conv2d__with_a_relu(x, weights, bias, strides, padding):
    """Your negative outputs are gone. This is the layer without its activation; the ReLU comes after it."""
    return _layer(x, weights, bias, strides, padding, activation=_rectified)


def conv2d__overflows_uint8(x, weights, bias, strides, padding):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the input before you multiply."""
    due = _layer(x, weights, bias, strides, padding)
    if x.dtype.kind == "u" and weights.dtype.kind == "u":
        return due.astype(int).astype(np.uint8)
    return due


def conv2d__adds_the_maps(x, weights, bias, strides, padding):
    """You added up the maps of all filters. Channels are summed, filters are not: each one keeps a map of its own."""
    return _layer(x, weights, bias, strides, padding).sum(axis=-1, keepdims=True)


def conv2d__first_filter_only(x, weights, bias, strides, padding):
    """Your maps are all alike: you used the first filter for each of them. Filter k is weights[:, :, :, k]."""
    due = _layer(x, weights, bias, strides, padding)
    return due[:, :, :1] - bias[0] + np.asarray(bias)


def conv2d__same_is_valid(x, weights, bias, strides, padding):
    """Under "same" you leave out the frame of zeros."""
    due = _layer(x, weights, bias, strides, padding)
    fits = weights.shape[0] <= x.shape[0] and weights.shape[1] <= x.shape[1]
    return _layer(x, weights, bias, strides, "valid") if fits else due[:0]


def conv2d__empty_if_it_does_not_fit(x, weights, bias, strides, padding):
    """Under "valid" a kernel larger than the input gives an empty map in your code. The docstring asks for a ValueError."""
    if padding == "valid" and (weights.shape[0] > x.shape[0] or weights.shape[1] > x.shape[1]):
        return np.zeros((0, 0, len(bias)))
    return _layer(x, weights, bias, strides, padding)


def conv2d__stretches_a_single_channel(x, weights, bias, strides, padding):
    """An input of one channel passes for one of two: NumPy stretches an axis of length 1 without a word. Compare the counts."""
    if x.shape[2] == 1:
        x = np.repeat(x, weights.shape[2], axis=2)
    return _layer(x, weights, bias, strides, padding)


def conv2d__stretches_a_single_bias(x, weights, bias, strides, padding):
    """One bias passes for two: NumPy stretches an array of length 1 without a word. Each filter has a bias; compare the counts."""
    if len(bias) == 1:
        bias = np.repeat(bias, weights.shape[3])
    return _layer(x, weights, bias, strides, padding)


def conv2d__takes_steps_backwards(x, weights, bias, strides, padding):
    """The maps are right, but you accept a stride below 1. Such a step never gets the window to the end: refuse it."""
    whole = _layer(x, weights, bias, [max(stride, 1) for stride in strides], padding)
    return whole if min(strides) >= 1 else whole[:: strides[0], :: strides[1]]


def conv2d__takes_any_padding(x, weights, bias, strides, padding):
    """Whatever is not "same" counts as "valid" in your code, a misspelled padding too. Refuse what is neither of the two."""
    return _layer(x, weights, bias, strides, padding if padding == "same" else "valid")


def _stacked(image, filters, axis=-1, flip=False, mode="constant", rectify=False, extra_first=False):
    maps = []
    for kernel in filters:
        sides = [((k - 1) // 2, k - 1 - (k - 1) // 2) for k in kernel.shape]
        sides = [side[::-1] for side in sides] if extra_first else sides
        padded = np.pad(image.astype(float), sides, mode=mode)
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
        found = np.einsum("ijuv,uv->ij", windows, (kernel[::-1, ::-1] if flip else kernel).astype(float))
        maps.append(np.maximum(found, 0) if rectify else found)
    return np.stack(maps, axis=axis)


def feature_maps__stacks_on_the_first_axis(image, filters):
    """The maps are right, but you stacked them on the first axis. Channels come last: maps[:, :, 0] is the first one."""
    return _stacked(image, filters, axis=0)


def feature_maps__reshaped(image, filters):
    """Your filters got each other's weights: reshape keeps the order of all numbers and cuts it anew. np.stack(filters, axis=-1) keeps each filter whole."""
    mixed = np.array(filters).reshape(*filters[0].shape, len(filters))
    return _stacked(image, [mixed[:, :, k] for k in range(len(filters))])


def feature_maps__adds_the_maps(image, filters):
    """You added up the maps. Each filter keeps a map of its own; they are stacked, not summed."""
    return _stacked(image, filters).sum(axis=-1)


def feature_maps__flips_the_kernels(image, filters):
    """Your kernels are upside down and mirrored. Lay them on as they are (lesson 1)."""
    return _stacked(image, filters, flip=True)


def feature_maps__with_a_relu(image, filters):
    """Your negative values are gone. No ReLU here; it comes afterwards."""
    return _stacked(image, filters, rectify=True)


def feature_maps__returns_the_filters(image, filters):
    """You stacked the filters themselves, as if a filter were its feature map. The maps come out when the filters slide over the picture."""
    return np.stack(filters, axis=-1).astype(float)


def feature_maps__extra_zero_first(image, filters):
    """For even filters your maps are moved by a pixel: under "same" the extra zero goes after, not before."""
    return _stacked(image, filters, extra_first=True)


def feature_maps__one_after_the_other(image, filters):
    """You sent the map of the first filter through the second one. All filters look at the picture itself, side by side."""
    current, maps = image.astype(float), []
    for kernel in filters:
        current = _stacked(current, [kernel])[:, :, 0]
        maps.append(current)
    return np.stack(maps, axis=-1)


def feature_maps__same_is_left_out(image, filters):
    """Your maps are smaller than the picture. The task asks for "same": a frame of zeros first."""
    windows = np.lib.stride_tricks.sliding_window_view
    if any(kernel.shape[axis] > image.shape[axis] for kernel in filters for axis in (0, 1)):
        return np.zeros((0, 0, len(filters)))
    return np.stack([np.einsum("ijuv,uv->ij", windows(image.astype(float), k.shape), k) for k in filters], axis=-1)


def feature_maps__overflows_uint8(image, filters):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the picture before you multiply."""
    due = _stacked(image, filters)
    wraps = image.dtype.kind == "u" and all(kernel.dtype.kind == "u" for kernel in filters)
    return due.astype(int).astype(np.uint8) if wraps else due


def keras_conv__random_weights(weights, bias, strides, padding, input_shape):
    """The layer is right, but it holds random weights. How do yours get in?"""
    # With a seed, since the message that this mistake meets is kept and compared.
    start = keras.initializers.GlorotUniform(seed=1)
    layer = keras.layers.Conv2D(
        weights.shape[3], weights.shape[:2], strides=strides, padding=padding, kernel_initializer=start
    )
    return keras.Sequential([keras.Input(input_shape), layer])


def keras_conv__forgets_the_bias(weights, bias, strides, padding, input_shape):
    """The weights are in, the bias is not: set_weights takes both, [weights, bias]."""
    layer = keras.layers.Conv2D(weights.shape[3], weights.shape[:2], strides=strides, padding=padding)
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, np.zeros(len(bias))])
    return model


def keras_conv__with_relu(weights, bias, strides, padding, input_shape):
    """Your layer has a ReLU. The task asks for none, so that negative outputs survive."""
    layer = keras.layers.Conv2D(
        weights.shape[3], weights.shape[:2], strides=strides, padding=padding, activation="relu"
    )
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, bias])
    return model


def keras_conv__forgets_the_strides(weights, bias, strides, padding, input_shape):
    """Your layer moves one pixel at a time: pass the strides on."""
    layer = keras.layers.Conv2D(weights.shape[3], weights.shape[:2], padding=padding)
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, bias])
    return model


def keras_conv__always_same(weights, bias, strides, padding, input_shape):
    """Your layer always pads with "same". Pass the argument on."""
    layer = keras.layers.Conv2D(weights.shape[3], weights.shape[:2], strides=strides, padding="same")
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, bias])
    return model


def keras_conv__forgets_the_padding(weights, bias, strides, padding, input_shape):
    """Your layer never pads: without the argument, Keras takes "valid". Pass it on."""
    layer = keras.layers.Conv2D(weights.shape[3], weights.shape[:2], strides=strides)
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, bias])
    return model


def keras_conv__flips_the_kernel(weights, bias, strides, padding, input_shape):
    """Your weights went in upside down and mirrored. Keras does not flip kernels either, so pass them on as they are."""
    layer = keras.layers.Conv2D(weights.shape[3], weights.shape[:2], strides=strides, padding=padding)
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights[::-1, ::-1], bias])
    return model


def _solved(image, feature_map, kernel_size):
    patches = np.lib.stride_tricks.sliding_window_view(image.astype(float), tuple(kernel_size))
    patches = patches.reshape(-1, kernel_size[0] * kernel_size[1])
    return np.linalg.lstsq(patches, feature_map.astype(float).ravel(), rcond=None)[0].reshape(kernel_size)


def recover_kernel__flipped(image, feature_map, kernel_size):
    """You found it, but upside down and mirrored. The map was made without a flip."""
    return _solved(image, feature_map, kernel_size)[::-1, ::-1]


def recover_kernel__transposed(image, feature_map, kernel_size):
    """Rows and columns of your kernel are swapped: flatten the patches row by row, and shape the result in the same order."""
    return _solved(image, feature_map, kernel_size).T


def recover_kernel__flat(image, feature_map, kernel_size):
    """The numbers are right, but they come in one row. Shape them like the kernel."""
    return _solved(image, feature_map, kernel_size).ravel()


def recover_kernel__correlates(image, feature_map, kernel_size):
    """You slid the map over the picture, which is patches-transposed times map: half of the normal equations, not their solution."""
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), feature_map.shape)
    return np.einsum("ijuv,uv->ij", windows, feature_map)[: kernel_size[0], : kernel_size[1]]


def recover_kernel__divides(image, feature_map, kernel_size):
    """You divided outputs by pixels. Each output mixes all pixels of its patch, so the equations have to be solved together."""
    with np.errstate(all="ignore"):
        quotient = feature_map.astype(float) / image[: feature_map.shape[0], : feature_map.shape[1]]
    return np.resize(np.nan_to_num(quotient), kernel_size)


def recover_kernel__overflows_uint8(image, feature_map, kernel_size):
    """It is right for floats, but products of uint8 pixels wrap around at 256. Convert the image first."""
    patches = np.lib.stride_tricks.sliding_window_view(image, tuple(kernel_size))
    patches = patches.reshape(-1, kernel_size[0] * kernel_size[1])
    return np.linalg.lstsq(patches.T @ patches, patches.T @ feature_map.ravel(), rcond=None)[0].reshape(kernel_size)
