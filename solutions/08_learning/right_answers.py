"""Right answers of lesson 8 in other styles than the solution: `<exercise>__<style>`."""

import math

import keras
import numpy as np
import scipy.signal
import scipy.special
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


def cross_entropy__one_after_the_other(probabilities, labels):
    """Plain Python, one picture after the other."""
    if len(labels) != len(probabilities):
        raise ValueError("labels and pictures")
    total = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        if not 0 <= label < len(row):
            raise ValueError(f"class {label}")
        total -= math.log(max(row[label], 1e-7))
    return total / len(labels)


def cross_entropy__one_hot(probabilities, labels):
    """A one-hot array that is multiplied and summed; the check by a set."""
    n, classes = probabilities.shape
    if labels.shape != (n,) or not set(labels.tolist()) <= set(range(classes)):
        raise ValueError("labels")
    one_hot = np.eye(classes)[labels]
    return -(one_hot * np.log(np.where(probabilities < 1e-7, 1e-7, probabilities))).sum() / n


def cross_entropy__float32(probabilities, labels):
    """float32 and take_along_axis; clipped from both sides, as Keras does."""
    if np.size(labels) != probabilities.shape[0]:
        raise ValueError("one label for each picture")
    if np.any(labels < 0) or np.any(labels > probabilities.shape[1] - 1):
        raise ValueError("no such class")
    clipped = np.clip(probabilities.astype(np.float32), 1e-7, 1 - 1e-7)
    return np.mean(-np.log(np.take_along_axis(clipped, labels.astype(int)[:, np.newaxis], axis=1)))


def cross_entropy__mask(probabilities, labels):
    """A mask that is true at the right class; at other classes it has no place."""
    n, classes = probabilities.shape
    if len(labels) != n:
        raise ValueError("too few or too many")
    mask = labels[:, None] == np.arange(classes)
    if mask.sum() != n:
        raise ValueError("a class that is not there")
    right = probabilities[mask]
    right[right < 1e-7] = 1e-7
    return float(-np.log(right).mean())


def cross_entropy__keras(probabilities, labels):
    """Keras' own, behind checks of the arguments; a tensor."""
    if len(labels) != len(probabilities) or min(labels) < 0 or max(labels) >= len(probabilities[0]):
        raise ValueError("labels")
    losses = keras.losses.sparse_categorical_crossentropy(labels.astype("int32"), probabilities)
    return keras.ops.mean(losses)


def cross_entropy__clips_and_shares_out_again(probabilities, labels):
    """Clips all probabilities and lets each row sum to 1 again, which changes less than a millionth."""
    n, classes = np.shape(probabilities)
    numbers = [int(label) for label in labels]
    if len(numbers) != n or any(number not in range(classes) for number in numbers):
        raise ValueError("labels")
    clipped = np.clip(probabilities, 1e-7, 1)
    clipped = clipped / clipped.sum(axis=1, keepdims=True)
    return sum(-np.log(clipped[row, number]) for row, number in enumerate(numbers)) / n


def softmax_cross_entropy_gradient__number_by_number(logits, labels):
    """Plain Python, lists of lists until the end."""
    n, classes = len(logits), len(logits[0])
    if len(labels) != n:
        raise ValueError("labels")
    gradient = []
    for row, label in zip(logits, labels, strict=True):
        if label < 0 or label >= classes:
            raise ValueError("class")
        largest = max(row)
        powers = [math.exp(logit - largest) for logit in row]
        gradient.append([(power / sum(powers) - (place == label)) / n for place, power in enumerate(powers)])
    return np.array(gradient)


def softmax_cross_entropy_gradient__tape(logits, labels):
    """TensorFlow's tape; a tensor."""
    if len(labels) != logits.shape[0] or labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError("labels")
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels.astype(np.int32), variable)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, variable)


def softmax_cross_entropy_gradient__log_sum(logits, labels):
    """The logarithm of the sum, by logaddexp; a one-hot array; float32 in the end."""
    if labels.shape != logits.shape[:1]:
        raise ValueError("one label for each row")
    if not all(label in range(logits.shape[1]) for label in labels.tolist()):
        raise ValueError("no such class")
    one_hot = np.eye(logits.shape[1])[labels]
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])
    return np.float32((shares - one_hot) / len(labels))


def softmax_cross_entropy_gradient__scipy(logits, labels):
    """SciPy's softmax; one is taken away row by row."""
    gradient = scipy.special.softmax(logits, axis=-1)
    if len(labels) != len(gradient):
        raise ValueError("labels")
    for row, label in enumerate(labels):
        if not 0 <= label <= gradient.shape[1] - 1:
            raise ValueError("class")
        gradient[row, label] -= 1
    gradient /= len(labels)
    return gradient


