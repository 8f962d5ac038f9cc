# %% [markdown]
# # 1 · Why connect less?
#
# Move a T-shirt two pixels to the right. You hardly notice. Does a neural network?
#
# In this lesson you will
#
# - count what it costs to connect everything to everything, and what a convolution costs instead,
# - compute a convolution by hand, then write it in a few lines of NumPy,
# - see that a convolution *is* a dense layer, one in which most weights are zero and the rest are shared,
# - find out what happens to its output when the picture moves.

# %% [markdown]
# ## How it works
#
# Run the cells from top to bottom with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where you read `raise NotImplementedError`, it is
# your turn: replace that line with your code, run the cell, then run the test cell below it. If nothing is printed, your answer
# has passed these tests. Otherwise a message shows what went in, what was expected and what your function returned.
#
# - **Stuck?** Write `hint("conv2d_valid")` into a cell of your own: it opens a first hint for that exercise, and the next one
#   each time you run it again. `progress()` shows where you stand.
# - **Back after a break, or a `NameError`?** *Run ▸ Run All Above Selected Cell*.
# - **To answer in words:** double-click a text cell to write into it.
# - **Hidden tests** ask for nothing new: they try the same things with other data. The *Validate* button leaves them out; the end
#   of the lesson says how to run them.
# - **"The notes"** are the older lecture notes that this course grew out of. You do not need them. They contain some mistakes that
#   many people make; under *Is that so?* we take such a sentence apart.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.pictures import dense_vs_conv as pictures

# %% [markdown]
# ## A picture that moves
#
# Our pictures come from Fashion-MNIST: 28 × 28 pixels, each a number from 0 (black) to 255 (white).

# %%
(x_train, y_train), _ = load_fashion_mnist()
shirt = x_train[89]
# Two columns to the right. The margin is black, so nothing is lost.
moved = np.roll(shirt, 2, axis=1)

print(CLASS_NAMES[y_train[89]], shirt.shape, shirt.dtype)

# %% [markdown]
# **Predict first.** A picture is 784 numbers. How many of them have another value after the move? Say a number, then run.

# %%
pictures.before_and_after(shirt, moved)

# %% [markdown]
# To you it is the same shirt. To anything that reads a list of 784 numbers, as much has changed as the third picture counts.
# Keep that in mind while we build the kind of layer that reads such a list.

# %% [markdown]
# ## The layer that connects everything
#
# A **dense** layer first flattens the picture into a list $x_0, x_1, \dots, x_{n-1}$. Each of its neurons, called
# *units*, then has one weight for **every** number in the list, and one bias:
#
# $$z_k = b_k + \sum_{i=0}^{n-1} x_i \, w_{i,k}$$
#
# So the weights form a table $w$ with a row for each input and a column for each unit. Keras stores them in this way.
#
# **Predict first.** How many numbers does a dense layer of 100 units have to learn for one of our pictures?
# And for a color photo of 224 × 224 pixels with 3 channels? Say two numbers, then write the function that knows.

# %% [markdown]
# ### Exercise 1: `dense_parameter_count` (1 point)
#
# `input_shape` is a tuple such as `(28, 28)` or `(224, 224, 3)`; it may be shorter or longer. Return how many weights and biases
# a dense layer of `units` neurons has on the flattened input. A count is a whole number: return an `int` such as `15`, not `15.0`.

# %% solution="dense_parameter_count"
def dense_parameter_count(input_shape, units):
    """Number of weights and biases of a dense layer on the flattened input.

    input_shape: tuple of one or more ints, such as (784,), (height, width) or (height, width, channels)
    units:       int, how many neurons the layer has
    Returns an int.
    """
    ### BEGIN SOLUTION
    inputs = 1
    for size in input_shape:
        inputs *= size
    return inputs * units + units
    ### END SOLUTION


# %% test="dense_parameter_count" points=1
from convlab.checks import check

