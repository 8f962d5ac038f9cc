"""Right answers of lesson 7 in other styles than the solution: `<exercise>__<style>`."""

import keras
import numpy as np
import scipy.special
import tensorflow as tf


def prepare__vectorized_with_reshape(images, labels):
    """expand_dims and multiply."""
    labels = np.asarray(labels).astype("int64")
    if images.shape[0] != labels.shape[0]:
        raise ValueError("as many labels as images are needed")
    return np.expand_dims(np.asarray(images, dtype="float32") * np.float32(1 / 255), axis=3), labels


def prepare__loops_and_list(images, labels):
    """Loops, returned as a list."""
    if len(labels) != len(images):
        raise ValueError
    out = np.zeros((len(images), *images.shape[1:], 1), np.float32)
    for n in range(len(images)):
        out[n, :, :, 0] = images[n] / 255.0
    return [out, np.array([int(label) for label in labels], dtype=np.int32)]


def prepare__tensorflow(images, labels):
    """TensorFlow's tensors all the way."""
    if not len(labels) == len(images):
        raise ValueError("as many labels as images")
    return tf.expand_dims(tf.cast(images, tf.float32) / 255, -1), tf.constant([int(label) for label in labels])


def prepare__picture_by_picture(images, labels):
    """A list of pictures, put together at the end."""
    labels = list(labels)
    if len(labels) > len(images) or len(labels) < len(images):
        raise ValueError(f"{len(labels)} labels for {len(images)} images")
    ready = [np.float32(picture).reshape(*picture.shape, 1) / np.float32(255) for picture in images]
    return np.array(ready), np.array(labels).astype(np.int16)


def flatten__by_size(x):
    """reshape with explicit sizes."""
    n, h, w, c = x.shape
    return np.reshape(x, (n, h * w * c))


def flatten__ravel_each(x):
    """ravel in a loop."""
    return np.stack([picture.ravel() for picture in x])


def flatten__keras(x):
    """Keras' own layer."""
    return keras.layers.Flatten()(x)


def flatten__four_loops(x):
    """Number by number."""
    rows = []
    for picture in x:
        row = []
        for line in picture:
            for pixel in line:
                row.extend(pixel)
        rows.append(row)
    return np.array(rows)


def build_model__functional():
    """The functional style, activations as layers."""
    inputs = x = keras.Input((28, 28, 1))
    for filters, size, times in ((64, (7, 7), 1), (128, (3, 3), 2), (256, (3, 3), 2)):
        for _ in range(times):
            x = keras.layers.Conv2D(filters, size, padding="same", kernel_initializer="he_normal")(x)
            x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPool2D((2, 2), strides=2)(x)
    x = keras.layers.Flatten()(x)
    for units in (128, 64):
        x = keras.layers.Dropout(0.5)(keras.layers.Dense(units, activation="relu")(x))
    outputs = keras.layers.Dense(10, activation=keras.activations.softmax)(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


def build_model__with_add():
    """Sequential, add by add."""
    model = keras.Sequential()
    model.add(keras.layers.InputLayer(shape=(28, 28, 1)))
    for filters, size in ((64, 7), (0, 0), (128, 3), (128, 3), (0, 0), (256, 3), (256, 3), (0, 0)):
        if filters:
            model.add(keras.layers.Conv2D(filters, size, strides=1, padding="same", activation=keras.activations.relu))
        else:
            model.add(keras.layers.MaxPooling2D(pool_size=(2, 2), strides=(2, 2), padding="valid"))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128))
    model.add(keras.layers.Activation("relu"))
    model.add(keras.layers.Dropout(rate=0.5))
    model.add(keras.layers.Dense(64, "relu"))
    model.add(keras.layers.Dropout(rate=0.5))
    model.add(keras.layers.Dense(10))
    model.add(keras.layers.Softmax())
    model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["accuracy"])
    return model


