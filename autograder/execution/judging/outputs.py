"""Outputs in nbformat's form: checked ones of a student's cell, and those of a test without its source lines."""

from __future__ import annotations

import json
import math
import re
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from autograder.notebooks.status import Mode
from convlab.absent import CellRun

MAX_MESSAGE, MAX_NAME = 20_000, 200  # characters of an error's text, and of the name of its type
MAX_LINE = 5_000  # characters of one line of a student's traceback
# Only types that cannot run anything: a student's HTML or SVG could run scripts in the reader's browser.
MIME_TYPES = ("text/plain", "image/png", "image/jpeg")

_LINE = re.compile(r"\s{0,4}Cell In\[\d+\], line (\d{1,6})\b")


def error_output(name: str, text: str, where: Iterable[str] = ()) -> dict:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}", *where]}


# The errors of tests that do not run with the others. An error, so that nbgrader gives no points for it.
NOT_HERE = {
    Mode.TOGETHER: ("NotRun", "Not run: this test is judged together with the notebook."),
    Mode.BY_HAND: ("NotGraded", "Not graded by machine: your instructor gives these points."),
}


def is_failure(outputs: list[dict]) -> bool:
    return any(output["output_type"] == "error" for output in outputs)


def without_source(output: dict, namespace: dict) -> dict:
    """Reduce a failed test's error output to its message and the line number; other outputs are returned unchanged.

    A traceback quotes the lines around the failure, and these may be hidden tests.

    Args:
        output: an output of the test.
        namespace: the namespace in which the test ran, by which its own frames are recognized.
    """
    if output["output_type"] != "error":
        return output
    error = error_output(output["ename"][:MAX_NAME], cut(output["evalue"], MAX_MESSAGE))
    frames = [line for frame, line in traceback.walk_tb(sys.last_traceback) if frame.f_globals is namespace]
    if frames:
        error["traceback"].append(f"(line {frames[-1]} of this test)")
    return error


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} … (more was left out)"


def outputs_together(answer: bytes) -> list[dict]:
    """Reduce the outputs of a test that ran in the notebook's own process to what counts and what may be shown.

    That is what it printed, points as a number, and an error's message, without the traceback, which quotes the test.
    """
    kept = []
    for output in checked_outputs(answer):
        if output["output_type"] == "stream" and output["name"] == "stdout":
            kept.append(output)
        elif output["output_type"] == "error":
            frame = next(filter(None, map(_LINE.match, output["traceback"])), None)
            where = [f"(line {int(frame.group(1))} of this test)"] if frame else []
            kept.append(error_output(output["ename"], output["evalue"], where))
        elif output["output_type"] == "execute_result" and (points := _points(output["data"].get("text/plain", ""))):
            kept.append(output | {"data": {"text/plain": points}})
    return kept


def _points(text: str) -> str:
    """A text as a finite number that is not negative, which nbgrader takes for points; else ""."""
    try:
        points = float(text[:100])
    except ValueError:
        return ""
    return repr(points) if math.isfinite(points) and points >= 0 else ""


def checked_outputs(answer: bytes) -> list[dict]:
    """Parse the outputs of a student's cell, sent by the worker; whatever does not have nbformat's form is dropped."""
    try:
        raw = json.loads(answer)
    except (ValueError, RecursionError):
        return []
    return [output for item in (raw if type(raw) is list else [])[:1_000] if (output := _checked_output(item))]


def _checked_output(item: Any) -> dict | None:
    kind = item.get("output_type") if type(item) is dict else None
    if kind == "stream" and item.get("name") in ("stdout", "stderr") and type(item.get("text")) is str:
        return {"output_type": "stream", "name": item["name"], "text": item["text"]}
    if kind == "error" and all(type(item.get(part)) is str for part in ("ename", "evalue")):
        lines = (
            [cut(line, MAX_LINE) for line in item.get("traceback", [])[:200] if type(line) is str]
            if type(item.get("traceback")) is list
            else []
        )
        return {
            "output_type": "error",
            "ename": item["ename"][:MAX_NAME],
            "evalue": cut(item["evalue"], MAX_MESSAGE),
            "traceback": lines,
        }
    if kind in ("display_data", "execute_result") and type(item.get("data")) is dict:
        data = {mime: item["data"][mime] for mime in MIME_TYPES if type(item["data"].get(mime)) is str}
        if not data:
            return None
        alt = item.get("metadata", {}).get("image/png", {}).get("alt") if _is_nested(item) else None
        output = {
            "output_type": kind,
            "data": data,
            "metadata": {"image/png": {"alt": alt}} if type(alt) is str else {},
        }
        return output | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def cell_run(source: str, outputs: list[dict]) -> CellRun:
    """A student's cell and how it ended, by its checked outputs."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    if not errors:
        return CellRun(source)
    # The first frame of a traceback is the cell's own. The last error says that the cell was stopped, if it was.
    frame = next(filter(None, (_LINE.match(line) for line in errors[-1]["traceback"])), None)
    return CellRun(source, errors[-1]["ename"], errors[-1]["evalue"], int(frame.group(1)) if frame else 0)


def _is_nested(item: dict) -> bool:
    return type(item.get("metadata")) is dict and type(item["metadata"].get("image/png")) is dict
