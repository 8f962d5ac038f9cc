"""Models with every kind of layer, each compared with the instructor's model built by the same code."""

from both_ways import SETUP, Case

# What is compared of two models: weights, outputs and settings, without the numbered names that Keras assigns.
COMPARE = """
LEFT_OUT = "name shared_object_id build_config keras_history input_layers output_layers registered_name vocabulary".split()

def settings(value):
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value["config"]
    if isinstance(value, dict):
        return {key: settings(item) for key, item in value.items() if key not in LEFT_OUT}
    if isinstance(value, (list, tuple)):
        return [settings(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    # TensorFlow's functions have different names.
    value = {"softmax_v2": "softmax", "swish": "silu"}.get(value, value) if isinstance(value, str) else value
    return value if isinstance(value, (int, float, type(None))) else str(value)

def one(tensor):
    shape = [2, *(5 if size is None else size for size in tensor.shape[1:])]
    if tensor.dtype == "string":
        return tf.constant(np.full(shape, "a word").tolist())
    rng = np.random.default_rng(0)
    return rng.integers(0, 4, shape) if "int" in tensor.dtype else rng.random(shape).astype("float32")

def same(model, due):
    assert isinstance(model, keras.Model) and type(model).__name__ == type(due).__name__
    assert [type(layer).__name__ for layer in model.layers] == [type(layer).__name__ for layer in due.layers]
    assert model.count_params() == due.count_params() and len(model.trainable_weights) == len(due.trainable_weights)
    for layer, other in zip(model.layers, due.layers):
        assert settings(layer.get_config()) == settings(other.get_config()), (layer.get_config(), other.get_config())
        assert layer.trainable == other.trainable
    assert [w.shape for w in model.get_weights()] == [w.shape for w in due.get_weights()]
    due.set_weights(model.get_weights())
    struct = due._inputs_struct if hasattr(due, "_inputs_struct") else due.inputs[0]
    x = keras.tree.map_structure(one, struct)
    got_all, due_all = model(x, training=False), due(x, training=False)
    keras.tree.assert_same_structure(got_all, due_all)
    for got, expected in zip(keras.tree.flatten(got_all), keras.tree.flatten(due_all)):
        assert got.shape == expected.shape and got.dtype == expected.dtype
        if got.dtype != "string":
            np.testing.assert_allclose(np.asarray(got, "float64"), np.asarray(expected, "float64"), rtol=1e-3, atol=1e-5)
"""

LINE, IMAGE, CUBE = "(9, 4)", "(8, 8, 3)", "(6, 6, 6, 2)"
WORDS = '"string"'

