# %% [markdown]
# # 2 · What happens at the edge?
#
# In lesson 1 a picture of 28 × 28 went into a convolution, and a map of 26 × 26 came out. Where did the edge go?
#
# In this lesson you will
#
# - see why maps shrink, and how soon nothing is left of them,
# - find out that pixels at the edge have less of a say than those in the middle,
# - put zeros around a picture, so that the map stays as large as the picture,
# - meet Keras' two words for this, `"valid"` and `"same"`, and see what the second one costs.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import load_fashion_mnist
from convlab.pictures import padding as pictures

(x_train, y_train), _ = load_fashion_mnist()
# Fashion-MNIST comes as negatives. This turns one back: a dark coat in front of a bright wall.
coat = 255 - x_train[1042]

# %% [markdown]
# ## A picture that melts away
#
# Here is a coat, and the same coat after 1, 4, 7, 10 and 13 convolutions, one after the other, each with a kernel of 3 × 3 that takes
# the mean of its patch. All are drawn to the same scale.
#
# **Predict first.** How large is the last one?

# %%
pictures.shrinking(coat, kernel_size=3, layers=[0, 1, 4, 7, 10, 13])

# %% [markdown]
# Each of these layers eats one pixel from every side. It is not the kernel's values that do this: a window of 3 × 3 just cannot have its
# center on a pixel of the edge without leaving the picture.
#
# This rule, *the window stays inside*, is called **valid** padding: no padding at all. Along an axis of $n$ pixels, a window of $k$
# starts at $0, 1, \dots, n - k$. Count the places.

# %% [markdown]
# ### Exercise 1: `output_size_valid` (1 point)
#
# How many outputs are there along one axis? A window that does not fit, or that has no pixel at all, is a `ValueError`.

# %% solution="output_size_valid"
def output_size_valid(n, kernel):
    """Number of outputs along one axis, stride 1, when the window stays inside.

    n:      int, pixels along the axis
    kernel: int, length of the window
    Returns an int.
    Raises ValueError if the kernel is smaller than 1 or larger than n.
    """
    ### BEGIN SOLUTION
    if not 1 <= kernel <= n:
        raise ValueError(f"a window of {kernel} does not fit into {n} pixels")
    return n - kernel + 1
    ### END SOLUTION


# %% test="output_size_valid" points=1
from convlab.checks import check, check_error

check(output_size_valid, 8, 5, gives=4, hint="The window starts at 0, 1, 2 and 3.")
check(output_size_valid, 28, 3, gives=26)
check(output_size_valid, 6, 6, gives=1, hint="It fits once: at the very beginning.")
check(output_size_valid, 6, 1, gives=6, hint="A window of one pixel fits on each of them.")
check_error(output_size_valid, 4, 6, because="the window is longer than the row of pixels")
for kernel in (0, -2):
    check_error(output_size_valid, 5, kernel, because="a window has at least one pixel")
### BEGIN HIDDEN TESTS
for n, kernel in [(1, 1), (5, 1), (5, 5), (7, 4), (224, 11), (6, 2)]:
    starts = [start for start in range(n) if start + kernel <= n]
    check(output_size_valid, n, kernel, gives=len(starts))
for n, kernel in [(1, 2), (7, 20)]:
    check_error(output_size_valid, n, kernel, because="the window is longer than the row of pixels")
for n, kernel in [(9, 0), (4, -1)]:
    check_error(output_size_valid, n, kernel, because="a window has at least one pixel")
### END HIDDEN TESTS

# %% [markdown]
# ## Who has a say?
#
# There is a second loss, and it is easy to miss: not every pixel takes part in as many windows as every other.
#
# **Predict first.** A picture of 6 × 6, a window of 3 × 3, valid. In how many windows is the corner pixel? The pixel just below it?
# One in the middle?

# %%
pictures.valid_visits(n=6, kernel=3)

# %% [markdown]
# A pixel in the corner is seen once, one in the middle nine times. And layer by layer it gets worse: through two layers there are 81 ways
# from a pixel in the middle of a large picture to the outputs, and still only one way from the corner.
#
# The network is not blind there. Every complete patch of 3 × 3, at the edge too, is seen by exactly one window. But a pixel of the edge is
# seen in fewer surroundings, and what the edge of the photo cuts off is never seen as a whole.

