"""Jobs of one workspace, enqueued in the transaction of the change that causes them: both are kept, or neither."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage.engines import POSTGRESQL
from bot.storage.errors import Stale
from bot.storage.moment import NOW, moment_when_sent
from bot.storage.schema import jobs, lanes
from bot.storage.scope import Insert, Scope


@dataclass(frozen=True)
class NewJob:
    """What is to be done. The key names the cause, such as a click, so that the same cause is worked on once however often it comes.

    Jobs of one lane run one after another, the oldest first. `person` asked for it, and takes it along when they ask to be forgotten;
    `urgent` where a person waits. `args` is plain JSON and may hold what people typed, so it shows in no repr. `after` is the job that
    it follows from: where that is no longer to be done, because somebody asked to be forgotten or the app was removed, nothing comes of it.
    """

    key: str
    lane: str
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict, repr=False)
    person: str = ""
    urgent: bool = True
    after: int = 0


class Jobs(Scope):
    """The door of the queue; what comes out of it is `bot.storage.queue`."""

    def enqueue(self, job: NewJob) -> bool:
        """False where the same cause was enqueued before. A worker may have it as soon as the transaction is committed.

        Raises Stale where the job that it comes after is gone or over.

        The lane comes first, as everywhere: whoever writes into it at the same moment waits, so jobs are numbered as they are committed.
        """
        if job.after and not self._is_ready(job.after):
            raise Stale
        postgres = self._connection.dialect.name == POSTGRESQL
        now = {} if postgres else {NOW: self._clock().timestamp()}
        self._connection.execute(open_lane(postgres), {"workspace": self.id, "name": job.lane, "urgent": job.urgent, **now})
        new = self._connection.execute(put_in(postgres), row_of(self.id, job, self._clock())).first() is not None
        if new:
            self._enqueued.append(job.lane)
        return new

    def _is_ready(self, id: int) -> bool:
        """Whether the job is still to be done, and stays so until this transaction ends."""
        held = select(jobs.c.id).where(self._here(jobs), jobs.c.id == id, jobs.c.state == "ready")
        return self._connection.execute(held.with_for_update(read=True, key_share=True)).first() is not None


@cache
def open_lane(postgres: bool) -> Insert:
    """The row is written even where it is there: whoever is about to close an empty lane waits for us, and then sees the job."""
    insert: Insert = _insert(postgres, lanes).values(owner=None, free_at=moment_when_sent(postgres))
    as_urgent = {"urgent": or_(lanes.c.urgent, insert.excluded.urgent)}
    return insert.on_conflict_do_update(index_elements=list(lanes.primary_key), set_=as_urgent)


@cache
def put_in(postgres: bool) -> ReturningInsert[tuple[str, str]]:
    """Says which jobs were new, by workspace and key."""
    insert: Insert = _insert(postgres, jobs).values(state="ready", tries=0, waits=0, error="")
    return insert.on_conflict_do_nothing().returning(jobs.c.workspace, jobs.c.key)


def row_of(workspace: str, job: NewJob, now: datetime) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "key": hashed(job.key),
        "lane": job.lane,
        "kind": job.kind,
        "person": job.person,
        "urgent": job.urgent,
        "args": dict(job.args),
        "created_at": now,
    }


def _insert(postgres: bool, table: Table) -> Insert:
    return postgresql.insert(table) if postgres else sqlite.insert(table)


def hashed(key: str) -> str:
    """A key may name a person, and is kept for days."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
