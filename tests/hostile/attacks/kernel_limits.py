"""Raises its own limits."""
import resource
for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_NPROC):
    soft, hard = resource.getrlimit(what)
    try:
        resource.setrlimit(what, (hard + 1, hard + 1) if hard >= 0 else (soft, hard))
        print("BREACH", what)
    except (OSError, ValueError, OverflowError):
        pass
def twice(x):
    return 0
