"""A whole run: the stage is set, the bots start, people converse while things go wrong, and all that stands at the end is judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bot.serving.process import bare_environment
from tests.chaos.accounts import Account, Evidence, Finding
from tests.chaos.databases import Database
from tests.chaos.disturbances import KILLED, KILLED_FOR_GOOD, Disturbance, disturb, plan
from tests.chaos.fleet import Fleet, Replica
from tests.chaos.invariants import judge
from tests.chaos.people import STEPS, Actor, Pace
from tests.chaos.stage import Seat, Stage, account_of, stage

_THREADS = 48
_LOOK_S = 0.05
_SETTLES_S, _SETTLED_BY_S = 1.0, 60.0


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    conversations: int
    kills: int
    under_way: int
    replicas: int
    workspaces: int
    seed: int
    pace: Pace
    longest_outage_s: float = 10.0
    faults: float = 1.0


@dataclass(frozen=True)
class Struck:
    """A disturbance that came, when, and who waited for the bot at that moment."""

    what: Disturbance
    moment: float
    waiting: tuple[Account, ...]
    stops_all: bool


@dataclass(frozen=True)
class Result:
    size: Size
    database: str
    seconds: float
    accounts: tuple[Account, ...]
    struck: tuple[Struck, ...]
    findings: tuple[Finding, ...]
    ended_by_themselves: int
    jobs: dict[str, int]

    @property
    def wrong(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.kind != "left over"]


@dataclass
class Run:
    """A run under way."""

    size: Size
    stage: Stage
    fleet: Fleet
    database: Database
    threads: ThreadPoolExecutor
    accounts: list[Account] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    steps: int = 0
    _acts: set[asyncio.Task[None]] = field(default_factory=set)

    async def goes(self) -> None:
        keeper = asyncio.create_task(self.fleet.look_after())
        troubles = asyncio.create_task(self._trouble())
        places = asyncio.Semaphore(self.size.under_way)
        seats = self.stage.seats(self.size.conversations)
        self.accounts = [account_of(seat) for seat in seats]
        await asyncio.gather(*(self._one(actor, places) for actor in map(self._actor, range(len(seats)), seats, self.accounts)))
        troubles.cancel()
        await asyncio.gather(*self._acts)
        await self._settles()
        keeper.cancel()

    async def _settles(self) -> None:
        """What would be doubled gets the time to be: until no job waits, and a little longer."""
        deadline = time.monotonic() + _SETTLED_BY_S
        while self.database.jobs().get("ready") and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(_SETTLES_S)

    def evidence(self) -> Evidence:
        set_up = self.stage
        return Evidence(tuple(self.accounts), tuple(set_up.posts()), tuple(self.database.rows()), set_up.homes, set_up.reports())

    def _actor(self, at: int, seat: Seat, account: Account) -> Actor:
        return Actor(self.stage, seat, account, Random(f"{self.size.seed}/{at}"), self.size.pace, self.threads, self._step)

    async def _one(self, actor: Actor, places: asyncio.Semaphore) -> None:
        async with places:
            await actor.lives()

    def _step(self) -> None:
        self.steps += 1

    async def _trouble(self) -> None:
        """Each disturbance when so many steps are done."""
        expected = self.size.conversations * STEPS
        planned = plan(
            self.size.seed,
            expected,
            self.size.kills,
            list(self.database.outages),
            replicas=self.size.replicas,
            longest_outage_s=self.size.longest_outage_s,
            faults=self.size.faults,
        )
        stops_all = {KILLED, KILLED_FOR_GOOD, *self.database.outages}
        for each in planned:
            while self.steps < each.at * expected:
                await asyncio.sleep(_LOOK_S)
            self.struck.append(Struck(each, time.monotonic(), tuple(a for a in self.accounts if a.waits_for), each.kind in stops_all))
            self._strike(each)

    def _strike(self, each: Disturbance) -> None:
        chance = Random(f"{self.size.seed}/{each.at}")
        if each.kind in (KILLED, KILLED_FOR_GOOD):
            act = asyncio.create_task(self.fleet.kill(chance, each.seconds, for_good=each.kind == KILLED_FOR_GOOD))
        elif each.kind in self.database.outages:
            act = asyncio.create_task(self.database.is_away(self.threads, each.kind, each.seconds))
        else:
            disturb(self.stage.slack.faults, each)
            return
        self._acts.add(act)


def run(size: Size, database: Database, folder: Path) -> Result:
    """Everything from the first process to the judgement."""
    began = time.monotonic()
    with prepared(size, database, folder) as going:
        asyncio.run(going.goes())
        findings = judge(going.evidence())
        jobs = database.jobs()
    took = time.monotonic() - began
    ended = going.fleet.ended_by_themselves
    return Result(size, database.name, took, tuple(going.accounts), tuple(going.struck), tuple(findings), ended, jobs)


@contextmanager
def prepared(size: Size, database: Database, folder: Path) -> Iterator[Run]:
    """Everything is there, and nobody has said a word yet."""
    with (
        stage(size.workspaces) as set_up,
        ThreadPoolExecutor(_THREADS) as threads,
        _fleet(size, set_up, database, folder) as fleet,
    ):
        fleet.until_ready()
        set_up.install(fleet.replicas[0].address)
        yield Run(size, set_up, fleet, database, threads)


@contextmanager
def _fleet(size: Size, set_up: Stage, database: Database, folder: Path) -> Iterator[Fleet]:
    replicas = [Replica() for _ in range(size.replicas)]
    given = {**bare_environment(), **set_up.environment(replicas[0].address), "DATABASE_URL": database.url}
    fleet = Fleet(given, set_up.balancer, folder, replicas)
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()
