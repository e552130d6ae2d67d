"""What is reported: percentiles, and one table of what was measured beside what is wanted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.load.people import Act
from tests.bench.load.wire import Ack

P99_MS, WORST_MS = 200, 1_000


def at(share: float, values: Sequence[float]) -> float:
    """The value that this share of all does not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


@dataclass(frozen=True)
class Acked:
    """Acknowledgements of one stretch."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float
    over_a_second: int
    not_ok: int

    @classmethod
    def of(cls, acks: Sequence[Ack]) -> Acked:
        ms = [ack.ms for ack in acks]
        return cls(
            len(ms),
            at(0.5, ms),
            at(0.95, ms),
            at(0.99, ms),
            max(ms, default=0.0),
            sum(each > WORST_MS for each in ms),
            sum(not ack.ok for ack in acks),
        )

    @property
    def holds(self) -> bool:
        return self.p99 < P99_MS and not self.over_a_second and not self.not_ok

    def __str__(self) -> str:
        return f"{self.p50:.0f} / {self.p95:.0f} / {self.p99:.0f} / {self.worst:.0f} ms"


def shown(acts: Sequence[Act]) -> str:
    """From a press to what came of it."""
    ms = [act.ms for act in acts if act.shown is not None]
    return f"{at(0.5, ms):.0f} / {at(0.99, ms):.0f} ms"


def lost(acts: Sequence[Act]) -> list[Act]:
    return [act for act in acts if act.lost]


def kinds(acts: Sequence[Act]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(act.kind for act in acts).most_common())


@dataclass
class Table:
    """Rows as they come; printed whole at the end."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def head(self, title: str) -> None:
        self.rows.append((title, "", "", ""))

    def add(self, what: str, figure: object, wanted: str = "", holds: bool | None = None) -> None:
        self.rows.append((f"  {what}", str(figure), wanted, {None: "", True: "yes", False: "NO"}[holds]))

    def acks(self, acked: Acked) -> None:
        self.add("acks: p50 / p95 / p99 / worst", acked, f"p99 < {P99_MS}, all < {WORST_MS} ms", acked.holds)
        self.add("acks over 1 s; not a 200 within 3 s", f"{acked.over_a_second}; {acked.not_ok} of {acked.count}", "0", not acked.not_ok)

    def print(self) -> None:
        heads = ("measured", "figure", "wanted", "holds")
        widths = [max(len(row[at]) for row in [heads, *self.rows] if at == 0 or row[1]) for at in range(4)]
        for row in [heads, tuple("-" * width for width in widths), *self.rows]:
            sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
