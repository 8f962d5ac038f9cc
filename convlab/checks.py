"""Checks with readable messages, used by the test cells of the lessons.

`check` calls a function and compares its result with the expected value; `check_error` expects an error. The value
counts, not the style: NumPy or Python numbers, float32 or float64, a list in place of a tuple, TensorFlow tensors in
place of arrays. Nothing that the called function returns is trusted: its exact type is examined before anything else,
and none of its own methods is called unless that type is one of NumPy's or Python's own.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import inspect
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from convlab import runs
from convlab.advice import advice
from convlab.compare import compare, same
from convlab.describe import describe
from convlab.recognition import PERHAPS, outcome, recognized

# Whether checks record their outcome, for `convlab.progress`, and look for known mistakes. The judge turns it off.
TUTORING = True

# Tolerances that a correct computation in float32 meets.
RTOL, ATOL = 1e-4, 1e-5


def _with_subclasses(kinds: Iterable[type]) -> set[type]:
    return {below for kind in kinds for below in (kind, *_with_subclasses(kind.__subclasses__()))}


# NumPy's errors of computing, whose classes make their messages with code of their own.
_NUMPY_ERRORS = _with_subclasses(kind for kind in TypeError.__subclasses__() if kind.__name__ == "UFuncTypeError")


class CheckError(AssertionError):
    """A check failed. The message is all that a student needs to see; `outcome` is the digest of the returned value."""

    outcome: str = ""

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows in place of a traceback: the message and, if the student's code raised, the line."""
        return [*self._cause_lines(), str(self)]

    def _cause_lines(self) -> list[str]:
        if self.__cause__ is None:
            return []
        frames = inspect.getinnerframes(self.__cause__.__traceback__) if self.__cause__.__traceback__ else []
        # Only the notebook's frames, which have no real file: those of convlab and of libraries do not help a student.
        own = [
            frame
            for frame in frames
            if frame.filename.startswith(("<ipython-input", "/tmp/ipykernel")) or "ipykernel_" in frame.filename
        ]
        for frame in own[-1:]:
            if frame.code_context:
                return [f"In {frame.function}, line {frame.lineno}: {frame.code_context[0].strip()}", ""]
        return []


def check(
    function: Callable,
    *args: Any,
    gives: Any,
    of: Callable[[Any], Any] | None = None,
    hint: str = "",
    rtol: float = RTOL,
    atol: float = ATOL,
    **kwargs: Any,
) -> None:
    """Call `function(*args, **kwargs)` and compare its result with `gives`.

    Args:
        gives: the expected value. Its type determines what is accepted:
            an array of floats: an array of any real numbers, equal within rtol 1e-4 and atol 1e-5;
            an array of ints or bools: an array of that kind, exactly equal;
            an int: a whole number, exactly equal (3.0 does not count); a float: any real number within the tolerance;
            a tuple or list: a tuple or a list, compared element by element by these rules (or an array, for numbers);
            a string, bool or None: exactly that value.
        of: for a result that cannot be compared itself, such as a model: a function of the result that returns what to
            compare, such as its layers.
        hint: a sentence that is added to the message when the check fails.
        rtol, atol: the relative and absolute tolerance for numbers.

    Raises:
        CheckError: the function raised, changed an argument, or returned something else.
    """
    with _recorded(function):
        _check(function, args, kwargs, gives, of, hint, partial(np.isclose, rtol=rtol, atol=atol))


def _check(
    function: Callable, args: tuple, kwargs: dict, gives: Any, of: Callable | None, hint: str, close: Callable
) -> None:
    given_args, given_kwargs = copy.deepcopy((args, kwargs))
    due = copy.deepcopy(gives)
    try:
        got = function(*given_args, **given_kwargs)
    except (Exception, SystemExit) as error:
        due_text = f"expected = {describe(gives, 11, due=True)}"
        if _raises_itself(function, error):
            other = _raised_in(function, error)
            given = f", and at what {other} was given" if other else ""
            due_text = f"These arguments are allowed: look at the condition before that raise{given}.\n{due_text}"
        raise _failed(function, args, kwargs, _raised(function, error, due_text), hint) from error
    changed = _changed(function, args, kwargs, given_args, given_kwargs)
    if changed:
        raise _failed(
            function,
            args,
            kwargs,
            f"It changed its argument {changed}. Work on a copy: the caller still needs the original.\n"
            "An assignment such as a = b makes no copy, and +=, sort and a[...] = ... change what is there.",
            hint,
        )
    fault = ""
    if of is not None:
        try:
            got = of(got)
        except Exception as error:
            fault = f"The tests can't use what it returned: {describe(got)} ({_words(error) or type(error).__name__})."
    fault = fault or compare(got, due, close)
    if fault and got is None:
        fault += "\nIt returned nothing: is the return missing, or did you print the result instead?"
    if fault:
        raise _failed(function, args, kwargs, fault, hint, got)


def check_error(
    function: Callable,
    *args: Any,
    raises: type[Exception] = ValueError,
    because: str = "",
    hint: str = "",
    **kwargs: Any,
) -> None:
    """Call `function(*args, **kwargs)` and expect an error of type `raises`.

    Args:
        raises: the type of the expected error; a subclass counts too.
        because: what is wrong with the arguments; the message continues "It should raise ..., because" with it.
        hint: a sentence that is added to the message when the check fails.

    Raises:
        CheckError: the function returned, or raised another error.
    """
    due = f"It should raise {raises.__name__}" + (f", because {because}." if because else ".")
    with _recorded(function):
        _check_error(function, args, kwargs, raises, due, hint)


