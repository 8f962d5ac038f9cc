"""The options `-v` and `--log-file`, which show the program's log on the terminal and write it to a file."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler

from autograder.cli.console import error_console
from autograder.errors import UsageError
from autograder.files.log import LineFormatter

# Not the loggers of nbgrader and Dask, whose lines may quote tests and students' code.
LOGGER = "autograder"
LEVELS = (logging.INFO, logging.DEBUG)


def logging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, and show and write the log while it runs as they say."""

    @click.option(
        "-v",
        "--verbose",
        count=True,
        help="Print on standard error what is done with each submission and why; -vv: also each process and step.",
    )
    @click.option(
        "--log-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Append all that -vv prints to FILE, one line for each event, with times, processes and threads. Dask workers of "
        "a --scheduler write their own logs; only how long they took comes back with the results.",
    )
    @functools.wraps(command)
    def logged(*arguments: Any, verbose: int, log_file: Path | None, **options: Any) -> Any:
        with logging_to(verbose, log_file):
            return command(*arguments, **options)

    return logged


@contextmanager
def logging_to(verbose: int, log_file: Path | None) -> Iterator[None]:
    """Show the log on standard error and write it to a file. Raises UsageError if the file cannot be written."""
    handlers = [_on_error_stream(LEVELS[min(verbose, len(LEVELS)) - 1])] if verbose else []
    if log_file is not None:
        handlers.append(_into(log_file))
    logger = logging.getLogger(LOGGER)
    before = logger.level
    for handler in handlers:
        logger.addHandler(handler)
    if handlers:
        logger.setLevel(min(handler.level for handler in handlers))
    try:
        yield
    finally:
        logger.setLevel(before)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


def _on_error_stream(level: int) -> logging.Handler:
    console = error_console()
    handler: logging.Handler
    if console.is_terminal:
        # Through the progress bar's own console, which keeps the bar below the lines.
        handler = RichHandler(
            level, console, show_path=False, omit_repeated_times=False, highlighter=NullHighlighter(), markup=False
        )
        handler.setFormatter(LineFormatter(bare=True))
    else:
        handler = logging.StreamHandler()
        handler.setLevel(level)
        handler.setFormatter(LineFormatter())
    return handler


def _into(log_file: Path) -> logging.Handler:
    try:
        handler = logging.FileHandler(log_file, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(
            f"the log cannot be written ({error.strerror}).", where=str(log_file), remedy="Name another --log-file."
        ) from error
    handler.setLevel(logging.DEBUG)
    handler.setFormatter(LineFormatter())
    return handler
