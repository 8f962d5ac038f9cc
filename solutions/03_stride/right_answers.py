"""Right answers of lesson 3 in other styles than the solution: `<exercise>__<style>`."""

import math

import keras
import numpy as np


def output_size__counts_starts(n, kernel, stride, padding):
    """Counts the places."""
    if kernel < 1 or stride < 1:
        raise ValueError("kernel or stride")
    if padding == "same":
        return len(range(0, n, stride))
    if padding != "valid" or kernel > n:
        raise ValueError("padding or kernel")
    return len(range(0, n - kernel + 1, stride))


def output_size__numpy_ceil(n, kernel, stride, padding):
    """np.ceil and an int."""
    if min(kernel, stride) < 1 or padding not in ["same", "valid"]:
        raise ValueError
    need = n if padding == "same" else n - kernel + 1
    if need < 1:
        raise ValueError("too large")
    return np.ceil(need / stride).astype(int)


def output_size__walks(n, kernel, stride, padding):
    """Walks along the row and counts."""
    if padding not in {"valid", "same"}:
        raise ValueError("padding")
    if kernel < 1:
        raise ValueError("kernel")
    if stride <= 0:
        raise ValueError("stride")
    if padding == "valid" and n < kernel:
        raise ValueError("too long")
    places, start = 0, 0
    while (start + kernel <= n) if padding == "valid" else (start < n):
        places, start = places + 1, start + stride
    return places


def ignored_pixels__subtracts(n, kernel, stride):
    """Subtracts what is covered."""
    if kernel < 1 or stride < 1 or kernel > n:
        raise ValueError
    outputs = (n - kernel) // stride + 1
    return n - ((outputs - 1) * stride + kernel)


def ignored_pixels__walks(n, kernel, stride):
    """Walks until nothing fits."""
    if kernel <= 0 or stride <= 0 or n < kernel:
        raise ValueError("window")
    end = kernel
    while end + stride <= n:
        end += stride
    return np.int32(n - end)


def ignored_pixels__marks_what_is_seen(n, kernel, stride):
    """Marks the last window and counts what comes after it."""
    if kernel not in range(1, n + 1) or stride < 1:
        raise ValueError("arguments")
    seen = [start + step for start in range(0, n - kernel + 1, stride) for step in range(kernel)]
    return sum(pixel > max(seen) for pixel in range(n))


