"""Token buckets: so many at once, then so many a second, for each id by itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

NS: Final = 1_000_000_000  # counted in whole nanoseconds: sums of fractions would refuse the last of a burst


@dataclass(frozen=True)
class Rate:
    """So many at once, then so many a second."""

    burst: int
    per_second: float


class Buckets:
    """Each is kept as the moment at which it is full again; a full one is like one that was never used, so it is dropped.

    Not safe to share between threads: whoever has them has a lock.
    """

    def __init__(self, rate: Rate, most: int) -> None:
        self._each = round(NS / rate.per_second)
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