check(
    dense_parameter_count, (2, 2), 3,
    gives=15, hint="4 inputs, 3 units: how many lines join them? What else does each unit have?",
)
check(dense_parameter_count, (28, 20), 10, gives=5_610)
check(dense_parameter_count, (5, 4, 3), 2, gives=122, hint="Every axis counts, the channels too.")
check(dense_parameter_count, (6,), 4, gives=28, hint="This input is flat already: 6 numbers.")
# 16 color frames of a film, and a count that no longer fits into 32 bits.
check(dense_parameter_count, (16, 512, 512, 3), 512, gives=6_442_451_456)
### BEGIN HIDDEN TESTS
check(dense_parameter_count, (28, 28), 100, gives=78_500)
check(dense_parameter_count, (224, 224, 3), 100, gives=15_052_900)
check(dense_parameter_count, (1,), 1, gives=2)
check(dense_parameter_count, (5, 7), 11, gives=396)
check(dense_parameter_count, (6, 2, 3, 4), 2, gives=290)
check(dense_parameter_count, (4096, 4096, 4), 64, gives=4_294_967_360)
### END HIDDEN TESTS

# %% [markdown]
# ## The layer that looks through a window
#
# A convolution makes two decisions that a dense layer does not make.
#
# 1. **Look locally.** An output sees only a small patch of the picture, its **receptive field** (수용 영역).
# 2. **Share.** All outputs use the *same* weights, the **kernel** (커널). Why learn anew at every place what an edge looks like?
#
# Here are both layers for a picture of a single row. Follow the solid, dashed and dotted lines on the right.

# %%
pictures.connections(inputs=8, kernel_size=3)

# %% [markdown]
# On the right there are just three different weights, however long the row is. It is the same in two dimensions: a kernel of
# 3 × 3 has nine weights.
#
# A color picture has three **channels** (red, green, blue), and each gets a kernel of its own. These three kernels and one bias
# make a **filter** (필터). A layer learns not one filter but many.

# %% [markdown]
# ### Exercise 2: `conv_parameter_count` (1 point)
#
# Return how many weights and biases a convolutional layer has, as an `int`. `kernel_size` is a pair `(height, width)`, and the
# two may differ. Mind what is *not* among the arguments: the size of the picture.

# %% solution="conv_parameter_count"
def conv_parameter_count(kernel_size, in_channels, filters):
    """Number of weights and biases of a convolutional layer.

    kernel_size: pair of ints (kernel_height, kernel_width)
    in_channels: int, channels of the input (1 for gray, 3 for color)
    filters:     int, how many filters the layer learns, each with a kernel for every input channel
    Returns an int.
    """
    ### BEGIN SOLUTION
    height, width = kernel_size
    return height * width * in_channels * filters + filters
    ### END SOLUTION


# %% test="conv_parameter_count" points=1
from convlab.checks import check

check(conv_parameter_count, (3, 3), 1, 1, gives=10, hint="Nine weights and one bias.")
check(
    conv_parameter_count, (3, 2), 3, 4,
    gives=76, hint="Each filter has a weight for each pixel of its patch in each channel, and one bias.",
)
check(conv_parameter_count, (5, 5), 64, 100, gives=160_100)
### BEGIN HIDDEN TESTS
check(conv_parameter_count, (1, 1), 1, 1, gives=2)
check(conv_parameter_count, (7, 5), 2, 3, gives=213)
check(conv_parameter_count, (3, 2), 4, 6, gives=150)
check(conv_parameter_count, (2, 9), 5, 1, gives=91)
check(conv_parameter_count, (11, 11), 3, 96, gives=34_944)
### END HIDDEN TESTS

# %% [markdown]
# Now compare. Both layers below make 100 outputs out of a picture: the dense one 100 numbers, the convolution 100 *maps*. (A map
# is all the outputs of one filter, each at its place.) The first two pictures are those of your prediction.
#
# **Predict first.** The convolution learns far fewer numbers. Does it also have less to *compute*? The last column counts
# multiplications: one for each line in a drawing such as the one above.

# %%
# Runs once both exercises are solved.
print(f"{'picture':15} {'layer':12} {'learned':>11} {'multiplications':>16}")
for shape in [(28, 28, 1), (224, 224, 3), (1024, 1024, 3)]:
    try:
        dense, conv = dense_parameter_count(shape, 100), conv_parameter_count((3, 3), shape[-1], 100)
        places = (shape[0] - 2) * (shape[1] - 2)  # of the window
        print(f"{shape!s:15} dense        {dense:>11,} {dense - 100:>16,}")
        print(f"{'':15} convolution  {conv:>11,} {(conv - 100) * places:>16,}")
    except NotImplementedError:
        print(f"{shape!s:15} solve exercises 1 and 2 first")

