"""Wrong answers that students really give in lesson 6: `<exercise>__<what went wrong>`, each with its sentence of help."""

import keras
import numpy as np


def generalization_gap__wrong_way_round(history):
    """You subtracted the wrong way round: training minus validation, so that overfitting gives a positive gap."""
    return history["val_accuracy"][-1] - history["accuracy"][-1]


def generalization_gap__first_epoch(history):
    """That is the gap after the first epoch. The last one is asked for; Python counts it from the end as -1."""
    return history["accuracy"][0] - history["val_accuracy"][0]


def generalization_gap__best_epochs(history):
    """You compared the best epochs. The last one is asked for, whether it is the best or not."""
    return max(history["accuracy"]) - max(history["val_accuracy"])


def generalization_gap__mean_over_epochs(history):
    """You averaged over all epochs. Only the last one counts."""
    return float(np.mean(history["accuracy"]) - np.mean(history["val_accuracy"]))


def generalization_gap__rounded(history):
    """It is right, but rounded. Leave the number as it is."""
    return round(history["accuracy"][-1] - history["val_accuracy"][-1], 2)


def generalization_gap__never_negative(history):
    """You took the absolute value. A negative gap says something, too: the network did better on the new pictures."""
    return abs(history["accuracy"][-1] - history["val_accuracy"][-1])


def generalization_gap__a_ratio(history):
    """You divided the two. A gap is a difference."""
    return history["accuracy"][-1] / history["val_accuracy"][-1]


def generalization_gap__from_the_loss(history):
    """You took the difference of the losses. The gap is one of accuracies."""
    return history["val_loss"][-1] - history["loss"][-1]


def generalization_gap__by_position(history):
    """You took the first two lists, whatever they are. Ask for them by name: "accuracy" and "val_accuracy"."""
    first, second = list(history.values())[:2]
    return first[-1] - second[-1]


def generalization_gap__the_largest_gap(history):
    """You looked for the epoch with the largest gap. The last one is asked for."""
    return max(a - b for a, b in zip(history["accuracy"], history["val_accuracy"], strict=True))


def generalization_gap__in_percent(history):
    """That is in percentage points. Leave the accuracies as they are, between 0 and 1."""
    return 100 * (history["accuracy"][-1] - history["val_accuracy"][-1])


def _checked(rate):
    if not 0 <= rate < 1:
        raise ValueError("no such rate")


def dropout_mask__keeps_the_others(shape, rate, rng):
    """Your mask is inverted: True means kept, where the number is at least the rate."""
    _checked(rate)
    return rng.random(shape) < rate


def dropout_mask__a_rate_of_survivors(shape, rate, rng):
    """You kept each neuron with probability `rate`. It is the probability of being silenced."""
    _checked(rate)
    return rng.random(shape) >= 1 - rate


def dropout_mask__zeros_and_ones(shape, rate, rng):
    """The right places, but as numbers. A mask is made of True and False: the comparison gives them already."""
    _checked(rate)
    return (rng.random(shape) >= rate).astype(int)


def dropout_mask__own_generator(shape, rate, rng):
    """You made a generator of your own. Draw from the one that was handed in, or nobody can repeat what you did."""
    _checked(rate)
    return np.random.default_rng(0).random(shape) >= rate


def dropout_mask__exactly_so_many(shape, rate, rng):
    """You silenced an exact number of neurons. Each one draws its own lot, so the number differs from step to step."""
    _checked(rate)
    size = int(np.prod(shape))
    mask = np.ones(size, dtype=bool)
    mask[rng.permutation(size)[: round(rate * size)]] = False
    return mask.reshape(shape)


def dropout_mask__one_lot_per_row(shape, rate, rng):
    """Whole rows are silenced together in your mask. Each neuron draws its own lot."""
    _checked(rate)
    lots = rng.random(shape[:1]) >= rate
    return (
        np.broadcast_to(lots.reshape(-1, *[1] * (len(shape) - 1)), shape).copy()
        if len(shape) > 1
        else rng.random(shape) >= rate
    )


def dropout_mask__normal_numbers(shape, rate, rng):
    """You drew normally distributed numbers. rng.random gives evenly spread ones between 0 and 1, so that a share of `rate` is below the rate."""
    _checked(rate)
    return rng.normal(size=shape) >= rate


def dropout_mask__takes_a_rate_of_one(shape, rate, rng):
    """It is right for every rate that makes sense. At 1 nobody would be left: the docstring asks for an error."""
    if not 0 <= rate <= 1:
        raise ValueError("no such rate")
    return rng.random(shape) >= rate


