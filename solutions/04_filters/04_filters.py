# %% [markdown]
# # 4 · What does a filter look for?
#
# Slide one kernel of nine numbers over a picture, and its vertical edges light up. Change the nine numbers, and the horizontal ones do.
# What do the numbers know?
#
# In this lesson you will
#
# - read a filter like a stencil, and know what it answers to besides its own pattern,
# - write down the one equation that the whole chapter is about, with channels, filters, bias and stride,
# - tell a *filter* from its *feature map*,
# - put your own weights into a layer of Keras, and get the same numbers,
# - work out which filter somebody else used.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import load_fashion_mnist
from convlab.pictures import filters as pictures
from convlab.quiet import keras
from keras import layers

(x_train, y_train), _ = load_fashion_mnist()
shirt = x_train[89] / 255

# %% [markdown]
# ## A stencil that adds up
#
# **Predict first.** Below are two filters of 7 × 7: all zeros, except for a line of ones in the middle. Which of the two answers more strongly to the
# sides of the T-shirt, which one to its hem (the bright lower edge), which one to its sleeves?

# %%
vertical, horizontal = np.zeros((7, 7)), np.zeros((7, 7))
vertical[:, 3] = horizontal[3, :] = 1
pictures.detectors(shirt, [vertical, horizontal], ["vertical line", "horizontal line"])

# %% [markdown]
# Where a bright vertical line lies under the vertical filter, all seven ones meet bright pixels, and the weighted sum is large. Where a
# horizontal line lies under it, only one of them does. So the sides belong to the vertical filter (4.1 on average, against 2.2), and the hem to
# the horizontal one (4.6 against 3.0). The sleeves are about as wide as they are long, and slanted: 2.6 for both.
#
# So a **filter** (필터) is a set of weights, and it acts as a detector: the output is large where bright pixels lie under its large
# weights. The map of all its answers is called a **feature map** (특성 맵).

# %% [markdown]
# ### Exercise 1: `line_filter` (1 point)
#
# Make such filters. The size is odd, so that there is a middle; any other size, and any other direction than the two, is a `ValueError`.

