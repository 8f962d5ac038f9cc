"""Judges a test together with the notebook: in the student's own process, which runs the cells before it once more.

The main run's worker never sees such a test. Each gets a *replay*: a fresh worker and a fresh judge, the same files and
limits, the student's cells up to the test, then the test, and nothing after it. Earlier tests that make a name which it
uses, as an import, run in their places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.notebooks import global_names
from autograder.notebooks.cells import BEGIN_HIDDEN, END_HIDDEN
from autograder.notebooks.names import Names
from autograder.notebooks.status import Status
from autograder.sandbox.wire.messages import Plan, Step

# Said in place of what a hidden test printed or raised: that comes from the student's process, and may tell about it.
HIDDEN_FAILED = "A hidden test failed."
_HIDDEN = re.compile(rf"(?ms)^[ \t]*{BEGIN_HIDDEN}.*?(^[ \t]*{END_HIDDEN}[ \t]*$\n?|\Z)")
_MAGIC = re.compile(r"(?m)^([ \t]*(?:[\w., ]+=[ \t]*)?)[%!].*$")
_WORD = re.compile(r"[^\W\d]\w*")

Outputs = list[dict[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """The outputs of a test that was judged together, and how its run ended."""

    status: Status
    outputs: Outputs = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not _failed(self.outputs)


def judge_together(
    plan: Plan, place: int, visible: Mapping[int, str], run: Callable[[Plan], tuple[Status, Outputs]]
) -> Verdict:
    """Judge the test at `place` of a plan together with the notebook.

    Whether it passes is decided by its whole text. If it fails and has a hidden part, its visible part alone is run,
    again from the beginning, and only what that says is shown.

    Args:
        visible: the texts of tests without their hidden parts, by place; where one is missing, the part between
            nbgrader's usual marks is hidden.
        run: has a replay's plan run; returns its status and the outputs of its last step.
    """
    places = _places(plan.steps, place)
    shown = {n: visible.get(n, without_hidden(plan.steps[n].source)) for n in places if plan.steps[n].test}
    hidden = any(shown[n].strip() != plan.steps[n].source.strip() for n in shown)
    status, outputs = run(_replay(plan, places, {}))
    if not hidden:
        return Verdict(status, outputs)
    if not _failed(outputs):
        return Verdict(status, [output for output in outputs if output["output_type"] == "execute_result"])
    if _made(plan.steps, places, {}) == _made(plan.steps, places, shown):
        again, said = run(_replay(plan, places, shown))
        if _failed(said):
            return Verdict(max(status, again, key=lambda one: one is not Status.GRADED), said)
    text = {"ename": "AssertionError", "evalue": HIDDEN_FAILED, "traceback": [f"AssertionError: {HIDDEN_FAILED}"]}
    return Verdict(status, [{"output_type": "error", **text}])


def without_hidden(source: str) -> str:
    """A test's text without what stands between nbgrader's usual marks of hidden tests."""
    return _HIDDEN.sub("", source)


def _failed(outputs: Outputs) -> bool:
    return any(output["output_type"] == "error" for output in outputs)


def _replay(plan: Plan, places: Sequence[int], texts: Mapping[int, str]) -> Plan:
    steps = tuple(replace(plan.steps[n], source=texts.get(n, plan.steps[n].source)) for n in places)
    return replace(plan, steps=steps, known={}, solutions={}, together=True)


def _places(steps: Sequence[Step], place: int) -> list[int]:
    """The places of what a replay runs, in order: the student's cells, and the tests that the last one needs.

    A test is needed if it was the last to make a name that is used later.
    """
    last = _names(steps[place].source)
    wanted, found = last.used - last.made, [place]
    for n in reversed(range(place)):
        if steps[n].skip:
            continue
        names = _names(steps[n].source)
        if not steps[n].test:
            wanted -= names.made
            found.append(n)
        elif names.made & wanted:
            wanted = (wanted - names.made) | (names.used - names.made)
            found.append(n)
    return found[::-1]


def _made(steps: Sequence[Step], places: Sequence[int], texts: Mapping[int, str]) -> frozenset[str]:
    """The names that the tests before the last one make."""
    tests = [n for n in places[:-1] if steps[n].test]
    return frozenset().union(*(_names(texts.get(n, steps[n].source)).made for n in tests))


def _names(source: str) -> Names:
    """The names of a test that may have magics.

    What these use is not known, so there each word counts as used; a cell magic may make what it names, as `%%capture out`.
    """
    plain = _MAGIC.sub(lambda line: f"{line[1]}{'None' if '=' in line[1] else 'pass'}", source)
    names = global_names(plain) or Names(frozenset(), frozenset())
    if plain == source:
        return names
    first = source.lstrip().split("\n", 1)[0]
    captured = frozenset(_WORD.findall(first)) if first.startswith("%%") else frozenset()
    return Names(frozenset(_WORD.findall(source)), names.made | captured)
