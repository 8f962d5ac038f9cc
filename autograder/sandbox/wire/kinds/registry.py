"""Knows every kind by its name on the channel, and finds the one that a value is of.

Each of the other modules here has the kinds of one library, as two names: `apart(value)` gives the name of a value's
kind and its parts, or None, and `KINDS` has, by name, the function that rebuilds a value from its parts. What a library
makes is looked for only if that library has been imported already; for rebuilding it is imported.

Whatever rebuilds a value gets parts that were decoded, but nothing more: it checks their types, bounds and sizes before
anything is allocated or indexed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.errors import RefusedValue
from autograder.sandbox.wire.kinds import dataframes, figures, numpy_types, sparse, standard_types

_MODULES = (standard_types, numpy_types, sparse, dataframes, figures)
_TOGETHER: dict[str, Callable[[Any], Any]] = {
    name: together for module in _MODULES for name, together in module.KINDS.items()
}


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of a value's kind and its parts; None if it is of none of these kinds.

    Raises:
        RefusedValue: it is of a known kind, but this value cannot cross.
    """
    try:
        for module in _MODULES:
            found = module.apart(value)
            if found is not None:
                return found
    except RefusedValue:
        raise
    except Exception as error:  # a library may raise anything where a student changed a value's insides
        text = str(error).partition("\n")[0] if isinstance(error, ValueError | TypeError) else type(error).__name__
        raise RefusedValue(f"this value cannot be handed to the tests: {text[:200]}.") from error
    return None


def together(name: Any, parts: Any) -> Any:
    """Rebuild a value from the name of its kind and its parts.

    Raises:
        RefusedValue: the library is not installed here, or cannot rebuild the value.
        Exception: whatever the bad parts of a malformed frame cause.
    """
    return _TOGETHER[name](parts)


def is_shared(name: Any) -> bool:
    """Whether a value of this kind is sent once for each frame, however often it occurs there."""
    return name == figures.SHARED