# name: layers of a keras.Sequential, and its input.
STACKS = {
    "Conv1D causal": ('layers.Conv1D(3, 2, padding="causal", activation="relu")', LINE),
    "Conv1DTranspose": ("layers.Conv1DTranspose(3, 2, strides=2)", LINE),
    "SeparableConv1D": ("layers.SeparableConv1D(3, 2)", LINE),
    "DepthwiseConv1D": ("layers.DepthwiseConv1D(2, depth_multiplier=2)", LINE),
    "Conv2D": ('layers.Conv2D(3, (3, 2), strides=(2, 1), padding="same", activation="gelu")', IMAGE),
    "Conv2D dilated": ("layers.Conv2D(3, 2, dilation_rate=2, use_bias=False)", IMAGE),
    "Conv2D groups": ("layers.Conv2D(6, 3, groups=3)", IMAGE),
    "Conv2D positional": ('layers.Conv2D(3, 3, 1, "same", "channels_last", 1, 1, "relu")', IMAGE),
    "Conv2D regularized": ('layers.Conv2D(3, 3, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1L2(0.1, 0.2), activity_regularizer=keras.regularizers.L1(0.1))', IMAGE),
    "Conv2D constrained": ("layers.Conv2D(3, 3, kernel_constraint=keras.constraints.MaxNorm(2), bias_constraint=keras.constraints.NonNeg())", IMAGE),
    "Conv2D frozen": ("layers.Conv2D(3, 3, trainable=False)", IMAGE),
    "Conv2D named": ('layers.Conv2D(3, 3, name="first_conv")', IMAGE),
    "Conv2D NumPy numbers": ("layers.Conv2D(np.int64(8), (np.int32(3), np.int64(3)), strides=(np.int64(2), 1))", IMAGE),
    "Conv2DTranspose": ('layers.Conv2DTranspose(3, 3, strides=2, padding="same")', IMAGE),
    "SeparableConv2D": ("layers.SeparableConv2D(3, 2, depth_multiplier=2)", IMAGE),
    "DepthwiseConv2D": ("layers.DepthwiseConv2D(2)", IMAGE),
    "Conv3D": ("layers.Conv3D(3, 2)", CUBE),
    "Conv3DTranspose": ("layers.Conv3DTranspose(2, 2)", CUBE),
    **{
        f"{kind}{rank}D": (f"layers.{kind}{rank}D({given})", shape)
        for rank, shape in ((1, LINE), (2, IMAGE), (3, CUBE))
        for kind, given in {
            "MaxPooling": "2", "AveragePooling": "2", "GlobalAveragePooling": "", "GlobalMaxPooling": "keepdims=True", "SpatialDropout": "0.3",
            "Cropping": "1", "UpSampling": "2", "ZeroPadding": "1", "AdaptiveAveragePooling": "2", "AdaptiveMaxPooling": "2",
        }.items()
    },
    "MaxPool2D": ('layers.MaxPool2D((2, 2), strides=1, padding="same")', IMAGE),
    **{
        kind: (f"layers.{kind}()", IMAGE)
        for kind in "ELU LeakyReLU PReLU ReLU Softmax Flatten Identity BatchNormalization LayerNormalization RMSNormalization UnitNormalization".split()
    },
    "ReLU with a roof": ("layers.ReLU(max_value=6.0, negative_slope=0.1, threshold=0.5)", IMAGE),
    "Softmax on an axis": ("layers.Softmax(axis=1)", IMAGE),
    "PReLU shared": ("layers.PReLU(shared_axes=[1, 2])", IMAGE),
    "BatchNormalization set": ("layers.BatchNormalization(axis=1, momentum=0.9, epsilon=1e-2, center=False)", IMAGE),
    "GroupNormalization": ("layers.GroupNormalization(3)", IMAGE),
    "SpectralNormalization": ("layers.SpectralNormalization(layers.Conv2D(2, 2))", IMAGE),
    **{
        kind: (f"layers.{kind}(np.float64(0.5), seed=3)", IMAGE)
        for kind in "Dropout AlphaDropout GaussianDropout GaussianNoise".split()
    },
    "Dropout of a NumPy number": ("layers.Dropout(np.float32(0.25))", IMAGE),
    "Dropout of a shape": ("layers.Dropout(0.25, noise_shape=(None, 1, 1, 3))", IMAGE),
    "ActivityRegularization": ("layers.ActivityRegularization(l1=0.1)", IMAGE),
    "Permute": ("layers.Permute((2, 1))", LINE),
    "RepeatVector": ("layers.RepeatVector(3)", "(4,)"),
    "Reshape": ("layers.Reshape((-1, 6))", IMAGE),
    "Reshape NumPy": ("layers.Reshape(np.array([4, 9]))", LINE),
    "Embedding and LSTM": ("layers.Embedding(20, 3, mask_zero=True), layers.LSTM(3)", "(5,)"),
    "Embedding set": ('layers.Embedding(20, 3, embeddings_initializer="ones"), layers.GlobalAveragePooling1D()', "(5,)"),
    "Masking and GRU": ("layers.Masking(), layers.GRU(2)", LINE),
    "EinsumDense": ('layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d")', LINE),
    **{kind: (f"layers.{kind}(3, return_sequences=True, dropout=0.1, recurrent_dropout=0.1)", LINE) for kind in ("LSTM", "GRU", "SimpleRNN")},
    **{f"Bidirectional {kind}": (f"layers.Bidirectional(layers.{kind}(3), merge_mode='sum')", LINE) for kind in ("LSTM", "GRU", "SimpleRNN")},
    "Bidirectional of two": ("layers.Bidirectional(layers.LSTM(2), backward_layer=layers.GRU(2, go_backwards=True))", LINE),
    "RNN of cells": ("layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])", LINE),
    "RNN of a cell": ("layers.RNN(layers.SimpleRNNCell(2), return_sequences=True)", LINE),
    "stacked LSTMs": ("layers.LSTM(3, return_sequences=True), layers.LSTM(2)", LINE),
    "ConvLSTM1D": ("layers.ConvLSTM1D(2, 2)", "(3, 5, 2)"),
    "ConvLSTM2D": ("layers.ConvLSTM2D(2, 2, return_sequences=True)", "(3, 5, 5, 2)"),
    "TimeDistributed": ("layers.TimeDistributed(layers.Dense(3, activation='tanh'))", LINE),
    "TimeDistributed model": ("layers.TimeDistributed(keras.Sequential([layers.Conv1D(2, 2), layers.Flatten()]))", IMAGE),
    **{
        f"augmented by {kind}": (f"layers.{kind}({given})", IMAGE)
        for kind, given in {
            "CenterCrop": "4, 4", "Resizing": "4, 5", "RandomCrop": "4, 4, seed=1", "RandomFlip": '"horizontal"', "RandomBrightness": "0.1", "RandomContrast": "0.1",
            "RandomRotation": "0.1", "RandomTranslation": "0.1, 0.1", "RandomZoom": "0.1", "Rescaling": "1 / 255, offset=-1", "RandomShear": "0.1, (0.1, 0.2)",
            "RandomHue": "0.1", "RandomSaturation": "0.1", "RandomSharpness": "0.1", "RandomPosterization": "4", "RandomErasing": "", "RandomGaussianBlur": "",
            "RandomPerspective": "", "RandomColorJitter": "", "RandomColorDegeneration": "0.1", "RandomElasticTransform": "", "RandomGrayscale": "",
            "RandomInvert": "", "AutoContrast": "", "Solarization": "", "RandAugment": "",
        }.items()
    },
    "Pipeline": ("layers.Pipeline([layers.RandomFlip(), layers.Rescaling(0.1)])", IMAGE),
    "CategoryEncoding": ("layers.CategoryEncoding(4)", '(3,), dtype="int32"'),
    "Discretization": ("layers.Discretization([0.2, 0.5])", "(3,)"),
    "Hashing": ("layers.Hashing(4)", '(3,), dtype="int64"'),
    "Normalization": ("layers.Normalization(mean=1.0, variance=2.0)", "(3,)"),
    "Normalization of arrays": ("layers.Normalization(mean=np.array([1.0, 2.0, 3.0]), variance=[1.0, 1.0, 4.0])", "(3,)"),
    "StringLookup": ('layers.StringLookup(vocabulary=["a word", "b"])', f"(1,), dtype={WORDS}"),
    "IntegerLookup": ("layers.IntegerLookup(vocabulary=[1, 3])", '(2,), dtype="int64"'),
    "TextVectorization": ('layers.TextVectorization(vocabulary=["word", "a"], output_sequence_length=4)', f"(1,), dtype={WORDS}"),
    "MelSpectrogram": ("layers.MelSpectrogram(num_mel_bins=4, sampling_rate=8000, fft_length=64, sequence_stride=16)", "(256,)"),
    "STFTSpectrogram": ("layers.STFTSpectrogram(fft_length=32, frame_length=32, frame_step=16)", "(256, 1)"),
    "dtype bfloat16": ('layers.Dense(3, dtype="bfloat16")', "(4,)"),
    "dtype float64": ('layers.Dense(3, dtype="float64")', "(4,)"),
    "mixed precision": ('layers.Dense(3, dtype="mixed_float16"), layers.Dense(2, dtype=keras.DTypePolicy("float32"))', "(4,)"),
}  # fmt: skip

