# %% [markdown]
# # 8 · Where the weights come from
#
# You have written kernels by hand, and you have used kernels that a network had learned. Nobody wrote the numbers into those. Who did?
#
# In this lesson you will
#
# - ask a single weight which way to go, and let it go there,
# - measure the gradient of anything by wiggling it,
# - learn a kernel from nothing but a picture and its map,
# - find out why a network without a bend is only one layer,
# - send the error back through softmax, dense layer, ReLU and convolution,
# - take one training step **yourself**, with NumPy alone, equal to Keras' own, and then a few hundred.
#
# It goes beyond the course's hundred points: twenty more, for those who want to know.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import load_fashion_mnist, load_large_model_weights
from convlab.pictures import learning as pictures
from convlab.pictures.filters import kernels
from convlab.pictures.windows import correlate

(x_train, y_train), (x_test, y_test) = load_fashion_mnist()
bag = x_train[462] / 255

# %% [markdown]
# ## One weight
#
# Begin with the smallest network there is: one pixel $x$, one weight $w$, one output $w \cdot x$. The pixel is 2, and the output should be 6. (You know the answer. The weight does not.)
#
# How wrong is it? Take the square of what is missing, and you have a **loss** (손실): a number that is 0 when all is right, and larger the more is wrong.
#
# $$L(w) = (2w - 6)^2$$
#
# **Predict first.** The weight is 1 now. What is the loss? Should $w$ grow or shrink? And how could it find out without knowing the answer, just from the
# losses here and very near?

# %%
pictures.one_weight(at=1.0)

# %% [markdown]
# The loss is 16. Very near, at 1.01, it is 15.84: a step of 0.01 to the right takes 0.16 away. So it is $-0.16 / 0.01 \approx -16$ **per unit of $w$**. This number is the
# **gradient** (기울기), the slope of the curve under your feet. By formula: $L'(w) = 2\,(2w - 6) \cdot 2$, and at $w = 1$ that is exactly −16.
#
# The gradient points uphill. So we go the other way, by a small part of it, the **learning rate** (학습률):
#
# $$w \leftarrow w - \text{rate} \cdot L'(w)$$
#
# **By hand.** Rate 0.1: where is $w$ after one step, and how large is the loss there?
#
# <details><summary>Compute, then click here</summary>
#
# $1 - 0.1 \cdot (-16) = 2.6$. The output is now 5.2, it misses 0.8, and the loss is 0.64 instead of 16. One step more: the gradient is −3.2, $w$ becomes 2.92,
# and the loss 0.0256.
#
# </details>

# %% [markdown]
# ### Too small, too large
#
# **Predict first.** The same start with the rates 0.01, 0.1, 0.25 and 0.3. Which one arrives first? Does each one arrive?

# %%
pictures.walks(rates=[0.01, 0.1, 0.25, 0.3], start=1.0, steps=6)

# %% [markdown]
# Too small: it goes the right way, and takes forever. Too large: it jumps over the valley, at 0.25 exactly as high on the other side, and at 0.3 *higher* each time. A larger rate is not
# simply a faster one. In a valley like this there is a largest one, beyond which nothing is learned, and how sharply the valley **curves** decides where it lies.
#
# **Is that so?** One often hears that going against the gradient leads straight to the minimum. **Predict first:** does it, when there are two weights?
#
# **Play.** Here is a kernel of two weights, a picture, and the map that it should make. The contour map shows the loss for every pair of weights. Take some steps:
# does the arrow point at the goal? Find the largest rate that still gets you there.

# %%
from convlab import explorers

explorers.descent()

# %% [markdown]
# It does not: at the start the arrow misses it by 53°. It points the steepest way *from here*, at right angles to the line of equal loss, and that leads across a long narrow valley rather than along it. With a small rate the path
# creeps along the floor for more than a hundred steps; with a larger one it zigzags from wall to wall and is there after fourteen; from 0.23 on every jump is longer than the one before.

# %% [markdown]
# ## A gradient of anything
#
# With many weights, each one has a slope of its own, and all of them together are **the** gradient: an array of the same shape as the weights. You can measure it without any
# formula: wiggle one weight, see what happens to the loss, put the weight back, and go on to the next.
#
# Wiggle it on **both** sides: that is what makes it precise. Take $f(x) = x^3$ at 2, whose true slope is 12, and a step as large as 0.5.
#
# **By hand.** To one side: $(f(2.5) - f(2)) / 0.5$. To both sides: $(f(2.5) - f(1.5)) / 1$. How far is each one off?
#
# <details><summary>Compute, then click here</summary>
#
# $(15.625 - 8) / 0.5 = 15.25$ is off by 3.25. $(15.625 - 3.375) / 1 = 12.25$ is off by 0.25. To one side the error shrinks with the step, to both sides with its *square*:
# these are **central differences** (중앙 차분).
#
# </details>

# %% [markdown]
# ### Exercise 1: `numeric_gradient` (2 points)
#
# For each entry of `x`: ask `f` with this entry a step larger and with it a step smaller, all others as they are, and divide the difference by **two** steps. `x` itself must come out of it
# unharmed, to the last bit.

# %% solution="numeric_gradient"
def numeric_gradient(f, x, step=1e-4):
    """The gradient of f at x, measured by central differences.

    f:    function that takes an array of x's shape and returns one number
    x:    array of floats (float64) with one axis or more; it does not change
    step: how far each entry is moved, in each direction
    Returns an array of x's shape: how much f changes per unit of each entry.
    Raises ValueError if the step is not above 0.
    """
    ### BEGIN SOLUTION
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient
    ### END SOLUTION


# %% test="numeric_gradient" points=2
import numpy as np

from convlab.checks import check, check_error


def parabolas(x):
    return x[0] ** 2 + 3 * x[1] ** 2 - x[2]


def cubes(x):
    return float((x**3).sum())


def mixed(x):
    return x[0, 0] * x[0, 1] + 5 * x[1, 2] - x[1, 0] ** 2


check(
    numeric_gradient, cubes, np.array([2.0, -1.5]), step=0.5,
    gives=np.array([12.25, 7.0]),
    hint="You have computed the first one by hand: both sides, and two steps between them.",
)
check(
    numeric_gradient, parabolas, np.array([1.0, -2.0, 0.1]),
    gives=np.array([2.0, -12.0, -1.0]), hint="One number for each entry of x.",
)
check(
    numeric_gradient, mixed, np.array([[0.5, 3.0, 0.1], [0.3, 0.7, 1.5]]), 1e-3,
    gives=np.array([[3.0, 0.5, 0.0], [-0.6, 0.0, 5.0]]),
    hint="All other entries stay as they are, and so does x: adding a step and taking it away again rounds.",
)
check(
    numeric_gradient, cubes, np.array([[[0.3, -1.7]], [[1.5, 0.7]]]), 0.1,
    gives=np.array([[[0.28, 8.68]], [[6.76, 1.48]]]), hint="x may have any number of axes.",
)
for step in [0, -1e-4]:
    check_error(numeric_gradient, cubes, np.array([2.0, -1.0]), step, because="the step must be above 0")
### BEGIN HIDDEN TESTS
import tensorflow as tf

rng = np.random.default_rng(8)
for shape in [(5,), (2, 4), (3, 2), (2, 3, 4)]:
    pull = rng.normal(size=shape)

    def wavy(x, pull=pull):
        return float((np.sin(x) * pull).sum() + x.sum() ** 2)

    x = rng.normal(size=shape)
    with tf.GradientTape() as tape:
        variable = tf.Variable(x)
        value = tf.reduce_sum(tf.sin(variable) * pull) + tf.reduce_sum(variable) ** 2
    check(numeric_gradient, wavy, x, gives=tape.gradient(value, variable).numpy())
    check(numeric_gradient, cubes, x, 0.25, gives=3 * x**2 + 0.0625)
    check(numeric_gradient, cubes, x, step=0.5, gives=3 * x**2 + 0.25)
check_error(numeric_gradient, cubes, np.array([1.0, 2.0, 3.0]), -0.5, because="the step must be above 0")
check_error(numeric_gradient, cubes, np.array([3.0]), 0, because="the step must be above 0")
### END HIDDEN TESTS

# %% [markdown]
# Why not make the step as small as possible? **Predict first.** Steps from 0.1 down to a trillionth, for the slope of $x^3$ at 2: where is the error smallest?

# %%
# Runs once exercise 1 is solved.
try:
    for step in (1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12):
        (slope,) = numeric_gradient(lambda x: x[0] ** 3, np.array([2.0]), step)
        print(f"step {step:.0e}:  off by {abs(slope - 12):.0e}")
except NotImplementedError:
    print("solve exercise 1 first")

# %% [markdown]
# In between. A large step sees the curve bend, a tiny one drowns in rounding: the two values agree in all but their last digits, and these are divided by next to nothing.
#
# Measuring is honest, and slow: two losses for **each** weight. The large model of lesson 7 has 1,413,834 of them, and would have to be asked 2,827,668 times for one single step. Hardly anybody learns like that.
# But everybody *checks* like that: a formula for a gradient can be trusted when it agrees with the measured one on a few small arrays, away from corners. This is a **gradient check** (기울기 검증).

