"""Applies to a test's arguments the changes that the student's function made to its copies."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np

_MAPPINGS = (dict, OrderedDict, defaultdict, Counter, set)


def bring_back(before: Any, after: Any) -> None:
    """Apply to an argument the changes that the student's function made to its copy."""
    if type(before) is not type(after):
        return
    if (
        type(before) is np.ndarray
        and before.shape == after.shape
        and before.dtype == after.dtype
        and before.flags.writeable
    ):
        np.copyto(before, after)
    elif type(before) is np.ndarray and before.flags.writeable:
        # The function resized its copy in place, which cannot be done to ours: change ours so that a test notices.
        before.fill(0 if np.any(before) else 1)
    elif "keras" in sys.modules and isinstance(before, sys.modules["keras"].Model):
        from autograder.sandbox.wire import keras_models  # noqa: PLC0415, Keras is already imported here

        keras_models.bring_back(before, after)
    elif type(before) is list and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            # Lists within lists stay themselves: the test may hold them, too.
            if type(old) is list and type(new) is list:
                bring_back(old, new)
            else:
                before[place] = new
    elif type(before) in (list, bytearray):
        before[:] = after
    elif type(before) is deque:
        before.clear()
        before.extend(after)
    elif type(before) in _MAPPINGS:
        before.clear()
        before.update(after)
    elif type(before) is np.random.Generator:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            before.bit_generator.state = after.bit_generator.state
