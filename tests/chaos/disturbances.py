"""What goes wrong in a run, and when: drawn from a seed before it begins. When is counted in steps that people have done, so that the
disturbances fall among the work however fast it goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import Random

from bot.sandbox.faults import Faults

KILLED, FOR_GOOD, ONE_PROCESS, PARENT = "killed", "killed for good", "one process killed", "parent killed"
KILLS = (KILLED, FOR_GOOD, ONE_PROCESS, PARENT)
_FOR_GOOD_EVERY = 3  # of so many kills one is for good, where there is more than one replica
_OUTAGES_PER_KILL = 0.3
_ALL_BY = 0.95  # nobody waits for the last ones

# How often in a hundred steps.
_CALLS: Mapping[str, float] = {
    "429": 2.0,
    "5xx before": 1.5,
    "5xx after": 1.5,
    "dropped before": 1.5,
    "dropped after": 1.5,
    "slow": 1.0,
}
_DELIVERIES: Mapping[str, float] = {"twice": 4.0, "late": 2.0, "out of order": 1.0}
_METHODS = {"chat.postMessage": 10, "chat.update": 5, "chat.postEphemeral": 1, "views.open": 2, "conversations.replies": 1}


@dataclass(frozen=True)
class Disturbance:
    """`at` is a share of all steps."""

    at: float
    kind: str
    seconds: float = 0.0
    method: str = ""


def plan(
    seed: int, steps: int, kills: int, outages: Collection[str], *, replicas: int, longest_outage_s: float, faults: float = 1.0
) -> list[Disturbance]:
    """All that will go wrong, in order; `faults` is how often calls and deliveries fail, 1.0 as in a full run."""
    chance = Random(seed)
    planned = [_kill(chance, at, kills, replicas) for at in range(kills)]
    for _ in range(round(kills * _OUTAGES_PER_KILL)):
        planned.append(Disturbance(chance.random(), chance.choice(sorted(outages)), chance.uniform(1.0, longest_outage_s)))
    for kind, often in (*_CALLS.items(), *_DELIVERIES.items()):
        for _ in range(round(faults * often * steps / 100)):
            method = chance.choices([*_METHODS], [*_METHODS.values()])[0] if kind in _CALLS else ""
            planned.append(Disturbance(chance.random(), kind, chance.uniform(0.5, 3.0), method))
    return sorted(planned, key=lambda each: each.at)


def _kill(chance: Random, at: int, kills: int, replicas: int) -> Disturbance:
    """Spread over the whole run, so that one has recovered before most others come."""
    kind = KILLED if at % 2 == 0 else chance.choice((KILLED, ONE_PROCESS, PARENT))
    if replicas > 1 and at % _FOR_GOOD_EVERY == 0:
        kind = FOR_GOOD
    return Disturbance(_ALL_BY * (at + chance.random()) / kills, kind, chance.uniform(0.1, 2.0))


def disturb(faults: Faults, each: Disturbance) -> None:
    """A call or a delivery, the next of its kind, goes wrong."""
    _SET[each.kind](faults, each)


_SET: Mapping[str, Callable[[Faults, Disturbance], None]] = {
    "429": lambda faults, each: faults.rate_limit(each.method, retry_after_s=1 + round(each.seconds) % 3),
    "5xx before": lambda faults, each: faults.break_down(each.method),
    "5xx after": lambda faults, each: faults.break_down(each.method, when="after"),
    "dropped before": lambda faults, each: faults.drop(each.method, when="before"),
    "dropped after": lambda faults, each: faults.drop(each.method, when="after"),
    "slow": lambda faults, each: faults.slow(each.method, seconds=each.seconds),
    "twice": lambda faults, each: faults.disturb("duplicate"),
    "late": lambda faults, each: faults.disturb("late", seconds=each.seconds),
    "out of order": lambda faults, each: faults.disturb("reordered", times=2),
}
