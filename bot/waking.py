"""A tap on the shoulder from one process to another of the same bot: there is work. Nothing is lost without it, it only comes later."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress


class Wake:
    """Made before the processes are forked, so that they share it."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)

    def up(self) -> None:
        with suppress(BlockingIOError):  # full: it will wake anyhow
            os.write(self._in, b".")

    def call_on_each(self, called: Callable[[], object]) -> None:
        """Calls this for each tap, or once for several; returns when nobody is left who could tap."""
        while os.read(self._out, 4096):
            called()
