# %% [markdown]
# # 7 · All of it together
#
# You have padding, strides, filters, pooling and dropout in your hands. Do they add up to something that can tell a coat
# from a shirt?
#
# In this lesson you will
#
# - build the model of the notes (the course's older lecture notes; you do not need them), all 1,413,834 parameters of it, and know where each of them sits,
# - find out which model the notes' parameter sums really belong to, and build that one, too,
# - train the smaller one in front of your eyes,
# - compute its answer **yourself**, with NumPy alone, and get the same numbers as Keras,
# - look into a trained network: what it sees, and what it mixes up.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import CLASS_NAMES, load_fashion_mnist, load_large_model_weights
from convlab.pictures import full_model as pictures
from convlab.quiet import keras
from keras import layers

keras.utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = load_fashion_mnist()

# %% [markdown]
# ## Ten questions
#
# **Predict first.** Here are ten test pictures. Write down what each one is before you run the second cell.

# %%
quiz = [16, 93, 26, 40, 100, 23, 19, 25, 3, 117]
pictures.gallery(x_test[quiz], [f"picture {number}" for number in range(1, 11)])

# %%
pictures.gallery(x_test[quiz], [CLASS_NAMES[label] for label in y_test[quiz]])

# %% [markdown]
# How many did you get right? Keep your number. At the end of the lesson we ask the network.

# %% [markdown]
# ## First, the data
#
# A network likes small numbers: weights start near 0, and inputs up to 255 would make the first steps of training enormous.
# So pixels go to the range 0 to 1. And Keras' convolutions want a channel axis, even when there is one channel only.
#
# **Predict first.** Which shape does the array of all 6,000 training pictures have before, and which after?

# %% [markdown]
# ### Exercise 1: `prepare` (2 points)
#
# Turn images and labels as they are stored into what the network eats.

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
    return images[..., np.newaxis].astype(np.float32) / 255, np.array(labels, dtype=int)
    ### END SOLUTION


# %% test="prepare" points=2
import numpy as np

from convlab.checks import check, check_error

# Two gray pictures of 2 x 3 pixels: nothing in them is black, nothing white.
gray = np.array([[[51, 102, 51], [153, 102, 204]], [[102, 51, 51], [51, 51, 102]]], dtype=np.uint8)
due = np.array([[[0.2, 0.4, 0.2], [0.6, 0.4, 0.8]], [[0.4, 0.2, 0.2], [0.2, 0.2, 0.4]]])[:, :, :, np.newaxis]
labels = np.array([9, 3], dtype=np.uint8)
check(prepare, gray, labels, gives=(due, np.array([9, 3])), hint="The shape here is [2, 2, 3, 1], and 255 becomes 1.")
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
# Here is the network of the notes. Read it from left to right: each block is as high as its map, and wider the more channels it has.
# (Dropout changes no shape and is left out.)

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
pictures.architecture(plan, (28, 28, 1))

# %% [markdown]
# Three things to notice:
#
# - Maps get **smaller**, and there are **more** of them: where things are matters less and less, what they are more and more.
# - Before the last two poolings there are **two** convolutions. Two windows of 3 × 3 in a row see 5 × 5 pixels, with fewer
#   weights than one window of 5 × 5, and with a ReLU in between. One may be enough early on, where maps are large and
#   a second convolution would be costly.
# - The maps are not squeezed to nothing before the dense layers: 3 × 3 × 256 numbers are left to decide from. With one more
#   pooling it would be 1 × 1 × 256.

# %% [markdown]
# **Predict first.** A map of 28 × 28 is halved three times. 28 → 14 → 7 → ? Which rule of lesson 5 decides?

# %%
shape = 28
for pooling in range(3):
    shape = (shape - 2) // 2 + 1
    print(f"after pooling {pooling + 1}: {shape} × {shape}")

# %% [markdown]
# ### Exercise 2: `flatten` (1 point)
#
# Between the last map and the first dense layer everything is written into one long row for each picture: top row first,
# from left to right, and all channels of a pixel side by side. Write it.

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
x = rng.normal(size=(3, 2, 4, 5)).astype(np.float32)
due = np.array([[x[n, i, j, k] for i in range(2) for j in range(4) for k in range(5)] for n in range(3)])
check(flatten, x, gives=due)
check(flatten, x[1:2], gives=due[1:2])
### END HIDDEN TESTS

