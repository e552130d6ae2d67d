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
# A bucket fills within twenty seconds and is dropped then. More people than this never act in that time: no replica acknowledges so many.
_MOST_BUCKETS: Final = 20_000


@dataclass(frozen=True)
class Allowed:
    """Go on."""


@dataclass(frozen=True)
class TooFast:
    """Not now: in so many seconds the next one is taken. `say` where the person has not been told within the last minute."""

    scope: Literal["person", "workspace"]
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
        self._people, self._workspaces, self._told = (_Buckets(rate, most) for rate in (per_person, per_workspace, _TOLD))
        self._clock = clock
        self._lock = Lock()

    def may(self, workspace: str, person: str) -> Allowed | TooFast:
        """One for the person and one for their workspace, or none of either: whoever floods uses up nothing of their colleagues'."""
        someone = (workspace, person)  # the ids of two workspaces may be alike
        with self._lock:
            now = int(self._clock() * _NS)
            mine, ours = self._people.after(someone, now), self._workspaces.after(workspace, now)
            if (wait := mine - now - self._people.whole) > 0:
                return self._too_fast("person", wait, someone, now)
            if (wait := ours - now - self._workspaces.whole) > 0:
                return self._too_fast("workspace", wait, someone, now)
            self._people.take(someone, mine, now)
            self._workspaces.take(workspace, ours, now)
        return _ALLOWED

    def kept(self) -> int:
        """How many buckets are held."""
        with self._lock:
            return len(self._people) + len(self._workspaces) + len(self._told)

    def _too_fast(self, scope: Literal["person", "workspace"], wait: int, someone: Hashable, now: int) -> TooFast:
        told = self._told.after(someone, now)
        say = told - now <= self._told.whole
        if say:
            self._told.take(someone, told, now)
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

    def take(self, key: Hashable, full_at: int, now: int) -> None:
        buckets = self._full_at
        buckets[key] = full_at
        buckets.move_to_end(key)
        for _ in range(2):  # one may have come, so two may go: those that nobody uses any more are gone in time, at a fixed price
            first = next(iter(buckets))
            if buckets[first] > now and len(buckets) <= self._most:
                return
            del buckets[first]
