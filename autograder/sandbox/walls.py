"""The walls around a process that runs other people's code. Knows nothing of notebooks.

Outer walls: bubblewrap around a fork server, with its own namespaces and an allow-list of read-only paths; no network,
no home, no repository, no class directory. Inner walls, for each submission: namespaces again, its own scratch disk, an
almost empty /proc, limits, no capabilities, and a seccomp filter. Linux only.
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

# Absolute, because the path that started Python may not exist in the sandbox. Symbolic links stay unresolved: they
# identify the virtual environment.
PYTHON = os.path.abspath(sys.executable)
PROBE_SECONDS = 30.0
# The only environment variables that are passed on: they decide how numbers are computed.
PASSED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TF_ENABLE_ONEDNN_OPTS")


def walls(program: Program) -> list[str]:
    """The bubblewrap command line for a fork server of this program; append the command to run inside.

    Raises:
        SandboxUnavailable: bubblewrap is not installed, or something secret would be visible inside.
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
    # These come first, since other mounts may be below them: a course may have been unpacked in /tmp.
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in system_paths():
        if leads_to_what_is_shown(path):
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind-try", path, path]
    for source in package_paths(program.shown):
        command += ["--ro-bind", str(source), str(source)]
    # The mounts that bubblewrap creates itself are writable by default.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment().items():
        command += ["--setenv", name, value]
    return command


def environment() -> dict[str, str]:
    """The environment variables of a fork server and its children: of the grader's own only those in `PASSED`."""
    fixed = {
        "PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # OpenBLAS's own threads would not survive the fork, and submissions are graded in parallel anyway.
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    return fixed | {name: os.environ[name] for name in PASSED if name in os.environ}


def missing(secret: Iterable[str | Path] = ()) -> list[SandboxUnavailable]:
    """Everything that keeps the walls from being built on this machine, each as an error with its remedy.

    Found by actually building them.

    Args:
        secret: files and folders that must not be visible inside, such as a class directory.
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
