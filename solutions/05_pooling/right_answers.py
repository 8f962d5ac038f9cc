"""Right answers of lesson 5 in other styles than the solution: `<exercise>__<style>`."""

import math

import keras
import numpy as np
import tensorflow as tf


def pooled_shape__counts_starts(input_shape, pool_size, strides=None, padding="valid"):
    """Counts the places of the window; a list."""
    strides = strides or pool_size
    if min(pool_size) < 1 or min(strides) < 1 or padding not in ("same", "valid"):
        raise ValueError("arguments")
    out = []
    for n, k, s in zip(input_shape, pool_size, strides, strict=False):
        starts = range(0, n, s) if padding == "same" else range(0, n - k + 1, s)
        if not len(starts):
            raise ValueError("too large")
        out.append(len(starts))
    return [*out, input_shape[-1]]


def pooled_shape__math_ceil(input_shape, pool_size, strides=None, padding="valid"):
    """math.ceil, spelled out."""
    (h, w, c), (ph, pw) = input_shape, pool_size
    sh, sw = pool_size if strides is None else strides
    if ph < 1 or pw < 1 or sh < 1 or sw < 1:
        raise ValueError("below 1")
    if padding == "same":
        return math.ceil(h / sh), math.ceil(w / sw), c
    if padding != "valid" or ph > h or pw > w:
        raise ValueError("padding or window")
    return math.ceil((h - ph + 1) / sh), math.ceil((w - pw + 1) / sw), c


def discarded_fraction__counts(pool_size):
    """Dropped by all."""
    if pool_size[0] < 1 or pool_size[1] < 1:
        raise ValueError("window")
    return (pool_size[0] * pool_size[1] - 1) / (pool_size[0] * pool_size[1])


def discarded_fraction__numpy(pool_size):
    """A NumPy number."""
    if np.min(pool_size) <= 0:
        raise ValueError("window")
    return np.float32(1) - np.float32(1) / np.prod(pool_size)


