"""A case from a file or from standard input, as bytes and the name to call it by."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import AdviceError, printable
from engine.yamltree import MOST_BYTES

STANDARD_INPUT = "-"


def read_bytes(case: str) -> tuple[bytes, str]:
    """The content and its name. Raises AdviceError, naming the file, where it cannot be read or is too long."""
    name = "standard input" if case == STANDARD_INPUT else printable(case)
    try:
        content = _standard_input() if case == STANDARD_INPUT else _file(Path(case))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is closed"
        raise AdviceError(f"{name}: cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise AdviceError(f"{name}: has more than {MOST_BYTES:,} bytes, which is too long for a case")
    return content, name


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _standard_input() -> bytes:
    if sys.stdin is None:  # what Python makes of a closed standard input
        raise ValueError
    return sys.stdin.buffer.read(MOST_BYTES + 1)
