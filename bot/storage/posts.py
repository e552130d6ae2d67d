"""Our messages: each slot of a conversation is claimed once, so that no message is posted twice."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, select, update

from bot.storage.conversations import Conversations
from bot.storage.records import Post
from bot.storage.schema import posts

_POST = [column for column in posts.c if column.name not in ("workspace", "conversation")]


class Posts(Conversations):
    """A post is `posting` from its claim on, then `posted`, or `unknown` where Slack's answer was lost."""

    def claim_post(self, conversation: str, slot: str, digest: str) -> bool:
        """True for one caller: that one posts. False for all others, and where the conversation is gone."""
        claim = {"workspace": self.id, "conversation": conversation, "slot": slot, "digest": digest}
        return self._has_conversation(conversation) and self._inserted(posts, **claim, state="posting", claimed_at=self._clock())

    def posts_of(self, conversation: str) -> dict[str, Post]:
        rows = self._connection.execute(
            select(*_POST).where(self._here(posts), posts.c.conversation == conversation).order_by(posts.c.slot)
        )
        return {row.slot: Post(**row._mapping) for row in rows}

    def posted(self, conversation: str, slot: str, ts: str, digest: str) -> None:
        """Slack took it; also after an update of the same message."""
        change = update(posts).where(self._slot(conversation, slot))
        self._connection.execute(change.values(ts=ts, digest=digest, state="posted"))

    def release_post(self, conversation: str, slot: str) -> None:
        """Slack surely did not take it, so anybody may claim it again."""
        self._connection.execute(delete(posts).where(self._slot(conversation, slot), posts.c.state == "posting"))

    def drop_post(self, conversation: str, slot: str, read: Post) -> None:
        """Whatever became of it, it may be posted anew: it is gone from Slack, or a person asks where things stand.

        Only while it is still the one that was read: of two who drop it at once, the second leaves the new claim of the first.
        """
        as_read = (posts.c.state == read.state, posts.c.claimed_at == read.claimed_at)
        self._connection.execute(delete(posts).where(self._slot(conversation, slot), *as_read))

    def mark_post_unknown(self, conversation: str, slot: str) -> None:
        """Slack may have taken it: nobody posts it again unasked."""
        change = update(posts).where(self._slot(conversation, slot), posts.c.state == "posting")
        self._connection.execute(change.values(state="unknown"))

    def _slot(self, conversation: str, slot: str) -> ColumnElement[bool]:
        return and_(self._here(posts), posts.c.conversation == conversation, posts.c.slot == slot)
