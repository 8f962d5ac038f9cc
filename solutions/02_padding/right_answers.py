"""Right answers of lesson 2 in other styles than the solution: `<exercise>__<style>`."""

import numpy as np


def output_size_valid__counts(n, kernel):
    """Counts the places."""
    if kernel < 1 or n < kernel:
        raise ValueError
    return len(range(0, n - kernel + 1))


def output_size_valid__numpy_integer(n, kernel):
    """A NumPy integer."""
    if kernel <= 0:
        raise ValueError("no window")
    size = np.int64(n) - kernel + 1
    if size <= 0:
        raise ValueError("too long")
    return size


def zero_pad__np_pad(image, before, after):
    """np.pad."""
    return np.pad(image, [*zip(before, after, strict=True)] + [(0, 0)] * (image.ndim - 2))


def zero_pad__concatenates(image, before, after):
    """Concatenated blocks, in floats."""
    if any(number < 0 for number in (*before, *after)):
        raise ValueError("negative")
    rest = image.shape[2:]
    wide = np.concatenate(
        [np.zeros((image.shape[0], before[1], *rest)), image, np.zeros((image.shape[0], after[1], *rest))], axis=1
    )
    return np.vstack([np.zeros((before[0], *wide.shape[1:])), wide, np.zeros((after[0], *wide.shape[1:]))])


def same_padding__list(kernel):
    """A list, by divmod."""
    if kernel < 1:
        raise ValueError("kernel")
    half, odd = divmod(kernel - 1, 2)
    return [half, half + odd]


def same_padding__array(kernel):
    """An array."""
    if kernel <= 0:
        raise ValueError(kernel)
    return np.array([(kernel - 1) // 2, kernel // 2])


def conv2d_same__windows(image, kernel):
    """sliding_window_view in float32."""
    sides = [((size - 1) // 2, size // 2) for size in kernel.shape]
    padded = np.pad(np.asarray(image, np.float32), sides)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.tensordot(windows, kernel.astype(np.float32), axes=2)


def conv2d_same__sum_of_shifts(image, kernel):
    """Adds shifted copies, no padding array."""
    height, width = image.shape
    out = np.zeros(image.shape)
    for u in range(kernel.shape[0]):
        for v in range(kernel.shape[1]):
            down, right = u - (kernel.shape[0] - 1) // 2, v - (kernel.shape[1] - 1) // 2
            for i in range(max(0, -down), min(height, height - down)):
                for j in range(max(0, -right), min(width, width - right)):
                    out[i, j] += float(image[i + down, j + right]) * float(kernel[u, v])
    return out


def pixel_visits__outer(n, kernel, padding):
    """An outer product of one axis."""
    if padding not in {"valid", "same"} or kernel < 1 or (padding == "valid" and kernel > n):
        raise ValueError
    start = -((kernel - 1) // 2) if padding == "same" else 0
    stop = start + (n if padding == "same" else n - kernel + 1)
    along = np.zeros(n, dtype=np.int32)
    for left in range(start, stop):
        along[max(left, 0) : left + kernel] += 1
    return along[:, None] * along


def pixel_visits__padded_counts(n, kernel, padding):
    """Counts on the padded picture, then cuts the frame off."""
    if kernel < 1:
        raise ValueError("kernel")
    if padding == "valid":
        before, size = 0, n
    elif padding == "same":
        before, size = (kernel - 1) // 2, n + kernel - 1
    else:
        raise ValueError("padding")
    if kernel > size:
        raise ValueError("too large")
    counts = np.zeros((size, size), dtype=np.int64)
    for i in range(size - kernel + 1):
        for j in range(size - kernel + 1):
            counts[i : i + kernel, j : j + kernel] += 1
    return counts[before : before + n, before : before + n]


def layers_until_gone__formula(n, kernel):
    """Without a loop."""
    if kernel < 2:
        raise ValueError("never gone")
    return max(0, (n - 1) // (kernel - 1))


def layers_until_gone__recursive(n, kernel):
    """Recursive."""
    if kernel < 2:
        raise ValueError("never gone")

    def rest(size):
        return 0 if size < kernel else 1 + rest(size - kernel + 1)

    return rest(n)


def output_size_valid__one_step_after_the_other(n, kernel):
    """Moves the window until it leaves the picture."""
    if kernel < 1:
        raise ValueError("no pixel")
    places = 0
    while places + kernel <= n:
        places += 1
    if places == 0:
        raise ValueError("no place")
    return places


def zero_pad__pixel_by_pixel(image, before, after):
    """One pixel after the other into an array of floats."""
    for number in [*before, *after]:
        if number < 0:
            raise ValueError("negative")
    shape = list(image.shape)
    for axis in (0, 1):
        shape[axis] += before[axis] + after[axis]
    out = np.zeros(shape)
    for row in range(image.shape[0]):
        for col in range(image.shape[1]):
            out[row + before[0], col + before[1]] = image[row, col]
    return out


def same_padding__in_turns(kernel):
    """Deals the zeros out one by one, after first."""
    if not kernel >= 1:
        raise ValueError("no window")
    zeros = [0, 0]
    for number in range(kernel - 1):
        zeros[1 - number % 2] += 1
    return tuple(zeros)


def conv2d_same__asks_for_each_pixel(image, kernel):
    """No frame: what is outside counts as zero."""
    (height, width), (h, w) = image.shape, kernel.shape

    def pixel(row, col):
        return image[row, col].item() if 0 <= row < height and 0 <= col < width else 0

    def output(i, j):
        top, left = i - (h - 1) // 2, j - (w - 1) // 2
        return sum(pixel(top + u, left + v) * kernel[u, v].item() for u in range(h) for v in range(w))

    return np.array([[output(i, j) for j in range(width)] for i in range(height)])


def conv2d_same__keras(image, kernel):
    """Keras, in float32."""
    from convlab.quiet import keras

    x, w = (array.astype("float32") for array in (image, kernel))
    return keras.ops.conv(x[None, :, :, None], w[:, :, None, None], strides=1, padding="same")[0, :, :, 0]


def pixel_visits__counts_places(n, kernel, padding):
    """For each pixel: the first and the last window that it is in."""
    if padding == "valid":
        first, last = 0, n - kernel
    elif padding == "same":
        first = -((kernel - 1) // 2)
        last = first + n - 1
    else:
        raise ValueError("unknown padding")
    if kernel < 1 or last < first:
        raise ValueError("no window")
    along = [min(p, last) - max(p - kernel + 1, first) + 1 for p in range(n)]
    return np.array([[rows * cols for cols in along] for rows in along])
