"""Changes that a function makes to its arguments: it changed a copy, and they are applied to the caller's own."""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np

_MAPPINGS = (dict, OrderedDict, defaultdict, Counter, set)
# What a function can change in place, and is sent back.
CHANGEABLE = (*_MAPPINGS, list, bytearray, deque, io.StringIO, io.BytesIO, np.ndarray, np.random.Generator)


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
        # Lists within lists stay themselves: the test may hold them, too.
        before[:] = [_merged(old, new) for old, new in zip(before, after, strict=True)]
    elif type(before) in (list, bytearray, deque):
        before.clear()
        before.extend(after)
    elif type(before) in _MAPPINGS:
        new = {key: _merged(before[key], value) for key, value in after.items()} if _both(before, after) else after
        before.clear()
        before.update(new)
    elif type(before) in (io.StringIO, io.BytesIO):
        before.seek(0)
        before.truncate()
        before.write(after.getvalue())
        before.seek(after.tell())
    elif type(before) is np.random.Generator:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            before.bit_generator.state = after.bit_generator.state


def _both(before: Any, after: Any) -> bool:
    return type(before) in (dict, OrderedDict, defaultdict) and before.keys() == after.keys()


def _merged(before: Any, after: Any) -> Any:
    """The value itself with its changes, if it is a list or a dict that stays one; else the new value."""
    if type(before) is type(after) and type(before) in (list, dict):
        bring_back(before, after)
        return before
    return after
