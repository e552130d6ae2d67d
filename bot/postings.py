"""Brings Slack in line with a conversation: posts the messages that are missing, updates those that read otherwise now.

Each message has a slot. Whoever claims the slot in the database posts it, so that it is posted once however many try. A post whose
outcome nobody knows is not sent again by itself; it is when a person asks to see where things stand, or the bot starts anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.cards import HEAD, Card, cards
from bot.chart import draw_png
from bot.contract import verdict_of
from bot.conversation import Conversation
from bot.desk import Desk, Gone
from bot.refusals import NOT_TO_BE_UPDATED, OUTCOME_UNKNOWN, REFUSED_BLOCKS, code_of
from bot.reply.elements import Block, Message
from bot.storage import Post

LOST_CLAIM_AFTER = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Postings:
    desk: Desk
    _locks: WeakValueDictionary[str, Any] = field(default_factory=WeakValueDictionary)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def bring_in_line(
        self, client: WebClient, workspace: str, conversation_id: str, *, again: bool = False, lost_after: timedelta = LOST_CLAIM_AFTER
    ) -> Conversation:
        """What Slack shows becomes what the conversation says.

        `again` sends once more what nobody knows the outcome of; a post that was begun so long ago and never reported is one of these.
        """
        with self._one_at_a_time(conversation_id):
            conversation, posts, headline = self._read(workspace, conversation_id)
            if again:
                posts = self._released(workspace, conversation_id, posts, lost_after)
            conversation, posts = self._headed(client, conversation, posts)
            wanted = self._cards(conversation, posts, headline)
            for card in wanted:
                if card.slot not in posts:
                    self._post(client, conversation, card)
            for card in wanted:
                if card.slot in posts:
                    self._update(client, conversation, card, posts[card.slot])
            return conversation

    @contextmanager
    def _one_at_a_time(self, conversation_id: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(conversation_id, threading.RLock())
        with lock:
            yield

    def _read(self, workspace: str, conversation_id: str) -> tuple[Conversation, dict[str, Post], str]:
        with self.desk.database.workspace(workspace) as work:
            conversation = work.conversation(conversation_id)
            if conversation is None:
                raise Gone
            verdicts = work.verdicts_in(conversation_id) if conversation.advised else []
            posts = dict(work.posts_of(conversation_id))
        headline = verdict_of(verdicts[-1].outputs) if verdicts else ""
        return conversation, posts, headline

    def _cards(self, conversation: Conversation, posts: dict[str, Post], headline: str) -> list[Card]:
        with self.desk.database.workspace(conversation.workspace) as work:
            settings = work.settings()
        return list(
            cards(
                conversation,
                posts,
                self.desk.words,
                headline,
                typical=lambda: self.desk.typical_case(conversation, settings),
                verdict=lambda number: self.desk.verdict_message(conversation, number),
            )
        )

    def _headed(self, client: WebClient, conversation: Conversation, posts: dict[str, Post]) -> tuple[Conversation, dict[str, Post]]:
        """The first message comes before all others, because its timestamp is the thread."""
        if conversation.thread is not None:
            return conversation, posts
        head = self._cards(conversation, posts, "")[0]
        self._post(client, conversation, head)
        return self._read(conversation.workspace, conversation.id)[:2]

    def _released(self, workspace: str, conversation_id: str, posts: dict[str, Post], lost_after: timedelta) -> dict[str, Post]:
        """Without the slots whose outcome nobody knows, and those whose poster has not come back."""
        long_ago = self.desk.clock() - lost_after
        lost = [p.slot for p in posts.values() if p.state == "unknown" or (p.state == "posting" and p.claimed_at < long_ago)]
        with self.desk.database.workspace(workspace) as work:
            for slot in lost:
                work.drop_post(conversation_id, slot, posts[slot])
        return {slot: post for slot, post in posts.items() if slot not in lost}

    def adopt(self, conversation: Conversation, slot: str, ts: str) -> None:
        """A message that was pressed was posted, even if nobody could write that down: its slot gets its timestamp."""
        with self.desk.database.workspace(conversation.workspace) as work:
            post = work.posts_of(conversation.id).get(slot)
            if post is not None and post.ts is None:
                work.posted(conversation.id, slot, ts, digest="")

    # -- one message -----------------------------------------------------------------------------------------------

    def post_once(self, client: WebClient, conversation: Conversation, slot: str, message: Message) -> str | None:
        """Posts a message in the thread unless its slot is taken; the timestamp, or None where another has it."""
        return self._post(client, conversation, Card(slot, lambda: message))

    def _post(self, client: WebClient, conversation: Conversation, card: Card) -> str | None:
        message = card.build()
        digest = _digest(message)
        with self.desk.database.workspace(conversation.workspace) as work:
            if not work.claim_post(conversation.id, card.slot, digest):
                return None
        thread = None if card.slot == HEAD else conversation.thread
        try:
            channel, ts = send(client, message, channel=conversation.channel, thread_ts=thread)
        except SlackApiError as error:
            self._failed(conversation, card.slot, known=error.response.status_code < 500)
            raise
        except OUTCOME_UNKNOWN:
            self._failed(conversation, card.slot, known=False)
            raise
        with self.desk.database.workspace(conversation.workspace) as work:
            work.posted(conversation.id, card.slot, ts, digest)
        if card.slot == HEAD:
            self.desk.placed(conversation.workspace, conversation.id, channel, ts)
        return ts

    def _failed(self, conversation: Conversation, slot: str, *, known: bool) -> None:
        with self.desk.database.workspace(conversation.workspace) as work:
            if known:
                work.release_post(conversation.id, slot)
            else:
                work.mark_post_unknown(conversation.id, slot)

    def _update(self, client: WebClient, conversation: Conversation, card: Card, post: Post) -> None:
        """Only where it reads otherwise. A message that is gone is posted anew."""
        if post.ts is None or card.once:
            return
        message = card.build()
        digest = _digest(message)
        if digest == post.digest:
            return
        try:
            client.chat_update(channel=conversation.channel, ts=post.ts, text=message.text, blocks=list(message.blocks))
        except SlackApiError as error:
            if code_of(error) not in NOT_TO_BE_UPDATED:
                raise
            with self.desk.database.workspace(conversation.workspace) as work:
                work.drop_post(conversation.id, card.slot, post)
            self._post(client, conversation, card)
            return
        with self.desk.database.workspace(conversation.workspace) as work:
            work.posted(conversation.id, card.slot, post.ts, digest)


def send(client: WebClient, message: Message, *, channel: str, thread_ts: str | None) -> tuple[str, str]:
    """Channel and timestamp of the message; where Slack refuses its blocks, it is sent in the plainer layout, the chart as a picture."""
    try:
        return _posted(client, message.text, message.blocks, channel, thread_ts)
    except SlackApiError as error:
        if message.plain is None or code_of(error) not in REFUSED_BLOCKS:
            raise
        log.warning("blocks refused, sent in the plain layout: %s", _refusals(error))
    where, ts = _posted(client, message.text, message.plain, channel, thread_ts)
    for block in message.blocks:
        if block["type"] == "data_visualization":
            _send_picture(client, block, message.alt, where, thread_ts or ts)
    return where, ts


def _posted(client: WebClient, text: str, blocks: tuple[Block, ...], channel: str, thread_ts: str | None) -> tuple[str, str]:
    answer = client.chat_postMessage(channel=channel, thread_ts=thread_ts, text=text, blocks=list(blocks), unfurl_links=False)
    return str(answer["channel"]), str(answer["ts"])


def _send_picture(client: WebClient, block: Block, alt: str, channel: str, thread_ts: str) -> None:
    """The chart as a file in the thread. The message stands without it, so a failure is only written down."""
    picture = {"filename": "cost-lines.png", "content": draw_png(block), "title": block["title"], "alt_txt": alt}
    try:
        client.files_upload_v2(channel=channel, thread_ts=thread_ts, file_uploads=[picture])
    except (SlackApiError, *OUTCOME_UNKNOWN) as error:
        log.warning("the chart could not be uploaded: %s", type(error).__name__)


def _refusals(error: SlackApiError) -> object:
    """Where in the blocks Slack saw what: pointers, no content."""
    return [(each.get("code"), each.get("pointer")) for each in error.response.get("errors") or []] or code_of(error)


def _digest(message: Message) -> str:
    written = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:32]
