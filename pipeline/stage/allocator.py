"""Set the allocators up for large tensors that come and go.

By default glibc gives large blocks back to the kernel when they are freed, and for the next one the
kernel clears page after page: a step of a convolution network can spend more time on that than on
arithmetic. `prepare` keeps freed memory in the process and has PyTorch ask
for huge pages, from within, without a restart.
"""

import ctypes
import os
import sys

# malloc.h of glibc
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3

KEPT = 128 * 2**20
"""Largest block that is kept, bytes. Without a limit the heap of a network's forward pass gets so
fragmented that it takes half as much memory again, and is a tenth faster."""
OLD_LIMIT = 32 * 2**20
"""The most that glibc before 2.35 accepts."""


def prepare() -> bool:
    """Keep freed memory for the next tensor; call it before the first large allocation.

    Nothing is reserved: memory counts as used once it is written, as before. On systems without
    glibc nothing happens. `THP_MEM_ALLOC_ENABLE=0` in the environment declines huge pages.

    Returns:
        Whether the allocator took the settings.
    """
    libc = _library()
    if libc is None:
        return False
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read by PyTorch at its first tensor
    kept = libc.mallopt(M_MMAP_THRESHOLD, KEPT) or libc.mallopt(M_MMAP_THRESHOLD, OLD_LIMIT)
    return bool(kept and libc.mallopt(M_TRIM_THRESHOLD, -1))


def release() -> None:
    """Give memory that is free but kept back to the system, e.g. before a peak is measured."""
    libc = _library()
    if libc is not None:
        libc.malloc_trim(ctypes.c_size_t(0))


def _library() -> ctypes.CDLL | None:
    """The C library, if it is one with `mallopt`."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") else None
