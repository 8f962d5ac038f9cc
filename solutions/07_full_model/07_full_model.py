# %% [markdown]
# # 7 · All of it together
#
# Padding, strides, filters, pooling and dropout: you know all the parts. Do they add up to something that can tell a coat
# from a shirt?
#
# In this lesson you will
#
# - build the model of the notes (the older lecture notes that lesson 1 mentions; you do not need them), all 1,413,834 parameters of it, and know where
#   each of them sits,
# - find out which model the notes' parameter sums really belong to, and build that one, too,
# - watch the smaller one learn,
# - compute its answer **yourself**, with NumPy alone, and get the same numbers as Keras,
# - look into a trained network: what it sees, what it mixes up, and what throws it off.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights
from convlab.pictures import full_model as pictures
from convlab.pictures.filters import kernels
from convlab.quiet import keras
from keras import layers

keras.utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = load_fashion_mnist()

# %% [markdown]
# ## Ten questions
#
# **Predict first.** Here are ten test pictures. Write down what each one is before you run the second cell.

# %%
quiz = [16, 93, 26, 40, 100, 17, 19, 25, 3, 117]
pictures.gallery(x_test[quiz], [f"picture {number}" for number in range(1, 11)])

# %%
pictures.gallery(x_test[quiz], [CLASS_NAMES[label] for label in y_test[quiz]])

# %% [markdown]
# How many did you get right? Keep your number: later in the lesson a network takes the same test.

# %% [markdown]
# ## First, the data
#
# The weights of a new network are small random numbers, chosen so that an untrained network is undecided. With pixels up to 255 it
# is loud instead, and mostly wrong: its first loss is about 15, not 2.3. (Adam, the optimizer below, copes: we measured 85.5 % after four epochs against 86.5 %.) So pixels go to the range 0 to 1, always by the same division, whatever the picture. And Keras' convolutions
# want a channel axis, even when there is only one channel.
#
# **Predict first.** Which shape does the array of all 6,000 training pictures have before, and which after? (The cell after the exercise prints both.)

# %% [markdown]
# ### Exercise 1: `prepare` (2 points)
#
# Turn images and labels, as they are stored, into what the network takes. Mind the four things that the docstring promises:
# shape, type, range, and an error when images and labels cannot belong together.

# %% solution="prepare"
def prepare(images, labels):
    """Images and labels, ready for training.

    images: array [n, height, width] of uint8: 0 is black, 255 is white; n is at least 1
    labels: n class numbers, an array (uint8, for example) or a list
    Returns a pair: images as float32 [n, height, width, 1], where black is 0 and white is 1, and
    labels as an array of whole numbers [n].
    Raises ValueError if there are fewer or more labels than images.
    """
    ### BEGIN SOLUTION
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images, but {len(labels)} labels")
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels)
    ### END SOLUTION


# %% test="prepare" points=2
import numpy as np

from convlab.checks import check, check_error

# Two gray pictures of 3 x 2 pixels: nothing in them is black, nothing white.
gray = np.array([[[51, 102], [51, 153], [102, 204]], [[102, 51], [51, 51], [51, 102]]], dtype=np.uint8)
due = np.array([[[0.2, 0.4], [0.2, 0.6], [0.4, 0.8]], [[0.4, 0.2], [0.2, 0.2], [0.2, 0.4]]])[:, :, :, np.newaxis]
labels = np.array([9, 3], dtype=np.uint8)
check(prepare, gray, labels, gives=(due, np.array([9, 3])), hint="The shape here is [2, 3, 2, 1], and 255 becomes 1.")
check(
    prepare, gray, labels, of=lambda pair: str(np.asarray(pair[0]).dtype), gives="float32", hint="Half the memory of float64.",
)
check(prepare, gray, [0, 1], gives=(due, np.array([0, 1])), hint="Labels may come as a list.")
check_error(prepare, gray, [9], because="there are fewer labels than images")
check_error(prepare, gray, [9, 3, 0], because="there are more labels than images")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(0)
many = rng.integers(20, 240, (5, 28, 26), dtype=np.uint8)
labels = np.array([9, 0, 3, 3, 1], dtype=np.uint8)
due = (np.expand_dims(many, -1) / np.float32(255), np.array([9, 0, 3, 3, 1]))
check(prepare, many, labels, gives=due)
check(prepare, many, labels.tolist(), gives=due)
check(prepare, many, labels, of=lambda pair: str(np.asarray(pair[0]).dtype), gives="float32")
check_error(prepare, many, [9, 0, 3, 3], because="there are fewer labels than images")
check_error(prepare, many, [9, 0, 3, 3, 1, 8], because="there are more labels than images")
### END HIDDEN TESTS

# %%
# Runs once exercise 1 is solved.
try:
    print(x_train.shape, "→", prepare(x_train, y_train)[0].shape)
except NotImplementedError:
    print("solve exercise 1 first")

# %% [markdown]
# ## The plan
#
# The network that you are about to build pools three times, with windows of 2 × 2.
#
# **Predict first.** A map of 28 × 28 is halved three times: 28 → 14 → 7 → ? Which rule of lesson 5 decides?

