"""Telling one person something: where they acted, seen by them alone; else in a direct message."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.delivering import Delivery, JobClaims, Place
from bot.desk import new_id
from bot.jobs import Job
from bot.listeners.payload import Payload, Where, part, where_of
from bot.refusals import OUTCOME_UNKNOWN, REFUSED_BLOCKS, code_of
from bot.reply.elements import Block, Message, section

log = logging.getLogger(__name__)
_SECONDS = 10


@dataclass(frozen=True)
class Teller:
    """Who is told, where, and by which event.

    `response_url` works where the bot is no member; forms, the Home tab and events have none. `cause` is the key of the event, and
    `spare_id` is for what it may begin: when the event is worked on a second time, both are the same.
    """

    client: WebClient = field(repr=False)
    where: Where
    response_url: str = field(default="", repr=False)
    cause: str = ""
    spare_id: str = field(default_factory=new_id)
    job: Job | None = field(default=None, repr=False)

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
        """The messages for all who read the thread, each once. Raises Doubt, Retry and SlackApiError."""
        assert self.job is not None
        place = Place(self.where.channel or self.where.user, self.where.thread)
        for at, message in enumerate(messages):
            claims = JobClaims(self.job, f"said {at}", lambda: datetime.now(UTC))
            Delivery(self.client, place, f"{self.spare_id}:{at}", claims).deliver(message)

    def link(self, channel: str, ts: str | None) -> str:
        """Where a message stands; empty where Slack does not say."""
        if not ts:
            return ""
        try:
            return str(self.client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
        except SlackApiError:
            return ""

    def _show(self, text: str, blocks: Sequence[Block]) -> None:
        """By the first way that Slack takes."""
        if self.response_url and self._answered(text, blocks):
            return
        try:
            self._ephemeral(text, blocks)
        except SlackApiError as error:
            if code_of(error) in REFUSED_BLOCKS or error.response.status_code != 200:
                raise
            log.info("told in a direct message: %s", code_of(error))
            self.client.chat_postMessage(channel=self.where.user, text=text, blocks=list(blocks))

    def _answered(self, text: str, blocks: Sequence[Block]) -> bool:
        """Bolt's own writer repeats what it sent when the connection breaks, and says nothing of a refusal."""
        answers = WebhookClient(self.response_url, timeout=_SECONDS, retry_handlers=[])
        try:
            answer = answers.send(text=text, blocks=list(blocks), response_type="ephemeral", replace_original=False)
        except OUTCOME_UNKNOWN as error:
            log.info("a response URL broke off: %s", type(error).__name__)
            raise
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

    # -- through a job -------------------------------------------------------------------------------------------------

    def as_args(self) -> dict[str, Any]:
        """What another job needs to tell the same person."""
        return {"where": asdict(self.where), "response_url": self.response_url, "cause": self.cause, "spare_id": self.spare_id}


def teller_from(args: Mapping[str, Any], client: WebClient) -> Teller:
    """The other way round."""
    return Teller(client, Where(**args["where"]), args["response_url"], args["cause"], args["spare_id"])


def teller_of(body: Payload, client: WebClient, cause: str = "", spare_id: str = "") -> Teller:
    """Whoever caused a payload. A response URL is of no use for a click in a thread: it would answer outside the thread."""
    url = body.get("response_url")
    ours = body.get("type") == "block_actions" and not part(body, "container").get("is_ephemeral")
    known = url if isinstance(url, str) and not ours else ""
    return Teller(client, where_of(body), known, cause, spare_id or new_id())