def dropout_mask__no_check(shape, rate, rng):
    """It is right for every rate that makes sense. For others, above 1 or below 0, the docstring asks for an error."""
    return rng.random(shape) >= rate


def dropout_mask__takes_a_negative_rate(shape, rate, rng):
    """You refuse rates of 1 and more, but not negative ones. No probability is negative."""
    if rate >= 1:
        raise ValueError("no such rate")
    return rng.random(shape) >= rate


def dropout_mask__refuses_a_rate_of_zero(shape, rate, rng):
    """You refuse a rate of 0. It makes sense: then nobody is silenced."""
    if not 0 < rate < 1:
        raise ValueError("no such rate")
    return rng.random(shape) >= rate


def dropout_mask__two_axes_only(shape, rate, rng):
    """You read only the first two numbers of the shape. A mask may have any number of axes."""
    _checked(rate)
    return rng.random(shape[:2]) >= rate


def expected_survivors__the_silenced(units, rate):
    """That is how many are silenced on average. Who is kept?"""
    _checked(rate)
    return units * rate


def expected_survivors__rounded(units, rate):
    """It is right, but rounded. An average need not be a whole number."""
    _checked(rate)
    return round(units * (1 - rate))


def expected_survivors__divides(units, rate):
    """You divided by 1 − rate, which makes more neurons than there are. That factor is for their outputs, not for their number."""
    _checked(rate)
    return units / (1 - rate)


def expected_survivors__subtracts_the_rate(units, rate):
    """You subtracted the rate from the number of neurons. A rate is a share: take this share of them away."""
    _checked(rate)
    return units - rate


def expected_survivors__only_the_share(units, rate):
    """That is the share of those who are kept. How many of `units` is it?"""
    _checked(rate)
    return 1 - rate


def expected_survivors__no_check(units, rate):
    """It is right for every rate that makes sense. For others the docstring asks for an error."""
    return units * (1 - rate)


def expected_survivors__takes_a_rate_of_one(units, rate):
    """It is right for every rate that makes sense. At 1 nobody would be left: the docstring asks for an error."""
    if not 0 <= rate <= 1:
        raise ValueError("no such rate")
    return units * (1 - rate)


def expected_survivors__takes_a_negative_rate(units, rate):
    """You refuse rates of 1 and more, but not negative ones. No probability is negative."""
    if rate >= 1:
        raise ValueError("no such rate")
    return units * (1 - rate)


def expected_survivors__zero_is_nothing(units, rate):
    """At a rate of 0 you keep nobody: `if not rate` is true for 0 as well. At 0 all are kept."""
    if not rate:
        return 0
    _checked(rate)
    return units * (1 - rate)


def dropout__forgets_to_scale(x, rate, training, rng):
    """The right ones are silenced, but the survivors do not speak louder. By what do you have to divide them?"""
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) if training else x


def dropout__multiplies_instead(x, rate, training, rng):
    """You made the survivors quieter: you multiplied by 1 − rate where you should divide."""
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) * (1 - rate) if training else x


def dropout__divides_by_the_rate(x, rate, training, rng):
    """You divided by the rate. It should be the share of those who are kept, 1 − rate."""
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) / (rate or 1) if training else x


def dropout__scales_when_predicting(x, rate, training, rng):
    """You scale when predicting instead of while training. That is the old form of dropout; in Keras the survivors are scaled while training, and predicting leaves x alone."""
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) if training else x * (1 - rate)


def dropout__always_on(x, rate, training, rng):
    """You silence neurons when predicting. With training=False x should come out as it is; they are silenced while training."""
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


def dropout__never_on(x, rate, training, rng):
    """Nothing is silenced. While training, x has to be multiplied by a mask."""
    _checked(rate)
    return x


def dropout__inverted_flag(x, rate, training, rng):
    """You silence neurons when predicting. With training=False x should come out as it is; they are silenced while training."""
    _checked(rate)
    return x if training else x * (rng.random(x.shape) >= rate) / (1 - rate)


def dropout__inverted_mask(x, rate, training, rng):
    """You kept those that should be silenced: kept is where the number is at least the rate."""
    _checked(rate)
    return x * (rng.random(x.shape) < rate) / (1 - rate) if training else x


def dropout__scales_by_those_who_are_left(x, rate, training, rng):
    """You divided by the share that happened to be left this time. The factor is always 1 / (1 − rate); only on average the sum stays."""
    _checked(rate)
    if not training:
        return x
    mask = rng.random(x.shape) >= rate
    return x * mask / max(mask.mean(), 1e-9)