# %%
sides = [28]
for _ in range(3):
    sides.append((sides[-1] - 2) // 2 + 1)
print(sides)

# %% [markdown]
# Here is the network of the notes, layer by layer. Each block is as high as its map, and the wider the more channels it has. What comes after
# "flatten" is a row of numbers and has no height; its bars all look alike. (Dropout changes no shape and is left out.)

# %%
plan = [
    {"type": "conv", "filters": 64, "kernel": 7, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 128, "kernel": 3, "padding": "same"},
    {"type": "conv", "filters": 128, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 256, "kernel": 3, "padding": "same"},
    {"type": "conv", "filters": 256, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "flatten"},
    {"type": "dense", "units": 128},
    {"type": "dropout", "rate": 0.5},
    {"type": "dense", "units": 64},
    {"type": "dropout", "rate": 0.5},
    {"type": "dense", "units": 10},
]
pictures.architecture(plan, sides)

# %% [markdown]
# Three things to notice:
#
# - The maps get **smaller**, and there are **more** of them: *where* matters less and less, *what* more and more.
# - Before the last two poolings there are **two** convolutions. Two windows of 3 × 3 in a row see 5 × 5 pixels, with a ReLU in between. Where
#   the number of channels stays the same, they do it with fewer weights: 18 for each pair of channels, not 25. In these two blocks the number grows
#   on the way, and the saving is gone: 221,184 weights against 204,800, and 884,736 against 819,200.
# - At the end 3 × 3 × 256 numbers are left to decide from, so the dense layer still knows a little about *where*. Lesson 5's global average pooling
#   gives that up, for a dense layer of 32,896 parameters where this one has 295,040. Both designs are in use.

# %% [markdown]
# ### Exercise 2: `flatten` (1 point)
#
# Between the last map and the first dense layer, each picture's numbers are written into one long row: the top row of pixels first,
# from left to right, with all channels of a pixel side by side.

# %% solution="flatten"
def flatten(x):
    """All numbers of each picture in one row, in Keras' order.

    x: array [n, height, width, channels]; n may be 1
    Returns an array [n, height * width * channels].
    """
    ### BEGIN SOLUTION
    return x.reshape(len(x), -1)
    ### END SOLUTION


# %% test="flatten" points=1
import numpy as np

from convlab.checks import check

x = np.arange(24, dtype=np.float32).reshape(2, 2, 3, 2)  # two pictures of 2 x 3 pixels with two channels
due = np.arange(24, dtype=np.float32).reshape(2, 12)
check(flatten, x, gives=due, hint="The channels of the first pixel come first, then those of its right neighbor.")
check(flatten, x[:1], gives=due[:1], hint="A batch of one picture gives one row, not just the row's numbers.")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
x = rng.random((3, 2, 4, 5), dtype=np.float32)
due = np.array([[x[n, i, j, k] for i in range(2) for j in range(4) for k in range(5)] for n in range(3)])
check(flatten, x, gives=due)
check(flatten, x[1:2], gives=due[1:2])
### END HIDDEN TESTS

# %% [markdown]
# ## The large model
#
# Now tell Keras the plan. `Sequential` takes a list of layers; the first entry says what comes in. For example:
#
# ```python
# keras.Sequential([
#     keras.Input((28, 28, 1)),
#     layers.Conv2D(64, 7, padding="same", activation="relu"),
#     layers.MaxPooling2D(2),
#     ...
# ])
# ```
#
# Each convolution and each hidden dense layer ends in a ReLU; the last layer ends in a softmax, so that ten
# probabilities come out.
#
# *Compiling* settles how the model learns: with an optimizer (`"adam"` will do), the loss `"sparse_categorical_crossentropy"`
# (*sparse*: labels are class numbers, not rows of zeros and ones) and the metric `"accuracy"`.

# %% [markdown]
# ### Exercise 3: `build_model` (4 points)
#
# Build and compile the model of the plan above:
#
# | block | layers |
# |---|---|
# | 1 | Conv2D 64 filters 7 × 7, max pooling 2 × 2 |
# | 2 | Conv2D 128 filters 3 × 3, Conv2D 128 filters 3 × 3, max pooling 2 × 2 |
# | 3 | Conv2D 256 filters 3 × 3, Conv2D 256 filters 3 × 3, max pooling 2 × 2 |
# | decide | flatten, Dense 128, Dropout 0.5, Dense 64, Dropout 0.5, Dense 10 with softmax |
#
# All convolutions with padding `"same"`; ReLU after each convolution and after Dense 128 and Dense 64.

# %% solution="build_model"
def build_model():
    """The large model of the course, for pictures of 28 x 28 x 1, compiled.

    Returns a Keras model that gives ten probabilities; any optimizer, sparse categorical
    cross-entropy on probabilities, accuracy as a metric.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(64, 7, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(256, 3, padding="same", activation="relu"),
        layers.Conv2D(256, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% test="build_model" points=4
from convlab.checks import check
from convlab.models import Network

due = Network(
    (28, 28, 1),
    [
        {"type": "conv", "filters": 64, "kernel": 7, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "conv", "filters": 128, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "conv", "filters": 128, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "conv", "filters": 256, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "conv", "filters": 256, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "flatten"},
        {"type": "dense", "units": 128, "activation": "relu"},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": 64, "activation": "relu"},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": 10, "activation": "softmax"},
    ],
    compiled=True,
)
check(
    build_model, of=due.found_in, gives=due.lines,
    hint="Return the model. Labels are class numbers, outputs are probabilities; metrics=[\"accuracy\"].",
)
### BEGIN HIDDEN TESTS
check(build_model, of=lambda model: due.found_in(model, seed=1), gives=due.lines)
### END HIDDEN TESTS

# %% [markdown]
# ## The notes' sums, and the model that they belong to
#
# Beside this model the notes print numbers of parameters: 320, then 18,496, then 73,856, then 1152 × 128 + 128, and
# last 128 × 10 + 10.
#
# **Predict first.** The first layer of the model above has 64 filters of 7 × 7 on one channel. How many parameters
# is that, by the rule of lesson 1? Is it 320?

# %%
print("large model, first layer:", 7 * 7 * 1 * 64 + 64)
print("3 × 3, 1 channel, 32 filters:", 3 * 3 * 1 * 32 + 32)
print("3 × 3, 32 channels, 64 filters:", 3 * 3 * 32 * 64 + 64)
print("3 × 3, 64 channels, 128 filters:", 3 * 3 * 64 * 128 + 128)

# %% [markdown]
# So the sums are right, but they belong to **another, smaller model**: three convolutions of 3 × 3 with 32, 64 and 128 filters, each followed
# by a pooling, then 128 dense neurons on 3 × 3 × 128 = 1152 inputs, then the ten classes.
#
# (One of them, 73,856, occurs in both models: from 64 channels to 128 with a kernel of 3 × 3. A number alone does not tell you
# the layer.) Let us build this model as well. It is small enough to be trained here and now.

# %% [markdown]
# ### Exercise 4: `build_small_model` (2 points)
#
# For pictures of 28 × 28 × 1: three times [Conv2D 3 × 3 with padding `"same"` and ReLU, max pooling 2 × 2] with 32, 64 and 128
# filters; flatten; Dense 128 with ReLU; Dense 10 with softmax. Exactly these layers, no dropout. Compile it like the large one.

# %% solution="build_small_model"
def build_small_model():
    """The small model whose parameters the notes add up, for pictures of 28 x 28 x 1, compiled.

    Returns a Keras model that gives ten probabilities; any optimizer, sparse categorical
    cross-entropy on probabilities, accuracy as a metric.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% test="build_small_model" points=2
from convlab.checks import check
from convlab.models import Network

due = Network(
    (28, 28, 1),
    [
        {"type": "conv", "filters": 32, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "conv", "filters": 64, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "conv", "filters": 128, "kernel": 3, "padding": "same", "activation": "relu"},
        {"type": "pool", "size": 2},
        {"type": "flatten"},
        {"type": "dense", "units": 128, "activation": "relu"},
        {"type": "dense", "units": 10, "activation": "softmax"},
    ],
    compiled=True,
)
check(
    build_small_model, of=due.found_in, gives=due.lines,
    hint="Return the model. Labels are class numbers, outputs are probabilities; metrics=[\"accuracy\"].",
)
### BEGIN HIDDEN TESTS
check(build_small_model, of=lambda model: due.found_in(model, seed=1), gives=due.lines)
### END HIDDEN TESTS

# %% [markdown]
# ## Where do the parameters sit?
#
# A convolution's parameters do not depend on the size of the map, those of the first dense layer do; pooling, flattening and dropout have none.
# To count them all, you walk through the layers and carry the shape along: `(height, width, channels)`, and after
# flattening just the number of features.
#
# **Predict first.** Which layer of the large model has the most parameters? Guess before you count.

# %% [markdown]
# ### Exercise 5: `count_parameters` (3 points)
#
# The layers come as dicts, as in `plan` above. Return one number for each layer, also where it is 0. A window that does not fit into
# the map it gets, and a type that you do not know, are errors.

# %% solution="count_parameters"
def count_parameters(layers, input_shape):
    """The number of parameters of each layer of a network.

    layers:      list of dicts, each with a "type":
                 {"type": "conv", "filters": 64, "kernel": 7, "padding": "same"};
                 without "padding" it is "valid"
                 {"type": "pool", "size": 2}, valid, with a stride as large as its window
                 {"type": "flatten"}, {"type": "dropout", "rate": 0.5},
                 {"type": "dense", "units": 128}
                 "kernel" and "size" are an int or a pair (vertical, horizontal);
                 a convolution's stride is 1; "dense" comes after "flatten"
    input_shape: tuple (height, width, channels)
    Returns a list with one int for each layer, 0 for a layer without parameters.
    Raises ValueError for an unknown type, and if the window of a valid convolution or of a pool is
    higher or wider than the map that it gets (under "same" a kernel may be larger).
    """
    ### BEGIN SOLUTION
    shape, counts = tuple(input_shape), []
    for layer in layers:
        kind, count = layer["type"], 0
        if kind in ("conv", "pool"):
            size = layer["kernel"] if kind == "conv" else layer["size"]
            size = (size, size) if isinstance(size, int) else tuple(size)
            valid = kind == "pool" or layer.get("padding", "valid") == "valid"
            if valid and (size[0] > shape[0] or size[1] > shape[1]):
                raise ValueError(f"a window of {size} does not fit into {shape[:2]}")
            if kind == "conv":
                count = size[0] * size[1] * shape[2] * layer["filters"] + layer["filters"]
                if valid:
                    shape = (shape[0] - size[0] + 1, shape[1] - size[1] + 1, shape[2])
                shape = (shape[0], shape[1], layer["filters"])
            else:
                shape = (shape[0] // size[0], shape[1] // size[1], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        elif kind == "dense":
            count = shape[-1] * layer["units"] + layer["units"]
            shape = (layer["units"],)
        elif kind != "dropout":
            raise ValueError(f"unknown type of layer: {kind}")
        counts.append(count)
    return counts
    ### END SOLUTION


# %% test="count_parameters" points=3
from convlab.checks import check, check_error

small = [
    {"type": "conv", "filters": 32, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 64, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 128, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "flatten"},
    {"type": "dense", "units": 128},
    {"type": "dense", "units": 10},
]
check(
    count_parameters, small, (28, 28, 1),
    gives=[320, 0, 18_496, 0, 73_856, 0, 0, 147_584, 1_290], hint="The map goes 28, 14, 7, 3; the first dense layer sees 1152 numbers.",
)
plain = [{"type": "conv", "filters": 2, "kernel": 3, "padding": "valid"}, {"type": "flatten"}, {"type": "dense", "units": 4}]
check(count_parameters, plain, (5, 4, 3), gives=[56, 0, 52], hint="The map is 3 × 2 × 2.")
mixed = [
    {"type": "conv", "filters": 3, "kernel": (2, 5)},
    {"type": "pool", "size": (3, 2)},
    {"type": "conv", "filters": 5, "kernel": (1, 6), "padding": "same"},
    {"type": "dropout", "rate": 0.5},
    {"type": "flatten"},
    {"type": "dense", "units": 7},
]
check(
    count_parameters, mixed, (10, 12, 2),
    gives=[63, 0, 95, 0, 0, 427], hint="The maps are 9 × 8 × 3, 3 × 4 × 3 and 3 × 4 × 5. Under \"same\" a kernel may be wider than its map.",
)
# Windows that are too high or too wide for a map of 4 x 4, first for the picture, then for what a pooling has left of it.
for layer in (
    {"type": "conv", "filters": 4, "kernel": (5, 1)},
    {"type": "conv", "filters": 4, "kernel": (1, 5)},
    {"type": "pool", "size": (5, 1)},
    {"type": "pool", "size": (1, 5)},
):
    check_error(count_parameters, [layer], (4, 4, 1), because="a window does not fit into its map")
check_error(count_parameters, [{"type": "pool", "size": 2}] * 3, (6, 6, 1), because="a window does not fit into its map")
check_error(count_parameters, [{"type": "flatten"}, {"type": "magic"}], (5, 5, 1), because="there is no such type of layer")
### BEGIN HIDDEN TESTS
large = [
    {"type": "conv", "filters": 64, "kernel": 7, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 128, "kernel": 3, "padding": "same"},
    {"type": "conv", "filters": 128, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "conv", "filters": 256, "kernel": 3, "padding": "same"},
    {"type": "conv", "filters": 256, "kernel": 3, "padding": "same"},
    {"type": "pool", "size": 2},
    {"type": "flatten"},
    {"type": "dense", "units": 128},
    {"type": "dropout", "rate": 0.5},
    {"type": "dense", "units": 64},
    {"type": "dropout", "rate": 0.5},
    {"type": "dense", "units": 10},
]
check(count_parameters, large, (28, 28, 1), gives=[3_200, 0, 73_856, 147_584, 0, 295_168, 590_080, 0, 0, 295_040, 0, 8_256, 0, 650])
other = [
    {"type": "conv", "filters": 3, "kernel": 2, "padding": "valid"},
    {"type": "pool", "size": (3, 2)},
    {"type": "dropout", "rate": 0.1},
    {"type": "conv", "filters": 5, "kernel": (1, 4), "padding": "same"},
    {"type": "conv", "filters": 6, "kernel": (3, 2)},
    {"type": "flatten"},
    {"type": "dense", "units": 7},
]
# 11 x 8 x 2 -> 10 x 7 x 3 -> 3 x 3 x 3 -> 3 x 3 x 5 -> 1 x 2 x 6 -> 12 -> 7
check(count_parameters, other, (11, 8, 2), gives=[27, 0, 0, 65, 186, 0, 91])
check(count_parameters, [{"type": "flatten"}, {"type": "dense", "units": 100}], (28, 28, 3), gives=[0, 235_300])
for steps, shape in [
    ([{"type": "conv", "filters": 4, "kernel": 5}], (4, 9, 1)),
    ([{"type": "conv", "filters": 4, "kernel": 5}], (9, 4, 1)),
    ([{"type": "conv", "filters": 4, "kernel": 3}] * 4, (8, 9, 1)),
    ([{"type": "pool", "size": (1, 3)}], (9, 2, 1)),
    ([{"type": "pool", "size": (3, 1)}], (2, 9, 1)),
    ([{"type": "pool", "size": 2}] * 5, (28, 28, 1)),
]:
    check_error(count_parameters, steps, shape, because="a window does not fit into its map")
check_error(count_parameters, [{"type": "dropout", "rate": 0.5}, {"type": "lstm"}], (5, 5, 1), because="there is no such type of layer")
### END HIDDEN TESTS

# %%
# Runs once exercise 5 is solved.
try:
    display(pictures.parameter_bars(plan, count_parameters(plan, (28, 28, 1))))
except NotImplementedError:
    print("solve exercise 5 first")

# %% [markdown]
# ## What does a second convolution cost?
#
# One often hears, and the notes argue much the same: near the input one convolution has to do, because the maps are large; after a
# pooling they are small, and two are affordable. It sounds right. Is it?
#
# **Predict first.** Imagine a second convolution in block 1 as well: 3 × 3, from 64 channels to 64, on 28 × 28. How many times as
# many multiplications does it cost as the second one of block 3, on 7 × 7?

# %%
convolutions = [
    ("block 1, first", 28, 7, 1, 64),
    ("block 1, a second one?", 28, 3, 64, 64),
    ("block 2, first", 14, 3, 64, 128),
    ("block 2, second", 14, 3, 128, 128),
    ("block 3, first", 7, 3, 128, 256),
    ("block 3, second", 7, 3, 256, 256),
]
print(f"{'':<24}{'positions':>10}{'× weights':>11}{'= multiplications':>19}{'activations':>13}")
for name, side, kernel, channels, filters in convolutions:
    positions, weights = side**2, kernel**2 * channels * filters
    print(f"{name:<24}{positions:>10,}{weights:>11,}{positions * weights:>19,}{positions * filters:>13,}")

# %% [markdown]
# **All equal!** 28.9 million each, in every block. Halving the side leaves a quarter of the positions, but doubling the channels, in and out,
# makes four times as many weights: they cancel. Small maps would make a convolution cheap if the channels stayed as they are; in this network they do not.
#
# What does change on the way down?
#
# - **Weights** become more, and each one is used at fewer positions: 784, then 196, then 49.
# - **Activations**, which training has to keep for the gradient, become fewer: here a second convolution in block 1 is the expensive one, with 50,176 for each
#   picture against 12,544.
#
# So the model *could* have a second convolution in block 1, for a third more work (89 million multiplications become 118). Only a second **7 × 7**
# would be a different matter: 157 million, because of the kernel, not of the map. Whether more layers early or late help is a
# question for an experiment, not for the bill.

# %% [markdown]
# *A good place to stop for today: the larger half of the exercises is behind you. Save, and when you come back, click into the next cell and
# choose Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ## From numbers to probabilities
#
# The last dense layer gives ten numbers of any size, the *logits* $z_0, \dots, z_9$. Softmax makes probabilities of them:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
#
# **Predict first.** What does softmax make of `[1, 1, 1, 1]`? And what happens to the result when you add 100 to each logit?

# %%
def by_the_formula(logits):
    powers = np.exp(logits)
    return powers / powers.sum()


bars = np.array([2.0, 1.0, 0.0, -1.0])
pictures.softmax_bars(bars, by_the_formula(bars))

# %%
for logits in ([1.0, 1.0, 1.0, 1.0], [2.0, 1.0, 0.0, -1.0], [102.0, 101.0, 100.0, 99.0]):
    print(logits, "→", by_the_formula(logits).round(3))

# %% [markdown]
# Equal logits, equal shares; and adding 100 to all changes nothing, for $e^{z + 100} = e^{100} e^z$, and the factor $e^{100}$ stands above and below the fraction bar.
# Only differences count. That is good to know, because the formula as it stands breaks down: float64 overflows above $e^{709}$, float32 above $e^{88}$.

# %%
with np.errstate(over="ignore"):
    print("float64:", np.exp(709.0), np.exp(710.0), "  float32:", np.exp(np.float32(88)), np.exp(np.float32(89)))

# %% [markdown]
# ### Exercise 6: `softmax` (1 point)
#
# Over the last axis, for any number of axes in front of it, and right for logits as large as 1000, too. You have just seen what you
# may add to all logits of a row, or subtract, without changing the result.

# %% solution="softmax"
def softmax(logits):
    """Probabilities out of logits, along the last axis.

    logits: array of floats [..., classes], between -1000 and 1000
    Returns an array of the same shape; along the last axis no value is negative, and their sum
    is 1.
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% test="softmax" points=1
import numpy as np

from convlab.checks import check

check(softmax, np.log([1.0, 2.0, 5.0]), gives=np.array([0.125, 0.25, 0.625]))
check(
    softmax, np.log([[1.0, 2.0, 5.0], [4.0, 2.0, 2.0]]),
    gives=np.array([[0.125, 0.25, 0.625], [0.5, 0.25, 0.25]]), hint="Each row by itself.",
)
# Three rows of three logits along the last of three axes: very large ones, very small ones, and both.
loud = np.array([[[1000.0, 999.0, 0.0], [-1000.0, -999.0, -1000.0], [1000.0, -1000.0, -1000.0]]])
check(
    softmax, loud,
    gives=np.array([[[0.731059, 0.268941, 0.0], [0.211942, 0.576117, 0.211942], [1.0, 0.0, 0.0]]]),
    hint="Subtract the largest logit of each row first.",
)
check(softmax, np.array([[-100, 0, 100]], dtype=np.float32), gives=np.array([[0.0, 0.0, 1.0]]), hint="In float32, e¹⁰⁰ is infinite.")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for shape in [(5,), (4, 10), (2, 3, 4)]:
    z = rng.normal(scale=3, size=shape)
    due = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    check(softmax, z, gives=due)
    check(softmax, z.astype(np.float32), gives=due)
    check(softmax, z + 1000, gives=due)
    check(softmax, z - 1000, gives=due)
check(softmax, np.array([[0.0, 1000.0], [-1000.0, 0.0], [1000.0, 1000.0]]), gives=np.array([[0.0, 1.0], [0.0, 1.0], [0.5, 0.5]]))
### END HIDDEN TESTS

# %% [markdown]
# ## Training, before your eyes
#
# The small model learns from 5,400 of the course's 6,000 training pictures, four times over. The other 600 are kept aside to *validate*: the model
# never learns from them.
#
# **Predict first.** Before its first step the model is undecided: about 10 % for each class. The loss of a picture is $-\ln p$ of its true class. How large is
# it then? Where will accuracy be after one round (*epoch*), and where after four?

# %%
# Runs once exercises 1 and 4 are solved.
try:
    images, labels = prepare(x_train, y_train)
    small_model = build_small_model()
    loss, accuracy = small_model.evaluate(images[:1000], labels[:1000], verbose=0)
    print(f"before training: loss {loss:.2f} (ln 10 is {np.log(10):.2f}), accuracy {accuracy:.0%}")
except NotImplementedError:
    print("solve exercises 1 and 4 first")

# %% [markdown]
# That is the cheapest test in all of deep learning: a loss that does not start near the logarithm of the number of classes mostly points to a
# mistake, in the data, the last layer or the loss. Now let it learn.

# %%
# Runs once exercises 1 and 4 are solved.
try:
    curve = pictures.LiveCurve(epochs=4)
    small_model.fit(
        images, labels, epochs=4, batch_size=64, validation_split=0.1, verbose=0, callbacks=[curve]
    )
except NameError:
    print("solve exercises 1 and 4 first")

# %%
try:
    test_images, test_labels = prepare(x_test, y_test)
    _, accuracy = small_model.evaluate(test_images, test_labels, verbose=0)
    print(f"{accuracy:.1%} of {len(test_labels):,} test pictures are right")
except (NotImplementedError, NameError):
    print("solve exercises 1 and 4 first")

# %% [markdown]
# A tenth of the pictures of Fashion-MNIST and a minute of work at most. Not bad for a stack of weighted sums.
#
# Did the pictures kept aside do *better* at first than those it learns from? That is no miracle. Keras averages the training accuracy over the epoch, while the
# network is still getting better; the others are measured at its end. (In a model with dropout there is a second reason: dropout is on while training.)

# %% [markdown]
# ### And without any ReLU?
#
# Two convolutions in a row without a ReLU in between are just one larger convolution (but for the edges, where zeros come in between), and dense layers without one are one matrix. So ReLU is what makes
# depth worth anything, one often hears.
#
# **Predict first.** The next cell rebuilds your small model with every ReLU taken out, and trains it just as long. Will it be much worse?

# %%
def straight(layer):
    config = layer.get_config()
    if isinstance(layer, layers.ReLU):
        return layers.Identity()
    if config.get("activation") == "relu":
        config["activation"] = "linear"
    return type(layer).from_config(config)


# Runs once exercises 1 and 4 are solved.
try:
    without_relu = keras.models.clone_model(small_model, clone_function=straight)
    without_relu.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    without_relu.fit(images, labels, epochs=4, batch_size=64, validation_split=0.1, verbose=0)
    _, straight_accuracy = without_relu.evaluate(test_images, test_labels, verbose=0)
    print(f"with ReLU {accuracy:.1%}, without any ReLU {straight_accuracy:.1%}")
except NameError:
    print("solve exercises 1 and 4 first")

# %% [markdown]
# It hardly matters here! Over two other seeds we measured 86 % with ReLU, 88 % without. Something else in it bends: **max pooling**. The largest of four sums is no weighted sum of the pixels. Put average pooling in its place, and all that
# is left is one single weighted sum for each class, in a complicated disguise, and
# only 79 %.
#
# **Now you know why** a network needs *something* that bends, and that it need not be ReLU.

# %% [markdown]
# ## No magic: the same numbers by hand
#
# You have written all that this network does: convolution with padding "same" and many channels (lesson 4),
# ReLU, max pooling (lesson 5), flatten, softmax. A dense layer is a matrix product. Those of the earlier lessons are in other notebooks: copy them, or
# write them anew. Helper functions are welcome, in the same cell or in one above it.
#
# `get_weights()` gives a list of ten arrays: kernel and bias of each layer that has any, from input to output.

# %%
try:
    print(*[weight.shape for weight in small_model.get_weights()], sep="\n")
except NameError:
    print("solve exercises 1 and 4 first")

# %% [markdown]
# ### Exercise 7, the challenge: `numpy_predict` (4 points)
#
# Compute the ten probabilities that the small model gives for one picture. Use NumPy alone: the point is to see that there is
# nothing else in it. Take your time, and check the shapes on your way: 28 × 28 × 32, 14 × 14 × 32, 14 × 14 × 64, 7 × 7 × 64,
# 7 × 7 × 128, 3 × 3 × 128, 1152, 128, 10.

# %% solution="numpy_predict"
def numpy_predict(weights, image):
    """What the small model says about one picture, computed with NumPy.

    weights: the small model's get_weights(): kernel [3, 3, in, out] and bias [out] of three
             convolutions (padding "same", ReLU, each followed by 2 x 2 max pooling), then kernel
             [in, out] and bias [out] of two dense layers (ReLU, softmax)
    image:   array of floats [28, 28, 1]
    Returns an array of ten probabilities, also if logits are as large as 2000.
    """
    ### BEGIN SOLUTION
    x = image
    for kernel, bias in (weights[0:2], weights[2:4], weights[4:6]):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        # Sum over input channels, rows and columns of the window.
        x = np.maximum(np.tensordot(windows, kernel, axes=((2, 3, 4), (2, 0, 1))) + bias, 0)
        height, width = x.shape[0] // 2, x.shape[1] // 2
        x = x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1).max(axis=(1, 3))
    x = x.reshape(-1)
    x = np.maximum(x @ weights[6] + weights[7], 0)
    z = x @ weights[8] + weights[9]
    powers = np.exp(z - z.max())
    return powers / powers.sum()
    ### END SOLUTION


# %% test="numpy_predict" points=4
import numpy as np

from convlab.checks import check

# A network that has learned nothing: random weights, and biases that are not zero, as after training.
rng = np.random.default_rng(4)
shapes = [(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (3, 3, 64, 128), (128,), (1152, 128), (128,), (128, 10), (10,)]
weights = [np.float32(3 * (rng.random(shape) - 0.5) / np.prod(shape[:-1]) ** 0.5) for shape in shapes]
picture = np.float32(rng.random((28, 28, 1)))
# This is what Keras says with these weights.
due = np.array([0.057819, 0.148758, 0.029582, 0.409016, 0.038183, 0.023027, 0.008905, 0.201711, 0.048299, 0.034701])
check(
    numpy_predict, weights, picture,
    gives=due, rtol=1e-3, atol=1e-4, hint="Compare the shapes after each layer with the list above.",
)
loud = [*weights[:8], weights[8] * np.float32(1000), weights[9] * np.float32(1000)]  # logits from -1937 to 1891
check(numpy_predict, loud, picture, gives=np.array([0.0] * 3 + [1.0] + [0.0] * 6), hint="Is your softmax stable?")
### BEGIN HIDDEN TESTS
import keras

model = keras.Sequential([keras.Input((28, 28, 1))])
for filters in (32, 64, 128):
    model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
    model.add(keras.layers.MaxPooling2D(2))
model.add(keras.layers.Flatten())
model.add(keras.layers.Dense(128, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))
rng = np.random.default_rng(5)
weights = [rng.normal(size=shape) * np.sqrt(2 / max(np.prod(shape[:-1]), 4)) for shape in shapes]
weights = [weight.astype("float32") for weight in weights]
model.set_weights(weights)
pictures_in = rng.random((3, 28, 28, 1), dtype="float32")
dark = np.zeros((28, 28, 1), "float32")
corner = dark.copy()
corner[0, 27] = corner[27, 3] = 20.0
for image in [*pictures_in[:2], dark, corner]:  # the dark one: only the biases speak; corner: padding matters
    check(numpy_predict, weights, image, gives=np.asarray(model(image[None]))[0], rtol=1e-3, atol=1e-4)
loud = [*weights[:8], weights[8] * 300, weights[9] * 300]
model.set_weights(loud)
check(numpy_predict, loud, pictures_in[2], gives=np.asarray(model(pictures_in[2:3]))[0], rtol=1e-3, atol=1e-4)
### END HIDDEN TESTS

# %%
# Runs once exercises 1, 4 and 7 are solved.
try:
    twenty, weights = test_images[:20], small_model.get_weights()
    ours = np.array([numpy_predict(weights, picture) for picture in twenty])
    theirs = small_model.predict(twenty, verbose=0)
    print(f"largest difference in 200 probabilities: {np.abs(ours - theirs).max():.0e}")
    print("same class for all 20:", np.array_equal(ours.argmax(axis=1), theirs.argmax(axis=1)))
except (NotImplementedError, NameError):
    print("solve exercises 1, 4 and 7 first")

# %% [markdown]
# No magic: a network that tells bags from boots is a quarter of a million numbers and a dozen lines of NumPy. What is remarkable is not the
# arithmetic, but where the numbers come from: `fit` found them, step by step, from examples alone.

# %% [markdown]
# ## The large model, trained
#
# Training the large model on all 60,000 pictures takes the better part of an hour on two cores. We did it for you
# (`data/train_large_model.py` in the repository), and you only load the weights. We also used some tricks of the trade that your `fit` above did without: first
# weights made for ReLU (`he_normal`), a learning rate that rises for 300 steps and then falls along half a cosine, and, above all, pictures that are a little
# different in every epoch. That is called **data augmentation**:

# %%
rng = np.random.default_rng(5)
boot = x_train[np.flatnonzero(y_train == 9)[0]]
variants = [boot]
for _ in range(9):
    down, right = rng.integers(0, 3, 2)  # move by -1, 0 or 1
    moved = np.pad(boot, 1)[down : down + 28, right : right + 28]
    variants.append(moved[:, ::-1] if rng.random() < 0.5 else moved)
pictures.gallery(np.array(variants), ["as it is", *["moved, perhaps\nmirrored"] * 9])

# %% [markdown]
# **Predict first.** Would mirroring help with pictures of handwritten digits? And how many of the 1,000 test pictures will the large model get right?

# %%
# Runs once exercises 1 and 3 are solved.
try:
    large_model = build_model()
    large_model.set_weights(load_large_model_weights())
    test_images, test_labels = prepare(x_test, y_test)
    probabilities = large_model.predict(test_images, verbose=0)
    predicted = probabilities.argmax(axis=1)
    print(f"{np.mean(predicted == test_labels):.1%} of {len(test_labels):,} test pictures are right")
except NotImplementedError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# (A mirrored boot is still a boot; a mirrored 2 is not a 2. Augment only by what leaves the label true.)
#
# On all 10,000 test pictures of Fashion-MNIST it is 92.8 %. How much of that is owed to our tricks? The same layers trained plainly, on 55,000 pictures for ten epochs, reach
# 91.2 % in the notebook of the book that they come from. So tricks, a few more pictures and four more epochs are together worth a point or two; the architecture does the rest.
#
# And the quiz?

# %%
try:
    says = [
        f"{CLASS_NAMES[y_test[n]]}\n{'right' if predicted[n] == y_test[n] else 'says ' + CLASS_NAMES[predicted[n]]}, {probabilities[n].max():.0%}"
        for n in quiz
    ]
    print((predicted[quiz] == test_labels[quiz]).sum(), "of 10")
    display(pictures.gallery(x_test[quiz], says))
except NameError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# Laypeople, three for each of 1,000 such pictures, got 83.5 % right by majority (says the table in the data set's repository), so do not be ashamed of your number. Now look at the network's two mistakes. The plain shirt (picture 7) it takes for a pullover, and is sure of it.
# About the dress without sleeves (picture 9) it is unsure, and its share says so: 31 % is little for a winner among ten. Did you hesitate at the same two?

# %% [markdown]
# ## What does it look at?
#
# First its own numbers: the 64 kernels of the first layer, 7 × 7 weights each; gray is 0, white positive, black negative. **Predict first.** What will they
# look like? Remember lesson 4's filters for lines and edges.

# %%
# Runs once exercise 3 is solved.
try:
    display(kernels(large_model.get_weights()[0][:, :, 0]))
except NameError:
    print("solve exercise 3 first")

# %% [markdown]
# Mostly noise! Four of the 64 are smoother than 99 % of pure noise would be: look for a dark blob or an edge in the second of the fourth row, and in the very last one. The tidy edge
# filters of many textbooks come from networks that saw larger pictures, more of them, for longer.
#
# This noise is the one that training started from: its seed is known, so the kernels can be drawn once more as they were before the first step, and 61 of the 64
# still agree with their beginning with a correlation above 0.9. (Deeper layers moved more: 0.68 to 0.81.) So the first layer's filters were not so much *found* as *left alone*: 64 random views of a picture seem to be
# good enough for later layers to work with.

# %% [markdown]
# Now its feature maps. Here is one picture, and of each block the eight maps with the largest mean. Early maps still look like the picture: edges
# and surfaces. Late maps are coarse; they say *what* is there more than *where*.

# %%
try:
    poolings = [layer for layer in large_model.layers if isinstance(layer, layers.MaxPooling2D)]
    look_inside = keras.Model(large_model.inputs, [layer.output for layer in poolings])
    shown = np.flatnonzero(y_test == 9)[5]
    maps = look_inside.predict(test_images[shown][np.newaxis], verbose=0)
    display(pictures.feature_maps(x_test[shown], [block[0] for block in maps]))
except NameError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# **Play.** Walk through all its layers with the arrow keys: shapes, parameters, and the strongest maps that each convolution and each pooling makes of a boot.
# From which layer on would you no longer recognize it? Which maps answer to the sole alone?
#
# **Draw.** The boot is only the first picture: choose another one, change it, or clear it and draw your own, with the mouse, a finger or the keys.
# **Predict first:** draw a pair of trousers; then a circle. What will the model say to each, how sure will it be, and why?

# %%
from convlab import explorers

explorers.model()

# %% [markdown]
# It has an answer to everything. A ring is a bag to it, with 96 % or more from a radius of 8 pixels on; an all-white picture is a bag, 100 %; random noise is a bag, 98 % or more in five tries. (An
# all-black one is a sneaker, but only with 56 %.) Softmax shares out 100 % among ten kinds of clothes, and none of
# the ten is called *something else*. So a large share means "more like this one than like the other nine", not "I have seen such a thing before".

# %% [markdown]
# ### Cover a part, and see what happens
#
# Which part of a picture does the answer hang on? Cover it with a small black square, place after place, and ask the network each time. That is called
# **occlusion**. **Predict first.** Picture 1 of the quiz is a shirt, and the network says so. Picture 7 is the shirt that it takes for a pullover, with 90 %. Where is the square going to
# hurt the first answer? Is there a place where it corrects the second?

# %%
def covered(image, size=6, step=2):
    places = range(0, 28 - size + 1, step)
    copies = np.repeat(image[np.newaxis], len(places) ** 2, axis=0)
    for copy, (row, col) in zip(copies, np.ndindex(len(places), len(places))):
        copy[step * row : step * row + size, step * col : step * col + size] = 0
    return copies


# Runs once exercises 1 and 3 are solved.
try:
    for n in (quiz[0], quiz[6]):
        answers = large_model.predict(covered(test_images[n]), verbose=0).reshape(12, 12, 10)
        display(pictures.occlusion(x_test[n], answers, CLASS_NAMES, label=y_test[n], said=predicted[n], size=6))
except NameError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# In the first picture it is the middle of the fabric: where the square hides the pattern there, the share of "shirt" falls from 98 % to 39 % at worst, and much less
# happens elsewhere. In the second one a square on collar or chest makes "pullover" even surer; on the lower sleeves or the hem it takes the certainty away, down to 14 %, and at 8 of 144 places the answer
# becomes the right one.
#
# Be careful with such maps: the square is itself a change that no training picture had, with edges of its own. They show where the answer *is fragile*, not how the network *reasons*.

# %% [markdown]
# ## Move it a little
#
# A convolution is equivariant (lesson 1): when the coat moves, its feature maps move along. Pooling swallows a part of small moves (lesson 5). But the dense layer
# has a weight of its own for each of the 3 × 3 places that are left.
#
# **Predict first.** Move the test pictures 1, 2, 3 and 4 pixels to the right. How many does the small model, trained on pictures as they are, still get
# right? And the large one, which learned from pictures moved by up to one pixel?

# %%
# Runs once exercises 1, 3 and 4 are solved.
try:
    some, true = test_images[:200], test_labels[:200]
    for shift in range(5):
        pictures_moved = np.pad(some, ((0, 0), (0, 0), (shift, 0), (0, 0)))[:, :, :28]
        right = [np.mean(m.predict(pictures_moved, verbose=0).argmax(axis=1) == true) for m in (small_model, large_model)]
        print(f"moved by {shift}:  small model {right[0]:.0%}, large model {right[1]:.0%}")
except NameError:
    print("solve exercises 1, 3 and 4 first")

# %% [markdown]
# The large model holds out much longer. But it is also larger and saw ten times the pictures, so this alone proves nothing. A fair test is the small model, trained as above for four epochs, with moved and
# mirrored pictures or without (all 1,000 test pictures, mean of two seeds):
#
# - trained on pictures as they are: 86 %, 84 %, 76 %, 63 % and 49 %,
# - trained on moved ones: 85 %, 84 %, 82 %, 76 % and 60 %.
#
# So a convolutional network is *not* simply indifferent to where things are: it has to be built for that, or to learn it from moved examples. That is what augmentation is for.

# %% [markdown]
# ## What does it mix up?
#
# One number, the accuracy, hides which classes suffer. A **confusion matrix** does not: row = what it is, column = what the network
# says. What is right stands on the diagonal.
#
# **Predict first.** Which class will be the hardest? Think of the quiz.

# %% [markdown]
# ### Exercise 8: `confusion_matrix` (2 points)
#
# Count: row `i`, column `j` holds the number of pictures of class `i` that were called `j`. Each class has its row and its column, even if no picture is of it.
# Lists of different length and class numbers that do not exist are errors.

# %% solution="confusion_matrix"
def confusion_matrix(y_true, y_pred, classes):
    """How often each class was taken for each other one.

    y_true, y_pred: n class numbers each, as arrays (also of uint8) or lists: what it is, and what
                    was predicted
    classes:        int, how many classes there are, whether they occur or not
    Returns an array of ints [classes, classes]; row = truth, column = prediction.
    Raises ValueError if y_true and y_pred have different lengths, or if a class number is negative
    or not below classes.
    """
    ### BEGIN SOLUTION
    if len(y_true) != len(y_pred):
        raise ValueError(f"{len(y_true)} true classes, but {len(y_pred)} predicted ones")
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, prediction in zip(y_true, y_pred):
        if not (0 <= truth < classes and 0 <= prediction < classes):
            raise ValueError(f"there is no class {truth} or {prediction}")
        matrix[truth, prediction] += 1
    return matrix
    ### END SOLUTION


# %% test="confusion_matrix" points=2
import numpy as np

from convlab.checks import check, check_error

truth, said = np.array([0, 0, 0, 1, 3, 3, 3]), np.array([0, 1, 1, 1, 3, 3, 0])
check(
    confusion_matrix, truth, said, 4,
    gives=np.array([[1, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 2]]), hint="Row = truth. No picture is of class 2, and yet it has a row and a column.",
)
check(confusion_matrix, [1, 0], [0, 0], 2, gives=np.array([[1, 0], [1, 0]]), hint="Class numbers may come as lists.")
# 300 pictures of class 29, as uint8, which holds no number above 255.
many = np.zeros((30, 30), dtype=int)
many[29, 2] = 300
check(confusion_matrix, np.full(300, 29, np.uint8), np.full(300, 2, np.uint8), 30, gives=many)
check_error(confusion_matrix, [0, 1], [0], 2, because="there are fewer predictions than true classes")
check_error(confusion_matrix, [0], [0, 1], 2, because="there are more predictions than true classes")
check_error(confusion_matrix, [0, 2], [0, 1], 2, because="there is no such class")
check_error(confusion_matrix, [0, 1], [0, 2], 2, because="there is no such class")
check_error(confusion_matrix, [-1, 1], [0, 1], 2, because="there is no negative class (NumPy would count it from the end)")
check_error(confusion_matrix, [0, 1], [0, -1], 2, because="there is no negative class (NumPy would count it from the end)")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for classes, n in [(10, 300), (4, 25), (3, 7)]:
    truth, said = rng.integers(0, classes, n), rng.integers(0, classes, n)
    due = np.array([[int(np.sum((truth == i) & (said == j))) for j in range(classes)] for i in range(classes)])
    check(confusion_matrix, truth, said, classes, gives=due)
    check(confusion_matrix, truth.tolist(), said.tolist(), classes, gives=due)
    check(confusion_matrix, truth.astype(np.uint8), said.astype(np.uint8), classes, gives=due)
due = np.zeros((40, 40), dtype=int)
due[38, 5], due[2, 39] = 270, 2
check(confusion_matrix, np.array([38] * 270 + [2] * 2, np.uint8), np.array([5] * 270 + [39] * 2, np.uint8), 40, gives=due)
check_error(confusion_matrix, [0, 1, 1], [0, 1], 2, because="there are fewer predictions than true classes")
check_error(confusion_matrix, [0, 1], [0, 1, 1], 2, because="there are more predictions than true classes")
check_error(confusion_matrix, [0, 7], [0, 1], 3, because="there is no such class")
check_error(confusion_matrix, [0, 1], [0, 3], 3, because="there is no such class")
check_error(confusion_matrix, [0, -2], [0, 1], 3, because="there is no negative class (NumPy would count it from the end)")
check_error(confusion_matrix, [0, 1], [-3, 1], 3, because="there is no negative class (NumPy would count it from the end)")
### END HIDDEN TESTS

# %%
# Runs once exercises 1, 3 and 8 are solved.
try:
    matrix = confusion_matrix(test_labels, predicted, 10)
    display(pictures.confusion(matrix, CLASS_NAMES))
except (NotImplementedError, NameError):
    print("solve exercises 1, 3 and 8 first")

# %% [markdown]
# The shirt. On all 10,000 test pictures, 1,000 of each class, 776 shirts are recognized. Most often mixed up, in one direction or the other, are T-shirt/top and shirt (176), coat and
# shirt (108), pullover and shirt (91), coat and pullover (85), coat and dress (52), then ankle boot and sneaker (35), and shirt and dress (34).
#
# Where is the network wrong and *sure*? These are its most confident mistakes: below each picture what it says, and how sure it is.
# With how many of them would you agree?

# %%
try:
    wrong = np.flatnonzero(predicted != test_labels)
    worst = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:10]
    captions = []
    for n in worst:
        said, sure = CLASS_NAMES[predicted[n]], probabilities[n].max()
        captions.append(f"{CLASS_NAMES[y_test[n]]}?\nsays {said}, {sure:.0%}")
    display(pictures.gallery(x_test[worst], captions))
except NameError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# ### In your own words: `explain_full_model` (2 points)
#
# 1. One often hears that two convolutions per pooling are affordable deeper in, because the maps are small there. Check this against the table of the large model: from block to block, what becomes
#    less, what becomes more, and what stays the same? Why?
# 2. Which classes does the model confuse, and why just these?
#
# Three to six sentences. A person reads and grades them.

# %% [markdown] written="explain_full_model" points=2
# Each pooling leaves a quarter of the positions, but the channels double, in and out: a 3 × 3 convolution has four times the weights. So its work, positions × weights,
# stays the same, 28.9 million multiplications in each block; it would be cheaper deeper in only if the channels stayed as they are. What falls are the activations to keep while training,
# and the positions at which each weight is used; what rises are the weights.
#
# It confuses shirts with T-shirts, coats and pullovers, coats with pullovers, and both with dresses: their outlines are alike, and what tells them apart
# (collar, buttons, fabric) is a pixel or two. Trousers, bags and shoes have outlines of their own.
#
# Rubric: 1 point for "the work stays equal, because positions fall to a quarter while weights grow fourfold" (half a point for one of the two; none for "cheaper
# because the maps are small"); 1 point for a pair that it does confuse and the reason that outlines are alike: T-shirt/shirt, coat/shirt,
# pullover/shirt, coat/pullover, coat/dress, shirt/dress, or two kinds of shoes (half a point without a reason).

# %% [markdown]
# ## To remember
#
# - A convolutional network: **[convolution, ReLU] once or twice, pooling**, and again; then flatten, dense, dropout, softmax.
# - Deeper in: smaller maps, more filters. Half the side and twice the channels: the **same work**, four times the weights, half the activations.
# - Parameters: convolution **kh · kw · in · out + out**, dense **in · out + out**, pooling, flatten and dropout **0**.
# - The large model has 1,413,834 parameters, the small one, whose sums the notes print, 241,546.
# - Softmax: subtract the largest logit, exponentiate, divide by the sum. Only differences of logits count.
# - An untrained network's loss is near **ln 10** for ten classes. If not, look for a mistake.
# - Something has to bend: ReLU, or max pooling.
# - Moved pictures are new to a network that never saw any: **augment**, by what leaves the label true.
# - Accuracy is one number; the confusion matrix says who pays for it. A large share is not "I know this".
# - Prediction is nothing but the layers that you wrote.

# %% [markdown]
# ## Words
#
# | new here | Korean | in one line |
# |---|---|---|
# | fully connected (dense) layer | 완전 연결 층 (밀집 층) | each output is a weighted sum of all inputs |
# | softmax | 소프트맥스 | probabilities out of any numbers |
# | loss | 손실 | the number that training makes small |
# | optimizer | 옵티마이저 | the rule by which a step changes the weights |
# | data augmentation | 데이터 증식 | moved, mirrored or otherwise changed copies to learn from |
# | confusion matrix | 혼동 행렬 (오차 행렬) | what it is against what the network says |

# %% [markdown]
# | from earlier lessons | Korean | in one line |
# |---|---|---|
# | convolution | 합성곱 | slide a kernel, weighted sum at each place |
# | filter | 필터 | the weights that make one feature map |
# | feature map | 특성 맵 | the output of one filter |
# | padding | 패딩 | zeros around the picture, so that the map stays as large |
# | stride | 스트라이드 | the step of the window |
# | pooling | 풀링 | keep one number of each window |
# | dropout | 드롭아웃 | while training, silence neurons at random |
# | receptive field | 수용 영역 | the pixels that one number depends on |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 8, learning:** nobody wrote the numbers into the kernels. How did `fit` find them? It is worth twenty points beyond the hundred.
# - **Try:** one more convolution, no dropout, another kernel size. What does it do to the curve? To the parameters?
# - **To read:** A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, third edition (2022), chapter 14; the data set's paper,
#   H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST* (2017); M. Zeiler and R. Fergus, *Visualizing and Understanding Convolutional Networks* (2014), where occlusion comes from; A. Karpathy,
#   *A Recipe for Training Neural Networks* (2019), on the loss before the first step and other cheap tests.
