"""What errors of Python, NumPy and Keras mean, in the words of a teacher who looks over a student's shoulder."""

from __future__ import annotations

import re

# Patterns of messages, the more specific ones first, and what to look at. `{0}` is what the first group has found.
_MEANINGS = [
    (
        r"remapped shapes \[original->remapped\]",
        "np.pad wants a pair (before, after) for each axis of the array: ((top, bottom), (left, right)) for two axes.",
    ),
    (r"pad_width. must be of integral type", "np.pad wants whole numbers: divide with //, not with /."),
    (r"index can't contain negative values", "np.pad cannot take anything away: its numbers are never negative."),
    (
        r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\b0\b.*?\))",
        "The place to which you assign is empty, its shape is {1}: a slice that ends at -0 ends at 0.",
    ),
    (
        r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))",
        "What you assign has the shape {0}, the place to which you assign it {1}.",
    ),
    (
        r"operands could not be broadcast together",
        "Two arrays whose shapes do not match meet here: print both shapes just before this line.",
    ),
    (
        r"not aligned|matmul: Input operand",
        "@ and np.dot multiply matrices. Where each number meets only the one at the same place, write *.",
    ),
    (
        r"Cannot cast ufunc .* output from dtype\('float.* to dtype\('u?int",
        "+=, *= and the like cannot put floats into an array of whole numbers: write a = a * b, or make it floats first.",
    ),
    (
        r"index \S+ is out of bounds for axis (\d+) with size (\d+)",
        "Indices count from 0: along axis {0} there are {1} entries, and the last is number {1} - 1.",
    ),
    (r"(?:list|tuple) index out of range", "Indices count from 0: the last one is the length minus 1."),
    (
        r"array is (\d+)-dimensional, but (\d+) were indexed",
        "The array has {0} axes and gets {1} indices: print its shape just before this line.",
    ),
    (
        r"cannot reshape array of size (\d+) into shape (.*)",
        "A reshape keeps all entries: {0} of them do not fill the shape {1}.",
    ),
    (
        r"float(?:64|32)?'? object cannot be interpreted as an integer|slice indices must be integers|only integers, slices"
        r"|only integer scalar arrays",
        "Sizes, indices and range want whole numbers: divide with //, not with /.",
    ),
    (
        r"list indices must be integers or slices, not tuple|'list' object has no attribute",
        "This is a list, not an array: np.array(...) makes one of it, with a shape and with indices [row, column].",
    ),
    (
        r"'tuple' object cannot be interpreted as an integer|unsupported operand type\(s\) for .*'(?:tuple|list)'"
        r"|can't multiply sequence|can only concatenate",
        "There is no arithmetic with a whole tuple or list: take its numbers out first, as in height, width = kernel_size.",
    ),
    (
        r"NoneType",
        "Something is None here: a function without a return gives None, and so do print, append and sort.",
    ),
    (
        r"truth value of an array",
        "An if wants a single True or False and gets a whole array: see np.where, or .any() and .all().",
    ),
    (
        r"values to unpack",
        "The names on the left of = are not as many as the values on the right. A shape has one number for each axis.",
    ),
    (
        r"'(?:int|float|numpy\.\w+)' object is not (?:iterable|subscriptable)|cannot unpack non-iterable (?:int|float|numpy)"
        r"|object of type '(?:int|float|numpy\.\w+)' has no len",
        "This is a single number: it has no entries and no length.",
    ),
    (
        r"setting an array element|int\(\) argument must be .* not 'list'",
        "One entry of an array has room for one number, and gets several: print the shape of what you assign.",
    ),
    (
        r"expected (?:min_)?ndim=4, found ndim=3",
        "Keras layers want a batch of pictures: x[np.newaxis] adds the first axis, and [0] takes it off the result.",
    ),
    (r"item assignment", "A tuple cannot be changed: make a list of it with list(...), or build a new tuple."),
    (
        r"positional argument|unexpected keyword argument|multiple values for argument",
        "What is between the parentheses of a call does not fit the function's first line. Keep the first line of the stub as it is.",
    ),
    (r"window shape cannot be larger", "The window is larger than the array: ask for that before you slide it."),
    (r"negative dimensions are not allowed", "A size came out negative: print it just before this line."),
    (r"maximum recursion depth", "It calls itself again and again, without an end."),
    (
        r"name '(\w+)' is not defined",
        "{0} is unknown here: is it spelled right, and has the cell that makes or imports it been run?",
    ),
]  # fmt: skip


def advice(text: str) -> str:
    """One or two sentences about the message of an error: what it means and what to look at; "" if it is not known."""
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, text)
        if found:
            return meaning.format(*found.groups())
    return ""
