# %% [markdown]
# # 6 · Learning not to rely on one neuron
#
# A network practices with the same pictures again and again. What keeps it from learning just these by heart, instead of what pictures have in common?
#
# In this lesson you will
#
# - watch a network learn by heart, and measure it,
# - silence neurons at random, and write this *dropout* yourself,
# - know why the survivors have to speak louder,
# - build a model with dropout in Keras, and measure fairly what dropout changes,
# - ask a network how sure it is, and see how far to trust its answer.

# %% setup=true
import numpy as np

from convlab import hint, progress
from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.pictures import dropout as pictures
from convlab.quiet import keras
from keras import layers

keras.utils.set_random_seed(6)
(x_train, y_train), (x_test, y_test) = load_fashion_mnist()
x_few, y_few = x_train[:1000] / 255, y_train[:1000]  # to practice with
x_new, y_new = x_train[1000:2000] / 255, y_train[1000:2000]  # to validate with

# %% [markdown]
# ## By heart
#
# Here is a network with a single hidden layer of 256 neurons. It practices 25 times with the same 1,000 pictures, and after each round it is tried on
# 1,000 *validation* pictures that it never practices with. (The test pictures stay aside until the end: whoever chooses by them has practiced with them, too.)
#
# Three words for now, lesson 7 looks closer: the *loss* (손실) is one number for how wrong the network is; `compile` says how it learns, and `"adam"` is one way
# to change the weights; *softmax* (소프트맥스) turns its ten outputs into ten probabilities.
#
# **Predict first.** After 25 rounds (*epochs*, 에포크): how many of the pictures that it practices with will it get right? How many of the others?

# %%
def train(model):
    """The model's history after 25 epochs with 1,000 pictures."""
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    learning = model.fit(x_few, y_few, validation_data=(x_new, y_new), epochs=25, batch_size=50, verbose=0)
    return learning.history


