"""Right answers of lesson 8 in other styles than the solution: `<exercise>__<style>`."""

import numpy as np
import scipy
import tensorflow as tf


def numeric_gradient__puts_it_back(f, x, step=1e-4):
    """Moves x's own entry, and puts the old value back."""
    if not step > 0:
        raise ValueError("step")
    gradient = np.empty_like(x)
    places = np.nditer(x, flags=["multi_index"])
    for _ in places:
        old = x[places.multi_index]
        x[places.multi_index] = old + step
        up = f(x)
        x[places.multi_index] = old - step
        down = f(x)
        x[places.multi_index] = old
        gradient[places.multi_index] = (up - down) / step / 2
    return gradient


def numeric_gradient__unit_directions(f, x, step=1e-4):
    """Adds and takes away one of many directions, all made at once; float32."""
    if step <= 0:
        raise ValueError("step")
    moves = step * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + move) - f(x - move)) / (2 * step) for move in moves]
    return np.array(slopes, dtype=np.float32).reshape(x.shape)


def numeric_gradient__flat_list(f, x, step=1e-4):
    """Python lists, and back to x's shape each time it asks."""
    values, slopes = x.ravel().tolist(), []
    if step <= 0:
        raise ValueError(f"{step} is not above 0")

    def ask(n, value):
        return f(np.array([*values[:n], value, *values[n + 1 :]]).reshape(x.shape))

    for n, value in enumerate(values):
        slopes.append(0.5 * (ask(n, value + step) - ask(n, value - step)) / step)
    return np.array(slopes).reshape(x.shape)


def numeric_gradient__row_after_row(f, x, step=1e-4):
    """Calls itself for each part along the first axis."""
    if step <= 0:
        raise ValueError("step")
    if x.ndim == 0:
        return np.array((f(x + step) - f(x - step)) / (2 * step))

    def with_part(n):
        def g(part):
            whole = np.array(x)
            whole[n] = part
            return f(whole)

        return g

    return np.stack([numeric_gradient(with_part(n), np.array(x[n]), step) for n in range(len(x))])


def numeric_gradient__tensor(f, x, step=1e-4):
    """Two lists of values, and a tensor as the result."""
    if step < 0 or step == 0:
        raise ValueError("step")
    values = {1: [], -1: []}
    for side, found in values.items():
        for n in range(x.size):
            moved = x.flatten()
            moved[n] = moved[n] + side * step
            found.append(float(f(moved.reshape(x.shape))))
    return tf.reshape((tf.constant(values[1], tf.float64) - tf.constant(values[-1], tf.float64)) / (2 * step), x.shape)


def learn_kernel__plain_loops(image, target, kernel_size, steps, learning_rate):
    """Plain Python, without any array until the end; a tuple of losses."""
    height, width = kernel_size
    rows, cols = len(image) - height + 1, len(image[0]) - width + 1
    if height <= 0 or width <= 0 or steps <= 0:
        raise ValueError("below 1")
    if rows <= 0 or cols <= 0 or np.shape(target) != (rows, cols):
        raise ValueError("shapes")
    pixels, wanted, losses = image.tolist(), target.tolist(), ()
    kernel = [[0.0] * width for _ in range(height)]
    for _ in range(steps):
        pull, loss = [[0.0] * width for _ in range(height)], 0.0
        for i in range(rows):
            for j in range(cols):
                seen = 0.0
                for u in range(height):
                    for v in range(width):
                        seen += kernel[u][v] * pixels[i + u][j + v]
                error = seen - wanted[i][j]
                loss += error * error / (rows * cols)
                for u in range(height):
                    for v in range(width):
                        pull[u][v] += 2 * error * pixels[i + u][j + v] / (rows * cols)
        losses += (loss,)
        for u in range(height):
            for v in range(width):
                kernel[u][v] -= learning_rate * pull[u][v]
    return np.array(kernel), losses


def learn_kernel__matrix(image, target, kernel_size, steps, learning_rate):
    """A matrix of patches, one row for each output; an array of losses, all in float32."""
    kh, kw = kernel_size
    oh, ow = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    if steps < 1 or kh < 1 or kw < 1 or oh < 1 or ow < 1 or target.shape != (oh, ow):
        raise ValueError("arguments")
    patches = np.stack([image[i : i + kh, j : j + kw].ravel() for i in range(oh) for j in range(ow)]).astype(np.float32)
    y = np.float32(target).ravel()
    w, losses = np.zeros(kh * kw, np.float32), np.zeros(steps, np.float32)
    for n in range(steps):
        e = patches @ w - y
        losses[n] = e @ e / len(e)
        w -= np.float32(2 * learning_rate / len(e)) * (patches.T @ e)
    return w.reshape(kh, kw), losses


def learn_kernel__tape(image, target, kernel_size, steps, learning_rate):
    """TensorFlow's tape, in float64; a list in place of the pair."""
    expected = tuple(n - k + 1 for n, k in zip(image.shape, kernel_size, strict=True))
    if steps < 1 or min(kernel_size) < 1 or min(expected) < 1 or tuple(target.shape) != expected:
        raise ValueError("arguments")
    pixels = tf.constant(image[np.newaxis, :, :, np.newaxis], tf.float64)
    kernel, losses = tf.Variable(tf.zeros((*kernel_size, 1, 1), tf.float64)), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            output = tf.nn.conv2d(pixels, kernel, 1, "VALID")[0, :, :, 0]
            loss = tf.reduce_mean(tf.square(output - target.astype(float)))
        losses.append(loss)
        kernel.assign_sub(learning_rate * tape.gradient(loss, kernel))
    return [kernel[:, :, 0, 0], losses]


