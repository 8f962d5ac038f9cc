"""The walls around a process that runs other people's code. They know no notebooks.

Outside: bubblewrap around a *warm parent*, with namespaces of its own and an allow-list of read-only paths; no network,
no home, no repository, no class directory. Inside, for each submission: namespaces again, a scratch disk of its own, an
empty /proc, limits, no capabilities and a seccomp filter. Linux only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import SandboxUnavailable
from autograder.sandbox.process import Program
from autograder.sandbox.syscalls import seccomp_filter
from autograder.sandbox.visible import exposed, leads_to_what_is_shown, package_paths, system_paths

# Not as it was called, which may be by way of a folder that is not there inside; links are kept, since they make an environment.
PYTHON = os.path.abspath(sys.executable)
PROBE_SECONDS = 30.0
# Of the environment only what decides how numbers are computed.
PASSED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TF_ENABLE_ONEDNN_OPTS")


def walls(program: Program) -> list[str]:
    """The bubblewrap command line, up to what runs inside, for a fork server of this program.

    Raises:
        SandboxUnavailable: bubblewrap is not installed, or what must not be read lies where it would be shown.
    """
    for fault in exposed():
        raise fault
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed.", remedy="Install it: apt-get install bubblewrap (or dnf, pacman)."
        )
    command = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    command += ["--uid", "1000", "--gid", "1000", "--hostname", program.name]
    # First, since all else may lie below: a course may have been unpacked in /tmp.
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in system_paths():
        if leads_to_what_is_shown(path):
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind-try", path, path]
    for source in package_paths(program.shown):
        command += ["--ro-bind", str(source), str(source)]
    # What bubblewrap makes itself, it makes writable.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment().items():
        command += ["--setenv", name, value]
    return command


def environment() -> dict[str, str]:
    """The environment of a fork server and all its children: nothing of the grader's own."""
    fixed = {
        "PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A thread of its own would not survive the fork, and submissions are graded side by side anyway.
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    return fixed | {name: os.environ[name] for name in PASSED if name in os.environ}


def missing(secret: Iterable[str | Path] = ()) -> list[SandboxUnavailable]:
    """What keeps the walls from being built on this machine, each with its remedy; found by really building them.

    Args:
        secret: what must not be seen inside, such as a class directory.
    """
    if not sys.platform.startswith("linux"):
        return [
            SandboxUnavailable(f"the sandbox needs Linux, this is {sys.platform}.", remedy="Grade on a Linux machine.")
        ]
    faults = exposed(secret)
    try:
        seccomp_filter()
    except SandboxUnavailable as error:
        faults.append(error)
    if exposed():
        return faults
    try:
        command = [*walls(Program("probe", "", ())), "/bin/true"]
    except SandboxUnavailable as error:
        return [error, *faults]
    said = _what_fails(command)
    if said:
        faults.append(
            SandboxUnavailable(
                f"bubblewrap cannot make its namespaces ({said}).",
                remedy="Allow unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone=1, on Ubuntu "
                "also kernel.apparmor_restrict_unprivileged_userns=0, in a container run with --privileged.",
            )
        )
    return faults


def _what_fails(command: list[str]) -> str:
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"it was not done after {PROBE_SECONDS:g} s"
    except OSError as error:
        return str(error)
    return (tried.stderr.strip() or f"exit code {tried.returncode}") if tried.returncode else ""


# --- inside, for each submission -------------------------------------------------------------------------------------