def softmax_cross_entropy_gradient__differences_of_logits(logits, labels):
    """Each probability is one over the sum of e to the differences; infinity makes it 0, as it should."""
    n, classes = logits.shape
    hits = labels[:, None] == np.arange(classes)
    if hits.sum(axis=1).tolist() != [1] * n:
        raise ValueError("labels")
    with np.errstate(over="ignore"):
        shares = 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=2)
    return np.where(hits, shares - 1, shares) / n


def conv2d_gradients__output_by_output(x, weights, upstream):
    """Each output hands its share to the pixels and the weights of its window; float32, a list."""
    height, width, channels, filters = weights.shape
    rows, cols = x.shape[0] - height + 1, x.shape[1] - width + 1
    if rows < 1 or cols < 1 or x.shape[2] != channels:
        raise ValueError("kernel")
    if upstream.shape != (rows, cols, filters):
        raise ValueError("upstream")
    x = x.astype(np.float32)
    dx, dweights, dbias = np.zeros_like(x), np.zeros_like(weights, dtype=np.float32), np.zeros(filters, np.float32)
    for i, j, f in np.ndindex(upstream.shape):
        dx[i : i + height, j : j + width] += upstream[i, j, f] * weights[..., f]
        dweights[..., f] += upstream[i, j, f] * x[i : i + height, j : j + width]
        dbias[f] += upstream[i, j, f]
    return [dx, dweights, dbias]


def conv2d_gradients__number_by_number(x, weights, upstream):
    """Plain Python with six loops."""
    (h, w, c), (kh, kw, c2, filters) = x.shape, weights.shape
    if kh > h or kw > w or c != c2 or upstream.shape != (h - kh + 1, w - kw + 1, filters):
        raise ValueError("shapes")
    dx = [[[0.0] * c for _ in range(w)] for _ in range(h)]
    dweights = [[[[0.0] * filters for _ in range(c)] for _ in range(kw)] for _ in range(kh)]
    dbias = [0.0] * filters
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            for f in range(filters):
                pull = float(upstream[i, j, f])
                dbias[f] += pull
                for u in range(kh):
                    for v in range(kw):
                        for k in range(c):
                            dx[i + u][j + v][k] += pull * float(weights[u, v, k, f])
                            dweights[u][v][k][f] += pull * float(x[i + u, j + v, k])
    return np.array(dx), np.array(dweights), np.array(dbias)


