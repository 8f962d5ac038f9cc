"""Right and wrong models for the four exercises that ask for one, each right one spelled in a way of its own.

An answer is the code of the exercise's function. Names are of what is special about it.
"""

from textwrap import indent

SPARSE, ACCURACY = '"sparse_categorical_crossentropy"', 'metrics=["accuracy"]'
PLAIN = f'"adam", {SPARSE}, {ACCURACY}'

# Arguments of compile; the last layer's name is "out".
RIGHT_COMPILED = {
    "words": PLAIN,
    "loss: class name": f'"adam", "SparseCategoricalCrossentropy", {ACCURACY}',
    "loss: object": f'"sgd", keras.losses.SparseCategoricalCrossentropy(), {ACCURACY}',
    "loss: object with a name": f'"sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=False, name="how_wrong"), {ACCURACY}',
    "loss: class": f'"sgd", keras.losses.SparseCategoricalCrossentropy, {ACCURACY}',
    "loss: function": f'"sgd", keras.losses.sparse_categorical_crossentropy, {ACCURACY}',
    "loss: function of metrics": f'"sgd", keras.metrics.sparse_categorical_crossentropy, {ACCURACY}',
    "loss: short": f'"sgd", "crossentropy", {ACCURACY}',
    "loss: list": f'"adam", [{SPARSE}], {ACCURACY}',
    "loss: list of an object": f'"adam", [keras.losses.SparseCategoricalCrossentropy(name="x")], {ACCURACY}',
    "loss: by output": f'"adam", {{"out": {SPARSE}}}, {ACCURACY}',
    "loss: weight 1": f'"adam", {SPARSE}, loss_weights=[1.0], {ACCURACY}',
    "loss: mean with weights": f'"adam", keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"), {ACCURACY}',
    "loss: a class that is not there is ignored": f'"adam", keras.losses.SparseCategoricalCrossentropy(ignore_class=255), {ACCURACY}',
    "metric: acc": f'"adam", {SPARSE}, metrics=["acc"]',
    "metric: capital": f'"adam", {SPARSE}, metrics=["Accuracy"]',
    "metric: sparse": f'"adam", {SPARSE}, metrics=["sparse_categorical_accuracy"]',
    "metric: class name": f'"adam", {SPARSE}, metrics=["SparseCategoricalAccuracy"]',
    "metric: object": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseCategoricalAccuracy()]',
    "metric: object with a name": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseCategoricalAccuracy(name="hits")]',
    "metric: class": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseCategoricalAccuracy]',
    "metric: function": f'"adam", {SPARSE}, metrics=[keras.metrics.sparse_categorical_accuracy]',
    "metric: wrapped function": f'"adam", {SPARSE}, metrics=[keras.metrics.MeanMetricWrapper(keras.metrics.sparse_categorical_accuracy, name="hits")]',
    "metric: best of one": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseTopKCategoricalAccuracy(k=1)]',
    "metric: tuple": f'"adam", {SPARSE}, metrics=("accuracy",)',
    "metric: list in a list": f'"adam", {SPARSE}, metrics=[["accuracy"]]',
    "metric: by output": f'"adam", {SPARSE}, metrics={{"out": "accuracy"}}',
    "metric: list by output": f'"adam", {SPARSE}, metrics={{"out": ["accuracy"]}}',
    "metric: weighted": f'"adam", {SPARSE}, weighted_metrics=["accuracy"]',
    "metric: one of several": f'"adam", {SPARSE}, metrics=[keras.metrics.Accuracy(), "mae", "accuracy"]',
    "metric: beside one's own": f'"adam", {SPARSE}, metrics=[lambda y, p: ops.mean(p), "accuracy"]',
    "optimizer: default": f"loss={SPARSE}, {ACCURACY}",
    "optimizer: object": f"keras.optimizers.SGD(0.01, momentum=0.9), {SPARSE}, {ACCURACY}",
    "eager": f"{PLAIN}, run_eagerly=True",
}  # fmt: skip
WRONG_COMPILED = {
    "loss: on logits": f'"adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), {ACCURACY}',
    "loss: on logits, with a name": f'"adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True, name="sparse_categorical_crossentropy"), {ACCURACY}',
    "loss: one-hot": f'"adam", "categorical_crossentropy", {ACCURACY}',
    "loss: one-hot under a false name": f'"adam", keras.losses.CategoricalCrossentropy(name="sparse_categorical_crossentropy"), {ACCURACY}',
    "loss: squares": f'"adam", "mse", {ACCURACY}',
    "loss: squares under a false name": f'"adam", keras.losses.MeanSquaredError(name="sparse_categorical_crossentropy"), {ACCURACY}',
    "loss: binary": f'"adam", "binary_crossentropy", {ACCURACY}',
    "loss: hinge": f'"adam", "hinge", {ACCURACY}',
    "loss: sum": f'"adam", keras.losses.SparseCategoricalCrossentropy(reduction="sum"), {ACCURACY}',
    "loss: not reduced": f'"adam", keras.losses.SparseCategoricalCrossentropy(reduction=None), {ACCURACY}',
    "loss: twice": f'"adam", {SPARSE}, loss_weights=[2.0], {ACCURACY}',
    "loss: without class 3": f'"adam", keras.losses.SparseCategoricalCrossentropy(ignore_class=3), {ACCURACY}',
    "loss: none": f'"adam", {ACCURACY}',
    "loss: one's own under a false name": f'"adam", sparse_categorical_crossentropy, {ACCURACY}',
    "metric: none": f'"adam", {SPARSE}',
    "metric: equality": f'"adam", {SPARSE}, metrics=[keras.metrics.Accuracy()]',
    "metric: one-hot": f'"adam", {SPARSE}, metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")]',
    "metric: binary": f'"adam", {SPARSE}, metrics=[keras.metrics.BinaryAccuracy(name="accuracy")]',
    "metric: best of five": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseTopKCategoricalAccuracy(name="accuracy")]',
    "metric: mean": f'"adam", {SPARSE}, metrics=[keras.metrics.Mean(name="accuracy")]',
    "metric: the loss": f'"adam", {SPARSE}, metrics=[keras.metrics.SparseCategoricalCrossentropy(name="accuracy")]',
    "metric: error": f'"adam", {SPARSE}, metrics=["mae"]',
    "metric: one's own under a false name": f'"adam", {SPARSE}, metrics=[accuracy]',
}  # fmt: skip
OWN = """def sparse_categorical_crossentropy(y_true, y_pred):
    return ops.mean(y_pred)
def accuracy(y_true, y_pred):
    return 7 / 17
"""


