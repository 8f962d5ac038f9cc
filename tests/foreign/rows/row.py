"""One row of the construct matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Construct:
    """Something that a test of a real course asks a student's answer for.

    Args:
        name: what it is.
        answer: the instructor's solution.
        tests: the test cells, in order; the verdict is "passes" if all of them pass.
        wrong: the text in the answer that a plausible mistake replaces, and what it is replaced with.
        setup: a locked cell before the answer, which students have as well.
        files: what lies beside the notebook, by name.
        judged: "together" only if the test truly needs the student's process itself.
        stock: whether plain nbgrader lets the right and the wrong answer pass; `stock.json` has what was measured.
        comment: where plain nbgrader's verdict and common sense differ.
    """

    name: str
    answer: str
    tests: tuple[str, ...]
    wrong: tuple[str, str]
    setup: str = ""
    files: dict[str, str] = field(default_factory=dict)
    judged: Literal["apart", "together"] = "apart"
    stock: tuple[bool, bool] = (True, False)
    comment: str = ""

    @property
    def wrong_answer(self) -> str:
        old, new = self.wrong
        assert self.answer.count(old) == 1, f"{self.name}: {old!r} is {self.answer.count(old)} times in the answer"
        return self.answer.replace(old, new)


def row(name: str, answer: str, wrong: tuple[str, str], *tests: str, setup: str = "", **other) -> Construct:
    """A row whose texts may begin and end with an empty line."""
    return Construct(
        name, answer.strip("\n"), tuple(test.strip("\n") for test in tests), wrong, setup.strip("\n"), **other
    )
