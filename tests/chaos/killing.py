"""SIGKILL at a chosen moment: when a call of the bot reaches Slack, or a delivery of Slack the bot; before it counts, or right after."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.sandbox.faults import CallFault
from tests.chaos.balancer import When
from tests.chaos.fleet import Fleet

DELIVERY = "delivery"


@dataclass(frozen=True)
class Moment:
    """The call of this number to a method of the Web API, or the delivery of this number; the first is 1.

    Before: Slack has not accepted the call, or the bot not taken the delivery. After: it has, and nobody is left to learn of it.
    """

    what: str
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.number}"


@dataclass
class Killer:
    """Counts what happens, kills all bots when a moment has come, and starts them again at once."""

    fleet: Fleet
    moments: Collection[Moment]
    struck: list[Moment] = field(default_factory=list)
    _counts: Counter[tuple[str, When]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_for(self, method: str) -> CallFault:
        """In the place of the local Slack's own faults."""
        if self._kills(method, "before"):
            return CallFault(drop="before")
        self._kills(method, "after")
        return CallFault()

    def watch(self, when: When) -> None:
        """In the place of the balancer's own."""
        self._kills(DELIVERY, when)

    def _kills(self, what: str, when: When) -> bool:
        with self._lock:
            self._counts[what, when] += 1
            moment = Moment(what, self._counts[what, when], when)
            if moment not in self.moments:
                return False
            self.struck.append(moment)
            self.fleet.strike_all()
            return True
