"""What exists in the local Slack: people, channels, messages, views, files. It checks nothing and sends nothing."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.clock import Clock

Block = dict[str, Any]
View = dict[str, Any]
StateValues = dict[str, dict[str, dict[str, Any]]]

STATUS_LASTS_S = 120.0
ASK_AGAIN_S = 0.02


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    domain: str
    enterprise_id: str | None = None
    enterprise_name: str = ""


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    real_name: str
    admin: bool = False


@dataclass(frozen=True)
class BotUser:
    user_id: str
    bot_id: str
    app_id: str
    name: str


@dataclass
class Channel:
    """`person` is the one whose direct messages with the bot these are; None in a channel."""

    id: str
    name: str
    kind: Literal["channel", "private", "dm"]
    members: set[str]
    archived: bool = False
    restricted: bool = False
    person: str | None = None


@dataclass
class Message:
    """`state` holds what people chose in its selects: block id, action id, state."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Block] = field(default_factory=list)
    thread_ts: str | None = None
    edited: bool = False
    ephemeral_to: str | None = None
    files: list[str] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    deleted: bool = False
    broadcast: bool = False
    state: StateValues = field(default_factory=dict)

    @property
    def top_level(self) -> bool:
        return self.thread_ts in (None, self.ts) or self.broadcast

    def seen_by(self, viewer: str) -> bool:
        return self.ephemeral_to in (None, viewer)


@dataclass
class OpenView:
    """A modal or a Home tab. `errors` are those of the last submission, by block id; `values` what was typed so far."""

    id: str
    user: str
    view: View
    hash: str
    root_id: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    values: StateValues = field(default_factory=dict)
    closed: bool = False

    @property
    def modal(self) -> bool:
        return bool(self.view["type"] == "modal")


@dataclass
class StoredFile:
    """`length` is how many bytes were announced; the file is there for people once it is `complete`."""

    id: str
    name: str
    title: str
    mimetype: str
    content: bytes
    user: str
    alt_text: str = ""
    shared_to: list[tuple[str, str | None]] = field(default_factory=list)
    length: int = 0
    complete: bool = False


@dataclass(frozen=True)
class Status:
    """What the bot says it is doing in a thread; Slack forgets it after two minutes or with the next post."""

    text: str
    since: float
    loading_messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScheduledMessage:
    id: str
    post_at: int
    channel: str
    text: str
    blocks: list[Block]
    thread_ts: str | None
    metadata: dict[str, Any] | None
    date_created: int


@dataclass(frozen=True)
class Installation:
    """The bot in this workspace: what it may do. `ended` is empty, or the error that its token now gets.

    One that is `org_wide` was made for the whole organisation: one token speaks for all of its workspaces.
    """

    scopes: frozenset[str]
    ended: Literal["", "account_inactive", "token_revoked"] = ""
    org_wide: bool = False


class World:
    """All state of a workspace, in memory. Read it freely; change it inside `changing()`, which wakes whoever waits on `changed`.

    `ids` counts what gets an id, in all workspaces of one Slack together; `suffix` ends the ids of the seed in this one.
    """

    def __init__(
        self,
        team: Team,
        people: Mapping[str, Person],
        channels: Mapping[str, Channel],
        bot: BotUser,
        manifest: dict[str, Any],
        installation: Installation,
        clock: Clock,
        ids: Iterator[int] | None = None,
        suffix: str = "",
    ) -> None:
        self.team = team
        self.people = dict(people)
        self.channels = dict(channels)
        self.bot = bot
        self.manifest = manifest
        self.installation = installation
        self.clock = clock
        self.suffix = suffix
        self.messages: dict[str, list[Message]] = {}
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}
        self._stacks: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}
        self.views: dict[str, OpenView] = {}
        self.files: dict[str, StoredFile] = {}
        self.status: dict[tuple[str, str], Status] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, list[dict[str, str]]] = {}
        self.prompts_title: dict[str, str] = {}
        self.scheduled: dict[str, ScheduledMessage] = {}
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.revision = 0
        self._ids = ids or itertools.count(1)
        self._last_ts_us = 0

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; afterwards the revision is one higher and everyone who waits on `changed` looks again."""
        with self.lock:
            yield
            self.revision += 1
            self.changed.notify_all()

    def wait_for(self, predicate: Callable[[], object], timeout_s: float) -> bool:
        """Whether the predicate came true in time; it is asked after every change, and now and then for what is not of this world."""
        deadline = time.monotonic() + timeout_s
        with self.changed:
            while not predicate():
                if time.monotonic() > deadline:
                    return False
                self.changed.wait(ASK_AGAIN_S)
        return True

    # -- names -----------------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0S{next(self._ids):07d}"

    def new_ts(self) -> str:
        """The moment as Slack writes it, in microseconds, never the same twice."""
        with self.lock:
            self._last_ts_us = max(self._last_ts_us + 1, int(self.clock.now() * 1_000_000))
            return f"{self._last_ts_us // 1_000_000}.{self._last_ts_us % 1_000_000:06d}"

    # -- channels and messages -------------------------------------------------------------------------------------

    def dm_of(self, user: str) -> Channel:
        return next(channel for channel in self.channels.values() if channel.person == user)

    def channels_of(self, user: str) -> list[Channel]:
        """Public channels and those that the person is in, in the order of the seed; no direct messages of others."""
        return [channel for channel in self.channels.values() if channel.kind == "channel" or user in channel.members]

    def find(self, channel: str, ts: str) -> Message | None:
        """A message that is still there."""
        message = self._by_ts.get((channel, ts))
        return None if message is None or message.deleted else message

    def messages_in(self, channel: str, viewer: str) -> list[Message]:
        """Top-level messages, oldest first. A deleted one stays while it has replies."""
        with self.lock:
            seen = [message for message in self.messages.get(channel, ()) if message.top_level and message.seen_by(viewer)]
            return [message for message in seen if not message.deleted or self.replies_in(channel, message.ts, viewer)]

    def replies_in(self, channel: str, thread_ts: str, viewer: str) -> list[Message]:
        """The replies of a thread without its parent, oldest first."""
        with self.lock:
            inside = self._threads.get((channel, thread_ts), ())
            return [message for message in inside if message.seen_by(viewer) and not message.deleted]

    def add(self, message: Message) -> Message:
        """Put a message at the end of its channel. A reply of the bot ends the status of its thread."""
        with self.changing():
            self.messages.setdefault(message.channel, []).append(message)
            self._by_ts[(message.channel, message.ts)] = message
            if message.thread_ts and message.thread_ts != message.ts:
                self._threads.setdefault((message.channel, message.thread_ts), []).append(message)
            if message.user == self.bot.user_id and message.thread_ts and not message.ephemeral_to:
                self.status.pop((message.channel, message.thread_ts), None)
        return message

    def status_of(self, channel: str, thread_ts: str) -> Status | None:
        """What the bot is doing there now."""
        status = self.status.get((channel, thread_ts))
        return status if status and self.clock.now() - status.since < STATUS_LASTS_S else None

    # -- views -----------------------------------------------------------------------------------------------------

    def stack_of(self, user: str) -> list[OpenView]:
        """The open modals of a person, the one on top last."""
        return [view for view in self._stacks.get(user, ()) if not view.closed]

    def open_modal(self, view: OpenView) -> None:
        """Put a modal on top. The caller holds the world."""
        self.views[view.id] = view
        self._stacks[view.user] = [*self.stack_of(view.user), view]

    def top_view(self, user: str) -> OpenView | None:
        """The modal that the person sees."""
        with self.lock:
            stack = self.stack_of(user)
            return stack[-1] if stack else None
