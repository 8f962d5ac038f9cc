# %% [markdown]
# # 3 · Skipping on purpose
#
# A window of 3 × 3 that moves one pixel at a time sees nearly the same thing again and again. Does it have to?
#
# In this lesson you will
#
# - let the window take larger steps, and work out how large the map becomes,
# - pad with a stride as TensorFlow does, which is not quite what one often reads,
# - find out how much work a stride saves, and what it loses,
# - work out how far a deep neuron can see,
# - compute a convolution without any loop over pixels, and measure what that gains.

# %% setup=true
import time

import numpy as np

from convlab import hint, progress
from convlab.data import load_fashion_mnist
from convlab.pictures import stride as pictures

(x_train, y_train), _ = load_fashion_mnist()
boot = x_train[5764]

# %% [markdown]
# ## Larger steps
#
# In lessons 1 and 2 the window moved one pixel at a time. Let it move two pixels at a time, or four: it visits fewer places, and
# the map has fewer values.
#
# The next picture shows a boot and three of its maps. All three come from one kernel, which answers to vertical edges; the window took steps
# of 1, 2 and 4.
#
# **Predict first.** 28 × 28 pixels, a window of 3 × 3 that stays inside. With steps of 1 the map is 26 × 26. With steps of 2? Of 4?

# %%
edge = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
pictures.coarser(boot, edge, strides=[1, 2, 4])

# %% [markdown]
# With steps of 2 you still see the boot. With steps of 4 you have to know that it was one.
#
# The length of a step is called the **stride** (스트라이드). It may differ from axis to axis: a stride of `(2, 1)` moves two rows down
# and one column right. Pairs are always (vertical, horizontal).
#
# Why would anyone want a coarser map? Keep the question; it has two answers, and you will find both.

# %% [markdown]
# ## How many places?
#
# One axis is enough to understand it. Take 8 pixels, a window of 3 and a stride of 2; in the picture, each bracket is one place of the window.
#
# **Predict first.** At which pixels does the window start? Does it ever see the last pixel?

# %%
pictures.row(n=8, kernel=3, stride=2, padding="valid")

# %% [markdown]
# The window starts at $0, s, 2s, \dots$ for as long as it fits. The first place is at 0, and $n - k$ pixels are then left to step over.
# So under "valid" there are
#
# $$\left\lfloor \frac{n - k}{s} \right\rfloor + 1$$
#
# places. Under "same" the rule is simpler still. Cut the row into groups of $s$ pixels, of which the last one may be shorter: each group gets
# one output, so there are $\lceil n / s \rceil$, whatever the kernel.

# %% [markdown]
# ### Exercise 1: `output_size` (2 points)
#
# Return the number of outputs along one axis, for both paddings. Try the formula on the picture above first: $n = 8$, $k = 3$, $s = 2$.
#
# Under "same" a window may be larger than the row; the zeros make room for it. What makes no sense (the docstring lists it) is a `ValueError`.