# %% [markdown]
# ## Zeros around it
#
# A simple remedy: put a frame around the picture, so that the window can have its center on the edge. Nobody knows what the world
# looks like out there, so the frame is filled with zeros. That is **zero padding** (제로 패딩).

# %%
small = np.array([[3, 1, 2], [0, 5, 1], [2, 4, 6]])
pictures.padded(small, before=(1, 1), after=(1, 1))

# %% [markdown]
# **Predict first.** With this frame, 3 × 3 becomes 5 × 5. How large is the map that a kernel of 3 × 3 makes of it?
#
# <details><summary>Say a number, then click here</summary>3 × 3: as large as the picture was.</details>

# %% [markdown]
# The frame need not be the same on all sides: `before=(top, left)` says how many rows come before the first one and how many columns
# before the first one, `after=(bottom, right)` how many come after the last.

# %% [markdown]
# ### Exercise 2: `zero_pad` (2 points)
#
# Write it. A picture may have channels, `[height, width, channels]`. They get no padding: there is nothing "left of red". Negative
# padding is a `ValueError`. (`1` or `1.0` in the result: both are fine.)

# %% solution="zero_pad"
def zero_pad(image, before, after):
    """The image with zeros around it.

    image:  array [height, width] or [height, width, channels] of floats or of any integer type
    before: pair of ints (top, left), rows above and columns left of the image
    after:  pair of ints (bottom, right), rows below and columns right of it
    Returns an array [top + height + bottom, left + width + right] (and channels as before).
    Raises ValueError if one of the four numbers is negative.
    """
    ### BEGIN SOLUTION
    if min(*before, *after) < 0:
        raise ValueError("padding cannot be negative")
    (top, left), (bottom, right) = before, after
    padded = np.zeros((top + image.shape[0] + bottom, left + image.shape[1] + right, *image.shape[2:]), image.dtype)
    padded[top : top + image.shape[0], left : left + image.shape[1]] = image
    return padded
    ### END SOLUTION


# %% test="zero_pad" points=2
import numpy as np

from convlab.checks import check, check_error

image = np.array([[1, -2, 3], [4, 5, 6]])
check(
    zero_pad, image, (0, 2), (1, 0),
    gives=np.array([[0.0, 0, 1, -2, 3], [0, 0, 4, 5, 6], [0, 0, 0, 0, 0]]),
    hint="before = (top, left), after = (bottom, right).",
)
check(
    zero_pad, image / 4, (1, 0), (0, 1),
    gives=np.array([[0, 0, 0, 0], [0.25, -0.5, 0.75, 0], [1, 1.25, 1.5, 0]]),
)
check(zero_pad, image, (0, 0), (0, 0), gives=1.0 * image, hint="No frame at all.")
check(
    zero_pad, np.array([[[1, 2, 3], [4, 5, 6]]], dtype=np.uint8), (1, 0), (0, 1),
    gives=np.array([[[0.0, 0, 0], [0, 0, 0], [0, 0, 0]], [[1, 2, 3], [4, 5, 6], [0, 0, 0]]]),
    hint="One row of two color pixels. The channels stay as they are.",
)
for before, after in [((-1, 2), (2, 2)), ((2, -1), (2, 2)), ((2, 2), (-1, 2)), ((2, 2), (2, -1))]:
    check_error(zero_pad, np.array([[7]]), before, after, because="padding cannot be negative")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(0)
for shape in [(3, 4), (4, 3, 2), (1, 5, 1), (2, 2, 4)]:
    for before, after in [((1, 2), (3, 0)), ((0, 0), (0, 0)), ((2, 0), (0, 1)), ((0, 3), (1, 2))]:
        x = rng.normal(size=shape) if len(shape) == 2 else rng.integers(200, 256, shape, dtype=np.uint8)
        due = np.zeros((shape[0] + before[0] + after[0], shape[1] + before[1] + after[1], *shape[2:]))
        for i in range(shape[0]):
            for j in range(shape[1]):
                due[i + before[0], j + before[1]] = x[i, j]
        check(zero_pad, x, before, after, gives=due)
for before, after in [((0, -1), (0, 0)), ((0, 0), (-1, 0)), ((0, 0), (0, -2)), ((-1, 1), (1, 1))]:
    check_error(zero_pad, np.ones((1, 4)), before, after, because="padding cannot be negative")
### END HIDDEN TESTS

