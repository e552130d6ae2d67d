"""A whole run: the stage is set, the bots start, people converse while things go wrong, and all that stands at the end is judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from tests.bot.serving.process import bare_environment
from tests.chaos.accounts import Account, Evidence, Finding
from tests.chaos.databases import Database
from tests.chaos.disturbances import KILLS, Disturbance, disturb, plan
from tests.chaos.fleet import Fleet, Replica
from tests.chaos.invariants import judge
from tests.chaos.people import STEPS, Actor, Pace
from tests.chaos.stage import Seat, Stage, account_of, stage

_THREADS = 48
_LOOK_S = 0.05
_SETTLES_S, _SETTLED_BY_S = 1.0, 60.0


@dataclass(frozen=True)
class Size:
    """How much of everything. `first_seat` chooses the kind of channel where there is one conversation only."""

    conversations: int
    kills: int
    under_way: int
    replicas: int
    workspaces: int
    seed: int
    pace: Pace
    longest_outage_s: float = 10.0
    faults: float = 1.0
    first_seat: int = 0


@dataclass(frozen=True)
class Struck:
    """A disturbance that came, when, and who waited for the bot at that moment."""

    what: Disturbance
    moment: float
    clock: str
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
    left_alone: int
    jobs: dict[str, int]
    traces: list[dict[str, Any]]

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
        seats = self.stage.seats(self.size.conversations, self.size.first_seat)
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
        posts, rows, ids = self.stage.posts(), self.database.rows(), self.database.ids()
        return Evidence(tuple(self.accounts), tuple(posts), tuple(rows), ids, self.stage.homes, self.stage.reports())

    def trace(self, account: Account) -> dict[str, Any]:
        """All that is known of one conversation: for whoever has to find out what went wrong."""
        posts = [post for post in self.stage.posts() if post.workspace == account.workspace and account.thread in (post.ts, post.thread)]
        stamps = {account.thread, *(post.ts for post in posts)}
        calls = [
            (
                call.method,
                call.status,
                call.answer.get("ts") or call.answer.get("error"),
                str(call.args.get("text"))[:60],
                call.args.get("ts"),
            )
            for call in self.stage.slack.recorded
            if stamps & {str(call.args.get("thread_ts")), str(call.args.get("ts")), str(call.answer.get("ts"))}
        ]
        shown = [(post.ts, post.key, post.stub, post.to, post.text[:60]) for post in posts]
        kept = self.database.kept_of(account.workspace, account.channel, account.thread)
        typed = [asdict(each) for each in self.stage.balancer.attempts if each.ts in account.typed]
        return {"person": account.person, "thread": account.thread, "posts": shown, "calls": calls, "database": kept, "typed": typed}

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
        stops_all = {*KILLS, *self.database.outages}
        for each in planned:
            while self.steps < each.at * expected:
                await asyncio.sleep(_LOOK_S)
            self.struck.append(
                Struck(
                    each,
                    time.monotonic(),
                    f"{datetime.now(UTC):%H:%M:%S}",
                    tuple(a for a in self.accounts if a.waits_for),
                    each.kind in stops_all,
                )
            )
            self._strike(each)

    def _strike(self, each: Disturbance) -> None:
        chance = Random(f"{self.size.seed}/{each.at}")
        if each.kind in KILLS:
            act = asyncio.create_task(self.fleet.kill(each.kind, each.seconds, chance))
        elif each.kind in self.database.outages:
            act = asyncio.create_task(self.database.is_away(self.threads, each.kind, each.seconds))
        else:
            disturb(self.stage.slack.faults, each)
            return
        self._acts.add(act)


def to_its_end(going: Run) -> None:
    """In a thread of its own: where a browser was tried in the same process, its loop still runs in the first one."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(lambda: asyncio.run(going.goes())).result()


def run(size: Size, database: Database, folder: Path) -> Result:
    """Everything from the first process to the judgement."""
    began = time.monotonic()
    with prepared(size, database, folder) as going:
        to_its_end(going)
        findings = judge(going.evidence())
        jobs, alone = database.jobs(), len(going.fleet.left_alone())
        traces = [
            going.trace(account)
            for account in going.accounts
            if any(account.person == each.person for each in findings if each.kind != "left over")
        ]
    took = time.monotonic() - began
    ended = going.fleet.ended_by_themselves
    return Result(size, database.name, took, tuple(going.accounts), tuple(going.struck), tuple(findings), ended, alone, jobs, traces)


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
