# %% [markdown]
# # 5 · Keep the gist
#
# Squint, and you can still tell a boot from a bag. How much of a picture, or of a feature map, can be thrown away before something is lost that matters?
#
# In this lesson you will
#
# - shrink maps by keeping the largest value of each little window, or its mean,
# - know what this buys (less work, a wider view, some calm) and what it costs,
# - measure what a small shift does to a pooled map,
# - follow a gradient back through a pooling layer.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import load_fashion_mnist
from convlab.pictures import pooling as pictures

(x_train, y_train), _ = load_fashion_mnist()
bag = x_train[462] / 255
edge = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])

# %% [markdown]
# ## Squinting
#
# Here is a bag, and the same picture with a single pixel kept of each 2 × 2, each 4 × 4 and each 7 × 7: always the brightest.
#
# **Predict first.** At which size will you stop seeing a bag? And how many of its 784 numbers are left there?

# %%
pictures.squint(bag, [1, 2, 4, 7])

# %% [markdown]
# That was **max pooling** (최대 풀링): slide a window as a convolution does, but instead of a weighted sum take the **largest** value.
# Usually the window moves by its own size, so that windows do not overlap. With 7 × 7, sixteen numbers are left.
#
# **Predict first.** What comes out of this map with windows of 2 × 2?

# %%
small = np.array([[1, 3, 2, 0], [5, 4, 1, 1], [0, 2, 9, 6], [1, 0, 7, 8]])
pictures.pooled(small, (2, 2))

# %% [markdown]
# **Is that so?** One often hears that a pooling layer learns what to keep. **Predict first:** how many weights does it have?
#
# <details><summary>Say a number, then click here</summary>
#
# None. Look at what it does: it compares numbers, and there is nothing in that to be learned. It has *hyperparameters* (하이퍼파라미터: the
# size of the window, the stride), but **no weights**.
#
# </details>
#
# And it works on **each channel by itself**: 64 maps in, 64 smaller maps out.

# %% [markdown]
# ### Exercise 1: `pooled_shape` (2 points)
#
# How large is the result? The rules are those of lesson 3: under "valid" only whole windows count, under "same" there is one output for every
# stride that has begun. The number of channels stays. What makes no sense is an error; the docstring lists it.

