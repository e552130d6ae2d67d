"""Processes of this machine, by their number."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return sorted(each for each in pids if _state(each)[1:] == [str(pid)])


def lives(pid: int) -> bool:
    """Whether it is there, and more than a zombie that nobody has collected."""
    return _state(pid)[:1] not in ([], ["Z"])


def is_running(pid: int, program: str) -> bool:
    """Whether this process is one of the program, and not another that has got its number since."""
    try:
        return program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def send(pid: int, what: signal.Signals) -> None:
    """Where it is there still."""
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def _state(pid: int) -> list[str]:
    """The letter of its state and its parent; nothing where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []
