"""Right answers to the exercises of lessons 4, 6 and 7 that ask for a Keras model, against the lessons' own tests."""

from both_ways import SETUP, Case

from autograder.course import Course, read_lesson

CONVOLUTIONS = {
    "an activation of None": "layers.Conv2D(weights.shape[3], weights.shape[:2], strides, padding, activation=None)",
    "linear by name": 'layers.Conv2D(weights.shape[3], weights.shape[:2], strides, padding, activation="linear")',
    "NumPy numbers": "layers.Conv2D(np.int64(weights.shape[-1]), tuple(np.array(weights.shape[:2])), strides=tuple(np.array(strides)), padding=padding)",
    "constant initializers": "layers.Conv2D(len(bias), weights.shape[:2], strides=strides, padding=padding, kernel_initializer=keras.initializers.Constant(weights), bias_initializer=keras.initializers.Constant(bias))",
    "not trainable": "layers.Conv2D(len(bias), weights.shape[:2], strides=strides, padding=padding, trainable=False)",
    "a regularizer": 'layers.Conv2D(len(bias), weights.shape[:2], strides=strides, padding=padding, kernel_regularizer="l2")',
    "a name": 'layers.Conv2D(len(bias), weights.shape[:2], strides=strides, padding=padding, name="the_convolution")',
    "keywords": 'layers.Conv2D(filters=len(bias), kernel_size=list(weights.shape[:2]), strides=list(strides), padding=padding, data_format="channels_last", dilation_rate=1, groups=1, use_bias=True)',
}  # fmt: skip
HIDDEN = {
    "word": 'layers.Dense(hidden_units, activation="relu")',
    "function": "layers.Dense(hidden_units, activation=keras.activations.relu)",
    "operation": "layers.Dense(hidden_units, activation=ops.relu)",
    "TensorFlow's": "layers.Dense(hidden_units, activation=tf.nn.relu)",
    "layer inside": "layers.Dense(hidden_units, activation=layers.ReLU())",
    "Activation inside": 'layers.Dense(hidden_units, activation=layers.Activation("relu"))',
    "layer behind": "layers.Dense(hidden_units), layers.ReLU()",
    "Activation behind": 'layers.Dense(hidden_units), layers.Activation("relu")',
    "NumPy number": 'layers.Dense(np.int64(hidden_units).item(), "relu", kernel_initializer="he_normal")',
    "regularized": 'layers.Dense(hidden_units, "relu", kernel_regularizer=keras.regularizers.L2(1e-4))',
}
LAST = {
    "word": 'layers.Dense(10, activation="softmax")',
    "TensorFlow's": "layers.Dense(10, activation=tf.nn.softmax)",
    "layer inside": "layers.Dense(10, activation=layers.Softmax())",
    "layer behind": "layers.Dense(10), layers.Softmax()",
    "operation": "layers.Dense(10, activation=ops.softmax)",
}
COMPILED = {
    "words": '"adam", "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "Muon": 'keras.optimizers.Muon(), "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "Adafactor": 'optimizer=keras.optimizers.Adafactor(), loss="sparse_categorical_crossentropy", metrics=["accuracy"]',
    "LossScaleOptimizer": 'keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "a schedule": 'keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)), "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "a clipped Adam": 'keras.optimizers.Adam(1e-3, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "a moving average": 'keras.optimizers.AdamW(use_ema=True), "sparse_categorical_crossentropy", metrics=["accuracy"]',
    "objects": "keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(), metrics=[keras.metrics.SparseCategoricalAccuracy()]",
    "a function": 'keras.optimizers.Lion(), keras.losses.sparse_categorical_crossentropy, metrics=["acc"]',
    "a named metric": '"adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")]',
    "two metrics": '"adam", "sparse_categorical_crossentropy", metrics=["accuracy", "sparse_top_k_categorical_accuracy"]',
    "another Mean": '"adam", "sparse_categorical_crossentropy", metrics=["accuracy", keras.metrics.Mean()]',
    "a list in a list": '"adam", "sparse_categorical_crossentropy", metrics=[["accuracy"]]',
    "a list of losses": '"adam", ["sparse_categorical_crossentropy"][0], metrics=["accuracy"]',
    "eager": '"adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True',
    "compiled twice": '"nadam", "sparse_categorical_crossentropy", metrics=("accuracy",), jit_compile=False',
    "a metric of its own": '"adam", "sparse_categorical_crossentropy", metrics=["accuracy", lambda y, p: ops.mean(p)]',
}  # fmt: skip
SMALL = """def build_small_model():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    for layer in (layers.Flatten(), layers.Dense(128, "relu"), {last}):
        model.add(layer)
    model.compile({how})
    return model
"""
LARGE = """def build_model():
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(64, 7, padding="same", activation="relu"), layers.MaxPooling2D()])
    for filters in (128, 256):
        for _ in range(2):
            model.add(layers.Conv2D(np.int64(filters), 3, padding="same"))
            model.add({relu})
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    for units in (128, 64):
        model.add(layers.Dense(units, activation={activation}))
        model.add(layers.Dropout(np.float64(0.5)))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile({how})
    return model
"""


def cases() -> list[Case]:
    """All of them, each with a name of its own."""
    found = []

    def case(name: str, lesson: str, exercise: str, answer: str) -> None:
        found.append(Case(f"{exercise}: {name}", answer, SETUP + lesson_test(lesson, exercise)))

    for name, layer in CONVOLUTIONS.items():
        answer = f"def keras_conv(weights, bias, strides, padding, input_shape):\n    model = keras.Sequential([keras.Input(input_shape), {layer}])\n    model.set_weights([weights, bias])\n    return model\n"
        case(name, "04_filters", "keras_conv", answer)
    for name, hidden, last in [(f"{a} and {b}", HIDDEN[a], LAST[b]) for a, b in zip(HIDDEN, [*LAST] * 2, strict=True)]:
        answer = f"def dropout_model(hidden_units, rate):\n    if not 0 <= rate < 1:\n        raise ValueError('rate')\n    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), {hidden}, layers.Dropout(np.float64(rate)), {last}])\n"
        case(name, "06_dropout", "dropout_model", answer)
    for name, how in COMPILED.items():
        case(name, "07_full_model", "build_small_model", SMALL.format(how=how, last=LAST["word"]))
    for relu, activation, how in (
        ("layers.ReLU()", "layers.ReLU()", COMPILED["Muon"]),
        ('layers.Activation("relu")', "tf.nn.relu", COMPILED["objects"]),
        ("layers.Activation(tf.nn.relu)", 'layers.Activation("relu")', COMPILED["another Mean"]),
    ):
        case(
            f"{relu} and {activation}",
            "07_full_model",
            "build_model",
            LARGE.format(relu=relu, activation=activation, how=how),
        )
    return found


def lesson_test(lesson: str, exercise: str) -> str:
    """The lesson's own test, hidden part included."""
    cells = read_lesson(Course().source(lesson)).cells
    return next(
        cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == f"test_{exercise}"
    )