plain = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(256, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
by_heart = train(plain)
pictures.curves({"without dropout": by_heart})

# %% [markdown]
# The distance between the curves is the **generalization gap**. By itself it does no harm: whoever
# practices gets better at what is practiced. The *loss* says when harm begins.
#
# **Predict first.** The loss on the practiced pictures falls from epoch to epoch. And on the others?

# %%
pictures.curves({"without dropout": by_heart}, "loss")

# %% [markdown]
# It falls, turns, and climbs again. From the turn on, the network gets ever surer of its wrong answers: it learns its 1,000 pictures by heart. This is
# **overfitting** (과대적합).
#
# One run may be chance, so we made eight, from eight different starts. In all eight the validation loss turned, between epochs 8 and 18. Validation *accuracy* did not fall
# with it: in seven of the eight it was even higher after epoch 25 than after epoch 10.

# %% [markdown]
# ### Exercise 1: `generalization_gap` (1 point)
#
# `fit` returns an object whose `history` is a dict of lists, with one number for each epoch. Return the gap at the **last** epoch: training accuracy
# (`"accuracy"`) minus validation accuracy (`"val_accuracy"`).

# %% solution="generalization_gap"
def generalization_gap(history):
    """Training accuracy minus validation accuracy at the last epoch.

    history: dict of lists, one number per epoch, among them "accuracy" and "val_accuracy" (as
             Keras' history.history)
    Returns a number, not rounded; negative if the validation accuracy is higher.
    """
    ### BEGIN SOLUTION
    return history["accuracy"][-1] - history["val_accuracy"][-1]
    ### END SOLUTION


# %% test="generalization_gap" points=1
from convlab.checks import check

history = {
    "accuracy": [0.5, 0.95, 0.8],
    "loss": [1.5, 0.4, 0.6],
    "val_accuracy": [0.71, 0.7, 0.61234],
    "val_loss": [1.2, 0.9, 1.1],
}
check(generalization_gap, history, gives=0.18766, hint="The last epoch, whether it is the best or not.")
check(
    generalization_gap, {"val_accuracy": [0.9], "accuracy": [0.8]},
    gives=-0.1, hint="A gap may be negative, too.",
)
### BEGIN HIDDEN TESTS
check(generalization_gap, {"loss": [2.0, 1.0, 0.5], "accuracy": [0.3, 0.9, 0.95], "val_loss": [2.0, 2.0, 2.0], "val_accuracy": [0.6, 0.7, 0.81234]}, gives=0.13766)
check(generalization_gap, {"val_accuracy": [0.55, 0.75], "accuracy": [0.9, 0.7]}, gives=-0.05, hint="A gap may be negative, too.")
check(generalization_gap, {"accuracy": [1.0, 0.9, 0.7], "val_accuracy": [0.1, 0.2, 0.3], "loss": [1.5, 1.25, 1.5], "val_loss": [1.5, 1.5, 1.5]}, gives=0.4, hint="The last epoch, whether it is the best or not.")
### END HIDDEN TESTS

# %% [markdown]
# ## Silence
#
# Imagine a team in which each morning half of the people, chosen by lot, stay at home. Nobody can be the only one who knows how the coffee machine works. After
# a while everybody can do a bit of everything.
#
# **Dropout** (드롭아웃) does this to neurons. While training, each neuron is silenced (its output set to 0) with probability `rate`, and the lots are drawn anew at
# each step and for each picture. Here is a layer of eight neurons, three times:

# %%
pictures.network(np.random.default_rng(5), units=8, rate=0.5, steps=3)

# %% [markdown]
# **Is that so?** One often hears that dropout removes weights for good. **Look:** five neurons are silent in step 1. How many of them speak in step 2?
#
# <details><summary>Count, then click here</summary>
#
# Three. Nothing is removed: a silenced neuron sits out *once*, its weights stay there, and at the next draw it may be back.
#
# </details>

# %% [markdown]
# ### Exercise 2: `dropout_mask` (2 points)
#
# Draw who stays: an array of `True` (kept) and `False` (silenced). Use **one** call `rng.random(shape)`, which gives numbers between 0 and 1, evenly spread;
# a neuron is kept where its number is at least `rate`. So everybody who starts with the same generator gets the same mask.

# %% solution="dropout_mask"
def dropout_mask(shape, rate, rng):
    """Which neurons are kept.

    shape: tuple of ints, the shape of the mask
    rate:  probability to be silenced, 0 <= rate < 1
    rng:   numpy.random.Generator; rng.random(shape) is called once
    Returns an array of bools, True (kept) where rng.random(shape) >= rate.
    Raises ValueError if the rate is not in [0, 1).
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of {rate} makes no sense")
    return rng.random(shape) >= rate
    ### END SOLUTION


# %% test="dropout_mask" points=2
import numpy as np

from convlab.checks import check, check_error

# What NumPy's generator with seed 1 draws: 0.51, 0.95, 0.14, 0.95, 0.31, 0.42, 0.83, 0.41
check(
    dropout_mask, (2, 3), 0.4, np.random.default_rng(1),
    gives=np.array([[True, True, False], [True, False, True]]),
    hint="rng.random draws 0.51, 0.95, 0.14 and 0.95, 0.31, 0.42: those below 0.4 are silenced.",
)
check(
    dropout_mask, (4,), 0.0, np.random.default_rng(1),
    gives=np.array([True, True, True, True]), hint="At a rate of 0 all are kept.",
)
check(
    dropout_mask, (2, 2, 2), 0.25, np.random.default_rng(1),
    gives=np.array([[[True, True], [False, True]], [[True, True], [True, True]]]), hint="Any shape will do.",
)
for rate in [1.5, 1.0, -0.1]:
    check_error(
        dropout_mask, (2,), rate, np.random.default_rng(1),
        because="a rate is at least 0 and below 1",
    )
### BEGIN HIDDEN TESTS
for seed, shape, rate in [(2, (5, 4), 0.3), (3, (100,), 0.9), (4, (2, 3, 4), 0.25), (5, (3, 2), 0.5), (6, (50, 2), 0.05), (7, (6,), 0.0)]:
    check(dropout_mask, shape, rate, np.random.default_rng(seed), gives=np.random.default_rng(seed).random(shape) >= rate)
for rate in (-0.5, 1.0, 1.2):
    check_error(dropout_mask, (3,), rate, np.random.default_rng(1), because="a rate is at least 0 and below 1")
### END HIDDEN TESTS

# %%
# Runs once exercise 2 is solved: a mask for a batch of 5 pictures and 40 neurons.
try:
    for lots in dropout_mask((5, 40), 0.5, np.random.default_rng(0)):
        print("".join("●" if kept else "·" for kept in lots))
except NotImplementedError:
    print("solve exercise 2 first")

# %% [markdown]
# One row for each picture, one column for each neuron. This is the mask that Keras draws, `[batch, units]`: each picture of a batch meets a team of its own. In a batch of
# 50, as here, a neuron is silent for all pictures at once with probability $0.5^{50}$, so in practice every neuron speaks for some picture in every step.

# %% [markdown]
# ### Exercise 3: `expected_survivors` (1 point)
#
# One often hears that with a rate of 0.5 half of the neurons are active. So it is, while training and on average.
#
# **Predict first.** 50 neurons, a rate of 0.1. How many are kept, on average over many draws? Say a number, and ask your function when it is written.

# %% solution="expected_survivors"
def expected_survivors(units, rate):
    """How many neurons dropout keeps on average.

    units: int, number of neurons
    rate:  probability to be silenced, 0 <= rate < 1
    Returns a number, not rounded.
    Raises ValueError if the rate is not in [0, 1).
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of {rate} makes no sense")
    return units * (1 - rate)
    ### END SOLUTION


# %% test="expected_survivors" points=1
from convlab.checks import check, check_error

check(expected_survivors, 128, 0.25, gives=96.0)
check(expected_survivors, 5, 0.5, gives=2.5, hint="An average need not be a whole number.")
check(expected_survivors, 64, 0.0, gives=64.0, hint="At a rate of 0 all are kept.")
for rate in [1.5, 1.0, -0.1]:
    check_error(expected_survivors, 10, rate, because="a rate is at least 0 and below 1")
### BEGIN HIDDEN TESTS
for units, rate, due in [(64, 0.0, 64.0), (10, 0.9, 1.0), (7, 0.3, 4.9), (256, 0.05, 243.2), (1, 0.999, 0.001)]:
    check(expected_survivors, units, rate, gives=due)
for rate in (-0.5, 1.0, 1.2):
    check_error(expected_survivors, 10, rate, because="a rate is at least 0 and below 1")
### END HIDDEN TESTS

# %% [markdown]
# ## The survivors speak louder
#
# A neuron of the next layer adds up what it hears. **Predict first:** it hears 1,000 neurons that all say 1. What does it hear at a rate of 0.5? And on the day when
# the network is in use, with nobody silenced?

# %%
pictures.loudness(np.random.default_rng(0), units=1000, rates=[0.0, 0.25, 0.5, 0.75])

# %% [markdown]
# While training it would get used to hearing half as much, and in use everything would be twice as loud. The remedy: the survivors are multiplied by
# $\frac{1}{1 - \text{rate}}$ **while training**. Then the sum that the next layer hears is, on average, the same in both cases. This is called *inverted dropout*, and it is
# what Keras does:
#
# $$y = \begin{cases} \dfrac{x \cdot \text{mask}}{1 - \text{rate}} & \text{while training} \\[1ex] x & \text{when predicting} \end{cases}$$
#
# **Is that so?** One often hears that dropout is also applied when predicting. Would you want a network that gives a different answer each time you ask? When predicting,
# dropout does **nothing**, unless you switch it on on purpose, as at the end of this lesson.

# %% [markdown]
# **Play.** Twelve neurons, and a rate to choose. Draw again, then ten more times: a single draw is too loud or too quiet. What does the mean of many draws come
# close to, with and without the division by 1 − rate? Does it take longer at a rate of 0.9? And what changes when you switch to prediction?
#
# <details><summary>Play, then click here</summary>
#
# With the division the mean comes close to 36, the sum without dropout; without it, to 36 · (1 − rate). At a rate of 0.9 it takes longer, because single draws
# lie further apart. When predicting, all twelve speak, nothing is scaled, and every draw gives 36.
#
# </details>

# %%
from convlab import explorers

explorers.dropout()

# %% [markdown]
# ### Exercise 4: `dropout` (3 points)
#
# Both lines of the formula in one function: `training` says which one holds. A rate that makes no sense is an error in both.

# %% solution="dropout"
def dropout(x, rate, training, rng):
    """Inverted dropout.

    x:        array of any shape, of integers or floats
    rate:     probability to be silenced, 0 <= rate < 1
    training: bool; if False, x comes out as it is
    rng:      numpy.random.Generator; while training, the mask is rng.random(x.shape) >= rate,
              drawn once
    Returns an array of x's shape. It does not change x.
    Raises ValueError if the rate is not in [0, 1), training or not.
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of {rate} makes no sense")
    if not training:
        return x
    return x * dropout_mask(x.shape, rate, rng) / (1 - rate)
    ### END SOLUTION


# %% test="dropout" points=3
import numpy as np

from convlab.checks import check, check_error

x = np.array([[3.0, -6.0, 9.0], [12.0, 15.0, 18.0]])
check(dropout, x, 0.4, False, np.random.default_rng(1), gives=x, hint="When predicting, nothing happens.")
# This generator draws 0.51, 0.95, 0.14, 0.95, 0.31, 0.42: at a rate of 0.4, 9 and 15 are silenced.
check(
    dropout, x, 0.4, True, np.random.default_rng(1),
    gives=np.array([[5.0, -10.0, 0.0], [20.0, 0.0, 30.0]]), hint="Survivors are divided by 1 − rate.",
)
check(
    dropout, np.array([10, 20, 30]), 0.2, True, np.random.default_rng(1),
    gives=np.array([12.5, 25.0, 0.0]), hint="Whole numbers may come in, fractions come out.",
)
cube = np.arange(24.0).reshape(2, 3, 4)
check(dropout, cube, 0.0, True, np.random.default_rng(1), gives=cube, hint="At a rate of 0 all are kept.")
for rate in [1.5, 1.0, -0.1]:
    for training in [True, False]:
        check_error(
            dropout, x, rate, training, np.random.default_rng(1),
            because="a rate is at least 0 and below 1, training or not",
        )
### BEGIN HIDDEN TESTS
for seed, shape, rate in [(2, (5, 4), 0.3), (3, (100,), 0.9), (4, (2, 3, 4), 0.25), (5, (30, 2), 0.05), (6, (7,), 0.0)]:
    x = np.random.default_rng(100 + seed).normal(size=shape)
    kept = np.random.default_rng(seed).random(shape) >= rate
    due = np.array([value / (1 - rate) if on else 0.0 for value, on in zip(x.ravel(), kept.ravel())]).reshape(shape)
    check(dropout, x, rate, True, np.random.default_rng(seed), gives=due)
    check(dropout, x, rate, False, np.random.default_rng(seed), gives=x)
check(dropout, np.array([10, 20, 30, 40]), 0.5, True, np.random.default_rng(1), gives=np.array([20.0, 40.0, 0.0, 80.0]), hint="Whole numbers may come in, fractions come out.")
for rate, training in [(-0.5, True), (-0.5, False), (1.2, True), (1.2, False)]:
    check_error(dropout, x, rate, training, np.random.default_rng(1), because="a rate is at least 0 and below 1, training or not")
### END HIDDEN TESTS

# %%
# Runs once exercise 4 is solved.
try:
    rng, said = np.random.default_rng(0), np.ones(1000)
    heard = [dropout(said, 0.5, True, rng).sum() for _ in range(5)]
    print("while training the next layer hears", *(f"{total:.0f}" for total in heard))
    print(f"when predicting {dropout(said, 0.5, False, rng).sum():.0f}")
except NotImplementedError:
    print("solve exercise 4 first")

# %% [markdown]
# **Now you know why** the survivors are scaled: on average the next layer hears the same, whether somebody is silenced or not.

# %% [markdown]
# *A good place to stop for today: the larger half of the lesson is behind you. Save, and when you come back, click into the next cell and choose
# Run ▸ Run All Above Selected Cell.*

# %% [markdown]
# ### Exercise 5: `dropout_gradient` (1 point)
#
# Learning goes backward, as in lesson 5: `upstream` is the gradient (기울기) to the *output* of the dropout, how much the loss changes when an output grows. How much does
# the loss change when an *input* grows?
#
# **Predict first.** For a silenced neuron? For a survivor at a rate of 0.5?

# %% solution="dropout_gradient"
def dropout_gradient(upstream, mask, rate):
    """The gradient of the loss to the input of inverted dropout, while training.

    upstream: array of integers or floats, the gradient to the output
    mask:     array of bools of the same shape, True where a neuron was kept
    rate:     the rate that the mask was drawn with, 0 <= rate < 1
    Returns an array of the same shape.
    Raises ValueError if the rate is not in [0, 1).
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of {rate} makes no sense")
    return upstream * mask / (1 - rate)
    ### END SOLUTION


# %% test="dropout_gradient" points=1
import numpy as np

from convlab.checks import check, check_error

upstream = np.array([[3.0, -6.0, 9.0], [12.0, 15.0, -18.0]])
mask = np.array([[True, True, False], [True, False, True]])
check(
    dropout_gradient, upstream, mask, 0.4,
    gives=np.array([[5.0, -10.0, 0.0], [20.0, 0.0, -30.0]]),
    hint="The output is x · mask / (1 − rate): what is its derivative?",
)
check(
    dropout_gradient, np.array([3, 4]), np.array([True, True]), 0.2,
    gives=np.array([3.75, 5.0]), hint="Whole numbers may come in, fractions come out.",
)
check(
    dropout_gradient, np.array([3.0, 4.0]), np.array([True, True]), 0.0,
    gives=np.array([3.0, 4.0]), hint="At a rate of 0 nothing changes.",
)
for rate in [1.5, 1.0, -0.1]:
    check_error(dropout_gradient, upstream, mask, rate, because="a rate is at least 0 and below 1")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
for shape, rate in [((4, 5), 0.3), ((3, 7), 0.75), ((6,), 0.0), ((2, 8), 0.9)]:
    upstream, mask = rng.normal(size=shape), rng.random(shape) >= rate
    check(dropout_gradient, upstream, mask, rate, gives=np.where(mask, upstream / (1 - rate), 0.0))
for rate in (-0.5, 1.0, 1.2):
    check_error(dropout_gradient, upstream, mask, rate, because="a rate is at least 0 and below 1")
### END HIDDEN TESTS

# %% [markdown]
# ## In Keras
#
# ```python
# layers.Dropout(0.5)
# ```
#
# is a layer of its own, put behind the layer whose neurons it silences. It has no weights. `fit` switches it on, `predict` and `evaluate` leave it off; when you
# call a model yourself, `model(x, training=True)` switches it on.

# %% [markdown]
# ### Exercise 6: `dropout_model` (2 points)
#
# Build the model from the beginning of the lesson, with dropout: pictures of 28 × 28, flattened; one hidden dense layer with ReLU; dropout; a dense layer of ten with softmax.
# Compiled or not, as you like. Keras takes a rate of 1, and your function should not.

# %% solution="dropout_model"
def dropout_model(hidden_units, rate):
    """A dense network with dropout behind its hidden layer, for pictures of 28 x 28.

    hidden_units: int, neurons of the hidden layer (ReLU)
    rate:         probability to be silenced, 0 <= rate < 1
    Returns a keras.Sequential: Flatten, Dense, Dropout, Dense 10 with softmax. It takes arrays
    [n, 28, 28].
    Raises ValueError if the rate is not in [0, 1).
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of {rate} makes no sense")
    return keras.Sequential([
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(hidden_units, activation="relu"),
        layers.Dropout(rate),
        layers.Dense(10, activation="softmax"),
    ])
    ### END SOLUTION


# %% test="dropout_model" points=2
from convlab.checks import check, check_error
from convlab.models import Network


def network(units, rate):
    return Network(
        (28, 28),
        [
            {"type": "flatten"},
            {"type": "dense", "units": units, "activation": "relu"},
            {"type": "dropout", "rate": rate},
            {"type": "dense", "units": 10, "activation": "softmax"},
        ],
    )


due = network(32, 0.4)
check(dropout_model, 32, 0.4, of=due.found_in, gives=due.lines, hint="Return the model, for pictures of 28 × 28.")
check_error(
    dropout_model, 32, 1.0,
    because="at a rate of 1 nobody would be left (Keras takes it, but it makes no sense)",
)
check_error(dropout_model, 32, -0.2, because="it is no probability")
### BEGIN HIDDEN TESTS
for units, rate in [(5, 0.25), (100, 0.5), (1, 0.9)]:
    due = network(units, rate)
    check(dropout_model, units, rate, of=due.found_in, gives=due.lines)
check_error(dropout_model, 32, -0.1, because="it is no probability")
check_error(dropout_model, 32, 1.5, because="it is no probability")
### END HIDDEN TESTS

# %% [markdown]
# ## What does it change?
#
# **Predict first.** The same network with a dropout of 0.5, the same 1,000 pictures. On the validation pictures: will it be right more often? Will its loss be smaller?
# And where will its curve for the practiced pictures lie, above the old one or below?

# %%
# Runs once exercises 1 and 6 are solved.
try:
    with_dropout = dropout_model(256, 0.5)
    careful = train(with_dropout)
    histories = {"without dropout": by_heart, "with dropout": careful}
    display(pictures.curves(histories), pictures.curves(histories, "loss"))
    for (name, history), model in zip(histories.items(), (plain, with_dropout)):
        _, practiced = model.evaluate(x_few, y_few, verbose=0)
        loss, new = model.evaluate(x_new, y_new, verbose=0)
        print(f"{name}: gap of the history {generalization_gap(history):.3f}, by evaluate {practiced - new:.3f};")
        print(f"  on new pictures {new:.1%} right, loss {loss:.2f}")
except NotImplementedError:
    print("solve exercises 1 and 6 first")

# %% [markdown]
# Careful with the gap of the history: `fit` takes the training accuracy *while practicing*, with half of the team at home, and averages it over an epoch in which
# the network is still learning. That flatters dropout. `evaluate` asks the whole team both times. So measured, and over eight starts:
#
# | mean of eight runs, by `evaluate` | without dropout | with dropout |
# |---|---|---|
# | right of the practiced pictures | 97.2 % | 94.7 % |
# | right of the validation pictures | 80.2 % | 80.2 % |
# | gap | 0.169 | 0.145 |
# | loss on the validation pictures | 0.64 | 0.55 |
# | test pictures, asked once: right | 82.8 % | 82.4 % |
# | test pictures, asked once: loss | 0.61 | 0.52 |
#
# This network is not more often right with dropout, though a single run, yours perhaps, may look like it. It is *less wrongly sure*: its loss is smaller in all eight runs, and turns only after epoch 20 or later.
# What dropout brings elsewhere depends on the network, the rate and the number of pictures. Measure it, in this fair way.

# %% [markdown]
# ## How sure are you?
#
# Leave dropout **on** when predicting, ask the same question many times, and the answers differ a little. If all the teams agree, the network is taken to be sure; if
# they quarrel, it is not. This is called *Monte Carlo dropout* (Gal and Ghahramani, 2016).
#
# **Predict first.** Why must it be switched on by hand for this?
#
# <details><summary>Say why, then click here</summary>
#
# `predict` leaves dropout off, and all its answers would be the same.
#
# </details>

# %% [markdown]
# ### Exercise 7, the challenge: `mc_dropout` (1 point)
#
# Ask `samples` times with `training=True`. Return, for each picture and class, the mean of the
# answers and their standard deviation.

# %% solution="mc_dropout"
def mc_dropout(model, x, samples):
    """Mean and standard deviation of a model's predictions with dropout left on.

    model:   Keras model with dropout layers
    x:       array [n, ...], what the model takes
    samples: int, how many predictions are made
    Returns a pair (mean, std) of arrays [n, classes]; std is the population's (divided by
    samples, as np.std does).
    Raises ValueError if samples is below 1.
    """
    ### BEGIN SOLUTION
    if samples < 1:
        raise ValueError("at least one prediction is needed")
    answers = np.array([np.asarray(model(x, training=True)) for _ in range(samples)])
    return answers.mean(axis=0), answers.std(axis=0)
    ### END SOLUTION


# %% test="mc_dropout" points=1
import keras
import numpy as np

from convlab.checks import check, check_error

# One input that dropout silences or doubles, and two outputs: (0, 0) or (6, -2).
coin = keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.5), keras.layers.Dense(2, use_bias=False)])
coin.layers[-1].set_weights([np.array([[3.0, -1.0]], dtype="float32")])
x = np.ones((60, 1), dtype="float32")


def values(pair):
    """Which numbers occur in each of the two arrays."""
    return [sorted({round(float(value), 3) for value in np.ravel(part)}) for part in pair]


check(
    mc_dropout, coin, x, 5,
    of=lambda pair: [list(np.shape(part)) for part in pair],
    gives=[[60, 2], [60, 2]],
    hint="Compared are the shapes: a pair of arrays, each [pictures, classes].",
)
check(
    mc_dropout, coin, x, 2,
    of=values,
    gives=[[-2.0, -1.0, 0.0, 3.0, 6.0], [0.0, 1.0, 3.0]],
    hint="Compared are the numbers that occur. Two answers, 0 and 6, have mean 3 and deviation 3.",
)
check(
    mc_dropout, coin, x, 1,
    of=values, gives=[[-2.0, 0.0, 6.0], [0.0]], hint="A single prediction does not deviate from its mean.",
)
for samples in [0, -3]:
    check_error(mc_dropout, coin, x, samples, because="a mean needs at least one prediction")
### BEGIN HIDDEN TESTS
weights = np.array([[1.0, 0.0], [2.0, -1.0], [0.5, 3.0], [-1.0, 1.0]], dtype="float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(2)])
model.layers[-1].set_weights([weights, np.array([1.0, 0.0], dtype="float32")])
one = np.array([[1.0, 1.0, 2.0, 0.0]], dtype="float32")
# Each survivor counts twice: the mean is as without dropout, the variance of each product its square.
mean = (one @ weights + np.array([1.0, 0.0]))[0]
variance = (one**2 @ weights**2)[0]
# The same picture 2,000 times, so that chance averages out.
many = np.repeat(one, 2000, axis=0)
check(mc_dropout, model, many, 4, of=lambda pair: np.mean(pair[0], axis=0), gives=mean.astype(float), atol=0.6, rtol=0.0)
# The population's variance of 4 numbers is 3/4 of the true one on average.
check(mc_dropout, model, many, 4, of=lambda pair: np.mean(np.square(pair[1]), axis=0), gives=variance.astype(float) * 3 / 4, atol=0.0, rtol=0.15)
check(mc_dropout, model, many, 5, of=lambda pair: [list(np.shape(part)) for part in pair], gives=[[2000, 2], [2000, 2]])
check_error(mc_dropout, model, many, -1, because="a mean needs at least one prediction")
### END HIDDEN TESTS

# %%
# Runs once exercises 6 and 7 are solved.
try:
    mean, std = mc_dropout(with_dropout, x_test / 255, 30)
    doubt = std[np.arange(len(mean)), mean.argmax(axis=1)]
    ask = [doubt.argmin(), doubt.argmax()]
    display(pictures.certainty(x_test[ask], mean[ask], std[ask], CLASS_NAMES))
    softmax = with_dropout.predict(x_test / 255, verbose=0)
    for name, answers, unsure in (("Monte Carlo", mean, doubt), ("plain softmax", softmax, -softmax.max(axis=1))):
        right = (answers.argmax(axis=1) == y_test)[np.argsort(unsure)]
        print(f"{name}: right among the 100 surest {right[:100].mean():.0%}, the 100 least sure {right[-100:].mean():.0%}")
    blank, spread = mc_dropout(with_dropout, np.stack([np.zeros((28, 28)), np.ones((28, 28))]), 30)
    for name, answer, deviation in zip(("a black picture", "a white picture"), blank, spread):
        best = answer.argmax()
        print(f"{name}: {CLASS_NAMES[best]}, {answer[best]:.2f} ± {deviation[best]:.2f}")
except (NotImplementedError, NameError):
    print("solve exercises 6 and 7 first")

# %% [markdown]
# The deviation tells something: where the teams quarrel, the network is wrong more often. But the plain softmax, asked once, tells it too, and better here. We took every pair of a wrong and
# a right test picture, and asked which of the two is doubted more: the softmax doubts the wrong one more in 83 to 86 of 100, the deviation in 79 to 82. The softmax is ahead
# in each of our eight runs.
#
# Nor does the deviation notice a picture that shows nothing at all: the teams agree on a white one being a bag, and on a black one they hardly differ, though they give the
# class that they like best a mere 0.22 to 0.27. Being sure is not being right.

# %% [markdown]
# ### In your own words: `explain_dropout` (1 point)
#
# Why are the survivors scaled up by $1 / (1 - \text{rate})$ while training, and why is dropout switched off when predicting? Two to four sentences.

# %% [markdown] written="explain_dropout" points=1
# While training, only a share of 1 − rate of the neurons speaks on average, so the next layer would hear less than when all of them speak. Dividing the survivors by 1 − rate makes
# the expected sum the same in both cases, so that weights learned with dropout fit without it. When predicting, we want the whole network, with all that it has learned, and the same
# answer to the same question; silencing neurons at random would add noise.
#
# Rubric: half a point for "keeps the expected input of the next layer the same"; half a point for "predictions use the full network / are deterministic".

# %% [markdown]
# ## To remember
#
# - **Overfitting**: the validation loss has turned and climbs while the training loss still falls. The gap is training minus validation accuracy; measure both with `evaluate`.
# - **Dropout**: while training, each neuron is silenced with probability `rate`; new lots at each step and for each picture, and nothing is removed.
# - Survivors are divided by $1 - \text{rate}$ (inverted dropout), so the expected sum stays. The gradient gets the same mask and the same factor.
# - When predicting: **off**. Leave it on only to ask how sure the network is, and compare with the plain softmax.
# - In Keras: `layers.Dropout(rate)`, no weights.

# %% [markdown]
# ## Words
#
# | English | Korean | in one line |
# |---|---|---|
# | dropout | 드롭아웃 | while training, silence neurons at random |
# | overfitting | 과대적합 | learning the practice pictures by heart |
# | loss | 손실 | how wrong the network is; training makes it smaller |
# | gradient | 기울기 | how much the loss changes when a number grows |
# | softmax | 소프트맥스 | turns outputs into probabilities |
# | epoch | 에포크 | one round through all training pictures |

# %% [markdown]
# ## What next
#
# - **Still stuck somewhere?** `hint("...")` with the name of an exercise helps you on.
# - **Your points:** `progress()` says where you stand and prints the command that checks everything, hidden tests included;
#   save the notebook first.
# - **Lesson 7, the full model:** convolution, padding, stride, filters, pooling and dropout, all together.
# - **To read:** N. Srivastava and others, *Dropout: A Simple Way to Prevent Neural Networks from Overfitting* (2014); Y. Gal and Z. Ghahramani, *Dropout as a Bayesian Approximation* (2016).
