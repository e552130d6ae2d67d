"""Verdicts of a workspace, what people think of them, and the rulebooks that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, Select, select

from bot.storage.conversations import Conversations
from bot.storage.errors import Stale
from bot.storage.records import Feedback, Verdict
from bot.storage.schema import feedback, rulebooks, verdicts

_VERDICT = [column for column in verdicts.c if column.name != "workspace"]
_FEEDBACK = [column for column in feedback.c if column.name != "workspace"]


class Verdicts(Conversations):
    """Verdicts are added and shown, never changed."""

    def add_verdict(self, verdict: Verdict) -> None:
        """Raises Stale where its conversation is gone, or has a verdict of this number."""
        if not self._has_conversation(verdict.conversation) or not self._inserted(verdicts, workspace=self.id, **_written(verdict)):
            raise Stale

    def verdict(self, id: str) -> Verdict | None:
        row = self._connection.execute(self._read_verdicts().where(verdicts.c.id == id)).first()
        return None if row is None else _verdict(row)

    def verdicts_in(self, conversation: str) -> list[Verdict]:
        """Oldest first."""
        rows = self._connection.execute(self._read_verdicts().where(verdicts.c.conversation == conversation).order_by(verdicts.c.number))
        return [_verdict(row) for row in rows]

    def verdicts_of(self, user: str, limit: int) -> list[Verdict]:
        """What the user asked for, newest first."""
        theirs = self._read_verdicts().where(verdicts.c.asked_by == user)
        newest = theirs.order_by(verdicts.c.created_at.desc(), verdicts.c.number.desc(), verdicts.c.id).limit(limit)
        return [_verdict(row) for row in self._connection.execute(newest)]

    def keep_feedback(self, given: Feedback) -> None:
        """The latest click of a person counts, whichever arrives last. Raises Stale where the verdict is gone."""
        held = select(verdicts.c.id).where(self._here(verdicts), verdicts.c.id == given.verdict)
        if self._connection.execute(held.with_for_update(read=True, key_share=True)).first() is None:
            raise Stale
        insert = self._insert(feedback).values(workspace=self.id, **asdict(given))
        newer = {"value": insert.excluded.value, "at": insert.excluded.at}
        keys = list(feedback.primary_key)
        self._connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=newer, where=insert.excluded.at >= feedback.c.at))

    def feedback_on(self, verdict: str) -> list[Feedback]:
        found = select(*_FEEDBACK).where(self._here(feedback), feedback.c.verdict == verdict)
        rows = self._connection.execute(found.order_by(feedback.c.at, feedback.c.user))
        return [Feedback(**row._mapping) for row in rows]

    def keep_rulebook(self, version: str, prices_version: str, snapshot: bytes) -> None:
        """A version is a hash of what is in it, so one that is kept already stays as it is."""
        self._inserted(rulebooks, version=version, prices_version=prices_version, snapshot=snapshot, kept_at=self._clock())

    def rulebook_snapshot(self, version: str) -> bytes | None:
        return self._connection.execute(select(rulebooks.c.snapshot).where(rulebooks.c.version == version)).scalar()

    def _read_verdicts(self) -> Select[Any]:
        return select(*_VERDICT).where(self._here(verdicts))


def _written(verdict: Verdict) -> Mapping[str, Any]:
    return {column.name: getattr(verdict, column.name) for column in _VERDICT}


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(**row._mapping)
