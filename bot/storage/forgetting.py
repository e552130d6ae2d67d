"""Deletion on request: of a person, of a whole workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, case, delete, func, or_, select, update

from bot.conversation import Conversation
from bot.storage.conversations import Conversations
from bot.storage.records import Forgotten
from bot.storage.schema import METADATA, conversation_people, conversations, feedback, jobs, reports, verdicts
from bot.storage.settings import Settings


class Forgetting(Conversations, Settings):
    """What hangs on a conversation goes with it: the keys of the tables see to that."""

    def forget_user(self, user: str) -> Forgotten:
        """Deletes what the user started and takes their id out of everything else. Their jobs go first: what they do is undone."""
        self._connection.execute(delete(jobs).where(self._here(jobs), jobs.c.person == user))
        started = select(conversations.c.id).where(self._here(conversations), conversations.c.owner == user)
        theirs = and_(self._here(verdicts), verdicts.c.conversation.in_(started))
        of_theirs = select(verdicts.c.id).where(theirs)
        said = and_(self._here(feedback), or_(feedback.c.user == user, feedback.c.verdict.in_(of_theirs)))
        gone_verdicts = self._connection.execute(select(func.count()).select_from(verdicts).where(theirs)).scalar_one()
        gone_feedback = self._connection.execute(delete(feedback).where(said)).rowcount
        gone = self._connection.execute(delete(conversations).where(self._here(conversations), conversations.c.owner == user)).rowcount
        answers = self._leave_conversations(user)
        self._connection.execute(update(verdicts).where(self._here(verdicts), verdicts.c.asked_by == user).values(asked_by=""))
        self._leave_reports(user)
        self._leave_editors(user)
        return Forgotten(conversations=gone, verdicts=gone_verdicts, feedback=gone_feedback, answers_anonymised=answers)

    def forget_workspace(self) -> None:
        """Nothing of the workspace is left."""
        for table in reversed(METADATA.sorted_tables):
            if "workspace" in table.c:
                self._connection.execute(delete(table).where(self._here(table)))

    def _leave_conversations(self, user: str) -> int:
        """Takes the user out of the conversations of others. The version moves, so that a save under way cannot bring them back."""
        people = conversation_people
        took_part = select(people.c.conversation).where(self._here(people), people.c.user == user)
        found = self._read().where(conversations.c.id.in_(took_part)).with_for_update()
        answers = 0
        for row in self._connection.execute(found).all():
            kept = Conversation.from_json(row.state)
            answers += _answers_by(user, row.state)
            unnamed = replace(kept.without_person(user), version=row.version + 1)
            change = update(conversations).where(self._here(conversations), conversations.c.id == kept.id)
            self._connection.execute(change.values(state=unnamed.as_json(), version=unnamed.version))
        self._connection.execute(delete(people).where(self._here(people), people.c.user == user))
        return answers

    def _leave_reports(self, user: str) -> None:
        """Takes the user out of the reports on conversations of others, and what they wrote to them."""
        asked, updated = reports.c.asked_by == user, reports.c.updated_by == user
        change = update(reports).where(self._here(reports), asked | updated)
        self._connection.execute(
            change.values(
                asked_by=case((asked, ""), else_=reports.c.asked_by),
                note=case((asked, ""), else_=reports.c.note),
                updated_by=case((updated, ""), else_=reports.c.updated_by),
            )
        )

    def _leave_editors(self, user: str) -> None:
        now = self.settings()
        if user in now.editors:
            self.save_settings(replace(now, editors=tuple(editor for editor in now.editors if editor != user)))


def _answers_by(user: str, state: Any) -> int:
    """How often the state of a conversation says that something was said by the user."""
    if isinstance(state, Mapping):
        return (state.get("by") == user) + sum(_answers_by(user, each) for each in state.values())
    return 0
