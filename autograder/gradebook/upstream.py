"""x"""

from __future__ import annotations

import logging


def captured_log(name: str) -> tuple[logging.Logger, list[str]]:
    """A logger for nbgrader that prints nothing, and the list that its warnings end up in."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.Logger(f"autograder.{name}", logging.INFO)
    log.addHandler(handler)
    return log, lines
