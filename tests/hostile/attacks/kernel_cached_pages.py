"""Asks which parts of a file are in the machine's page cache, and evicts them."""
# wins: unsafe
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import mmap, os
with open(os.__file__, "rb") as file:
    pages = mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
place = ctypes.addressof(ctypes.c_char.from_buffer(pages))
if libc.mincore(ctypes.c_void_p(place), 4096, ctypes.create_string_buffer(1)) == 0:
    print("BREACH told")
if libc.madvise(ctypes.c_void_p(place), 4096, 21) == 0:  # MADV_PAGEOUT
    print("BREACH thrown out")
def twice(x):
    return 0
