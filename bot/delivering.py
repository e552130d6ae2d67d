"""One message to Slack, posted once whatever breaks in between.

Who posts claims the message first, and writes down afterwards where it stands. A claim that nobody wrote an end to, and a post whose
answer was lost, are doubtful: the message may stand or not. Where a scope lets us look, we look for its key; where none does, a stub
that may stand there twice without harm takes its place and is then changed into the message; else a person has to say.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.chart import draw_png
from bot.jobs import Job, Retry
from bot.metrics import posted as counted
from bot.refusals import CANNOT_LOOK, NOT_TO_BE_UPDATED, OUTCOME_UNKNOWN, REFUSED_BLOCKS, code_of
from bot.reply.elements import Block, Message
from bot.storage import Post

LOOK_AFTER_S: Final = 2  # a call that broke off may still be on its way to where we look
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_A_PAGE, _PAGES = 15, 8
_EVENT: Final = "whichcloud_post"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A thread, or the channel itself."""

    channel: str
    thread: str | None = None


class Claims(Protocol):
    """What is kept of one message. `read` is None where nobody claimed it yet."""

    def read(self) -> Post | None: ...
    def claim(self, digest: str) -> bool: ...
    def posted(self, channel: str, ts: str, digest: str) -> None: ...
    def release(self) -> None: ...
    def doubtful(self) -> None: ...
    def drop(self, read: Post) -> None: ...


@dataclass(frozen=True)
class JobClaims:
    """What is kept of one message that belongs to no conversation, in the job that posts it."""

    job: Job
    name: str
    clock: Callable[[], datetime]

    def read(self) -> Post | None:
        kept = self.job.saved.get(self.name)
        return Post(self.name, **{**kept, "claimed_at": datetime.fromisoformat(kept["claimed_at"])}) if kept else None

    def claim(self, digest: str) -> bool:
        self._keep({"ts": None, "digest": digest, "state": "posting", "claimed_at": self.clock().isoformat()})
        return True

    def posted(self, channel: str, ts: str, digest: str) -> None:
        self._keep({"ts": ts, "digest": digest, "state": "posted", "claimed_at": self.clock().isoformat()})

    def release(self) -> None:
        self._keep(None)

    def doubtful(self) -> None:
        kept = self.job.saved.get(self.name)
        self._keep({**kept, "state": "unknown"} if kept else None)

    def drop(self, read: Post) -> None:
        self._keep(None)

    def _keep(self, post: dict[str, Any] | None) -> None:
        others = {name: kept for name, kept in self.job.saved.items() if name != self.name}
        self.job.keep({**others, self.name: post} if post else others)


class Doubt(Exception):
    """Nobody can tell whether the message stands in Slack, and it may not be posted twice. `post` is its claim, `text` what it says."""

    def __init__(self, post: Post, text: str) -> None:
        super().__init__(post.slot)
        self.post, self.text = post, text


def claim_of(post: Post) -> str:
    """Names one claim of a message: a later one of the same message is another."""
    return f"{post.slot}@{post.claimed_at.astimezone(UTC):%Y%m%d%H%M%S%f}"


@dataclass(frozen=True)
class Delivery:
    """Everything about one message: where, under which key it can be found again, and its stub if it has one."""

    client: WebClient
    place: Place
    key: str
    claims: Claims
    stub: str = ""

    def deliver(self, message: Message) -> bool:
        """Brings the message into Slack; False where it stood there already, as it reads now or before.

        Raises Doubt, Retry where it is too early to tell, and SlackApiError where Slack refused it.
        """
        return self.take_up(self.claims.read(), message)

    def take_up(self, post: Post | None, message: Message) -> bool:
        """The same, for whoever read just now what is kept of it."""
        if post is not None and post.state == "posting":  # by somebody who never came back: two never work on one message
            self._doubtful()
        if post is not None and post.state == "unknown":
            post = self._resolved(post, message.text)
        if post is None:
            return self._post(message)
        if post.ts is not None and not post.digest:
            self._finish(post.ts, message)
        return False

    def update(self, ts: str, message: Message) -> None:
        """The message as it reads now, in place of what stands there. Raises SlackApiError."""
        _with_fallback(self.client, message, self.place, ts)
        self.claims.posted(self.place.channel, ts, digest(message))
        counted("updated")

    # -- posting -----------------------------------------------------------------------------------------------------

    def _post(self, message: Message) -> bool:
        wanted = digest(message)
        if not self.claims.claim(wanted):
            return False
        first = Message(self.stub, ()) if self.stub else message
        try:
            channel, ts = _with_fallback(self.client, first, self.place, None, self.key)
        except SlackApiError as error:
            if error.response.status_code < 500:
                self.claims.release()
                raise
            self._doubtful()
        except OUTCOME_UNKNOWN as error:
            log.info("a post broke off: %s", type(error).__name__)
            self._doubtful()
        self.claims.posted(channel, ts, "" if self.stub else wanted)
        counted("posted")
        if self.stub:
            Delivery(self.client, Place(channel, self.place.thread), self.key, self.claims)._finish(ts, message)
        return True

    def _doubtful(self) -> NoReturn:
        """It may stand or not; a little later, it can be seen."""
        self.claims.doubtful()
        counted("unknown")
        raise Retry(LOOK_AFTER_S) from None

    def _finish(self, ts: str, message: Message) -> None:
        """A stub, or a message that was found, becomes what it should read; one that is gone by now is dropped and posted anew."""
        try:
            self.update(ts, message)
        except SlackApiError as error:
            if code_of(error) not in NOT_TO_BE_UPDATED:
                raise
            post = self.claims.read()
            if post is not None:
                self.claims.drop(post)
            raise Retry(0) from None

    # -- doubts ------------------------------------------------------------------------------------------------------

    def _resolved(self, post: Post, text: str) -> Post | None:
        """The post, found; None where it surely does not stand in Slack. Raises Doubt where nobody can tell."""
        found = None
        try:
            found = find(self.client, self.place, self.key, post.claimed_at)
        except SlackApiError as error:
            if code_of(error) not in CANNOT_LOOK:
                raise
            if not self.stub:
                counted("given up")
                raise Doubt(post, text) from None
        if found is None:
            self.claims.drop(post)
            return None
        self.claims.posted(self.place.channel, found, "")
        counted("found")
        return self.claims.read()