# %% [markdown]
# The picture grows, the dense layer explodes, and the convolution learns as few numbers as before. (1,000 to 2,800 is the color:
# three channels instead of one.) **Now you know why** a photo rarely goes straight into a dense layer.
#
# But cheap in *weights* is not cheap in *work*. Each of the few weights is used at every place: for the photo of 224 × 224 that is
# 133 million multiplications, nearly nine times the 15 million of the dense layer. (It also makes more: 100 maps, not 100
# numbers.) What a convolution saves is numbers to store and, above all, numbers to learn from examples.

# %% [markdown]
# ## Which pixels does an output see?
#
# Rows and columns count from 0. Output $(i, j)$ sees the patch whose **top left** corner is pixel $(i, j)$: rows $i$ to
# $i + k_h - 1$ and columns $j$ to $j + k_w - 1$ for a kernel of $k_h \times k_w$.
#
# The window has to stay inside the picture. (This rule is called *valid*; the next lesson is about others.)

# %% [markdown]
# **Predict first.** In the drawing above, a window of 3 fits at 6 places in a row of 8 pixels. At how many places does it fit in a
# row of 28?

# %%
starts = [start for start in range(28) if start + 3 <= 28]
print(f"{len(starts)} places: from {starts[0]} to {starts[-1]}")

# %% [markdown]
# In general there are $n - k + 1$ places along an axis with $n$ pixels and a window of $k$.

# %% [markdown]
# ### Exercise 3: `receptive_patch` (2 points)
#
# Return the patch of a 2-D `image` that output `(row, col)` sees. If there is no such output, because `row` or `col` is negative
# or the window would leave the picture, raise `ValueError`. (`1` or `1.0` in the patch: both are fine.)

# %% solution="receptive_patch"
def receptive_patch(image, row, col, kernel_size):
    """The pixels that output (row, col) of a convolution sees (stride 1, window inside the picture).

    image:       array [height, width]
    row, col:    ints, position in the output, counted from 0
    kernel_size: pair of ints (kernel_height, kernel_width)
    Returns an array [kernel_height, kernel_width] with the values of the image.
    Raises ValueError if there is no such output: row or col is negative, or the window would leave
    the picture at the bottom or on the right.
    """
    ### BEGIN SOLUTION
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError(f"output ({row}, {col}) does not exist")
    return image[row : row + height, col : col + width]
    ### END SOLUTION


# %% test="receptive_patch" points=2
import numpy as np

from convlab.checks import check, check_error

picture = np.arange(12).reshape(3, 4)
check(
    receptive_patch, picture, 0, 2, (2, 2),
    gives=np.array([[2.0, 3.0], [6.0, 7.0]]), hint="Rows 0 and 1, columns 2 and 3: the last columns, and they belong to the picture.",
)
check(receptive_patch, picture, 0, 1, (1, 3), gives=np.array([[1.0, 2.0, 3.0]]), hint="One row, three columns.")
check(receptive_patch, picture / -8, 2, 3, (1, 1), gives=np.array([[-1.375]]), hint="A window of one pixel.")
check(receptive_patch, picture, 0, 0, (3, 4), gives=1.0 * picture, hint="This window sees the whole picture.")
check_error(receptive_patch, picture, 2, 0, (2, 2), because="the window would leave the picture at the bottom")
check_error(receptive_patch, picture, 0, 3, (3, 2), because="the window would leave the picture on the right")
# NumPy would count negative numbers from the end.
check_error(receptive_patch, picture, -1, 0, (2, 2), because="there is no row above row 0")
check_error(receptive_patch, picture, 0, -2, (2, 2), because="there is no column left of column 0")
### BEGIN HIDDEN TESTS
random = np.random.default_rng(0).normal(size=(6, 5))
for row in range(4):
    for col in range(4):
        check(receptive_patch, random, row, col, (3, 2), gives=np.array([[random[row + u, col + v] for v in range(2)] for u in range(3)]))
check(receptive_patch, random, 0, 0, (6, 5), gives=random)
check(receptive_patch, random, 5, 4, (1, 1), gives=random[5:, 4:])
for row, col, size in [(4, 0, (3, 2)), (4, 4, (3, 2)), (100, 0, (3, 2)), (0, 0, (7, 2)), (6, 0, (1, 1))]:
    check_error(receptive_patch, random, row, col, size, because="the window would leave the picture at the bottom")