ACTIVATIONS = """
"relu" | "leaky_relu" | "softmax" | "swish" | "hard_silu" | "log_softmax" | "mish" | None | "linear" | keras.activations.relu | keras.activations.gelu
keras.activations.hard_tanh | ops.relu | ops.gelu | ops.softmax | ops.sin | ops.square | tf.nn.relu | tf.nn.softmax | tf.nn.tanh | tf.nn.gelu | tf.nn.leaky_relu | tf.nn.swish
tf.sin | tf.tanh | tf.math.sigmoid | layers.ReLU() | layers.ReLU(6.0) | layers.LeakyReLU(0.3) | layers.Softmax() | layers.Activation("relu") | layers.ELU(0.5)
""".replace("\n", "|")
INITIALIZERS = """
"zeros" | "he_normal" | "orthogonal" | "LecunUniform" | keras.initializers.Constant(0.3) | keras.initializers.RandomNormal(stddev=0.1, seed=2)
keras.initializers.VarianceScaling(2.0, "fan_out") | keras.initializers.TruncatedNormal() | keras.initializers.IdentityInitializer(0.5) | keras.initializers.HeUniform
keras.initializers.Constant(np.ones((4, 4))) | keras.initializers.RandomUniform(-0.1, 0.1) | keras.initializers.GlorotNormal(seed=4)
""".replace("\n", "|")

