"""What stands between Slack and the replicas: takes turns, and answers 502 for one that is down."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bot.sandbox.deliver import UNREACHABLE, HttpTransport, Outcome, Retry, Signing, judged
from bot.sandbox.payloads import Delivery
from tests.bot.serving.process import HOST

When = Literal["before", "after"]
ACK_LIMIT_S = 3.0
_BAD_GATEWAY = judged(502, "bad gateway", {})


@dataclass(frozen=True)
class Attempt:
    """One delivery of a message, by its timestamp."""

    ts: str
    clock: str
    retry: int
    status: int
    error: str


@dataclass
class Balancer:
    """A transport of the local Slack. `ports` are the replicas, up or down; `took` holds the timestamps of messages acknowledged, and
    `attempts` what became of every attempt to deliver an event.

    `watch` is called before each delivery, and after each that was acknowledged.
    """

    signing: Signing
    ports: list[int] = field(default_factory=list)
    took: set[str] = field(default_factory=set)
    attempts: list[Attempt] = field(default_factory=list)
    watch: Callable[[When], None] = lambda when: None
    _turn: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        self.watch("before")
        outcome = self._sent(delivery, retry)
        if not outcome.error:
            self.watch("after")
        if delivery.kind == "events_api":
            self._note(str(delivery.payload.get("event", {}).get("ts")), retry, outcome)
        return outcome

    def _note(self, ts: str, retry: Retry | None, outcome: Outcome) -> None:
        with self._lock:
            self.attempts.append(Attempt(ts, f"{datetime.now(UTC):%H:%M:%S}", retry.number if retry else 0, outcome.status, outcome.error))
            if not outcome.error:
                self.took.add(ts)

    def _sent(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        ports = list(self.ports)
        if not ports:
            return _BAD_GATEWAY
        url = f"http://{HOST}:{ports[next(self._turn) % len(ports)]}/slack/events"
        outcome = HttpTransport(url, self.signing, ACK_LIMIT_S).send(delivery, retry)
        return _BAD_GATEWAY if outcome.error == UNREACHABLE else outcome