def find(client: WebClient, place: Place, key: str, since: datetime) -> str | None:
    """The timestamp of our message with this key, if it stands there. Raises SlackApiError where we may not look."""
    oldest = f"{(since - _CLOCKS_DIFFER).timestamp():.6f}"
    for message in _messages(client, place, oldest):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == _EVENT and (metadata.get("event_payload") or {}).get("key") == key:
            return str(message["ts"])
    return None


def _messages(client: WebClient, place: Place, oldest: str) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"channel": place.channel, "oldest": oldest, "limit": _A_PAGE, "include_all_metadata": True}
    for _ in range(_PAGES):
        if place.thread is not None:
            answer = client.conversations_replies(ts=place.thread, **asked)
        else:
            answer = client.conversations_history(**asked)
        yield from answer.get("messages") or []
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
        asked["cursor"] = cursor


def digest(message: Message) -> str:
    """Changes when what people see changes."""
    written = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:32]


# -- calls ---------------------------------------------------------------------------------------------------------------


def _with_fallback(client: WebClient, message: Message, place: Place, ts: str | None, key: str = "") -> tuple[str, str]:
    """Channel and timestamp; where Slack refuses the blocks, in the plainer layout, the chart as a picture."""
    try:
        return _call(client, message.text, message.blocks, place, ts, key)
    except SlackApiError as error:
        if message.plain is None or code_of(error) not in REFUSED_BLOCKS:
            raise
        log.warning("blocks refused, sent in the plain layout: %s", _refusals(error))
    channel, at = _call(client, message.text, message.plain, place, ts, key)
    for block in message.blocks:
        if block["type"] == "data_visualization":
            _send_picture(client, block, message.alt, Place(channel, place.thread or at))
    return channel, at


def _call(client: WebClient, text: str, blocks: tuple[Block, ...], place: Place, ts: str | None, key: str) -> tuple[str, str]:
    if ts is not None:
        client.chat_update(channel=place.channel, ts=ts, text=text, blocks=list(blocks))
        return place.channel, ts
    answer = client.chat_postMessage(
        channel=place.channel,
        thread_ts=place.thread,
        text=text,
        blocks=list(blocks) or None,
        metadata={"event_type": _EVENT, "event_payload": {"key": key}},
        unfurl_links=False,
    )
    return str(answer["channel"]), str(answer["ts"])


def _send_picture(client: WebClient, block: Block, alt: str, place: Place) -> None:
    """The picture adds nothing that the text does not say, so a failure here is only written down."""
    picture = {"filename": "cost-lines.png", "content": draw_png(block), "title": block["title"], "alt_txt": alt}
    try:
        client.files_upload_v2(channel=place.channel, thread_ts=place.thread, file_uploads=[picture])
    except (SlackApiError, *OUTCOME_UNKNOWN) as error:
        log.warning("the chart could not be uploaded: %s", type(error).__name__)


def _refusals(error: SlackApiError) -> object:
    """Where in the blocks Slack saw what: pointers, no content."""
    return [(each.get("code"), each.get("pointer")) for each in error.response.get("errors") or []] or code_of(error)