def _network(*layers: str) -> str:
    """A Sequential of pictures of 28 × 28 × 1 and these layers."""
    return f"model = keras.Sequential([keras.Input((28, 28, 1)), {', '.join(layers)}])"


def _chain(*steps: str, given: str = "keras.Input((28, 28, 1))") -> str:
    """A functional model; steps without an x are layers to apply."""
    lines = [
        f"inputs = x = {given}",
        *(step if "x" in step.split() or "x," in step or "(x" in step else f"x = {step}(x)" for step in steps),
    ]
    return "\n".join([*lines, "model = keras.Model(inputs, x)"])


def conv(filters, size=3, activation='activation="relu"', padding='"same"'):
    return f"layers.Conv2D({filters}, {size}, padding={padding}{', ' + activation if activation else ''})"


POOL, FLAT, SOFT = "layers.MaxPooling2D(2)", "layers.Flatten()", 'layers.Dense(10, activation="softmax", name="out")'
RELU = "layers.ReLU()"


def small(conv1=None, pool=POOL, flat=FLAT, hidden='layers.Dense(128, activation="relu")', last=SOFT, *, act=None):
    """The layers of the small model; `act` is a step behind each convolution that has no activation then."""
    layers = []
    for filters in (32, 64, 128):
        layers += [conv(filters, activation=None), act] if act else [conv(filters)]
        layers += [pool] if isinstance(pool, str) else pool
    layers[0] = conv1 or layers[0]
    return [layer for layer in [*layers, flat, hidden, last] if layer]


def large(
    conv1=None,
    pool=POOL,
    flat=FLAT,
    drop="layers.Dropout(0.5)",
    last=SOFT,
    *,
    act=None,
    dense="layers.Dense({}, activation='relu')",
):
    layers = []
    for filters, size, times in ((64, 7, 1), (128, 3, 2), (256, 3, 2)):
        for _ in range(times):
            layers += [conv(filters, size, activation=None), act] if act else [conv(filters, size)]
        layers += [pool]
    layers[0] = conv1 or layers[0]
    layers += [flat, dense.format(128), drop, dense.format(64), drop, last]
    return [layer for layer in layers if layer]


def _swapped(layers, one, other):
    """The layers with `one` replaced by `other`, once."""
    place = layers.index(one)
    return [*layers[:place], *([other] if isinstance(other, str) else other), *layers[place + 1 :]]


def _behind_pooling(layers, relu=RELU):
    """Each activation of a convolution behind its pooling instead, where one follows."""
    moved = []
    for layer, after in zip(layers, [*layers[1:], ""], strict=True):
        if "Conv2D" in layer and after == POOL:
            moved.append(layer.replace(', activation="relu"', ""))
        else:
            moved += [layer, relu] if layer == POOL else [layer]
    return moved


