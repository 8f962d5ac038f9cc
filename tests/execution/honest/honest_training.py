"""Models compiled in every way, each evaluated and trained for a step like the instructor's model of the same code."""

from both_ways import SETUP, Case

SAME = r'''
import re
model, due = build(), reference()
rng = np.random.default_rng(0)
x, labels = rng.random((6, 4)).astype("float32"), np.array([0, 2, 1, 1, 2, 0])
y = {target}
due.set_weights(model.get_weights())
assert model.compiled and type(model.optimizer) is type(due.optimizer)
assert type(model.loss) is type(due.loss) or isinstance(due.loss, type)
def unnumbered(names):
    return [re.sub(r"_\d+", "", name) for name in names]
for got, expected in zip(model.optimizer.get_config().items(), due.optimizer.get_config().items()):
    assert type(model.optimizer).__name__ in ("Muon", "LossScaleOptimizer") or str(got) == str(expected) or "name" in got, (got, expected)
assert model.jit_compile == due.jit_compile and model.steps_per_execution == due.steps_per_execution
assert model.run_eagerly == due.run_eagerly
model.run_eagerly = due.run_eagerly = True
got, expected = (m.evaluate(x, y, verbose=0, return_dict=True) for m in (model, due))
assert unnumbered(got) == unnumbered(expected), (got, expected)
for key, other in zip(got, expected):
    np.testing.assert_allclose(np.asarray(got[key]), np.asarray(expected[other]), rtol=1e-4, atol=1e-6)
for m in (model, due):
    m.train_on_batch(x, y)
for got, expected in zip(model.get_weights(), due.get_weights()):
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
'''  # fmt: skip

ONE_HOT, NUMBERS, BINARY = "np.eye(3, dtype='float32')[labels]", "labels", "(labels[:, None] > 0).astype('float32')"

