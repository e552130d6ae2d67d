"""One stretch of load from beginning to end: people act at a rate, then the bot gets time to finish what it acknowledged."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.load.payloads import Place
from tests.bench.load.people import Act, Crowd
from tests.bench.load.processes import StandIn, Watch
from tests.bench.load.settings import DRAIN_S
from tests.bench.load.wire import Line, Run, at_rate


@dataclass(frozen=True)
class Stretch:
    run: Run
    acts: list[Act]
    backlog: int  # acts whose effect did not stand yet when the last one was sent
    drained_s: float
    cpu: dict[str, float]  # shares of one core while people acted; `driver` is this process
    work_ms: float  # processor time of the bot for each interaction that came to its end
    rss_mb: list[float]  # of the bot, once a second
    tally: dict[str, Any]


def places(workspaces: int, first: int = 1) -> Iterator[Place]:
    """Somebody new in a channel of their own, one workspace after the other."""
    number = 0
    while True:
        yield Place.of(first + number % workspaces, number)
        number += 1


async def load(slack: StandIn, line: Line, crowd: Crowd, watch: Watch, per_s: float, seconds: float) -> Stretch:
    """Everybody who is under way at the end is waited for."""
    async with slack.feed(crowd.hear), watch.watching():
        before = _own_cpu_s()
        run = await at_rate(per_s, seconds, crowd.begin)
        cpu = {**watch.cpu_share(), "driver": (_own_cpu_s() - before) / run.took_s}
        backlog, since = crowd.waiting, time.monotonic()
        await drained(lambda: crowd.waiting)
        drained_s = time.monotonic() - since
        work_ms = 1000 * watch.cpu_s()["bot"] / max(sum(act.shown is not None for act in crowd.acts), 1)
        await asyncio.sleep(1)  # whatever is posted too much comes after what was waited for
    await line.hang_up()
    return Stretch(run, crowd.acts, backlog, drained_s, cpu, work_ms, watch.rss_mb["bot"], slack.tally())


async def drained(waiting: Callable[[], int]) -> bool:
    """True once nothing waits. As long as it becomes less there is work under way; what nobody works on any more is given up."""
    while left := waiting():
        if not await until(lambda left=left: waiting() < left, DRAIN_S):  # type: ignore[misc]
            return False
    return True


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True


async def highest(holds: Callable[[float], Awaitable[bool]], first: float, most: float, halvings: int = 2) -> float:
    """Twice as much each time until it does not hold; then between the last two. 0 where not even the first holds."""
    good, per_s = 0.0, first
    while per_s <= most and await holds(per_s):
        good, per_s = per_s, per_s * 2
    for _ in range(halvings if good and per_s <= most else 0):
        middle = (good + per_s) / 2
        good, per_s = (middle, per_s) if await holds(middle) else (good, middle)
    return good


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