# %% solution="output_size"
def output_size(n, kernel, stride, padding):
    """Number of outputs along one axis.

    n:       int, pixels along the axis
    kernel:  int, length of the window
    stride:  int, step of the window
    padding: "valid" or "same"
    Returns an int.
    Raises ValueError for an unknown padding, a kernel or stride below 1, and under "valid" a
    kernel larger than n.
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

check(output_size, 9, 6, 2, "valid", gives=2, hint="The window fits at 0 and 2, and not at 4.")
check(output_size, 8, 3, 2, "valid", gives=3)
check(output_size, 5, 1, 2, "valid", gives=3, hint="A window of one pixel fits anywhere.")
check(output_size, 6, 6, 1, "valid", gives=1, hint="A window of 6 fits into 6 pixels.")
check(output_size, 7, 3, 2, "same", gives=4, hint="Groups of 2: 0 1, 2 3, 4 5, and 6 alone.")
check(output_size, 3, 7, 2, "same", gives=2, hint='Under "same" a window may be larger than its input.')
check_error(output_size, 4, 5, 1, "valid", because="the window is longer than the row of pixels")
check_error(output_size, 8, 3, 1, "SAME", because='a padding is either "valid" or "same"')
for padding in ("valid", "same"):
    for length in (-1, 0):
        check_error(output_size, 8, length, 1, padding, because="a window has at least one pixel")
        check_error(output_size, 8, 3, length, padding, because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
sizes = [
    (28, 5, 3), (10, 10, 4), (9, 2, 2), (224, 7, 2), (5, 1, 3), (6, 3, 7), (1, 1, 1), (12, 4, 5), (7, 2, 2), (4, 9, 3),
]
for n, kernel, stride in sizes:
    if kernel <= n:
        fits = [start for start in range(0, n, stride) if start + kernel <= n]
        check(output_size, n, kernel, stride, "valid", gives=len(fits))
    check(output_size, n, kernel, stride, "same", gives=len(range(0, n, stride)))
check_error(output_size, 6, 7, 3, "valid", because="the window is longer than the row of pixels")
check_error(output_size, 9, 4, 2, "SAME", because='a padding is either "valid" or "same"')
for padding in ("valid", "same"):
    check_error(output_size, 5, -2, 2, padding, because="a window has at least one pixel")
    check_error(output_size, 12, 4, -3, padding, because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# ## Same, with a stride
#
# In lesson 2 "same" meant: as many zeros as it takes to keep the size. With a stride the map gets smaller anyway, so TensorFlow asks
# another question: *there are to be $\lceil n / s \rceil$ outputs; how many zeros does the last window need?*
#
# The last window starts at $(\lceil n / s \rceil - 1) \cdot s$ and is $k$ long. What sticks out past the $n$ pixels has to be zeros:
#
# $$\text{zeros} = \max\bigl((\lceil n / s \rceil - 1) \cdot s + k - n,\; 0\bigr)$$
#
# Half of them, rounded down, go before the pixels, the rest after.

# %% [markdown]
# **Is that so?** One often reads that "same" adds $(k-1)/2$ zeros on each side. In lesson 2 that failed for even kernels. Now try an odd one,
# with a stride.
#
# **Predict first.** 8 pixels, a window of 3, a stride of 2. By that rule there is one zero on each side. How many are there by the formula above?

# %%
pictures.row(n=8, kernel=3, stride=2, padding="same")

# %% [markdown]
# One zero in all, and it stands after the pixels. And the same window with the same stride on 7 pixels?

# %%
pictures.row(n=7, kernel=3, stride=2, padding="same")

# %% [markdown]
# So the number of zeros depends on $n$ and $s$ too, not on $k$ alone. PyTorch's layer has no "same" for strides above 1: there you give one
# number of zeros, which goes on both sides. If TensorFlow's total is odd, no such number fits: move a layer that was trained in Keras there, and
# every window stands a pixel off, unless you pad by hand first.
#
# **Play.** Here you can change all four: pixels, window, stride and padding. The formulas fill themselves in. Stay with 8 pixels and a window of 3.
# Can you find, under "same", a stride that needs no zeros at all? And, under "valid", one that leaves out a pixel in the middle as well as one at the end?

# %%
from convlab import explorers

explorers.window_sizes()

# %% [markdown]
# <details><summary>Found them?</summary>
#
# Strides of 4 and 5 need no zeros: two windows, and the second one ends within the row. Under "valid" a stride of 4 leaves out pixel 3, between
# its two windows, and pixel 7, at the end.
#
# </details>

# %% [markdown]
# ### Exercise 2: `same_padding_strided` (2 points)
#
# Return how many zeros stand before and after the pixels of one axis. The number of outputs is $\lceil n / s \rceil$; compute it here,
# or call your `output_size`. There are never fewer than 0 zeros.

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
check(same_padding_strided, 5, 4, 1, gives=(1, 2), hint="With a stride of 1 it is what lesson 2 says.")
check(same_padding_strided, 2, 6, 3, gives=(2, 2), hint="A window may be larger than its input.")
check(same_padding_strided, 6, 1, 2, gives=(0, 0), hint="There are never fewer than 0 zeros.")
for length in (-1, 0):
    check_error(same_padding_strided, 8, length, 1, because="a window has at least one pixel")
    check_error(same_padding_strided, 8, 3, length, because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
for (n, kernel, stride), due in {
    (6, 1, 4): (0, 0), (28, 5, 2): (1, 2), (27, 5, 2): (2, 2), (10, 7, 3): (3, 3), (9, 2, 4): (0, 1),
    (11, 7, 3): (2, 3), (4, 9, 2): (3, 4), (1, 3, 5): (1, 1), (224, 7, 2): (2, 3), (12, 2, 3): (0, 0),
    (13, 2, 3): (0, 1), (9, 4, 3): (0, 1), (1, 1, 1): (0, 0), (7, 3, 1): (1, 1), (2, 8, 1): (3, 4),
}.items():
    check(same_padding_strided, n, kernel, stride, gives=due)
check_error(same_padding_strided, 5, -3, 2, because="a window has at least one pixel")
check_error(same_padding_strided, 6, 2, -2, because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# ## A convolution with a stride
#
# Output $(i, j)$ no longer sees the patch at pixel $(i, j)$. Its patch begins at row $i \cdot s_h$ and column $j \cdot s_w$:
#
# $$z_{i,j} = \sum_{u=0}^{k_h-1} \; \sum_{v=0}^{k_w-1} \tilde{x}_{i s_h + u,\; j s_w + v} \; w_{u,v}$$
#
# Here $s_h$ is the vertical stride, $s_w$ the horizontal one, and $\tilde{x}$ the picture with its zeros around it ("valid": the picture itself).
#
# **Predict first.** A stride of `(2, 1)`. Which pixel is the top left corner of the patch of output (1, 1)? Multiply and add its four
# pairs in your head, then run.

# %%
small = np.array([
    [3, 1, 0, 2, 1],
    [0, 5, 1, 1, 0],
    [2, 0, 4, 0, 1],
    [1, 1, 0, 3, 2],
    [0, 2, 1, 0, 1],
])
pictures.window(small, np.array([[1, -1], [2, 0]]), strides=(2, 1), row=1, col=1)

# %% [markdown]
# The last row of the picture is in no window at all. Change `strides`, `row` and `col` until you can tell the patch before you see it.

# %% [markdown]
# ### Exercise 3: `conv2d_strided` (3 points)
#
# Now all of it together: any kernel, a stride for each axis, both paddings. Two loops over the outputs are fine, and you may call the functions
# that you wrote above. Remember that `uint8` overflows above 255, and that the output may have decimals even if the image has none.

# %% solution="conv2d_strided"
def conv2d_strided(image, kernel, strides, padding):
    """2-D convolution of one channel with a stride, kernel not flipped.

    image:   array [height, width], of integers (uint8 included) or floats
    kernel:  array [kernel_height, kernel_width]
    strides: pair of ints (vertical, horizontal)
    padding: "valid" or "same", as in Keras
    Returns an array with as many rows and columns as `output_size` says. It does not change its
    arguments. Under "same" the kernel may be larger than the image.
    Raises ValueError for an unknown padding, a stride below 1, and under "valid" a kernel larger
    than the image.
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

