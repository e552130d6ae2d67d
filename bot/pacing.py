"""How the work of one workspace is paced while others want theirs: what a flood was allowed to ask must not take every processor.

Each process that works counts for itself, as fair use does (`bot.fairness`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from dataclasses import dataclass
from threading import Lock
from typing import Final

from bot.buckets import NS, Buckets, Rate

# Slack itself takes about one message a second in a channel and fifty updates a minute in a workspace, and a job is one to three of
# these: who is held to four jobs a second for long waits for Slack more than for us.
SHARE: Final = Rate(burst=10, per_second=4)
_LATELY_NS: Final = 10 * NS
_MOST_BUCKETS: Final = 20_000


@dataclass(frozen=True)
class _Took:
    workspace: str
    at: int


_NOBODY: Final = _Took("", -_LATELY_NS)


class Pacing:
    """A workspace that had its share rests while another has work done; alone it has all there is. Threads may ask at the same time."""

    def __init__(self, share: Rate = SHARE, clock: Callable[[], float] = time.monotonic) -> None:
        self._shares = Buckets(share, _MOST_BUCKETS)
        self._rests: dict[str, int] = {}  # workspace -> until when
        self._last, self._last_of_another = _NOBODY, _NOBODY
        self._clock = clock
        self._lock = Lock()

    def took(self, workspace: str) -> None:
        """One job of this workspace."""
        with self._lock:
            now = self._now()
            if self._last.workspace != workspace:
                self._last_of_another = self._last
            self._last = _Took(workspace, now)
            # Who was alone took more than a share, which is no debt: it rests no longer than until the next is due.
            self._shares.take(workspace, min(self._shares.after(workspace, now), now + self._shares.whole), now)
            if (wait := self._shares.wait(workspace, now)) > 0:
                self._rests[workspace] = now + wait

    def resting(self) -> Set[str]:
        """Workspaces of which nothing is to be taken now."""
        with self._lock:
            now = self._now()
            self._rests = {each: until for each, until in self._rests.items() if until > now}
            return {each for each in self._rests if self._others_work(each, now)}

    def _others_work(self, workspace: str, now: int) -> bool:
        other = self._last if self._last.workspace != workspace else self._last_of_another
        return now - other.at < _LATELY_NS

    def _now(self) -> int:
        return int(self._clock() * NS)
