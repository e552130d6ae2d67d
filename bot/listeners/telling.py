"""Telling one person something: where they acted, seen by them alone; else in a direct message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.listeners.payload import Payload, Where, where_of
from bot.reply.elements import Block, Message, section

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Teller:
    """`respond` works where the bot is no member; forms, the Home tab and events have none."""

    client: WebClient
    where: Where
    respond: Callable[..., Any] | None

    def tell(self, text: str, blocks: Sequence[Block] = ()) -> None:
        self.show(Message(text, tuple(blocks) or (section(text),)))

    def show(self, message: Message) -> None:
        """The message for this person's eyes, by the first way that Slack takes."""
        if self.respond is not None:
            self.respond(text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False)
            return
        try:
            self._ephemeral(message)
        except SlackApiError as error:
            log.info("told in a direct message: %s", error.response["error"])
            self.client.chat_postMessage(channel=self.where.user, text=message.text, blocks=list(message.blocks))

    def say(self, *messages: Message) -> None:
        """The messages for all who read the thread."""
        for message in messages:
            channel, thread = self.where.channel or self.where.user, self.where.thread
            self.client.chat_postMessage(channel=channel, thread_ts=thread, text=message.text, blocks=list(message.blocks))

    def _ephemeral(self, message: Message) -> None:
        channel = self.where.channel
        if channel is None or channel.startswith("D"):
            thread = self.where.thread if channel else None
            target = channel or self.where.user
            self.client.chat_postMessage(channel=target, thread_ts=thread, text=message.text, blocks=list(message.blocks))
            return
        self.client.chat_postEphemeral(
            channel=channel, user=self.where.user, thread_ts=self.where.thread, text=message.text, blocks=list(message.blocks)
        )


def teller_of(body: Payload, client: WebClient, respond: Callable[..., Any] | None) -> Teller:
    """`respond` only where the payload has a response_url, and not for a click in a thread: it would answer outside the thread."""
    ours = body.get("type") == "block_actions" and not body.get("container", {}).get("is_ephemeral")
    usable = bool(body.get("response_url")) and not ours
    return Teller(client, where_of(body), respond if usable else None)
