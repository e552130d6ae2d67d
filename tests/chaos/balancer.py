"""What stands between Slack and the replicas: takes turns, and answers 502 for one that is down."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import httpx

from bot.sandbox.deliver import TIMED_OUT, Outcome, Retry, Signing, http_form, judged
from bot.sandbox.payloads import Delivery
from tests.bot.serving.process import HOST

When = Literal["before", "after"]
ACK_LIMIT_S = 3.0
_NOBODY = judged(502, "bad gateway", {})


@dataclass
class Balancer:
    """A transport of the local Slack. `ports` are the replicas, up or down; `took` holds the timestamps of messages acknowledged.

    `watch` is called before each delivery, and after each that was acknowledged.
    """

    signing: Signing
    ports: list[int] = field(default_factory=list)
    took: set[str] = field(default_factory=set)
    watch: Callable[[When], None] = lambda when: None
    _turn: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        self.watch("before")
        outcome = self._sent(delivery, retry)
        if not outcome.error:
            self.watch("after")
        return outcome

    def _sent(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        body, headers = http_form(delivery, retry)
        ports = list(self.ports)
        if not ports:
            return _NOBODY
        url = f"http://{HOST}:{ports[next(self._turn) % len(ports)]}/slack/events"
        try:
            with httpx.Client(timeout=ACK_LIMIT_S, trust_env=False, verify=False) as client:
                answer = client.post(url, content=body.encode(), headers=headers | self.signing.headers(body))
        except httpx.TimeoutException:
            return Outcome(0, "", TIMED_OUT)
        except httpx.TransportError:
            return _NOBODY
        outcome = judged(answer.status_code, answer.text, dict(answer.headers))
        if not outcome.error and delivery.kind == "events_api":
            with self._lock:
                self.took.add(str(delivery.payload.get("event", {}).get("ts")))
        return outcome
