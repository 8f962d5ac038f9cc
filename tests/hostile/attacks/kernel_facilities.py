"""Tries the kernel's interfaces for programs that watch or extend it."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

# io_uring_setup, bpf, userfaultfd, perf_event_open, fanotify_init, memfd_secret, landlock_create_ruleset, pidfd_open, kcmp, cachestat
for number, *arguments in ((425, 1, 0), (321, 0, 0, 0), (323, 1), (298, 0, 0, -1, -1, 0), (300, 0, 0), (447, 0), (444, 0, 0, 1), (434, 1, 0), (312, 1, 1, 0, 0, 0)):
    ctypes.set_errno(0)
    libc.syscall(number, *arguments)
    if ctypes.get_errno() not in (1, 38):  # refused, or not there
        print("BREACH", number)
def twice(x):
    return 0