OPTIMIZERS = """
"sgd" | "adam" | "rmsprop" | "adamw" | keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True) | keras.optimizers.Adam(np.float64(1e-2), amsgrad=True)
keras.optimizers.RMSprop(centered=True, rho=0.8) | keras.optimizers.AdamW(weight_decay=0.01) | keras.optimizers.Adadelta() | keras.optimizers.Adagrad(0.1)
keras.optimizers.Adamax() | keras.optimizers.Nadam() | keras.optimizers.Ftrl() | keras.optimizers.Lion() | keras.optimizers.Muon() | keras.optimizers.Adafactor()
keras.optimizers.Lamb() | keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()) | keras.optimizers.Adam(clipnorm=1.0) | keras.optimizers.SGD(clipvalue=0.5)
keras.optimizers.SGD(global_clipnorm=1.0) | keras.optimizers.Adam(use_ema=True, ema_momentum=0.9) | keras.optimizers.Adam(gradient_accumulation_steps=2)
keras.optimizers.Adam(loss_scale_factor=2.0) | keras.optimizers.Adam(name="mine") | keras.optimizers.get("nadam")
keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)) | keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 50, warmup_steps=5, warmup_target=0.2))
keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001])) | keras.optimizers.SGD(keras.optimizers.schedules.PolynomialDecay(0.1, 10))
keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1.0, 0.5, staircase=True)) | keras.optimizers.SGD(keras.optimizers.schedules.CosineDecayRestarts(0.1, 5))
"""
LOSSES = {
    ONE_HOT: """
"mse" | "MSE" | "mean_squared_error" | "mae" | "huber" | "log_cosh" | "kl_divergence" | "poisson" | "hinge" | "categorical_hinge" | "cosine_similarity" | "msle" | "mape"
"categorical_crossentropy" | "categorical_focal_crossentropy" | "squared_hinge" | "dice" | "tversky" | keras.losses.MeanSquaredError() | keras.losses.mean_squared_error | keras.losses.huber
keras.losses.Huber(delta=0.5) | keras.losses.CategoricalCrossentropy(label_smoothing=0.1) | keras.losses.CategoricalCrossentropy(from_logits=True, axis=-1) | keras.metrics.mean_absolute_error
keras.losses.CategoricalFocalCrossentropy(alpha=0.3, gamma=np.float64(1.5)) | keras.losses.LogCosh(reduction="sum") | keras.losses.Tversky(0.3, 0.7) | keras.losses.CosineSimilarity(axis=-1)
keras.losses.MeanSquaredError(reduction="sum", name="mine") | keras.losses.get("mae") | keras.losses.KLDivergence() | keras.losses.categorical_crossentropy | keras.losses.Poisson | ["mse"]
""",
    NUMBERS: """
"sparse_categorical_crossentropy" | keras.losses.SparseCategoricalCrossentropy() | keras.losses.SparseCategoricalCrossentropy(from_logits=True) | keras.losses.sparse_categorical_crossentropy
keras.losses.SparseCategoricalCrossentropy(ignore_class=0)
""",
}
METRICS = {
    ONE_HOT: """
["accuracy"] | ["acc"] | ["accuracy", "mae"] | [["accuracy"]] | [["accuracy", "mse"]] | [] | None | ["mse", keras.metrics.MeanAbsoluteError()]
[keras.metrics.F1Score()] | [keras.metrics.F1Score(average="macro", threshold=0.5)] | [keras.metrics.FBetaScore(beta=2.0)] | [keras.metrics.CategoricalAccuracy(name="share")] | [keras.metrics.CategoricalAccuracy]
[keras.metrics.Precision(), keras.metrics.Recall(class_id=1)] | [keras.metrics.AUC(num_thresholds=50)] | [keras.metrics.AUC(multi_label=True, curve="PR", num_labels=3)] | [keras.metrics.TopKCategoricalAccuracy(k=2)]
[keras.metrics.TruePositives(), keras.metrics.FalseNegatives(thresholds=[0.3, 0.6])] | [keras.metrics.PrecisionAtRecall(0.5)] | [keras.metrics.SensitivityAtSpecificity(0.5, num_thresholds=20)] | [keras.losses.mean_squared_error]
[keras.metrics.OneHotMeanIoU(3)] | [keras.metrics.OneHotIoU(3, [0, 1])] | [keras.metrics.BinaryIoU([0], threshold=0.4)] | [keras.metrics.R2Score()] | [keras.metrics.CosineSimilarity()] | [keras.metrics.categorical_accuracy]
[keras.metrics.RootMeanSquaredError(), keras.metrics.LogCoshError()] | [keras.metrics.KLDivergence(), keras.metrics.Poisson()] | [keras.metrics.CategoricalHinge(), keras.metrics.Hinge()] | [keras.metrics.BinaryAccuracy(threshold=0.4)]
[keras.metrics.MeanMetricWrapper(keras.losses.mean_absolute_error, name="mine")] | [keras.metrics.CategoricalCrossentropy(label_smoothing=0.1)] | [keras.metrics.PearsonCorrelation()] | ("accuracy", "mae")
""",
    NUMBERS: """
["sparse_categorical_accuracy"] | [keras.metrics.SparseCategoricalAccuracy()] | [keras.metrics.SparseTopKCategoricalAccuracy(k=2), "accuracy"] | [keras.metrics.SparseCategoricalCrossentropy()] | ["sparse_top_k_categorical_accuracy"]
""",
}  # fmt: skip

SETTINGS = """
loss_weights=[0.5] | weighted_metrics=["mae"] | run_eagerly=True | steps_per_execution=2 | jit_compile=False | metrics=["accuracy"], weighted_metrics=[keras.metrics.MeanSquaredError()]
loss_weights=np.float64(2.0) | auto_scale_loss=False
"""

# Compiled, but neither evaluated nor trained, since for some of these that fails in plain Jupyter, too.
ONLY_PREDICTS = """
'adam', 'mse', metrics=['accuracy', keras.metrics.Mean()] | 'adam', 'mse', metrics=[keras.metrics.Sum(name="all")] | 'adam', 'no_such_loss' | loss=None | 'adam', 'mse', steps_per_execution=4
'adam', lambda y, p: ops.mean((y - p) ** 2) | 'adam', 'mse', metrics=[lambda y, p: ops.mean(y)] | 'adam', {'dense': 'mse'}
"""
PREDICTS = """
model, due = build(), reference()
due.set_weights(model.get_weights())
x = np.ones((3, 4), "float32")
assert model.compiled and type(model.optimizer) is type(due.optimizer) and model.count_params() == 15
np.testing.assert_allclose(model.predict(x, verbose=0), due.predict(x, verbose=0), rtol=1e-5)
"""

