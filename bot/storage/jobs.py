"""Jobs of one workspace, enqueued in the transaction of the change that causes them: both are kept, or neither."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_

from bot.storage.engines import POSTGRESQL
from bot.storage.moment import moment
from bot.storage.schema import jobs, lanes
from bot.storage.scope import Scope


@dataclass(frozen=True)
class NewJob:
    """What is to be done. The key names the cause, such as a click, so that the same cause is worked on once however often it comes.

    Jobs of one lane run one after another, the oldest first. `person` asked for it, and takes it along when they ask to be forgotten;
    `urgent` where a person waits. `args` is plain JSON and may hold what people typed, so it shows in no repr.
    """

    key: str
    lane: str
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict, repr=False)
    person: str = ""
    urgent: bool = True


class Jobs(Scope):
    """The door of the queue; what comes out of it is `bot.storage.queue`."""

    def enqueue(self, job: NewJob) -> bool:
        """False where the same cause was enqueued before. A worker may have it as soon as the transaction is committed.

        The lane comes first, as everywhere: whoever writes into it at the same moment waits, so jobs are numbered as they are committed.
        """
        self._open_lane(job.lane, job.urgent)
        new = self._inserted(
            jobs,
            workspace=self.id,
            key=hashed(job.key),
            lane=job.lane,
            kind=job.kind,
            person=job.person,
            urgent=job.urgent,
            args=dict(job.args),
            state="ready",
            tries=0,
            waits=0,
            error="",
            created_at=self._clock(),
        )
        if new:
            self._enqueued.append(job.lane)
        return new

    def _open_lane(self, name: str, urgent: bool) -> None:
        """The row is written even where it is there: whoever is about to close an empty lane waits for us, and then sees the job."""
        now = moment(self._connection.dialect.name == POSTGRESQL, self._clock)
        insert = self._insert(lanes).values(workspace=self.id, name=name, owner=None, urgent=urgent, free_at=now)
        as_urgent = {"urgent": or_(lanes.c.urgent, insert.excluded.urgent)}
        self._connection.execute(insert.on_conflict_do_update(index_elements=list(lanes.primary_key), set_=as_urgent))


def hashed(key: str) -> str:
    """A key may name a person, and is kept for days."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
