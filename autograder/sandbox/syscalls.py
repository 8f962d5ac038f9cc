"""The seccomp filter: which system calls a student's process may make.

It is an allow-list, so system calls that future kernels add are refused from the start. NumPy, TensorFlow and
matplotlib work because it contains everything that ordinary programs use within one process (files, memory, threads,
waiting, time). What is left out creates processes, namespaces or connections, changes the machine, watches or locks
what is shared with it, or uses up resources that are limited per user. Read-only mounts do not protect against the last
two: locks, leases and watches need no write permission.

A library that gets EPERM treats a call as unavailable and goes on. Calls for which libraries do so only on ENOSYS are
either allowed or answered with ENOSYS.
"""

from __future__ import annotations

import errno
from typing import Any

from autograder.errors import SandboxUnavailable

_ALLOWED = """
read write open openat openat2 creat close close_range stat fstat lstat newfstatat fstatat64 statx statfs fstatfs lseek
pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 access faccessat faccessat2 dup dup2 dup3 pipe pipe2
getdents getdents64 getcwd chdir fchdir rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat rmdir
unlink unlinkat readlink readlinkat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask truncate
ftruncate fallocate fsync fdatasync utime utimes utimensat futimesat sendfile copy_file_range getxattr lgetxattr
fgetxattr listxattr llistxattr flistxattr

mmap munmap mprotect mremap brk msync get_mempolicy

futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list set_tid_address rseq gettid
sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler sched_getattr sched_get_priority_max
sched_get_priority_min sched_rr_get_interval getpriority arch_prctl getcpu

exit exit_group wait4 waitid kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait
rt_sigsuspend sigaltstack restart_syscall pause alarm getitimer setitimer
getpid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getgroups getresuid getresgid capget getrlimit setrlimit
prlimit64 getrusage times sysinfo uname

time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep getrandom
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime

recvfrom recvmsg shutdown getsockname getpeername getsockopt
""".split()

_THREAD = 0x10000  # CLONE_THREAD
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW*
_AF_UNIX = 1
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_OFD_GETLK, F_GETLEASE, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not
# F_SETLEASE, F_NOTIFY and F_SETOWN, which can block the machine's processes or tell who opens a file; nor F_SETPIPE_SZ,
# since the memory of pipes is limited per user.
_FCNTL = (0, 1, 2, 3, 4, 5, 36, 1025, 1030, 1032)
# F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW.
_FCNTL_LOCKS = (6, 7, 37, 38)
# TCGETS, TIOCGWINSZ (is it a terminal?), FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; not TIOCSTI, which types into one.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# All advice except what evicts pages from the machine's cache (COLD, PAGEOUT) or makes it merge, poison or move pages.
_MADVISE = (0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23, 25)
# PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ, PR_GET_TIMERSLACK, PR_GET_NO_NEW_PRIVS,
# PR_SET_THP_DISABLE, PR_GET_THP_DISABLE, PR_SET_VMA; not PR_SET_PTRACER, PR_SET_MM, PR_SET_PDEATHSIG, PR_SCHED_CORE and
# the like.
_PRCTL = (3, 15, 16, 21, 23, 30, 39, 41, 42, 0x53564D41)
_INT = 0xFFFFFFFF  # mask of the 32 bits that the kernel reads of an int argument


def seccomp_filter() -> Any:
    """Build the filter without loading it. Raises SandboxUnavailable if libseccomp is missing.

    System calls of another architecture (32-bit, x32) do not match any of its names: libseccomp kills a process that
    makes one.
    """
    try:
        import pyseccomp as seccomp  # noqa: PLC0415, it loads libseccomp, which may be missing
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxUnavailable(
            f"the library libseccomp is missing ({error}).",
            remedy="Install it: apt-get install libseccomp2 (or dnf, pacman).",
        ) from error
    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))

    def add(action: int, name: str, *arguments: Any) -> None:
        try:
            rules.add_rule(action, name, *arguments)
        except (OSError, ValueError):
            return  # not a system call of this architecture, or newer than libseccomp: it stays refused

    for name in _ALLOWED:
        add(seccomp.ALLOW, name)
    # Pretend that locks succeed: no other process can open what a submission may write, so there is nothing to lock,
    # while a real lock on a file that is shared with the machine could block the machine's processes. The same goes for
    # advice on what to keep in its cache.
    for name in ("flock", "fadvise64"):
        add(seccomp.ERRNO(0), name)
    for command in _FCNTL_LOCKS:
        add(seccomp.ERRNO(0), "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, _INT, command))
    for name, place, values in (
        ("fcntl", 1, _FCNTL),
        ("ioctl", 1, _IOCTL),
        ("madvise", 2, _MADVISE),
        ("prctl", 0, _PRCTL),
    ):
        for value in values:
            add(seccomp.ALLOW, name, seccomp.Arg(place, seccomp.MASKED_EQ, _INT, value))
    # Threads are allowed, processes and namespaces are not. The flags of clone3 are in memory, which a filter cannot
    # read; C libraries fall back to clone if clone3 does not exist.
    add(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _THREAD | _NEW_NAMESPACES, _THREAD))
    add(seccomp.ERRNO(errno.ENOSYS), "clone3")
    # Only socket pairs, which event loops need, and no sending to an address: so no other process can be reached,
    # siblings included.
    add(seccomp.ALLOW, "socketpair", seccomp.Arg(0, seccomp.MASKED_EQ, _INT, _AF_UNIX))
    add(seccomp.ALLOW, "sendto", seccomp.Arg(4, seccomp.EQ, 0))
    return rules
