"""The options `-v` and `--log-file`: what the program's loggers say, on the terminal and in a file."""

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

# Loggers of nbgrader and Dask stay out: their lines can quote tests and students' code.
LOGGER = "autograder"
LEVELS = (logging.INFO, logging.DEBUG)


def logging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options, and have what is logged while it runs shown and kept as they say."""

    @click.option(
        "-v",
        "--verbose",
        count=True,
        help="Say on the error stream what is done with each submission and why; -vv: each process and each step, too.",
    )
    @click.option(
        "--log-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Add all that -vv says to FILE, one line for each event, with times, processes and threads. What Dask workers "
        "of a --scheduler log stays in their own logs; how long they took comes back with the results.",
    )
    @functools.wraps(command)
    def logged(*arguments: Any, verbose: int, log_file: Path | None, **options: Any) -> Any:
        with logging_to(verbose, log_file):
            return command(*arguments, **options)

    return logged


@contextmanager
def logging_to(verbose: int, log_file: Path | None) -> Iterator[None]:
    """Show what is logged on the error stream, and keep it in a file. Raises UsageError."""
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
        # By way of the progress bar's own console, which keeps the bar below the lines.
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
