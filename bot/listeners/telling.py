"""Telling one person something: where they acted, seen by them alone; else in a direct message."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.listeners.payload import Payload, Where, where_of
from bot.postings import send
from bot.refusals import REFUSED_BLOCKS, code_of
from bot.reply.elements import Block, Message, section

log = logging.getLogger(__name__)
_SECONDS = 10


@dataclass(frozen=True)
class Teller:
    """`answers` writes to the response URL, which works where the bot is no member; forms, the Home tab and events have none."""

    client: WebClient
    where: Where
    answers: WebhookClient | None

    def tell(self, text: str, blocks: Sequence[Block] = ()) -> None:
        self.show(Message(text, tuple(blocks) or (section(text),)))

    def show(self, message: Message) -> None:
        """The message for this person's eyes; where Slack refuses its blocks, in the plainer layout."""
        try:
            self._show(message.text, message.blocks)
        except SlackApiError as error:
            if message.plain is None or code_of(error) not in REFUSED_BLOCKS:
                raise
            self._show(message.text, message.plain)

    def say(self, *messages: Message) -> None:
        """The messages for all who read the thread."""
        for message in messages:
            send(self.client, message, channel=self.where.channel or self.where.user, thread_ts=self.where.thread)

    def _show(self, text: str, blocks: Sequence[Block]) -> None:
        """By the first way that Slack takes."""
        if self.answers is not None and self._answered(text, blocks):
            return
        try:
            self._ephemeral(text, blocks)
        except SlackApiError as error:
            if code_of(error) in REFUSED_BLOCKS:
                raise
            log.info("told in a direct message: %s", code_of(error))
            self.client.chat_postMessage(channel=self.where.user, text=text, blocks=list(blocks))

    def _answered(self, text: str, blocks: Sequence[Block]) -> bool:
        assert self.answers is not None
        answer = self.answers.send(text=text, blocks=list(blocks), response_type="ephemeral", replace_original=False)
        if answer.status_code != 200:
            log.info("a response URL answered %s", answer.status_code)
        return answer.status_code == 200

    def _ephemeral(self, text: str, blocks: Sequence[Block]) -> None:
        channel = self.where.channel
        if channel is None or channel.startswith("D"):
            thread = self.where.thread if channel else None
            self.client.chat_postMessage(channel=channel or self.where.user, thread_ts=thread, text=text, blocks=list(blocks))
            return
        self.client.chat_postEphemeral(channel=channel, user=self.where.user, thread_ts=self.where.thread, text=text, blocks=list(blocks))


def teller_of(body: Payload, client: WebClient) -> Teller:
    """A response URL is of no use for a click in a thread: it would answer outside the thread. Bolt's own writer to it repeats
    what it sent when the connection breaks, and says nothing of a refusal."""
    url = body.get("response_url")
    ours = body.get("type") == "block_actions" and not body.get("container", {}).get("is_ephemeral")
    if not isinstance(url, str) or not url or ours:
        return Teller(client, where_of(body), None)
    return Teller(
        client, where_of(body), WebhookClient(url, timeout=_SECONDS, retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)])
    )