# %% [markdown]
# ## The large model
#
# Now say the plan to Keras. `Sequential` takes a list of layers; the first entry says what comes in. For example:
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
# *Compiling* says how to learn: an optimizer (`"adam"` will do), the loss `"sparse_categorical_crossentropy"`
# (*sparse*: labels are class numbers) and the metric `"accuracy"`.

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
# Beside this model the notes print the numbers of parameters: 320, then 18,496, then 73,856, then 1152 × 128 + 128, and at
# last 128 × 10 + 10.
#
# **Is that so? Predict first.** The first layer of the model above has 64 filters of 7 × 7 on one channel. How many parameters
# is that? Do it with the rule of lesson 1, then compare with 320.

# %%
print("large model, first layer:", 7 * 7 * 1 * 64 + 64)
print("3 × 3, 1 channel, 32 filters:", 3 * 3 * 1 * 32 + 32)
print("3 × 3, 32 channels, 64 filters:", 3 * 3 * 32 * 64 + 64)
print("3 × 3, 64 channels, 128 filters:", 3 * 3 * 64 * 128 + 128)

# %% [markdown]
# So the sums are right, but of **another, smaller model**: three convolutions of 3 × 3 with 32, 64 and 128 filters, each followed
# by a pooling, then 128 dense neurons on 3 × 3 × 128 = 1152 inputs, then the ten classes.
#
# (One of them, 73,856, is in both models: from 64 channels to 128 with a kernel of 3 × 3. A number alone does not tell you
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
# A convolution's parameters do not depend on the size of the map, a dense layer's do; pooling, flattening and dropout have none.
# To count them all you walk through the layers and carry the shape along: `(height, width, channels)`, and after
# flattening just the number of features.
#
# **Predict first.** Which layer of the large model has the most parameters? Guess before you count.

# %% [markdown]
# ### Exercise 5: `count_parameters` (3 points)
#
# The layers come as dicts, as in `plan` above. Return one number for each layer.

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
# One pooling leaves 4 x 4; then comes a layer whose window is too high or too wide for that.
for layer in (
    {"type": "conv", "filters": 4, "kernel": (5, 1)},
    {"type": "conv", "filters": 4, "kernel": (1, 5)},
    {"type": "pool", "size": (5, 1)},
    {"type": "pool", "size": (1, 5)},
):
    check_error(count_parameters, [{"type": "pool", "size": 2}, layer], (8, 8, 1), because="a window does not fit into its map")
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
# **Now you know why** two convolutions per pooling are affordable deeper in. *Parameters* pile up there, but the *work* does not:
# a pooling leaves a quarter of the places where the kernel has to be laid on. Count the multiplications of the five convolutions:

# %%
work, size, channels = [], 28, 1
for layer in plan:
    if layer["type"] == "pool":
        size //= 2
    if layer["type"] == "conv":
        work.append(size**2 * layer["kernel"] ** 2 * channels * layer["filters"])
        channels = layer["filters"]
print([f"{number / 1e6:.1f} million" for number in work])

# %% [markdown]
# The first one is cheap only because a gray picture has a single channel. A second 7 × 7 convolution there, from 64 to 64 channels on
# 28 × 28, would need 157 million multiplications, more than all five together (89).

# %% [markdown]
# *A good place to stop for today: the larger half of the lesson is behind you. Save, and when you come back, click into the next cell and
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
pictures.softmax_bars(np.array([2.0, 1.0, 0.0, -1.0]))

# %% [markdown]
# ### Exercise 6: `softmax` (1 point)
#
# Over the last axis, for any number of axes in front of it. Mind that $e^{1000}$ is more than a computer can hold: look at what
# you just predicted about adding a number to all logits, and use it.

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
# The small model sees all 6,000 training pictures of the course four times. 600 of them are kept aside to *validate*: the model
# never learns from these.
#
# **Predict first.** Guessing gives 10 % accuracy. Where will it be after one round (*epoch*)? And after four?

# %%
# Runs once exercises 1 and 4 are solved.
try:
    images, labels = prepare(x_train, y_train)
    small_model = build_small_model()
    curve = pictures.LiveCurve(epochs=4)
    small_model.fit(
        images, labels, epochs=4, batch_size=64, validation_split=0.1, verbose=0, callbacks=[curve]
    )
except NotImplementedError:
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

# %% [markdown]
# ## No magic: the same numbers by hand
#
# Everything that this network does, you have written yourself: convolution with padding "same" and many channels (lesson 4),
# ReLU, max pooling (lesson 5), flatten, softmax. A dense layer is a matrix product. Put it together.
#
# `get_weights()` gives a list of ten arrays: kernel and bias of each layer that has some, from input to output.

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
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2]):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("ijcuv,uvcf->ijf", windows, kernel, optimize=True) + bias, 0)
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
# **Now you know why** we said "no magic". A network that tells coats from shirts is a few hundred thousand numbers and a
# few lines of NumPy.

