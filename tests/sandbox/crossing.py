"""Sends values from one side of the channel to the other, and forges and damages frames."""

import random

import msgpack

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire import FrameLimits
from autograder.sandbox.wire.codec import _Encoder, decode, encode

LIMITS = FrameLimits()


def frame(value):
    head, body = encode(value, LIMITS)
    return head, b"".join(body)


def across(value):
    """The value as the other side gets it."""
    return decode(*frame(value), LIMITS)


def forged(kind, parts):
    """The frame of a value of a kind, with these parts, which no honest side would send."""
    body = []
    tree = ["k", kind, _Encoder(LIMITS, body, None).tree(parts, 1)]
    return msgpack.packb(tree), b"".join(body)


def got(kind, parts):
    """What a forged value is decoded to."""
    return decode(*forged(kind, parts), LIMITS)


def damaged(values, frames, seed=0):
    """Decode frames of these values after random damage; returns how many were values and how many were not."""
    rng = random.Random(seed)
    whole = [frame(value) for value in values]
    counts = {"values": 0, "malformed": 0}
    for _ in range(frames):
        head, body = map(bytearray, rng.choice(whole))
        for _ in range(rng.randint(1, 3)):
            part = body if body and rng.random() < 0.4 else head
            place = rng.randrange(len(part))
            match rng.randrange(3) if part is head else 0:
                case 0:
                    part[place] = rng.choice([0, 1, 2, 127, 128, 255, rng.randrange(256)])
                case 1:
                    part[place] ^= 1 << rng.randrange(8)
                case 2:
                    del part[place : place + rng.randint(1, 3)]
        try:
            decode(head, body, LIMITS)
            counts["values"] += 1
        except (MalformedFrame, RefusedValue):
            counts["malformed"] += 1
    return counts
