"""Makes new namespaces and mounts, to get capabilities back."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000 | 0x20000) == 0:
    print("BREACH unshare")
if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0:
    print("BREACH mount")
    libc.umount2(b"/tmp", 2)
def twice(x):
    return 0
