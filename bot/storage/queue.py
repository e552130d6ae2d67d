"""The jobs of all workspaces: taking one, keeping it, ending it, and what an operator sees and does.

A lane's row is at once the lock, the lease of the job in hand and the pause after it: until its `free_at` nobody takes a job from the
lane. So whatever becomes of a worker, another goes on when the lease has run out. `owner` is new for each take; whoever finds another
one there has lost the lane.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.engines import POSTGRESQL
from bot.storage.maintenance import over_all_workspaces
from bot.storage.moment import moment
from bot.storage.schema import jobs, lanes

BATCH_WAITS_S: Final = 30.0  # what nobody waits for is taken as if it had come so much later
KEPT_FOR: Final = timedelta(days=3)  # a key must outlive every repeat of Slack
State = Literal["ready", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Taken:
    """A job in the hands of a worker. `tries` counts this one; more than one means that it may have run before, up to any line."""

    id: int
    workspace: str
    lane: str
    kind: str
    person: str
    urgent: bool
    tries: int
    created_at: datetime
    owner: str
    args: Mapping[str, Any] = field(repr=False)
    saved: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True)
class Listed:
    """A job as an operator sees it: nothing of what people typed."""

    id: int
    workspace: str
    lane: str
    kind: str
    state: State
    urgent: bool
    tries: int
    error: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Depth:
    """How many jobs are in a state, and since when the oldest of them is there."""

    state: State
    urgent: bool
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Queue:
    """One transaction over all workspaces."""

    _connection: Connection
    _clock: Callable[[], datetime]

    # -- a worker ----------------------------------------------------------------------------------------------------

    def any_free(self) -> bool:
        """Whether a lane waits for a worker. Needs no lock, so that asking often disturbs nobody."""
        return self._all.execute(select(lanes.c.name).where(lanes.c.free_at <= self._now).limit(1)).first() is not None

    def take(self, lease_s: float, busy: Collection[str] = ()) -> Taken | None:
        """The next job: of a workspace that is not busy here if there is one, then the one that waits longest."""
        while True:
            lane = self._all.execute(self._next_lane(busy)).first()
            if lane is None:
                return None
            at = and_(lanes.c.workspace == lane.workspace, lanes.c.name == lane.name)
            job = self._all.execute(self._waiting(lane.workspace, lane.name)).first()
            if job is not None:
                break
            self._all.execute(delete(lanes).where(at))  # it rested after its last job, or its jobs were cancelled
        owner = uuid4().hex
        self._all.execute(update(lanes).where(at).values(owner=owner, free_at=self._now + lease_s))
        self._all.execute(update(jobs).where(jobs.c.id == job.id).values(tries=job.tries + 1))
        values = {name: getattr(job, name) for name in _TAKEN}
        return Taken(**{**values, "tries": job.tries + 1}, owner=owner)

    def extend(self, job: Taken, lease_s: float, saved: Mapping[str, Any] | None = None) -> bool:
        """Keeps the lane for longer, and what is done so far; False where another has it, or the job was cancelled."""
        held = self._all.execute(update(lanes).where(self._held(job)).values(free_at=self._now + lease_s)).rowcount
        known = and_(jobs.c.id == job.id, jobs.c.state == "ready")
        change = {"saved": dict(saved)} if saved is not None else {"tries": jobs.c.tries}
        return bool(held) and bool(self._all.execute(update(jobs).where(known).values(**change)).rowcount)

    def put_back(self, job: Taken, after_s: float, saved: Mapping[str, Any] | None) -> bool:
        """To be tried again, with its whole lane, after so many seconds."""
        change = {"owner": None, "free_at": self._now + after_s}
        if not self._all.execute(update(lanes).where(self._held(job)).values(**change)).rowcount:
            return False
        if saved is not None:
            self._all.execute(update(jobs).where(jobs.c.id == job.id).values(saved=dict(saved)))
        return True

    def end(self, job: Taken, state: State, rest_s: float = 0.0, error: str = "") -> bool:
        """The job is over, and its lane free after a rest. What failed keeps what it needs to be tried again."""
        held = select(lanes.c.name).where(self._held(job)).with_for_update()
        if self._all.execute(held).first() is None:
            return False
        self._all.execute(_ended(jobs.c.id == job.id, state, self._clock(), error))
        more = self._all.execute(self._waiting(job.workspace, job.lane)).first() is not None
        if more or rest_s > 0:
            self._all.execute(update(lanes).where(self._held(job)).values(owner=None, free_at=self._now + rest_s))
        else:
            self._all.execute(delete(lanes).where(self._held(job)))
        return True

    def free_all(self) -> int:
        """Frees what a worker held that is gone; only for whoever knows that there is no other. How many lanes that were."""
        held = update(lanes).where(lanes.c.owner.is_not(None))
        return self._all.execute(held.values(owner=None, free_at=self._now)).rowcount

    # -- an operator -------------------------------------------------------------------------------------------------

    def listed(self, states: Collection[State], limit: int) -> list[Listed]:
        """Newest first."""
        found = select(*(jobs.c[name] for name in _LISTED)).where(jobs.c.state.in_(states)).order_by(jobs.c.id.desc()).limit(limit)
        return [Listed(**row._mapping) for row in self._all.execute(found)]

    def depths(self) -> list[Depth]:
        """What waits and what failed, urgent or not."""
        grouped = select(jobs.c.state, jobs.c.urgent, func.count().label("count"), func.min(jobs.c.created_at).label("oldest"))
        rows = self._all.execute(grouped.where(jobs.c.state.in_(("ready", "failed"))).group_by(jobs.c.state, jobs.c.urgent))
        return [Depth(**row._mapping) for row in rows]

    def retry(self, id: int) -> bool:
        """A job that failed waits again, as if it were new; False where there is none."""
        known = select(jobs.c.workspace, jobs.c.lane, jobs.c.urgent).where(jobs.c.id == id, jobs.c.state == "failed")
        job = self._all.execute(known.with_for_update()).first()
        if job is None:
            return False
        again = {"state": "ready", "tries": 0, "error": "", "ended_at": None}
        self._all.execute(update(jobs).where(jobs.c.id == id).values(**again))
        row = {"workspace": job.workspace, "name": job.lane, "owner": None, "urgent": job.urgent, "free_at": self._now}
        insert = (postgresql if self._postgresql else sqlite).insert(lanes).values(**row)
        self._all.execute(insert.on_conflict_do_update(index_elements=list(lanes.primary_key), set_={"urgent": lanes.c.urgent}))
        return True

    def cancel(self, id: int) -> bool:
        """A job that waits is not done; one that runs stops before its next step. False where it is over already."""
        waits = and_(jobs.c.id == id, jobs.c.state == "ready")
        return bool(self._all.execute(_ended(waits, "cancelled", self._clock(), "")).rowcount)

    def forget_ended(self) -> int:
        """Deletes what was over long ago."""
        return self._all.execute(delete(jobs).where(jobs.c.ended_at < self._clock() - KEPT_FOR)).rowcount

    # -- statements --------------------------------------------------------------------------------------------------

    @property
    def _all(self) -> Connection:
        return over_all_workspaces(self._connection)

    @property
    def _postgresql(self) -> bool:
        return self._connection.dialect.name == POSTGRESQL

    @property
    def _now(self) -> ColumnElement[float]:
        return moment(self._postgresql, self._clock)

    def _next_lane(self, busy: Collection[str]) -> Select[Any]:
        came = lanes.c.free_at + case((lanes.c.urgent, 0.0), else_=BATCH_WAITS_S)
        order = [case((lanes.c.workspace.in_(busy), 1), else_=0), came] if busy else [came]
        free = select(lanes.c.workspace, lanes.c.name).where(lanes.c.free_at <= self._now)
        return free.order_by(*order).limit(1).with_for_update(skip_locked=True)

    def _waiting(self, workspace: str, lane: str) -> Select[Any]:
        here = and_(jobs.c.workspace == workspace, jobs.c.lane == lane, jobs.c.state == "ready")
        return select(*(jobs.c[name] for name in _TAKEN)).where(here).order_by(jobs.c.id).limit(1)

    def _held(self, job: Taken) -> ColumnElement[bool]:
        return and_(lanes.c.workspace == job.workspace, lanes.c.name == job.lane, lanes.c.owner == job.owner)


_TAKEN = ("id", "workspace", "lane", "kind", "person", "urgent", "tries", "created_at", "args", "saved")
_LISTED = ("id", "workspace", "lane", "kind", "state", "urgent", "tries", "error", "created_at", "ended_at")


def _ended(which: ColumnElement[bool], state: State, at: datetime, error: str) -> Any:
    emptied: dict[str, Any] = {} if state == "failed" else {"args": {}, "saved": None}
    return update(jobs).where(which, jobs.c.state == "ready").values(state=state, ended_at=at, error=error, **emptied)
