"""The walls around a process that runs other people's code. They know no notebooks.

Outside: bubblewrap around a *warm parent*, with namespaces of its own and an allow-list of read-only paths; no network,
no home, no repository, no class directory. Inside, for each submission: namespaces again, a scratch disk of its own, an
empty /proc, limits, no capabilities and a seccomp filter. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SandboxUnavailable
from autograder.syscalls import seccomp_filter
from autograder.visible import exposed, leads_to_what_is_shown, package_paths, system_paths

if sys.platform != "win32":  # this module is read everywhere, to say that there is no sandbox
    import resource

# Not as it was called, which may be by way of a folder that is not there inside; links are kept, since they make an environment.
PYTHON = os.path.abspath(sys.executable)
PROBE_SECONDS = 30.0
# Of the environment only what decides how numbers are computed.
PASSED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TF_ENABLE_ONEDNN_OPTS")

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    0x1000,
    0x4000,
    0x40000,
)
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_MADV_COLLAPSE = 25  # Linux 6.1
_LARGE_PAGE = 2**21


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    wall_s: float = 300.0  # from fork to end
    cpu_s: int = 600  # of all its threads together
    memory_bytes: int = 2 * 2**30  # resident, beyond what it shares with the warm parent
    disk_bytes: int = 64 * 2**20  # its scratch disk, which is memory as well
    open_files: int = 128
    # TensorFlow starts some for each processor.
    threads: int = 128 + 8 * (os.cpu_count() or 1)


def walls(kind: str) -> list[str]:
    """The bubblewrap command line, up to the program to run, for a warm parent of this kind.

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
    command += ["--uid", "1000", "--gid", "1000", "--hostname", kind]
    # First, since all else may lie below: a course may have been unpacked in /tmp.
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in system_paths():
        if leads_to_what_is_shown(path):
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind-try", path, path]
    for source in package_paths(kind):
        command += ["--ro-bind", str(source), str(source)]
    # What bubblewrap makes itself, it makes writable.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment().items():
        command += ["--setenv", name, value]
    return command


def environment() -> dict[str, str]:
    """The environment of a warm parent and all its children: nothing of the grader's own."""
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
        command = [*walls("probe"), "/bin/true"]
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

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _call("prctl", _PR_SET_PDEATHSIG, 9, 0, 0, 0)


def enter_own_namespaces() -> None:
    """Go on as the first process of a pid namespace in which this process may make others; who called waits for its end."""
    _unshare(_NEWUSER | _NEWPID)
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    die_with_parent()


def fork_into_namespace() -> int:
    """`os.fork`, the child being the first process of a new pid namespace; after `enter_own_namespaces`."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    _call("unshare", _NEWPID)
    child = os.fork()
    if child:
        # Without this, the next child would have to be of the same namespace.
        _call("setns", own, _NEWPID)
        os.close(own)
    return child


def unshare() -> None:
    """New user, mount, ipc and uts namespaces."""
    _unshare(_NEWUSER | _NEWNS | _NEWIPC | _NEWUTS)


def _unshare(namespaces: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", namespaces)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(line)


def scratch_disk(limits: Limits) -> None:
    """Fresh, size-capped /tmp and /dev/shm; a /proc of this process alone, since the real one shows all of them."""
    _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    # The name of this process in the namespace that /proc belongs to, which is the warm parent's.
    own = os.readlink("/proc/self").encode()
    machine = {name: Path("/proc", name).read_bytes() for name in ("cpuinfo", "meminfo")}
    options = _MS_NOSUID | _MS_NODEV
    below = {path: os.open(path, os.O_PATH) for path in _mounted_below("/tmp/")}
    _call("mount", b"tmpfs", b"/tmp", b"tmpfs", options, f"size={limits.disk_bytes},nr_inodes=4096,mode=700".encode())
    _call("mount", b"tmpfs", b"/dev/shm", b"tmpfs", options, b"size=1m,nr_inodes=64,mode=700")
    # Its terminals are shared by all submissions: one could write what another reads.
    _call("mount", b"tmpfs", b"/dev/pts", b"tmpfs", options | _MS_NOEXEC | _MS_RDONLY, b"size=4k,mode=500")
    for path, kept in below.items():
        _mount_again(path, kept)
    os.mkdir("/tmp/proc")
    _call("mount", b"/proc", b"/tmp/proc", None, _MS_BIND | _MS_REC, None)
    _call("mount", b"tmpfs", b"/proc", b"tmpfs", options | _MS_NOEXEC, b"size=1m,mode=755")
    for name, content in machine.items():
        Path("/proc", name).write_bytes(content)
    Path("/proc/self").mkdir()
    _call("mount", b"/tmp/proc/" + own, b"/proc/self", None, _MS_BIND, None)
    _call("mount", None, b"/proc/self", None, options | _MS_NOEXEC | _MS_REMOUNT | _MS_BIND | _MS_RDONLY, None)
    _call("umount2", b"/tmp/proc", _MNT_DETACH)
    os.rmdir("/tmp/proc")
    _call("mount", b"tmpfs", b"/proc", b"tmpfs", options | _MS_NOEXEC | _MS_REMOUNT | _MS_RDONLY, None)
    Path("/tmp/work").mkdir()
    os.chdir("/tmp/work")


def _mounted_below(place: str) -> list[str]:
    """Where something is mounted below a place, outer mounts first."""
    points = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [point for point in points if point.startswith(place)]


def _mount_again(path: str, kept: int) -> None:
    """Put what a new mount has covered back to its place: the interpreter and the course may lie there."""
    there = Path(path)
    there.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(os.fstat(kept).st_mode):
        there.mkdir(exist_ok=True)
    else:
        there.touch()
    _call("mount", f"/proc/self/fd/{kept}".encode(), path.encode(), None, _MS_BIND, None)
    os.close(kept)


def large_pages() -> None:
    """Have this process's memory moved into large pages where the kernel can: a fork copies an entry for each page."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, access, _, _, _, *name = line.split(maxsplit=5)
        if access == "rw-p" and name in ([], ["[heap]"]):
            begin, end = (int(address, 16) for address in span.split("-"))
            begin, end = -(-begin // _LARGE_PAGE) * _LARGE_PAGE, end // _LARGE_PAGE * _LARGE_PAGE
            if begin < end:
                # It only saves time, so that a refusal does not matter.
                _libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _MADV_COLLAPSE)


def own_size() -> int:
    """Address space of this process in bytes; call it before `/proc` is hidden."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def set_limits(limits: Limits, address_space: int) -> None:
    # Libraries reserve far more addresses than they use; resident memory is watched from outside.
    roof = address_space + 2 * limits.memory_bytes
    for what, value in (
        (resource.RLIMIT_AS, roof),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.disk_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        # Counted in the namespace of this child. Of root's the kernel does not refuse any: the warm parent counts as well.
        (resource.RLIMIT_NPROC, limits.threads),
        # The user who grades has only so many of these.
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        resource.setrlimit(what, (value, value))


def drop_privileges() -> None:
    """No capabilities in any set, and no way to get one back."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