image = np.array([
    [3, 1, 0, 2, 1, 4],
    [0, 5, 1, 1, 0, 2],
    [2, 0, 4, 0, 1, 1],
    [1, 1, 0, 3, 2, 0],
    [0, 2, 1, 0, 1, 3],
])
kernel = np.array([[1, -1, 0.5], [2, 0, -3]])
check(
    conv2d_strided, image, kernel, (2, 1), "valid",
    gives=np.array([[-1, 9, 0.5, -1], [6, -11, -1.5, 5.5]]), hint="Two rows down, one column right.",
)
check(
    conv2d_strided, image, kernel, (2, 3), "same",
    gives=np.array([[-1, -1], [6, 5.5], [-1.5, 0.5]]), hint="One row of zeros at the bottom, no column of zeros.",
)
check(
    conv2d_strided, image.astype("float32"), kernel.astype("float32"), [3, 2], "same",
    gives=np.array([[-1, 0.5, -3], [-3, -3, 4]]),
)
check(
    conv2d_strided, image[:2, :3] - 1.5, np.array([[1, 0, 2, -1], [0, 3, 1, 0], [2, 1, -1, 4]]), (1, 2), "same",
    gives=np.array([[-3, 2], [-0.5, -2]]), hint='Under "same" a kernel may be larger than the image.',
)
bright = np.array([[200, 210, 220], [240, 250, 255]], dtype=np.uint8)
check(
    conv2d_strided, bright, np.array([[200, 100]], dtype=np.uint8), (1, 1), "valid",
    gives=np.array([[61000.0, 64000], [73000, 75500]]), hint="uint8 overflows above 255.",
)
for too_large in [np.ones((6, 2)), np.ones((2, 7))]:
    check_error(conv2d_strided, image, too_large, (1, 1), "valid", because="the kernel is larger than the image")
for strides in [(-1, 1), (1, 0)]:
    check_error(conv2d_strided, image, kernel, strides, "same", because="a step is at least one pixel long")
check_error(conv2d_strided, image, kernel, (1, 1), "full", because='a padding is either "valid" or "same"')
### BEGIN HIDDEN TESTS
# What Keras computes, written down.
keras_image = np.array([[2, -1, 0, 3, 1, 4], [0, 5, -2, 1, 1, 0], [3, 0, 4, -3, 2, 1], [1, 2, 0, 6, -1, 2]])
keras_kernel = np.array([[1.0, 0, -2], [3, -1, 4]])
for strides, padding, due in [
    ((2, 2), "same", [[-11, -5, 4], [-4, -10, -3]]),
    ((1, 2), "same", [[-11, -5, 4], [29, 19, 6], [-4, -10, -3], [1, 2, -1]]),
    ((3, 2), "same", [[-11, -5, 4], [1, 2, -1]]),
    ((2, 1), "valid", [[-11, 14, -5, -3], [-4, 36, -10, 22]]),
    ((1, 3), "valid", [[-11, -3], [29, -6], [-4, 22]]),
    ((2, 4), "same", [[-11, 4], [-4, -3]]),
]:
    check(conv2d_strided, keras_image, keras_kernel, strides, padding, gives=np.array(due, dtype=float))