for row, col, size in [(0, 4, (3, 2)), (0, 100, (3, 2)), (0, 0, (2, 6)), (3, 5, (1, 1))]:
    check_error(receptive_patch, random, row, col, size, because="the window would leave the picture on the right")
for row, col in [(-1, 0), (-2, 3), (-6, -5)]:
    check_error(receptive_patch, random, row, col, (3, 2), because="there is no row above row 0")
for row, col in [(0, -1), (3, -5)]:
    check_error(receptive_patch, random, row, col, (3, 2), because="there is no column left of column 0")
### END HIDDEN TESTS

# %% [markdown]
# ## One output, by hand
#
# The output is the **weighted sum** of the patch. Lay the kernel over the patch, multiply each pixel by the weight that lies on
# it, and add up all the products:
#
# $$z_{i,j} = \sum_{u=0}^{k_h-1} \; \sum_{v=0}^{k_w-1} x_{i+u,\; j+v} \; w_{u,v}$$
#
# **Predict first.** In the next picture the window stands at row 0, column 1. Multiply and add the four pairs in your head,
# then run.

# %%
small = np.array([[3, 1, 0, 2], [0, 5, 1, 1], [2, 0, 4, 0], [1, 1, 0, 3]])
kernel = np.array([[1, -1], [2, 0]])
pictures.window(small, kernel, row=0, col=1, others=False)

# %% [markdown]
# Now choose another `row` and `col` in the cell above, compute that output by hand, and only then run the cell again. Do this
# twice: what you can predict, you can program.
#
# > **A word about the name.** Mathematicians flip the kernel, upside down and left to right, before they slide it, and
# > call *that* a convolution (합성곱). Keras, PyTorch and nearly all of deep learning slide it as it is, which
# > mathematicians call *cross-correlation*. (Theano, an early library, did flip by default.) In this course "convolution" means
# > what Keras computes: **the kernel is not flipped**. The weights are learned, so a flip would only change where they are stored.

# %% [markdown]
# ### Exercise 4: `conv2d_valid` (3 points)
#
# Compute the whole output. Two loops over the output's positions are fine; so is anything else that gives the right values.
#
# Mind that `image` and `kernel` may have a small integer type such as `uint8`, which cannot hold more than 255. Your result must
# not overflow: convert before you multiply. A kernel that does not fit into the image is a `ValueError`.

# %% solution="conv2d_valid"
def conv2d_valid(image, kernel):
    """2-D convolution of one channel, stride 1, window inside the picture, kernel not flipped.

    image:  array [height, width] of floats or of any integer type, uint8 included
    kernel: array [kernel_height, kernel_width] of the same kinds
    Returns an array [height - kernel_height + 1, width - kernel_width + 1] with z[i, j] = sum of
    image[i + u, j + v] * kernel[u, v]. It does not change its arguments.
    Raises ValueError if the kernel is taller or wider than the image.
    """
    ### BEGIN SOLUTION
    kernel_height, kernel_width = kernel.shape
    height, width = image.shape[0] - kernel_height + 1, image.shape[1] - kernel_width + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            output[i, j] = np.sum(image[i : i + kernel_height, j : j + kernel_width] * kernel.astype(float))
    return output
    ### END SOLUTION


# %% test="conv2d_valid" points=3
import numpy as np

from convlab.checks import check, check_error

