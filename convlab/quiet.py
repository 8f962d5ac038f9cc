"""Keras, without the messages that TensorFlow writes to stderr while it starts: `from convlab.quiet import keras`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Redirect descriptor 2 to /dev/null: TensorFlow's first messages come from C++ before it reads its log level."""
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


with _without_stderr():
    import keras

__all__ = ["keras"]
