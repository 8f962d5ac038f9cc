"""Decodes forged descriptions of Keras models: nothing is imported, called, read or allocated for them.

A description that Keras' own serialization never produces is a breach of the protocol (MalformedFrame). One that is
well formed, but describes no valid model or does not fit the weights that were sent, is refused for this one test
(RefusedValue).
"""

import resource

import msgpack
import numpy as np
import pytest

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire import FrameLimits
from autograder.sandbox.wire.codec import MODEL_DEPTH, _Encoder, decode, encode
from autograder.sandbox.wire.keras_models import describe_model
from convlab.quiet import keras

pytestmark = pytest.mark.slow

L = keras.layers
LIMITS = FrameLimits()


def node(name, module="keras.layers", **config):
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def function(name, module="keras.activations"):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def plain():
    model = keras.Sequential(
        [keras.Input((4, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Flatten(), L.Dense(2, name="dense")]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


def graph():
    inputs = keras.Input((4,), name="in")
    return keras.Model(inputs, L.Dense(2, name="dense")(keras.ops.sin(inputs) * 2))


def frame(description):
    body = []
    tree = _Encoder(LIMITS, body, None).tree(description, 1 - MODEL_DEPTH)
    return msgpack.packb(["m", tree]), b"".join(body)


def forged(change, build=plain):
    description = describe_model(build())
    changed = change(description)
    return frame(description if changed is None or type(changed) is not dict else changed)


def layers(description):
    return description["config"]["config"]["layers"]


def with_layer(layer):
    """The description of a model with this layer added at the end."""
    return lambda d: layers(d).append(layer)


def argument(place, **arguments):
    return lambda d: layers(d)[place]["config"].update(arguments)


def compiled(**said):
    return lambda d: d["compiled"].update(said)


def nested(levels):
    layer = node("Dense", units=1)
    for _ in range(levels):
        layer = node("TimeDistributed", layer=layer)
    return layer


# With its `build_config`, this layer would be built, and its weights allocated, at once.
HUGE = node("Embedding", input_dim=10**9, output_dim=10**6) | {"build_config": {"input_shape": [None, 4]}}

BREACHES = {
    "a Lambda": with_layer(node("Lambda", function={"class_name": "__lambda__", "config": {"value": "AAAA"}})),
    "a lambda's code": argument(1, activation={"class_name": "__lambda__", "config": {"value": "AAAA"}}),
    "a class of another module": with_layer(node("Popen", "subprocess", args="touch /tmp/breach")),
    "a class of Keras' that is no part of a model": with_layer(node("TFSMLayer", filepath="/etc")),
    "a pickled module": with_layer(node("TorchModuleWrapper", module="gASV")),
    "a function of another module": argument(1, activation=function("system", "os")),
    "a function of Keras' that reads files": argument(1, activation=function("get_file", "keras.utils")),
    "a function that deserializes": argument(1, activation=function("deserialize")),
    "a method of a module": argument(1, activation=function("system", "keras.os")),
    "a private module of Keras'": with_layer(node("Layer", "keras.src.layers.layer")),
    "a name of a registry": lambda d: layers(d)[1].update(registered_name="Custom>Dense"),
    "an old form without a module": lambda d: layers(d)[1].pop("module"),
    "how a part is compiled": lambda d: layers(d)[1].update(compile_config={"optimizer": "adam"}),
    "a type specification": argument(1, name={"class_name": "__typespec__", "config": [], "spec_name": "x"}),
    "words from a file": with_layer(node("StringLookup", vocabulary="/etc/passwd")),
    "words of a text from a file": with_layer(node("TextVectorization", vocabulary="/etc/passwd")),
    "weights of words from a file": with_layer(node("StringLookup", vocabulary=["a"], idf_weights="/etc/passwd")),
    "a huge input": argument(0, batch_shape=[None, 10**6, 10**6, 3]),
    "a huge shape": with_layer(node("Reshape", target_shape=[10**9, 10**9])),
    "a long text": argument(1, name="x" * 100_000),
    "a key that is no text": lambda d: layers(d)[1]["config"].update({7: 1}),
    "an array in the place of a number": argument(1, filters=np.ones(3)),
    "a list in the place of a model": lambda d: d.update(config=[node("Dense", units=1)]),
    "a text in the place of a model": lambda d: d.update(config="Dense"),
    "another part": lambda d: d.update(more=1),
    "weights that are no arrays": lambda d: d.update(state=[["kernel", [1.0]]]),
    "thousands of layers": lambda d: layers(d).extend([node("Flatten")] * 5_000),
    "a metric with a huge table": compiled(metrics=[node("AUC", "keras.metrics", num_thresholds=10**9)]),
    "a metric of many classes": compiled(metrics=[node("MeanIoU", "keras.metrics", num_classes=10**6)]),
    "an optimizer of another module": compiled(optimizer=node("system", "os")),
    "a loss that is code": compiled(loss={"class_name": "__lambda__", "config": {"value": "AAAA"}}),
    "a huge layer among an optimizer's arguments": compiled(
        optimizer=node("Adam", "keras.optimizers", learning_rate=HUGE)
    ),
    "a huge layer in the place of an optimizer": compiled(optimizer=HUGE),
    "a huge layer among the settings": compiled(loss_weights=[HUGE]),
    "a huge layer in an optimizer alone": lambda d: d.update(
        config=node("Adam", "keras.optimizers", learning_rate=HUGE), state=[]
    ),
    "another setting of compile": compiled(auto_scale_loss=True),
    "a history that is none": lambda d: {"history": 1, "epoch": [], "params": {}},
}
GRAPH_BREACHES = {
    "an input that is a text": lambda d: layers(d)[1]["inbound_nodes"].append("in"),
    "an input of an old form": lambda d: layers(d)[1]["inbound_nodes"].append([["in", 0, 0]]),
    "a tensor without a source": lambda d: layers(d)[1]["inbound_nodes"][0]["args"][0]["config"].update(
        keras_history=None
    ),
    "a huge constant's shape": lambda d: layers(d)[1]["inbound_nodes"][0]["args"][0]["config"].update(
        shape=[10**5, 10**5]
    ),
    "an operation that calls a function": lambda d: layers(d).append(
        node("Map", "keras.src.ops.core") | {"name": "m", "inbound_nodes": []}
    ),
}
REFUSED = {
    "more filters than weights": argument(1, filters=10**9),
    "a huge kernel": argument(1, kernel_size=[10**6, 10**6]),
    "a huge layer whose weights are not there": with_layer(node("Dense", units=10**12)),
    "a huge table whose weights are not there": with_layer(node("Embedding", input_dim=10**12, output_dim=10**6)),
    "a huge output": with_layer(node("ZeroPadding1D", padding=10**9)),
    "a huge repetition": with_layer(node("RepeatVector", n=10**9)),
    "weights of another shape": lambda d: d["state"][0].__setitem__(1, np.zeros((2, 2, 2, 4), "float32")),
    "weights of another name": lambda d: d["state"][0].__setitem__(0, "bias"),
    "weights that are missing": lambda d: d["state"].pop(),
    "weights to spare": lambda d: d["state"].append(["kernel", np.zeros(3)]),
    "an argument that no layer has": argument(1, command="touch /tmp/breach"),
    "an activation of no name": argument(1, activation="os.system"),
    "an optimizer of no name": compiled(optimizer="os.system"),
    "nesting beyond the depth": with_layer(nested(6)),
    "a layer that is a loss": with_layer(node("MeanSquaredError", "keras.losses")),
    "a huge layer among the losses": compiled(loss=HUGE),
    "a huge layer in a wrapper": with_layer(node("TimeDistributed", layer=HUGE)),
    "a metric whose table is huge": compiled(metrics=[node("MeanIoU", "keras.metrics", num_classes=99_999)]),
}
GRAPH_REFUSED = {
    "an input that is not there": lambda d: layers(d)[1]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["none", 0, 0]),
    "an input that is never made": lambda d: layers(d)[1]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["in", 99, 0]),
    "a circle": lambda d: layers(d)[1]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["dense", 0, 0]),
    "a weight for another graph": lambda d: layers(d)[-1]["config"].update(units=10**9),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def memory():
    """Check that all of them together take hardly any memory."""
    with pytest.raises(RefusedValue):
        decode(*forged(lambda d: d["state"].pop()), LIMITS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 200 * 1024


@pytest.mark.parametrize("name", [*BREACHES, *GRAPH_BREACHES])
def test_a_forged_description_is_a_breach_of_the_protocol(name):
    change, build = (BREACHES[name], plain) if name in BREACHES else (GRAPH_BREACHES[name], graph)
    with pytest.raises(MalformedFrame):
        decode(*forged(change, build), LIMITS)


@pytest.mark.parametrize("name", [*REFUSED, *GRAPH_REFUSED])
def test_a_description_of_no_model_is_refused(name):
    change, build = (REFUSED[name], plain) if name in REFUSED else (GRAPH_REFUSED[name], graph)
    with pytest.raises(RefusedValue, match=r"cannot be rebuilt for the tests|do not fit|arrays of weights|too large"):
        decode(*forged(change, build), LIMITS)


def test_a_model_in_the_description_of_a_model_is_a_breach():
    """Each nested description would get the full depth again."""
    head, body = encode(plain(), LIMITS)
    inner = msgpack.unpackb(head)
    with pytest.raises(MalformedFrame):
        decode(msgpack.packb(["m", ["l", inner]]), body, LIMITS)


def test_after_all_of_them_an_honest_model_crosses():
    model = plain()
    head, body = encode(model, LIMITS)
    got = decode(head, b"".join(body), LIMITS)
    x = np.ones((1, 4, 4, 2), "float32")
    assert np.allclose(got(x), model(x), atol=1e-6)
