"""Fair use: how much one person and one workspace may ask of this process before the others would feel it. No words, no Slack.

Each replica counts for itself, so that several allow a little more than one: what is protected is a replica's own threads, each
replica brings threads of its own, and a common count would cost a write to the database before every acknowledgement.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal

_NS: Final = 1_000_000_000  # counted in whole nanoseconds: sums of fractions would refuse the last of a burst


@dataclass(frozen=True)
class Rate:
    """So many at once, then so many a second."""

    burst: int
    per_second: float


# A person who knows the answers presses ten buttons in three seconds, Slack may deliver each of them three times, and nobody reads two
# messages a second for long. A script that sends 200 a second gets 30, then one in a hundred.
PER_PERSON: Final = Rate(burst=30, per_second=2)
# A workshop: three hundred people type the command at one word from the stage, then answer five questions within a minute, which is 25 a
# second. A thousand accounts that flood together are held to that, so that the others' acknowledgements stay quick.
PER_WORKSPACE: Final = Rate(burst=300, per_second=25)
# The polite message is a call to Slack as well, and who is told every second reads none of it.
_TOLD: Final = Rate(burst=1, per_second=1 / 60)
# Where a whole workspace floods, nobody reads what a thousand people are told.
_TOLD_IN_ALL: Final = Rate(burst=10, per_second=1)
# A bucket fills within twenty seconds and is dropped then. More people than this never act in that time: no replica acknowledges so many.
_MOST_BUCKETS: Final = 20_000


Scope = Literal["person", "workspace"]


@dataclass(frozen=True)
class Allowed:
    """Go on."""


@dataclass(frozen=True)
class TooFast:
    """Not now: in so many seconds the next one is taken. `say` where the person was not told within the last minute, nor others all the
    time."""

    scope: Scope
    wait_s: float
    say: bool


_ALLOWED: Final = Allowed()


class Fairness:
    """Asked once for each thing that a person does. Threads may ask at the same time."""

    def __init__(
        self,
        per_person: Rate = PER_PERSON,
        per_workspace: Rate = PER_WORKSPACE,
        clock: Callable[[], float] = time.monotonic,
        most: int = _MOST_BUCKETS,
    ) -> None:
        self._people, self._workspaces = _Buckets(per_person, most), _Buckets(per_workspace, most)
        self._told, self._told_in_all = _Buckets(_TOLD, most), _Buckets(_TOLD_IN_ALL, most)
        self._clock = clock
        self._lock = Lock()

    def may(self, workspace: str, person: str) -> Allowed | TooFast:
        """One for the person and one for their workspace, or none of either: whoever floods uses up nothing of their colleagues'."""
        someone = (workspace, person)  # the ids of two workspaces may be alike
        with self._lock:
            now = int(self._clock() * _NS)
            if met := self._met(workspace, someone, now):
                return self._too_fast(*met, workspace, someone, now)
            for buckets, key in ((self._people, someone), (self._workspaces, workspace)):
                buckets.take(key, buckets.after(key, now), now)
        return _ALLOWED

    @property
    def is_strained(self) -> bool:
        """Somebody was too fast lately; only then `refuses` can say anything."""
        return len(self._told) > 0

    def refuses(self, workspace: str, person: str) -> Scope | None:
        """Which limit the next one would meet without a word about it. Takes nothing."""
        someone = (workspace, person)
        with self._lock:
            now = int(self._clock() * _NS)
            met = self._met(workspace, someone, now)
            return met[0] if met and not self._may_say(workspace, someone, now) else None

    def kept(self) -> int:
        """How many buckets are held."""
        with self._lock:
            return sum(map(len, (self._people, self._workspaces, self._told, self._told_in_all)))

    def _met(self, workspace: str, someone: Hashable, now: int) -> tuple[Scope, int] | None:
        """Which limit the next one meets, and for how many nanoseconds."""
        if (wait := self._people.wait(someone, now)) > 0:
            return "person", wait
        if (wait := self._workspaces.wait(workspace, now)) > 0:
            return "workspace", wait
        return None

    def _may_say(self, workspace: str, someone: Hashable, now: int) -> bool:
        return self._told.wait(someone, now) <= 0 and self._told_in_all.wait(workspace, now) <= 0

    def _too_fast(self, scope: Scope, wait: int, workspace: str, someone: Hashable, now: int) -> TooFast:
        say = self._may_say(workspace, someone, now)
        if say:
            for buckets, key in ((self._told, someone), (self._told_in_all, workspace)):
                buckets.take(key, buckets.after(key, now), now)
        return TooFast(scope, wait / _NS, say)


class _Buckets:
    """A token bucket an id, kept as the moment at which it is full again; a full one is like one that was never used, so it is dropped."""

    def __init__(self, rate: Rate, most: int) -> None:
        self._each = round(_NS / rate.per_second)
        self.whole = rate.burst * self._each  # from empty to full
        self._most = most
        self._full_at: OrderedDict[Hashable, int] = OrderedDict()  # whose last was taken longest ago stands first

    def __len__(self) -> int:
        return len(self._full_at)

    def after(self, key: Hashable, now: int) -> int:
        """When the bucket is full again if one is taken now. Where that is further off than the whole bucket, there is none to take."""
        full_at = self._full_at.get(key, now)
        return (full_at if full_at > now else now) + self._each

    def wait(self, key: Hashable, now: int) -> int:
        """How long until there is one to take; nothing above zero where there is."""
        return self.after(key, now) - now - self.whole

    def take(self, key: Hashable, full_at: int, now: int) -> None:
        buckets = self._full_at
        buckets[key] = full_at
        buckets.move_to_end(key)
        for _ in range(2):  # one may have come, so two may go: those that nobody uses any more are gone in time, at a fixed price
            first = next(iter(buckets))
            if buckets[first] > now and len(buckets) <= self._most:
                return
            del buckets[first]
