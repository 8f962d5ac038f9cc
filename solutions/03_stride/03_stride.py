# %% [markdown]
# # 3 · Skipping on purpose
#
# A window of 3 × 3 that moves one pixel at a time sees nearly the same thing again and again. Does it have to?
#
# In this lesson you will
#
# - let the window take larger steps, and know how large the map becomes,
# - find out which pixels fall by the wayside,
# - pad with a stride as TensorFlow does, which is not what the notes say,
# - know how far a deep neuron sees,
# - make your convolution a hundred times faster.

# %%
import time

import numpy as np

from convlab.data import load_fashion_mnist
from convlab.pictures import stride as pictures

(x_train, y_train), _ = load_fashion_mnist()
boot = x_train[5764]

# %% [markdown]
# ## Looking at every second place
#
# Left a boot, then its map under a vertical edge detector. Then the same map, but the window took steps of 2, and then of 4.
#
# **Predict first.** 28 × 28 pixels, a window of 3 × 3, stays inside. With steps of 1 the map has 26 × 26 places. With steps of 2? Of 4?

# %%
edge = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
pictures.coarser(boot, edge, strides=[1, 2, 4])

# %% [markdown]
# You still see the boot. The step is called **stride** (스트라이드), and it may differ: a stride of `(2, 1)` moves two rows down and one
# column right. (Pairs are always vertical first.)
#
# With a stride of 2 there are a quarter as many outputs, so a quarter of the work, here and in all layers that follow. This is why
# networks skip on purpose.

# %% [markdown]
# ## How many places?
#
# Here is a row of 8 pixels, a window of 3 and a stride of 2. **Predict first:** where does the window start? And does it ever see the
# last pixel?

# %%
pictures.row(n=8, kernel=3, stride=2, padding="valid")

# %% [markdown]
# The window starts at $0, s, 2s, \dots$ as long as it fits, so under "valid" there are
#
# $$\left\lfloor \frac{n - k}{s} \right\rfloor + 1$$
#
# places. Under "same" the rule is simpler still: one output for every $s$ pixels that have begun, $\lceil n / s \rceil$, whatever the kernel.

# %% [markdown]
# ### Exercise 1: `output_size` (2 points)

