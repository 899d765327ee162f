"""Set the C library's allocator up for large tensors that come and go.

By default glibc maps every block above 32 MiB anew and gives it back when freed, so that the
kernel clears each large intermediate page by page: a step of a convolution network can spend more
time on that than on arithmetic. `prepare` keeps freed memory in the process and lets the kernel
hand it out in huge pages, from within, without environment variables or a restart.
"""

import ctypes
import os
import sys
from functools import cache

# malloc.h and sys/mman.h of Linux
M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
MADV_HUGEPAGE = 14


@cache
def prepare() -> bool:
    """Keep freed memory for the next tensor; call it before the first large allocation.

    Nothing is reserved: memory counts as used once it is written, as before. Further calls, and
    calls on systems without glibc, do nothing.

    Returns:
        Whether the allocator took the settings.
    """
    libc = _library()
    if libc is None:
        return False
    kept = libc.mallopt(M_MMAP_MAX, 0) and libc.mallopt(M_TRIM_THRESHOLD, -1)
    _advise_huge_pages(libc, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return bool(kept)


def _library() -> ctypes.CDLL | None:
    """The C library, if it is one with `mallopt`."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") else None


def _advise_huge_pages(libc: ctypes.CDLL, size: int) -> None:
    """Grow the heap by `size` bytes of untouched addresses, for which huge pages are wanted.

    The block is freed at once; as trimming is off its addresses stay at the top of the heap, from
    where later allocations are cut. Where the system refuses, small pages serve as well.
    """
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    block = libc.malloc(size)
    if block:
        page = os.sysconf("SC_PAGE_SIZE")
        start = -(-block // page) * page
        libc.madvise(start, (block + size - start) // page * page, MADV_HUGEPAGE)
        libc.free(block)
