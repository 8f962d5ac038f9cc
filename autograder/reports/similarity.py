"""Finds submissions that are more similar than expected by chance: a place to look, never a verdict.

Right answers to a small exercise are similar anyway, so similarity alone says little. Three factors are multiplied: how
close two answers are, how few others in the class have a similar answer, and how much of it is not in the course
already (in its solution or a known misconception).
"""

from __future__ import annotations

import ast
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

from autograder.notebooks.names import parse

ALIKE = 0.8  # any two answers to the same question may be this similar
ENOUGH_TOKENS = 30  # an answer with this many tokens of its own counts in full
LEAST_EVIDENCE = 0.2  # for one exercise; anything below may be chance
LEAST_SCORE = 1.0  # for a pair; this is one long answer that only the two share, word for word
MAX_TOKENS, MAX_CHARACTERS = 2_000, 100_000  # limits for one answer; nobody writes that much by hand
FIRST_SYMBOL = 0x10000  # after the surrogates, which are not characters

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """A class's answers to one exercise: code by student; `known` is code that the course itself has."""

    lesson: str
    exercise: str
    by_student: dict[str, str]
    stub: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alike:
    """One exercise that two students answered similarly; `likeness` is 1 for the same code, apart from names."""

    lesson: str
    exercise: str
    likeness: float
    evidence: float


@dataclass(frozen=True)
class Pair:
    """Two students with similar submissions; `score` is about the number of long answers that only they share."""

    students: tuple[str, str]
    score: float
    alike: list[Alike] = field(default_factory=list)


def similar_pairs(exercises: Iterable[Answers], *, most: int = 10) -> list[Pair]:
    """The at most `most` pairs of students whose answers are unusually similar, the most unusual first."""
    found: dict[tuple[str, str], list[Alike]] = defaultdict(list)
    for answers in exercises:
        for students, alike in _alike(answers):
            found[students].append(alike)
    pairs = [
        Pair(students, sum(one.evidence for one in alike), sorted(alike, key=lambda one: -one.evidence))
        for students, alike in found.items()
    ]
    pairs = [pair for pair in pairs if pair.score >= LEAST_SCORE]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.students))[:most]


def _alike(answers: Answers) -> Iterable[tuple[tuple[str, str], Alike]]:
    essences = {name: essence(code, answers.stub) for name, code in sorted(answers.by_student.items())}
    essences = {name: tokens for name, tokens in essences.items() if tokens}
    if len(essences) < 3:  # rarity is meaningful only if there are others
        return
    students, symbols = list(essences), _Symbols()
    texts = [symbols.text(tokens) for tokens in essences.values()]
    known = [symbols.text(tokens) for code in answers.known if (tokens := essence(code, answers.stub))]
    likeness = process.cdist(texts, texts, scorer=fuzz.ratio, dtype=np.float32) / 100
    familiar = _familiar(texts, known)
    evidence = (
        _closeness(likeness, familiar)
        * _rarity(likeness)
        * _substance(np.array([len(text) for text in texts]), familiar)
    )
    for one, other in np.argwhere(np.triu(evidence, 1) >= LEAST_EVIDENCE):
        yield (
            (students[one], students[other]),
            Alike(answers.lesson, answers.exercise, float(likeness[one, other]), float(evidence[one, other])),
        )


def _familiar(texts: list[str], known: list[str]) -> np.ndarray:
    """How similar each answer is to the course's own code, 0 to 1."""
    if not known:
        return np.zeros(len(texts))
    return process.cdist(texts, known, scorer=fuzz.ratio, dtype=np.float32).max(axis=1) / 100


def _closeness(likeness: np.ndarray, familiar: np.ndarray) -> np.ndarray:
    """0 for two answers that are no more similar to each other than to the course's own code, 1 for identical code."""
    usual = np.maximum(np.maximum.outer(familiar, familiar), ALIKE)
    return np.clip((likeness - usual) / np.maximum(1 - usual, 1e-6), 0, 1)


def _rarity(likeness: np.ndarray) -> np.ndarray:
    """1 for an answer that only the two gave, 0 for one that the whole class gave."""
    near = (likeness >= ALIKE).astype(np.float32)
    count = near.sum(axis=1)
    either = np.add.outer(count, count) - near @ near.T
    students = len(likeness)
    return np.log(students / np.maximum(either, 2)) / math.log(students / 2)


def _substance(lengths: np.ndarray, familiar: np.ndarray) -> np.ndarray:
    """1 if both answers have enough code that is not in the course; less for short answers, which mean little."""
    own = np.minimum(lengths * (1 - familiar) / ENOUGH_TOKENS, 1)
    return np.minimum.outer(own, own)


class _Symbols:
    """Encodes each token as one character, so that answers can be compared as strings, which is fast."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def text(self, tokens: Tokens) -> str:
        return "".join(self._of.setdefault(token, chr(FIRST_SYMBOL + len(self._of))) for token in tokens)


@lru_cache(maxsize=8192)
def essence(code: str, stub: str = "") -> Tokens:
    """An answer's tokens, regardless of names, comments and layout, without the lines of the stub.

    Empty for an answer that adds nothing to the stub.
    """
    plain, renamed = _lines(code)
    stub_plain, stub_renamed = _lines(stub)
    own = [
        there
        for here, there in zip(plain, renamed, strict=True)
        if here not in stub_plain and there not in stub_renamed
    ]
    return tuple(token for line in own for token in re.findall(r"\w+|[^\w\s]", line))[:MAX_TOKENS]


@lru_cache(maxsize=8192)
def _lines(code: str) -> tuple[Tokens, Tokens]:
    """The code's lines in a uniform layout, without comments and docstrings: with original names, and with v0, v1, ..."""
    code = code[:MAX_CHARACTERS]
    try:
        tree = _Cleaner().visit(parse(code))
        plain = ast.unparse(tree)
        functions = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        renamed = "\n".join(ast.unparse(_Renamer(_bound(node) | functions).visit(node)) for node in tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # What is not valid Python is compared as written.
        plain = renamed = re.sub(r"(?m)#.*$", "", code)
    return _stripped(plain), _stripped(renamed)


def _stripped(text: str) -> Tokens:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _bound(tree: ast.AST) -> set[str]:
    """The names that the code itself binds."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ExceptHandler)) and node.name:
            bound.add(node.name)
    return bound


class _Cleaner(ast.NodeTransformer):
    """Removes annotations, docstrings and other statements that are only a constant."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = node.body or [ast.Pass()]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


class _Renamer(ast.NodeTransformer):
    """Renames the names in `bound` to v0, v1, ... in order of appearance."""

    def __init__(self, bound: set[str]) -> None:
        self._bound = bound
        self._new: dict[str, str] = {}

    def _name(self, name: str) -> str:
        return self._new.setdefault(name, f"v{len(self._new)}") if name in self._bound else name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._name(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._name(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._name(node.name)
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._name(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._name(name) for name in node.names]
        return node