rng = np.random.default_rng(1)
for size, kernel_size, strides in [
    ((6, 6), (3, 3), (2, 2)), ((7, 5), (2, 3), (3, 1)), ((5, 8), (3, 1), (1, 2)), ((8, 9), (4, 4), (2, 3)),
    ((6, 7), (1, 1), (4, 2)), ((9, 4), (5, 2), (2, 2)), ((5, 5), (5, 5), (1, 1)), ((4, 6), (2, 2), (5, 5)),
]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    for padding in ("valid", "same"):
        counts, frame = [], []
        for n, k, s in zip(size, kernel_size, strides):
            counts.append(len([a for a in range(0, n, s) if padding == "same" or a + k <= n]))
            frame.append(max((counts[-1] - 1) * s + k - n, 0) // 2 if padding == "same" else 0)
        due = np.zeros(counts)
        for i, j in np.ndindex(*counts):
            for u, v in np.ndindex(*kernel_size):
                row, col = i * strides[0] + u - frame[0], j * strides[1] + v - frame[1]
                if 0 <= row < size[0] and 0 <= col < size[1]:
                    due[i, j] += x[row, col] * w[u, v]
        check(conv2d_strided, x, w, strides, padding, gives=due)
        check(conv2d_strided, x.astype("float32"), w.astype("float32"), list(strides), padding, gives=due)
check(
    conv2d_strided, np.ones((2, 3)), np.ones((4, 5)), (1, 2), "same",
    gives=np.array([[6.0, 6.0], [6.0, 6.0]]), hint='Under "same" a kernel may be larger than the image.',
)
bright = np.array([[200, 210, 220, 230], [240, 250, 255, 205], [215, 225, 235, 245]], dtype=np.uint8)
check(
    conv2d_strided, bright, np.ones((2, 2), dtype=np.uint8), (1, 2), "valid",
    gives=np.array([[900.0, 910.0], [930.0, 940.0]]), hint="uint8 overflows above 255.",
)
check(
    conv2d_strided, bright, np.array([[100, 250]], dtype=np.uint8), (2, 2), "same",
    gives=np.array([[72500.0, 79500], [77750, 84750]]), hint="uint8 overflows above 255.",
)
check_error(conv2d_strided, image, np.ones((2, 8)), (2, 2), "valid", because="the kernel is larger than the image")
for strides in [(0, 1), (2, -2)]:
    check_error(conv2d_strided, image, kernel, strides, "same", because="a step is at least one pixel long")
check_error(conv2d_strided, image, kernel, (0, 1), "valid", because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# ## What a stride saves
#
# **Is that so?** One often hears that a stride of 2 just shrinks the map, and that computing everything and keeping every second value costs
# the same. That is two claims: one about the values, one about the work.
#
# **Predict first.** Are the values the same? And how many multiplications does each of the two ways need for the boot?

# %%
# Runs once exercise 3 is solved.
try:
    everything = conv2d_strided(boot, edge, (1, 1), "valid")
    skipping = conv2d_strided(boot, edge, (2, 2), "valid")
    print("the strided map is every second value:", np.array_equal(everything[::2, ::2], skipping))
    whole, saved = everything.size * edge.size, skipping.size * edge.size
    print(f"multiplications: {whole:,} for everything, {saved:,} with the stride")
    print(f"{whole / saved:g} times fewer")
except NotImplementedError:
    print("solve exercise 3 first")

# %% [markdown]
# The values are the same, the work is not. Here are the places of a window on a smaller map: the full dots are computed and kept. With a
# stride the hollow ones are never computed; without it they are computed and thrown away.

# %%
pictures.kept(places=(6, 12), strides=(2, 2))

# %% [markdown]
# **Now you know why** networks skip on purpose. This is the first answer: a stride of 2 along both axes means about **a quarter of the places and
# a quarter of the work** (exactly a quarter where the number of places is even, as here). And the next layer gets a map with a quarter of the
# values, so it saves as well.

# %% [markdown]
# Mind the small print. **Predict first.** Under "same", is the strided map also every second value of the map with stride 1?

# %%
# Runs once exercise 3 is solved.
try:
    everything = conv2d_strided(boot, edge, (1, 1), "same")
    skipping = conv2d_strided(boot, edge, (2, 2), "same")
    print("values 0, 2, 4, …:", np.array_equal(everything[::2, ::2], skipping))
    print("values 1, 3, 5, …:", np.array_equal(everything[1::2, 1::2], skipping))
except NotImplementedError:
    print("solve exercise 3 first")

# %% [markdown]
# It is every second value again, but the *other* ones. 28 pixels and a window of 3 get one zero on each side with a stride of 1, and with a
# stride of 2 a single zero, after the pixels: all windows stand one pixel further on. So if you slice a "same" map of stride 1, you may get
# another map than Keras. It depends on the numbers: with 27 or 29 pixels, or with a window of 2, the two agree.

# %% [markdown]
# *A good place to stop for today: half of the lesson is behind you. Save, and when you come back, click into the next cell and choose
# Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## What a stride loses: the end
#
# You met the first loss in the picture of 8 pixels: no window saw the last one. Under "valid" the pixels past the end of the last window
# are simply dropped.
#
# **Predict first.** 28 pixels, a window of 5, a stride of 4: how many pixels are dropped?

# %%
pictures.row(n=28, kernel=5, stride=4, padding="valid")

# %% [markdown]
# In two dimensions whole rows and columns go. Next, a window of 2 × 2 moves over the same picture twice, with strides of 1 and 2, each time
# at one place per second.
#
# **Predict first.** At stride 1 it has 16 places. How many at stride 2, and how many of the 25 pixels does it never see? (More than 5.)

# %%
from convlab.pictures import motion

motion.strides(small, np.array([[1, -1], [2, 0]]), [1, 2])

# %% [markdown]
# Four places, and it is done in a quarter of the time; its four outputs are the dark ones on the left. Hatched is what it ignores: the last
# row and the last column, 9 of 25 pixels. Nine and not ten, since the pixel in their corner is dropped only once.

# %% [markdown]
# If the stride is larger than the window, there are also **gaps** between the windows. A window of 2 with a stride of 4:

# %%
pictures.row(n=13, kernel=2, stride=4, padding="valid")

# %% [markdown]
# ### Exercise 4: `ignored_pixels` (1 point)
#
# Return how many pixels lie **past the end of the last valid window**. Pixels in gaps between two windows do not count here.

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

check(ignored_pixels, 10, 6, 4, gives=0, hint="The windows cover pixels 0 to 5 and 4 to 9 of 0 to 9.")
check(ignored_pixels, 8, 3, 2, gives=1, hint="The last window covers pixels 4, 5 and 6 of 0 to 7.")
check(ignored_pixels, 13, 2, 4, gives=3, hint="Pixels 10, 11 and 12. Gaps between two windows do not count.")
check(ignored_pixels, 9, 1, 5, gives=3)
check(ignored_pixels, 7, 7, 1, gives=0)
check_error(ignored_pixels, 2, 3, 1, because="not even one window fits")
for length in (-1, 0):
    check_error(ignored_pixels, 8, length, 2, because="a window has at least one pixel")
    check_error(ignored_pixels, 8, 3, length, because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
sizes = [
    (28, 5, 4), (28, 3, 2), (10, 10, 3), (9, 2, 4), (11, 1, 6), (12, 3, 5), (7, 3, 2), (6, 2, 9), (8, 5, 1),
]
for n, kernel, stride in sizes:
    last = max(start for start in range(0, n, stride) if start + kernel <= n)
    check(ignored_pixels, n, kernel, stride, gives=n - last - kernel)
check_error(ignored_pixels, 5, 7, 2, because="not even one window fits")
check_error(ignored_pixels, 8, -1, 2, because="a window has at least one pixel")
check_error(ignored_pixels, 8, 3, -1, because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# ## What a stride loses: what stood in between
#
# The second loss is harder to see. Fine detail may fall between the places. Take a shirt with stripes one pixel wide, and the same shirt one
# pixel further right. The kernel $(-1, 1)$ asks: does it get brighter to the right?
#
# **Predict first.** At stride 1 the map is striped, too. What will a stride of 2 make of the two shirts?

# %%
stripes = np.tile([0, 1], (12, 7))[:, :13]
pictures.two_shirts(stripes, 1 - stripes, np.array([[-1, 1]]), stride=2)

# %% [markdown]
# At stride 2 the stripes are gone. One map says "brighter everywhere", the other one "darker everywhere", and it is the same pattern! A pattern
# finer than the steps poses as a coarser one: engineers call this **aliasing** (앨리어싱). Some networks blur a map slightly before they skip,
# to soften it.
#
# Lesson 1 praised convolution because the map moves along when the picture moves (equivariance). How much is left of that with a stride of 2?
#
# **Predict first.** Move the boot by one pixel, then by two. Does its map move along?

# %%
# Runs once exercise 3 is solved.
try:
    before = conv2d_strided(boot, edge, (2, 2), "valid")
    for pixels in (1, 2):
        after = conv2d_strided(np.roll(boot, pixels, axis=1), edge, (2, 2), "valid")
        # Column 0 of the new map has pixels that came in from the other side.
        stays = np.array_equal(after[:, 1:], before[:, 1:])
        moves = np.array_equal(after[:, 1:], before[:, :-1])
        print(f"boot moved by {pixels}: same map in place: {stays}, one column further right: {moves}")
except NotImplementedError:
    print("solve exercise 3 first")

# %% [markdown]
# Only if the picture moves by a whole stride does the map move along. Moved by one pixel, it is **another map**: other places are looked at.
# That is the price.

# %% [markdown]
# ## How far does a deep neuron see?
#
# Now for the second answer to "why a coarser map?". A neuron of layer 1 sees $k_1$ pixels. A neuron of layer 2 sees $k_2$ neurons of layer 1,
# and these stand $s_1$ pixels apart. The stretch of the picture that a neuron can depend on is its **receptive field** (수용 영역).
#
# **Predict first.** Two layers with windows of 3, both with stride 1: five pixels. And if the first layer has a stride of 2?

# %%
pictures.field([(3, 2), (3, 1)])

# %% [markdown]
# Count along the bottom row, from the first to the last pixel that the top neuron depends on. Pixels in between count, even if a large stride
# leaves a **hole** there, like the hollow pixel here:

# %%
pictures.field([(3, 4), (2, 1)])

# %% [markdown]
# ### Exercise 5: `receptive_field_size` (2 points)
#
# Return the size of the field for any stack of layers, along one axis.
#
# One way to think of it: the neuron at the top is 1 output of its layer. How many inputs does a layer need to make $m$ neighboring outputs?
# Go down, layer by layer.

# %% solution="receptive_field_size"
def receptive_field_size(layers):
    """Pixels along one axis from the first to the last that an output neuron depends on, holes included.

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
    receptive_field_size, [(3, 2), (4, 3)],
    gives=9, hint="4 neurons of layer 1, which stand 2 pixels apart, each 3 pixels wide.",
)
check(receptive_field_size, [[5, 1], [1, 3], [2, 1]], gives=8, hint="A list in place of a pair is fine.")
check(receptive_field_size, [(3, 4), (2, 1)], gives=7, hint="From the first to the last pixel, the hole included.")
check(receptive_field_size, [], gives=1, hint="Without a layer, the neuron is the pixel itself.")
for length in (-1, 0):
    check_error(receptive_field_size, [(length, 1), (3, 1)], because="a window has at least one pixel")
    check_error(receptive_field_size, [(3, 1), (3, length)], because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
for layers in [
    [(7, 2), (2, 2), (3, 1), (3, 1)], [(3, 1)] * 13, [(5, 3), (1, 4), (2, 2)], [(1, 1)], [(2, 2)] * 5,
    [(1, 3)], [(3, 4), (2, 1)], [(2, 3), (3, 1), (4, 2)], [[11, 4], [3, 2], [5, 1]], [(1, 5), (2, 1)],
]:
    # First and last pixel that the neuron at place 0 depends on.
    first, last = 0, 0
    for kernel, stride in layers[::-1]:
        first, last = first * stride, last * stride + kernel - 1
    check(receptive_field_size, layers, gives=last - first + 1)
check(receptive_field_size, [(7, 2), (2, 2), (3, 1), (3, 1)], gives=25)
check(receptive_field_size, [(5, 3), (1, 4), (2, 2)], gives=17)
check(receptive_field_size, [[11, 4], [3, 2], [5, 1]], gives=51)
check_error(receptive_field_size, [(3, 1), (0, 1)], because="a window has at least one pixel")
check_error(receptive_field_size, [(2, 1), (-4, 1)], because="a window has at least one pixel")
check_error(receptive_field_size, [(3, -1), (3, 1)], because="a step is at least one pixel long")
check_error(receptive_field_size, [(3, 0)], because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Layers with windows of 3, one on top of the other. How many does it take until the field is at least 28 pixels long, with
# strides of 1? With strides of 2?

# %%
# Runs once exercise 5 is solved.
try:
    for stride in (1, 2):
        fields = [receptive_field_size([(3, stride)] * depth) for depth in range(1, 15)]
        enough = 1 + sum(size < 28 for size in fields)
        print(f"stride {stride}: {enough} layers; fields {fields[:enough]}")
except NotImplementedError:
    print("solve exercise 5 first")

# %% [markdown]
# With strides of 2 the field about doubles from layer to layer; with strides of 1 a window of 3 adds two pixels. This is the second answer: a
# coarser map lets the layers above it see further, with windows as small as before.

# %% [markdown]
# Two grains of salt. **The field ignores the border.** In a picture of 28 pixels, "valid" cannot even build these stacks: the map is smaller than
# the window after 13 layers of stride 1, and after 3 of stride 2. Under "same" four layers of stride 2 have a field of 31, but part of each field
# lies on the zeros: no neuron sees more than 27 of the 28 pixels. It takes a fifth layer to see them all.
#
# **Not all pixels of a field count alike.** From the middle, many more paths lead up to the neuron than from the ends. If all weights of 13 layers
# are equal, the field is 27 pixels long, and the 13 in its middle carry 97 % of the neuron's value. So the *effective* receptive field is smaller
# than the one that you compute.

# %% [markdown]
# ## Without a loop
#
# Two Python loops over all places are easy to read, and slow. NumPy can hand you *all* windows at once, without copying a single pixel:

# %%
windows = np.lib.stride_tricks.sliding_window_view(small, (2, 2))
print("picture", small.shape, "→ windows", windows.shape)
print("the window at row 2, column 1:\n", windows[2, 1])

# %% [markdown]
# The first two axes say *where* the window stands, the last two go through the pixels *inside* it.
#
# **Predict first.** A slice of `windows` holds just the windows of a stride of `(2, 1)`. What is its shape? And when the windows have been multiplied by
# the kernel, over which two axes do you have to sum?
#
# <details><summary>Compare</summary>
#
# These windows stand at rows 0 and 2 and at all four columns, so the slice has the shape (2, 4, 2, 2). The sum runs over the two axes inside the
# window, the last ones, and an output of (2, 4) is left.
#
# </details>

# %% [markdown]
# ### Exercise 6, the challenge: `conv2d_fast` (2 points)
#
# "valid" only, and please without a Python loop over the places. The tests look at the values alone, on a picture of 256 × 256 as well; the plot
# below shows your speed. The strides need a check of their own: NumPy's slices run backwards without complaint.

# %% solution="conv2d_fast"
def conv2d_fast(image, kernel, strides):
    """2-D convolution of one channel with a stride, window inside the image, without a loop over pixels.

    image:   array [height, width], of integers (uint8 included) or floats
    kernel:  array [kernel_height, kernel_width]
    strides: pair of ints (vertical, horizontal)
    Returns the same array as conv2d_strided(image, kernel, strides, "valid"). It does not change
    its arguments.
    Raises ValueError if a stride is below 1 or the kernel is larger than the image.
    """
    ### BEGIN SOLUTION
    if min(strides) < 1:
        raise ValueError("no such stride")
    # NumPy itself raises a ValueError for a kernel larger than the image.
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel)
    ### END SOLUTION


# %% test="conv2d_fast" points=2
import numpy as np

from convlab.checks import check, check_error

image = np.array([
    [3, 1, 0, 2, 1, 4],
    [0, 5, 1, 1, 0, 2],
    [2, 0, 4, 0, 1, 1],
    [1, 1, 0, 3, 2, 0],
    [0, 2, 1, 0, 1, 3],
])
kernel = np.array([[1, -1, 0.5], [2, 0, -3]])
check(
    conv2d_fast, image, kernel, (2, 1),
    gives=np.array([[-1, 9, 0.5, -1], [6, -11, -1.5, 5.5]]), hint="Two rows down, one column right.",
)
check(conv2d_fast, image - 2.5, kernel, [2, 3], gives=np.array([[0.25, 0.25], [7.25, 6.75]]))
check(
    conv2d_fast, image.astype("float32"), kernel[:1].astype("float32"), (3, 2),
    gives=np.array([[2, -1.5], [0, -2]]), hint="A kernel of a single row.",
)
bright = np.array([[200, 210, 220], [240, 250, 255]], dtype=np.uint8)
check(
    conv2d_fast, bright, np.array([[200, 100, 0], [50, 1, 250]], dtype=np.uint8), (1, 1),
    gives=np.array([[137000.0]]), hint="uint8 overflows above 255.",
)
for too_large in [np.ones((6, 2)), np.ones((2, 7))]:
    check_error(conv2d_fast, image / 2, too_large, (1, 1), because="the kernel is larger than the image")
for strides in [(-1, 1), (1, 0)]:
    check_error(conv2d_fast, image, kernel, strides, because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for size, kernel_size, strides in [
    ((6, 6), (3, 3), (2, 2)), ((7, 5), (2, 3), (3, 1)), ((5, 8), (3, 1), (1, 2)), ((9, 4), (4, 4), (4, 4)),
    ((3, 3), (1, 1), (1, 1)), ((4, 7), (2, 2), (5, 5)), ((6, 3), (5, 2), (1, 1)), ((3, 6), (2, 5), (1, 1)),
    ((4, 3), (4, 3), (1, 2)), ((256, 256), (5, 5), (2, 3)),
]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    # One shifted picture for each weight of the kernel.
    rows, cols = [(n - k) // s + 1 for n, k, s in zip(size, kernel_size, strides)]
    due = np.zeros((rows, cols))
    for u, v in np.ndindex(*kernel_size):
        due += w[u, v] * x[u :: strides[0], v :: strides[1]][:rows, :cols]
    check(conv2d_fast, x, w, strides, gives=due)
    check(conv2d_fast, x.astype("float32"), w.astype("float32"), list(strides), gives=due)
bright = np.array([[200, 210, 220, 230], [240, 250, 255, 205], [215, 225, 235, 245]], dtype=np.uint8)
check(
    conv2d_fast, bright, np.ones((2, 2), dtype=np.uint8), (1, 2),
    gives=np.array([[900.0, 910.0], [930.0, 940.0]]), hint="uint8 overflows above 255.",
)
check(
    conv2d_fast, bright, np.array([[100, 250]], dtype=np.uint8), (2, 2),
    gives=np.array([[72500.0, 79500], [77750, 84750]]), hint="uint8 overflows above 255.",
)
check_error(conv2d_fast, image, np.ones((2, 8)), (2, 2), because="the kernel is larger than the image")
for strides in [(0, 1), (1, -2)]:
    check_error(conv2d_fast, image, kernel, strides, because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** How many times faster is it than your loop? Does the advantage grow or shrink as the picture grows?

# %%
# Runs once exercises 3 and 6 are solved.
def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


try:
    sizes, ratios, rng = [16, 32, 64, 128], [], np.random.default_rng(0)
    for size in sizes:
        picture = rng.random((size, size))
        # Side by side, so that a busy computer slows down both; the best of five.
        rounds = [
            (
                seconds(conv2d_strided, picture, edge, (1, 1), "valid"),
                seconds(conv2d_fast, picture, edge, (1, 1)),
            )
            for _ in range(5)
        ]
        slow, fast = np.min(rounds, axis=0)
        ratios.append(slow / fast)
    display(pictures.speedup(sizes, ratios))
except NotImplementedError:
    print("solve exercises 3 and 6 first")

# %% [markdown]
# The arithmetic is the same in both. What costs is asking Python for every single output; NumPy is asked a few times in all, which weighs less and
# less as the picture grows. So loops over pixels are left to compiled code, which is one reason for frameworks such as TensorFlow. The others
# weigh as much: they work out the gradients by themselves, and run on graphics cards.

# %% [markdown]
# ### In your own words: `explain_stride` (1 point)
#
# A network may shrink its maps with a *pooling layer* (it keeps the largest of each 2 × 2 values; lesson 5), or with a convolution of stride 2.
#
# Why can the stride replace the pooling layer, and what does each of the two lose? Two to five sentences, which a person will read and grade.

# %% [markdown] written="explain_stride" points=1
# Both halve the height and the width of the map, so both make the layers after them cheaper, and each later step counts double in the picture:
# two windows of 3 have a field of 5 pixels, of 7 if the first has a stride of 2, and of 8 with a pooling layer between them. The convolution of
# stride 2 does it while it computes its map, and its weights can learn what to keep.
#
# What the stride loses: outputs at the skipped places are never computed, so a strong answer there is missed, and fine detail can vanish or turn into
# something else. What pooling loses: it keeps the largest value of each window, and forgets the three smaller ones and where the largest one stood; it
# has nothing to learn, and all values had to be computed first.
#
# Rubric: half a point for "both shrink the map by the same factor" with a consequence (fewer outputs, cheaper, or a larger receptive field);
# half a point for naming a loss of each: the skipped places for the stride, the position or the smaller values for pooling. A quarter if only one
# loss is named.

# %% [markdown]
# ## To remember
#
# - A stride of $s$ moves the window $s$ pixels at a time: about $1/s^2$ of the outputs and of the work. What is skipped is never computed.
# - **valid**: $\lfloor (n - k) / s \rfloor + 1$ places; pixels past the last window are dropped.
# - **same**: $\lceil n / s \rceil$ places; $\max((\lceil n/s \rceil - 1) s + k - n, 0)$ zeros in all, half of them, rounded down, before.
# - Output $(i, j)$ sees the patch that begins at $(i \, s_h,\; j \, s_w)$.
# - Fine detail can fall between the places (aliasing), and the map moves along only with moves by whole strides.
# - Receptive field, from the top down: $r \leftarrow (r - 1) \, s + k$, from $r = 1$. A stride makes all layers above it see further.
# - Let NumPy loop, not Python.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | convolution | 합성곱 | slide a kernel over the picture, weighted sum at each place |
# | kernel | 커널 | the weights that are slid over the picture |
# | stride | 스트라이드 | the step of the window, vertical and horizontal |
# | padding | 패딩 | zeros around the picture |
# | feature map | 특성 맵 | the output of one filter; a stride makes it coarser |
# | aliasing | 앨리어싱 | a pattern finer than the steps poses as a coarser one |
# | equivariance | 등변성 | when the picture moves, the map moves along; with a stride, only for whole strides |
# | receptive field | 수용 영역 | the pixels that one output can depend on |
# | pooling | 풀링 | keep one number of each window; lesson 5 |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 4, filters:** so far somebody gave you the kernels. What do they look for, and what if there are many?
# - **To read:** V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning*, sections 2.3 and 2.4 (TensorFlow's one-sided
#   zeros are not in it); A. Araujo, W. Norris and J. Sim, *Computing receptive fields of convolutional neural networks* (Distill, 2019); W. Luo and
#   others, *Understanding the effective receptive field in deep convolutional neural networks* (2016); J. T. Springenberg and others, *Striving
#   for simplicity: the all convolutional net* (2015), a network with strides instead of pooling; R. Zhang, *Making convolutional networks
#   shift-invariant again* (2019), on blurring before skipping.