SMALL = 'keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])'
OTHERS = {
    "changed after compile": (f"model = {SMALL}\n    model.compile('adam', 'mse')\n    model.optimizer.learning_rate = 0.5", ONE_HOT),
    "already trained": (f"model = {SMALL}\n    model.compile(keras.optimizers.SGD(0.1), 'mse')\n    model.fit(np.ones((4, 4)), np.ones((4, 3)), epochs=2, verbose=0)", ONE_HOT),
    "logits": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n    model.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])", NUMBERS),
    "binary": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation='sigmoid')])\n    model.compile('adam', 'binary_crossentropy', metrics=['accuracy', keras.metrics.AUC()])", BINARY),
    "binary from logits": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n    model.compile('adam', keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)])", BINARY),
    "focal": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation='sigmoid')])\n    model.compile('adam', keras.losses.BinaryFocalCrossentropy(gamma=3.0, apply_class_balancing=True))", BINARY),
    "batch normalization": ("model = keras.Sequential([keras.Input((4,)), layers.BatchNormalization(), layers.Dense(3, activation='softmax')])\n    model.compile('sgd', 'categorical_crossentropy', metrics=['accuracy'])", ONE_HOT),
    "a penalty": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.1), activity_regularizer='l1')])\n    model.compile('sgd', 'mse')", ONE_HOT),
    "a frozen layer": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(5, trainable=False), layers.Dense(3)])\n    model.compile('sgd', 'mse')", ONE_HOT),
    "a constraint": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_constraint='non_neg')])\n    model.compile(keras.optimizers.SGD(1.0), 'mse')", ONE_HOT),
    "mixed precision": ("model = keras.Sequential([keras.Input((4,)), layers.Dense(3, dtype='mixed_float16')])\n    model.compile('sgd', 'mse')", ONE_HOT),
    "two outputs, lists": ("x = keras.Input((4,))\n    model = keras.Model(x, [layers.Dense(3, name='a')(x), layers.Dense(3, name='b')(x)])\n    model.compile('sgd', ['mse', keras.losses.MeanAbsoluteError()], metrics=[['mae'], ['mse', keras.metrics.CosineSimilarity()]], loss_weights=[1.0, 0.5])", f"[{ONE_HOT}] * 2"),
    "two outputs, dicts": ("x = keras.Input((4,))\n    model = keras.Model(x, {'a': layers.Dense(3, name='a')(x), 'b': layers.Dense(3, name='b')(x)})\n    model.compile('sgd', {'a': 'mse', 'b': keras.losses.Huber()}, metrics={'a': ['mae'], 'b': keras.metrics.R2Score()}, loss_weights={'a': 1.0, 'b': 2.0})", f"dict(a={ONE_HOT}, b={ONE_HOT})"),
    "two outputs, one loss": ("x = keras.Input((4,))\n    model = keras.Model(x, [layers.Dense(3)(x), layers.Dense(3)(x)])\n    model.compile('sgd', 'mse', metrics=['mae', 'mse'])", f"[{ONE_HOT}] * 2"),
    "functional": ("x = keras.Input((4,))\n    model = keras.Model(x, layers.Dense(3, activation='softmax')(layers.Dense(5, activation='relu')(x)))\n    model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])", ONE_HOT),
}  # fmt: skip


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", "|").split("|") if word.strip()]


def _case(name: str, body: str, target: str = ONE_HOT, test: str = SAME) -> Case:
    made = f"():\n    {body}\n    return model\n"
    return Case(name, f"def build{made}", f"{SETUP}\ndef reference{made}{test.replace('{target}', target)}")


def _compiled(name: str, how: str, target: str = ONE_HOT) -> Case:
    return _case(name, f"model = {SMALL}\n    model.compile({how})", target)


def cases() -> list[Case]:
    """All of them, each with a name of its own."""
    found = [_compiled(f"optimizer {word}", f"optimizer={word}, loss='mse'") for word in _words(OPTIMIZERS)]
    for target, losses in LOSSES.items():
        found += [_compiled(f"loss {word}", f"'sgd', {word}", target) for word in _words(losses)]
    for target, metrics in METRICS.items():
        loss = "mse" if target == ONE_HOT else "sparse_categorical_crossentropy"
        found += [_compiled(f"metrics {word}", f"'sgd', '{loss}', metrics={word}", target) for word in _words(metrics)]
    found += [_compiled(f"with {word}", f"'sgd', 'mse', {word}") for word in _words(SETTINGS)]
    for word in _words(ONLY_PREDICTS):
        found.append(_case(f"only predicts {word}", f"model = {SMALL}\n    model.compile({word})", test=PREDICTS))
    return found + [_case(name, *other) for name, other in OTHERS.items()]
