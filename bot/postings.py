"""Brings Slack in line with a conversation: posts the messages that are missing, updates those that read otherwise now.

Each message has a slot, claimed in the database before it is posted. All posts of a conversation are made in its lane, so two never
work on one slot; how a post that broke off is cleared up stands in `bot.delivering`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import comparisons
from bot.calling import Granted
from bot.cards import HEAD, Card, cards
from bot.compare_cards import compare_cards
from bot.contract import verdict_of
from bot.conversation import Conversation
from bot.delivering import Delivery, Doubt, Place, digest
from bot.desk import Desk, Gone
from bot.refusals import NOT_TO_BE_UPDATED, code_of
from bot.reply.elements import Message
from bot.storage import Post, WorkspaceSettings
from engine.errors import CaseError

log = logging.getLogger(__name__)


class Shown(NamedTuple):
    """The conversation as Slack shows it now, the messages of which nobody can tell whether they stand there, and why there is no
    verdict where one is due."""

    conversation: Conversation
    doubts: tuple[Doubt, ...]
    refused: str = ""


class _Kept(NamedTuple):
    """All that is kept of a conversation and shows in its messages."""

    conversation: Conversation
    posts: Mapping[str, Post]
    headline: str  # of the newest verdict
    settings: WorkspaceSettings


@dataclass(frozen=True)
class SlotClaims:
    """What is kept of one message of a conversation."""

    desk: Desk
    workspace: str
    conversation: str
    slot: str

    def read(self) -> Post | None:
        with self.desk.database.reading(self.workspace) as work:
            return work.posts_of(self.conversation).get(self.slot)

    def claim(self, digest: str) -> bool:
        with self.desk.database.workspace(self.workspace) as work:
            return work.claim_post(self.conversation, self.slot, digest)

    def posted(self, channel: str, ts: str, digest: str) -> None:
        """The first message is the thread, so the conversation learns its place in the same transaction."""
        self.desk.posted(self.workspace, self.conversation, self.slot, channel, ts, digest, first=self.slot == HEAD)

    def release(self) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.release_post(self.conversation, self.slot)

    def doubtful(self) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.mark_post_unknown(self.conversation, self.slot)

    def drop(self, read: Post) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.drop_post(self.conversation, self.slot, read)


@dataclass(frozen=True)
class Postings:
    """`granted` says where a doubtful message could be looked for; elsewhere what matters is posted as a stub first."""

    desk: Desk
    granted: Granted

    def bring_in_line(self, client: WebClient, workspace: str, conversation_id: str) -> Shown:
        """What Slack shows becomes what the conversation says, with the verdict that is due, and the result of its comparison.

        Raises Doubt where the first message is doubtful, Retry, and SlackApiError.
        """
        kept, refused = self._read(workspace, conversation_id), ""
        if kept.conversation.verdict_due(self.desk.rulebook):
            try:
                self.desk.advise_if_due(workspace, conversation_id)
            except CaseError as error:
                refused = str(error)
            kept = self._read(workspace, conversation_id)
        if comparisons.result_due(self.desk, kept.conversation):
            comparisons.show_if_due(self.desk, workspace, conversation_id)
            kept = self._read(workspace, conversation_id)
        if kept.conversation.thread is None:
            first = self._cards(kept)[0]
            self._deliver(client, kept.conversation, first, kept.posts.get(first.slot))
            kept = self._read(workspace, conversation_id)
        conversation, posts = kept.conversation, kept.posts
        doubts = []
        wanted = self._cards(kept)
        for card in wanted:
            if not _stands(posts.get(card.slot)):
                try:
                    self._deliver(client, conversation, card, posts.get(card.slot))
                except Doubt as doubt:
                    doubts.append(doubt)
        for card in wanted:
            if _stands(posts.get(card.slot)):
                self._update(client, conversation, card, posts[card.slot])
        return Shown(conversation, tuple(doubts), refused)

    def post_once(self, client: WebClient, conversation: Conversation, slot: str, message: Message) -> bool:
        """Posts a message in the thread; False where it stands there already. Raises as `bring_in_line`."""
        with self.desk.database.reading(conversation.workspace) as work:
            post = work.posts_of(conversation.id).get(slot)
        return self._deliver(client, conversation, Card(slot, lambda: message), post)

    def adopt(self, conversation: Conversation, slot: str, ts: str) -> None:
        """A message that was pressed was posted, even if nobody could write that down: its slot gets its timestamp."""
        with self.desk.database.reading(conversation.workspace) as work:
            known = work.posts_of(conversation.id).get(slot)
        if known is None or known.ts is not None:
            return
        with self.desk.database.workspace(conversation.workspace) as work:
            post = work.posts_of(conversation.id).get(slot)
            if post is not None and post.ts is None:
                work.posted(conversation.id, slot, ts, digest="")

    # -- one message -----------------------------------------------------------------------------------------------

    def _deliver(self, client: WebClient, conversation: Conversation, card: Card, post: Post | None) -> bool:
        place = Place(conversation.channel, None if card.slot == HEAD else conversation.thread)
        claims = SlotClaims(self.desk, conversation.workspace, conversation.id, card.slot)
        stub = card.stub if card.stub and not self.granted.can_look(conversation.workspace, place) else ""
        return Delivery(client, place, f"{conversation.id}:{card.slot}", claims, stub).take_up(post, card.build())

    def _update(self, client: WebClient, conversation: Conversation, card: Card, post: Post) -> None:
        """Only where it reads otherwise. A message that is gone is posted anew."""
        if post.ts is None or card.once:
            return
        message = card.build()
        if digest(message) == post.digest:
            return
        claims = SlotClaims(self.desk, conversation.workspace, conversation.id, card.slot)
        try:
            Delivery(client, Place(conversation.channel, conversation.thread), "", claims).update(post.ts, message)
        except SlackApiError as error:
            if code_of(error) not in NOT_TO_BE_UPDATED:
                raise
            claims.drop(post)
            self._deliver(client, conversation, card, None)

    # -- what is kept ----------------------------------------------------------------------------------------------

    def _read(self, workspace: str, conversation_id: str) -> _Kept:
        with self.desk.database.reading(workspace) as work:
            conversation = work.conversation(conversation_id)
            if conversation is None:
                raise Gone
            verdicts = work.verdicts_in(conversation_id) if conversation.advised else []
            headline = verdict_of(verdicts[-1].outputs) if verdicts else ""
            return _Kept(conversation, work.posts_of(conversation_id), headline, work.settings())

    def _cards(self, kept: _Kept) -> list[Card]:
        conversation, posts, words = kept.conversation, kept.posts, self.desk.words
        own = cards(
            conversation,
            posts,
            words,
            kept.headline,
            typical=lambda: self.desk.typical_case(conversation, kept.settings),
            verdict=lambda number: self.desk.verdict_message(conversation, number),
        )
        result = partial(comparisons.result_message, self.desk, conversation)
        return [*own, *compare_cards(conversation, posts, words, self.desk.dimensions, result)]


def _stands(post: Post | None) -> bool:
    """It stands in Slack, and as a whole message."""
    return post is not None and post.state == "posted" and bool(post.digest)