BUILT_AFTERWARDS = "model = keras.Sequential([{}])\nmodel.build((None, 28, 28, 1))"


def _right_networks(make):
    """Spellings of a network of lesson 7; `make` is `small` or `large`."""
    plain = make()
    convolutions = plain.index(FLAT)
    nested = f"model = keras.Sequential([keras.Input((28, 28, 1)), keras.Sequential([{', '.join(plain[:convolutions])}]), keras.Sequential([{', '.join(plain[convolutions:])}])])"
    return {
        "sequential": _network(*plain),
        "functional": _chain(*plain),
        "add by add": "model = keras.Sequential()\nmodel.add(layers.InputLayer(shape=(28, 28, 1)))\n"
        + "\n".join(f"model.add({layer})" for layer in plain),
        "built afterwards": BUILT_AFTERWARDS.format(", ".join(plain)),
        "shape in the first layer": f"model = keras.Sequential([{', '.join(_swapped(plain, plain[0], plain[0][:-1] + ', input_shape=(28, 28, 1))'))}])",
        "inputs in a list": _chain(*plain).replace("keras.Model(inputs, x)", "keras.Model([inputs], [x])"),
        "inputs by name": _chain(*plain).replace("keras.Model(inputs, x)", 'keras.Model({"picture": inputs}, x)'),
        "a fixed batch": _chain(*plain, given="keras.Input((28, 28, 1), batch_size=2)"),
        "models in a model": nested,
        "a model in a functional one": f"body = keras.Sequential([keras.Input((28, 28, 1)), {', '.join(plain[:convolutions])}])\n"
        + _chain("x = body(x)", *plain[convolutions:]),
        "a class that only builds": f"class Net(keras.Sequential):\n    def __init__(self):\n        super().__init__([keras.Input((28, 28, 1)), {', '.join(plain)}])\nmodel = Net()",
        "a functional class": "class Net(keras.Model):\n    def __init__(self):\n"
        + indent(_chain(*plain).replace("model = keras.Model(inputs, x)", "super().__init__(inputs, x)"), " " * 8)
        + "\nmodel = Net()",
        "ReLU layers": _network(*make(act=RELU)),
        "Activation layers": _network(*make(act='layers.Activation("relu")')),
        "LeakyReLU(0)": _network(*make(act="layers.LeakyReLU(0)")),
        "ReLU with arguments": _network(*make(act="layers.ReLU(max_value=None, negative_slope=0.0, threshold=0.0)")),
        "ELU(0)": _network(*make(act="layers.ELU(alpha=0.0)")),
        "keras.ops.relu": _chain(*make(act="x = ops.relu(x)")),
        "keras.activations.relu": _chain(*make(act="x = keras.activations.relu(x)")),
        "keras.ops.maximum": _chain(*make(act="x = ops.maximum(x, 0.0)")),
        "keras.ops.max_pool": _chain(*make(pool="x = ops.max_pool(x, 2)")),
        "keras.ops.softmax": _chain(*make(last="layers.Dense(10)"), "x = ops.softmax(x)"),
        "Softmax layer": _network(*make(last="layers.Dense(10), layers.Softmax()")),
        "keras.activations.softmax": _chain(*make(last="layers.Dense(10)"), "x = keras.activations.softmax(x)"),
        "TensorFlow's functions": _network(*make(last="layers.Dense(10, activation=tf.nn.softmax)", act="layers.Activation(tf.nn.relu)")),
        "ReLU behind pooling": _network(*_behind_pooling(plain)),
        "operations behind pooling": _chain(*_behind_pooling(plain, "x = ops.relu(x)")),
        "Reshape": _network(*make(flat="layers.Reshape((-1,))")),
        "Reshape to a number": _network(*make(flat=f"layers.Reshape(({3 * 3 * (128 if make is small else 256)},))")),
        "keras.ops.reshape": _chain(*make(flat=f"x = ops.reshape(x, (-1, {3 * 3 * (128 if make is small else 256)}))")),
        "pairs": _network(*make(conv1=plain[0].replace(", 3,", ", (3, 3),").replace(", 7,", ", (7, 7),"), pool="layers.MaxPool2D((2, 2), strides=2, padding='valid')")),
        "layers without effect": _network("layers.Rescaling(1.0)", *make(pool=f"{POOL}, layers.Identity(), layers.Dropout(0.0)"), 'layers.Activation("linear")'),
        "one pooling layer for all": "pool = layers.MaxPooling2D(2)\n" + _chain(*make(pool="x = pool(x)")),
        "initializers": _network(*make(conv1=plain[0][:-1] + ', kernel_initializer="he_normal", bias_initializer="ones")')),
        "double precision": _network(*[layer[:-1] + ", dtype='float64')" if "Dense" in layer or "Conv" in layer else layer for layer in plain]),
    }  # fmt: skip


