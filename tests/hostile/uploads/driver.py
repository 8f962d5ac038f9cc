"""A process that runs `python -m autograder ...` again and again: a cold start costs seconds, and an upload has hundreds.

It reads commands from stdin, one JSON list per line, and answers each with one JSON object: how the command ended, what
it printed, how long it took, and how much memory this process needed above its idle memory. It dies where the command
would die.
"""

import contextlib
import ctypes
import gc
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path


def memory(field):
    """Bytes of this process: VmRSS now, or VmHWM at most since `forget_peak`."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def forget_peak():
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def below(pid):
    """All descendants of a process."""
    children = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    return children + [one for child in children for one in below(child)]


class Children:
    """The largest resident memory of any one process below this one, looked at five times a second."""

    def __enter__(self):
        self.most, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def _look(self):
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._done.wait(0.2):
            for pid in below(os.getpid()):
                with contextlib.suppress(OSError, IndexError, ValueError):
                    self.most = max(self.most, int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page)

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()


def run(arguments):
    from click.testing import CliRunner

    from autograder.cli.main import main

    forget_peak()
    rest, begun, busy = memory("VmRSS"), time.monotonic(), time.process_time()
    with Children() as children:
        result = CliRunner().invoke(main, arguments)
    fault = ""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        fault = "".join(traceback.format_exception(result.exception, limit=-12))
    return {
        "code": result.exit_code,
        "output": result.stdout_bytes.decode("utf-8", "backslashreplace"),
        "error": result.stderr_bytes.decode("utf-8", "backslashreplace"),
        "fault": fault[-6000:],
        "seconds": round(time.monotonic() - begun, 3),
        "busy": round(time.process_time() - busy, 3),
        "memory": max(memory("VmHWM") - rest, 0),
        "child_memory": children.most,
    }


def main():
    # Output that bypasses Python, of a command or a process below it, goes to the log instead of into the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