def build_small_model__functional():
    """The functional style."""
    inputs = keras.Input(shape=(28, 28, 1))
    x = inputs
    for filters in (32, 64, 128):
        x = keras.layers.Conv2D(filters, (3, 3), activation="relu", padding="same")(x)
        x = keras.layers.MaxPooling2D((2, 2))(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(128, activation="relu")(x)
    model = keras.Model(inputs=inputs, outputs=keras.layers.Dense(10, activation="softmax")(x))
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_small_model__list():
    """A list with a loss object and a named metric."""
    model = keras.Sequential(
        [keras.Input((28, 28, 1))]
        + [
            layer
            for filters in (32, 64, 128)
            for layer in (
                keras.layers.Conv2D(filters, 3, 1, "same", activation="relu"),
                keras.layers.MaxPooling2D(),
            )
        ]
        + [
            keras.layers.Flatten(),
            keras.layers.Dense(128, "relu"),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=False), metrics=["acc"])
    return model


def count_parameters__match(layers, input_shape):
    """match statement, sizes by numpy."""
    h, w, c = input_shape
    out = []
    for layer in layers:
        count = 0
        match layer["type"]:
            case "conv":
                kh, kw = np.broadcast_to(layer["kernel"], 2)
                count = (kh * kw * c + 1) * layer["filters"]
                c = layer["filters"]
                if layer.get("padding") != "same":
                    h, w = h - kh + 1, w - kw + 1
            case "pool":
                ph, pw = np.broadcast_to(layer["size"], 2)
                h, w = h // ph, w // pw
            case "flatten":
                c, h, w = h * w * c, 1, 1
            case "dense":
                count = (c + 1) * layer["units"]
                c = layer["units"]
            case "dropout":
                pass
            case _:
                raise ValueError("type")
        if h < 1 or w < 1:
            raise ValueError("too large")
        out.append(int(count))
    return out


def count_parameters__keras(layers, input_shape):
    """Builds the network and asks Keras."""
    made = []
    model = keras.Sequential([keras.Input(tuple(input_shape))])
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            kernel = layer["kernel"] if isinstance(layer["kernel"], int) else tuple(layer["kernel"])
            made.append(keras.layers.Conv2D(layer["filters"], kernel, padding=layer.get("padding", "valid")))
        elif kind == "pool":
            made.append(keras.layers.MaxPooling2D(layer["size"]))
        elif kind == "flatten":
            made.append(keras.layers.Flatten())
        elif kind == "dropout":
            made.append(keras.layers.Dropout(layer["rate"]))
        elif kind == "dense":
            made.append(keras.layers.Dense(layer["units"]))
        else:
            raise ValueError(f"no such layer: {kind}")
        model.add(made[-1])
        if 0 in model.output_shape[1:]:
            raise ValueError("nothing is left")
    return [layer.count_params() for layer in made]


def count_parameters__recursive(layers, input_shape):
    """The first layer, then the rest with the shape behind it."""
    if not layers:
        return []
    (layer, *rest), shape, count = layers, tuple(input_shape), 0
    window = layer.get("kernel", layer.get("size", 1))
    if isinstance(window, int):
        window = [window, window]
    if layer["type"] in ("conv", "pool"):
        (h, w, c), (down, right) = shape, window
        if layer.get("padding") != "same" and (down > h or right > w):
            raise ValueError("this does not fit")
        if layer["type"] == "pool":
            shape = (h // down, w // right, c)
        else:
            count = layer["filters"] * (1 + down * right * c)
            shape = (
                (h, w, layer["filters"])
                if layer.get("padding") == "same"
                else (h - down + 1, w - right + 1, layer["filters"])
            )
    elif layer["type"] == "flatten":
        shape = (np.prod(shape),)
    elif layer["type"] == "dense":
        count, shape = layer["units"] * (1 + shape[0]), (layer["units"],)
    elif layer["type"] != "dropout":
        raise ValueError(layer["type"])
    return [count, *count_parameters(rest, shape)]


def softmax__rows_in_a_loop(logits):
    """Row by row, float64."""
    flat = np.asarray(logits, dtype=float).reshape(-1, np.shape(logits)[-1])
    rows = [np.exp(row - max(row)) / sum(np.exp(row - max(row))) for row in flat]
    return np.array(rows).reshape(np.shape(logits))


def softmax__float32_log_sum(logits):
    """exp of the log-softmax, in float32."""
    z = np.asarray(logits, dtype=np.float32)
    z = z - z.max(-1, keepdims=True)
    return np.exp(z - np.log(np.exp(z).sum(-1, keepdims=True)))


def softmax__keras(logits):
    """Keras' own, from a tensor."""
    return keras.ops.softmax(keras.ops.convert_to_tensor(logits, dtype="float32"), axis=-1)


def softmax__scipy(logits):
    """SciPy's."""
    return scipy.special.softmax(logits, axis=-1)


def numpy_predict__sum_over_kernel_places(weights, image):
    """Adds nine shifted products per convolution; float64."""
    x = np.asarray(image, dtype=float)
    for n in (0, 2, 4):
        kernel, bias = weights[n], weights[n + 1]
        h, w = x.shape[:2]
        padded = np.zeros((h + 2, w + 2, x.shape[2]))
        padded[1:-1, 1:-1] = x
        z = np.zeros((h, w, len(bias))) + bias
        for u in range(3):
            for v in range(3):
                z += padded[u : u + h, v : v + w] @ kernel[u, v]
        z[z < 0] = 0
        x = np.maximum.reduce(
            [z[i : h - 1 + i : 2, j : w - 1 + j : 2][: h // 2, : w // 2] for i in (0, 1) for j in (0, 1)]
        )
    hidden = np.clip(np.dot(x.flatten(), weights[6]) + weights[7], 0, None)
    z = np.dot(hidden, weights[8]) + weights[9]
    p = np.exp(z - np.max(z))
    return p / np.sum(p)


def numpy_predict__position_by_position(weights, image):
    """Loops over positions, float32."""

    def conv(x, kernel, bias):
        out = np.zeros((x.shape[0], x.shape[1], kernel.shape[3]), dtype=np.float32)
        padded = np.pad(x, [(1, 1), (1, 1), (0, 0)])
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = np.tensordot(padded[i : i + 3, j : j + 3], kernel, axes=3) + bias
        return out * (out > 0)

    def pool(x):
        out = np.zeros((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]), dtype=x.dtype)
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(0, 1))
        return out

    x = image.astype(np.float32)
    for kernel, bias in ((weights[0], weights[1]), (weights[2], weights[3]), (weights[4], weights[5])):
        x = pool(conv(x, kernel, bias))
    x = np.maximum(0, weights[6].T @ x.ravel() + weights[7])
    z = (weights[8].T @ x + weights[9]).astype(np.float64)
    z -= z.max()
    return np.exp(z) / np.exp(z).sum()


def numpy_predict__keras_inside(weights, image):
    """Keras' operations."""
    x = keras.ops.convert_to_tensor(image[None], "float32")
    for kernel, bias in (weights[:2], weights[2:4], weights[4:6]):
        x = keras.ops.max_pool(keras.ops.relu(keras.ops.conv(x, kernel, padding="same") + bias), 2)
    x = keras.ops.relu(keras.ops.reshape(x, (1, -1)) @ weights[6] + weights[7])
    return keras.ops.softmax(x @ weights[8] + weights[9])[0]


def confusion_matrix__add_at(y_true, y_pred, classes):
    """np.add.at."""
    y_true, y_pred = np.asarray(y_true, dtype=int), np.asarray(y_pred, dtype=int)
    if y_true.shape != y_pred.shape:
        raise ValueError("lengths")
    both = np.concatenate([y_true, y_pred])
    if both.size and (both.min() < 0 or both.max() >= classes):
        raise ValueError("class number")
    matrix = np.zeros((classes, classes), dtype=np.int32)
    np.add.at(matrix, (y_true, y_pred), 1)
    return matrix


def confusion_matrix__bincount(y_true, y_pred, classes):
    """bincount of combined numbers."""
    pairs = list(zip(y_true, y_pred, strict=True))
    if any(c not in range(classes) for pair in pairs for c in pair):
        raise ValueError("class number")
    codes = [int(t) * classes + int(p) for t, p in pairs]
    return np.bincount(np.array(codes, dtype=int), minlength=classes * classes).reshape(classes, classes)


def confusion_matrix__comprehension(y_true, y_pred, classes):
    """Counts each pair of classes in a list of pairs."""
    pairs = [(int(t), int(p)) for t, p in zip(y_true, y_pred, strict=True)]
    if {number for pair in pairs for number in pair} - set(range(classes)):
        raise ValueError("no such class")
    return np.array([[pairs.count((row, col)) for col in range(classes)] for row in range(classes)])