image = np.array([[3, 1, 0, 2], [0, 5, 1, 1], [2, 0, 4, 0]])
kernel = np.array([[1, -1], [2, 0]])
check(conv2d_valid, image, kernel, gives=np.array([[2.0, 11.0, 0.0], [-1.0, 4.0, 8.0]]))
check(
    conv2d_valid, image, np.array([[1.0, 0.5, -1.0]]),
    gives=np.array([[3.5, -1.0], [1.5, 4.5], [-2.0, 2.0]]),
    hint="A kernel need not be square: height and width are two things.",
)
check(conv2d_valid, image / -2, np.array([[-3.0]]), gives=1.5 * image, hint="One pixel fits everywhere.")
check(conv2d_valid, image, image, gives=np.array([[61.0]]), hint="A kernel as large as the image fits once.")
# 250 · 2 does not fit into uint8, and 250 · 90 + 200 · 80 not into int16.
convert = "Small integer types overflow: convert before you multiply."
bright = np.array([[250, 200, 255, 5]], dtype=np.uint8)
check(conv2d_valid, bright, np.array([[2, 1, 0]], np.uint8), gives=np.array([[700.0, 655.0]]), hint=convert)
check(conv2d_valid, bright, np.array([[90, 80, -1]], np.int8), gives=np.array([[38_245.0, 38_395.0]]), hint=convert)
check_error(conv2d_valid, np.ones((1, 5)), np.ones((2, 2)), because="the kernel is taller than the image")
check_error(conv2d_valid, np.ones((5, 1)), np.ones((2, 2)), because="the kernel is wider than the image")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for size, kernel_size in [((5, 5), (3, 3)), ((4, 7), (2, 3)), ((7, 4), (3, 1)), ((6, 5), (6, 5)), ((3, 8), (1, 1)), ((9, 6), (4, 2))]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel_size)
    check(conv2d_valid, x, w, gives=np.einsum("ijuv,uv->ij", windows, w))
bright = rng.integers(150, 256, size=(6, 7), dtype=np.uint8)
windows = np.lib.stride_tricks.sliding_window_view(bright.astype(float), (3, 2))
for w in (rng.integers(1, 9, (3, 2), dtype=np.uint8), rng.integers(-100, 127, (3, 2), dtype=np.int8), rng.normal(size=(3, 2)), rng.integers(-9, 9, (3, 2))):
    check(conv2d_valid, bright, w, gives=np.einsum("ijuv,uv->ij", windows, w.astype(float)), hint=convert)
check_error(conv2d_valid, np.ones((2, 7)), np.ones((3, 3)), because="the kernel is taller than the image")
check_error(conv2d_valid, np.ones((5, 2)), np.ones((3, 3)), because="the kernel is wider than the image")
### END HIDDEN TESTS

# %% [markdown]
# ## The moving shirt, once more
#
# Here a dense neuron with random weights and a convolution look at the shirt, and at the same shirt two pixels further right.
# The kernel answers with a positive number where the picture gets brighter from left to right, and with a negative one where it
# gets darker.
#
# **Predict first.** What will the move do to the number that the dense neuron computes? What to the map of the convolution?

# %%
edge = np.array([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])
random_weights = np.random.default_rng(0).normal(size=(28, 28))
pictures.seen_twice(shirt / 255, moved / 255, random_weights, edge)

# %% [markdown]
# The dense neuron met other pixels with other weights. Its number is another one, and nothing about it says "same shirt": it would
# have to learn the shirt anew at each place.
#
# The map of the convolution is the same map, **two pixels further right**. Let us be exact about it.

# %%
# Runs once exercise 4 is solved.
try:
    before, after = conv2d_valid(shirt, edge), conv2d_valid(moved, edge)
    print("same map?                          ", np.array_equal(before, after))
    print("same map, two columns further right?", np.array_equal(before[:, :-2], after[:, 2:]))
except NotImplementedError:
    print("solve exercise 4 first")

# %% [markdown]
# **Play.** The same with a shape that you move yourself: press the arrow keys in the picture. Can you find a place at which the
# dense neuron says the same as in the corner? Does the largest value of the map ever change? Then type a larger side into the
# box: which of the two counts grows?

# %%
from convlab import explorers

explorers.dense_and_convolution()

# %% [markdown]
# <details><summary>Play, then click here</summary>
#
# In the corner the dense neuron says 2, and by chance it says so again at two of the other 24 places. The largest value of the map is
# 5 everywhere, and only its place changes. The dense count grows with the picture; the convolution keeps its ten numbers, nine weights
# and a bias.
#
# </details>
#
# "If the input moves, the output moves along" is called **equivariance**. It is *not* **invariance**, which would be "if the
# input moves, the output stays". You may read that "a convolution does not care where the cat is". Your two printed
# lines show why this is not quite so: the map does care, it moves along with the cat. What helps is that the detector which
# found the cat here finds it there, too, without learning anything new. (Invariance, a little of it, is what pooling adds in
# lesson 5.)
#
# Equivariance has limits. What leaves the picture leaves the map, and it holds for windows that stay inside the picture, as ours
# do. In the next lesson the picture gets a frame, and close to it the rule breaks.

