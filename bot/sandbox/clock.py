"""The local Slack's time: the machine's clock plus what a person added, and the work that waits for a moment. No state of Slack."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Clock:
    """Runs forward with the machine's clock; `advance` jumps. Work set for a moment runs once that moment has passed."""

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()

    def now(self) -> float:
        return time.time() + self._offset_s

    def call_at(self, moment: float, work: Callable[[], object]) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (moment, next(self._count), work))
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Jump forward and do what became due meanwhile, in this thread."""
        if seconds < 0:
            raise ValueError("time in the local Slack only moves forward")
        with self._changed:
            self._offset_s += seconds
        self.run_due()

    def run_due(self) -> None:
        """Do what is due, in the order of its moments. Work may set more work."""
        while (work := self._next_due()) is not None:
            work()

    def wait_until_due(self, stopped: threading.Event) -> None:
        """Sleep until some work is due, the plan changes, or it is over."""
        with self._changed:
            if not stopped.is_set():
                self._changed.wait(max(0.0, self._waiting[0][0] - self.now()) if self._waiting else None)

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _next_due(self) -> Callable[[], object] | None:
        with self._changed:
            if not self._waiting or self._waiting[0][0] > self.now():
                return None
            return heapq.heappop(self._waiting)[2]
