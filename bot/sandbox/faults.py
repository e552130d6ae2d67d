"""What can go wrong on demand: failing, slow and dropped calls, and deliveries that come twice, late, out of order or badly signed."""

from __future__ import annotations

import math
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

ANY = "*"
OLD_TIMESTAMP_S = 400
_VIEWS_A_MINUTE = dict.fromkeys(("views.open", "views.push", "views.update", "views.publish"), 100)
_READING = ("conversations.history", "conversations.replies")
_TIER_A_MINUTE = {"chat.update": 50, "chat.postEphemeral": 100, **dict.fromkeys(_READING, 50), **_VIEWS_A_MINUTE}
_TIER_DEFAULT = 20
_MINUTE_S = 60
_POSTS_A_SECOND_BURST = 3

DeliveryFault = Literal["duplicate", "late", "reordered", "bad_signature", "old_timestamp"]


@dataclass(frozen=True)
class CallFault:
    """One call goes wrong: with an error code, a status, a pause, or a connection that ends before or after the call took effect.

    An error that comes `late` is answered although the call took effect.
    """

    error: str = ""
    status: int = 200
    retry_after_s: int | None = None
    delay_s: float = 0.0
    drop: Literal["", "before", "after"] = ""
    late: bool = False


RandomFault = Literal["rate_limit", "unavailable_before", "unavailable_after", "drop_before", "drop_after"]
RANDOM_FAULTS: dict[RandomFault, CallFault] = {
    "rate_limit": CallFault(error="ratelimited", status=429, retry_after_s=1),
    "unavailable_before": CallFault(error="internal_error", status=503),
    "unavailable_after": CallFault(error="internal_error", status=503, late=True),
    "drop_before": CallFault(drop="before"),
    "drop_after": CallFault(drop="after"),
}


_NONE = CallFault()


class Chance:
    """Draws faults with a fixed probability. Not thread safe by itself."""

    def __init__(self, seed: int, share: float, kinds: Sequence[RandomFault], methods: Collection[str]) -> None:
        self._random = random.Random(seed)  # it decides nothing but which call fails
        self._share = share
        self._kinds = kinds
        self._methods = methods

    def draw(self, method: str) -> RandomFault | None:
        if self._methods and method not in self._methods:
            return None
        return self._random.choice(self._kinds) if self._random.random() < self._share else None