# %% [markdown]
# *A good place to stop for today: the larger half of the lesson is behind you. Save, and when you come back, click into the next cell
# and choose Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## A convolution is a dense layer
#
# Flatten the picture row by row, as `image.ravel()` does, and the outputs as well. Then each output is a weighted sum of all
# inputs, as in a dense layer without bias: $z = W x$, with one **row** of $W$ for each output and one **column** for each
# input. Which weights does output $(i, j)$ give to the inputs outside its patch? Zero. (This $W$ is the table $w$ from the beginning,
# transposed: there, and in Keras, an output is a *column*.)
#
# Here is $W$ for a picture of 3 × 3 pixels and a kernel of 2 × 2. Find the row of output $(1, 0)$, and the four pixels
# that it sees.

# %%
pictures.weight_matrix(
    np.array([
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]),
    kernel=np.array([[1, 2], [3, 4]]),
)

# %% [markdown]
# ### Exercise 5, the challenge: `dense_matrix_of_conv` (3 points)
#
# Return this matrix for any kernel and any size of picture, so that
# `W @ image.ravel()` equals `conv2d_valid(image, kernel).ravel()`. If the kernel does not fit into the picture, raise `ValueError`.
#
# A way to think of it: in which row of `W` does output `(i, j)` stand? In which column does pixel `(i + u, j + v)`?

# %% solution="dense_matrix_of_conv"
def dense_matrix_of_conv(kernel, input_shape):
    """The matrix of the dense layer that computes the same as a convolution.

    kernel:      array [kernel_height, kernel_width]
    input_shape: pair of ints (height, width)
    Returns an array W [number of outputs, height * width] with
    W @ image.ravel() == conv2d_valid(image, kernel).ravel().
    Raises ValueError if the kernel is taller or wider than the input.
    """
    ### BEGIN SOLUTION
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + (j + v)] = kernel[u, v]
    return matrix
    ### END SOLUTION


# %% test="dense_matrix_of_conv" points=3
import numpy as np

from convlab.checks import check, check_error

expected = np.array([
    [1, -2, 0, 3, 4, 0, 0, 0, 0],
    [0, 1, -2, 0, 3, 4, 0, 0, 0],
    [0, 0, 0, 1, -2, 0, 3, 4, 0],
    [0, 0, 0, 0, 1, -2, 0, 3, 4],
], dtype=float)
check(
    dense_matrix_of_conv, np.array([[1, -2], [3, 4]]), (3, 3),
    gives=expected, hint="Here 2 outputs stand side by side, but 3 pixels.",
)
check(
    dense_matrix_of_conv, np.array([[0.5, 7.0]]), (2, 3),
    gives=np.array([[0.5, 7, 0, 0, 0, 0], [0, 0.5, 7, 0, 0, 0], [0, 0, 0, 0.5, 7, 0], [0, 0, 0, 0, 0.5, 7]]),
    hint="A picture 2 high and 3 wide, a kernel 1 high and 2 wide.",
)
check(dense_matrix_of_conv, np.array([[5], [6]]), (2, 2), gives=np.array([[5.0, 0, 6, 0], [0, 5, 0, 6]]))
check(dense_matrix_of_conv, np.array([[5, 6]]), (1, 2), gives=np.array([[5.0, 6.0]]), hint="One output: one row.")
check(dense_matrix_of_conv, np.array([[2]]), (2, 2), gives=2 * np.eye(4))
check_error(dense_matrix_of_conv, np.ones((3, 3)), (2, 4), because="the kernel is taller than the input")
check_error(dense_matrix_of_conv, np.ones((2, 4)), (5, 3), because="the kernel is wider than the input")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for (height, width), kernel_size in [((4, 5), (2, 3)), ((5, 4), (3, 1)), ((3, 3), (3, 3)), ((2, 6), (1, 1)), ((6, 3), (2, 2))]:
    w = rng.normal(size=kernel_size)
    # Column by column: what the convolution makes of a picture with a single bright pixel.
    pixels = np.eye(height * width).reshape(-1, height, width)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, kernel_size, axis=(1, 2))
    columns = np.einsum("nijuv,uv->nij", windows, w).reshape(height * width, -1)
    check(dense_matrix_of_conv, w, (height, width), gives=columns.T.copy())