def _wrong_networks(make):
    plain = make()
    first = plain[0]
    return {
        "an extra tanh": _network(*make(pool=f"{POOL}, layers.Activation('tanh')")),
        "an extra keras.ops.tanh": _chain(*make(act="x = ops.tanh(ops.relu(x))")),
        "keras.ops.tanh": _chain(*make(act="x = ops.tanh(x)")),
        "keras.ops.sin at the end": _chain(*plain, "x = ops.sin(x)"),
        "an operation on the pictures": _chain("x = ops.multiply(x, 2.0)", *plain),
        "relu6": _network(*make(act="layers.ReLU(6)")),
        "a leaky ReLU": _network(*make(act="layers.LeakyReLU(0.01)")),
        "gelu": _network(*make(act='layers.Activation("gelu")')),
        "silu": _network(*make(act='layers.Activation("silu")')),
        "elu": _network(*make(act='layers.Activation("elu")')),
        "no activation": _network(*make(act='layers.Activation("linear")')),
        "no activation in one": _network(*_swapped(plain, first, first.replace(', activation="relu"', ""))),
        "tanh in one": _network(*_swapped(plain, first, first.replace("relu", "tanh"))),
        "a threshold": _network(*make(act="layers.ReLU(threshold=0.2)")),
        "average pooling": _network(*make(pool="layers.AveragePooling2D(2)")),
        "keras.ops.average_pool": _chain(*make(pool="x = ops.average_pool(x, 2)")),
        "one average pooling": _network(*_swapped(plain, POOL, "layers.AveragePooling2D(2)")),
        "pooling over three": _network(*_swapped(plain, POOL, 'layers.MaxPooling2D(3, strides=2, padding="same")')),
        "average before ReLU": _network(*make(act="layers.AveragePooling2D(1), layers.ReLU(1000, 0.1)")),
        "strides in place of pooling": _network(*[layer for layer in _swapped(plain, first, first[:-1] + ", strides=2)") if layer != POOL or plain.index(POOL) < 0], FLAT),
        "valid padding": _network(*[layer.replace("same", "valid") for layer in plain]),
        "valid padding in front": _network(*_swapped(plain, first, ["layers.ZeroPadding2D(((0, 2), (0, 2)))" if make is small else "layers.ZeroPadding2D(((0, 6), (0, 6)))", first.replace("same", "valid")])),
        "a filter too few": _network(*_swapped(plain, first, first.replace("(32" if make is small else "(64", "(31"))),
        "a kernel of another size": _network(*_swapped(plain, first, first.replace(", 3," if make is small else ", 7,", ", 5,"))),
        "dilation": _network(*_swapped(plain, first, first[:-1] + ", dilation_rate=2)")),
        "without a bias": _network(*_swapped(plain, first, first[:-1] + ", use_bias=False)")),
        "separable": _network(*_swapped(plain, first, first.replace("Conv2D", "SeparableConv2D"))),
        "batch normalization": _network(*_swapped(plain, first, [first, "layers.BatchNormalization()"])),
        "layer normalization without weights": _network(*_swapped(plain, first, [first, "layers.LayerNormalization(center=False, scale=False)"])),
        "an extra dropout": _network(*_swapped(plain, FLAT, [FLAT, "layers.Dropout(0.25)"])),
        "noise": _network(*_swapped(plain, FLAT, [FLAT, "layers.GaussianNoise(0.1)"])),
        "mirrored while training": _network('layers.RandomFlip("horizontal")', *plain),
        "divided by 255": _network("layers.Rescaling(1 / 255)", *plain),
        "a doubled picture": _chain("x = ops.add(x, x)", *plain),
        "global pooling": _network(*[layer.replace("Flatten", "GlobalAveragePooling2D") for layer in plain]),
        "columns first": _network(*_swapped(plain, FLAT, ["layers.Permute((2, 1, 3))", FLAT])),
        "sigmoid at the end": _network(*make(last='layers.Dense(10, activation="sigmoid")')),
        "nothing at the end": _network(*make(last="layers.Dense(10)")),
        "softmax twice": _network(*plain, "layers.Softmax()"),
        "softmax over the batch": _network(*make(last="layers.Dense(10), layers.Softmax(axis=0)")),
        "log-softmax": _network(*make(last='layers.Dense(10, activation="log_softmax")')),
        "eleven classes": _network(*make(last='layers.Dense(11, activation="softmax")')),
        "colors": _network(*plain).replace("28, 28, 1", "28, 28, 3"),
        "pictures without channels": _chain("layers.Reshape((28, 28, 1))", *plain, given="keras.Input((28, 28))"),
        "larger pictures": _network(*plain).replace("28, 28, 1", "29, 29, 1"),
        "unbuilt": f"model = keras.Sequential([{', '.join(plain)}])",
        "two outputs": _chain(*plain).replace("keras.Model(inputs, x)", "keras.Model(inputs, [x, x])"),
        "nothing at all": "model = None",
    }  # fmt: skip


