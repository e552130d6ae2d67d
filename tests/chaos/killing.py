"""SIGKILL at a chosen moment: when a call of the bot reaches Slack, or a delivery of Slack the bot; before it counts, or right after."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from bot.sandbox.faults import CallFault
from tests.chaos.accounts import Finding
from tests.chaos.balancer import When
from tests.chaos.databases import Database
from tests.chaos.fleet import Fleet
from tests.chaos.invariants import judge
from tests.chaos.people import PATIENCE_S, Pace
from tests.chaos.run import Size, prepared, to_its_end

DELIVERY, POST, UPDATE, FORM = "delivery", "chat.postMessage", "chat.update", "views.open"
DIRECT, CHANNEL = 0, 1  # the first seat of a direct message, where the bot may look, and of a channel, where it may not


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


def kills(size: Size, database: Database, folder: Path, moments: Collection[Moment]) -> tuple[list[Finding], list[Moment]]:
    """One conversation with a kill at each of these moments; what is wrong at its end, and which moments came."""
    with prepared(size, database, folder) as going:
        killer = Killer(going.fleet, moments)
        going.stage.balancer.watch = killer.watch
        with patch.object(going.stage.slack.faults, "next_for", killer.next_for):
            to_its_end(going)
        wrong = [finding for finding in judge(going.evidence()) if finding.kind != "left over"]
        return wrong, killer.struck


def one_conversation(seat: int) -> Size:
    return Size(
        conversations=1, kills=0, under_way=1, replicas=1, workspaces=1, seed=1, pace=Pace(0.0, PATIENCE_S), faults=0.0, first_seat=seat
    )