# %% [markdown]
# ## The large model, trained
#
# Training the large model on all 60,000 pictures takes a laptop the better part of an hour. We did it for you
# (`data/train_large_model.py`); you only load the weights.

# %%
# Runs once exercises 1 and 3 are solved.
try:
    large_model = build_model()
    large_model.set_weights(load_large_model_weights())
    test_images, test_labels = prepare(x_test, y_test)
    probabilities = large_model.predict(test_images, verbose=0)
    predicted = probabilities.argmax(axis=1)
    print(f"{np.mean(predicted == test_labels):.1%} of {len(test_labels):,} test pictures are right")
    print("the quiz:", (predicted[quiz] == test_labels[quiz]).sum(), "of 10")
except NotImplementedError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# What does it look at? Here is one picture, and eight feature maps out of each block. Early maps still look like the picture: edges
# and surfaces. Late maps are coarse; they say *what* is there more than *where*.

# %%
try:
    poolings = [layer for layer in large_model.layers if isinstance(layer, layers.MaxPooling2D)]
    look_inside = keras.Model(large_model.inputs, [layer.output for layer in poolings])
    boot = np.flatnonzero(y_test == 9)[5]
    maps = look_inside.predict(test_images[boot][np.newaxis], verbose=0)
    display(pictures.feature_maps(x_test[boot], [block[0] for block in maps]))
except NameError:
    print("solve exercises 1 and 3 first")

# %% [markdown]
# **Play.** Walk through all its layers with the arrow keys: shapes, parameters, and the strongest maps that each convolution and each pooling makes of a boot.
# From which layer on would you no longer recognize it? Which maps answer to the sole alone?
#
# **Draw.** The boot is only the first picture: choose another one, change it, or clear it and draw your own, with the mouse, a finger or the keys.
# **Predict first:** draw a trouser; then a circle. What will the model say to each, how sure will it be, and why?

# %%
from convlab import explorers

explorers.model()

# %% [markdown]
# It has an answer to everything, also to a circle or to a black picture, and often a sure one. Softmax shares out 100 % among ten kinds of clothes, and none of
# the ten is called *something else*. So a large share means "more like this one than like the other nine", not "I have seen such a thing before".

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
# Count. In row `i` and column `j` stands how many pictures of class `i` were called `j`.

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
# Where is it wrong and *sure*? These are its most confident mistakes: below each picture what it says, and how sure it is.
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
# 1. Why can the model afford two convolutions per pooling deeper in, where it has one near the input?
# 2. Which classes does it confuse, and why just these?
#
# Three to six sentences. A person reads and grades them.

# %% [markdown] written="explain_full_model" points=2
# Each pooling leaves a quarter of the positions, and a convolution's work is positions × weights. Near the input the maps are
# large, so a second convolution would be costly there; deeper in the maps are small, so that it is cheap in work although it has
# many parameters. Two 3 × 3 convolutions see 5 × 5 pixels with fewer weights than one 5 × 5, and have one more ReLU.
#
# It confuses shirts with T-shirts, pullovers and coats (and dresses a little): at 28 × 28 gray pixels they share outline and sleeves, and what
# tells them apart (collar, buttons, fabric) is a pixel or two, or is lost in pooling. Trousers, bags and shoes have outlines of
# their own; what is confused among shoes is sneaker, sandal and ankle boot.
#
# Rubric: 1 point for "smaller maps make convolutions cheap in work" (half a point for the receptive field argument alone); 1 point for
# shirt against T-shirt, pullover, coat with the reason that their outlines are alike (half a point without a reason).

# %% [markdown]
# ## To remember
#
# - A convolutional network: **[convolution, ReLU] once or twice, pooling**, and again; then flatten, dense, dropout, softmax.
# - Deeper in: smaller maps, more filters. Do not squeeze to nothing before the dense layers.
# - Parameters: convolution **kh · kw · in · out + out**, dense **in · out + out**, pooling, flatten and dropout **0**.
# - The large model has 1,413,834 parameters, the small one, whose sums the notes print, 241,546.
# - Softmax: subtract the largest logit, exponentiate, divide by the sum.
# - Accuracy is one number; the confusion matrix says who pays for it.
# - Prediction is nothing but the layers that you wrote.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | convolution | 합성곱 | slide a kernel, weighted sum at each place |
# | feature map | 특성 맵 | the output of one filter |
# | filter | 필터 | the weights that make one feature map |
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
# - **Try:** one more convolution, no dropout, another kernel size. What does it do to the curve? To the parameters?
# - **To read:** A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, chapter 14; the data set's paper,
#   H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST* (2017); A. Karpathy, *A recipe for training neural networks* (2019).