# %% [markdown]
# ## A kernel that nobody wrote
#
# Now for real. Here is a bag, and a map. Somebody made it with a kernel of 3 × 3 and has forgotten the kernel.

# %%
forgotten = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
pictures.riddle(bag, correlate(bag, forgotten))

# %% [markdown]
# **Predict first.** We start with nine zeros. What does the first map look like? Which of the nine weights will move up, which down, and which hardly at all?
#
# The loss is the mean over all outputs of (output − target)². Output $(i, j)$ is the sum of nine products, and in it weight $(u, v)$ stands beside pixel $(i+u, j+v)$. So when this weight grows
# by a little, the output grows by that much times *the pixel*; and the square of the error $e_{ij}$ = output − target by $2\,e_{ij}$ times that. The mean over all $N$ outputs:
#
# $$\frac{\partial L}{\partial k_{uv}} = \frac{2}{N} \sum_{i,j} e_{ij} \cdot x_{i+u,\,j+v}$$
#
# Look at it twice. That is a **convolution**: the picture, seen through a window as large as the map of errors.

# %% [markdown]
# ### Exercise 2: `learn_kernel` (3 points)
#
# Begin with zeros. In each step: the map of the kernel so far, its loss, the gradient of *all* weights, and then one step downhill for all of them together. Return the last kernel and the list of losses, each
# one taken **before** its step, so that the first one is the loss of the zeros.

# %% solution="learn_kernel"
def learn_kernel(image, target, kernel_size, steps, learning_rate):
    """A kernel learned by gradient descent, from an image and the map that it should make of it.

    image:         array [height, width], of integers (uint8 included) or floats
    target:        array [height - kernel_height + 1, width - kernel_width + 1], of integers
                   (uint8 included) or floats: what the valid convolution should give
                   (stride 1, no bias, not flipped)
    kernel_size:   pair of ints (kernel_height, kernel_width)
    steps:         int, how many steps to take
    learning_rate: number, by which the gradient of the mean squared error is multiplied
    Returns a pair: the kernel after the last step, an array [kernel_height, kernel_width], and the
    losses before each step, `steps` numbers. The kernel before the first step is zero.
    Raises ValueError if a kernel size or steps is below 1, the kernel is larger than the image, or
    target has another shape.
    """
    ### BEGIN SOLUTION
    if min(*kernel_size, steps) < 1:
        raise ValueError("a kernel has at least one weight, and learning takes at least one step")
    if kernel_size[0] > image.shape[0] or kernel_size[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image, tuple(kernel_size))
    if target.shape != windows.shape[:2]:
        raise ValueError(f"the map has the shape {windows.shape[:2]}, the target {target.shape}")
    kernel, losses = np.zeros(kernel_size), []
    for _ in range(steps):
        errors = np.tensordot(windows, kernel, axes=2) - target
        losses.append(np.mean(errors**2))
        kernel = kernel - learning_rate * 2 * np.tensordot(errors, windows, axes=2) / errors.size
    return kernel, losses
    ### END SOLUTION


# %% test="learn_kernel" points=3
import numpy as np

from convlab.checks import check, check_error

image = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])
target = np.array([[4.0, -2.0]])
check(
    learn_kernel,
    np.array([[1.0, 2.0, 1.0, 0.0], [0.0, -1.0, 3.0, 2.0]]), np.array([[4.0, -2.0, 1.0]]), (2, 2), 1, 0.3,
    gives=(np.array([[0.2, 1.2], [1.0, -1.6]]), [7.0]),
    hint="One step: the errors are −4, 2 and −1, and N is 3.",
)
check(
    learn_kernel, image, target, (2, 2), 3, 0.1,
    gives=(np.array([[0.38, 1.216], [0.114, -0.95]]), [10.0, 1.7, 0.289]),
    hint="Each loss before its step; each step from where the one before ended.",
)
check(
    learn_kernel, image, np.array([[3.0], [5.0]]), [1, 3], 2, 0.05,
    gives=(np.array([[0.2875, 0.185, 1.17]]), [17.0, 7.70125]), hint="The pair of sizes may be a list.",
)
photo = np.array([[200, 10, 250], [30, 220, 90]], dtype=np.uint8)
answer = np.array([[30, 240], [70, 0]], dtype=np.uint8)
check(
    learn_kernel, photo, answer, (1, 2), 2, 1e-5,
    gives=(np.array([[0.023054, 0.523492]]), [15850.0, 5882.396494]), rtol=1e-3,
    hint="uint8 knows no negative numbers, and none above 255.",
)
for steps in [0, -3]:
    check_error(learn_kernel, image, target, (2, 2), steps, 0.1, because="there is at least one step")
for kernel_size, shape in [((0, 2), (3, 2)), ((2, 0), (1, 4)), ((2, -1), (1, 5))]:
    check_error(
        learn_kernel, image, np.ones(shape), kernel_size, 1, 0.1,
        because="a kernel has at least one row and one column",
    )
for kernel_size, shape in [((3, 2), (1, 2)), ((3, 2), (0, 2)), ((1, 4), (2, 0))]:
    check_error(
        learn_kernel, image, np.ones(shape), kernel_size, 1, 0.1,
        because="the kernel is larger than the image",
    )
for shape in [(1, 1), (2, 1), (2, 3), (2,)]:
    check_error(
        learn_kernel, image, np.ones(shape), (2, 2), 1, 0.1,
        because="this target is not as large as the map (NumPy might stretch it silently)",
    )
### BEGIN HIDDEN TESTS
import tensorflow as tf

rng = np.random.default_rng(4)
for size, kernel_size, steps, rate in [((6, 7), (3, 2), 4, 0.1), ((5, 5), (1, 1), 6, 0.3), ((4, 9), [2, 3], 3, 0.05), ((3, 3), (3, 3), 2, 0.02)]:
    image = rng.normal(size=size)
    target = rng.normal(size=(size[0] - kernel_size[0] + 1, size[1] - kernel_size[1] + 1))
    kernel, losses = tf.Variable(np.zeros((*kernel_size, 1, 1))), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            seen = tf.nn.conv2d(image[None, :, :, None], kernel, 1, "VALID")[0, :, :, 0]
            loss = tf.reduce_mean((seen - target) ** 2)
        losses.append(float(loss))
        kernel.assign_sub(rate * tape.gradient(loss, kernel))
    check(learn_kernel, image, target, kernel_size, steps, rate, gives=(kernel.numpy()[:, :, 0, 0], losses))
# A rich picture and a good rate: the kernel that made the map comes back.
image, kernel = rng.normal(size=(12, 11)), rng.normal(size=(2, 3))
target = np.einsum("ijuv,uv->ij", np.lib.stride_tricks.sliding_window_view(image, (2, 3)), kernel)
check(learn_kernel, image, target, (2, 3), 60, 0.3, of=lambda pair: pair[0], gives=kernel, rtol=1e-3, atol=1e-3)
photo = rng.integers(0, 256, (5, 6), dtype=np.uint8)
answer = rng.integers(0, 256, (4, 4), dtype=np.uint8)
windows = np.lib.stride_tricks.sliding_window_view(photo.astype(float), (2, 3))
step = 2e-5 * 2 * np.einsum("ijuv,ij->uv", windows, answer.astype(float)) / 16
losses = [float(np.mean(error**2)) for error in (answer.astype(float), np.einsum("ijuv,uv->ij", windows, step) - answer)]
check(learn_kernel, photo, answer, (2, 3), 2, 2e-5, of=lambda pair: pair[1], gives=losses, rtol=1e-3, hint="uint8 knows no negative numbers, and none above 255.")
check_error(learn_kernel, image, target, (2, 3), -1, 0.1, because="there is at least one step")
for kernel_size, shape in [((0, 1), (13, 11)), ((1, 0), (12, 12)), ((1, -2), (12, 14))]:
    check_error(learn_kernel, image, np.ones(shape), kernel_size, 3, 0.1, because="a kernel has at least one row and one column")
for kernel_size, shape in [((13, 2), (0, 10)), ((2, 12), (11, 0)), ((2, 12), target.shape)]:
    check_error(learn_kernel, image, np.ones(shape), kernel_size, 3, 0.1, because="the kernel is larger than the image")
for wrong in [target[:1], target[:, :1], target[:-1], target[:, 1:], image, target.T, target.ravel(), np.ones((1, 1))]:
    check_error(learn_kernel, image, wrong, (2, 3), 3, 0.1, because="this target is not as large as the map (NumPy might stretch it silently)")
### END HIDDEN TESTS