def dropout__checks_only_while_training(x, rate, training, rng):
    """When predicting, a rate of 1 slips through. A rate that makes no sense is an error either way."""
    if not training:
        return x
    _checked(rate)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


def dropout__no_check(x, rate, training, rng):
    """It is right for every rate that makes sense. For others the docstring asks for an error, training or not."""
    with np.errstate(all="ignore"):
        return x * (rng.random(x.shape) >= rate) / (1 - rate) if training else x


def dropout__takes_a_negative_rate(x, rate, training, rng):
    """You refuse rates of 1 and more, but not negative ones. No probability is negative."""
    if rate >= 1:
        raise ValueError("no such rate")
    return x * (rng.random(x.shape) >= rate) / (1 - rate) if training else x


def dropout__cuts_to_whole_numbers(x, rate, training, rng):
    """Your result has x's type. When x holds whole numbers this cuts the fractions off that the scaling brings."""
    _checked(rate)
    return (x * (rng.random(x.shape) >= rate) / (1 - rate)).astype(x.dtype) if training else x


def dropout__zero_is_nothing(x, rate, training, rng):
    """At a rate of 0 you silence everybody: `if not rate` is true for 0 as well. At 0 x comes out as it is."""
    _checked(rate)
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate) if rate else np.zeros(x.shape)


def dropout__silences_x_itself(x, rate, training, rng):
    """You wrote the zeros into x itself. Work on a copy: the caller still needs the original."""
    _checked(rate)
    if not training:
        return x
    x[rng.random(x.shape) < rate] = 0
    return x / (1 - rate)


def dropout_gradient__no_check(upstream, mask, rate):
    """It is right for every rate that makes sense. For others the docstring asks for an error."""
    with np.errstate(all="ignore"):
        return upstream * mask / np.float64(1 - rate)


def dropout_gradient__takes_a_negative_rate(upstream, mask, rate):
    """You refuse rates of 1 and more, but not negative ones. No probability is negative."""
    if rate >= 1:
        raise ValueError("no such rate")
    return upstream * mask / (1 - rate)


def dropout_gradient__cuts_to_whole_numbers(upstream, mask, rate):
    """The places are right, but the fractions are gone: your result has the type of `upstream`, whole numbers. Make it floats."""
    _checked(rate)
    return (upstream * mask / (1 - rate)).astype(upstream.dtype)


def dropout_gradient__divides_by_the_rate(upstream, mask, rate):
    """You divided by the rate. It should be the share of those who are kept, 1 − rate."""
    _checked(rate)
    return upstream * mask / (rate or 1)


def dropout_gradient__forgets_to_scale(upstream, mask, rate):
    """The silenced get 0, which is right. But the survivors were scaled on the way forward, so their gradient has the same factor."""
    _checked(rate)
    return upstream * mask


def dropout_gradient__ignores_the_mask(upstream, mask, rate):
    """You scale all. A silenced neuron changed nothing at the output, so its gradient is 0."""
    _checked(rate)
    return upstream / (1 - rate)


def dropout_gradient__multiplies_instead(upstream, mask, rate):
    """You multiplied by 1 − rate. On the way forward it was divided by it; the derivative has the same factor."""
    _checked(rate)
    return upstream * mask * (1 - rate)


def dropout_gradient__inverted_mask(upstream, mask, rate):
    """You gave the gradient to the silenced ones. Those who were kept made the output."""
    _checked(rate)
    return upstream * ~mask / (1 - rate)


def dropout_gradient__passes_through(upstream, mask, rate):
    """You passed everything on as it was, as if nobody had been silenced."""
    _checked(rate)
    return upstream * 1.0


def dropout_gradient__scales_by_those_who_are_left(upstream, mask, rate):
    """You divided by the share that happened to be left. The factor is always 1 / (1 − rate)."""
    _checked(rate)
    return upstream * mask / max(mask.mean(), 1e-9)


def _model(hidden_units, rate, layers):
    _checked(rate)
    return keras.Sequential([keras.Input((28, 28)), *layers])


def dropout_model__no_dropout(hidden_units, rate):
    """Nobody is silenced in your model: the layer that the lesson is about is missing."""
    return _model(
        hidden_units,
        rate,
        [
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ],
    )


def dropout_model__before_the_hidden_layer(hidden_units, rate):
    """Your dropout stands before the hidden layer, so it silences pixels. Put it behind the layer whose neurons it should silence."""
    return _model(
        hidden_units,
        rate,
        [
            keras.layers.Flatten(),
            keras.layers.Dropout(rate),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ],
    )