class Faults:
    """Switched from tests. A method of `*` means any; what is set is used up call by call, in order.

    `upload` and `response_url` are taken as names too: the bytes of a file, and posts to a response URL.
    `rate_limited_as_slack` keeps Slack's own limits; `distributed_app` lets a bot that is sold outside the Marketplace read
    fifteen messages once a minute.
    """

    def __init__(self, revoke_token: Callable[[], None], drop_sockets: Callable[[], None]) -> None:
        self.revoke_token = revoke_token
        self.drop_sockets = drop_sockets
        self.rate_limited_as_slack = False
        self.distributed_app = False
        self._lock = threading.Lock()
        self._calls: dict[str, deque[CallFault]] = {}
        self._deliveries: dict[DeliveryFault, deque[float]] = {}
        self._chance: Chance | None = None
        self._met: Counter[RandomFault] = Counter()
        self._seen: dict[tuple[str, ...], deque[float]] = {}

    # -- calls of the Web API --------------------------------------------------------------------------------------

    def fail(self, method: str, error: str, *, times: int = 1) -> None:
        """Answer `ok: false` with this code."""
        self._set(method, CallFault(error=error), times)

    def rate_limit(self, method: str = ANY, *, retry_after_s: int = 1, times: int = 1) -> None:
        self._set(method, CallFault(error="ratelimited", status=429, retry_after_s=retry_after_s), times)

    def break_down(self, method: str = ANY, *, status: int = 503, times: int = 1, when: Literal["before", "after"] = "before") -> None:
        """A server error, before or after the call took effect."""
        self._set(method, CallFault(error="internal_error", status=status, late=when == "after"), times)

    def slow(self, method: str = ANY, *, seconds: float, times: int = 1) -> None:
        self._set(method, CallFault(delay_s=seconds), times)

    def drop(self, method: str = ANY, *, when: Literal["before", "after"], times: int = 1) -> None:
        """End the connection without an answer, before or after the call took effect."""
        self._set(method, CallFault(drop=when), times)

    def at_random(
        self, seed: int, share: float, kinds: Sequence[RandomFault] = tuple(RANDOM_FAULTS), methods: Collection[str] = ()
    ) -> None:
        """From now on, and until `clear`, each call that meets no other fault meets one of these with this probability.

        `methods` are those that may be met; without any, all are, and so are `upload` and `response_url`.
        """
        with self._lock:
            self._chance = Chance(seed, share, kinds, methods)

    def met(self) -> dict[RandomFault, int]:
        """How many calls met which of the faults at random."""
        with self._lock:
            return dict(self._met)

    def next_for(self, method: str) -> CallFault:
        """What the next call of a method meets."""
        with self._lock:
            return self._next_set(method) or self._next_set(ANY) or self._next_random(method)

    def next_named(self, name: str) -> CallFault:
        """What the next call of something meets that is no method of the Web API."""
        with self._lock:
            return self._next_set(name) or self._next_random(name)

    def _next_set(self, name: str) -> CallFault | None:
        waiting = self._calls.get(name)
        return waiting.popleft() if waiting else None

    def _next_random(self, name: str) -> CallFault:
        kind = self._chance.draw(name) if self._chance else None
        if kind is None:
            return _NONE
        self._met[kind] += 1
        return RANDOM_FAULTS[kind]

    def over_limit(self, team: str, method: str, channel: str, now: float) -> int | None:
        """After how many seconds real Slack would take this call, where it would answer 429 now."""
        if self.distributed_app and method in _READING:
            return self._must_wait_s((team, method), now, _MINUTE_S, 1)
        if not self.rate_limited_as_slack:
            return None
        if method == "chat.postMessage":
            return self._must_wait_s((team, method, channel), now, _POSTS_A_SECOND_BURST, _POSTS_A_SECOND_BURST)
        return self._must_wait_s((team, method), now, _MINUTE_S, _TIER_A_MINUTE.get(method, _TIER_DEFAULT))

    # -- deliveries ------------------------------------------------------------------------------------------------

    def disturb(self, fault: DeliveryFault, *, times: int = 1, seconds: float = 60.0) -> None:
        """The next deliveries suffer this. `seconds` is how late; `reordered` holds events back until `times` are together."""
        with self._lock:
            self._deliveries.setdefault(fault, deque()).extend([seconds] * times)

    def takes(self, fault: DeliveryFault) -> float | None:
        """Use up one disturbance of this kind: its seconds, or None when none is set."""
        with self._lock:
            waiting = self._deliveries.get(fault)
            return waiting.popleft() if waiting else None

    def waits_for(self, fault: DeliveryFault) -> int:
        with self._lock:
            return len(self._deliveries.get(fault, ()))

    def left_for(self, method: str) -> int:
        """How many of the faults set for a method no call has met yet."""
        with self._lock:
            return len(self._calls.get(method, ()))

    def clear(self) -> None:
        with self._lock:
            self._chance = None
            self._calls.clear()
            self._deliveries.clear()

    def _set(self, method: str, fault: CallFault, times: int) -> None:
        with self._lock:
            self._calls.setdefault(method, deque()).extend([fault] * times)

    def _must_wait_s(self, key: tuple[str, ...], now: float, window_s: float, limit: int) -> int | None:
        """None where one more call fits into the window, and then it counts; else how long until one does."""
        with self._lock:
            seen = self._seen.setdefault(key, deque())
            while seen and seen[0] <= now - window_s:
                seen.popleft()
            if len(seen) >= limit:
                return max(1, math.ceil(seen[0] + window_s - now))
            seen.append(now)
            return None