def conv2d_gradients__einsum(x, weights, upstream):
    """Windows and einsum; for x a frame of zeros around upstream and the kernel turned by half a turn."""
    kh, kw = weights.shape[:2]
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("the kernel is too large")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(0, 1))
    if x.shape[2] != weights.shape[2] or upstream.shape != (*windows.shape[:2], weights.shape[3]):
        raise ValueError("shapes")
    framed = np.pad(upstream, ((kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(framed, (kh, kw), axis=(0, 1))
    dx = np.einsum("pqfuv,uvcf->pqc", around, weights[::-1, ::-1])
    return dx, np.einsum("ijcuv,ijf->uvcf", windows, upstream), np.einsum("ijf->f", upstream)


def conv2d_gradients__tape(x, weights, upstream):
    """TensorFlow's tape; three tensors."""
    if x.shape[0] < weights.shape[0] or x.shape[1] < weights.shape[1] or x.shape[2] != weights.shape[2]:
        raise ValueError("x and weights")
    variables = tf.Variable(x[np.newaxis].astype(float)), tf.Variable(weights), tf.Variable(np.zeros(weights.shape[3]))
    with tf.GradientTape() as tape:
        output = tf.nn.conv2d(variables[0], variables[1], 1, "VALID")[0] + variables[2]
        if tuple(output.shape) != upstream.shape:
            raise ValueError("upstream")
        loss = tf.reduce_sum(output * upstream)
    dx, dweights, dbias = tape.gradient(loss, variables)
    return dx[0], dweights, dbias


def conv2d_gradients__matrices(x, weights, upstream):
    """All windows as rows of a matrix, and back with np.add.at."""
    kh, kw, channels, filters = weights.shape
    rows, cols = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if min(rows, cols) < 1 or x.shape[-1] != channels or upstream.shape != (rows, cols, filters):
        raise ValueError("shapes do not fit")
    places = np.arange(x.size).reshape(x.shape)
    places = np.array([places[i : i + kh, j : j + kw].ravel() for i in range(rows) for j in range(cols)])
    pull = upstream.reshape(-1, filters)
    dx = np.zeros(x.size)
    np.add.at(dx, places, pull @ weights.reshape(-1, filters).T)
    return dx.reshape(x.shape), (x.ravel()[places].T @ pull).reshape(weights.shape), pull.sum(axis=0)


def conv2d_gradients__measured(x, weights, upstream):
    """Measured with exercise 1: the loss is linear in each array, so nothing is lost."""
    (kh, kw, channels, filters), (h, w, _) = weights.shape, x.shape
    if kh > h or kw > w or x.shape[2] != channels or upstream.shape != (h - kh + 1, w - kw + 1, filters):
        raise ValueError("shapes")

    def loss(x, weights, bias):
        windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(0, 1))
        return float(((np.tensordot(windows, weights, axes=((3, 4, 2), (0, 1, 2))) + bias) * upstream).sum())

    x, bias = x.astype(float), np.zeros(filters)
    return (
        numeric_gradient(lambda changed: loss(changed, weights, bias), x, 0.5),
        numeric_gradient(lambda changed: loss(x, changed, bias), weights, 0.5),
        numeric_gradient(lambda changed: loss(x, weights, changed), bias, 0.5),
    )


def conv2d_gradients__scipy(x, weights, upstream):
    """SciPy: a valid correlation for the weights, a full convolution for x."""
    if any(k > n for k, n in zip(weights.shape[:2], x.shape[:2], strict=True)) or x.shape[2] != weights.shape[2]:
        raise ValueError("kernel")
    due = (*(n - k + 1 for n, k in zip(x.shape[:2], weights.shape[:2], strict=True)), weights.shape[3])
    if upstream.shape != due:
        raise ValueError("upstream")
    dx, dweights = np.zeros(x.shape), np.zeros(weights.shape)
    for c in range(x.shape[2]):
        for f in range(weights.shape[3]):
            dweights[:, :, c, f] = scipy.signal.correlate2d(x[:, :, c].astype(float), upstream[:, :, f], "valid")
            dx[:, :, c] += scipy.signal.convolve2d(upstream[:, :, f], weights[:, :, c, f], "full")
    return dx, dweights, upstream.sum(axis=0).sum(axis=0)


def train_step__picture_by_picture(weights, images, labels, learning_rate):
    """A loop over the pictures, with what the exercises before have brought."""
    kernel, bias, dense, dense_bias = weights
    if len(labels) != len(images):
        raise ValueError("labels")
    maps = []
    for image in images:
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
        maps.append(np.einsum("ijcuv,uvcf->ijf", windows, kernel) + bias)
    flat = np.array([np.maximum(one, 0).flatten() for one in maps])
    logits = flat @ dense + dense_bias
    pull = softmax_cross_entropy_gradient(logits, labels)
    powers = np.exp(logits - logits.max(axis=1)[:, np.newaxis])
    loss = cross_entropy(powers / powers.sum(axis=1)[:, np.newaxis], labels)
    new_kernel, new_bias = kernel.astype(float), bias.astype(float)
    for image, one, row in zip(images, maps, pull, strict=True):
        upstream = relu_gradient(one, (dense @ row).reshape(one.shape))
        _, dkernel, dbias = conv2d_gradients(image, kernel, upstream)
        new_kernel -= learning_rate * dkernel
        new_bias -= learning_rate * dbias
    new_dense = dense - learning_rate * (flat.T @ pull)
    return [new_kernel, new_bias, new_dense, dense_bias - learning_rate * pull.sum(axis=0)], loss


def train_step__tape(weights, images, labels, learning_rate):
    """TensorFlow's tape; tuples and tensors."""
    classes = weights[3].shape[0]
    if len(labels) != len(images) or any(not 0 <= label < classes for label in labels):
        raise ValueError("labels")
    kernel, bias, dense, dense_bias = variables = [tf.Variable(weight, dtype=tf.float64) for weight in weights]
    with tf.GradientTape() as tape:
        maps = tf.nn.relu(tf.nn.conv2d(images.astype(float), kernel, 1, "VALID") + bias)
        logits = tf.reshape(maps, (len(images), -1)) @ dense + dense_bias
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels.astype(int), logits))
    gradients = tape.gradient(loss, variables)
    return tuple(
        variable - learning_rate * gradient for variable, gradient in zip(variables, gradients, strict=True)
    ), loss