# %% solution="pooled_shape"
def pooled_shape(input_shape, pool_size, strides=None, padding="valid"):
    """The shape of a map after pooling.

    input_shape: tuple (height, width, channels)
    pool_size:   pair of ints (vertical, horizontal)
    strides:     pair of ints (vertical, horizontal); None means as large as the window
    padding:     "valid" or "same"
    Returns a tuple of three ints.
    Raises ValueError for an unknown padding, a window or stride below 1, and under "valid" a
    window larger than the map. (Under "same" a window may be larger.)
    """
    ### BEGIN SOLUTION
    strides = pool_size if strides is None else strides
    if padding not in ("valid", "same") or min(*pool_size, *strides) < 1:
        raise ValueError("unknown padding, or window or stride below 1")
    sizes = []
    for n, k, s in zip(input_shape[:2], pool_size, strides):
        if padding == "valid" and k > n:
            raise ValueError("the window is larger than the map")
        sizes.append((n - k) // s + 1 if padding == "valid" else -(-n // s))
    return *sizes, input_shape[2]
    ### END SOLUTION


# %% test="pooled_shape" points=2
from convlab.checks import check, check_error

check(
    pooled_shape, (9, 10, 6), (2, 3), None, "valid",
    gives=(4, 3, 6), hint="Half a window does not count. Channels stay.",
)
check(
    pooled_shape, (9, 10, 6), (4, 2), strides=(3, 4),
    gives=(2, 3, 6), hint="Here the strides are not those of the window.",
)
check(pooled_shape, (4, 9, 6), (4, 1), gives=(1, 9, 6), hint="A window as large as the map fits once.")
check(pooled_shape, (9, 10, 6), (2, 3), padding="same", gives=(5, 4, 6))
check(
    pooled_shape, (4, 9, 1), (5, 2), (2, 3), "same",
    gives=(2, 3, 1), hint="Under \"same\" a window may be larger than the map.",
)
for shape in [(4, 9, 1), (9, 4, 1)]:
    check_error(pooled_shape, shape, (5, 5), (1, 1), because="the window is larger than the map")
for pool_size, strides in [((0, 2), (1, 1)), ((2, -1), None), ((2, 2), (0, 1)), ((2, 2), (1, 0))]:
    check_error(pooled_shape, (9, 9, 1), pool_size, strides, because="windows and strides are at least 1")
check_error(pooled_shape, (9, 9, 1), (2, 2), padding="full", because='padding is either "valid" or "same"')
### BEGIN HIDDEN TESTS
for shape, pool, strides in [((28, 20, 3), (3, 2), None), ((9, 9, 1), (3, 3), (2, 1)), ((5, 8, 2), (5, 8), None), ((6, 7, 4), (1, 1), (4, 3)), ((11, 4, 8), (2, 4), (5, 1))]:
    steps = pool if strides is None else strides
    valid = [sum(a + k <= n for a in range(0, n, s)) for n, k, s in zip(shape, pool, steps)]
    same = [len(range(0, n, s)) for n, s in zip(shape, steps)]
    check(pooled_shape, shape, pool, strides, "valid", gives=(*valid, shape[2]))
    check(pooled_shape, shape, pool, strides, "same", gives=(*same, shape[2]))
check(pooled_shape, (2, 3, 1), (4, 5), (1, 2), "same", gives=(2, 2, 1), hint="Under \"same\" a window may be larger than the map.")
check_error(pooled_shape, (9, 4, 1), (2, 5), because="the window is larger than the map")
check_error(pooled_shape, (3, 9, 2), (4, 1), because="the window is larger than the map")
check_error(pooled_shape, (9, 9, 1), (-1, 2), because="windows and strides are at least 1")
check_error(pooled_shape, (9, 9, 1), (2, 0), (1, 1), because="windows and strides are at least 1")
check_error(pooled_shape, (9, 9, 1), (2, 2), (1, 0), "same", because="windows and strides are at least 1")
check_error(pooled_shape, (9, 9, 1), (2, 2), None, "none", because='padding is either "valid" or "same"')
### END HIDDEN TESTS

# %% [markdown]
# ## How much is thrown away?
#
# **Predict first.** With windows of 2 × 2 side by side, one number of each window survives. What share is gone? (Not one half.)

# %% [markdown]
# ### Exercise 2: `discarded_fraction` (1 point)
#
# Which share of the activations does max pooling drop? The stride is as large as the window, and the map holds a whole number of windows.

# %% solution="discarded_fraction"
def discarded_fraction(pool_size):
    """The share of activations that max pooling drops, with a stride as large as its window.

    pool_size: pair of ints (vertical, horizontal)
    Returns a number between 0 and 1.
    Raises ValueError if a size is below 1.
    """
    ### BEGIN SOLUTION
    if min(pool_size) < 1:
        raise ValueError("a window has at least one pixel")
    return 1 - 1 / (pool_size[0] * pool_size[1])
    ### END SOLUTION


# %% test="discarded_fraction" points=1
from convlab.checks import check, check_error

check(discarded_fraction, (2, 3), gives=5 / 6, hint="One of how many survives?")
check(discarded_fraction, (1, 1), gives=0.0, hint="A window of one pixel drops nothing.")
for pool_size in [(0, 2), (3, -1)]:
    check_error(discarded_fraction, pool_size, because="a window has at least one row and one column")
### BEGIN HIDDEN TESTS
for pool_size, due in {(3, 3): 8 / 9, (1, 2): 0.5, (2, 1): 0.5, (4, 2): 0.875, (5, 3): 14 / 15, (10, 10): 0.99}.items():
    check(discarded_fraction, pool_size, gives=due)
check_error(discarded_fraction, (2, 0), because="a window has at least one row and one column")
check_error(discarded_fraction, (-3, 2), because="a window has at least one row and one column")
### END HIDDEN TESTS

# %% [markdown]
# Three quarters are gone. A convolution that comes next has a quarter of the places to visit, so a quarter of the work for the same filters, and its window of
# 3 × 3 covers 6 × 6 of the pixels in front of the pooling.

# %% [markdown]
# ## Max pooling, for real
#
# With padding "same" a window may stand partly outside. What does it find there? For a convolution it was zeros. Careful here:
#
# **Predict first.** A map of −5 everywhere, windows of 2 × 2, "same", and a column of the window is outside. If outside were zeros, what
# would the maximum be? May a number win that nobody measured?

# %%
pictures.padding_must_not_win(np.full((3, 3), -5), (2, 2))

# %% [markdown]
# Zeros would win against negative numbers, out of nowhere. So for max pooling **padding never wins**: only real values of the window
# are compared. (Where the windows stand is as in lesson 3: $\max((\lceil n/s \rceil - 1) s + k - n, 0)$ places are added, half of them, rounded down, before.)
#
# When does it matter? Right behind a ReLU no value is below 0, so zeros from outside change nothing. It matters wherever
# negative values reach a pooling: behind a convolution without an activation, or with another one.

# %% [markdown]
# ### Exercise 3: `max_pool2d` (3 points)
#
# Write it, for several channels. `pooled_shape` knows the size of the result, and the errors.

# %% solution="max_pool2d"
def max_pool2d(x, pool_size, strides=None, padding="valid"):
    """Max pooling, channel by channel, as Keras does it.

    x:         array [height, width, channels], of integers (uint8 included) or floats
    pool_size: pair of ints (vertical, horizontal)
    strides:   pair of ints (vertical, horizontal); None means as large as the window
    padding:   "valid" or "same"; padding never wins
    Returns an array [output_height, output_width, channels]. It does not change x.
    Raises ValueError for an unknown padding, a window or stride below 1, and under "valid" a
    window larger than the map. (Under "same" a window may be larger.)
    """
    ### BEGIN SOLUTION
    strides = pool_size if strides is None else strides
    rows, cols, channels = pooled_shape(x.shape, pool_size, strides, padding)
    top, left = 0, 0
    if padding == "same":
        top = max((rows - 1) * strides[0] + pool_size[0] - x.shape[0], 0) // 2
        left = max((cols - 1) * strides[1] + pool_size[1] - x.shape[1], 0) // 2
    output = np.zeros((rows, cols, channels), x.dtype)
    for i in range(rows):
        for j in range(cols):
            row, col = i * strides[0] - top, j * strides[1] - left
            window = x[max(row, 0) : row + pool_size[0], max(col, 0) : col + pool_size[1]]
            output[i, j] = window.max(axis=(0, 1))
    return output
    ### END SOLUTION


# %% test="max_pool2d" points=3
import numpy as np

from convlab.checks import check, check_error

# A map of 4 rows and 6 columns with two channels.
x = np.stack([
    [[1, 3, -2, 0, 4, -1], [5, -4, -1, -3, 2, 7], [0, 2, -9, -6, -7, -8], [-1, 0, -7, -8, -5, -3]],
    [[-5, 0, 2, -1, -3, -2], [-6, -4, 1, 6, -2, 8], [3, 9, -1, -4, -2, -7], [-2, 4, 5, -9, -6, -1]],
], axis=-1)

check(
    max_pool2d, x, (2, 3), None, "valid",
    gives=np.stack([[[5, 7], [2, -3]], [[2, 8], [9, -1]]], axis=-1, dtype=float),
    hint="Two windows side by side, two below; each channel by itself.",
)
check(
    max_pool2d, x, (2, 1), (1, 4),
    gives=np.stack([[[5, 4], [5, 2], [0, -5]], [[-5, -2], [3, -2], [3, -2]]], axis=-1, dtype=float),
    hint="One row down at a time, four columns to the right.",
)
check(max_pool2d, x, (4, 6), gives=np.array([[[7.0, 9.0]]]), hint="A window as large as the map fits once.")
check(
    max_pool2d, x, (3, 4), (2, 3), "same",
    gives=np.stack([[[5, 7], [2, -3]], [[9, 8], [9, -1]]], axis=-1, dtype=float),
    hint="One place is added below and one on the right. They must not win.",
)
check(
    max_pool2d, x / 2, (3, 4), padding="same",
    gives=np.stack([[[2.5, 3.5], [1, -1.5]], [[1, 4], [4.5, -0.5]]], axis=-1),
    hint="One place is added on each of the four sides.",
)
bright = np.array([[250, 252, 9], [253, 255, 0]], dtype=np.uint8)[:, :, np.newaxis]
check(
    max_pool2d, bright, (3, 2), padding="same",
    gives=np.array([[[255.0], [9.0]]]), hint="Under \"same\" a window may be larger than the map.",
)
for pool_size in [(5, 1), (1, 7)]:
    check_error(max_pool2d, x, pool_size, because="the window is larger than the map")
for pool_size, strides in [((0, 2), (1, 1)), ((2, -1), None), ((2, 2), (0, 1)), ((2, 2), (1, 0))]:
    check_error(max_pool2d, x, pool_size, strides, because="windows and strides are at least 1")
check_error(max_pool2d, x, (2, 2), padding="full", because='padding is either "valid" or "same"')
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for size, pool, strides in [((6, 6, 2), (2, 2), None), ((7, 5, 3), (3, 2), None), ((5, 8, 1), (2, 3), (1, 2)), ((9, 4, 2), (4, 1), (3, 3)), ((4, 4, 2), (1, 1), (2, 2)), ((7, 7, 1), (3, 3), (2, 2)), ((5, 5, 2), (5, 5), None)]:
    x, steps = rng.normal(size=size) - 3, pool if strides is None else strides
    for padding in ("valid", "same"):
        counts, before = [], []
        for n, k, s in zip(size, pool, steps):
            counts.append(len(range(0, n, s)) if padding == "same" else sum(a + k <= n for a in range(0, n, s)))
            before.append(max((counts[-1] - 1) * s + k - n, 0) // 2 if padding == "same" else 0)
        due = np.zeros((*counts, size[2]))
        for i in range(counts[0]):
            for j in range(counts[1]):
                rows = [r for r in range(i * steps[0] - before[0], i * steps[0] - before[0] + pool[0]) if 0 <= r < size[0]]
                cols = [c for c in range(j * steps[1] - before[1], j * steps[1] - before[1] + pool[1]) if 0 <= c < size[1]]
                for channel in range(size[2]):
                    due[i, j, channel] = max(x[r, c, channel] for r in rows for c in cols)
        check(max_pool2d, x, pool, strides, padding, gives=due)
        check(max_pool2d, np.round(20 * x).astype(int), pool, strides, padding, gives=np.round(20 * due))
bright = rng.integers(0, 256, (4, 4, 1), dtype=np.uint8)
check(max_pool2d, bright, (2, 2), gives=bright.reshape(2, 2, 2, 2).max(axis=(1, 3))[:, :, None].astype(float))
check(max_pool2d, bright, (5, 6), padding="same", gives=np.array([[[bright.max()]]], dtype=float), hint="Under \"same\" a window may be larger than the map.")
check_error(max_pool2d, np.ones((9, 4, 1)), (2, 5), because="the window is larger than the map")
check_error(max_pool2d, np.ones((4, 9, 2)), (5, 5), (1, 1), because="the window is larger than the map")
check_error(max_pool2d, np.ones((9, 4, 1)), (2, 0), (1, 1), because="windows and strides are at least 1")
check_error(max_pool2d, np.ones((9, 4, 1)), (2, 2), (-1, 1), because="windows and strides are at least 1")
check_error(max_pool2d, np.ones((9, 4, 1)), (2, 2), (2, 0), "same", because="windows and strides are at least 1")
check_error(max_pool2d, np.ones((9, 4, 1)), (2, 2), None, "none", because='padding is either "valid" or "same"')
### END HIDDEN TESTS

# %% [markdown]
# ## The mean instead
#
# **Average pooling** (평균 풀링) takes the mean of each window. Where max pooling picks out, it blurs.
#
# **Predict first.** A window of 2 × 2 stands half outside. Its two real values are 4 and 8. Is the mean 6 or 3?
#
# <details><summary>Decide, then click here</summary>
#
# It is 6, in Keras too: as with the maximum, **padding never counts**, neither in the sum nor in the number of values.
#
# </details>
#
# Below are the bag, a map of its left edges (an edge filter as in lesson 4, then a ReLU), and this map under both poolings with windows of 4 × 4. All
# three maps share one scale of gray, so what looks darker is smaller.

# %%
pictures.max_and_mean(bag, edge, 4)

# %% [markdown]
# ### Exercise 4: `avg_pool2d` (3 points)
#
# The same with the mean. Mind pictures of uint8: their sums do not fit into uint8, and a mean is seldom a whole number.

# %% solution="avg_pool2d"
def avg_pool2d(x, pool_size, strides=None, padding="valid"):
    """Average pooling, channel by channel, as Keras does it.

    x:         array [height, width, channels], of integers (uint8 included) or floats
    pool_size: pair of ints (vertical, horizontal)
    strides:   pair of ints (vertical, horizontal); None means as large as the window
    padding:   "valid" or "same"; padding never counts
    Returns an array [output_height, output_width, channels]. It does not change x.
    Raises ValueError for an unknown padding, a window or stride below 1, and under "valid" a
    window larger than the map. (Under "same" a window may be larger.)
    """
    ### BEGIN SOLUTION
    strides = pool_size if strides is None else strides
    rows, cols, channels = pooled_shape(x.shape, pool_size, strides, padding)
    top, left = 0, 0
    if padding == "same":
        top = max((rows - 1) * strides[0] + pool_size[0] - x.shape[0], 0) // 2
        left = max((cols - 1) * strides[1] + pool_size[1] - x.shape[1], 0) // 2
    output = np.zeros((rows, cols, channels))
    for i in range(rows):
        for j in range(cols):
            row, col = i * strides[0] - top, j * strides[1] - left
            window = x[max(row, 0) : row + pool_size[0], max(col, 0) : col + pool_size[1]]
            output[i, j] = window.mean(axis=(0, 1))
    return output
    ### END SOLUTION


# %% test="avg_pool2d" points=3
import numpy as np

from convlab.checks import check, check_error

# A map of 4 rows and 6 columns with two channels; times 12, so that the means are short.
x = np.stack([
    [[1, 3, -2, 0, 4, -1], [5, -4, -1, -3, 2, 7], [0, 2, -9, -6, -7, -8], [-1, 0, -7, -8, -5, -3]],
    [[-5, 0, 2, -1, -3, -2], [-6, -4, 1, 6, -2, 8], [3, 9, -1, -4, -2, -7], [-2, 4, 5, -9, -6, -1]],
], axis=-1) * 12

check(
    avg_pool2d, x, (2, 3), None, "valid",
    gives=np.stack([[[4, 18], [-30, -74]], [[-24, 12], [36, -58]]], axis=-1, dtype=float),
    hint="Two windows side by side, two below; each channel by itself.",
)
check(
    avg_pool2d, x, (2, 1), (1, 4),
    gives=np.stack([[[36, 36], [30, -30], [-6, -72]], [[-66, -30], [-18, -24], [6, -48]]], axis=-1, dtype=float),
    hint="One row down at a time, four columns to the right.",
)
check(avg_pool2d, x, (4, 6), gives=np.array([[[-20.5, -8.5]]]), hint="A window as large as the map fits once.")
check(
    avg_pool2d, x, (3, 2), (2, 3), "same",
    gives=np.stack([[[14, -20], [3, -78]], [[-6, -12], [42, -63]]], axis=-1, dtype=float),
    hint="One place is added below. Four numbers are left there: divide by 4.",
)
check(
    avg_pool2d, x / 8, (3, 4), padding="same",
    gives=np.stack([[[0.5, 2.25], [-3.75, -9.25]], [[-3, 1.5], [4.5, -7.25]]], axis=-1),
    hint="One place is added on each of the four sides.",
)
bright = np.array([[250, 252, 9], [253, 255, 0]], dtype=np.uint8)[:, :, np.newaxis]
check(
    avg_pool2d, bright, (3, 2), padding="same",
    gives=np.array([[[252.5], [4.5]]]), hint="uint8 overflows above 255, and a mean is no whole number.",
)
for pool_size in [(5, 1), (1, 7)]:
    check_error(avg_pool2d, x, pool_size, because="the window is larger than the map")
for pool_size, strides in [((0, 2), (1, 1)), ((2, -1), None), ((2, 2), (0, 1)), ((2, 2), (1, 0))]:
    check_error(avg_pool2d, x, pool_size, strides, because="windows and strides are at least 1")
check_error(avg_pool2d, x, (2, 2), padding="full", because='padding is either "valid" or "same"')
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for size, pool, strides in [((6, 6, 2), (2, 2), None), ((7, 5, 3), (3, 2), None), ((5, 8, 1), (2, 3), (1, 2)), ((9, 4, 2), (4, 1), (3, 3)), ((4, 4, 2), (1, 1), (2, 2)), ((7, 7, 1), (3, 3), (2, 2)), ((5, 5, 2), (5, 5), None)]:
    x, steps = rng.normal(size=size) + 2, pool if strides is None else strides
    for padding in ("valid", "same"):
        counts, before = [], []
        for n, k, s in zip(size, pool, steps):
            counts.append(len(range(0, n, s)) if padding == "same" else sum(a + k <= n for a in range(0, n, s)))
            before.append(max((counts[-1] - 1) * s + k - n, 0) // 2 if padding == "same" else 0)
        due = np.zeros((*counts, size[2]))
        for i in range(counts[0]):
            for j in range(counts[1]):
                rows = [r for r in range(i * steps[0] - before[0], i * steps[0] - before[0] + pool[0]) if 0 <= r < size[0]]
                cols = [c for c in range(j * steps[1] - before[1], j * steps[1] - before[1] + pool[1]) if 0 <= c < size[1]]
                for channel in range(size[2]):
                    values = [x[r, c, channel] for r in rows for c in cols]
                    due[i, j, channel] = sum(values) / len(values)
        check(avg_pool2d, x, pool, strides, padding, gives=due)
        check(avg_pool2d, -x, pool, strides, padding, gives=-due)
whole = rng.integers(-20, 20, (4, 6, 2))
check(avg_pool2d, whole, (2, 3), gives=whole.reshape(2, 2, 2, 3, 2).mean(axis=(1, 3)))
bright = np.full((4, 4, 1), 250, dtype=np.uint8)
bright[0, 0] = 251
check(avg_pool2d, bright, (2, 2), gives=np.array([[[250.25], [250.0]], [[250.0], [250.0]]]), hint="uint8 overflows above 255, and a mean is no whole number.")
check(avg_pool2d, bright, (5, 6), padding="same", gives=np.array([[[250.0625]]]))
check_error(avg_pool2d, np.ones((9, 4, 1)), (2, 5), because="the window is larger than the map")
check_error(avg_pool2d, np.ones((4, 9, 2)), (5, 5), (1, 1), because="the window is larger than the map")
check_error(avg_pool2d, np.ones((9, 4, 1)), (2, 0), (1, 1), because="windows and strides are at least 1")
check_error(avg_pool2d, np.ones((9, 4, 1)), (2, 2), (-1, 1), because="windows and strides are at least 1")
check_error(avg_pool2d, np.ones((9, 4, 1)), (2, 2), (2, 0), "same", because="windows and strides are at least 1")
check_error(avg_pool2d, np.ones((9, 4, 1)), (2, 2), None, "none", because='padding is either "valid" or "same"')
### END HIDDEN TESTS

# %% [markdown]
# ## One number per map
#
# **Global average pooling** (전역 평균 풀링) goes all the way: each map becomes a single number, its mean. It asks each filter: *how much of what you look for is in this
# picture, wherever it may be?* Many modern networks shrink their last maps like this, where the one of lesson 7 flattens them.

# %% [markdown]
# ### Exercise 5: `global_avg_pool2d` (1 point)

# %% solution="global_avg_pool2d"
def global_avg_pool2d(x):
    """The mean of each channel.

    x: array [height, width, channels], of integers (uint8 included) or floats
    Returns an array [channels].
    """
    ### BEGIN SOLUTION
    return x.mean(axis=(0, 1))
    ### END SOLUTION


# %% test="global_avg_pool2d" points=1
import numpy as np

from convlab.checks import check

x = np.array([[[1, 10], [3, 20], [-4, 30]], [[5, 30], [7, 60], [3, -30]]])
check(global_avg_pool2d, x / 2, gives=np.array([1.25, 10.0]), hint="One mean for each of the two channels.")
check(global_avg_pool2d, x, gives=np.array([2.5, 20.0]), hint="Whole numbers may come in.")
bright = np.full((30, 20, 1), 200, dtype=np.uint8)
check(global_avg_pool2d, bright, gives=np.array([200.0]), hint="uint8 overflows above 255.")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for size in [(3, 5, 4), (2, 7, 1), (6, 2, 1), (4, 4, 4)]:
    x = rng.normal(size=size)
    due = np.array([sum(x[i, j, k] for i in range(size[0]) for j in range(size[1])) / (size[0] * size[1]) for k in range(size[2])])
    check(global_avg_pool2d, x, gives=due)
check(global_avg_pool2d, np.arange(24).reshape(3, 4, 2), gives=np.array([11.0, 12.0]))
check(global_avg_pool2d, np.full((30, 20, 2), 200, dtype=np.uint8), gives=np.array([200.0, 200.0]), hint="uint8 overflows above 255.")
### END HIDDEN TESTS

# %% [markdown]
# *A good place to stop for today: the larger half of the lesson is behind you. Save, and when you come back, click into the next cell and choose
# Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## Does it move?
#
# Lesson 1: when the picture moves, a convolution's map moves along (equivariance, 등변성). And behind a pooling? A value that moves by one pixel
# may stay in its window; then the pooled map does not notice.
#
# **Is that so?** One often hears that pooling makes a network *invariant* to shifts (불변성): the map would stay as it is. **Predict first:** the bag
# moves right by 1, 2, 3, 4 pixels. For which of them does its edge map, pooled with windows of 4, stay exactly the same?

# %%
pictures.shifts(bag, edge, pool=4, shifts=[0, 1, 2, 3, 4])

# %% [markdown]
# For none: 17, 33, 38 and 45 of the 49 values changed. But compare the last map with the first. A move by 4, a whole window, moves the pooled map by
# one column: for whole windows pooling is *equivariant*. In between, the map changes the more, the further the bag moves.

# %% [markdown]
# **Play.** A piece of such an edge map. Move it by 1 pixel: how many of the nine values stay under max pooling, and how many under average pooling? Why do
# some of the largest values survive, and others not? Then move it by 2.
#
# <details><summary>Play, then click here</summary>
#
# By 1 pixel, 4 of the nine maxima change and 6 of the nine means. A maximum survives when it stays inside its window and nothing larger comes in; a mean
# survives only when what leaves is worth as much as what comes. By 2, a whole window, 6 and 6 change: the maps have moved along.
#
# </details>

# %%
from convlab import explorers

explorers.pooling()

# %% [markdown]
# ### Exercise 6: `pool_shift_change` (2 points)
#
# Measure it. Move `x` to the right by `shift` columns: zeros come in from the left, and what leaves on the right is gone. Max-pool `x` and the moved `x`, with
# a stride as large as the window and "valid". Return the largest absolute difference between the two pooled maps, over all channels.

# %% solution="pool_shift_change"
def pool_shift_change(x, pool_size, shift):
    """How much a max-pooled map changes at most when its input moves to the right.

    x:         array [height, width, channels], of integers (uint8 included) or floats
    pool_size: pair of ints (vertical, horizontal); the stride is the same, the padding "valid"
    shift:     int, columns to the right; zeros come in from the left. With a shift of the width
               or more only zeros are left.
    Returns a number: the largest absolute difference between the pooled maps of x and of x moved.
    Raises ValueError if the shift is negative, a window size is below 1, or the window is larger
    than x.
    """
    ### BEGIN SOLUTION
    if shift < 0:
        raise ValueError("the shift is negative")
    moved = np.zeros(x.shape)
    moved[:, shift:] = x[:, : max(x.shape[1] - shift, 0)]
    return np.abs(max_pool2d(x, pool_size) - max_pool2d(moved, pool_size)).max()
    ### END SOLUTION


# %% test="pool_shift_change" points=2
import numpy as np

from convlab.checks import check, check_error

x = np.array([[0, 5, 0, 0, 4], [5, 0, 2, 0, 9], [0, 0, 0, 8, 0]])[:, :, np.newaxis]
check(
    pool_shift_change, x, (2, 2), 1,
    gives=3.0, hint="The upper 5 moves into the second window: 2 becomes 5.",
)
check(pool_shift_change, x, (2, 2), 0, gives=0.0, hint="Without a shift nothing changes.")
two = np.stack([[[-1.5, -4.0, -3.0, -2.0]], [[-1.0, 0.0, 2.0, 5.0]]], axis=-1)
check(pool_shift_change, two, (1, 2), 2, gives=5.0, hint="The largest change of both channels.")
check(pool_shift_change, two[:, :, :1], (1, 3), 4, gives=1.5, hint="Only zeros are left.")
bright = np.array([[100, 0, 90, 0]], dtype=np.uint8)[:, :, np.newaxis]
check(pool_shift_change, bright, (1, 2), 2, gives=100.0, hint="90 becomes 100. In uint8, 90 - 100 is 246.")
for shift in [-1, -5]:
    check_error(pool_shift_change, x, (2, 2), shift, because="the shift is negative")
for pool_size in [(4, 1), (1, 6)]:
    check_error(pool_shift_change, x, pool_size, 1, because="the window is larger than x")
for pool_size in [(0, 1), (1, -1)]:
    check_error(pool_shift_change, x, pool_size, 1, because="a window has at least one row and one column")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for size, pool, shift in [((4, 8, 2), (2, 2), 1), ((6, 6, 1), (3, 2), 2), ((5, 7, 3), (2, 3), 4), ((3, 5, 1), (1, 1), 3), ((4, 4, 2), (4, 4), 1), ((4, 6, 1), (2, 2), 6), ((4, 6, 2), (2, 2), 9), ((2, 9, 1), (2, 3), 3)]:
    x = rng.normal(size=size)
    moved = np.array([[[x[i, j - shift, k] if j >= shift else 0.0 for k in range(size[2])] for j in range(size[1])] for i in range(size[0])])
    pooled = [
        np.array([[a[i : i + pool[0], j : j + pool[1]].max(axis=(0, 1)) for j in range(0, size[1] - pool[1] + 1, pool[1])] for i in range(0, size[0] - pool[0] + 1, pool[0])])
        for a in (x, moved)
    ]
    check(pool_shift_change, x, pool, shift, gives=float(np.abs(pooled[0] - pooled[1]).max()))
bright = np.array([[[20], [40], [10], [0], [0], [30]]], dtype=np.uint8)
check(pool_shift_change, bright, (1, 3), 1, gives=20.0)
check(pool_shift_change, bright, (1, 2), 2, gives=40.0)
check_error(pool_shift_change, x, (2, 3), -4, because="the shift is negative")
check_error(pool_shift_change, x, (3, 1), 1, because="the window is larger than x")
check_error(pool_shift_change, x, (1, 10), 1, because="the window is larger than x")
check_error(pool_shift_change, x, (-1, 1), 1, because="a window has at least one row and one column")
check_error(pool_shift_change, x, (1, 0), 1, because="a window has at least one row and one column")
### END HIDDEN TESTS

# %%
# Runs once exercises 3 and 6 are solved.
try:
    picture = bag[:, :, np.newaxis]
    left, right = picture[:, :-1], picture[:, 1:]  # two views of the bag, one column apart
    print("The bag moves by one pixel: the largest change, and all changes together as a share of the map.")
    for size in (1, 2, 4, 7):
        one, other = max_pool2d(left, (size, size)), max_pool2d(right, (size, size))
        share = np.abs(one - other).sum() / one.sum()
        print(f"window {size}: {pool_shift_change(picture, (size, size), 1):.2f} {share:5.1%}")
except NotImplementedError:
    print("solve exercises 3 and 6 first")

# %% [markdown]
# The *largest* change is nearly the same with windows of 2 as without pooling: somewhere a bright value always crosses into the next window.
# But all changes together get smaller: from 19 % of the map without pooling to 10 %, 6 % and less than 1 %. **Now you know why** the
# right word is "a little invariance": pooling calms small shifts in amount, the more, the larger the window, and it promises nothing for a single place.

# %% [markdown]
# ## Who learns from a window?
#
# Training makes one number smaller, the **loss** (손실): how wrong the network is. Each number on the way to it has a **gradient** (기울기): how much
# the loss changes when this number grows. A max pooling hands an output's gradient to the **winner** of its window alone: had
# another value been a tiny bit larger, nothing would have changed.
#
# **Predict first.** Windows of 2 × 2 on the map from the beginning: which four of its sixteen numbers get something?

# %%
pictures.winners(small, (2, 2))

# %% [markdown]
# And average pooling? All four numbers of a window have a say in their mean, a quarter each.
#
# **Predict first.** The gradients 4, 8, −4 and 12 come back to the four outputs. The 9 and the 6 stand side by side in the last window, the one
# that gets 12. What reaches each of them through max pooling? And through average pooling? Then watch it: first forward, then back.

# %%
from convlab.pictures import motion

motion.gradients(small, (2, 2), upstream=np.array([[4, 8], [-4, 12]]))

# %% [markdown]
# Through max pooling 12 and 0, through average pooling 3 and 3. Nothing gets lost on the way: what comes back to a window is the same in both,
# only shared out differently. So a filter in front of a max pooling learns from the winning places alone, and in front of an average pooling
# from every place a little.

# %% [markdown]
# ### Exercise 7, the challenge: `max_pool_gradient` (1 point)
#
# `upstream` has one number for each output: how much the loss changes when this output grows. Hand each number to the winner of its window; all others get 0,
# and so do pixels past the last window.
#
# No window of this exercise has two equal winners. In a network such ties are common: they are in 42 % of the 2 × 2 windows in the bag's edge map, nearly all of them
# black. TensorFlow on a CPU gives everything to the first place. In a black window behind a ReLU that makes no difference, since a ReLU passes no gradient on at 0.

# %% solution="max_pool_gradient"
def max_pool_gradient(x, pool_size, upstream):
    """The gradient of the loss to the input of a max pooling (stride as large as the window, "valid").

    x:         array [height, width, channels], of integers or floats; no window has two equal
               largest values
    pool_size: pair of ints (vertical, horizontal)
    upstream:  array [height // vertical, width // horizontal, channels], the gradient to the output
    Returns an array of x's shape; pixels past the last window get 0.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for i, j, k in np.ndindex(upstream.shape):
        top, left = i * pool_size[0], j * pool_size[1]
        window = x[top : top + pool_size[0], left : left + pool_size[1], k]
        row, col = np.unravel_index(window.argmax(), window.shape)
        gradient[top + row, left + col, k] = upstream[i, j, k]
    return gradient
    ### END SOLUTION


# %% test="max_pool_gradient" points=1
import numpy as np

from convlab.checks import check

# 4 rows, 5 columns, two channels. Windows of 3 × 2: the last row and the last column are in none.
x = np.stack([
    [[1, 3, -2, 0, 9], [5, -4, -1, -3, 7], [0, 2, -9, -6, 8], [7, 5, 6, 8, 9]],
    [[-5, 0, 2, -1, 9], [-6, -4, 1, 6, 7], [3, 9, -1, -4, 8], [8, 5, 7, 9, 6]],
], axis=-1)
upstream = np.array([[[2.5, -4.0], [-1.5, 8.0]]])
due = np.zeros((4, 5, 2))
due[1, 0, 0], due[0, 3, 0] = 2.5, -1.5
due[2, 1, 1], due[1, 3, 1] = -4.0, 8.0
check(
    max_pool_gradient, x, (3, 2), upstream,
    gives=due, hint="5 and 0 won in the first channel, 9 and 6 in the second.",
)
check(max_pool_gradient, x / 2, (3, 2), upstream, gives=due)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for size, pool in [((6, 6, 2), (2, 2)), ((7, 5, 3), (3, 2)), ((4, 8, 3), (4, 3)), ((3, 3, 2), (1, 1)), ((5, 7, 2), (2, 5))]:
    x = rng.permutation(np.prod(size)).reshape(size) - 20
    upstream = rng.normal(size=(size[0] // pool[0], size[1] // pool[1], size[2]))
    due = np.zeros(size)
    for i in range(upstream.shape[0] * pool[0]):
        for j in range(upstream.shape[1] * pool[1]):
            for k in range(size[2]):
                a, b = i // pool[0], j // pool[1]
                window = x[a * pool[0] : (a + 1) * pool[0], b * pool[1] : (b + 1) * pool[1], k]
                if x[i, j, k] == window.max():
                    due[i, j, k] = upstream[a, b, k]
    check(max_pool_gradient, x, pool, upstream, gives=due)
    check(max_pool_gradient, x - 0.5, pool, upstream, gives=due)
### END HIDDEN TESTS

# %% [markdown]
# ## When not to
#
# A network that says *where* something is, pixel by pixel (**segmentation**: this pixel is road, this one is sky), needs exactly what pooling forgets: the position
# inside the window. After three poolings of 2 × 2 a value stands for 8 × 8 pixels. Many networks for segmentation pool all the same, and bring the finer maps from
# before the poolings back in at the end, by *skip connections* (U-Net, 2015).

# %% [markdown]
# ### In your own words: `explain_pooling` (1 point)
#
# Why does pooling help to say *that* there is a bag in a picture, and hurt when every pixel has to be labeled as bag or not bag? Two to four sentences.

# %% [markdown] written="explain_pooling" points=1
# To say that there is a bag, it is enough that its parts were found somewhere, roughly in the right arrangement. Pooling keeps the strongest answers, makes the
# maps smaller, and softens what small shifts do. To label each pixel one has to know exactly where the bag's outline runs; but pooling keeps one value of each
# window and forgets where in the window it was. After several poolings one number stands for a large patch, and from such numbers alone the outline cannot be drawn.
#
# Rubric: half a point for "classification needs to know what, and only roughly where"; half a point for "pooling discards the position inside the window
# (resolution), which segmentation needs".

# %% [markdown]
# ## To remember
#
# - Max pooling keeps the largest value of each window, average pooling the mean; each channel by itself. **No weights.**
# - At 2 × 2 with stride 2, **75 %** of the activations are gone. Shapes follow lesson 3; strides are the window's size unless you say otherwise.
# - Padding never wins (max) and never counts (average).
# - A shift small against the window changes the pooled map less, but it does change it; a shift by a whole window moves the map along.
# - The gradient goes to the winner alone (max), or in equal shares to all (average).
# - Segmentation suffers from pooling, which forgets where in the window a value was.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | pooling | 풀링 | make one number of each window |
# | max pooling, average pooling | 최대 풀링, 평균 풀링 | its largest value, its mean |
# | global average pooling | 전역 평균 풀링 | one mean for each map |
# | equivariance, invariance | 등변성, 불변성 | the map moves along; the map stays as it is |
# | loss | 손실 | how wrong the network is; training makes it smaller |
# | gradient | 기울기 | how much the loss changes when a number grows |
# | feature map | 특성 맵 | what one filter says about one picture |
# | stride | 스트라이드 | the step of the window; here usually its size |
# | padding | 패딩 | places outside the map; they never win and never count |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 6, dropout:** a network can learn its training pictures by heart. How do you keep it from doing so?
# - **To read:** A. Géron, *Hands-On Machine Learning*, third edition (2022), chapter 14, "Pooling Layers"; R. Zhang, *Making Convolutional Networks Shift-Invariant Again* (2019),
#   for what pooling really does to shifts.