# %% solution="output_size"
def output_size(n, kernel, stride, padding):
    """Number of outputs along one axis.

    n:       int, pixels along the axis
    kernel:  int, length of the window
    stride:  int, step of the window
    padding: "valid" or "same"
    Returns an int.
    Raises ValueError for an unknown padding, a kernel or stride below 1, and under "valid" a kernel larger than n.
    """
    ### BEGIN SOLUTION
    if padding not in ("valid", "same") or kernel < 1 or stride < 1:
        raise ValueError("no such padding, kernel or stride")
    if padding == "same":
        return -(-n // stride)
    if kernel > n:
        raise ValueError(f"a window of {kernel} does not fit into {n} pixels")
    return (n - kernel) // stride + 1
    ### END SOLUTION


# %% test="output_size" points=2
from convlab.checks import check, check_error

check(output_size, 8, 3, 2, "valid", gives=3, hint="The window starts at 0, 2 and 4.")
check(output_size, 28, 3, 1, "valid", gives=26)
check(output_size, 7, 3, 2, "same", gives=4, hint="One output for every two pixels that have begun.")
check_error(output_size, 4, 5, 1, "valid", because="the window is longer than the row of pixels")
check_error(output_size, 8, 3, 0, "valid", because="with steps of 0 the window never gets anywhere")
### BEGIN HIDDEN TESTS
for n, kernel, stride in [(28, 5, 3), (10, 10, 4), (9, 2, 2), (224, 7, 2), (5, 1, 3), (6, 3, 7), (1, 1, 1), (12, 4, 5)]:
    check(output_size, n, kernel, stride, "valid", gives=sum(start + kernel <= n for start in range(0, n, stride)))
    check(output_size, n, kernel, stride, "same", gives=len(range(0, n, stride)))
check(output_size, 3, 7, 2, "same", gives=2, hint="Under \"same\" a window may be larger than its input.")
check_error(output_size, 8, 0, 1, "same", because="there is no window of 0 pixels")
check_error(output_size, 8, 3, -1, "same", because="there are no steps of -1")
check_error(output_size, 8, 3, 1, "full", because="there is no such padding here")
check_error(output_size, 8, 3, 1, "SAME", because="there is no such padding here")
### END HIDDEN TESTS

# %% [markdown]
# ## What falls by the wayside
#
# In the picture above the window starts at 0, 2 and 4, and the last pixel, number 7, is seen by nobody. Under "valid" the pixels past the
# end of the last window are just dropped.

# %% [markdown]
# **Predict first.** 28 pixels, a window of 5, a stride of 4: how many pixels are dropped?

# %%
pictures.row(n=28, kernel=5, stride=4, padding="valid")

# %% [markdown]
# ### Exercise 2: `ignored_pixels` (1 point)
#
# Count the pixels **past the end of the last valid window**. (With a stride larger than the kernel there are also gaps between two windows;
# these do not count here.)

# %% solution="ignored_pixels"
def ignored_pixels(n, kernel, stride):
    """Number of pixels past the end of the last valid window, along one axis.

    n:      int, pixels along the axis
    kernel: int, length of the window
    stride: int, step of the window
    Returns an int.
    Raises ValueError if kernel or stride is below 1, or the kernel is larger than n.
    """
    ### BEGIN SOLUTION
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("the window does not fit, or there is no such stride")
    return (n - kernel) % stride
    ### END SOLUTION


# %% test="ignored_pixels" points=1
from convlab.checks import check, check_error

check(ignored_pixels, 8, 3, 2, gives=1, hint="The last window covers pixels 4, 5 and 6 of 0 to 7.")
check(ignored_pixels, 28, 3, 1, gives=0)
check_error(ignored_pixels, 2, 3, 1, because="not even one window fits")
### BEGIN HIDDEN TESTS
for n, kernel, stride in [(28, 5, 4), (28, 3, 2), (10, 10, 3), (9, 2, 4), (11, 1, 6), (12, 3, 5), (7, 3, 2), (6, 2, 9)]:
    last = max(start for start in range(0, n, stride) if start + kernel <= n)
    check(ignored_pixels, n, kernel, stride, gives=n - last - kernel)
check_error(ignored_pixels, 8, 0, 2, because="there is no window of 0 pixels")
check_error(ignored_pixels, 8, 3, 0, because="with steps of 0 the window never gets anywhere")
### END HIDDEN TESTS

# %% [markdown]
# ## Same, with a stride
#
# In lesson 2 "same" meant: as many zeros as it takes to keep the size. With a stride the map gets smaller anyway. TensorFlow asks another
# question: *there shall be $\lceil n / s \rceil$ outputs; how many zeros does the last window need?*
#
# $$\text{zeros} = \max\bigl((\lceil n / s \rceil - 1) \cdot s + k - n,\; 0\bigr)$$
#
# Half of them, rounded down, go before, the rest after.
#
# **Is that so?** The notes say "*same* adds $(k-1)/2$ zeros on each side". **Predict first:** 8 pixels, a window of 3, a stride of 2.
# By the notes there is one zero on each side.

# %%
pictures.row(n=8, kernel=3, stride=2, padding="same")

# %% [markdown]
# One zero in all, and it stands after. The same window on 7 pixels:

# %%
pictures.row(n=7, kernel=3, stride=2, padding="same")

# %% [markdown]
# So the number of zeros depends on $n$ and $s$, too. Who pads by hand in another framework and loads weights trained in Keras gets maps that
# are moved by one pixel, and wonders for days.

# %% [markdown]
# ### Exercise 3: `same_padding_strided` (2 points)

# %% solution="same_padding_strided"
def same_padding_strided(n, kernel, stride):
    """Zeros before and after the pixels of one axis under "same" padding, as TensorFlow pads.

    n:      int, pixels along the axis
    kernel: int, length of the window
    stride: int, step of the window
    Returns a pair of ints (before, after).
    Raises ValueError if kernel or stride is below 1.
    """
    ### BEGIN SOLUTION
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    outputs = -(-n // stride)
    zeros = max((outputs - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2
    ### END SOLUTION


# %% test="same_padding_strided" points=2
from convlab.checks import check, check_error

check(
    same_padding_strided, 8, 3, 2,
    gives=(0, 1), hint="4 outputs; the last window covers 6, 7 and one zero.",
)
check(same_padding_strided, 7, 3, 2, gives=(1, 1))
check(same_padding_strided, 5, 4, 1, gives=(1, 2), hint="With stride 1 it is what lesson 2 says.")
check(same_padding_strided, 9, 2, 4, gives=(0, 1))
check_error(same_padding_strided, 8, 3, 0, because="with steps of 0 the window never gets anywhere")
### BEGIN HIDDEN TESTS
for (n, kernel, stride), due in {
    (6, 1, 2): (0, 0), (6, 1, 4): (0, 0), (28, 5, 2): (1, 2), (27, 5, 2): (2, 2), (10, 7, 3): (3, 3), (11, 7, 3): (2, 3),
    (4, 9, 2): (3, 4), (1, 3, 5): (1, 1), (224, 7, 2): (2, 3), (12, 2, 3): (0, 0), (13, 2, 3): (0, 1), (9, 4, 3): (0, 1),
}.items():
    check(same_padding_strided, n, kernel, stride, gives=due)
check_error(same_padding_strided, 8, 0, 1, because="there is no window of 0 pixels")
check_error(same_padding_strided, 8, 3, -2, because="there are no steps of -2")
### END HIDDEN TESTS

# %% [markdown]
# ## A convolution with a stride
#
# Output $(i, j)$ no longer sees the patch at pixel $(i, j)$. Its patch begins at row $i \cdot s_h$ and column $j \cdot s_w$:
#
# $$z_{i,j} = \sum_{u} \sum_{v} \tilde{x}_{i s_h + u,\; j s_w + v} \; w_{u,v}$$
#
# **Predict first.** A stride of `(2, 1)`. Which pixel is the top left corner of the patch of output (1, 1)?

# %%
small = np.array([[3, 1, 0, 2, 1], [0, 5, 1, 1, 0], [2, 0, 4, 0, 1], [1, 1, 0, 3, 2], [0, 2, 1, 0, 1]])
pictures.window(small, np.array([[1, -1], [2, 0]]), strides=(2, 1), row=1, col=1)

# %% [markdown]
# ### Exercise 4: `conv2d_strided` (3 points)
#
# Now with everything: any kernel, a stride for each axis, both paddings.

# %% solution="conv2d_strided"
def conv2d_strided(image, kernel, strides, padding):
    """2-D convolution of one channel with a stride, kernel not flipped.

    image:   array [height, width], of integers (uint8 included) or floats
    kernel:  array [kernel_height, kernel_width]
    strides: pair of ints (vertical, horizontal)
    padding: "valid" or "same", as in Keras
    Returns an array with as many rows and columns as `output_size` says. It does not change its arguments.
    Raises ValueError for an unknown padding, a stride below 1, and under "valid" a kernel larger than the image.
    """
    ### BEGIN SOLUTION
    sizes = [output_size(n, k, s, padding) for n, k, s in zip(image.shape, kernel.shape, strides)]
    padded = image.astype(float)
    if padding == "same":
        padded = np.pad(padded, [same_padding_strided(n, k, s) for n, k, s in zip(image.shape, kernel.shape, strides)])
    output = np.zeros(sizes)
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            top, left = i * strides[0], j * strides[1]
            output[i, j] = np.sum(padded[top : top + kernel.shape[0], left : left + kernel.shape[1]] * kernel)
    return output
    ### END SOLUTION


# %% test="conv2d_strided" points=3
import numpy as np

from convlab.checks import check, check_error

image = np.arange(20).reshape(4, 5)
ones = np.ones((2, 2))
check(
    conv2d_strided, image, ones, (1, 1), "valid",
    gives=np.array([[12.0, 16, 20, 24], [32, 36, 40, 44], [52, 56, 60, 64]]),
)
check(
    conv2d_strided, image, ones, (2, 1), "valid",
    gives=np.array([[12.0, 16, 20, 24], [52, 56, 60, 64]]), hint="Two rows down, one column right.",
)
check(
    conv2d_strided, image, ones, (2, 2), "same",
    gives=np.array([[12.0, 20, 13], [52, 60, 33]]), hint="The zeros are at the right here.",
)
check_error(
    conv2d_strided, image, np.ones((5, 2)), (1, 1), "valid",
    because="the kernel is taller than the image",
)
check_error(
    conv2d_strided, image, ones, (1, 0), "valid",
    because="with steps of 0 the window never gets anywhere",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for size, kernel_size, strides in [
    ((6, 6), (3, 3), (2, 2)), ((7, 5), (2, 3), (3, 1)), ((5, 8), (3, 1), (1, 2)), ((8, 9), (4, 4), (2, 3)),
    ((6, 7), (1, 1), (4, 2)), ((9, 4), (5, 2), (2, 2)), ((5, 5), (5, 5), (1, 1)), ((4, 6), (2, 2), (5, 5)),
]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    for padding in ("valid", "same"):
        counts, frame = [], []
        for n, k, s in zip(size, kernel_size, strides):
            counts.append(len(range(0, n, s)) if padding == "same" else sum(a + k <= n for a in range(0, n, s)))
            zeros = max((counts[-1] - 1) * s + k - n, 0) if padding == "same" else 0
            frame.append(zeros // 2)
        due = np.zeros(counts)
        for i in range(counts[0]):
            for j in range(counts[1]):
                for u in range(kernel_size[0]):
                    for v in range(kernel_size[1]):
                        row, col = i * strides[0] + u - frame[0], j * strides[1] + v - frame[1]
                        if 0 <= row < size[0] and 0 <= col < size[1]:
                            due[i, j] += x[row, col] * w[u, v]
        check(conv2d_strided, x, w, strides, padding, gives=due)
        check(conv2d_strided, x.astype("float32"), w.astype("float32"), list(strides), padding, gives=due)
check(conv2d_strided, np.ones((2, 3)), np.ones((4, 5)), (1, 2), "same", gives=np.array([[6.0, 6.0], [6.0, 6.0]]), hint="Under \"same\" a kernel may be larger than the image.")
bright = np.full((4, 4), 200, dtype=np.uint8)
check(conv2d_strided, bright, np.ones((2, 2), dtype=np.uint8), (2, 2), "valid", gives=np.array([[800.0, 800.0], [800.0, 800.0]]), hint="uint8 overflows above 255.")
check_error(conv2d_strided, image, np.ones((2, 6)), (1, 1), "valid", because="the kernel is wider than the image")
check_error(conv2d_strided, image, ones, (-1, 1), "same", because="there are no steps of -1")
check_error(conv2d_strided, image, ones, (1, 1), "half", because="there is no such padding here")
### END HIDDEN TESTS

# %% [markdown]
# **Is that so?** One often hears: "a stride of 2 computes everything and keeps every second value". The result is the same. **Predict first:**
# is the work, too?

# %%
# Runs once exercise 4 is solved.
try:
    everything, skipping = conv2d_strided(boot, edge, (1, 1), "valid"), conv2d_strided(boot, edge, (2, 2), "valid")
    print("same as every second value:", np.array_equal(everything[::2, ::2], skipping))
    print(f"multiplications: {everything.size * edge.size:,} and {skipping.size * edge.size:,}")
except NotImplementedError:
    print("solve exercise 4 first")

# %% [markdown]
# **Now you know why** a stride saves time: what is skipped is never computed. A quarter of the places, a quarter of the work.

# %% [markdown]
# ## How far does a deep neuron see?
#
# A neuron of layer 1 sees $k_1$ pixels. A neuron of layer 2 sees $k_2$ neurons of layer 1; these stand $s_1$ pixels apart. So a stride early
# on makes all later windows reach further:

# %%
pictures.field([(3, 2), (3, 1)])

# %% [markdown]
# **Predict first.** Two layers with windows of 3, the first one with a stride of 2, as drawn. How many pixels? And if both strides were 1
# (lesson 2)? If there were a third layer on top?
#
# Count along the bottom row, from the first to the last pixel that the top neuron depends on. Pixels in between count, even if a large stride
# leaves a hole there.

# %% [markdown]
# ### Exercise 5: `receptive_field_size` (2 points)
#
# A way to think of it: one neuron at the top needs 1 output. Of how many inputs does a layer make $m$ outputs? Go down, layer by layer.

# %% solution="receptive_field_size"
def receptive_field_size(layers):
    """How many pixels along one axis one output neuron depends on, from the first to the last, holes included.

    layers: list of pairs (kernel, stride), the layer next to the picture first
    Returns an int; 1 for an empty list.
    Raises ValueError if a kernel or a stride is below 1.
    """
    ### BEGIN SOLUTION
    size = 1
    for kernel, stride in reversed(layers):
        if kernel < 1 or stride < 1:
            raise ValueError("no such kernel or stride")
        size = (size - 1) * stride + kernel
    return size
    ### END SOLUTION


# %% test="receptive_field_size" points=2
from convlab.checks import check, check_error

check(receptive_field_size, [(3, 1)], gives=3)
check(
    receptive_field_size, [(3, 2), (3, 1)],
    gives=7, hint="3 neurons of layer 1, two pixels apart, each 3 pixels wide.",
)
check(receptive_field_size, [(3, 1), (3, 2)], gives=5, hint="A stride matters to the layers above it only.")
check(receptive_field_size, [], gives=1)
check_error(receptive_field_size, [(3, 0)], because="with steps of 0 the window never gets anywhere")
### BEGIN HIDDEN TESTS
for layers, due in [
    ([(7, 2), (2, 2), (3, 1), (3, 1)], 25), ([(3, 1)] * 13, 27), ([(5, 3), (1, 4), (2, 2)], 17), ([(1, 1)], 1),
    ([(2, 2)] * 5, 32), ([(3, 4), (2, 1)], 7), ([(2, 3), (3, 1), (4, 2)], 17), ([[11, 4], [3, 2], [5, 1]], 51),
]:
    check(receptive_field_size, layers, gives=due)
check_error(receptive_field_size, [(3, 1), (0, 1)], because="there is no window of 0 pixels")
check_error(receptive_field_size, [(3, -1), (3, 1)], because="there are no steps of -1")
### END HIDDEN TESTS

# %% [markdown]
# ## A hundred times faster
#
# Two Python loops over all places are easy to read and slow. NumPy can hand you *all* windows at once, without copying anything:

# %%
windows = np.lib.stride_tricks.sliding_window_view(small, (2, 2))
print("picture", small.shape, "→ windows", windows.shape)
print("the window at row 2, column 1:\n", windows[2, 1])

# %% [markdown]
# **Predict first.** Which slice of `windows` has just the windows of a stride of `(2, 1)`? And over which two axes do you have to sum when
# `windows` is multiplied with the kernel?

# %% [markdown]
# ### Exercise 6, the challenge: `conv2d_fast` (2 points)
#
# "valid" only, and please without a Python loop over the places. (The tests look at the values, on a picture of 256 × 256, too. The plot below
# shows your speed.)

# %% solution="conv2d_fast"
def conv2d_fast(image, kernel, strides):
    """2-D convolution of one channel with a stride, window inside the picture, without a Python loop over pixels.

    image:   array [height, width], of integers (uint8 included) or floats
    kernel:  array [kernel_height, kernel_width]
    strides: pair of ints (vertical, horizontal)
    Returns the same array as conv2d_strided(image, kernel, strides, "valid"). It does not change its arguments.
    Raises ValueError if a stride is below 1 or the kernel is larger than the image.
    """
    ### BEGIN SOLUTION
    if min(strides) < 1 or kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("no such stride, or the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel)
    ### END SOLUTION


# %% test="conv2d_fast" points=2
import numpy as np

from convlab.checks import check, check_error

image = np.arange(20).reshape(4, 5)
check(conv2d_fast, image, np.ones((2, 2)), (2, 1), gives=np.array([[12.0, 16, 20, 24], [52, 56, 60, 64]]))
check_error(conv2d_fast, image, np.ones((5, 2)), (1, 1), because="the kernel is taller than the image")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for size, kernel_size, strides in [
    ((6, 6), (3, 3), (2, 2)), ((7, 5), (2, 3), (3, 1)), ((5, 8), (3, 1), (1, 2)), ((9, 4), (4, 4), (4, 4)), ((3, 3), (1, 1), (1, 1)), ((5, 6), (5, 2), (1, 2)), ((4, 3), (2, 3), (2, 1)), ((256, 256), (5, 5), (2, 3)),
]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    # One shifted picture for each weight of the kernel.
    rows, cols = [(n - k) // s + 1 for n, k, s in zip(size, kernel_size, strides)]
    due = np.zeros((rows, cols))
    for u in range(kernel_size[0]):
        for v in range(kernel_size[1]):
            due += w[u, v] * x[u : u + (rows - 1) * strides[0] + 1 : strides[0], v : v + (cols - 1) * strides[1] + 1 : strides[1]]
    check(conv2d_fast, x, w, strides, gives=due)
    check(conv2d_fast, x.astype("float32"), w.astype("float32"), list(strides), gives=due)
bright = np.full((5, 6), 250, dtype=np.uint8)
check(conv2d_fast, bright, np.full((2, 3), 2, dtype=np.uint8), (3, 3), gives=np.array([[3000.0, 3000.0], [3000.0, 3000.0]]), hint="uint8 overflows above 255.")
check_error(conv2d_fast, image, np.ones((2, 6)), (1, 1), because="the kernel is wider than the image")
check_error(conv2d_fast, image, np.ones((2, 2)), (0, 1), because="with steps of 0 the window never gets anywhere")
check_error(conv2d_fast, image, np.ones((2, 2)), (1, -1), because="there are no steps of -1")
### END HIDDEN TESTS

# %%
# Runs once exercises 4 and 6 are solved.
def seconds(function, *arguments):
    """The best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        function(*arguments)
        best = min(best, time.perf_counter() - start)
    return best


try:
    sizes, rng = [16, 32, 64, 128], np.random.default_rng(0)
    ratios = []
    for size in sizes:
        picture = rng.random((size, size))
        slow = seconds(conv2d_strided, picture, edge, (1, 1), "valid")
        ratios.append(slow / seconds(conv2d_fast, picture, edge, (1, 1)))
    display(pictures.speedup(sizes, ratios))
except NotImplementedError:
    print("solve exercises 4 and 6 first")

# %% [markdown]
# The arithmetic is the same in both. What costs is asking Python for every single output. **Now you know why** nobody writes loops over pixels,
# and why deep learning frameworks exist.

# %% [markdown]
# ### In your own words: `explain_stride` (1 point)
#
# A network may shrink its maps with a *pooling layer* (it keeps the largest of each 2 × 2 values; lesson 5), or with a convolution of stride 2.
# Why can the stride replace the pooling, and what does each of the two lose? Two to four sentences.

# %% [markdown] written="explain_stride" points=1
# Both halve the height and the width of the map, so both make the layers behind them cheaper and their windows reach twice as far. The
# convolution of stride 2 never computes the values in between; what stood only there is gone, but its weights can learn what to keep.
# Pooling looks at all values and keeps the largest one of each window; it has nothing to learn, and it forgets where in the window the
# largest value was, and the three smaller ones.
#
# Rubric: half a point for "both reduce the map by the same factor (fewer outputs, larger receptive field)"; half a point for naming a loss
# of each: skipped places for the stride, position and smaller values for the pooling.

# %% [markdown]
# ## To remember
#
# - A stride of $s$ moves the window $s$ pixels at a time: about $1/s^2$ of the outputs and of the work.
# - **valid**: $\lfloor (n - k) / s \rfloor + 1$ places; pixels past the last window are dropped.
# - **same**: $\lceil n / s \rceil$ places; $\max((\lceil n/s \rceil - 1) s + k - n, 0)$ zeros in all, half of them, rounded down, before.
# - Output $(i, j)$ sees the patch that begins at $(i \, s_h,\; j \, s_w)$.
# - Receptive field, from the top down: $r \leftarrow (r - 1) \, s + k$. A stride makes all layers above it see further.
# - Let NumPy loop, not Python.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | stride | 스트라이드 | the step of the window, vertical and horizontal |
# | padding | 패딩 | zeros around the picture |
# | receptive field | 수용 영역 | the pixels that one output depends on |
# | pooling | 풀링 | keep one number of each window; lesson 5 |

# %% [markdown]
# ## What next
#
# - **Your points:** save the notebook, then `python -m autograder check` with its file name shows them, hidden tests included.
# - **Lesson 4, filters:** so far somebody gave you the kernels. What do they look for, and what if there are many?
# - **To read:** V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning*, section 2.4; A. Araujo, W. Norris and J. Sim,
#   *Computing receptive fields of convolutional neural networks* (Distill, 2019).