def _check_error(function: Callable, args: tuple, kwargs: dict, raises: type[Exception], due: str, hint: str) -> None:
    given_args, given_kwargs = copy.deepcopy((args, kwargs))
    try:
        got = function(*given_args, **given_kwargs)
    except raises as error:
        if type(error) is not NotImplementedError or raises is NotImplementedError:
            return
        raise _failed(function, args, kwargs, _raised(function, error, due), hint) from error
    except (Exception, SystemExit) as error:
        if not isinstance(error, NotImplementedError) and not _raises_itself(function, error):
            due += "\nCompare the arguments first, before you compute with them."
        raise _failed(function, args, kwargs, _raised(function, error, due), hint) from error
    kind = got if type(got) is type else type(got)
    instead = ""
    if issubclass(kind, BaseException):
        instead = "\nUse raise, not return."
    elif kind in (str, type(None)):
        instead = f"\nA text that is printed or returned stops nobody: use raise {raises.__name__}(...)."
    raise _failed(function, args, kwargs, f"{due} It returned:\ngot = {describe(got, 6)}{instead}", hint, got)


def _recorded(function: Callable) -> contextlib.AbstractContextManager:
    return runs.recorded(function) if TUTORING else contextlib.nullcontext()


def _raised(function: Callable, error: BaseException, due: str) -> str:
    if isinstance(error, NotImplementedError):
        if other := _raised_in(function, error):
            return f"It calls {other}, which still has to be written."
        return "It is not written yet: replace 'raise NotImplementedError' with your code."
    if type(error) is CheckError:
        # Raised not by the function itself but by the judge, for a function that gave no answer.
        return f"{error}\n{due}"
    text = _words(error)
    said = f"It raised {type(error).__name__}" + (f": {text}" if text else ".")
    return "\n".join(part for part in (said, advice(text), due) if part)


def _raised_in(function: Callable, error: BaseException) -> str:
    """The name of the notebook's function that raised an error, if that is another than the checked one; else ""."""
    # In the judge the function is a proxy, and where in the notebook it raised is not known.
    notebook = getattr(function, "__globals__", None)
    if notebook is None or error.__traceback__ is None:
        return ""
    frame, _ = list(traceback.walk_tb(error.__traceback__))[-1]
    other = frame.f_globals is notebook and frame.f_code is not getattr(function, "__code__", None)
    return frame.f_code.co_name if other else ""


def _words(error: BaseException) -> str:
    """The message of an error; "" if its class computes the message with code of its own, which is not to be run."""
    known = type(type(error).__str__) is types.WrapperDescriptorType or type(error) in _NUMPY_ERRORS
    return str(error)[:300] if known else ""


def _raises_itself(function: Callable, error: BaseException) -> bool:
    """Whether a raise in the code beside the function, which is the student's, raised the error."""
    if type(function) is not types.FunctionType or error.__traceback__ is None:
        return False
    *_, last = _traces(error.__traceback__)
    is_raise = last.tb_frame.f_code.co_code[last.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    return is_raise and last.tb_frame.f_globals is function.__globals__


def _traces(trace: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _failed(function: Callable, args: tuple, kwargs: dict, fault: str, hint: str, *returned: Any) -> CheckError:
    name, values = _call(function, args, kwargs)
    width = max((len(key) for key in values), default=0)
    given = [f"  {key:<{width}} = {describe(value, indent=width + 5)}" for key, value in values.items()]
    lines = [f"{name}({', '.join(values)}) is not right yet.", *given, *("  " + line for line in fault.splitlines())]
    digest, known, first = "", "", ""
    # A failure to recognize a mistake must not change the message.
    with contextlib.suppress(Exception):
        digest = outcome(name, args, kwargs, *returned) if TUTORING and returned else ""
        known = recognized(digest)
    with contextlib.suppress(Exception):
        first = runs.blamed(function) if TUTORING else ""
        first = "" if first and f"It calls {first}," in fault else first
    more = [
        *([f"  {name} calls {first}, whose own check fails: mend that one first."] if first else []),
        *([f"  Hint: {hint}"] if hint else []),
        *([f"  {PERHAPS} {known}"] if known else []),
    ]
    error = CheckError("\n".join([*lines, *more]))
    error.outcome = digest
    return error


def _call(function: Callable, args: tuple, kwargs: dict) -> tuple[str, dict[str, Any]]:
    """The function's name and its arguments by name, or numbered where the names cannot be determined."""
    name = getattr(function, "__name__", None)
    name = name if type(name) is str else "the function"
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
        return name, dict(bound.arguments)
    except (TypeError, ValueError):
        return name, {f"argument {n}": value for n, value in enumerate(args, start=1)} | kwargs


def _changed(function: Callable, args: tuple, kwargs: dict, given_args: tuple, given_kwargs: dict) -> str:
    """The name, in quotes, of the first argument that the call changed; "" if it changed none."""
    before = _call(function, args, kwargs)[1]
    after = _call(function, given_args, given_kwargs)[1]
    return next((f"'{name}'" for name, value in before.items() if not same(value, after.get(name))), "")