def dropout_model__behind_the_output(hidden_units, rate):
    """Your dropout stands behind the last layer, so it silences whole classes. Put it behind the hidden layer."""
    return _model(
        hidden_units,
        rate,
        [
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
            keras.layers.Dropout(rate),
        ],
    )


def dropout_model__share_kept(hidden_units, rate):
    """You handed 1 − rate to Keras. Its rate is the share that is silenced, like ours."""
    if not 0 <= rate < 1:
        raise ValueError("no such rate")
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dropout(1 - rate),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def dropout_model__no_relu(hidden_units, rate):
    """Your hidden layer has no activation. Without a ReLU two dense layers are no more than one."""
    return _model(
        hidden_units,
        rate,
        [
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units),
            keras.layers.Dropout(rate),
            keras.layers.Dense(10, activation="softmax"),
        ],
    )


def dropout_model__sigmoid_at_the_end(hidden_units, rate):
    """Your last layer ends in a sigmoid, so the ten numbers do not add up to 1. Which activation makes probabilities of classes?"""
    return _model(
        hidden_units,
        rate,
        [
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(10, activation="sigmoid"),
        ],
    )


def dropout_model__takes_a_rate_of_one(hidden_units, rate):
    """It is right for every rate that makes sense. Keras takes a rate of 1, but then nobody is left: the docstring asks for an error."""
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def dropout_model__mends_a_negative_rate(hidden_units, rate):
    """A rate below 0 is no probability. You turn it into 0 without a word; the docstring asks for an error."""
    if rate >= 1:
        raise ValueError("no such rate")
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dropout(max(rate, 0)),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def _answers(model, x, samples, training=True):
    if samples < 1:
        raise ValueError("no samples")
    return np.stack([np.asarray(model(x, training=training)) for _ in range(samples)])


def mc_dropout__switched_off(model, x, samples):
    """All your predictions are the same: dropout is off. Which argument of the call switches it on?"""
    answers = _answers(model, x, samples, training=False)
    return answers.mean(axis=0), answers.std(axis=0)


def mc_dropout__over_the_pictures(model, x, samples):
    """You averaged over the pictures. Average over the repeated predictions of each picture."""
    answers = _answers(model, x, samples)
    return answers.mean(axis=1), answers.std(axis=1)


def mc_dropout__variance(model, x, samples):
    """Your second array is the variance. The standard deviation is its square root."""
    answers = _answers(model, x, samples)
    return answers.mean(axis=0), answers.var(axis=0)


def mc_dropout__sample_deviation(model, x, samples):
    """You divided by samples − 1. The population's deviation divides by samples, which np.std does by itself."""
    answers = _answers(model, x, samples)
    with np.errstate(all="ignore"):
        squares = ((answers - answers.mean(axis=0)) ** 2).sum(axis=0)
        return answers.mean(axis=0), np.sqrt(squares / (samples - 1))


def mc_dropout__only_the_mean(model, x, samples):
    """The mean alone does not say how sure the network is. Return a pair: mean and standard deviation."""
    return _answers(model, x, samples).mean(axis=0)


def mc_dropout__one_prediction_repeated(model, x, samples):
    """You predicted once and repeated the answer. Each of the samples needs a prediction of its own."""
    answers = _answers(model, x, min(samples, 1))
    return answers.mean(axis=0), answers.std(axis=0)


def mc_dropout__sums(model, x, samples):
    """You added up the predictions. For a mean, divide by how many there are."""
    answers = _answers(model, x, samples)
    return answers.sum(axis=0), answers.std(axis=0)


def mc_dropout__deviation_first(model, x, samples):
    """Your pair is the wrong way round: the mean comes first, then the deviation."""
    answers = _answers(model, x, samples)
    return answers.std(axis=0), answers.mean(axis=0)


def mc_dropout__one_number_for_all(model, x, samples):
    """You made one mean of everything. Each picture and each class keeps a mean and a deviation of its own."""
    answers = _answers(model, x, samples)
    return answers.mean(), answers.std()


def mc_dropout__no_check(model, x, samples):
    """It is right when there is a prediction. Without a single one NumPy's mean is not a number: the docstring asks for an error."""
    answers = [np.asarray(model(x, training=True)) for _ in range(samples)]
    with np.errstate(all="ignore"):
        return (np.mean(answers, axis=0), np.std(answers, axis=0)) if answers else (np.nan, np.nan)