def learn_kernel__scipy(image, target, kernel_size, steps, learning_rate):
    """correlate2d for the map and for the gradient."""
    if min(kernel_size) < 1 or steps < 1:
        raise ValueError("below 1")
    if kernel_size[0] > image.shape[0] or kernel_size[1] > image.shape[1]:
        raise ValueError("too large")
    kernel, image, losses = np.zeros(kernel_size), image * 1.0, []
    if target.shape != (image.shape[0] - len(kernel) + 1, image.shape[1] - len(kernel[0]) + 1):
        raise ValueError("target")
    for _ in range(steps):
        wrong = scipy.signal.correlate2d(image, kernel, "valid") - target
        losses.append(np.square(wrong).mean())
        kernel -= 2 * learning_rate * scipy.signal.correlate2d(image, wrong, "valid") / wrong.size
    return kernel, losses


def learn_kernel__measured(image, target, kernel_size, steps, learning_rate):
    """Measures its gradient with exercise 1."""
    rows, cols = (n - k + 1 for n, k in zip(image.shape, kernel_size, strict=True))
    if any(size < 1 for size in (*kernel_size, steps, rows, cols)) or target.shape != (rows, cols):
        raise ValueError("arguments")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), tuple(kernel_size))

    def loss(kernel):
        return float(((np.einsum("ijuv,uv", windows, kernel) - target) ** 2).mean())

    kernel, losses = np.zeros(kernel_size), []
    while len(losses) < steps:
        losses.append(loss(kernel))
        kernel = kernel - learning_rate * numeric_gradient(loss, kernel)
    return kernel, losses


def merge_linear__plain_loops(first, second):
    """Six loops, lists and Python numbers."""
    (h, w, channels, between), (h2, w2, needed, filters) = first.shape, second.shape
    if between != needed:
        raise ValueError("between")
    out = [[[[0.0] * filters for _ in range(channels)] for _ in range(w + w2 - 1)] for _ in range(h + h2 - 1)]
    for u in range(h):
        for v in range(w):
            for a in range(h2):
                for b in range(w2):
                    for c in range(channels):
                        for f in range(filters):
                            for m in range(between):
                                out[u + a][v + b][c][f] += float(first[u, v, c, m]) * float(second[a, b, m, f])
    return np.array(out)


def merge_linear__einsum_per_place(first, second):
    """Lays the first kernel, seen through each place of the second, into the result; float32."""
    if first.shape[-1] != second.shape[-2]:
        raise ValueError("filters")
    height, width = first.shape[:2]
    merged = np.zeros(
        (height + second.shape[0] - 1, width + second.shape[1] - 1, first.shape[2], second.shape[3]), np.float32
    )
    for a in range(second.shape[0]):
        for b in range(second.shape[1]):
            merged[a : a + height, b : b + width] += np.einsum("uvcm,mf->uvcf", first, second[a, b])
    return merged


def merge_linear__convolve2d(first, second):
    """SciPy's full convolution, for each channel, map and filter."""
    if first.shape[3] - second.shape[2]:
        raise ValueError("filters")
    channels = []
    for c in range(first.shape[2]):
        filters = []
        for f in range(second.shape[3]):
            parts = [scipy.signal.convolve2d(first[:, :, c, m], second[:, :, m, f]) for m in range(first.shape[3])]
            filters.append(sum(parts))
        channels.append(np.stack(filters, axis=-1))
    return np.stack(channels, axis=2)


def merge_linear__fourier(first, second):
    """A product of Fourier transforms."""
    if not first.shape[3] == second.shape[2]:
        raise ValueError("filters")
    size = [one + two - 1 for one, two in zip(first.shape[:2], second.shape[:2], strict=True)]
    one, two = (np.fft.fft2(kernel, size, axes=(0, 1)) for kernel in (first, second))
    return np.fft.ifft2(one @ two, axes=(0, 1)).real


def merge_linear__impulses(first, second):
    """Sends impulses through both layers of TensorFlow."""
    if first.shape[3] != second.shape[2]:
        raise ValueError("filters")
    rows, cols, channels = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1, first.shape[2]
    basis = np.eye(rows * cols * channels, dtype=np.float32).reshape(-1, rows, cols, channels)
    seen = tf.nn.conv2d(tf.nn.conv2d(basis, np.float32(first), 1, "VALID"), np.float32(second), 1, "VALID")
    return tf.reshape(seen, (rows, cols, channels, -1))


def relu_gradient__mask(x, upstream):
    """A product with the mask."""
    if np.shape(x) != np.shape(upstream):
        raise ValueError("shapes")
    return upstream * (x > 0)


def relu_gradient__zeros_in_a_copy(x, upstream):
    """A copy of upstream in float32, with zeros written into it."""
    if upstream.shape != x.shape:
        raise ValueError("shapes")
    gradient = np.array(upstream, dtype=np.float32)
    gradient[~(x > 0)] = 0
    return gradient


def relu_gradient__entry_by_entry(x, upstream):
    """A comprehension over flat lists."""
    if tuple(x.shape) != tuple(upstream.shape):
        raise ValueError("shapes")
    pairs = zip(x.ravel().tolist(), upstream.ravel().tolist(), strict=True)
    return np.array([pull if value > 0 else 0.0 for value, pull in pairs]).reshape(x.shape)


def relu_gradient__tape(x, upstream):
    """TensorFlow's tape."""
    if list(x.shape) != list(upstream.shape):
        raise ValueError("shapes")
    into = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(into)
        out = tf.nn.relu(into)
    return tape.gradient(out, into, output_gradients=upstream)


def relu_gradient__heaviside(x, upstream):
    """NumPy's step function, which is told what it is at 0."""
    if x.ndim != upstream.ndim or any(one != other for one, other in zip(x.shape, upstream.shape, strict=True)):
        raise ValueError("shapes")
    return np.heaviside(x, 0) * upstream
