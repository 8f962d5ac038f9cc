"""The walls that a process builds around itself from the inside: namespaces, a scratch disk, limits, no privileges."""

from __future__ import annotations

import ctypes
import functools
import os
import stat
import sys
from pathlib import Path

from autograder.sandbox.process import Limits

if sys.platform != "win32":  # this module is imported on every system, if only to report that there is no sandbox
    import resource

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
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_MNT_DETACH = 2

_MADV_COLLAPSE = 25  # Linux 6.1

_LARGE_PAGE = 2**21


@functools.cache
def _libc() -> ctypes.CDLL:
    """The C library of this process; only for Linux."""
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc(), name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _call("prctl", _PR_SET_PDEATHSIG, 9, 0, 0, 0)


def enter_own_namespaces() -> None:
    """Continue in a child that is the first process of a new pid namespace and may create further ones.

    The calling process only waits for that child to end, and exits with its exit code.
    """
    _unshare(_NEWUSER | _NEWPID)
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    die_with_parent()


def fork_into_namespace() -> int:
    """Like `os.fork`, but the child is the first process of a new pid namespace. Call `enter_own_namespaces` first."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    _call("unshare", _NEWPID)
    child = os.fork()
    if child:
        # Return to our own namespace; otherwise the next child would be created in the same namespace as this one.
        _call("setns", own, _NEWPID)
        os.close(own)
    return child


def unshare() -> None:
    """Move this process into new user, mount, ipc and uts namespaces."""
    _unshare(_NEWUSER | _NEWNS | _NEWIPC | _NEWUTS)


def _unshare(namespaces: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", namespaces)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(line)


def scratch_disk(limits: Limits) -> None:
    """Mount fresh, size-limited /tmp and /dev/shm, and a /proc that shows only this process; the real one shows all."""
    _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    # The pid of this process in the namespace that /proc belongs to, which is the fork server's.
    own = os.readlink("/proc/self").encode()
    machine = {name: Path("/proc", name).read_bytes() for name in ("cpuinfo", "meminfo")}
    options = _MS_NOSUID | _MS_NODEV
    below = {path: os.open(path, os.O_PATH) for path in _mounted_below("/tmp/")}
    _call("mount", b"tmpfs", b"/tmp", b"tmpfs", options, f"size={limits.disk_bytes},nr_inodes=4096,mode=700".encode())
    _call("mount", b"tmpfs", b"/dev/shm", b"tmpfs", options, b"size=1m,nr_inodes=64,mode=700")
    # Hide the terminals: all submissions share them, so one could write what another reads.
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
    """The mount points below a path, outer ones first."""
    points = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [point for point in points if point.startswith(place)]


def _mount_again(path: str, kept: int) -> None:
    """Restore a mount that a new one has covered: the interpreter or the course may be there.

    Args:
        path: the mount point.
        kept: a descriptor of the covered mount; it is closed.
    """
    there = Path(path)
    there.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(os.fstat(kept).st_mode):
        there.mkdir(exist_ok=True)
    else:
        there.touch()
    _call("mount", f"/proc/self/fd/{kept}".encode(), path.encode(), None, _MS_BIND, None)
    os.close(kept)


def large_pages() -> None:
    """Ask the kernel to move this process's memory into large pages: a fork copies one table entry per page."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, access, _, _, _, *name = line.split(maxsplit=5)
        if access == "rw-p" and name in ([], ["[heap]"]):
            begin, end = (int(address, 16) for address in span.split("-"))
            begin, end = -(-begin // _LARGE_PAGE) * _LARGE_PAGE, end // _LARGE_PAGE * _LARGE_PAGE
            if begin < end:
                # This only saves time, so a refusal does not matter.
                _libc().madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _MADV_COLLAPSE)


def own_size() -> int:
    """The size of this process's address space in bytes; call this before `/proc` is hidden."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def set_limits(limits: Limits, address_space: int) -> None:
    # Libraries reserve far more address space than they use; resident memory is watched from outside.
    roof = address_space + 2 * limits.memory_bytes
    for what, value in (
        (resource.RLIMIT_AS, roof),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.disk_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        # Counted in this child's user namespace. Root's threads are never refused, so the fork server counts, too.
        (resource.RLIMIT_NPROC, limits.threads),
        # Pending signals are counted per user, so one submission could use up those of the grading user.
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        resource.setrlimit(what, (value, value))


def drop_privileges() -> None:
    """Drop all capabilities from every set, and rule out getting any back."""
    for capability in range(64):
        if _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