# %%
# Runs once exercise 2 is solved.
try:
    learned, losses = {}, []
    for steps in (1, 10, 100, 1000):
        learned[steps], losses = learn_kernel(bag, correlate(bag, forgotten), (3, 3), steps, 0.3)
    display(pictures.learned(learned, forgotten))
    display(pictures.losses({"rate 0.3": losses}))
except NotImplementedError:
    print("solve exercise 2 first")

# %% [markdown]
# After one step the kernel knows left from right, and the middle column has hardly moved. After 100 steps the loss is down to 0.4 % of what it was, and yet the left column is −1.22, −1.54, −1.21 instead of −1, −2, −1. After 1,000 steps the largest
# error is 0.06. Lesson 4's `recover_kernel` would find this kernel at once, by solving linear equations; descent only comes nearer and nearer. So why descend? Because with a
# ReLU or a softmax in between, the equations are no longer linear. A slope can be computed almost anywhere.
#
# **Now you know why** a small loss is not yet the right answer. The column's *sum* is right early (−3.97 of −4); what takes so long is how it is shared among three pixels above each other. In a picture of a bag these are
# nearly equal, so it hardly matters to the map who gets how much: along this floor of the valley there is almost no slope. On its steep sides there is much: with a rate above 0.35 everything flies apart.

# %% [markdown]
# ## Why not just more layers?
#
# One kernel can be learned. Then two in a row should be able to do more, shouldn't they?
#
# **By hand.** A row of pixels goes through the kernel `[1, 2]`, and the result through the kernel `[3, 4]`. The first output of all is $3 \cdot (1 x_0 + 2 x_1) + 4 \cdot (1 x_1 + 2 x_2)$. Sort this by
# pixels: which *single* kernel of three numbers does the same?
#
# <details><summary>Compute, then click here</summary>
#
# $3 x_0 + (6 + 4) x_1 + 8 x_2$: the kernel `[3, 10, 8]`. Two layers, and nothing that one could not do.
#
# </details>

# %% [markdown]
# ### Exercise 3: `merge_linear` (2 points)
#
# Now for any two kernels, with two axes and with channels. In the example, each pair of weights, one of the first kernel and one of the second, met at one place of the large kernel: which one? With channels, the
# first kernel's filters are the second one's input channels, and the sum goes over these as well.

# %% solution="merge_linear"
def merge_linear(first, second):
    """The one kernel that does the work of two valid convolutions in a row (stride 1, no bias).

    first:  array of floats [kernel_height, kernel_width, channels, between]; applied first
    second: array of floats [kernel_height_2, kernel_width_2, between, filters]
    Returns an array [kernel_height + kernel_height_2 - 1, kernel_width + kernel_width_2 - 1,
    channels, filters]. No kernel is flipped.
    Raises ValueError if the first one has another number of filters than the second one has
    input channels.
    """
    ### BEGIN SOLUTION
    if first.shape[3] != second.shape[2]:
        raise ValueError(f"{first.shape[3]} filters do not fit {second.shape[2]} input channels")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] += first[u, v] @ second[a, b]
    return merged
    ### END SOLUTION


# %% test="merge_linear" points=2
import numpy as np

from convlab.checks import check, check_error

row = np.array([1.0, 2.0]).reshape(1, 2, 1, 1)
check(
    merge_linear, row, np.array([3.0, 4.0]).reshape(1, 2, 1, 1),
    gives=np.array([3.0, 10.0, 8.0]).reshape(1, 3, 1, 1), hint="This one you have computed by hand.",
)
check(
    merge_linear, row, np.array([3.0, 4.0, -1.0]).reshape(3, 1, 1, 1),
    gives=np.array([[3.0, 6.0], [4.0, 8.0], [-1.0, -2.0]]).reshape(3, 2, 1, 1),
    hint="The rows of both, and the columns of both.",
)
# Two input channels, three maps between, two filters.
first = np.array([[[[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]], [[0.0, 3.0, 1.0], [1.0, 1.0, -2.0]]]])
second = np.array([[[[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]]], [[[0.0, 2.0], [-1.0, 0.5], [3.0, 0.0]]]])
check(
    merge_linear, first, second,
    gives=np.array([
        [[[1.0, -2.0], [-1.5, -1.0]], [[6.0, 2.0], [3.0, 3.0]]],
        [[[6.0, 2.0], [1.0, 0.5]], [[0.0, 1.5], [-7.0, 2.5]]],
    ]),
    hint="At each pair of weights: channels × between, times between × filters.",
)
for between in [1, 2]:
    check_error(
        merge_linear, first, np.ones((2, 1, between, 2)),
        because="the first kernel has three filters, the second one has another number of input channels",
    )
check_error(
    merge_linear, row, second,
    because="the first kernel has one filter, the second one three input channels",
)
### BEGIN HIDDEN TESTS
import tensorflow as tf

rng = np.random.default_rng(3)
for one, two in [((3, 3, 1, 4), (3, 3, 4, 2)), ((2, 4, 3, 2), (3, 1, 2, 5)), ((1, 1, 2, 3), (2, 2, 3, 1)), ((4, 2, 2, 1), (1, 3, 1, 3)), ((1, 3, 2, 2), (1, 2, 2, 2))]:
    first, second = rng.normal(size=one), rng.normal(size=two)
    # An impulse for each channel shows the kernel of both layers together, turned by half a turn.
    size = one[0] + two[0] - 1, one[1] + two[1] - 1
    impulses = np.zeros((one[2], 2 * size[0] - 1, 2 * size[1] - 1, one[2]))
    for channel in range(one[2]):
        impulses[channel, size[0] - 1, size[1] - 1, channel] = 1
    seen = tf.nn.conv2d(tf.nn.conv2d(impulses, first, 1, "VALID"), second, 1, "VALID").numpy()
    check(merge_linear, first, second, gives=np.moveaxis(seen[:, ::-1, ::-1], 0, 2))
check_error(merge_linear, np.ones((2, 2, 1, 3)), np.ones((1, 2, 4, 1)), because="the first kernel has three filters, the second one has another number of input channels")
check_error(merge_linear, np.ones((2, 2, 2, 3)), np.ones((2, 1, 1, 1)), because="the first kernel has three filters, the second one has another number of input channels")
check_error(merge_linear, np.ones((1, 2, 2, 1)), np.ones((2, 1, 3, 1)), because="the first kernel has one filter, the second one three input channels")
### END HIDDEN TESTS

# %%
# Runs once exercise 3 is solved.
try:
    twice = correlate(correlate(bag, forgotten), forgotten.T)
    one = merge_linear(forgotten[:, :, np.newaxis, np.newaxis], forgotten.T[:, :, np.newaxis, np.newaxis])[:, :, 0, 0]
    once = correlate(bag, one)
    print(f"two layers and one: the largest difference is {np.abs(twice - once).max():.0e}")
    bent = correlate(np.maximum(correlate(bag, forgotten), 0), forgotten.T)
    print(f"with a ReLU between: {np.abs(bent - once).max():.1f}")
except NotImplementedError:
    print("solve exercise 3 first")

# %% [markdown]
# A hundred linear layers are one linear layer (with biases, too: they merge into one). Something between them has to **bend**, as the ReLU of lesson 4 does. **Now you know why** it stands behind the convolutions of lesson 7. (A max pooling bends as
# well.)
#
# **Predict first.** A ReLU is $\max(x, 0)$. The output's gradient comes back to it: 5 at a place where $x$ was 3, and 5 at a place where $x$ was −3. What does it hand on to $x$?
#
# <details><summary>Decide, then click here</summary>
#
# 5 and 0. Above 0 the output moves just as $x$ does. Below 0 it does not move at all, whatever $x$ does, so the loss does not depend on $x$ there. At 0 exactly there is a corner and no slope; by custom, and in Keras, it
# counts as 0.
#
# </details>

# %% [markdown]
# ### Exercise 4: `relu_gradient` (1 point)
#
# `upstream` holds how much the loss grows per unit of each *output*. Return how much it grows per unit of each *input*.

