"""Fair use: how much one person and one workspace may ask of this process before the others would feel it. No words, no Slack.

Each replica counts for itself, so that several allow a little more than one: what is protected is a replica's own threads, each
replica brings threads of its own, and a common count would cost a write to the database before every acknowledgement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal

from bot.buckets import NS, Buckets, Rate

# A person who knows the answers presses ten buttons in three seconds, Slack may deliver each of them three times, and nobody reads two
# messages a second for long. A script that sends 200 a second gets 30, then one in a hundred.
PER_PERSON: Final = Rate(burst=30, per_second=2)
# A workshop: sixty people type the command at one word from the stage, then answer five questions within a minute, which is five a
# second, and more than Slack would show them. A thousand accounts that flood together are held to that, so that the others'
# acknowledgements stay quick, and what was let in is worked off in time.
PER_WORKSPACE: Final = Rate(burst=150, per_second=5)
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
        self._people, self._workspaces = Buckets(per_person, most), Buckets(per_workspace, most)
        self._told, self._told_in_all = Buckets(_TOLD, most), Buckets(_TOLD_IN_ALL, most)
        self._clock = clock
        self._lock = Lock()

    def may(self, workspace: str, person: str) -> Allowed | TooFast:
        """One for the person and one for their workspace, or none of either: whoever floods uses up nothing of their colleagues'."""
        someone = (workspace, person)  # the ids of two workspaces may be alike
        with self._lock:
            now = int(self._clock() * NS)
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
            now = int(self._clock() * NS)
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
        return TooFast(scope, wait / NS, say)