def max_pool2d__pads_with_minus_infinity(x, pool_size, strides=None, padding="valid"):
    """sliding_window_view on a frame of minus infinity."""
    strides = pool_size if strides is None else strides
    if min(pool_size) < 1 or min(strides) < 1 or padding not in ("valid", "same"):
        raise ValueError("arguments")
    x = x.astype(float)
    if padding == "same":
        zeros = [
            max((math.ceil(n / s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape, pool_size, strides, strict=False)
        ]
        x = np.pad(x, [*((z // 2, z - z // 2) for z in zeros), (0, 0)], constant_values=-np.inf)
    if x.shape[0] < pool_size[0] or x.shape[1] < pool_size[1]:
        raise ValueError("window")
    windows = np.lib.stride_tricks.sliding_window_view(x, tuple(pool_size), axis=(0, 1))
    return windows[:: strides[0], :: strides[1]].max(axis=(3, 4))


def max_pool2d__plain_loops(x, pool_size, strides=None, padding="valid"):
    """Plain loops over everything, float32."""
    (h, w, c), (ph, pw) = x.shape, pool_size
    sh, sw = pool_size if strides is None else strides
    if min(ph, pw, sh, sw) < 1:
        raise ValueError("below 1")
    if padding == "valid" and ph <= h and pw <= w:
        rows, cols, top, left = (h - ph) // sh + 1, (w - pw) // sw + 1, 0, 0
    elif padding == "same":
        rows, cols = math.ceil(h / sh), math.ceil(w / sw)
        top, left = max((rows - 1) * sh + ph - h, 0) // 2, max((cols - 1) * sw + pw - w, 0) // 2
    else:
        raise ValueError("padding or window")
    out = np.full((rows, cols, c), -np.inf, dtype=np.float32)
    for i, j, k in np.ndindex(out.shape):
        for r in range(max(i * sh - top, 0), min(i * sh - top + ph, h)):
            for q in range(max(j * sw - left, 0), min(j * sw - left + pw, w)):
                out[i, j, k] = max(out[i, j, k], x[r, q, k])
    return out


def avg_pool2d__sums_and_counts(x, pool_size, strides=None, padding="valid"):
    """Pools the values and a map of ones."""
    strides = pool_size if strides is None else strides
    if min(pool_size) < 1 or min(strides) < 1 or padding not in ("valid", "same"):
        raise ValueError("arguments")
    values, ones = x.astype(float), np.ones(x.shape)
    if padding == "same":
        zeros = [
            max((math.ceil(n / s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape, pool_size, strides, strict=False)
        ]
        sides = [*((z // 2, z - z // 2) for z in zeros), (0, 0)]
        values, ones = np.pad(values, sides), np.pad(ones, sides)
    if values.shape[0] < pool_size[0] or values.shape[1] < pool_size[1]:
        raise ValueError("window")

    def total(a):
        windows = np.lib.stride_tricks.sliding_window_view(a, tuple(pool_size), axis=(0, 1))
        return windows[:: strides[0], :: strides[1]].sum(axis=(3, 4))

    return total(values) / total(ones)


def avg_pool2d__nanmean(x, pool_size, strides=None, padding="valid"):
    """nanmean over a frame of NaN, float32."""
    ph, pw = pool_size
    sh, sw = strides if strides is not None else pool_size
    if min(ph, pw, sh, sw) < 1:
        raise ValueError("below 1")
    x = np.asarray(x, dtype=np.float32)
    if padding == "same":
        rows, cols = math.ceil(x.shape[0] / sh), math.ceil(x.shape[1] / sw)
        down, right = max((rows - 1) * sh + ph - x.shape[0], 0), max((cols - 1) * sw + pw - x.shape[1], 0)
        x = np.pad(x, ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0)), constant_values=np.nan)
    elif padding == "valid":
        rows, cols = (x.shape[0] - ph) // sh + 1, (x.shape[1] - pw) // sw + 1
        if ph > x.shape[0] or pw > x.shape[1]:
            raise ValueError("window")
    else:
        raise ValueError("padding")
    return np.stack(
        [
            np.stack([np.nanmean(x[i * sh : i * sh + ph, j * sw : j * sw + pw], axis=(0, 1)) for j in range(cols)])
            for i in range(rows)
        ]
    )


def global_avg_pool2d__reshape(x):
    """One axis at a time."""
    return x.reshape(-1, x.shape[-1]).astype(float).mean(axis=0)


def global_avg_pool2d__channel_by_channel(x):
    """A loop, float32."""
    return np.array(
        [np.sum(x[:, :, k], dtype=np.float64) / x[:, :, k].size for k in range(x.shape[2])], dtype=np.float32
    )


def pool_shift_change__pads(x, pool_size, shift):
    """Pads, cuts, pools by reshaping."""
    (h, w, c), (ph, pw) = x.shape, pool_size
    if shift < 0 or ph < 1 or pw < 1 or ph > h or pw > w:
        raise ValueError("arguments")
    moved = np.pad(x.astype(float), ((0, 0), (shift, 0), (0, 0)))[:, :w]

    def pool(a):
        return a[: h // ph * ph, : w // pw * pw].reshape(h // ph, ph, w // pw, pw, c).max(axis=(1, 3))

    return float(np.max(np.abs(pool(x.astype(float)) - pool(moved))))


def pool_shift_change__loops(x, pool_size, shift):
    """Loops over windows."""
    if shift < 0 or min(pool_size) < 1 or pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]:
        raise ValueError("arguments")
    moved = np.zeros(x.shape)
    for j in range(shift, x.shape[1]):
        moved[:, j] = x[:, j - shift]
    largest = 0.0
    for i in range(0, x.shape[0] - pool_size[0] + 1, pool_size[0]):
        for j in range(0, x.shape[1] - pool_size[1] + 1, pool_size[1]):
            here = np.s_[i : i + pool_size[0], j : j + pool_size[1]]
            for k in range(x.shape[2]):
                largest = max(largest, abs(float(x[here][..., k].max()) - float(moved[here][..., k].max())))
    return largest


def max_pool_gradient__mask(x, pool_size, upstream):
    """A mask of winners."""
    (ph, pw), (rows, cols, c) = pool_size, upstream.shape
    whole = x[: rows * ph, : cols * pw].reshape(rows, ph, cols, pw, c)
    won = whole == whole.max(axis=(1, 3), keepdims=True)
    gradient = np.zeros(x.shape)
    gradient[: rows * ph, : cols * pw] = (won * upstream[:, None, :, None]).reshape(rows * ph, cols * pw, c)
    return gradient


def max_pool_gradient__pixel_by_pixel(x, pool_size, upstream):
    """Asks for every pixel whether it won."""
    gradient = np.zeros(x.shape, dtype=np.float32)
    for i, j, k in np.ndindex(x.shape):
        a, b = i // pool_size[0], j // pool_size[1]
        if a < upstream.shape[0] and b < upstream.shape[1]:
            window = x[a * pool_size[0] : (a + 1) * pool_size[0], b * pool_size[1] : (b + 1) * pool_size[1], k]
            gradient[i, j, k] = upstream[a, b, k] if x[i, j, k] >= window.max() else 0
    return gradient


def pooled_shape__recursion(input_shape, pool_size, strides=None, padding="valid"):
    """Moves the window until the map ends, one axis after the other."""

    def places(n, k, s):
        if padding == "same":
            return 0 if n <= 0 else 1 + places(n - s, k, s)
        return 0 if n < k else 1 + places(n - s, k, s)

    strides = pool_size if strides is None else strides
    if any(size <= 0 for size in [*pool_size, *strides]):
        raise ValueError("sizes")
    if padding not in {"valid", "same"}:
        raise ValueError("padding")
    height = places(input_shape[0], pool_size[0], strides[0])
    width = places(input_shape[1], pool_size[1], strides[1])
    if height == 0 or width == 0:
        raise ValueError("does not fit")
    return np.array([height, width, input_shape[2]])


def discarded_fraction__drops_one_by_one(pool_size):
    """A mean over a window of ones without the winner."""
    rows, cols = pool_size
    if rows <= 0 or cols <= 0:
        raise ValueError("window")
    dropped = np.ones((rows, cols))
    dropped[0, 0] = 0
    return dropped.mean()


def max_pool2d__keras(x, pool_size, strides=None, padding="valid"):
    """Keras' layer, behind checks of its arguments."""
    steps = pool_size if strides is None else strides
    if padding not in ("valid", "same") or min([*pool_size, *steps]) < 1:
        raise ValueError("arguments")
    if padding == "valid" and (pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]):
        raise ValueError("window")
    layer = keras.layers.MaxPooling2D(pool_size, strides=strides, padding=padding)
    return layer(x[np.newaxis].astype("float32"))[0]


def max_pool2d__rows_then_columns(x, pool_size, strides=None, padding="valid"):
    """Along one axis and then along the other."""

    def along(a, axis, k, s):
        n = a.shape[axis]
        if k < 1 or s < 1 or padding not in ("valid", "same") or (padding == "valid" and k > n):
            raise ValueError("window, stride or padding")
        count = -(-n // s) if padding == "same" else (n - k) // s + 1
        before = max((count - 1) * s + k - n, 0) // 2 if padding == "same" else 0
        starts = [i * s - before for i in range(count)]
        parts = [np.take(a, range(max(at, 0), min(at + k, n)), axis=axis).max(axis=axis) for at in starts]
        return np.stack(parts, axis=axis)

    (rows, cols), (down, right) = pool_size, pool_size if strides is None else strides
    return along(along(x, 0, rows, down), 1, cols, right)


def avg_pool2d__keras(x, pool_size, strides=None, padding="valid"):
    """Keras' layer, behind checks of its arguments."""
    steps = pool_size if strides is None else strides
    if padding not in ("valid", "same") or min([*pool_size, *steps]) < 1:
        raise ValueError("arguments")
    if padding == "valid" and (pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]):
        raise ValueError("window")
    layer = keras.layers.AveragePooling2D(pool_size, strides=strides, padding=padding)
    return layer(x[np.newaxis].astype("float32"))[0]


def avg_pool2d__matrices(x, pool_size, strides=None, padding="valid"):
    """A matrix of shares for each axis, put together by einsum."""

    def shares(n, k, s):
        if k < 1 or s < 1 or padding not in ("valid", "same") or (padding == "valid" and k > n):
            raise ValueError("window, stride or padding")
        count = math.ceil(n / s) if padding == "same" else (n - k) // s + 1
        before = max((count - 1) * s + k - n, 0) // 2 if padding == "same" else 0
        starts = np.arange(count)[:, None] * s - before
        seen = (np.arange(n) >= starts) & (np.arange(n) < starts + k)
        return seen / seen.sum(axis=1, keepdims=True)

    steps = pool_size if strides is None else strides
    down, right = (shares(n, k, s) for n, k, s in zip(x.shape, pool_size, steps, strict=False))
    return np.einsum("ir,jc,rck->ijk", down, right, x)


def global_avg_pool2d__keras(x):
    """Keras' layer."""
    return keras.layers.GlobalAveragePooling2D()(x[np.newaxis].astype("float32"))[0]


def global_avg_pool2d__einsum(x):
    """A sum by einsum."""
    return np.einsum("ijk->k", x, dtype=float) / (x.shape[0] * x.shape[1])


def pool_shift_change__rolls_and_clears(x, pool_size, shift):
    """np.roll, with zeros in place of what came around; lists in between."""
    if shift < 0 or min(pool_size) <= 0 or pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]:
        raise ValueError("arguments")
    moved = np.roll(x, shift, axis=1)
    moved[:, :shift] = 0
    changes = []
    for top in range(0, x.shape[0] - pool_size[0] + 1, pool_size[0]):
        for left in range(0, x.shape[1] - pool_size[1] + 1, pool_size[1]):
            for channel in range(x.shape[2]):
                one = x[top : top + pool_size[0], left : left + pool_size[1], channel].max()
                other = moved[top : top + pool_size[0], left : left + pool_size[1], channel].max()
                changes.append(abs(int(one) - int(other)) if x.dtype.kind in "iu" else abs(one - other))
    return max(changes)


def max_pool_gradient__tape(x, pool_size, upstream):
    """TensorFlow's tape."""
    inputs = tf.constant(x[np.newaxis], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.nn.max_pool2d(inputs, pool_size, pool_size, "VALID")
    return tape.gradient(outputs, inputs, tf.constant(upstream[np.newaxis], tf.float32))[0]


def max_pool_gradient__differences(x, pool_size, upstream):
    """Pushes each value up by a little and looks what the outputs do."""
    (rows, cols, channels), (ph, pw) = upstream.shape, pool_size

    def pooled(a):
        return a[: rows * ph, : cols * pw].reshape(rows, ph, cols, pw, channels).max(axis=(1, 3))

    base, gradient = x.astype(float), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        pushed = base.copy()
        pushed[place] += 1e-3
        gradient[place] = ((pooled(pushed) - pooled(base)) * upstream).sum() / 1e-3
    return gradient
