"""A line of the log is one event, whatever strangers wrote, and shows no password."""

import logging
import re
import threading

import pytest

from autograder.files.log import MOST_LETTERS, LineFormatter, about

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4} WARNING \S+\[\d+\] \S+ autograder\.test: ")


def line(message, *arguments, thread=None, bare=True):
    record = logging.LogRecord("autograder.test", logging.WARNING, __file__, 1, message, arguments, None)
    record.threadName = thread or record.threadName
    return LineFormatter(bare=bare).format(record)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("eve\n2026-11-27 INFO forged", "eve\\n2026-11-27 INFO forged"),
        ("eve\r\x1b[2Kforged", "eve\\r\\x1b[2Kforged"),
        ("\u2028\u2029\x85\x0b\x0c\x1c", "\\u2028\\u2029\\x85\\x0b\\x0c\\x1c"),
        ("eve\u202egnp.exe\u200b\u3164", "eve\\u202egnp.exe\\u200b\\u3164"),
        ("half a pair \ud83d", "half a pair \\ud83d"),
        ("Zoë 学生 🙂", "Zoë 学生 🙂"),
    ],
)
def test_a_name_forges_no_line_and_moves_no_cursor(name, shown):
    text = line("%s: not recorded", name)
    assert text == f"{shown}: not recorded"
    assert len(f"{text}\n".splitlines()) == 1


def test_an_exception_s_traceback_is_on_the_same_line():
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        record = logging.LogRecord(
            "autograder.test", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None)
        )
    assert LineFormatter(bare=True).format(record) == "failed\\nValueError: first\\nsecond"


def test_a_line_has_time_level_process_thread_and_logger():
    text = line("ended", thread="grading 1\n", bare=False)
    assert LINE.match(text.replace("grading 1\\n", "grading-1")), text
    assert text.endswith(": ended")


def test_a_line_has_an_end():
    text = line("%s", "x" * 1_000_000)
    assert len(text) < MOST_LETTERS + 100 and text.endswith("996,000 more characters")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://grader:s3cret@db.host/class", "postgresql://grader:***@db.host/class"),
        ("postgresql+psycopg://grader:s3c/ret@db/class", "postgresql+psycopg://grader:***@db/class"),
        ("tcp://10.0.0.2:8786", "tcp://10.0.0.2:8786"),
    ],
)
def test_a_database_s_password_is_not_shown(address, shown):
    assert line("the gradebook does not answer (%s)", address) == f"the gradebook does not answer ({shown})"


def test_lines_name_what_their_thread_is_about():
    others = []
    with about("ada, 01_toy"):
        thread = threading.Thread(target=lambda: others.append(line("ready")))
        thread.start()
        thread.join()
        assert line("begins") == "ada, 01_toy: begins"
        assert line("ada, 01_toy: recorded") == "ada, 01_toy: recorded"
    assert others == ["ready"] and line("ready") == "ready"
