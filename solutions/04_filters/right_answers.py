"""Right answers of lesson 4 in other styles than the solution: `<exercise>__<style>`."""

import keras
import numpy as np


def line_filter__integers(size, direction):
    """Integers, by comparing indices."""
    if size < 1 or not size % 2 or direction not in ("horizontal", "vertical"):
        raise ValueError("size or direction")
    row, col = np.indices((size, size))
    return ((row if direction == "horizontal" else col) == size // 2).astype(int)


def line_filter__outer(size, direction):
    """An outer product in float32."""
    if size <= 0 or size % 2 != 1:
        raise ValueError("size")
    middle, ones = np.eye(size, dtype="float32")[size // 2], np.ones(size, dtype="float32")
    pairs = {"horizontal": (middle, ones), "vertical": (ones, middle)}
    if direction not in pairs:
        raise ValueError("direction")
    return np.outer(*pairs[direction])


def line_filter__rows_of_a_list(size, direction):
    """Rows in a list, made an array at the end."""
    if direction not in ["vertical", "horizontal"]:
        raise ValueError("direction")
    if size % 2 == 0 or size < 1:
        raise ValueError("size")
    middle = (size - 1) // 2
    if direction == "horizontal":
        rows = [[1.0] * size if row == middle else [0.0] * size for row in range(size)]
    else:
        rows = [[1.0 if col == middle else 0.0 for col in range(size)] for _ in range(size)]
    return np.array(rows)


def relu__where(x):
    """np.where."""
    return np.where(x > 0, x, 0)


def relu__keras(x):
    """Keras' own."""
    return keras.ops.relu(keras.ops.convert_to_tensor(np.asarray(x, dtype="float32")))


def relu__times_mask(x):
    """Multiplies with a mask."""
    return x * (x > 0)


def relu__works_on_a_copy(x):
    """Sets what is negative to 0 in a copy."""
    result = x.copy()
    result[result < 0] = 0
    return result


def conv_neuron__patch_product(x, weights, bias, i, j, k, strides):
    """A patch times the kernel."""
    (kh, kw, channels, filters), (sh, sw) = weights.shape, strides
    if channels != x.shape[-1] or filters != bias.shape[0] or sh < 1 or sw < 1:
        raise ValueError("arguments")
    if i < 0 or j < 0 or not 0 <= k < filters:
        raise ValueError("outside")
    patch = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
    if patch.shape != (kh, kw, channels):
        raise ValueError("outside")
    return bias[k].astype(float) + (patch.astype(float) * weights[:, :, :, k]).sum()


def conv_neuron__vectors_float32(x, weights, bias, i, j, k, strides):
    """A dot product of vectors in float32."""
    if x.shape[2] != weights.shape[2] or weights.shape[3] != len(bias) or any(s < 1 for s in strides):
        raise ValueError("arguments")
    if k not in range(len(bias)):
        raise ValueError("no filter")
    rows = range(0, x.shape[0] - weights.shape[0] + 1, strides[0])
    cols = range(0, x.shape[1] - weights.shape[1] + 1, strides[1])
    if i not in range(len(rows)) or j not in range(len(cols)):
        raise ValueError("no place")
    patch = x[rows[i] : rows[i] + weights.shape[0], cols[j] : cols[j] + weights.shape[1]]
    return np.float32(bias[k]) + np.dot(patch.astype(np.float32).ravel(), weights[..., k].astype(np.float32).ravel())


def conv_neuron__whole_layer_by_keras(x, weights, bias, i, j, k, strides):
    """Has Keras compute the layer and takes one number out of it."""
    if any(stride < 1 for stride in strides):
        raise ValueError("strides")
    if x.shape[-1] != weights.shape[2] or bias.size != weights.shape[3]:
        raise ValueError("channels or filters")
    batch = keras.ops.conv(x[None].astype("float32"), weights.astype("float32"), tuple(strides), "valid")
    layer = np.asarray(batch[0]) + bias.astype("float32")
    if min(i, j, k) < 0 or i >= layer.shape[0] or j >= layer.shape[1] or k >= layer.shape[2]:
        raise ValueError("outside")
    return layer[i, j, k]


def conv2d__sum_of_shifts(x, weights, bias, strides, padding):
    """Adds one matrix product for each place in the kernel."""
    kh, kw, channels, filters = weights.shape
    sh, sw = strides
    if channels != x.shape[2] or filters != len(bias) or sh < 1 or sw < 1:
        raise ValueError("arguments")
    if padding == "same":
        rows, cols = -(-x.shape[0] // sh), -(-x.shape[1] // sw)
        down, right = max((rows - 1) * sh + kh - x.shape[0], 0), max((cols - 1) * sw + kw - x.shape[1], 0)
        x = np.pad(x, ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0)))
    elif padding == "valid":
        rows, cols = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
        if x.shape[0] < kh or x.shape[1] < kw:
            raise ValueError("kernel")
    else:
        raise ValueError("padding")
    out = np.zeros((rows, cols, filters)) + bias
    for u in range(kh):
        for v in range(kw):
            shifted = x[u : u + (rows - 1) * sh + 1 : sh, v : v + (cols - 1) * sw + 1 : sw].astype(float)
            out += shifted @ weights[u, v].astype(float)
    return out


def conv2d__one_map_after_the_other(x, weights, bias, strides, padding):
    """A map for each filter, the sum of one map for each channel; stacked at the end."""
    if padding not in ("valid", "same"):
        raise ValueError("padding")
    if x.shape[2] != weights.shape[2]:
        raise ValueError("channels")
    if bias.shape != (weights.shape[3],):
        raise ValueError("biases")
    starts = []
    for n, k, s in zip(x.shape[:2], weights.shape[:2], strides, strict=True):
        if s < 1 or (padding == "valid" and k > n):
            raise ValueError("stride or kernel")
        zeros = max(((n - 1) // s) * s + k - n, 0) if padding == "same" else 0
        starts.append(range(-(zeros // 2), n + zeros - zeros // 2 - k + 1, s))

    def value(channel, kernel, top, left):
        total = 0.0
        for (u, v), weight in np.ndenumerate(kernel):
            if 0 <= top + u < channel.shape[0] and 0 <= left + v < channel.shape[1]:
                total += float(channel[top + u, left + v]) * float(weight)
        return total

    maps = []
    for k in range(weights.shape[3]):
        found = [
            [[value(x[:, :, c], weights[:, :, c, k], top, left) for left in starts[1]] for top in starts[0]]
            for c in range(x.shape[2])
        ]
        maps.append(np.sum(found, axis=0) + float(bias[k]))
    return np.stack(maps, axis=-1)


def conv2d__matrix_product(x, weights, bias, strides, padding):
    """Patches as rows of a matrix, in float32."""
    (kh, kw, channels, filters), (sh, sw) = weights.shape, strides
    if sh <= 0 or sw <= 0 or channels != x.shape[2] or filters != bias.size or padding not in ["same", "valid"]:
        raise ValueError("arguments")
    if padding == "same":
        down, right = (max(-(-n // s) * s - s + k - n, 0) for n, k, s in zip(x.shape, (kh, kw), (sh, sw), strict=False))
        x = np.pad(x, [(down // 2, (down + 1) // 2), (right // 2, (right + 1) // 2), (0, 0)])
    elif kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernel")
    x = x.astype(np.float32)
    rows, cols = range(0, x.shape[0] - kh + 1, sh), range(0, x.shape[1] - kw + 1, sw)
    patches = np.array([x[r : r + kh, c : c + kw].ravel() for r in rows for c in cols])
    flat = patches @ weights.astype(np.float32).reshape(-1, filters) + bias.astype(np.float32)
    return flat.reshape(len(rows), len(cols), filters)


def conv2d__keras(x, weights, bias, strides, padding):
    """Keras' operation, a tensor as the result."""
    kh, kw, channels, filters = weights.shape
    if padding not in ("same", "valid") or min(strides) < 1 or channels != x.shape[2] or filters != len(bias):
        raise ValueError("arguments")
    if padding == "valid" and (kh > x.shape[0] or kw > x.shape[1]):
        raise ValueError("kernel")
    batch = np.asarray(x, dtype="float32")[None]
    return keras.ops.conv(batch, weights.astype("float32"), tuple(strides), padding)[0] + np.asarray(bias, "float32")


def feature_maps__loops(image, filters):
    """Loops over filters and pixels."""
    height, width = image.shape
    out = np.zeros((height, width, len(filters)))
    for k, kernel in enumerate(filters):
        kh, kw = kernel.shape
        padded = np.zeros((height + kh - 1, width + kw - 1))
        padded[(kh - 1) // 2 : (kh - 1) // 2 + height, (kw - 1) // 2 : (kw - 1) // 2 + width] = image
        for i in range(height):
            for j in range(width):
                out[i, j, k] = np.sum(padded[i : i + kh, j : j + kw] * kernel)
    return out


def feature_maps__keras(image, filters):
    """Keras' operation in float32."""
    weights = np.stack([np.asarray(kernel, dtype="float32") for kernel in filters], axis=-1)[:, :, None, :]
    return np.array(keras.ops.conv(image.astype("float32")[None, :, :, None], weights, 1, "same"))[0]


def feature_maps__pixels_that_are_there(image, filters):
    """Leaves out what is outside instead of padding."""
    out = np.zeros((*image.shape, len(filters)))
    for (i, j, k), _ in np.ndenumerate(out):
        up, left = (filters[k].shape[0] - 1) // 2, (filters[k].shape[1] - 1) // 2
        for (u, v), weight in np.ndenumerate(filters[k]):
            if 0 <= i + u - up < image.shape[0] and 0 <= j + v - left < image.shape[1]:
                out[i, j, k] += float(weight) * float(image[i + u - up, j + v - left])
    return out


def keras_conv__functional(weights, bias, strides, padding, input_shape):
    """A functional model."""
    inputs = keras.Input(shape=input_shape)
    outputs = keras.layers.Conv2D(weights.shape[-1], weights.shape[:2], strides=strides, padding=padding)(inputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([weights, bias])
    return model


def keras_conv__initializers(weights, bias, strides, padding, input_shape):
    """Constant initializers, add by add."""
    model = keras.Sequential()
    model.add(keras.Input(input_shape))
    model.add(
        keras.layers.Conv2D(
            filters=len(bias),
            kernel_size=(weights.shape[0], weights.shape[1]),
            strides=strides,
            padding=padding,
            activation="linear",
        )
    )
    model.layers[0].kernel.assign(weights)
    model.layers[0].bias.assign(bias)
    return model


def recover_kernel__normal_equations(image, feature_map, kernel_size):
    """Normal equations, patches by a loop."""
    kh, kw = kernel_size
    rows = [image[i : i + kh, j : j + kw].astype(float).ravel() for i, j in np.ndindex(feature_map.shape)]
    patches = np.array(rows)
    return np.linalg.solve(patches.T @ patches, patches.T @ feature_map.ravel()).reshape(kh, kw)


def recover_kernel__pseudo_inverse(image, feature_map, kernel_size):
    """The pseudo-inverse."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image, dtype=float), tuple(kernel_size))
    flat = windows.reshape(feature_map.size, -1)
    return (np.linalg.pinv(flat) @ feature_map.reshape(-1)).reshape(tuple(kernel_size))


def recover_kernel__one_column_for_each_weight(image, feature_map, kernel_size):
    """The equations column by column: each weight meets a shifted picture."""
    (height, width), (rows, cols) = kernel_size, feature_map.shape
    pixels = image.astype("float64")
    columns = [pixels[u : u + rows, v : v + cols].flatten() for u in range(height) for v in range(width)]
    found = np.linalg.lstsq(np.stack(columns, axis=1), np.array(feature_map, dtype=float).flatten(), rcond=None)[0]
    return np.array([found[u * width : (u + 1) * width] for u in range(height)])