# %% solution="line_filter"
def line_filter(size, direction):
    """A filter that looks for a line: zeros, with ones on the middle row or column.

    size:      odd int, the filter has size x size weights
    direction: "horizontal" (ones on the middle row) or "vertical" (ones on the middle column)
    Returns an array [size, size].
    Raises ValueError if the size is even or below 1, or for an unknown direction.
    """
    ### BEGIN SOLUTION
    if size % 2 == 0:
        raise ValueError(f"a filter of size {size} has no middle")
    weights = np.zeros((size, size))  # a negative size is a ValueError of NumPy's own
    if direction == "horizontal":
        weights[size // 2] = 1
    elif direction == "vertical":
        weights[:, size // 2] = 1
    else:
        raise ValueError(f"unknown direction {direction!r}")
    return weights
    ### END SOLUTION


# %% test="line_filter" points=1
import numpy as np

from convlab.checks import check, check_error

check(line_filter, 5, "horizontal", gives=np.array([[0.0] * 5, [0] * 5, [1] * 5, [0] * 5, [0] * 5]))
check(line_filter, 5, "vertical", gives=np.array([[0.0, 0, 1, 0, 0]] * 5))
check(line_filter, 1, "vertical", gives=np.array([[1.0]]))
for size in (4, 0, -3):
    check_error(line_filter, size, "vertical", because="only an odd size of at least 1 has a middle")
check_error(line_filter, 3, "Vertical", because='a direction is either "horizontal" or "vertical"')
### BEGIN HIDDEN TESTS
for size in (1, 5, 7, 11):
    due = np.zeros((size, size))
    due[(size - 1) // 2, :] = 1.0
    check(line_filter, size, "horizontal", gives=due)
    check(line_filter, size, "vertical", gives=due.T.copy())
for size in (2, 0, -5):
    check_error(line_filter, size, "horizontal", because="only an odd size of at least 1 has a middle")
check_error(line_filter, 5, "Vertical", because='a direction is either "horizontal" or "vertical"')
### END HIDDEN TESTS

# %% [markdown]
# ## A line, or just a bright place?
#
# Why is the whole shirt gray in both maps? **Predict first.** What does the vertical filter answer to a perfect line, what to a place that is
# bright all over, and what to a line half as bright? And a filter with the columns −1, 2, −1?

# %%
zero_sum = np.array([[-1.0, 2.0, -1.0]] * 7)
line, surface = np.zeros((7, 7)), np.ones((7, 7))
line[:, 3] = 1
for name, patch in [("line", line), ("surface", surface), ("dim line", line / 2)]:
    ones, sharp = np.sum(patch * vertical), np.sum(patch[:, 2:5] * zero_sum)
    print(f"{name:9} ones: {ones:4.1f}   −1, 2, −1: {sharp:4.1f}")

# %% [markdown]
# To the ones, a bright place is as good as a perfect line: 7 in both cases. The second filter tells them apart, since **its weights add up to 0**:
# what it gains on an even surface it loses again. What is left is contrast. And neither of the two answers to likeness alone, for the dim line has
# the same shape as the bright one and gets half the answer: brighter, or richer in contrast, is always more.
#
# With negative weights, answers can be negative, too. So in the next two figures, middle gray is 0 in filters and maps, brighter is positive, darker is
# negative.

# %%
thin = np.array([[-1.0, 2.0, -1.0]] * 3)
pictures.detectors(shirt, [thin, thin.T], ["vertical line", "horizontal line"], signed=True)

# %% [markdown]
# ## Bright here, dark there
#
# Filters with negative weights answer to *differences*. The next one is the **Sobel** filter: negative weights on the left, positive ones on the
# right, twice as large in the middle row. (The edge kernel of lesson 1 was its plainer cousin, with ones in all rows.)
#
# **Predict first.** Where on the shirt is the answer strongly positive? Where strongly negative? Where zero, and why?

# %%
edge = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
pictures.detectors(shirt, [edge, -edge], ["dark to bright", "bright to dark"], signed=True)

# %% [markdown]
# Strongly positive on the left sides of shirt and sleeves, where it gets brighter to the right, and strongly negative on the right sides. Zero on the
# background and nearly zero on the even cloth, since these weights add up to 0, too. An edge filter is no line filter, by the way: on a line one pixel wide
# it answers 0, with 4 on one side and −4 on the other.
#
# A **ReLU**, $\max(0, x)$, usually follows a convolution: it keeps what the filter found and forgets the opposite. With it, the two filters above
# find the left edges and the right edges, each in its own map.

# %% [markdown]
# **Play.** Step through a convolution with the arrow keys: each pixel under the window is multiplied by the weight on it, and the products are added up.
# **Predict first**, covering the output with your hand: at which places does the vertical edge filter give its smallest number? Then try other filters, and
# change single weights. Can you make one that answers most strongly where the bar turns the corner?
#
# **Draw your own filter on a real picture.** Choose the shirt of this lesson in the list, then change the nine numbers and watch the map. **Predict first:** what
# do nine ones make of it? What is left when the nine numbers add up to 0? Can you make a filter that finds the hem, but not the sides?

# %%
from convlab import explorers

explorers.convolution()

# %% [markdown]
# <details><summary>Compare</summary>
#
# The smallest number is −15, at the four places where the right edge of the bar's upper part lies under the window. For the corner, reward the bright
# pixels and punish the dark notch: rows of 1, 1, −2 and 1, 1, −2 and 1, 1, 1 give 35 there, and at most 25 elsewhere. Nine ones blur the picture (and
# make it nine times as bright). With a sum of 0, even surfaces disappear, and lines and edges remain. A row of 2s between two rows of −1s finds the hem
# (1.0 on average) and not the sides (0.0).
#
# </details>

# %% [markdown]
# ### Exercise 2: `relu` (1 point)
#
# Return $\max(0, x)$ for every entry of an array of any shape. It is a new array; the old one stays as it was.

# %% solution="relu"
def relu(x):
    """The rectified linear unit, max(0, x), for each number of an array.

    x: array of any shape, of integers or floats
    Returns an array of the same shape. It does not change x.
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION


# %% test="relu" points=1
import numpy as np

from convlab.checks import check

check(relu, np.array([[-2.0, 0, 3.5], [0.5, -0.1, -7]]), gives=np.array([[0.0, 0, 3.5], [0.5, 0, 0]]))
check(relu, np.array([-3, 400, 0]), gives=np.array([0.0, 400, 0]), hint="Any shape will do.")
check(relu, np.array([[[[1.5, -1]], [[-2, 3]]]], dtype="float32"), gives=np.array([[[[1.5, 0]], [[0, 3]]]]))
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(0)
for shape in [(7,), (3, 4), (2, 3, 1, 4)]:
    x = rng.normal(size=shape)
    due = np.array([value if value > 0 else 0.0 for value in x.ravel()]).reshape(shape)
    check(relu, x, gives=due)
    check(relu, x.astype("float32"), gives=due)
check(relu, np.array([5, -40, 0, 300]), gives=np.array([5.0, 0, 0, 300]))
check(relu, np.full((2, 2), -60.0), gives=np.zeros((2, 2)))
### END HIDDEN TESTS

# %% [markdown]
# ## Many channels in, one number out
#
# So far a picture was one sheet of numbers. A color photo has three, one each for red, green and blue: its **channels** (채널). In code, `x[i, j]` is no
# longer one number but three, and `x` has the shape `[height, width, 3]`.
#
# How does a filter look at three sheets? It has three sheets of weights, one **kernel** (커널) for each channel. At each place,
#
# 1. each kernel lies on its own channel: multiply and add up as before, which gives one number for each channel;
# 2. these numbers are **added up** to a single one;
# 3. the filter's **bias** (편향), one number, is added.
#
# So a filter makes **one** map, however many channels it looks at. The channels do not stay apart: they are summed.

# %% [markdown]
# **Predict first.** The smallest example there is: a window of one pixel. It has red 3, green 0, blue 1. The filter's weights for red, green and blue are 1, −1 and 2, its
# bias is 0.5. How many numbers come out, and which?

# %%
pixel, weights_of_filter = np.array([3, 0, 1]), np.array([1, -1, 2])
print("one product for each channel:", pixel * weights_of_filter)
print("their sum, plus the bias:", np.sum(pixel * weights_of_filter) + 0.5)

# %% [markdown]
# One number. To get more of them at each place, a layer takes more filters. Each has its own kernels and its own bias, looks at *all* channels, and makes its
# own map. The maps are stacked, and are the channels of the output. So two counts have nothing to do with each other:
#
# - **channels in = kernels per filter.** The input decides this.
# - **filters = maps = channels out.** You decide this.

# %%
pictures.stack(height=5, width=6, channels=3, kernel=3, filters=4)

# %% [markdown]
# **Predict first.** The layer in the picture: how many weights does one filter have? How many parameters has the whole layer, biases included?
# (Lesson 1 has the rule.)

# %%
layer = layers.Conv2D(filters=4, kernel_size=3)
layer.build((None, 5, 6, 3))
parameters = layer.count_params()
print(f"one filter: {(parameters - 4) // 4} weights; the layer: {parameters} parameters, 4 of them biases")

# %% [markdown]
# In Keras all weights of a layer are one array `[kernel_height, kernel_width, in_channels, filters]`. So `weights[:, :, :, k]` is filter $k$,
# `weights[:, :, c, k]` is its kernel for channel $c$, and `bias[k]` is its bias.
#
# A layer further up works just the same; its channels are then not colors, but the maps of the layer before it. Where 64 maps come in, each filter has 64
# kernels, and still makes one map.

# %% [markdown]
# **Play.** Red and blue are two channels, and filter 1 treats all channels alike: can you still tell the two squares apart in its map? Which weights would?

# %%
explorers.channels()

# %% [markdown]
# <details><summary>Compare</summary>
#
# No: both squares get the answer 12, and so does the gray one. Three from the red channel count as much as three from the blue one or one from each; in the
# sum there is no telling where they came from. Give red and blue different weights, such as 1 and −1, and the two squares answer differently. (What the explorer
# calls a *slice* is the filter's kernel for one channel.)
#
# </details>

# %% [markdown]
# ## The equation
#
# All this fits on one line. The output of filter $k$ at row $i$, column $j$ is
#
# $$z_{i,j,k} = b_k + \sum_{u=0}^{k_h-1} \; \sum_{v=0}^{k_w-1} \; \sum_{c=0}^{C-1} \; x_{i',\,j',\,c} \; w_{u,v,c,k}
# \qquad \text{with} \quad i' = i \, s_h + u, \quad j' = j \, s_w + v$$
#
# - $x$ is the input, $C$ its number of channels, $w$ the weights, $b_k$ the bias of filter $k$,
# - $s_h$ and $s_w$ are the strides,
# - $i$ counts **rows** from the top, $j$ counts **columns** from the left, as in `x[i, j]`,
# - the sum over $c$ is what adds the channels up: $c$ stands on the right only, $k$ on the left as well.

# %% [markdown]
# **Is that so?** The course's older notes print $b_k - \sum$, with a minus, and let $i$ count columns. Does a sign matter when weights are learned anyway?
#
# **Predict first.** A single window of 3 × 3, all pixels 1, all weights 1, bias 0. What comes out with a plus, and what with a minus? And after a ReLU?

# %%
window, weights = np.ones((3, 3)), np.ones((3, 3))
total = np.sum(window * weights)
for name, z in [("plus", 0 + total), ("minus", 0 - total)]:
    print(f"{name:5}  z = {z:4.0f}   after a ReLU: {max(z, 0):.0f}")

# %% [markdown]
# With the minus, the sum of the products counts against the output: where the picture fits the filter best, the ReLU lets nothing through. A network that is
# *trained* with a minus would learn weights of the other sign, and be as good. But move these weights into Keras, and every weighted sum changes
# its sign, while the bias keeps it. It is the same with rows and columns: weights and code must agree on what comes first. In Keras it is `b + Σ`, and rows first.

# %% [markdown]
# ### Exercise 3: `conv_neuron` (3 points)
#
# Compute **one** output, literally as the equation says. What the equation cannot mean (a place or a filter that is not there, counts that do not fit) is a
# `ValueError`. Beware: NumPy counts from the end for negative indices, and stretches an axis of length 1, both without a word.

# %% solution="conv_neuron"
def conv_neuron(x, weights, bias, i, j, k, strides):
    """One output z[i, j, k] of a convolutional layer, window inside the input, kernel not flipped.

    x:       array [height, width, channels], of integers (uint8 included) or floats
    weights: array [kernel_height, kernel_width, channels, filters]
    bias:    array [filters]
    i, j, k: ints, row, column and filter of the output, counted from 0
    strides: pair of ints (vertical, horizontal)
    Returns a number.
    Raises ValueError if (i, j, k) is outside the output (negative, or too large), a stride is
    below 1, x has not as many channels as weights, or bias not as many entries as weights has
    filters.
    """
    ### BEGIN SOLUTION
    kernel_height, kernel_width, channels, filters = weights.shape
    if x.shape[2] != channels or len(bias) != filters or min(strides) < 1:
        raise ValueError("channels, filters or strides do not fit")
    top, left = i * strides[0], j * strides[1]
    if min(i, j, k) < 0 or k >= filters or top + kernel_height > x.shape[0] or left + kernel_width > x.shape[1]:
        raise ValueError(f"there is no output ({i}, {j}, {k})")
    total = float(bias[k])
    for u in range(kernel_height):
        for v in range(kernel_width):
            for c in range(channels):
                total += float(x[top + u, left + v, c]) * float(weights[u, v, c, k])
    return total
    ### END SOLUTION


# %% test="conv_neuron" points=3
import numpy as np

from convlab.checks import check, check_error

x = np.arange(60).reshape(5, 6, 2) % 7 - 3.0
weights = np.zeros((2, 3, 2, 3))
weights[0, 2, 0, 2] = 1.0
weights[1, 1, 1, 2] = -10.0
bias = np.array([0.0, -2.0, 0.5])
check(
    conv_neuron, x, weights, bias, 0, 0, 2, (1, 1),
    gives=21.5, hint="0.5 + x[0, 2, 0] · 1 + x[1, 1, 1] · (−10) = 0.5 + 1 + 20",
)
check(
    conv_neuron, x, weights, bias, 1, 3, 2, (1, 1),
    gives=-21.5, hint="Row 1, column 3: the window sees x[1, 5, 0] and x[2, 4, 1].",
)
check(
    conv_neuron, x, weights, bias, 1, 1, 2, (2, 1),
    gives=-30.5, hint="With a vertical stride of 2 the window begins at row 2.",
)
check(
    conv_neuron, x[:, :, :1].astype("float32"), weights[:, :, 1:].astype("float32"), bias, 0, 1, 2, [1, 2],
    gives=-9.5, hint="One channel only; the window begins at column 2.",
)
bright, threes = np.full((3, 3, 2), 200, dtype=np.uint8), np.full((3, 3, 2, 1), 3, dtype=np.uint8)
check(
    conv_neuron, bright, threes, np.array([1], dtype=np.uint8), 0, 0, 0, (1, 1),
    gives=10801.0, hint="uint8 overflows above 255.",
)
for place in [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (4, 0, 0), (0, 4, 0), (0, 0, 3)]:
    check_error(conv_neuron, x, weights, bias, *place, (1, 1), because="this output does not exist")
for channels in (1, 3):
    other = np.ones((5, 6, channels))
    check_error(
        conv_neuron, other, weights, bias, 0, 0, 2, (1, 1),
        because="each filter needs an input of 2 channels",
    )
for count in (1, 4):
    check_error(conv_neuron, x, weights, np.ones(count), 0, 0, 0, (1, 1), because="3 filters have 3 biases")
for strides in [(-1, 1), (1, 0)]:
    check_error(conv_neuron, x, weights, bias, 0, 0, 2, strides, because="a step is at least one pixel long")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for size, kernel_size, channels, filters, strides in [
    ((6, 5), (3, 2), 3, 2, (1, 1)), ((7, 9), (2, 4), 1, 3, (2, 3)), ((4, 4), (4, 4), 2, 1, (1, 1)), ((5, 6), (1, 1), 4, 2, (3, 2)),
]:
    image, w, b = rng.normal(size=(*size, channels)), rng.normal(size=(*kernel_size, channels, filters)), rng.normal(size=filters)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel_size, axis=(0, 1))[:: strides[0], :: strides[1]]
    due = np.einsum("ijcuv,uvck->ijk", windows, w) + b
    rows, cols = due.shape[:2]
    for place in {(0, 0, 0), (rows - 1, cols - 1, filters - 1), (rows // 2, cols // 2, filters // 2), (rows - 1, 0, filters - 1)}:
        check(conv_neuron, image, w, b, *place, strides, gives=float(due[place]))
    check(
        conv_neuron, image.astype("float32"), w.astype("float32"), b, 0, cols - 1, 0, list(strides),
        gives=float(due[0, -1, 0]),
    )
    for place in [(rows, 0, 0), (0, cols, 0), (0, 0, filters), (-1, 0, 0), (0, -1, 0), (0, 0, -1)]:
        check_error(conv_neuron, image, w, b, *place, strides, because="this output does not exist")
bright = np.full((3, 3, 2), 255, dtype=np.uint8)
check(
    conv_neuron, bright, np.full((2, 3, 2, 1), 2, dtype=np.uint8), np.array([9], dtype=np.uint8), 1, 0, 0, (1, 1),
    gives=6129.0, hint="uint8 overflows above 255.",
)
for channels in (1, 4):
    other = np.ones((5, 6, channels))
    check_error(conv_neuron, other, weights, bias, 1, 1, 1, (1, 1), because="each filter needs an input of 2 channels")
for count in (1, 2):
    check_error(conv_neuron, x, weights, np.ones(count), 0, 0, 0, (2, 1), because="3 filters have 3 biases")
for strides in [(0, 1), (2, -2)]:
    check_error(conv_neuron, x, weights, bias, 0, 0, 0, strides, because="a step is at least one pixel long")
### END HIDDEN TESTS

# %% [markdown]
# ## The whole layer
#
# The layer is this equation for all $i$, $j$ and $k$. With padding "same", zeros are put around the input first (lesson 3 says how many; channels
# are never padded).
#
# **Predict first.** Input `[28, 28, 3]`, weights `[5, 5, 3, 16]`, strides `(2, 2)`, "same". What shape comes out?

# %%
print(layers.Conv2D(16, kernel_size=5, strides=2, padding="same").compute_output_shape((1, 28, 28, 3))[1:])

# %% [markdown]
# 28 pixels in steps of 2 make 14, whatever the kernel, and each of the 16 filters gives one map. The three channels are gone: they were summed.

# %% [markdown]
# ### Exercise 4: `conv2d` (4 points)
#
# The heart of the course. When it is right, you have written what Keras' `Conv2D` computes for one picture. (Keras takes a whole batch of pictures at once,
# has options such as dilation and groups, and works out the gradients.)

# %% solution="conv2d"
def conv2d(x, weights, bias, strides, padding):
    """A convolutional layer without activation, as Keras computes it.

    x:       array [height, width, channels], of integers (uint8 included) or floats
    weights: array [kernel_height, kernel_width, channels, filters]
    bias:    array [filters]
    strides: pair of ints (vertical, horizontal)
    padding: "valid" or "same", as in Keras
    Returns an array [output_height, output_width, filters]. It does not change its arguments.
    Under "same" the kernel may be larger than the input.
    Raises ValueError for an unknown padding, a stride below 1, under "valid" a kernel larger than
    the input, and if x has not as many channels as weights, or bias not as many entries as
    weights has filters.
    """
    ### BEGIN SOLUTION
    kernel_size, (channels, filters) = weights.shape[:2], weights.shape[2:]
    if padding not in ("valid", "same") or min(strides) < 1 or x.shape[2] != channels or len(bias) != filters:
        raise ValueError("unknown padding, or strides, channels or filters do not fit")
    x = x.astype(float)
    if padding == "same":
        zeros = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape, kernel_size, strides)]
        x = np.pad(x, [*((z // 2, z - z // 2) for z in zeros), (0, 0)])
    if kernel_size[0] > x.shape[0] or kernel_size[1] > x.shape[1]:
        raise ValueError("the kernel is larger than the input")
    rows, cols = ((n - k) // s + 1 for n, k, s in zip(x.shape, kernel_size, strides))
    output = np.zeros((rows, cols, filters))
    for i in range(rows):
        for j in range(cols):
            top, left = i * strides[0], j * strides[1]
            patch = x[top : top + kernel_size[0], left : left + kernel_size[1]]
            output[i, j] = bias + np.einsum("uvc,uvck->k", patch, weights)
    return output
    ### END SOLUTION


# %% test="conv2d" points=4
import numpy as np

from convlab.checks import check, check_error

x = np.arange(60).reshape(5, 6, 2) % 7 - 3
weights = np.arange(24).reshape(2, 3, 2, 2) % 5 - 2
bias = np.array([0.5, -1.0])
check(
    conv2d, x, weights, bias, (2, 1), "valid",
    gives=np.array([
        [[10.5, -5], [6.5, 9], [2.5, -12], [-8.5, -12]],
        [[-2.5, -5], [0.5, 9], [10.5, -5], [6.5, 9]],
    ]),
    hint="2 rows, 4 columns, 2 filters: two rows down, one column right.",
)
check(
    conv2d, x, weights, bias, (2, 3), "same",
    gives=np.array([[[10.5, -5], [-8.5, -12]], [[-2.5, -5], [6.5, 9]], [[-10.5, -4], [-8.5, 4]]]),
    hint="One row of zeros at the bottom, no column of zeros.",
)
check(
    conv2d, x.astype("float32"), weights.astype("float32"), bias.astype("float32"), [3, 2], "same",
    gives=np.array([[[10.5, -5], [2.5, -12], [-1.5, 7]], [[-5.5, 9], [0.5, 9], [-0.5, -1]]]),
)
check(
    conv2d, np.ones((2, 2, 1)), np.ones((5, 5, 1, 1)), np.array([3.0]), (1, 1), "same",
    gives=np.full((2, 2, 1), 7.0), hint='Under "same" a kernel may be larger than the input.',
)
bright, threes = np.full((2, 3, 2), 200, dtype=np.uint8), np.full((2, 3, 2, 1), 3, dtype=np.uint8)
check(
    conv2d, bright, threes, np.array([1], dtype=np.uint8), (1, 1), "valid",
    gives=np.full((1, 1, 1), 7201.0), hint="uint8 overflows above 255.",
)
for too_large in [np.ones((6, 2, 2, 2)), np.ones((2, 7, 2, 2))]:
    check_error(conv2d, x, too_large, bias, (1, 1), "valid", because="the kernel is larger than the input")
for channels in (1, 3):
    other = np.ones((5, 6, channels))
    check_error(
        conv2d, other, weights, bias, (1, 1), "same",
        because="each filter needs an input of 2 channels",
    )
for count in (1, 3):
    check_error(conv2d, x, weights, np.ones(count), (1, 1), "valid", because="2 filters have 2 biases")
for strides in [(-1, 1), (1, 0)]:
    check_error(conv2d, x, weights, bias, strides, "same", because="a step is at least one pixel long")
check_error(conv2d, x, weights, bias, (1, 1), "full", because='a padding is either "valid" or "same"')
### BEGIN HIDDEN TESTS
import keras

rng = np.random.default_rng(2)
for size, kernel_size, channels, filters, strides in [
    ((6, 7), (3, 3), 3, 4, (1, 1)), ((8, 10), (3, 5), 2, 3, (2, 2)), ((8, 5), (2, 3), 1, 2, (2, 1)),
    ((5, 9), (4, 1), 2, 3, (1, 3)), ((7, 7), (5, 4), 2, 1, (3, 2)), ((4, 4), (1, 1), 5, 2, (2, 2)),
    ((3, 6), (3, 6), 2, 2, (1, 1)),
]:
    image, w, b = rng.normal(size=(*size, channels)), rng.normal(size=(*kernel_size, channels, filters)), rng.normal(size=filters)
    for padding in ("valid", "same"):
        due = np.asarray(keras.ops.conv(image[None].astype("float32"), w.astype("float32"), strides, padding))[0] + b
        check(conv2d, image, w, b, strides, padding, gives=due.astype(float), atol=1e-4)
        check(
            conv2d, image.astype("float32"), w.astype("float32"), b.astype("float32"), list(strides), padding,
            gives=due.astype(float), atol=1e-4,
        )
check(
    conv2d, np.ones((3, 2, 2)), np.ones((4, 5, 2, 1)), np.array([-1.0]), (2, 1), "same",
    gives=np.array([[[11.0], [11.0]], [[7.0], [7.0]]]), hint='Under "same" a kernel may be larger than the input.',
)
bright = np.full((3, 3, 2), 250, dtype=np.uint8)
check(
    conv2d, bright, np.full((2, 2, 2, 1), 2, dtype=np.uint8), np.array([0], dtype=np.uint8), (1, 1), "valid",
    gives=np.full((2, 2, 1), 4000.0), hint="uint8 overflows above 255.",
)
check_error(conv2d, x, np.ones((2, 8, 2, 2)), bias, (2, 2), "valid", because="the kernel is larger than the input")
for padding in ("valid", "same"):
    for channels in (1, 4):
        other = np.ones((5, 6, channels))
        check_error(conv2d, other, weights, bias, (1, 2), padding, because="each filter needs an input of 2 channels")
    check_error(conv2d, x, weights, np.ones(1), (1, 1), padding, because="2 filters have 2 biases")
    for strides in [(0, 1), (2, -2)]:
        check_error(conv2d, x, weights, bias, strides, padding, because="a step is at least one pixel long")
check_error(conv2d, x, weights, bias, (2, 1), "full", because='a padding is either "valid" or "same"')
### END HIDDEN TESTS

# %% [markdown]
# *A good place to stop for today: the hardest part of the course is behind you. Save, and when you come back, click into the next cell and choose
# Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## Two filters, two maps
#
# For gray pictures, and filters without a bias, it is more convenient to pass a list of 2-D filters and get their maps stacked, the last axis counting
# the filters: `maps[:, :, 0]` is the map of the first one.

# %% [markdown]
# ### Exercise 5: `feature_maps` (2 points)
#
# Padding "same", stride 1, no bias, no ReLU. You may call your `conv2d`, or find another way.

# %% solution="feature_maps"
def feature_maps(image, filters):
    """The feature maps of several filters, stacked on the last axis.

    image:   array [height, width], of integers (uint8 included) or floats
    filters: list of one or more arrays [kernel_height, kernel_width], all of the same shape,
             odd or even, which may be larger than the image
    Returns an array [height, width, number of filters]: padding "same", stride 1, no bias,
    kernels not flipped.
    """
    ### BEGIN SOLUTION
    weights = np.stack(filters, axis=-1)[:, :, np.newaxis, :]
    return conv2d(image[:, :, np.newaxis], weights, np.zeros(len(filters)), (1, 1), "same")
    ### END SOLUTION


# %% test="feature_maps" points=2
import numpy as np

from convlab.checks import check

image = np.array([[1.0, 0, 2, 3], [0, 4, -1, 0], [5, 1, 0, 2]])
filters = [np.array([[1.0, -1], [2, 0.5]]), np.array([[0.0, 0], [-3, 1]])]
check(
    feature_maps, image, filters,
    gives=np.stack([
        [[3.0, 5.5, -3, 3], [6.5, 7, 0, 4], [4, 1, -2, 2]],
        [[4, -13, 3, 0], [-14, -3, 2, -6], [0, 0, 0, 0]],
    ], axis=-1),
    hint="Of shape 3 × 4 × 2: maps[:, :, 0] is the map of the first filter.",
)
check(
    feature_maps, image.astype("float32"), [np.array([[1.0], [2], [4], [8], [16]], dtype="float32")],
    gives=np.array([[84.0, 48, 0, 44], [42, 24, 0, 22], [21, 12, 0, 11]])[:, :, np.newaxis],
    hint="One filter, taller than the picture, gives one map.",
)
bright = np.array([[250, 200, 100]], dtype=np.uint8)
check(
    feature_maps, bright, [np.array([[1, 2, 3]], dtype=np.uint8)],
    gives=np.array([[[1100.0], [950], [400]]]), hint="uint8 overflows above 255.",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for size, kernel_size, count in [((6, 5), (3, 3), 3), ((5, 7), (2, 4), 2), ((4, 4), (5, 1), 1), ((7, 6), (1, 1), 4), ((5, 5), (4, 4), 2)]:
    x, filters = rng.normal(size=size), [rng.normal(size=kernel_size) for _ in range(count)]
    due = np.zeros((*size, count))
    for k, w in enumerate(filters):
        for i in range(size[0]):
            for j in range(size[1]):
                for u in range(kernel_size[0]):
                    for v in range(kernel_size[1]):
                        row, col = i + u - (kernel_size[0] - 1) // 2, j + v - (kernel_size[1] - 1) // 2
                        if 0 <= row < size[0] and 0 <= col < size[1]:
                            due[i, j, k] += x[row, col] * w[u, v]
    check(feature_maps, x, filters, gives=due)
    check(feature_maps, x.astype("float32"), [w.astype("float32") for w in filters], gives=due)
bright = np.full((2, 3), 250, dtype=np.uint8)
check(
    feature_maps, bright, [np.full((1, 3), 2, dtype=np.uint8)],
    gives=np.array([[[1000.0], [1500.0], [1000.0]]] * 2), hint="uint8 overflows above 255.",
)
### END HIDDEN TESTS

# %%
# Runs once exercises 1, 2 and 5 are solved.
try:
    filters = [line_filter(3, "vertical"), line_filter(3, "horizontal"), edge, -edge]
    names = ["vertical", "horizontal", "dark to bright", "bright to dark"]
    display(pictures.maps(shirt, relu(feature_maps(shirt, filters)), names))
except NotImplementedError:
    print("solve exercises 1, 2 and 5 first")

# %% [markdown]
# **Is that so?** One often reads that a filter may be thought of as a feature map. **Predict first:** which of the two changes when another picture comes in? Which of
# the two is learned, which of the two is computed? And how large is each?

# %%
# Runs once exercises 1 and 5 are solved.
try:
    seven = line_filter(7, "vertical")
    for number in (89, 9):
        answer = feature_maps(x_train[number] / 255, [seven])
        print(f"picture {number}")
        print(f"   filter {seven.shape} with sum {seven.sum():.0f}")
        print(f"   map {answer.shape} with sum {answer.sum():.0f}")
except NotImplementedError:
    print("solve exercises 1 and 5 first")

# %% [markdown]
# The filter stayed as it was: 7 × 7 weights, which a network learns once and keeps for all pictures. The map changed: 28 × 28 numbers, computed anew for
# each picture. **Now you know why** these are two words.

# %% [markdown]
# ## In Keras
#
# ```python
# layers.Conv2D(filters=32, kernel_size=3, strides=2, padding="same", activation="relu")
# ```
#
# - `filters`: how many maps come out; `kernel_size`, `strides`: an int or a pair, vertical first,
# - `padding`: `"valid"` unless you say otherwise; `activation`: none unless you say so.
#
# Keras finds out by itself how many channels come in. None of these numbers is learned: they are **hyperparameters** (하이퍼파라미터), and you choose them.
# What is learned are the weights; `layer.get_weights()` is the list `[weights, bias]`, and `layer.set_weights([weights, bias])` puts yours in.

# %%
layer = layers.Conv2D(32, kernel_size=3, strides=2, padding="same", activation="relu")
model = keras.Sequential([keras.Input((28, 28, 1)), layer])
print("output:", model.output_shape)
print("weights:", [array.shape for array in layer.get_weights()])

# %% [markdown]
# ### Exercise 6: `keras_conv` (2 points)
#
# Build a `keras.Sequential` with an `Input` and a single `Conv2D` that holds the given weights and bias. It has no activation, so negative outputs survive.

# %% solution="keras_conv"
def keras_conv(weights, bias, strides, padding, input_shape):
    """A Keras model with one convolutional layer that holds these weights.

    weights:     array [kernel_height, kernel_width, channels, filters]
    bias:        array [filters]
    strides:     pair of ints (vertical, horizontal)
    padding:     "valid" or "same"
    input_shape: tuple (height, width, channels) of one picture
    Returns a built keras.Sequential with this one layer, without activation.
    """
    ### BEGIN SOLUTION
    layer = layers.Conv2D(weights.shape[3], weights.shape[:2], strides=strides, padding=padding)
    model = keras.Sequential([keras.Input(input_shape), layer])
    layer.set_weights([weights, bias])
    return model
    ### END SOLUTION


# %% test="keras_conv" points=2
import keras
import numpy as np

from convlab.checks import check
from convlab.models import Network


def holds(weights, bias, strides, padding, input_shape):
    """The model has these weights, and gives the outputs that follow from them."""
    x = np.random.default_rng(0).normal(size=(2, *input_shape)).astype("float32")
    outputs = np.asarray(keras.ops.conv(x, weights, strides, padding)) + bias
    check(
        keras_conv, weights, bias, strides, padding, input_shape,
        of=lambda model: [*model.get_weights(), np.asarray(model(x))], gives=[weights, bias, outputs],
        hint="set_weights([weights, bias]); the last array shows outputs of the model.",
    )


rng = np.random.default_rng(4)
weights, bias = rng.normal(size=(3, 2, 2, 4)).astype("float32"), np.array([1.0, -2.0, 0.5, 3.0], "float32")
one = Network((9, 8, 2), [{"type": "conv", "filters": 4, "kernel": (3, 2), "strides": (2, 1)}])
check(
    keras_conv, weights, bias, (2, 1), "valid", (9, 8, 2),
    of=one.found_in, gives=one.lines, hint="Return the model, with a single Conv2D.",
)
holds(weights, bias, (2, 1), "valid", (9, 8, 2))
holds(weights, bias, (1, 1), "same", (5, 6, 2))
holds(weights[:, :, :1, :1], bias[:1], (2, 2), "same", (5, 4, 1))
### BEGIN HIDDEN TESTS
for shape, strides, padding, input_shape in [
    ((3, 3, 2, 3), (1, 1), "same", (6, 7, 2)), ((2, 4, 3, 1), (1, 2), "valid", (5, 9, 3)),
    ((1, 1, 1, 2), (1, 1), "same", (4, 4, 1)), ((4, 4, 1, 2), (3, 3), "same", (10, 8, 1)),
]:
    weights, bias = rng.normal(size=shape).astype("float32"), rng.normal(size=shape[3]).astype("float32")
    holds(weights, bias, strides, padding, input_shape)
### END HIDDEN TESTS

# %%
# Runs once exercises 4 and 6 are solved.
try:
    rng = np.random.default_rng(0)
    weights, bias = rng.normal(size=(5, 5, 1, 8)), rng.normal(size=8)
    mine = conv2d(shirt[:, :, np.newaxis], weights, bias, (2, 2), "same")
    model = keras_conv(weights, bias, (2, 2), "same", (28, 28, 1))
    theirs = model.predict(shirt[np.newaxis, :, :, np.newaxis], verbose=0)[0]
    print("shapes:", mine.shape, theirs.shape)
    print(f"largest difference: {np.abs(mine - theirs).max():.0e}")
except NotImplementedError:
    print("solve exercises 4 and 6 first")

# %% [markdown]
# The difference is rounding: Keras computes with 32 bits, NumPy with 64. There is no magic in `Conv2D`: for one picture it is your function.

# %% [markdown]
# ## The other way round
#
# Somebody shows you a picture and its feature map (valid, stride 1, no bias), but not the filter. Can you find it?
#
# **Predict first.** A filter of 3 × 3 has nine unknown weights. Each output gives one equation. How many outputs do you need at least? How many does a
# picture of 28 × 28 give?

# %%
shape = layers.Conv2D(filters=1, kernel_size=3).compute_output_shape((1, 28, 28, 1))
print("equations:", shape[1] * shape[2])

# %% [markdown]
# Nine are enough, if they say nine different things. A black corner says nothing at all: 0 = 0, whatever the weights.

# %% [markdown]
# ### Exercise 7, the challenge: `recover_kernel` (2 points)
#
# Each output is a weighted sum of its patch: (patch, flattened) · (kernel, flattened) = output. That is a system of linear equations, one
# row for each output; `np.linalg.lstsq` solves it, also when there are more equations than unknowns.

# %% solution="recover_kernel"
def recover_kernel(image, feature_map, kernel_size):
    """The kernel that made a feature map out of an image (valid, stride 1, no bias, not flipped).

    image:       array [height, width], of integers (uint8 included) or floats
    feature_map: array [height - kernel_height + 1, width - kernel_width + 1]
    kernel_size: pair of ints (kernel_height, kernel_width)
    Returns an array [kernel_height, kernel_width]. The image is rich enough, so that there is
    just one answer.
    """
    ### BEGIN SOLUTION
    patches = np.lib.stride_tricks.sliding_window_view(image, tuple(kernel_size))
    patches = patches.reshape(feature_map.size, kernel_size[0] * kernel_size[1])
    weights, *_ = np.linalg.lstsq(patches, feature_map.ravel(), rcond=None)
    return weights.reshape(kernel_size)
    ### END SOLUTION


# %% test="recover_kernel" points=2
import numpy as np

from convlab.checks import check

rng = np.random.default_rng(5)
image, kernel = rng.normal(size=(6, 7)), np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
windows = np.lib.stride_tricks.sliding_window_view(image, (2, 3))
check(
    recover_kernel, image, np.einsum("ijuv,uv->ij", windows, kernel), (2, 3),
    gives=kernel, rtol=1e-3, atol=1e-3,
)
photo = np.array([[200, 10, 250], [30, 220, 90], [140, 60, 210]], dtype=np.uint8)
check(
    recover_kernel, photo, np.array([[-395.0, 105], [50, -395], [-250, -15]]), [1, 2],
    gives=np.array([[-2.0, 0.5]]), rtol=1e-3, atol=1e-3, hint="uint8 overflows above 255.",
)
### BEGIN HIDDEN TESTS
for size, kernel_size in [((8, 8), (3, 3)), ((5, 9), (1, 4)), ((9, 5), (3, 2)), ((4, 4), (1, 1)), ((12, 12), (5, 5))]:
    image, kernel = rng.normal(size=size), rng.normal(size=kernel_size)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel_size)
    feature_map = np.einsum("ijuv,uv->ij", windows, kernel)
    check(recover_kernel, image, feature_map, kernel_size, gives=kernel, rtol=1e-3, atol=1e-3)
    check(recover_kernel, image, feature_map, list(kernel_size), gives=kernel, rtol=1e-3, atol=1e-3)
photo, kernel = rng.integers(0, 256, (10, 10), dtype=np.uint8), rng.normal(size=(3, 3))
feature_map = np.einsum("ijuv,uv->ij", np.lib.stride_tricks.sliding_window_view(photo.astype(float), (3, 3)), kernel)
check(recover_kernel, photo, feature_map, (3, 3), gives=kernel, rtol=1e-3, atol=1e-3, hint="uint8 overflows above 255.")
### END HIDDEN TESTS

# %% [markdown]
# What you just did is *learning*: find the weights that turn inputs into wanted outputs. Here one step was enough, since the equations are linear and you
# were told the map. A network has ReLUs in between, far more weights, and no one tells it what its maps should look like; so it goes step by step.

# %% [markdown]
# And what does a network find? **Is that so?** One often reads that the filters of the first layer look like the line and edge filters above.
#
# **Predict first.** The network of lesson 7 has learned 64 filters of 7 × 7 from 60,000 small pictures of clothes. How many of them look like edges? (Gray is
# 0 again.)

# %%
from convlab.data import load_large_model_weights

pictures.kernels(load_large_model_weights()[0][:, :, 0, :])

# %% [markdown]
# None that one would recognize. Three have a dark spot; the rest looks like noise, and neighboring weights are hardly more alike than random numbers
# would be. (Lesson 7 looks closer.) Large networks that were trained on a million large photographs or more do show clean edges and blobs in their
# first layer. This one gets 94 % of the course's 1,000 test pictures right without them.

# %% [markdown]
# ### In your own words: `explain_filters` (1 point)
#
# A friend says: "This layer has 32 filters, so it has 32 feature maps, so filters and feature maps are the same." Where is the friend right, and what is the
# difference? Two to four sentences, which a person will read and grade.

# %% [markdown] written="explain_filters" points=1
# The friend is right that there are as many maps as filters: each filter makes one map. But a filter is a block of weights (kernel height × kernel
# width × input channels, and a bias). It is learned, is the same for all pictures, and its size does not depend on the picture. A feature map is what comes out when
# the filter slides over one picture: it is computed, is different for each picture, and its size follows from picture, kernel, stride and padding.
#
# Rubric: half a point for "filter = weights, learned, the same for all inputs"; half a point for "map = output, one per filter, changes with the input"
# (or their different sizes).

# %% [markdown]
# ## To remember
#
# - A filter is a block of weights $k_h \times k_w \times C$, one kernel for each channel, and a bias. It answers where the input fits it, and the more so the
#   brighter it is. If the weights add up to 0, it is contrast that counts.
# - Channels are summed, so each filter makes one map. A layer has as many maps as filters.
# - $z_{i,j,k} = b_k + \sum_{u,v,c} x_{i s_h + u,\; j s_w + v,\; c} \; w_{u,v,c,k}$. A plus, rows first, kernel not flipped.
# - Each filter gives one feature map; the maps are stacked on the last axis, and they are the channels of the next layer.
# - ReLU keeps what was found: $\max(0, z)$.
# - Keras: weights `[kh, kw, in, filters]`, bias `[filters]`. Hyperparameters are chosen, weights are learned.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | filter | 필터 | the weights that make one feature map: a kernel for each input channel, and a bias |
# | kernel | 커널 | a filter's weights for one input channel; the word is often used for the whole filter |
# | channel | 채널 | one sheet of a picture or of a stack of maps |
# | feature map | 특성 맵 | what one filter says about one picture |
# | weight | 가중치 | a number that is learned, and that a pixel is multiplied by |
# | bias | 편향 | a learned number for each filter, added to all its sums |
# | hyperparameter | 하이퍼파라미터 | a number that is chosen, not learned, such as the number of filters |
# | convolution | 합성곱 | slide a kernel, weighted sum at each place |
# | stride | 스트라이드 | the step of the window |
# | padding | 패딩 | zeros around the picture |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 5, pooling:** 64 maps of 28 × 28 are a lot of numbers. Do we need them all?
# - **To read:** A. Géron, *Hands-On Machine Learning*, third edition, chapter 14, "Filters" and "Stacking Multiple Feature Maps"; C. Olah and others, *Zoom in: an
#   introduction to circuits* (Distill, 2020), for what filters of trained networks look for.