# %% [markdown]
# ## How many zeros?
#
# The map should be as large as the picture. A window of $k$ costs $k - 1$ places, so $k - 1$ zeros have to be added in all, some before
# and some after. Here is a row of six pixels: dashed circles are zeros.

# %%
pictures.row(n=6, kernel=3, padding="same")

# %% [markdown]
# **Is that so?** The notes say that *same* usually adds $(k - 1) / 2$ zeros on each side. For $k = 3$ that is 1, for $k = 5$ it is 2.
# **Predict first:** and for $k = 4$?

# %%
pictures.row(n=6, kernel=4, padding="same")

# %% [markdown]
# There are no one and a half zeros. Three zeros have to be shared out between two sides, and somebody has to decide which side gets the
# extra one. In Keras (and TensorFlow) **the extra zero goes after**: to the bottom and to the right.
#
# So the full rule for a stride of 1 is: *same* adds $k - 1$ zeros in all, half of them, rounded down, before, and the rest after.
# (With a stride above 1 even the sum may be another one; that is lesson 3.)

# %% [markdown]
# ### Exercise 3: `same_padding` (2 points)
#
# Return how many zeros come before and how many after, along one axis, at stride 1. A window without a pixel is a `ValueError`.

# %% solution="same_padding"
def same_padding(kernel):
    """Zeros before and after the pixels of one axis under "same" padding, stride 1, as Keras does it.

    kernel: int, length of the window
    Returns a pair of ints (before, after).
    Raises ValueError if the kernel is smaller than 1.
    """
    ### BEGIN SOLUTION
    if kernel < 1:
        raise ValueError("a window has at least one pixel")
    before = (kernel - 1) // 2
    return before, kernel - 1 - before
    ### END SOLUTION


# %% test="same_padding" points=2
from convlab.checks import check, check_error

check(same_padding, 3, gives=(1, 1))
check(same_padding, 7, gives=(3, 3))
check(same_padding, 4, gives=(1, 2), hint="Three zeros in all; the extra one goes after.")
check(same_padding, 1, gives=(0, 0), hint="A window of one pixel never leaves the picture.")
for kernel in (0, -3):
    check_error(same_padding, kernel, because="a window has at least one pixel")
### BEGIN HIDDEN TESTS
for kernel, due in {2: (0, 1), 5: (2, 2), 6: (2, 3), 8: (3, 4), 11: (5, 5), 100: (49, 50)}.items():
    check(same_padding, kernel, gives=due)
for kernel in (-1, -8):
    check_error(same_padding, kernel, because="a window has at least one pixel")
### END HIDDEN TESTS

# %% [markdown]
# ## As large as before
#
# Now put it together: pad as `same_padding` says, along both axes, then slide the window as in lesson 1.
#
# $$z_{i,j} = \sum_{u} \sum_{v} \tilde{x}_{i+u,\; j+v} \; w_{u,v}$$
#
# where $\tilde{x}$ is the picture with its frame of zeros. **Predict first:** here every weight is 1. What comes out at the corner?

# %%
pictures.same_window(small, np.ones((3, 3), dtype=int), row=0, col=0)

# %% [markdown]
# That was one place out of nine. Now let the window go its way, with a kernel that counts the center twice and its four neighbors once.
#
# **Predict first.** How many of the nine pixels under the window are zeros of the frame when it stands in a corner? And at which of the nine
# steps are there none? Then watch. The small numbers are the steps: step 5 has its center on pixel 5, and makes output 5.

# %%
from convlab.pictures import motion

motion.sliding(small, np.array([[0, 1, 0], [1, 2, 1], [0, 1, 0]]))

# %% [markdown]
# In a corner there are five, and at step 5 none: that one place is all that "valid" would have left. The map keeps its size because,
# with the frame, every pixel has its turn in the center.

# %% [markdown]
# ### Exercise 4: `conv2d_same` (3 points)
#
# Kernels may be of any size: not square, of even sides, and even larger than the picture, since zeros are cheap. As in lesson 1, small
# integer types such as `uint8` must not overflow. You are welcome to call your functions from above.