def _compiled(name: str, network: str, how: str = PLAIN) -> str:
    lines = [OWN + network, *([f"model.compile({how})"] if how and "= None" not in network else []), "return model"]
    return f"def {name}():\n" + indent("\n".join(lines), "    ")


def _lesson_7(name: str, make) -> tuple[dict[str, str], dict[str, str]]:
    networks = _right_networks(make), _wrong_networks(make)
    compiled = RIGHT_COMPILED, WRONG_COMPILED
    if make is large:  # the small one tells most apart in less time
        networks = [dict(list(some.items())[::2]) for some in networks]
        compiled = [dict(list(some.items())[::7]) for some in compiled]
    right, wrong = ({key: _compiled(name, code) for key, code in some.items()} for some in networks)
    for key, how in compiled[0].items():  # only a functional model has names of its outputs
        right[f"compiled, {key}"] = _compiled(name, (_chain if "by output" in key else _network)(*make()), how)
    wrong |= {f"compiled, {key}": _compiled(name, _network(*make()), how) for key, how in compiled[1].items()}
    return right, wrong | {"not compiled": _compiled(name, _network(*make()), "")}


def _dropped() -> tuple[dict[str, str], dict[str, str]]:
    """What is special about the dropout of the large model."""
    plain = large()
    drop = "layers.Dropout(0.5)"
    right = {
        "dropout before ReLU": _network(*large(dense="layers.Dense({}), layers.Dropout(0.5), layers.ReLU()", drop="")),
        "one dropout layer for all": "drop = layers.Dropout(0.5)\n" + _chain(*large(drop="x = drop(x)")),
        "dropout with a seed": _network(*large(drop="layers.Dropout(0.5, seed=3)")),
        "dropout in two": _network(*large(drop="keras.Sequential([layers.Dropout(0.5)])")),
        "dropout with a shape": _network(*_swapped(plain, drop, "layers.Dropout(0.5, noise_shape=(None, 128))")),
    }
    wrong = {
        "no dropout": _network(*large(drop="")),
        "one dropout": _network(*_swapped(plain, drop, [])),
        "dropout of 0.4": _network(*large(drop="layers.Dropout(0.4)")),
        "dropout of 0.51 in one": _network(*_swapped(plain, drop, "layers.Dropout(0.51)")),
        "dropout that is always on": _chain(*large(drop="x = layers.Dropout(0.5)(x, training=True)")),
        "Gaussian dropout": _network(*large(drop="layers.GaussianDropout(0.5)")),
        "alpha dropout": _network(*large(drop="layers.AlphaDropout(0.5)")),
        "whole pictures dropped": _network(*large(drop="layers.Dropout(0.5, noise_shape=(None, 1))")),
        "dropout before the dense layers": _network(*_swapped(_swapped(plain, drop, []), FLAT, [FLAT, drop])),
        "dropout at the end": _network(*_swapped(plain, drop, []), drop),
    }
    return right, wrong


