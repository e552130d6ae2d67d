"""Several processes of one bot count as one: each writes its counts into a file, and whichever is asked shows the sums."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import mkdtemp
from typing import Final

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks at it when it is imported


@contextmanager
def counted_together() -> Iterator[None]:
    """For this process and those that it forks. Whatever counts must be imported inside."""
    folder, owner = mkdtemp(prefix="whichcloud-"), os.getpid()
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == owner:  # a fork leaves the block too
            shutil.rmtree(folder, ignore_errors=True)
            del os.environ[FOLDER]
