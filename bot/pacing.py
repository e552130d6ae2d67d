"""How the work of one workspace is paced while others want theirs: what a flood was allowed to ask must not take every processor.

Each process that works counts for itself, as fair use does (`bot.fairness`).
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Set
from fractions import Fraction
from threading import Lock
from typing import Final

from bot.buckets import NS, Buckets, Rate

# Slack itself takes about one message a second in a channel and fifty updates a minute in a workspace, and a job is one to three of
# these: who is held to four jobs a second for long waits for Slack more than for us.
SHARE: Final = Rate(burst=10, per_second=4)
_MUCH: Final = Fraction(3, 2)  # times an even part of all that was done lately: where all have as much to do, nobody rests for long
_LATELY_NS: Final = 3 * NS
_MOST_BUCKETS: Final = 20_000


class Pacing:
    """A workspace that had its share, and half as much again as an even part of what was done lately, rests. Alone it has all there is.

    Threads may ask at the same time.
    """

    def __init__(self, share: Rate = SHARE, clock: Callable[[], float] = time.monotonic) -> None:
        self._shares = Buckets(share, _MOST_BUCKETS)
        self._done: deque[tuple[int, str]] = deque()  # lately, the oldest first
        self._count: Counter[str] = Counter()  # of these, by workspace
        self._clock = clock
        self._lock = Lock()

    def took(self, workspace: str) -> None:
        """One job of this workspace."""
        with self._lock:
            now = self._now()
            self._done.append((now, workspace))
            self._count[workspace] += 1
            # Who was alone took more than a share, which is no debt: it rests no longer than until the next is due.
            self._shares.take(workspace, min(self._shares.after(workspace, now), now + self._shares.whole), now)

    def resting(self) -> Set[str]:
        """Workspaces of which nothing is to be taken now."""
        with self._lock:
            now = self._now()
            self._forget(now - _LATELY_NS)
            much = _MUCH * len(self._done) / max(len(self._count), 1)
            return {each for each, done in self._count.items() if done > much and self._shares.wait(each, now) > 0}

    def _forget(self, before: int) -> None:
        while self._done and self._done[0][0] <= before:
            _, workspace = self._done.popleft()
            self._count[workspace] -= 1
            if not self._count[workspace]:
                del self._count[workspace]

    def _now(self) -> int:
        return int(self._clock() * NS)