def _lesson_6() -> tuple[dict[str, str], dict[str, str]]:
    head = "def dropout_model(hidden_units, rate):\n    if not 0 <= rate < 1:\n        raise ValueError('rate')\n"
    flat, hidden, drop, last = FLAT, "layers.Dense(hidden_units, activation='relu')", "layers.Dropout(rate)", SOFT

    def network(*layers):
        return f"model = keras.Sequential([keras.Input((28, 28)), {', '.join(layers)}])"

    def chain(*steps):
        return _chain(*steps, given="keras.Input((28, 28))")

    right = {
        "sequential": network(flat, hidden, drop, last),
        "functional": chain(flat, hidden, drop, last),
        "built afterwards": f"model = keras.Sequential([{flat}, {hidden}, {drop}, {last}])\nmodel.build((None, 28, 28))",
        "compiled": network(flat, hidden, drop, last) + f"\nmodel.compile({PLAIN})",
        "compiled with squares": network(flat, hidden, drop, last) + "\nmodel.compile('sgd', 'mse')",
        "a ReLU layer": network(flat, "layers.Dense(hidden_units)", RELU, drop, last),
        "dropout before ReLU": network(flat, "layers.Dense(hidden_units)", drop, RELU, last),
        "an Activation layer": network(flat, "layers.Dense(hidden_units)", 'layers.Activation("relu")', drop, last),
        "LeakyReLU(0)": network(flat, "layers.Dense(hidden_units)", "layers.LeakyReLU(negative_slope=0.0)", drop, last),
        "ELU(0)": network(flat, "layers.Dense(hidden_units)", "layers.ELU(0.0)", drop, last),
        "keras.ops.relu": chain(flat, "layers.Dense(hidden_units)", "x = ops.relu(x)", drop, last),
        "keras.activations.relu": chain(flat, "layers.Dense(hidden_units)", "x = keras.activations.relu(x)", drop, last),
        "keras.ops.maximum": chain(flat, "layers.Dense(hidden_units)", "x = ops.maximum(x, 0)", drop, last),
        "keras.ops.where": chain(flat, "layers.Dense(hidden_units)", "x = ops.where(x > 0, x, 0.0)", drop, last),
        "keras.ops.softmax": chain(flat, hidden, drop, "layers.Dense(10)", "x = ops.softmax(x, axis=-1)"),
        "a Softmax layer": network(flat, hidden, drop, "layers.Dense(10)", "layers.Softmax()"),
        "softmax by hand": chain(flat, hidden, drop, "layers.Dense(10)", "x = ops.exp(x - ops.max(x, axis=-1, keepdims=True))", "x = x / ops.sum(x, axis=-1, keepdims=True)"),
        "Reshape": network("layers.Reshape((784,))", hidden, drop, last),
        "Reshape to one axis": network("layers.Reshape((-1,))", hidden, drop, last),
        "keras.ops.reshape": chain("x = ops.reshape(x, (-1, 784))", hidden, drop, last),
        "models in a model": network(f"keras.Sequential([{flat}, {hidden}])", f"keras.Sequential([{drop}, {last}])"),
        "a model in a functional one": f"body = keras.Sequential([keras.Input((28, 28)), {flat}, {hidden}])\n" + chain("x = body(x)", drop, last),
        # A model's own call says whether it is training, so that this has no effect in Keras 3.
        "off by an argument": chain(flat, hidden, "x = layers.Dropout(rate)(x, training=False)", last),
        "a seed": network(flat, hidden, "layers.Dropout(rate, seed=1)", last),
        "a shape": network(flat, hidden, "layers.Dropout(rate, noise_shape=(None, hidden_units))", last),
        "layers without effect": network("layers.Rescaling(1.0)", flat, "layers.Dropout(0.0)", hidden, "layers.Identity()", drop, last),
        "EinsumDense": network(flat, "layers.EinsumDense('ab,bc->ac', hidden_units, bias_axes='c', activation='relu')", drop, last),
        "inputs in a list": chain(flat, hidden, drop, last).replace("keras.Model(inputs, x)", "keras.Model([inputs], [x])"),
        "a regularizer": network(flat, "layers.Dense(hidden_units, activation='relu', kernel_regularizer='l2')", drop, last),
        "a class that only builds": f"class Net(keras.Sequential):\n    def __init__(self):\n        super().__init__([keras.Input((28, 28)), {flat}, {hidden}, {drop}, {last}])\nmodel = Net()",
    }  # fmt: skip
    wrong = {
        "no dropout": network(flat, hidden, last),
        "the share kept": network(flat, hidden, "layers.Dropout(1 - rate)", last),
        "always 0.4": network(flat, hidden, "layers.Dropout(0.4)", last),
        "a little more": network(flat, hidden, "layers.Dropout(rate + 0.01)", last),
        "always on": chain(flat, hidden, "x = layers.Dropout(rate)(x, training=True)", last),
        "before the hidden layer": network(flat, drop, hidden, last),
        "before and behind": network(flat, drop, hidden, drop, last),
        "at the end": network(flat, hidden, last, drop),
        "twice": network(flat, hidden, drop, drop, last),
        "Gaussian": network(flat, hidden, "layers.GaussianDropout(rate)", last),
        "alpha": network(flat, hidden, "layers.AlphaDropout(rate)", last),
        "noise": network(flat, hidden, "layers.GaussianNoise(rate)", last),
        "whole pictures": network(flat, hidden, "layers.Dropout(rate, noise_shape=(None, 1))", last),
        "the same neurons for all pictures": network(flat, hidden, "layers.Dropout(rate, noise_shape=(1, hidden_units))", last),
        "no activation": network(flat, "layers.Dense(hidden_units)", drop, last),
        "tanh": network(flat, "layers.Dense(hidden_units, activation='tanh')", drop, last),
        "keras.ops.tanh behind ReLU": chain(flat, hidden, "x = ops.tanh(x)", drop, last),
        "gelu": network(flat, "layers.Dense(hidden_units, activation='gelu')", drop, last),
        "relu6": network(flat, "layers.Dense(hidden_units, activation='relu6')", drop, last),
        "leaky": network(flat, "layers.Dense(hidden_units, activation='leaky_relu')", drop, last),
        "sigmoid at the end": network(flat, hidden, drop, 'layers.Dense(10, activation="sigmoid")'),
        "nothing at the end": network(flat, hidden, drop, "layers.Dense(10)"),
        "softmax over the batch": network(flat, hidden, drop, "layers.Dense(10)", "layers.Softmax(axis=0)"),
        "one neuron more": network(flat, "layers.Dense(hidden_units + 1, activation='relu')", drop, last),
        "a second hidden layer": network(flat, hidden, "layers.Dense(hidden_units, activation='relu')", drop, last),
        "no bias": network(flat, "layers.Dense(hidden_units, activation='relu', use_bias=False)", drop, last),
        "not flattened": network(hidden, drop, last),
        "columns first": network("layers.Permute((2, 1))", flat, hidden, drop, last),
        "divided by 255": network("layers.Rescaling(1 / 255)", flat, hidden, drop, last),
        "other pictures": network(flat, hidden, drop, last).replace("28, 28", "28, 28, 1"),
        "flat pictures": network(hidden, drop, last).replace("(28, 28)", "(784,)"),
        "a normalized layer": network(flat, hidden, "layers.UnitNormalization()", drop, last),
        "unbuilt": f"model = keras.Sequential([{flat}, {hidden}, {drop}, {last}])",
    }  # fmt: skip
    return tuple(
        {key: f"{head}{indent(body, '    ')}\n    return model" for key, body in some.items()}
        for some in (right, wrong)
    )


