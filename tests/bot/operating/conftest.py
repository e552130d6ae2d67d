"""The log of a process, written where a test can read it; everything as before at the end."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from bot.logs import set_up_log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def everything_as_before() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, sys.unraisablehook, threading.excepthook)
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.captureWarnings(False)


@pytest.fixture
def written(everything_as_before: None, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is written where standard error is a file."""
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    set_up_log("INFO")
    return file


@pytest.fixture
def on_terminal(everything_as_before: None, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    set_up_log("INFO")
    return terminal
