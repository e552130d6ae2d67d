"""Conversations of a workspace, and who took part in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.exc import IntegrityError

from bot.conversation import Conversation
from bot.storage.errors import Stale, UnscopedQuery
from bot.storage.schema import conversation_people, conversations
from bot.storage.scope import Scope

CANCELLED, ADVISED = "cancelled", "advised"
_KEPT = (conversations.c.version, conversations.c.state)


class Conversations(Scope):
    """Read, add and save conversations; each save knows the version that it changes."""

    def add_conversation(self, conversation: Conversation) -> None:
        """Raises Stale where its id, or its thread, has a conversation already."""
        self._own(conversation)
        now = self._clock()
        if not self._inserted(conversations, **_columns(conversation), created_at=now, updated_at=now):
            raise Stale
        self._keep_people(conversation)

    def conversation(self, id: str) -> Conversation | None:
        return self._one(self._read().where(conversations.c.id == id))

    def conversation_in(self, channel: str, thread: str) -> Conversation | None:
        """The conversation of a thread, by the ts of the thread's first message."""
        return self._one(self._read().where(conversations.c.channel == channel, conversations.c.thread == thread))

    def newest_in_channel(self, channel: str) -> Conversation | None:
        """The one that moved last and is not cancelled."""
        open_ones = self._read().where(conversations.c.channel == channel, conversations.c.stage != CANCELLED)
        return self._one(_newest_first(open_ones).limit(1))

    def newest_advised(self, channel: str, user: str) -> Conversation | None:
        """The one with a verdict in this channel that moved last, of those that the user started or took part in."""
        advised = self._read().where(conversations.c.channel == channel, conversations.c.stage == ADVISED)
        return self._one(_newest_first(advised.where(conversations.c.id.in_(self._of(user)))).limit(1))

    def conversations_of(self, user: str, limit: int) -> list[Conversation]:
        """Those that the user started or took part in, last moved first."""
        rows = self._connection.execute(_newest_first(self._read().where(conversations.c.id.in_(self._of(user)))).limit(limit))
        return [_conversation(row) for row in rows]

    def save_conversation(self, conversation: Conversation) -> Conversation:
        """The conversation as it is kept now, one version on. Raises Stale where it was saved by somebody else since it was read."""
        self._own(conversation)
        saved = replace(conversation, version=conversation.version + 1)
        change = (
            update(conversations)
            .where(self._here(conversations), conversations.c.id == saved.id, conversations.c.version == conversation.version)
            .values({key: value for key, value in _columns(saved).items() if key not in ("workspace", "id")})
            .values(updated_at=self._clock())
        )
        try:
            with self._connection.begin_nested():
                found = self._connection.execute(change).rowcount
        except IntegrityError:
            found = 0  # another conversation has this thread
        if not found:
            raise Stale
        self._keep_people(saved)
        return saved

    def _has_conversation(self, id: str) -> bool:
        """Whether it is there, and stays until this transaction ends."""
        held = select(conversations.c.id).where(self._here(conversations), conversations.c.id == id)
        return self._connection.execute(held.with_for_update(read=True, key_share=True)).first() is not None

    def _of(self, user: str) -> Select[Any]:
        """The ids of those that the user started or took part in."""
        return select(conversation_people.c.conversation).where(self._here(conversation_people), conversation_people.c.user == user)

    def _read(self) -> Select[Any]:
        return select(*_KEPT).where(self._here(conversations))

    def _one(self, found: Select[Any]) -> Conversation | None:
        row = self._connection.execute(found).first()
        return None if row is None else _conversation(row)

    def _keep_people(self, conversation: Conversation) -> None:
        """Adds who is new; nobody is taken out but by `forget_user`, so that a restart leaves everybody their history."""
        users = conversation.people - {""}
        rows = [{"workspace": self.id, "conversation": conversation.id, "user": user} for user in users]
        if rows:
            self._connection.execute(self._insert(conversation_people).on_conflict_do_nothing(), rows)

    def _own(self, conversation: Conversation) -> None:
        if conversation.workspace != self.id:
            raise UnscopedQuery("the conversation belongs to another workspace")


def _newest_first(found: Select[Any]) -> Select[Any]:
    return found.order_by(conversations.c.updated_at.desc(), conversations.c.created_at.desc(), conversations.c.id)


def _conversation(row: Row[Any]) -> Conversation:
    return replace(Conversation.from_json(row.state), version=row.version)


def _columns(conversation: Conversation) -> dict[str, Any]:
    names = ("workspace", "id", "channel", "thread", "owner", "private", "stage", "version")
    return {**{name: getattr(conversation, name) for name in names}, "state": conversation.as_json()}