MERGES = "Add Average Concatenate Maximum Minimum Multiply Subtract Attention AdditiveAttention".split()

# Bodies of functions that build a model.
GRAPHS = {
    **{
        f"merged by {kind}": f"x = keras.Input({LINE})\n    y = layers.Dense(4)(x)\n    return keras.Model(x, layers.{kind}()([x, y]))"
        for kind in MERGES
    },
    **{
        f"merged by the function {name}": f"x = keras.Input((4,))\n    y = layers.Dense(4)(x)\n    return keras.Model(x, layers.{name}([x, y]))"
        for name in ("add", "concatenate", "maximum", "multiply")
    },
    "Dot": f"x = keras.Input({LINE})\n    return keras.Model(x, layers.Dot(axes=1, normalize=True)([x, layers.Dense(4)(x)]))",
    "attention to itself": f"x = keras.Input({LINE})\n    return keras.Model(x, layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True))",
    "grouped attention": f"x = keras.Input({LINE})\n    return keras.Model(x, layers.GroupQueryAttention(3, 4, 2)(x, x))",
    "attention's scores": f"x = keras.Input({LINE})\n    y, scores = layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)\n    return keras.Model(x, [y, scores])",
    "a shared layer": "a, b, d = keras.Input((4,)), keras.Input((4,)), layers.Dense(3)\n    return keras.Model([a, b], layers.Subtract()([d(a), d(b)]))",
    "a layer three times": "x, d = keras.Input((4,)), layers.Dense(4, activation='relu')\n    return keras.Model(x, d(d(d(x))))",
    "a layer shared with a wrapper": f"x, d = keras.Input({LINE}), layers.Dense(4)\n    return keras.Model(x, [d(x), layers.TimeDistributed(d)(x)])",
    "an activation shared": "x, r = keras.Input((4,)), layers.ReLU()\n    return keras.Model(x, layers.Dense(3, activation=r)(layers.Dense(3, activation=r)(x)))",
    "dicts in and out": "a, b = keras.Input((4,), name='a'), keras.Input((4,), name='b')\n    return keras.Model({'a': a, 'b': b}, {'x': layers.Dense(2)(a), 'y': layers.Dense(1)(layers.add([a, b]))})",
    "nested inputs": "a, b = keras.Input((4,)), keras.Input((4,))\n    return keras.Model((a, [b]), (layers.Dense(2)(a), [layers.Dense(1)(b)]))",
    "several outputs": "x = keras.Input((4,))\n    y = layers.Dense(3)(x)\n    return keras.Model(x, [y, layers.Dense(2)(y), x])",
    "LSTM with state": f"x = keras.Input({LINE})\n    y, h, c = layers.LSTM(3, return_state=True, return_sequences=True)(x)\n    z = layers.LSTM(3)(y, initial_state=[h, c])\n    return keras.Model(x, z)",
    "a Sequential inside": "base = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation='relu')], name='base')\n    x = keras.Input((4,))\n    return keras.Model(x, layers.Dense(2)(base(x)))",
    "models in models": "i = keras.Input((4,))\n    inner = keras.Model(i, layers.Dense(4)(i), name='inner')\n    x = keras.Input((4,))\n    return keras.Model(x, keras.Sequential([layers.Dense(2)])(inner(inner(x))))",
    "seven models deep": "model = keras.Sequential([keras.Input((4,)), layers.Dense(4)])\n    for _ in range(6):\n        model = keras.Sequential([keras.Input((4,)), model, layers.Dense(4)])\n    return model",
    "residual blocks": "x = y = keras.Input((8, 8, 3))\n    for _ in range(3):\n        z = layers.Conv2D(3, 3, padding='same', use_bias=False)(y)\n        z = layers.Activation('relu')(layers.BatchNormalization()(z))\n        y = layers.Add()([y, z])\n    return keras.Model(x, layers.Dense(3, activation='softmax')(layers.GlobalAveragePooling2D()(y)))",
    "an inception block": "x = keras.Input((8, 8, 3))\n    paths = [layers.Conv2D(2, n, padding='same', activation='relu')(x) for n in (1, 3, 5)] + [layers.MaxPooling2D(3, 1, 'same')(x)]\n    return keras.Model(inputs=x, outputs=layers.Concatenate(axis=-1)(paths))",
    "arithmetic of tensors": "x = keras.Input((4,))\n    y = layers.Dense(4)(x)\n    return keras.Model(x, (x * 2 + y / 3 - 1) * np.ones(4, 'float32'))",
    "keras.ops": "x = keras.Input((4,))\n    y = ops.concatenate([ops.sin(x), x[:, 1:3]], axis=-1)\n    return keras.Model(x, ops.where(y > 0, y, 0.1 * y))",
    "a constant tensor": "x = keras.Input((4,))\n    return keras.Model(x, ops.matmul(x, tf.ones((4, 2))) + ops.mean(x, axis=1, keepdims=True))",
    "ops of every shape": "x = keras.Input((4, 6))\n    y = ops.reshape(ops.transpose(x, (0, 2, 1)), (-1, 24))\n    return keras.Model(x, [ops.relu(y), ops.max(x, axis=-1), ops.expand_dims(x, 1), ops.einsum('abc->ab', x), ops.stack([x, x])])",
    "frozen below": "base = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])\n    base.trainable = False\n    x = keras.Input((4,))\n    return keras.Model(x, layers.Dense(2)(base(x, training=False)))",
    "frozen as a whole": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n    model.trainable = False\n    return model",
    "frozen by index": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])\n    model.layers[0].trainable = False\n    return model",
    "cut from a model": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])\n    return keras.Model(model.inputs, model.layers[0].output)",
    "a hundred layers": "return keras.Sequential([keras.Input((4,)), *(layers.Dense(4) for _ in range(100))])",
    "a clone": "return keras.models.clone_model(keras.Sequential([keras.Input((4,)), layers.Dense(3)]))",
    "pop and add": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])\n    model.pop()\n    model.add(layers.Dense(5))\n    return model",
    "InputLayer": "return keras.Sequential([layers.InputLayer(shape=(4,)), layers.Dense(3)])",
    "input_shape of old": "return keras.Sequential([layers.Dense(3, input_shape=(4,))])",
    "a batch of fixed size": "return keras.Sequential([keras.Input(batch_shape=(2, 4)), layers.Dense(3)])",
    "any size of picture": "return keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()])",
    "built by a call": "model = keras.Sequential([layers.Dense(3), layers.Dense(2)])\n    model(np.ones((2, 4)))\n    return model",
    "built by build": "model = keras.Sequential([layers.Dense(3), layers.Dense(2)])\n    model.build((None, 4))\n    return model",
    "an application": "return keras.applications.MobileNetV2((32, 32, 3), weights=None, classes=3, alpha=0.35)",
    "words learned": "words = layers.TextVectorization(output_sequence_length=4)\n    words.adapt(['a word', 'one word more'])\n    return keras.Sequential([keras.Input((1,), dtype='string'), words, layers.Embedding(10, 2)])",
    "numbers learned": "norm = layers.Normalization()\n    norm.adapt(np.arange(12.0).reshape(4, 3))\n    return keras.Sequential([keras.Input((3,)), norm, layers.Dense(1)])",
    "bins learned": "bins = layers.Discretization(num_bins=3)\n    bins.adapt(np.arange(90.0).reshape(90, 1) / 90)\n    return keras.Sequential([keras.Input((3,)), bins])",
    "from a configuration": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n    return keras.Sequential.from_config(model.get_config())",
    "quantized": "model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n    model.quantize('int8')\n    return model",
}  # fmt: skip


def _case(name: str, body: str) -> Case:
    test = f"{SETUP}{COMPARE}\ndef reference():\n    {body}\n\nsame(build(), reference())\n"
    return Case(name, f"def build():\n    {body}\n", test)


def _stack(parts: str, given: str) -> str:
    return f"return keras.Sequential([keras.Input({given}), {parts}])"


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split("|") if word.strip()]


def cases() -> list[Case]:
    """All of them, each with a name of its own."""
    found = [_case(name, _stack(*stack)) for name, stack in STACKS.items()]
    for word in _words(ACTIVATIONS):
        found.append(_case(f"activation {word}", _stack(f"layers.Dense(3, activation={word})", "(4,)")))
    for word in _words(ACTIVATIONS)[::4]:
        if word != "None":
            found.append(_case(f"Activation({word})", _stack(f"layers.Dense(3), layers.Activation({word})", "(4,)")))
    for word in _words(INITIALIZERS):
        found.append(_case(f"initializer {word}", _stack(f"layers.Dense(4, kernel_initializer={word})", "(4,)")))
    return found + [_case(name, body) for name, body in GRAPHS.items()]