check_error(dense_matrix_of_conv, np.ones((5, 2)), (4, 4), because="the kernel is taller than the input")
check_error(dense_matrix_of_conv, np.ones((1, 3)), (6, 2), because="the kernel is wider than the input")
### END HIDDEN TESTS

# %% [markdown]
# How much does a convolution leave out? **Predict first,** for one of our pictures and a kernel of 3 × 3: which share of the
# weights in the matrix is zero?

# %%
# Runs once the challenge is solved.
try:
    matrix = dense_matrix_of_conv(edge, (28, 28))
    reach = dense_matrix_of_conv(np.ones((3, 3)), (28, 28))
    print(f"{matrix.size:,} weights in the matrix")
    print(f"{np.mean(reach == 0):.1%} of them lie outside the patch of their output and are zero")
    print(f"{np.count_nonzero(reach):,} connections share {edge.size} weights")
except NotImplementedError:
    print("solve the challenge first")

# %% [markdown]
# So a convolution is a dense layer in which nearly all weights are zero, and the few that are left are shared. That is a bet on
# what pictures are like: what belongs together is close together, and it may turn up anywhere.
#
# Mostly the bet pays off. It does not where the place itself says something (in passport photos the eyes are always at the same
# height), or where far ends of a picture have to be compared. For the latter there are deeper layers, which see more.

# %% [markdown]
# ### In your own words: `explain_dense_vs_conv` (2 points)
#
# A network has learned to find a cat in the upper left corner. In the next photo the cat sits in the lower right corner.
#
# 1. Why is this a new input for a dense layer, one that it knows nothing about?
# 2. What does a convolution do instead? Use the word *equivariance* or *invariance*, whichever is right, and say what it means.
#
# Three to six sentences. A person reads and grades them.

# %% [markdown] written="explain_dense_vs_conv" points=2
# A dense layer has a separate weight for every pixel. The weights that learned the cat belong to the pixels of the upper left
# corner; in the lower right corner other pixels with other weights meet the cat, and those have not learned anything. For
# the layer the shifted cat is a different list of numbers.
#
# A convolution slides the same kernel over the whole picture, so the kernel that answers to the cat in the upper left answers
# in the same way in the lower right. The feature map shifts along with the cat: that is equivariance. It is not invariance,
# because the output does change: its peak is at another place.
#
# Rubric: 1 point for "separate weights for each pixel, so nothing learned at one place holds at another"; 1 point for
# "shared weights, hence the output moves along (equivariance), not stays the same (invariance)". Half a point each if the idea is
# there but the word or its meaning is mixed up.

# %% [markdown]
# ## To remember
#
# - A dense layer has a weight for every pair of input and output: **inputs × units + units**.
# - A convolution looks through a small window and uses the same weights everywhere. It learns
#   **kernel height × kernel width × channels × filters + filters** numbers, whatever the size of the picture. The work does grow
#   with the picture.
# - One output is the weighted sum of its patch: $z_{i,j} = \sum_{u,v} x_{i+u,\,j+v}\, w_{u,v}$. The kernel is not flipped.
# - Along an axis of $n$ pixels a window of $k$ fits at $n - k + 1$ places.
# - A convolution is a dense layer whose matrix is mostly zeros, with the kernel's weights repeated in every row.
# - If the picture moves, the map moves along: **equivariance**. It does not stay the same, which would be **invariance**.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | dense layer | 밀집 층 (완전 연결 층) | every output has a weight for every input |
# | weight, bias | 가중치, 편향 | what a layer learns: factors, and a number to add |
# | convolution | 합성곱 | slide a kernel over the picture, weighted sum at each place |
# | kernel | 커널 | the weights that are slid over one channel |
# | channel | 채널 | one of the numbers that each pixel has, such as its red |
# | filter | 필터 | a kernel for each channel, and one bias |
# | receptive field | 수용 영역 | the pixels that one output sees |
# | feature map | 특성 맵 | the outputs of one filter, each at its place |
# | equivariance | 등변성 | the input moves, the output moves along |
# | invariance | 불변성 | the input moves, the output stays the same |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 2, padding:** the map came out smaller than the picture, and pixels at the edge were seen less often. What can be
#   done about it?
# - **To read:** A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, third edition, the beginning of
#   chapter 14; V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (arXiv 1603.07285), for its pictures.