def train_step__keras(weights, images, labels, learning_rate):
    """A Keras model, and the step by hand."""
    classes = len(weights[3])
    if len(labels) != len(images) or labels.min() < 0 or labels.max() >= classes:
        raise ValueError("labels")
    filters = weights[1].size
    model = keras.Sequential([
        keras.Input(images.shape[1:]),
        keras.layers.Conv2D(filters, weights[0].shape[:2], activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(classes, activation="softmax"),
    ])  # fmt: skip
    model.set_weights(weights)
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(labels.astype(int), model(images))
        loss = keras.ops.mean(losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    return [old - learning_rate * np.asarray(one) for old, one in zip(weights, gradients, strict=True)], float(loss)


def train_step__number_by_number(weights, images, labels, learning_rate):
    """Plain loops over pictures, places and filters."""
    kernel, bias, dense, dense_bias = weights
    (kh, kw, _, filters), classes, n = kernel.shape, len(dense_bias), len(images)
    rows, cols = images.shape[1] - kh + 1, images.shape[2] - kw + 1
    if len(labels) != n:
        raise ValueError("labels")
    new = [np.array(weight, dtype=float) for weight in weights]
    loss = 0.0
    for image, label in zip(images, labels, strict=True):
        if label < 0 or label >= classes:
            raise ValueError("class")
        sums = np.zeros((rows, cols, filters))
        for i, j, f in np.ndindex(sums.shape):
            sums[i, j, f] = (image[i : i + kh, j : j + kw] * kernel[..., f]).sum() + bias[f]
        row = [max(value, 0.0) for value in sums.flat]
        logits = [dense_bias[k] + sum(row[m] * dense[m, k] for m in range(len(row))) for k in range(classes)]
        total = sum(math.exp(logit - max(logits)) for logit in logits)
        shares = [math.exp(logit - max(logits)) / total for logit in logits]
        loss -= math.log(max(shares[label], 1e-7)) / n
        pull = [(share - (k == label)) / n for k, share in enumerate(shares)]
        for m, (i, j, f) in enumerate(np.ndindex(sums.shape)):
            back = sum(pull[k] * dense[m, k] for k in range(classes))
            for k in range(classes):
                new[2][m, k] -= learning_rate * pull[k] * row[m]
            if sums[i, j, f] > 0:
                new[0][..., f] -= learning_rate * back * image[i : i + kh, j : j + kw]
                new[1][f] -= learning_rate * back
        for k in range(classes):
            new[3][k] -= learning_rate * pull[k]
    return new, loss


def train_step__einsum_float32(weights, images, labels, learning_rate):
    """einsum throughout, in float32, without any other exercise; a list of a tuple and the loss."""
    if np.shape(labels) != (images.shape[0],):
        raise ValueError("one label for each image")
    kernel, bias, dense, dense_bias = (np.asarray(weight, dtype=np.float32) for weight in weights)
    hits = labels[:, None] == np.arange(dense_bias.size)
    if not hits.any(axis=1).all():
        raise ValueError("no such class")
    windows = np.lib.stride_tricks.sliding_window_view(np.float32(images), kernel.shape[:2], (1, 2))
    maps = np.einsum("nijcuv,uvcf->nijf", windows, kernel) + bias
    on = maps > 0
    flat = (maps * on).reshape(len(maps), -1)
    logits = np.einsum("nm,mk->nk", flat, dense) + dense_bias
    logits = logits - logits.max(axis=1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    pull = (np.exp(logs) - hits) / np.float32(len(maps))
    upstream = np.einsum("nk,mk->nm", pull, dense).reshape(maps.shape) * on
    rate = np.float32(learning_rate)
    new = (
        kernel - rate * np.einsum("nijcuv,nijf->uvcf", windows, upstream),
        bias - rate * np.einsum("nijf->f", upstream),
        dense - rate * np.einsum("nm,nk->mk", flat, pull),
        dense_bias - rate * np.einsum("nk->k", pull),
    )
    return [new, -logs[hits].mean()]


def train_step__changes_copies(weights, images, labels, learning_rate):
    """Copies that change in place; the convolution as nine (or so) products of matrices."""
    if len(images) != len(labels):
        raise ValueError("labels")
    if min(labels.tolist()) < 0 or max(labels.tolist()) >= weights[-1].shape[0]:
        raise ValueError("class")
    kernel, bias, dense, dense_bias = new = [weight.astype(np.float64) for weight in weights]
    n, height, width, _ = images.shape
    rows, cols = height - kernel.shape[0] + 1, width - kernel.shape[1] + 1
    parts = {(u, v): images[:, u : u + rows, v : v + cols] for u, v in np.ndindex(kernel.shape[:2])}
    maps = sum(part @ kernel[place] for place, part in parts.items()) + bias
    active = np.clip(maps, 0, None).reshape(n, -1)
    gradient = scipy.special.softmax(active @ dense + dense_bias, axis=1)
    loss = float(np.mean([-np.log(row[label]) for row, label in zip(gradient, labels, strict=True)]))
    gradient[range(n), labels] -= 1
    gradient /= n
    back = (gradient @ dense.T).reshape(maps.shape)
    back[maps <= 0] = 0
    dense -= learning_rate * active.T @ gradient
    dense_bias -= learning_rate * gradient.sum(axis=0)
    for place, part in parts.items():
        kernel[place] -= learning_rate * np.einsum("nijc,nijf->cf", part, back)
    bias -= learning_rate * back.sum(axis=(0, 1, 2))
    return new, loss
