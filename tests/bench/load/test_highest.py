"""The highest rate of acknowledgements that holds, beside a Bolt app that does nothing else: same server, same threads, same requests."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.load.figures import Acked, Table
from tests.bench.load.payloads import Answers, Place
from tests.bench.load.people import Act, Crowd, Notice, Person
from tests.bench.load.processes import Process, StandIn, bare_app, bot, stand_in
from tests.bench.load.settings import MOST_PER_S, SETTLE_S, STEP_S, UNDER_WAY
from tests.bench.load.stretch import drained, highest, places
from tests.bench.load.wire import Ack, Line, at_rate
from tests.bot.serving.process import sqlite

_FIRST_PER_S, _SLOWEST_PER_S, _PROMPT_S = 50.0, 5.0, 2.0
_THREADS, _WORKSPACES = 200, 100


@dataclass
class Helpers:
    """Everybody presses 'What does this mean?' beside a first question, and each is a person of their own: one press, one answer."""

    line: Line
    asked: list[Person]
    acts: dict[str, Act] = field(default_factory=dict)
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000_000))

    def begin(self) -> Awaitable[Ack]:
        number = next(self._count)
        person = self.asked[number % len(self.asked)]
        return self._press(person, Place(person.place.team, person.place.channel, f"{person.place.user}N{number}"))

    async def _press(self, person: Person, place: Place) -> Ack:
        act = self.acts[place.user] = Act.now("press", place, lambda notice: True)
        ack = await self.line.send(person.ask_for_help(place))
        act.acked = ack.ok
        return ack

    def hear(self, notice: Notice) -> None:
        act = self.acts.get(notice.get("user", ""))
        if act is not None and act.shown is None:
            act.shown = notice["at"]

    @property
    def waiting(self) -> int:
        return sum(act.lost for act in self.acts.values())


@dataclass(frozen=True)
class Step:
    per_s: float
    acked: Acked
    unanswered: int  # long after

    @property
    def holds(self) -> bool:
        return self.acked.holds and not self.unanswered


def test_the_highest_rate_of_acks(tmp_path: Path, table: Table) -> None:
    """All three are up, and their steps take turns: a machine that is slower for a while is so for each of them."""
    with stand_in(tmp_path) as slack, ExitStack() as stack:
        served = stack.enter_context(bot(tmp_path, slack, sqlite(tmp_path)))
        asked = asyncio.run(_asked(slack, served))
        bare = {how: stack.enter_context(bare_app(tmp_path, slack, how)) for how in ("direct", "polled")}
        ours, *theirs = asyncio.run(_side_by_side(slack, served, list(bare.values()), asked))
    table.head(f"The highest rate of acks that holds, steps of {STEP_S:.0f} s")
    _report(table, "the bot", ours)
    for how, steps in zip(bare, theirs, strict=True):
        _report(table, f"a bare Bolt app, {how}", steps)
        ratio = _best(ours) / max(_best(steps), 1)
        table.add(f"the bot to the bare app, {how}", f"{ratio:.2f}", "0.5", ratio >= 0.5)
    assert sum(step.unanswered for step in ours) == 0


def _best(steps: list[Step]) -> float:
    return max((step.per_s for step in steps if step.holds), default=0.0)


def _report(table: Table, name: str, steps: list[Step]) -> None:
    for step in steps:
        table.add(f"{name} at {step.per_s:.0f}/s: p50 / p95 / p99 / worst", step.acked, "", step.holds)
    table.add(f"{name}: highest that holds", f"{_best(steps):.0f}/s")


async def _asked(slack: StandIn, served: Process) -> list[Person]:
    """Threads whose first question stands, begun for as long as it takes until the bot has prepared what it prepares once."""
    line = Line([served.port])
    crowd = Crowd(line, Answers(slack.base), places(_WORKSPACES), _THREADS)
    async with slack.feed(crowd.hear):
        await at_rate(_THREADS / SETTLE_S, SETTLE_S, crowd.start)
        assert await drained(lambda: crowd.waiting)
    await line.hang_up()
    return crowd.people


async def _side_by_side(slack: StandIn, served: Process, bare: list[Process], asked: list[Person]) -> list[list[Step]]:
    turn = asyncio.Lock()  # goes to whoever has waited longest
    ours = _steps(slack, served, asked, turn, answers=True)
    return await asyncio.gather(ours, *(_steps(slack, each, asked, turn, answers=False) for each in bare))


async def _steps(slack: StandIn, process: Process, asked: list[Person], turn: asyncio.Lock, *, answers: bool) -> list[Step]:
    steps: list[Step] = []

    async def holds(per_s: float) -> bool:
        async with turn:
            steps.append(await _step(slack, process, asked, per_s, answers=answers))
        return steps[-1].holds

    await highest(holds, _FIRST_PER_S, MOST_PER_S)
    return steps


async def _step(slack: StandIn, process: Process, asked: list[Person], per_s: float, *, answers: bool) -> Step:
    line = Line([process.port])
    helpers = Helpers(line, asked)
    async with slack.feed(helpers.hear):
        run = await at_rate(per_s, STEP_S, helpers.begin)
        if answers:
            await drained(lambda: helpers.waiting)
    await line.hang_up()
    return Step(per_s, Acked.of(run.acks), helpers.waiting if answers else 0)


def test_the_rate_at_which_the_work_keeps_up(tmp_path: Path, table: Table) -> None:
    """People as in the mix: what they asked for stands two seconds after the last of them acted."""
    with stand_in(tmp_path) as slack, bot(tmp_path, slack, sqlite(tmp_path)) as served:
        found, steps = asyncio.run(_keeping_up(slack, served))
    table.head(f"The rate at which the work keeps up, steps of {STEP_S:.0f} s")
    for per_s, left, drained_s in steps:
        table.add(f"at {per_s:.1f}/s: waiting at the end; until nothing waited", f"{left}; {drained_s:.1f} s", "", drained_s <= _PROMPT_S)
    table.add("highest that keeps up", f"{found:.1f}/s")


async def _keeping_up(slack: StandIn, served: Process) -> tuple[float, list[tuple[float, int, float]]]:
    steps: list[tuple[float, int, float]] = []
    who = places(_WORKSPACES)

    async def holds(per_s: float) -> bool:
        line = Line([served.port])
        crowd = Crowd(line, Answers(slack.base), who, UNDER_WAY)
        async with slack.feed(crowd.hear):
            await at_rate(per_s, STEP_S, crowd.begin)
            left, since = crowd.waiting, time.monotonic()
            assert await drained(lambda: crowd.waiting)
        await line.hang_up()
        steps.append((per_s, left, time.monotonic() - since))
        return steps[-1][2] <= _PROMPT_S

    return await highest(holds, _SLOWEST_PER_S, MOST_PER_S), steps