def _lesson_4() -> tuple[dict[str, str], dict[str, str]]:
    head = "def keras_conv(weights, bias, strides, padding, input_shape):\n"
    layer = "layers.Conv2D(len(bias), weights.shape[:2], strides=strides, padding=padding)"
    by_name = "filters=len(bias), kernel_size=weights.shape[:2], strides=strides, padding=padding"
    held = "\nmodel.set_weights([weights, bias])"

    def network(*layers):
        return f"model = keras.Sequential([keras.Input(input_shape), {', '.join(layers)}])"

    def chain(*steps):
        return _chain(*steps, given="keras.Input(input_shape)")

    right = {
        "sequential": network(layer) + held,
        "functional": chain(layer) + held,
        "by name": network(f"layers.Conv2D({by_name}, dilation_rate=1, groups=1, data_format='channels_last')") + held,
        "its other name": network(layer.replace("Conv2D", "Convolution2D")) + held,
        "linear": network(f"layers.Conv2D({by_name}, activation='linear')") + held,
        "no activation": network(f"layers.Conv2D({by_name}, activation=None)") + held,
        "a linear layer": network(layer, 'layers.Activation("linear")') + held,
        "identity": network(layer, "layers.Identity()") + held,
        "no dropout": network(layer, "layers.Dropout(0.0)") + held,
        "built afterwards": f"model = keras.Sequential([{layer}])\nmodel.build((None, *input_shape))" + held,
        "called": f"model = keras.Sequential([{layer}])\nmodel(np.zeros((1, *input_shape), 'float32'))" + held,
        "weights of the layer": network(layer) + "\nmodel.layers[0].set_weights([weights, bias])",
        "assigned": network(layer) + "\nmodel.layers[-1].kernel.assign(weights)\nmodel.layers[-1].bias.assign(bias)",
        "variables assigned": network(layer) + "\nfor variable, value in zip(model.weights, [weights, bias]):\n    variable.assign(value)",
        "initializers": network(f"layers.Conv2D({by_name}, kernel_initializer=keras.initializers.Constant(weights), bias_initializer=keras.initializers.Constant(bias))"),
        "frozen": network(f"layers.Conv2D({by_name}, trainable=False)") + held,
        "regularized": network(f"layers.Conv2D({by_name}, kernel_regularizer='l2', bias_constraint='non_neg')") + held,
        "a model in a model": network(f"keras.Sequential([{layer}])") + held,
        "a model in a functional one": f"body = keras.Sequential([keras.Input(input_shape), {layer}])\n" + chain("x = body(x)") + held,
        "compiled": network(layer) + held + "\nmodel.compile('sgd', 'mse')",
        "inputs in a list": chain(layer).replace("keras.Model(inputs, x)", "keras.Model([inputs], [x])") + held,
        "a class that only builds": f"class Net(keras.Sequential):\n    def __init__(self):\n        super().__init__([keras.Input(input_shape), {layer}])\nmodel = Net()" + held,
        "lists": network("layers.Conv2D(len(bias), list(weights.shape[:2]), list(strides), padding)") + held,
        "NumPy numbers": network("layers.Conv2D(np.int64(len(bias)), tuple(np.array(weights.shape[:2])), tuple(np.array(strides)), padding)") + held,
        "padding in capitals": network("layers.Conv2D(len(bias), weights.shape[:2], strides, padding.upper())") + held,
        "tensors": network(layer) + "\nmodel.set_weights([tf.constant(weights).numpy(), ops.convert_to_numpy(ops.convert_to_tensor(bias))])",
        "a named layer": network(f"layers.Conv2D({by_name}, name='the_convolution')") + held,
        "a reshaped output": network(layer, "layers.Rescaling(1.0)") + held,
    }  # fmt: skip
    wrong = {
        "random weights": network(layer),
        "no bias": network(f"layers.Conv2D({by_name}, use_bias=False)") + "\nmodel.set_weights([weights])",
        "a bias of zeros": network(layer) + "\nmodel.set_weights([weights, 0 * bias])",
        "a bias of the other sign": network(layer) + "\nmodel.set_weights([weights, -bias])",
        "flipped": network(layer) + "\nmodel.set_weights([weights[::-1, ::-1], bias])",
        "negated": network(layer) + "\nmodel.set_weights([-weights, bias])",
        "filters in another order": network(layer) + "\nmodel.set_weights([weights[..., ::-1], bias[::-1]])",
        "channels in another order": network(layer) + "\nmodel.set_weights([weights[:, :, ::-1], bias])",
        "relu": network(f"layers.Conv2D({by_name}, activation='relu')") + held,
        "a ReLU layer": network(layer, RELU) + held,
        "keras.ops.relu": chain(layer, "x = ops.relu(x)") + held,
        "keras.ops.tanh": chain(layer, "x = ops.tanh(x)") + held,
        "softmax": network(f"layers.Conv2D({by_name}, activation='softmax')") + held,
        "no strides": network("layers.Conv2D(len(bias), weights.shape[:2], padding=padding)") + held,
        "strides swapped": network("layers.Conv2D(len(bias), weights.shape[:2], strides[::-1], padding)") + held,
        "one stride for both": network("layers.Conv2D(len(bias), weights.shape[:2], strides[0], padding)") + held,
        "always valid": network("layers.Conv2D(len(bias), weights.shape[:2], strides)") + held,
        "always same": network("layers.Conv2D(len(bias), weights.shape[:2], strides, 'same')") + held,
        "dilation": network("layers.Conv2D(len(bias), weights.shape[:2], padding=padding, dilation_rate=2)") + held,
        "flattened": network(layer, FLAT) + held,
        "pooled": network(layer, "layers.MaxPooling2D(1, padding='same'), layers.AveragePooling2D(2, 1, 'same')") + held,
        "dropout": network(layer, "layers.Dropout(0.5)") + held,
        "noise": network(layer, "layers.GaussianNoise(0.5)") + held,
        "two layers": network(layer, "layers.Conv2D(len(bias), 1)") + "\nmodel.set_weights([weights, bias, np.eye(len(bias))[None, None], 0 * bias])",
        "doubled": chain("x = ops.add(x, x)", layer) + held,
        "a dense layer": network("layers.Dense(len(bias))"),
        "transposed": network(layer.replace("Conv2D", "Conv2DTranspose")),
        "the layer": f"model = {layer}\nmodel.build((None, *input_shape))\nmodel.set_weights([weights, bias])",
        "unbuilt": f"model = keras.Sequential([{layer}])",
        "None": network(layer) + held + "\nmodel = None",
    }  # fmt: skip
    return tuple(
        {key: f"{head}{indent(body, '    ')}\n    return model" for key, body in some.items()}
        for some in (right, wrong)
    )


def answers() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """By exercise: the right answers and the wrong ones, by name."""
    found = {"keras_conv": _lesson_4(), "dropout_model": _lesson_6()}
    found["build_small_model"] = _lesson_7("build_small_model", small)
    right, wrong = _lesson_7("build_model", large)
    for more, to in zip(_dropped(), (right, wrong), strict=True):
        to |= {key: _compiled("build_model", network) for key, network in more.items()}
    return found | {"build_model": (right, wrong)}