# %% solution="relu_gradient"
def relu_gradient(x, upstream):
    """The gradient of the loss to the input of a ReLU.

    x:        array of floats, any shape: what went into the ReLU
    upstream: array of floats, the same shape: the gradient to its output
    Returns an array of numbers of this shape: upstream where x is above 0, else 0.
    Raises ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    if x.shape != upstream.shape:
        raise ValueError(f"x has the shape {x.shape}, upstream {upstream.shape}")
    return np.where(x > 0, upstream, 0)
    ### END SOLUTION


# %% test="relu_gradient" points=1
import numpy as np

from convlab.checks import check, check_error

check(
    relu_gradient, np.array([3.0, -3.0, 0.5, -0.5]), np.array([5.0, 5.0, -2.0, -1.5]),
    gives=np.array([5.0, 0.0, -2.0, 0.0]), hint="It is x that decides, not upstream.",
)
check(
    relu_gradient, np.array([[0.0, 2.0, 0.0]]), np.array([[4.0, 0.25, -4.0]]),
    gives=np.array([[0.0, 0.25, 0.0]]), hint="At 0 exactly, nothing is handed on.",
)
check(
    relu_gradient, np.array([[[[-1.0, 4.0]], [[2.0, 0.0]]]]), np.array([[[[7.0, 3.0]], [[-6.0, 1.0]]]]),
    gives=np.array([[[[0.0, 3.0]], [[-6.0, 0.0]]]]), hint="The shape does not matter.",
)
for shape in [(3, 4), (1,), (4, 1), ()]:
    check_error(
        relu_gradient, np.array([3.0, -3.0, 0.5, -0.5]), np.ones(shape),
        because="the shapes differ (NumPy would stretch one of them)",
    )
### BEGIN HIDDEN TESTS
import tensorflow as tf

rng = np.random.default_rng(2)
for shape in [(8,), (4, 5), (1, 6), (2, 3, 4, 2)]:
    x, upstream = np.round(rng.normal(size=shape)), rng.normal(size=shape)
    with tf.GradientTape() as tape:
        variable = tf.Variable(x)
        value = tf.reduce_sum(tf.nn.relu(variable) * upstream)
    check(relu_gradient, x, upstream, gives=tape.gradient(value, variable).numpy())
check_error(relu_gradient, np.ones((3, 2)), np.ones((2,)), because="the shapes differ (NumPy would stretch one of them)")
check_error(relu_gradient, np.ones((3, 2)), np.ones((2, 3)), because="the shapes differ (NumPy would stretch one of them)")
check_error(relu_gradient, np.ones((1,)), np.ones((5,)), because="the shapes differ (NumPy would stretch one of them)")
### END HIDDEN TESTS

# %% [markdown]
# ## How wrong is a probability?
#
# A network that tells clothes apart gives ten probabilities, and the picture has one label. How wrong is that? The usual loss looks only at the probability $p$ of the **right** class, and takes $-\ln p$: the **cross-entropy** (교차 엔트로피).
#
# **Predict first.** What is the loss of a network that gives the right class 100 %? 50 %? 10 %, because it has no idea and shares out evenly? 0 %?

# %%
pictures.surprise([1.0, 0.5, 0.1, 0.01])

# %% [markdown]
# 0, 0.69, 2.30, and infinity. It punishes a confident mistake without mercy. A program had better not meet infinity, so a floor is put under it: a probability below $10^{-7}$ counts as $10^{-7}$. With it no picture costs more
# than 16.12. (Keras puts the same floor under probabilities that it is given. Where a model ends in a softmax, it computes from the softmax's inputs instead, and needs none.)

# %% [markdown]
# ### Exercise 5: `cross_entropy` (1 point)
#
# The mean over all pictures. And, as always, what makes no sense is an error and not a number: NumPy would take the class −1 for the last one, without a word.

# %% solution="cross_entropy"
def cross_entropy(probabilities, labels):
    """The mean of -ln p over all pictures, with p the probability of the right class.

    probabilities: array of floats [n, classes]; each row adds up to 1
    labels:        array of n whole numbers of any kind (uint8 included), n at least 1
    Returns a number. A p below 1e-7 counts as 1e-7.
    Raises ValueError if there are more or fewer labels than rows, or if a label is negative or
    not below classes.
    """
    ### BEGIN SOLUTION
    if len(labels) != len(probabilities):
        raise ValueError(f"{len(labels)} labels for {len(probabilities)} pictures")
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(f"only the classes 0 to {probabilities.shape[1] - 1} exist")
    right = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(right, 1e-7)).mean()
    ### END SOLUTION


# %% test="cross_entropy" points=1
import numpy as np

from convlab.checks import check, check_error

probabilities = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2]])
check(
    cross_entropy, probabilities, np.array([0, 1, 1]),
    gives=0.841910,
    hint="−ln 0.5 is 0.693147, −ln 0.8 is 0.223144 and −ln 0.2 is 1.609438; and then the mean.",
)
check(cross_entropy, np.array([[0.2, 0.8]]), np.array([0]), gives=1.609438)
check(
    cross_entropy, np.full((4, 10), 0.1), np.array([3, 0, 9, 9]),
    gives=2.302585,
    hint="Who knows nothing pays ln 10.",
)
check(
    cross_entropy, np.array([[1.0, 0.0], [1e-9, 1.0]]), np.array([1, 0], dtype=np.uint8),
    gives=16.118096, hint="Both times p counts as 1e-7.",
)
check(
    cross_entropy, np.array([[1e-7, 1 - 1e-7], [1e-5, 1 - 1e-5]]), np.array([0, 0]),
    gives=13.815511, hint="1e-7 itself and all above count as what they are: nothing is added to them.",
)
for wrong in [[0], [0, 1, 2]]:
    check_error(
        cross_entropy, probabilities[:2], np.array(wrong),
        because="there are two pictures, and another number of labels",
    )
for wrong in [[3, 0], [0, 7]]:
    check_error(cross_entropy, probabilities[:2], np.array(wrong), because="there is no such class")
for wrong in [[-1, 0], [0, -3]]:
    check_error(
        cross_entropy, probabilities[:2], np.array(wrong),
        because="there is no negative class (NumPy would count it from the end)",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
for n, classes, kind in [(5, 3, np.int64), (40, 10, np.uint8), (1, 4, np.int32), (7, 2, np.int8)]:
    probabilities = rng.dirichlet(np.full(classes, 0.4), n)
    labels = rng.integers(0, classes, n).astype(kind)
    due = float(np.mean([-np.log(max(row[int(label)], 1e-7)) for row, label in zip(probabilities, labels)]))
    check(cross_entropy, probabilities, labels, gives=due)
check(cross_entropy, np.array([[0.0, 1.0], [0.3, 0.7], [3e-8, 1 - 3e-8]]), np.array([0, 0, 0]), gives=11.14672)
check(cross_entropy, np.array([[2e-7, 1 - 2e-7]]), np.array([0]), gives=15.424949)
check_error(cross_entropy, np.full((2, 5), 0.2), np.array([1]), because="there are two pictures, and another number of labels")
check_error(cross_entropy, np.full((2, 5), 0.2), np.array([1, 2, 3, 4]), because="there are two pictures, and another number of labels")
check_error(cross_entropy, np.full((2, 5), 0.2), np.array([5, 1]), because="there is no such class")
check_error(cross_entropy, np.full((2, 5), 0.2), np.array([0, -5]), because="there is no negative class (NumPy would count it from the end)")
### END HIDDEN TESTS

# %% [markdown]
# ### Down to the logits
#
# The probabilities come from a softmax (lesson 7), and its ten inputs are called *logits* (로짓). How much does the loss grow per unit of each logit? The answer is surprisingly simple.
#
# **Predict first.** Three classes, the probabilities are 0.7, 0.2 and 0.1, and the *second* class is right. Which logits should grow, which shrink? Which one the most?

# %%
pictures.pulls([0.7, 0.2, 0.1], label=1)

# %% [markdown]
# The gradient is $p - y$, where $y$ is 1 for the right class and 0 for the others (a *one-hot* vector, 원-핫 벡터): +0.7, −0.8, +0.1. It adds up to 0: what one class loses, others win. And it is *small* where the network is
# right and sure. This is why softmax and cross-entropy belong together.

# %% [markdown]
# ### Exercise 6: `softmax_cross_entropy_gradient` (2 points)
#
# For a **batch** (배치), the pictures of one step: a row for each picture. The loss is the **mean** over the batch, so each picture counts only $1/n$. The floor of exercise 5 plays no part here: a picture that is entirely wrong still pulls. Mind lesson 7: logits may be as large as 1,000, in one row of a batch and not in the next.

# %% solution="softmax_cross_entropy_gradient"
def softmax_cross_entropy_gradient(logits, labels):
    """The gradient of the mean of -ln p (without a floor) to the logits before the softmax.

    logits: array of floats [n, classes], also of 1000 and -1000
    labels: array of n whole numbers of any kind (uint8 included), n at least 1
    Returns an array [n, classes].
    Raises ValueError if there are more or fewer labels than rows, or if a label is negative or
    not below classes.
    """
    ### BEGIN SOLUTION
    n, classes = logits.shape
    if len(labels) != n:
        raise ValueError(f"{len(labels)} labels for {n} pictures")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"only the classes 0 to {classes - 1} exist")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradient = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(n), labels] -= 1
    return gradient / n
    ### END SOLUTION


# %% test="softmax_cross_entropy_gradient" points=2
import numpy as np

from convlab.checks import check, check_error

logits = np.log(np.array([[0.7, 0.2, 0.1]]))
check(
    softmax_cross_entropy_gradient, logits, np.array([1]),
    gives=np.array([[0.7, -0.8, 0.1]]),
    hint="The softmax of these logits is 0.7, 0.2, 0.1: the picture above.",
)
two = np.array([[2.0, 1.0, 0.0], [-1.0, -1.0, 0.5]])
check(
    softmax_cross_entropy_gradient, two, np.array([2, 0]),
    gives=np.array([[0.33262, 0.122364, -0.454985], [-0.42286, 0.07714, 0.345719]]),
    hint="The loss is a mean: each of two pictures counts half.",
)
check(
    softmax_cross_entropy_gradient,
    np.array([[1000.0, -1000.0, 0.0], [-999.0, -1000.0, -1000.0], [0.0, 0.0, 0.0]]),
    np.array([1, 0, 2], dtype=np.uint8),
    gives=np.array([
        [0.333333, -0.333333, 0.0], [-0.141294, 0.070647, 0.070647], [0.111111, 0.111111, -0.222222],
    ]),
    hint="Is the softmax stable, row by row? (The labels are uint8 here.)",
)
for wrong in [[0], [0, 1, 2]]:
    check_error(
        softmax_cross_entropy_gradient, two, np.array(wrong),
        because="there are two pictures, and another number of labels",
    )
for wrong in [[3, 0], [0, 7]]:
    check_error(softmax_cross_entropy_gradient, two, np.array(wrong), because="there is no such class")
for wrong in [[-1, 0], [0, -3]]:
    check_error(
        softmax_cross_entropy_gradient, two, np.array(wrong),
        because="there is no negative class (NumPy would count it from the end)",
    )
### BEGIN HIDDEN TESTS
import keras
import tensorflow as tf

rng = np.random.default_rng(7)
for n, classes, kind in [(1, 10, np.int64), (5, 4, np.uint8), (12, 3, np.int32)]:
    logits, labels = rng.normal(size=(n, classes)) * 3, rng.integers(0, classes, n).astype(kind)
    with tf.GradientTape() as tape:
        variable = tf.Variable(logits)
        loss = tf.reduce_mean(keras.ops.sparse_categorical_crossentropy(labels.astype(int), variable, from_logits=True))
    check(softmax_cross_entropy_gradient, logits, labels, gives=tape.gradient(loss, variable).numpy())
loud = np.array([[-1000.0, 0.0, 1000.0, 999.0], [1.0, 2.0, 0.0, -1.0], [1000.0, 1000.0, 1000.0, -1000.0]])
powers = np.exp(np.float64(loud) - np.max(loud, axis=-1)[:, None])
due = (powers / np.sum(powers, axis=-1)[:, None] - np.eye(4)[[2, 3, 0]]) / 3
check(softmax_cross_entropy_gradient, loud, np.array([2, 3, 0]), gives=due)
check_error(softmax_cross_entropy_gradient, np.zeros((2, 5)), np.array([1]), because="there are two pictures, and another number of labels")
check_error(softmax_cross_entropy_gradient, np.zeros((2, 5)), np.array([1, 2, 3]), because="there are two pictures, and another number of labels")
check_error(softmax_cross_entropy_gradient, np.zeros((2, 5)), np.array([5, 1]), because="there is no such class")
check_error(softmax_cross_entropy_gradient, np.zeros((2, 5)), np.array([0, -5]), because="there is no negative class (NumPy would count it from the end)")
### END HIDDEN TESTS

# %% [markdown]
# ## Back through a convolution
#
# `upstream` comes to the feature map: how much the loss grows per unit of each output. The convolution has to pass it on three ways, to its input, its weights and its bias. Take one output and one pixel in its window. Between them
# stands one weight: output = … + weight · pixel + … So
#
# - when the **pixel** grows by 1, this output grows by *the weight*,
# - when the **weight** grows by 1, this output grows by *the pixel*,
# - when the **bias** grows by 1, it grows by 1.
#
# Each times upstream of this output; and then all that meets in one pixel, one weight or one bias is added up. Slopes are multiplied along a way, and added where ways meet: that is the **chain rule** (연쇄 법칙). Done for a whole network, layer by layer from the end, it is called **backpropagation** (역전파).

# %%
image = np.array([[1, 2, 0], [3, 1, 4]])
pictures.backward(image, np.array([[1, -1], [2, 0]]), upstream=np.array([[10, -1]]))

# %% [markdown]
# **By hand.** In the picture, upstream is 10 and −1. What does the weight at the top left get? And the pixel in the middle of the first row, which lies in both windows?
#
# <details><summary>Compute, then click here</summary>
#
# The weight at the top left met the pixel 1 in the first window and 2 in the second: $10 \cdot 1 + (-1) \cdot 2 = 8$. The pixel lay under the weight −1 in the first window and under 1 in the second: $10 \cdot (-1) + (-1) \cdot 1 = -11$.
#
# </details>

# %% [markdown]
# ### Exercise 7: `conv2d_gradients` (4 points)
#
# With channels and filters: each filter has its own map and its own upstream, and each pixel hears from all filters.

# %% solution="conv2d_gradients"
def conv2d_gradients(x, weights, upstream):
    """The gradients of the loss to input, weights and bias of a convolution (valid, stride 1).

    x:        array [height, width, channels], of integers (uint8 included) or floats
    weights:  array of floats [kernel_height, kernel_width, channels, filters], not flipped
    upstream: array of floats [height - kernel_height + 1, width - kernel_width + 1, filters]: the
              gradient to the output
    Returns three arrays of floats: the gradient to x (x's shape), to the weights (their shape)
    and to the bias [filters].
    Raises ValueError if the kernel is larger than x, or if x and weights have different numbers
    of channels, or if upstream has not the shape of the output.
    """
    ### BEGIN SOLUTION
    height, width, channels, filters = weights.shape
    rows, cols = x.shape[0] - height + 1, x.shape[1] - width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than x")
    if x.shape[2] != channels or upstream.shape != (rows, cols, filters):
        raise ValueError(f"x {x.shape}, weights {weights.shape} and upstream {upstream.shape} do not fit")
    dx, dweights = np.zeros(x.shape), np.zeros(weights.shape)
    for u, v in np.ndindex(height, width):
        # Weight (u, v) met this part of x, place by place of the output.
        part = (slice(u, u + rows), slice(v, v + cols))
        dweights[u, v] = np.tensordot(x[part], upstream, axes=((0, 1), (0, 1)))
        dx[part] += upstream @ weights[u, v].T
    return dx, dweights, upstream.sum(axis=(0, 1))
    ### END SOLUTION


# %% test="conv2d_gradients" points=4
import numpy as np

from convlab.checks import check, check_error

x = np.array([[1, 2, 0], [3, 1, 4]])[:, :, np.newaxis]
weights = np.array([[1.0, -1.0], [2.0, 0.0]])[:, :, np.newaxis, np.newaxis]
upstream = np.array([[10.0, -1.0]])[:, :, np.newaxis]
check(
    conv2d_gradients, x, weights, upstream,
    gives=(
        np.array([[[10.0], [-11.0], [1.0]], [[20.0], [-2.0], [0.0]]]),
        np.array([[[[8.0]], [[20.0]]], [[[29.0]], [[6.0]]]]),
        np.array([9.0]),
    ),
    hint="This is the picture above, where x gets −11 and a weight gets 8: you have computed them by hand.",
)
# Two channels, three filters.
wide = np.array([[[1.0, 0.5], [0.0, 2.0], [-1.0, 1.0]], [[3.0, -2.0], [1.0, 0.0], [0.5, 1.0]]])
three = np.array([[[[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]], [[0.0, 3.0, 1.0], [1.0, 1.0, -2.0]]]])
pull = np.array([[[1.0, 0.0, -2.0], [0.5, 3.0, 0.0]], [[-1.0, 2.0, 1.0], [0.0, -0.5, 4.0]]])
check(
    conv2d_gradients, wide, three, pull,
    gives=(
        np.array([[[-3.0, 0.5], [-1.5, 2.25], [9.0, 3.5]], [[1.0, -2.5], [15.0, -0.5], [2.5, -8.5]]]),
        np.array([[[[-2.0, 5.5, 5.0], [3.5, 2.0, -3.0]], [[-1.5, -1.25, 3.0], [2.5, 2.5, 0.0]]]]),
        np.array([0.5, 4.5, 3.0]),
    ),
    hint="A pixel hears from all filters. A weight meets one channel and one filter.",
)
bright = np.array([[200, 250, 100, 255]], dtype=np.uint8)[:, :, np.newaxis]
check(
    conv2d_gradients, bright,
    np.array([[0.5, 2.0]])[:, :, np.newaxis, np.newaxis], np.array([[2.0, 3.0, -1.0]])[:, :, np.newaxis],
    gives=(
        np.array([[[1.0], [5.5], [5.5], [-2.0]]]),
        np.array([[[[1050.0]], [[545.0]]]]),
        np.array([4.0]),
    ),
    hint="uint8 overflows above 255.",
)
for shape, places in [((3, 1), (0, 3)), ((1, 4), (2, 0))]:
    check_error(
        conv2d_gradients, x, np.ones((*shape, 1, 1)), np.ones((*places, 1)),
        because="the kernel is larger than x",
    )
check_error(
    conv2d_gradients, wide, three[:, :, :1], pull,
    because="the weights have another number of input channels than x",
)
check_error(
    conv2d_gradients, wide[:, :, :1], three, pull,
    because="the weights have another number of input channels than x",
)
for shape in [(1, 2, 3), (3, 2, 3), (2, 1, 3), (2, 3, 3), (2, 2, 1), (2, 2, 2), (2, 2, 4)]:
    check_error(
        conv2d_gradients, wide, three, np.ones(shape),
        because="upstream has another shape than the output",
    )
### BEGIN HIDDEN TESTS
import tensorflow as tf

rng = np.random.default_rng(9)
for size, kernel in [((5, 6, 2), (3, 2, 2, 3)), ((4, 4, 1), (1, 1, 1, 2)), ((6, 3, 3), (2, 3, 3, 1)), ((3, 7, 2), (3, 4, 2, 2)), ((7, 7, 1), (3, 3, 1, 1))]:
    for x in (rng.normal(size=size), rng.integers(0, 256, size, dtype=np.uint8)):
        weights = rng.normal(size=kernel)
        upstream = rng.normal(size=(size[0] - kernel[0] + 1, size[1] - kernel[1] + 1, kernel[3]))
        with tf.GradientTape() as tape:
            variables = tf.Variable(x[None].astype(float)), tf.Variable(weights), tf.Variable(np.zeros(kernel[3]))
            loss = tf.reduce_sum((tf.nn.conv2d(variables[0], variables[1], 1, "VALID") + variables[2]) * upstream)
        one, two, three = (gradient.numpy() for gradient in tape.gradient(loss, variables))
        check(conv2d_gradients, x, weights, upstream, gives=(one[0], two, three))
x, weights, upstream = np.ones((4, 5, 2)), np.ones((2, 3, 2, 3)), np.ones((3, 3, 3))
for shape in [(5, 2, 2, 3), (2, 6, 2, 3)]:
    check_error(conv2d_gradients, x, np.ones(shape), np.ones((1, 1, 3)), because="the kernel is larger than x")
for shape in [(2, 3, 1, 3), (2, 3, 3, 3)]:
    check_error(conv2d_gradients, x, np.ones(shape), upstream, because="the weights have another number of input channels than x")
for shape in [(2, 3, 3), (4, 3, 3), (3, 2, 3), (3, 4, 3), (3, 3, 1), (3, 3, 2), (3, 3, 4), (1, 1, 3)]:
    check_error(conv2d_gradients, x, weights, np.ones(shape), because="upstream has another shape than the output")
### END HIDDEN TESTS

# %% [markdown]
# Does it agree with what can be measured? That is the gradient check, with your own exercise 1. (This loss is linear in `x`, and in the weights, so there is no bend and the step may be as large as 1.
# The billionths that remain are the rounding of `correlate`, to nine decimals.)

# %%
# Runs once exercises 1 and 7 are solved.
try:
    rng = np.random.default_rng(1)
    x, weights, upstream = rng.normal(size=(5, 6, 2)), rng.normal(size=(3, 2, 2, 4)), rng.normal(size=(3, 5, 4))

    def loss_of(x, weights):
        maps = [sum(correlate(x[:, :, c], weights[:, :, c, f]) for c in range(2)) for f in range(4)]
        return (np.stack(maps, axis=-1) * upstream).sum()

    dx, dweights, _ = conv2d_gradients(x, weights, upstream)
    for name, formula, measured in [
        ("x", dx, numeric_gradient(lambda changed: loss_of(changed, weights), x, 1.0)),
        ("weights", dweights, numeric_gradient(lambda changed: loss_of(x, changed), weights, 1.0)),
    ]:
        print(f"{name}: {formula.size} numbers, largest difference {np.abs(formula - measured).max():.0e}")
except NotImplementedError:
    print("solve exercises 1 and 7 first")

# %% [markdown]
# As one formula each, with $g$ for upstream:
#
# $$\frac{\partial L}{\partial w_{uvcf}} = \sum_{i,j} g_{ijf}\, x_{i+u,\,j+v,\,c} \qquad \frac{\partial L}{\partial b_f} = \sum_{i,j} g_{ijf} \qquad \frac{\partial L}{\partial x_{pqc}} = \sum_{f,u,v} g_{p-u,\,q-v,\,f}\, w_{uvcf}$$
#
# ($g$ counts as 0 outside of its map.) Look at the last one: the indices run **against** each other. Here, at last, the kernel is flipped, as mathematics wants it for a convolution. **Now you know why** one flip cannot be
# avoided: if the way there does without it, the way back needs it.

# %% [markdown]
# ## One step of a whole network
#
# Everything is there. A small network for pictures of clothes:
#
# | layer | its output for a batch of $n$ pictures | its weights |
# |---|---|---|
# | convolution, valid, ReLU | $n$ × 26 × 26 × 8 | kernel 3 × 3 × 1 × 8 and 8 biases |
# | flatten | $n$ × 5,408 | |
# | dense, softmax | $n$ × 10 | 5,408 × 10 and 10 biases |

# %%
pictures.there_and_back()

# %% [markdown]
# Forward through the layers to a loss, back through them to a gradient for each of the four arrays, and then each array goes a small step against its gradient. That is the heart of what `fit` does, again and again. With plain steps, and a few pictures
# at a time in random order, it is called **stochastic gradient descent** (확률적 경사 하강법, SGD).
#
# The way back through a dense layer $z = a W + b$ is that of the convolution without a window: the gradient to $W$ is $a^\top g$, to $b$ the sum of $g$ over the batch, and to $a$ it is $g W^\top$. The way back through flatten is another shape.

# %% [markdown]
# ### Exercise 8, the challenge: `train_step` (4 points)
#
# Take one step of SGD with the mean cross-entropy of the batch, and return the new weights and the loss *before* the step. Begin with a loop over the pictures, and with what you have written above; when that is right, make it fast.
# Take the images as they are. Use NumPy: TensorFlow can differentiate by itself (and an answer that lets it do so gets its points), but then it is TensorFlow that knows where the weights come from.

# %% solution="train_step"
def train_step(weights, images, labels, learning_rate):
    """One step of gradient descent of Conv2D (valid, ReLU), Flatten, Dense (softmax).

    weights:       four arrays of floats, as Keras' get_weights() gives them: kernel
                   [kernel_height, kernel_width, channels, filters], bias [filters], dense kernel
                   [output_height * output_width * filters, classes], dense bias [classes]
    images:        array of floats [n, height, width, channels]
    labels:        array of n whole numbers of any kind (uint8 included), n at least 1
    learning_rate: number, by which the gradient of the mean cross-entropy is multiplied
    Returns a pair: the four new arrays, in the same order, as a list or tuple, and the loss before
    the step, a number. The given arrays do not change.
    Raises ValueError if there are more or fewer labels than images, or if a label is negative or
    not below classes.
    """
    ### BEGIN SOLUTION
    kernel, bias, dense, dense_bias = weights
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    # Sum over channels, rows and columns of each window.
    maps = np.tensordot(windows, kernel, axes=((3, 4, 5), (2, 0, 1))) + bias
    flat = np.maximum(maps, 0).reshape(len(images), -1)
    logits = flat @ dense + dense_bias
    # The largest logit of a row becomes 0, so that no exponential overflows.
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    loss = cross_entropy(powers / powers.sum(axis=1, keepdims=True), labels)
    pull = softmax_cross_entropy_gradient(logits, labels)
    upstream = relu_gradient(maps, (pull @ dense.T).reshape(maps.shape))
    gradients = [
        np.moveaxis(np.tensordot(windows, upstream, axes=((0, 1, 2), (0, 1, 2))), 0, 2),
        upstream.sum(axis=(0, 1, 2)),
        flat.T @ pull,
        pull.sum(axis=0),
    ]
    return [weight - learning_rate * gradient for weight, gradient in zip(weights, gradients)], loss
    ### END SOLUTION


# %% test="train_step" points=4
import numpy as np

from convlab.checks import check, check_error


def from_the_end(answer):
    """The parts of an answer in the order of the way back: loss, dense bias, dense kernel, bias, kernel."""
    (kernel, bias, dense, dense_bias), loss = answer
    return loss, dense_bias, dense, bias, kernel


rng = np.random.default_rng(14)
shapes = [(2, 2, 2, 2), (2,), (8, 3), (3,)]
weights = [np.round(0.4 * rng.normal(size=shape), 1) for shape in shapes]
images, labels = np.round(rng.random((2, 3, 3, 2)), 1), np.array([2, 0])
due = [
    np.array([0.287256, -0.450431, 0.163175]),
    np.array([
        [-0.887951, -0.305054, 0.693005], [0.15904, -0.124765, 0.065725], [0.214459, 0.093935, 0.191606],
        [-0.729195, 0.189936, -0.26074], [0.269183, -0.04285, -0.326333], [0.022893, -0.409603, 0.38671],
        [0.025593, 0.264166, -0.389758], [0.547634, -0.122656, 0.575022],
    ]),
    np.array([-0.338086, 0.146771]),
    np.array([
        [[[0.216622, -0.36397], [-0.608081, -1.187473]], [[-0.182167, 0.526027], [-0.049609, 0.241727]]],
        [[[0.387425, -0.385451], [1.037527, -0.383551]], [[0.009048, 1.131171], [-0.05498, 0.020879]]],
    ]),
]
check(
    train_step, weights, images, labels, 0.25,
    of=from_the_end, gives=(1.097856, *due),
    hint="Keras' own step: a pair, four arrays and the loss. They are compared from the end: 0 the loss, "
    "1 the dense bias, 2 the dense kernel, 3 the bias, 4 the kernel. Mend the first wrong one "
    "first.",
)
flat_weights = [
    np.array([[[[0.5]], [[-1.0]]]]), np.array([0.1]),
    np.array([[0.2, -0.4], [0.5, 0.1], [-0.3, 0.3], [0.1, -0.6], [0.4, 0.2], [-0.2, 0.7]]),
    np.array([0.0, 0.1]),
]
flat_images = np.array([[0.9, 0.2, 0.5, 0.1], [0.3, 0.8, 0.0, 0.4]])[np.newaxis, :, :, np.newaxis]
check(
    train_step, flat_weights, flat_images, np.array([1]), 0.5,
    of=from_the_end,
    gives=(
        0.723597,
        np.array([-0.257498, 0.357498]),
        np.array([
            [0.109876, -0.309876], [0.5, 0.1], [-0.364374, 0.364374],
            [0.1, -0.6], [0.271251, 0.328749], [-0.2, 0.7],
        ]),
        np.array([0.0485]),
        np.array([[[[0.397001]], [[-1.01545]]]]),
    ),
    hint="Height and width differ in the picture, the kernel and the map: have you used one for the other?",
)
# One picture is black, and the biases are zero: the ReLU stands at 0 exactly.
dark = np.zeros((1, 2, 3, 1), np.float32)
dark_weights = [np.float32(weight) for weight in (weights[0][:, :, :1], [0, 0], weights[2][:4], [0, 0, 0])]
check(
    train_step, dark_weights, dark, np.array([1], dtype=np.uint8), 1.0,
    of=from_the_end,
    gives=(
        1.098612,
        np.array([-0.333333, 0.666667, -0.333333]),
        np.array([[-0.9, -0.3, 0.7], [0.1, -0.1, 0.1], [0.2, 0.1, 0.2], [-0.7, 0.2, -0.3]]),
        np.array([0.0, 0.0]),
        np.array([[[[0.3, -0.4]], [[-0.1, 0.5]]], [[[0.4, -0.4]], [[0.1, 1.1]]]]),
    ),
    hint="All sums are 0 here, and at 0 exactly a ReLU hands nothing on: only the dense bias moves. (The "
    "label is uint8.)",
)
for wrong in [[0], [0, 1, 2]]:
    check_error(
        train_step, weights, images, np.array(wrong), 0.5,
        because="there are two images, and another number of labels",
    )
for wrong in [[3, 0], [0, 7]]:
    check_error(train_step, weights, images, np.array(wrong), 0.5, because="there is no such class")
for wrong in [[-1, 0], [0, -3]]:
    check_error(
        train_step, weights, images, np.array(wrong), 0.5,
        because="there is no negative class (NumPy would count it from the end)",
    )
### BEGIN HIDDEN TESTS
import keras
import tensorflow as tf

rng = np.random.default_rng(10)
for n, size, kernel, filters, classes, rate in [(4, (5, 6, 2), (3, 2), 3, 4, 0.1), (1, (4, 4, 1), (1, 1), 2, 3, 0.5), (6, (7, 5, 3), (2, 3), 4, 10, 0.01), (3, (6, 8, 1), (4, 3), 1, 2, 1.0)]:
    model = keras.Sequential([
        keras.Input(size),
        keras.layers.Conv2D(filters, kernel, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(classes, activation="softmax"),
    ])
    for kind in ("float32", "float64"):
        weights = [(rng.normal(size=weight.shape) * 0.4).astype(kind) for weight in model.get_weights()]
        images, labels = rng.random((n, *size)).astype(kind), rng.integers(0, classes, n)
        model.set_weights(weights)
        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(images)))
        gradients = tape.gradient(loss, model.trainable_variables)
        keras.optimizers.SGD(rate).apply(gradients, model.trainable_variables)
        due = float(loss), *(np.asarray(weight) for weight in reversed(model.get_weights()))
        check(train_step, weights, images, labels.astype(np.uint8), rate, of=from_the_end, gives=due)
        check(train_step, weights, images, labels, rate, of=from_the_end, gives=due)
check_error(train_step, weights, images, labels[:-1], 0.5, because="there are two images, and another number of labels")
check_error(train_step, weights, images, np.append(labels, 0), 0.5, because="there are two images, and another number of labels")
check_error(train_step, weights, images, np.array([0, 1, 2]), 0.5, because="there is no such class")
check_error(train_step, weights, images, np.array([0, -1, 1]), 0.5, because="there is no negative class (NumPy would count it from the end)")
### END HIDDEN TESTS

# %% [markdown]
# ## The ladder
#
# You have a training step. Is it right? Whoever starts it on everything at once and looks at the accuracy next morning will not know what went wrong. Climb a ladder instead: four rungs, each a matter of seconds, each with a
# clear answer, and the next one only when this one holds.
#
# | rung | what should happen | if it does not |
# |---|---|---|
# | 1. The first loss | about $\ln(\text{classes})$, here 2.3 | the loss or the softmax is wrong, the first weights are too large, or the images are not scaled |
# | 2. Gradient check | formula and measurement agree | the way back is wrong: look at one array at a time |
# | 3. A few pictures by heart | the loss goes to 0 | the step is wrong, or the rate is; a network that can't learn 100 pictures won't learn 5,000 |
# | 4. Train | the loss falls, on new pictures, too | the labels do not belong to the pictures (rungs 1 to 3 do not notice that), too little data, too few steps, or overfitting (lesson 6) |

# %% [markdown]
# Why random weights, when `learn_kernel` began with zeros? From zeros this network would move only its ten last biases: every map is 0, and so is everything that comes back.
#
# **Predict first.** Rung 1: fresh weights, as Keras draws them, and 500 pictures. What is the loss, if the pixels go from 0 to 1? And if someone forgot to divide by 255?

# %%
from time import perf_counter

x_small = (x_train[..., np.newaxis] / 255).astype(np.float32)  # [6000, 28, 28, 1]


def fresh_weights(seed):
    """Random weights as Keras draws them (uniform, Glorot's limits), and biases of 0."""
    rng, weights = np.random.default_rng(seed), []
    for shape, ways in [((3, 3, 1, 8), 9 + 72), ((5408, 10), 5408 + 10)]:
        limit = np.sqrt(6 / ways)
        weights += [np.float32(rng.uniform(-limit, limit, shape)), np.zeros(shape[-1], np.float32)]
    return weights


# Runs once exercise 8 is solved.
try:
    start = perf_counter()
    train_step(fresh_weights(1), x_small[:10], y_train[:10], 0)
    fast = perf_counter() - start < 0.1
    few = 500 if fast else 50
    if not fast:
        print("Your step is slow, and may be quite right. To train with it, replace its loops with")
        print("`sliding_window_view` and `tensordot`: ours takes a few thousandths of a second for ten pictures.")
    for name, some in (("pixels from 0 to 1", x_small[:few]), ("pixels from 0 to 255", 255 * x_small[:few])):
        print(f"{name}: {train_step(fresh_weights(1), some, y_train[:few], 0)[1]:.2f}")
except NotImplementedError:
    print("solve exercise 8 first")

# %% [markdown]
# ln 10 is 2.30: the untrained network is undecided, as it should be. The other one is sure, and wrong.
#
# Rung 2 is behind you for one layer. For the whole step it goes the same way: a step with rate 1 moves a weight by *minus* its gradient. Here are four weights of the first kernel and four of the dense layer. Two traps:
#
# - Where the picture is black, the gradient of a weight is 0, and 0 = 0 checks nothing. So the four dense weights belong to the middle of the picture.
# - A ReLU has a corner. If a wiggle carries its input across 0, the measured slope belongs to neither side. So the step is smaller here, 1e-5, and everything is float64: in float32 such differences drown in rounding.

# %%
# Runs once exercises 1 and 8 are solved.
try:
    weights = [weight.astype(float) for weight in fresh_weights(1)]
    some, labels = x_small[:5].astype(float), y_train[:5]
    stepped, _ = train_step(weights, some, labels, 1)
    for place, first, name in ((0, 0, "kernel"), (2, 26000, "dense kernel")):
        four = slice(first, first + 4)
        part = weights[place].ravel()[four]

        def loss_with(values, place=place, four=four):
            changed = [weight.copy() for weight in weights]
            changed[place].ravel()[four] = values
            return train_step(changed, some, labels, 0)[1]

        formula = part - stepped[place].ravel()[four]
        measured = numeric_gradient(loss_with, part, 1e-5)
        print(f"{name}: {np.round(formula, 5)}, largest difference {np.abs(formula - measured).max():.0e}")
except NotImplementedError:
    print("solve exercises 1 and 8 first")

# %% [markdown]
# Rung 3. **Predict first.** A hundred pictures, a hundred steps with all of them, and the rates 0.001, 0.1 and 1. Which one learns them by heart? What becomes of the others?

# %%
# Runs once exercise 8 is solved.
try:
    by_heart = {}
    for rate in (0.001, 0.1, 1.0) if fast else ():
        weights, by_heart[f"rate {rate}"] = fresh_weights(1), []
        for _ in range(100):
            weights, loss = train_step(weights, x_small[:100], y_train[:100], rate)
            by_heart[f"rate {rate}"].append(loss)
    display(pictures.losses(by_heart)) if fast else print("this needs a faster step")
except (NotImplementedError, NameError):
    print("solve exercise 8 first")

# %% [markdown]
# 0.1 has it, a loss of 0.04 after a hundred steps, though not without setbacks: some steps jump up the other wall of the valley. 0.001 is on its way, and would need more than seven thousand. And 1 is not "faster": its first steps were so large that the input of every ReLU fell below 0 for every picture. Nothing comes through, so no gradient comes back: the network is **dead**, and from then on only the ten last
# biases learn. Its loss stays at 2.24, a little below ln 10: that is what a network pays that knows how frequent each label is, and nothing else.

# %% [markdown]
# ## Then train
#
# **Predict first.** 400 steps, each with 32 of 5,000 pictures: 12,800 looks at a picture. Your own code, one convolution with 8 filters, a few seconds. How many of 1,000 test pictures will be right? (Guessing gives 10 %.)

# %%
def says(weights, images):
    """The class with the largest logit for each image."""
    kernel, bias, dense, dense_bias = weights
    maps = [[correlate(image[:, :, 0], kernel[:, :, 0, f]) + bias[f] for f in range(8)] for image in images]
    flat = np.moveaxis(np.clip(maps, 0, None), 1, 3).reshape(len(images), -1)
    return (flat @ dense + dense_bias).argmax(axis=1)


# Runs once exercise 8 is solved.
try:
    rng, trained, losses = np.random.default_rng(1), fresh_weights(1), []
    for _ in range(400 if fast else 0):
        chosen = rng.integers(0, 5000, 32)
        trained, loss = train_step(trained, x_small[chosen], y_train[chosen], 0.1)
        losses.append(loss)
    if fast:
        display(pictures.losses({"rate 0.1, batches of 32": losses}))
        right = says(trained, x_test[..., np.newaxis] / 255) == y_test
        print(f"{right.mean():.1%} of {len(right):,} test pictures are right")
    else:
        print("this needs a faster step")
except (NotImplementedError, NameError):
    print("solve exercise 8 first")

# %% [markdown]
# About 84 %, by your own code. Luck plays a part: with the seeds 1 to 5 it is between 78 % and 85 %. The loss jumps up and down, since every batch holds other pictures, some harder than others; on the whole it falls.
#
# And the eight kernels? The first row is before, the second after:

# %%
# Runs once exercise 8 is solved.
try:
    before, after = fresh_weights(1)[0][:, :, 0], trained[0][:, :, 0]
    display(kernels(np.concatenate([before, after], axis=2))) if fast else print("this needs a faster step")
except NameError:
    print("solve exercise 8 first")

# %% [markdown]
# No tidy edges. All eight are stronger, 1.2 to 3.1 times, and each one is still recognizable: its correlation with its own beginning lies between 0.79 and 0.98. Descent began with random numbers and changed them
# until the layer behind could make use of them. And
# the large model of lesson 7, after an hour? Its 64 first kernels:

# %%
kernels(load_large_model_weights()[0][:, :, 0])

# %% [markdown]
# Mostly noise; in a few, a dark blob or something like an edge. As lesson 7 found, 61 of the 64 are nearly the noise that they began as. The tidy filters of lesson 4 are a way to *understand* what a kernel can do; descent keeps
# whatever makes the loss small, and has no sense of beauty. Where a random kernel is good enough for the layers behind it, hardly anything seems to pull on it.

# %% [markdown]
# ## The same as Keras?
#
# **Predict first.** Keras gets the same weights and the same 32 pictures, and takes one step of its own. By how much will its new weights differ from yours?

# %%
# Runs once exercise 8 is solved.
try:
    from convlab.quiet import keras

    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.set_weights(fresh_weights(1))
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    theirs = model.train_on_batch(x_small[:32], y_train[:32])
    ours, loss = train_step(fresh_weights(1), x_small[:32], y_train[:32], 0.1)
    differences = [np.abs(one - other).max() for one, other in zip(ours, model.get_weights())]
    print(f"loss: {loss:.5f} and {theirs:.5f}; weights: the largest difference is {max(differences):.0e}")
except NotImplementedError:
    print("solve exercise 8 first")

# %% [markdown]
# That is the rounding of 32-bit numbers. **Now you know why** there is no magic in `fit`: a kernel begins with random numbers and is moved by many small steps, each one
# made of products of inputs and errors. Momentum also remembers earlier gradients, and Adam gives each weight a rate of its own besides; but the gradients are those that you have written.

# %% [markdown]
# ### In your own words: `explain_learning` (1 point)
#
# 1. The gradient of the loss to one weight is −0.3. What does that say about this weight?
# 2. Why does a gradient check compare with *central* differences, and not with differences to one side?
#
# Two to five sentences. A person reads and grades them.

# %% [markdown] written="explain_learning" points=1
# If this weight grows a little, and all others stay, the loss falls by about 0.3 times as much; so a step of descent makes it larger. It holds only near the present weights: it says nothing about where the minimum is.
#
# A central difference takes the slope from both sides, so the curve's bend cancels, and its error shrinks with the square of the step instead of with the step itself. So a step can be used that is large enough for rounding to do no harm, and still the measured
# gradient is precise enough to tell a wrong formula from a right one.
#
# Rubric: half a point for "the loss falls when the weight grows, by 0.3 per unit for small changes" (or: descent makes it larger, and by how much the loss reacts); half a point for "the error of
# central differences is much smaller (square of the step), because the bend cancels".

# %% [markdown]
# ## To remember
#
# - The gradient says how much the loss grows **per unit of each weight, from here**. It points uphill, not to the goal.
# - A step of descent: **weight − rate · gradient**, all weights together.
# - Rate too small: forever. Too large: over the valley and away, or dead ReLUs.
# - Layers without a bend between them are **one** layer.
# - Softmax with cross-entropy: the gradient to the logits is **(p − y) / n**.
# - Back through a ReLU: 0 where its input was 0 or less. Through a convolution: the weight gets pixel · upstream, the pixel gets weight · upstream, and everything that meets is added up.
# - The ladder: **ln (classes)**, gradient check, a hundred by heart, then train.

# %% [markdown]
# ## Words
#
# | new here | Korean | in one line |
# |---|---|---|
# | learning rate | 학습률 | by how much of its gradient a weight moves |
# | gradient descent | 경사 하강법 | small steps against the gradient, again and again |
# | stochastic gradient descent (SGD) | 확률적 경사 하강법 | the same with a few random pictures at each step |
# | central difference | 중앙 차분 (중심 차분) | a slope measured on both sides |
# | gradient check | 기울기 검증 (기울기 확인) | formula against measurement |
# | batch | 배치 | the pictures of one step |
# | logit | 로짓 | what goes into a softmax |
# | cross-entropy | 교차 엔트로피 | the mean of −ln p of the right class |
# | one-hot vector | 원-핫 벡터 | 1 at the right class, 0 elsewhere |
# | chain rule | 연쇄 법칙 | slopes are multiplied along a way, and added where ways meet |
# | backpropagation | 역전파 | the chain rule for a whole network, from the end |

# %% [markdown]
# | from earlier lessons | Korean | in one line |
# |---|---|---|
# | loss | 손실 | how wrong the network is; training makes it smaller |
# | gradient | 기울기 (그레이디언트) | how much the loss grows per unit of each weight |
# | softmax | 소프트맥스 | probabilities out of any numbers |
# | convolution | 합성곱 | slide a kernel, weighted sum at each place |
# | feature map | 특성 맵 | the output of one filter |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Try:** two convolutions in a row, a max pooling between (lesson 5's `max_pool_gradient` knows the way back), momentum. Check each of them with `numeric_gradient`.
# - **To read:** the notes of Stanford's course CS231n, "Learning and Evaluation", and A. Karpathy, *A Recipe for Training Neural Networks* (2019), where the rungs of the
#   ladder come from; A. Zhang, Z. Lipton, M. Li and A. Smola, *Dive into Deep Learning*, chapters 3 to 5.