# %% solution="conv2d_same"
def conv2d_same(image, kernel):
    """2-D convolution of one channel with "same" padding, stride 1, kernel not flipped.

    image:  array [height, width] of floats or of any integer type, uint8 included
    kernel: array [kernel_height, kernel_width] of the same kinds, of any size, also larger than the image
    Returns an array [height, width]. It does not change its arguments.
    """
    ### BEGIN SOLUTION
    (top, bottom), (left, right) = same_padding(kernel.shape[0]), same_padding(kernel.shape[1])
    padded = zero_pad(image.astype(float), (top, left), (bottom, right))
    output = np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            output[i, j] = np.sum(padded[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return output
    ### END SOLUTION


# %% test="conv2d_same" points=3
import numpy as np

from convlab.checks import check

image = np.array([[3, 1, 2, 0], [0, 5, 1, 1], [2, 4, 6, 3]])
check(
    conv2d_same, image, np.array([[0, 2, 0], [1, 0, -1], [0, 0, 3]]),
    gives=np.array([[14.0, 4.0, 4.0, 2.0], [13.0, 19.0, 17.0, 1.0], [-4.0, 6.0, 3.0, 8.0]]),
)
check(
    conv2d_same, image, np.array([[1.0, 0.5]]),
    gives=np.array([[3.5, 2.0, 2.0, 0.0], [2.5, 5.5, 1.5, 1.0], [4.0, 7.0, 7.5, 3.0]]),
    hint="An even window: the extra zero goes after, to the right.",
)
check(
    conv2d_same, image / 2, np.array([[1], [0], [-2], [10]]),
    gives=np.array([[10.0, 15.0, 29.0, 14.0], [-0.5, -3.5, -5.0, -3.0], [0.0, 2.5, 0.5, 0.5]]),
    hint="Four rows and one column: one zero above, two below, none at the sides.",
)
check(
    conv2d_same, np.array([[1, 2]]), np.array([[1, 2, 3, 4, 5, 6, 7]]),
    gives=np.array([[14.0, 11.0]]), hint="A kernel larger than the picture: three zeros on each side.",
)
check(conv2d_same, -image, np.array([[-1]]), gives=1.0 * image, hint="A window of one pixel needs no frame.")
# 250 · 2 does not fit into uint8, and 250 · 90 + 200 · 80 not into int16.
convert = "Small integer types overflow: convert before you multiply."
bright = np.array([[250, 200, 255]], dtype=np.uint8)
check(conv2d_same, bright, np.array([[2, 1]], np.uint8), gives=np.array([[700.0, 655.0, 510.0]]), hint=convert)
check(
    conv2d_same, bright, np.array([[90, 80, -1]], np.int8),
    gives=np.array([[19_800.0, 38_245.0, 38_400.0]]), hint=convert,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)


def by_hand(x, w):
    due = np.zeros(x.shape)
    top, left = (w.shape[0] - 1) // 2, (w.shape[1] - 1) // 2
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            for u in range(w.shape[0]):
                for v in range(w.shape[1]):
                    if 0 <= i - top + u < x.shape[0] and 0 <= j - left + v < x.shape[1]:
                        due[i, j] += float(x[i - top + u, j - left + v]) * float(w[u, v])
    return due


for size, kernel_size in [((5, 5), (3, 3)), ((4, 7), (2, 3)), ((7, 4), (3, 1)), ((6, 5), (4, 4)), ((3, 8), (1, 1)), ((5, 6), (5, 2)), ((3, 3), (5, 7)), ((2, 4), (4, 6))]:
    x, w = rng.normal(size=size), rng.normal(size=kernel_size)
    check(conv2d_same, x, w, gives=by_hand(x, w))
bright = rng.integers(150, 256, size=(4, 5), dtype=np.uint8)
for w in (rng.integers(1, 9, (3, 2), dtype=np.uint8), rng.integers(-100, 127, (3, 2), dtype=np.int8), rng.normal(size=(2, 3)), rng.integers(-9, 9, (3, 3))):
    check(conv2d_same, bright, w, gives=by_hand(bright, w), hint=convert)
### END HIDDEN TESTS

# %% [markdown]
# *A good place to stop for today: half of the lesson is behind you. Save, and when you come back, click into the next cell and choose
# Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## What same costs
#
# Zeros are not nothing: the kernel cannot tell them from real values. In a picture whose values run from 0 to 255, or from 0 to 1, they are
# **black pixels that nobody photographed**. (Elsewhere they mean something else: mean gray if the mean was subtracted from all
# pixels, "nothing found here" in a map behind a ReLU.) Here the coat in front of its bright wall is blurred with a mean over 5 × 5.
#
# **Predict first.** The wall is evenly bright. Will the blurred wall be evenly bright?

# %%
pictures.borders(coat, 5)

# %% [markdown]
# A dark border appears, out of nowhere. At the edge the window averages pixels of the wall and zeros of the frame. An edge detector
# is fooled in the same way: it finds a sharp edge where the picture ends.
#
# Fashion-MNIST as it comes has a black background, which is 0 like the frame. Does zero padding do no harm there? That depends on
# whether the clothes keep clear of the edge.

# %%
rim = np.concatenate([x_train[:, 0], x_train[:, -1], x_train[:, :, 0], x_train[:, :, -1]], axis=1)
touching = rim.max(axis=1) > 50
print(f"{touching.mean():.1%} of {len(rim):,} pictures have a pixel above 50 in the outermost rows and columns")

# %% [markdown]
# Nearly all of them touch it, as our coat does at the top and the bottom. There, zeros are mixed into cloth. If we repeat the pixels of the
# edge instead of adding zeros, the mean over 5 × 5 comes out differently: in half of the pictures by more than 42 gray levels at the
# worst place.

# %% [markdown]
# ## Does the map still move along?
#
# In lesson 1 the map moved along with the picture, exactly. That was "valid". Now the coat takes two steps to the right, and more of the
# wall comes in on the left.
#
# **Predict first.** Under the mean over 5 × 5, which columns of the map are not just the old ones, two further right? With "valid"? With
# "same"?

# %%
moved = np.full_like(coat, 255)
moved[:, 2:] = coat[:, :-2]
for padding, zeros in [("valid", 0), ("same", 2)]:
    before, after = (pictures.mean_filter(np.pad(picture, zeros), 5) for picture in (coat, moved))
    differ = np.any(before[:, :-2] != after[:, 2:], axis=0)
    print(f"{padding}: {before.shape[1]} columns, not the same after the move: {np.flatnonzero(differ)}")

# %% [markdown]
# "Valid" is as exact as before. With "same", two columns on each side break the rule: on the left they saw zeros and now see wall, on the right
# it is the other way around. (Lesson 1's T-shirt would have hidden this: it keeps clear of both sides, on a background as black as the frame.)
#
# So a network with padding can find out *where* in the picture it is, and trained networks do; that may help or hurt (Islam and others,
# at the end of the lesson).

# %% [markdown]
# **Play.** Here is a bright wall, 5 × 5 pixels that are all 9, under a mean filter of 3 × 3. Move the window from the middle into the upper left corner: at
# which place do zeros first take part? How many are there in the corner, and what do they do to the mean? Then try a window of 4: how
# many zeros does "same" add on each side?

# %%
from convlab import explorers

explorers.padding()

# %% [markdown]
# At place (1, 1) there are still none. In the corner, (0, 0), five of nine are zeros, so the mean is 4 instead of 9. A window of 4 gets one zero
# above and on the left, two below and on the right.
#
# **In short**
#
# | | valid | same |
# |---|---|---|
# | zeros | none | $k - 1$ along each axis, the extra one after |
# | size of the map | $n - k + 1$ | $n$ |
# | the edge (3 × 3) | a corner is seen once, the middle 9 times | a corner is seen 4 times, but mixed with zeros |
# | the picture moves | the map moves along | it moves along, except close to the frame |
#
# In Keras it is one argument: `Conv2D(32, 3, padding="same")`. Without it you get `"valid"`.

# %% [markdown]
# ### Exercise 5, the challenge: `pixel_visits` (2 points)
#
# How much more often is the edge seen with "same"? Return for each pixel of a square picture of $n$ × $n$ in how many windows it takes
# part, as in the heat map above, as whole numbers. A window that stands partly on the frame counts for the pixels that it covers. Under
# "same" a window may be larger than the picture, under "valid" it may not; the docstring lists what is a `ValueError`.
#
# A way to think of it: go through all outputs, and add 1 to all pixels that this output sees.

# %% solution="pixel_visits"
def pixel_visits(n, kernel, padding):
    """In how many windows each pixel takes part, stride 1.

    n:       int, the picture has n x n pixels
    kernel:  int, the window has kernel x kernel pixels
    padding: "valid" or "same"
    Returns an array of ints [n, n].
    Raises ValueError if the padding is neither of the two, the kernel is smaller than 1, or it is
    larger than n under "valid".
    """
    ### BEGIN SOLUTION
    if padding not in ("valid", "same"):
        raise ValueError(f"unknown padding {padding!r}")
    if kernel < 1 or (padding == "valid" and kernel > n):
        raise ValueError(f"a window of {kernel} does not fit")
    before, outputs = ((kernel - 1) // 2, n) if padding == "same" else (0, n - kernel + 1)
    visits = np.zeros((n, n), dtype=int)
    for i in range(outputs):
        for j in range(outputs):
            top, left = i - before, j - before
            visits[max(top, 0) : top + kernel, max(left, 0) : left + kernel] += 1
    return visits
    ### END SOLUTION


# %% test="pixel_visits" points=2
import numpy as np

from convlab.checks import check, check_error

check(
    pixel_visits, 4, 3, "valid",
    gives=np.array([[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]),
)
check(
    pixel_visits, 4, 3, "same",
    gives=np.array([[4, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]]),
    hint="Windows that stand partly on the frame count, too.",
)
check(
    pixel_visits, 3, 2, "same",
    gives=np.array([[1, 2, 2], [2, 4, 4], [2, 4, 4]]),
    hint="An even window: the extra zero goes after.",
)
check(pixel_visits, 3, 3, "valid", gives=np.ones((3, 3), dtype=int), hint="One window sees every pixel.")
check(pixel_visits, 2, 1, "valid", gives=np.ones((2, 2), dtype=int), hint="Each pixel has its own window.")
check(pixel_visits, 17, 33, "same", gives=np.full((17, 17), 289), hint="All 17 × 17 windows see every pixel.")
check_error(pixel_visits, 3, 4, "valid", because="the window is larger than the picture")
for kernel, padding in [(0, "same"), (-1, "valid")]:
    check_error(pixel_visits, 4, kernel, padding, because="a window has at least one pixel")
check_error(pixel_visits, 4, 3, "full", because='padding is "valid" or "same" here')
### BEGIN HIDDEN TESTS
for n, kernel, padding in [(6, 3, "valid"), (5, 2, "valid"), (5, 2, "same"), (6, 4, "same"), (7, 5, "same"), (5, 5, "valid"), (2, 5, "same"), (3, 6, "same"), (4, 1, "valid"), (1, 1, "same"), (20, 17, "same")]:
    before, outputs = ((kernel - 1) // 2, n) if padding == "same" else (0, n - kernel + 1)
    along = [sum(0 <= p - (i - before) < kernel for i in range(outputs)) for p in range(n)]
    check(pixel_visits, n, kernel, padding, gives=np.outer(along, along))
for n, kernel in [(4, 5), (1, 2)]:
    check_error(pixel_visits, n, kernel, "valid", because="the window is larger than the picture")
for kernel, padding in [(0, "valid"), (-2, "same")]:
    check_error(pixel_visits, 5, kernel, padding, because="a window has at least one pixel")
check_error(pixel_visits, 5, 2, "full", because='padding is "valid" or "same" here')
### END HIDDEN TESTS

# %%
# Runs once exercise 5 is solved.
try:
    visits = pixel_visits(6, 3, "same")
    display(pictures.visits(visits, "windows that a pixel is part of (3 × 3, same)"))
except NotImplementedError:
    print("solve exercise 5 first")

# %% [markdown]
# Compare with the first heat map: the corner is now seen four times instead of once. That is not nine times, but much closer to it.

# %% [markdown]
# ## Deep without padding
#
# One layer sees 3 × 3 pixels. Two layers, one after the other: each output of the second one sees 3 × 3 outputs of the first, and through
# them 5 × 5 pixels. The **receptive field** (수용 영역) grows by $k - 1$ with each layer.

# %%
pictures.growing_field(layers=3, kernel=3)

# %% [markdown]
# With valid padding the map shrinks by the same $k - 1$ per layer. So depth and size pull in opposite directions, until the map is smaller
# than the window and no further layer fits.

# %% [markdown]
# ### Exercise 6: `layers_until_gone` (1 point)
#
# How many valid layers can be applied, one after the other, until the map is smaller than the kernel? Think of the coat above: 28 pixels, a
# window of 3. If not even the first layer fits, the answer is 0. With a window of one pixel there would be no end: raise `ValueError`, as for
# a window of no pixel. A loop is fine. Can you do without?

# %% solution="layers_until_gone"
def layers_until_gone(n, kernel):
    """Number of valid convolutions that fit one after the other, along one axis.

    n:      int, pixels along the axis at the beginning
    kernel: int, length of the window of each layer
    Returns an int, 0 if the map is smaller than the kernel from the start.
    Raises ValueError if the kernel is 1 (the map never shrinks) or smaller.
    """
    ### BEGIN SOLUTION
    if kernel <= 1:
        raise ValueError("with such a window the map never shrinks")
    layers = 0
    while n >= kernel:
        n, layers = n - kernel + 1, layers + 1
    return layers
    ### END SOLUTION


# %% test="layers_until_gone" points=1
from convlab.checks import check, check_error

check(layers_until_gone, 5, 2, gives=4, hint="5 → 4 → 3 → 2 → 1, and into 1 pixel no window of 2 fits.")
check(layers_until_gone, 28, 3, gives=13, hint="The last map is 2 pixels long.")
check(layers_until_gone, 2, 3, gives=0, hint="Not even the first layer fits.")
check(layers_until_gone, 7, 7, gives=1, hint="The first layer leaves one pixel.")
check_error(layers_until_gone, 28, 1, because="a window of one pixel never makes the map smaller")
for kernel in (0, -2):
    check_error(layers_until_gone, 28, kernel, because="a window has at least one pixel")
### BEGIN HIDDEN TESTS
for n, kernel in [(4, 3), (3, 3), (28, 7), (28, 28), (28, 2), (224, 11), (10, 4), (11, 4), (1, 5), (1, 2), (6, 5)]:
    size, count = n, 0
    while size - kernel + 1 > 0:
        size, count = size - kernel + 1, count + 1
    check(layers_until_gone, n, kernel, gives=count)
check_error(layers_until_gone, 5, 1, because="a window of one pixel never makes the map smaller")
for kernel in (0, -1):
    check_error(layers_until_gone, 5, kernel, because="a window has at least one pixel")
### END HIDDEN TESTS

# %% [markdown]
# **Now you know why** deep networks usually pad: with windows of 3 × 3 and no padding, a Fashion-MNIST picture is used up after 13 layers.

# %% [markdown]
# ### In your own words: `explain_padding` (1 point)
#
# A photo of a white wall goes through a convolution that takes the mean over 5 × 5, with padding "same". White is 255, black is 0. The map is
# white, but it has a dark border. Where does the border come from, how wide is it, and why would "valid" not show it? Two to four sentences.

# %% [markdown] written="explain_padding" points=1
# At the edge the window sticks out of the picture and covers zeros of the frame. Zeros count as black pixels, so the mean of white
# pixels and zeros is gray. A window of 5 reaches two pixels beyond its center, so the border is two pixels wide. With "valid" the window
# never leaves the picture, so no zero gets into a mean (and the map is four pixels smaller along each axis).
#
# Rubric: half a point for "the zeros of the padding are averaged in as if they were black pixels"; a quarter for the width of two
# pixels, and a quarter for why "valid" does not have it.

# %% [markdown]
# ## To remember
#
# - **valid**: the window stays inside, the map has $n - k + 1$ places along an axis.
# - **same** (stride 1): $k - 1$ zeros in all, $\lfloor (k-1)/2 \rfloor$ before, the rest after; the map stays as large as the picture.
#   "$(k-1)/2$ on each side" is right for odd kernels only.
# - Pixels at the edge take part in fewer windows. Padding softens this, at the price of zeros that nobody photographed: dark borders, and a
#   map that no longer moves along exactly.
# - The receptive field grows by $k - 1$ with each layer (stride 1). Without padding the map shrinks by just as much.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | padding | 패딩 | a frame around the picture |
# | zero padding | 제로 패딩 | a frame of zeros |
# | convolution | 합성곱 | slide a kernel over the picture, weighted sum at each place |
# | kernel | 커널 | the weights that are slid over one channel |
# | receptive field | 수용 영역 | the pixels that one output sees, through all layers before it |
# | feature map | 특성 맵 | the outputs of one filter, each at its place |
# | hyperparameter | 하이퍼파라미터 | what you choose and the network does not learn: the size of a kernel, the padding |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 3, stride:** so far the window moves one pixel at a time. What if it takes larger steps?
# - **To read:** V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (arXiv 1603.07285), sections 2.1 and 2.2; there the
#   same number of zeros goes on both sides, so TensorFlow's extra zero is missing. The documentation of Keras' `Conv2D`, argument `padding`.
#   M. A. Islam and others, *Position, Padding and Predictions* (arXiv 2101.12322), on what networks learn from the frame.