def same_padding_strided__tensorflow_rule(n, kernel, stride):
    """The rule of TensorFlow's documentation."""
    if kernel < 1 or stride < 1:
        raise ValueError
    zeros = max(kernel - stride, 0) if n % stride == 0 else max(kernel - n % stride, 0)
    return [zeros // 2, zeros - zeros // 2]


def same_padding_strided__ceil(n, kernel, stride):
    """math.ceil and an array."""
    if kernel < 1 or stride < 1:
        raise ValueError("no")
    last = (math.ceil(n / stride) - 1) * stride
    zeros = max(last + kernel - n, 0)
    return np.array([zeros // 2, (zeros + 1) // 2])


def same_padding_strided__adds_zeros_one_by_one(n, kernel, stride):
    """Adds zeros, after and before in turn, until there is room for all windows."""
    if kernel < 1 or stride < 1:
        raise ValueError("arguments")
    starts = list(range(0, n, stride))
    sides = [0, 0]
    while sides[0] + n + sides[1] < starts[-1] + kernel:
        sides[1 if sides[0] == sides[1] else 0] += 1
    return tuple(sides)


def conv2d_strided__windows(image, kernel, strides, padding):
    """sliding_window_view in float32."""
    frames = []
    for n, k, s in zip(image.shape, kernel.shape, strides, strict=True):
        if s < 1 or padding not in ("same", "valid") or (padding == "valid" and k > n):
            raise ValueError("arguments")
        zeros = max(((n + s - 1) // s - 1) * s + k - n, 0) if padding == "same" else 0
        frames.append((zeros // 2, (zeros + 1) // 2))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image.astype("float32"), frames), kernel.shape)
    return np.tensordot(windows[:: strides[0], :: strides[1]], kernel.astype("float32"), 2)


def conv2d_strided__pixel_by_pixel(image, kernel, strides, padding):
    """Asks for every pixel whether it is there."""
    (height, width), (kh, kw), (sh, sw) = image.shape, kernel.shape, strides
    if sh < 1 or sw < 1:
        raise ValueError("stride")
    if padding == "valid":
        if kh > height or kw > width:
            raise ValueError("kernel")
        rows, cols, top, left = (height - kh) // sh + 1, (width - kw) // sw + 1, 0, 0
    elif padding == "same":
        rows, cols = math.ceil(height / sh), math.ceil(width / sw)
        top, left = max((rows - 1) * sh + kh - height, 0) // 2, max((cols - 1) * sw + kw - width, 0) // 2
    else:
        raise ValueError("padding")
    out = np.zeros((rows, cols))
    for i, j in np.ndindex(rows, cols):
        for u, v in np.ndindex(kh, kw):
            r, c = i * sh + u - top, j * sw + v - left
            if 0 <= r < height and 0 <= c < width:
                out[i, j] += float(image[r, c]) * float(kernel[u, v])
    return out


def conv2d_strided__keras(image, kernel, strides, padding):
    """Keras' operation, a tensor as the result."""
    if padding not in ("valid", "same") or strides[0] < 1 or strides[1] < 1:
        raise ValueError("padding or strides")
    if padding == "valid" and (kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]):
        raise ValueError("kernel")
    picture = np.asarray(image, dtype="float32")[None, :, :, None]
    weights = np.asarray(kernel, dtype="float32")[:, :, None, None]
    return keras.ops.conv(picture, weights, tuple(strides), padding)[0, :, :, 0]


def conv2d_strided__pixels_in_a_dict(image, kernel, strides, padding):
    """Looks pixels up in a dict, where what is missing is 0."""
    if padding != "valid" and padding != "same":
        raise ValueError("padding")
    if any(stride < 1 for stride in strides):
        raise ValueError("stride")
    starts = []
    for n, k, s in zip(image.shape, kernel.shape, strides, strict=True):
        if padding == "valid":
            if k > n:
                raise ValueError("kernel")
            starts.append(range(0, n - k + 1, s))
        else:
            zeros = max((n - 1) // s * s + k - n, 0)
            starts.append([start - zeros // 2 for start in range(0, n, s)])
    pixels = {place: float(value) for place, value in np.ndenumerate(image)}
    return np.array(
        [
            [
                sum(w * pixels.get((top + u, left + v), 0.0) for (u, v), w in np.ndenumerate(kernel.astype(float)))
                for left in starts[1]
            ]
            for top in starts[0]
        ]
    )


def receptive_field_size__jumps(layers):
    """From the picture up, with the distance of neighbors."""
    size, jump = 1, 1
    for kernel, stride in layers:
        if kernel < 1 or stride < 1:
            raise ValueError("layer")
        size += (kernel - 1) * jump
        jump *= stride
    return size


def receptive_field_size__recursive(layers):
    """Recursive."""
    if not len(layers):
        return 1
    if min(min(layer) for layer in layers) < 1:
        raise ValueError("layer")

    def below(outputs, rest):
        return outputs if not rest else below((outputs - 1) * rest[-1][1] + rest[-1][0], rest[:-1])

    return below(1, list(layers))


def receptive_field_size__last_minus_first(layers):
    """The places that the neurons 0 and 1 would see, and their distance."""
    first = last = 0
    for kernel, stride in list(layers)[::-1]:
        if min(kernel, stride) < 1:
            raise ValueError("layer")
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1


def conv2d_fast__sum_of_shifts(image, kernel, strides):
    """A loop over the kernel only."""
    (height, width), (kh, kw), (sh, sw) = image.shape, kernel.shape, strides
    if sh < 1 or sw < 1 or kh > height or kw > width:
        raise ValueError("arguments")
    rows, cols = (height - kh) // sh + 1, (width - kw) // sw + 1
    out = np.zeros((rows, cols))
    for u in range(kh):
        for v in range(kw):
            out += float(kernel[u, v]) * image[u : u + (rows - 1) * sh + 1 : sh, v : v + (cols - 1) * sw + 1 : sw]
    return out


def conv2d_fast__matrix_product(image, kernel, strides):
    """Windows as rows of a matrix, in float32."""
    if any(s < 1 for s in strides) or any(k > n for k, n in zip(kernel.shape, image.shape, strict=True)):
        raise ValueError("arguments")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(np.float32), kernel.shape)
    windows = windows[:: strides[0], :: strides[1]]
    return (windows.reshape(-1, kernel.size) @ kernel.astype(np.float32).ravel()).reshape(windows.shape[:2])


def conv2d_fast__calls_the_slow_one(image, kernel, strides):
    """The earlier exercise's way, with loops: how it is computed does not count."""
    height, width = kernel.shape
    if min(strides) < 1 or height > image.shape[0] or width > image.shape[1]:
        raise ValueError("arguments")
    pixels = np.array(image, dtype=float)
    rows = range(0, pixels.shape[0] - height + 1, strides[0])
    cols = range(0, pixels.shape[1] - width + 1, strides[1])
    return np.array([[np.vdot(pixels[r : r + height, c : c + width], kernel) for c in cols] for r in rows])


def conv2d_fast__keras(image, kernel, strides):
    """Keras' operation."""
    if min(strides) < 1 or min(np.subtract(image.shape, kernel.shape)) < 0:
        raise ValueError("arguments")
    picture, weights = image[None, ..., None].astype("float32"), kernel[..., None, None].astype("float32")
    return np.array(keras.ops.conv(picture, weights, tuple(strides), "valid"))[0, ..., 0]
