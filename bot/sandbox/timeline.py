"""What stands in a channel or a thread for one reader: messages with their authors, days, replies and files. No HTML of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.sandbox.drawing import Conversation, Drawing, FileCard, Known, Place
from bot.sandbox.mrkdwn import Directory, clock_time
from bot.sandbox.world import Channel, Message, StoredFile, World

SHOWN = {"image/png", "image/jpeg", "image/gif"}
_COLOURS = 6
_TOGETHER = timedelta(minutes=5)


@dataclass(frozen=True)
class Author:
    """`colour` picks one of the avatar's colours by id, so that a person keeps it."""

    id: str
    name: str
    initials: str
    colour: int
    bot: bool


@dataclass(frozen=True)
class Replies:
    count: str
    last: str
    authors: tuple[Author, ...]


@dataclass(frozen=True)
class Card:
    """One message as it is drawn. `day` is set on the first of a day; `joined` follows one of the same author."""

    id: str
    ts: str
    author: Author
    time: str
    moment: str
    day: str
    joined: bool
    body: Markup
    files: tuple[FileCard, ...]
    edited: bool
    ephemeral: bool
    deleted: bool
    replies: Replies | None
    status: str


def known(world: World, viewer: str, origin: str) -> Known:
    """The names that a reader sees behind ids, and the channels that they may choose."""
    people = {person.id: person.real_name for person in world.people.values()}
    names = {person.id: person.name for person in world.people.values()} | {world.bot.user_id: world.bot.name}
    channels = world.channels_of(viewer)
    return Known(
        directory=Directory(viewer, names, {channel.id: channel.name for channel in channels}, now=world.clock.now()),
        files={file.id: file_card(file) for file in world.files.values() if file.complete},
        conversations=[conversation(channel, world) for channel in channels if not channel.archived],
        people=people,
        origin=origin,
    )


def conversation(channel: Channel, world: World) -> Conversation:
    if channel.kind == "dm":
        return Conversation(channel.id, f"{world.bot.name} (direct message)", "im")
    return Conversation(channel.id, f"#{channel.name}", "public" if channel.kind == "channel" else "private")


def file_card(file: StoredFile) -> FileCard:
    kind = file.name.rpartition(".")[2].upper()[:5] if "." in file.name else "FILE"
    size = f"{max(1, round(len(file.content) / 1024)):,} KB"
    return FileCard(
        file.id, file.title or file.name, file.name, f"/files/{file.id}", f"{kind}, {size}", file.mimetype in SHOWN, file.alt_text
    )


def author(world: World, id: str) -> Author:
    person = world.people.get(id)
    name = world.bot.name if id == world.bot.user_id else person.real_name if person else id
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    return Author(id, name, initials, sum(id.encode()) % _COLOURS, person is None)


class Timeline:
    """Draws the messages of one channel for one reader."""

    def __init__(self, world: World, channel: Channel, viewer: str, known: Known) -> None:
        self.world, self.channel, self.viewer, self.known = world, channel, viewer, known

    def channel_cards(self) -> list[Card]:
        return list(self._cards(self.world.messages_in(self.channel.id, self.viewer), "m", inside=False))

    def thread_cards(self, thread_ts: str) -> list[Card]:
        """The parent and its replies; nothing where there is no such thread."""
        parents = [message for message in self.world.messages_in(self.channel.id, self.viewer) if message.ts == thread_ts]
        return list(self._cards([*parents, *self.world.replies_in(self.channel.id, thread_ts, self.viewer)], "t", inside=True))

    def status(self, thread_ts: str) -> str:
        """What the bot says it does in a thread, as a sentence."""
        status = self.world.status_of(self.channel.id, thread_ts)
        return f"{self.world.bot.name} {status.text}" if status and status.text else ""

    def _cards(self, messages: Sequence[Message], key: str, *, inside: bool) -> Iterator[Card]:
        before: Message | None = None
        for message in messages:
            yield self._card(message, before, key, inside)
            before = message

    def _card(self, message: Message, before: Message | None, key: str, inside: bool) -> Card:
        at = self._moment(message)
        new_day = before is None or self._moment(before).date() != at.date()
        return Card(
            id=f"{key}-{message.ts}",
            ts=message.ts,
            author=author(self.world, message.user),
            time=clock_time(at),
            moment=at.isoformat(),
            day=self._day(at) if new_day and not inside else "",
            joined=not new_day and before is not None and self._follows(message, before),
            body=Markup("") if message.deleted else self._body(message, key),
            files=tuple(self.known.files[id] for id in message.files if id in self.known.files),
            edited=message.edited,
            ephemeral=message.ephemeral_to is not None,
            deleted=message.deleted,
            replies=None if inside else self._replies(message),
            status="" if inside else self.status(message.ts),
        )

    def _body(self, message: Message, key: str) -> Markup:
        """The blocks, or the text where there are none."""
        sent = {"channel": message.channel, "ts": message.ts}
        place = Place("message", f"/act/{self.viewer}/click", sent, f"{key}-{message.ts}", message.state)
        drawing = Drawing(self.known, place)
        return drawing.blocks(message.blocks) if message.blocks else drawing.mrkdwn(message.text)

    def count(self, thread_ts: str) -> str:
        """How many replies a thread has; empty for none. What one person alone sees is not counted."""
        number = len(self._lasting(thread_ts))
        return "1 reply" if number == 1 else f"{number} replies" if number else ""

    def _lasting(self, thread_ts: str) -> list[Message]:
        return [each for each in self.world.replies_in(self.channel.id, thread_ts, self.viewer) if not each.ephemeral_to]

    def _replies(self, message: Message) -> Replies | None:
        replies = self._lasting(message.ts)
        if not replies:
            return None
        last = self._moment(replies[-1])
        authors = tuple(author(self.world, id) for id in dict.fromkeys(each.user for each in replies))
        return Replies(self.count(message.ts), f"{self._day(last)} at {clock_time(last)}", authors[:4])

    def _follows(self, message: Message, before: Message) -> bool:
        """Whether the two are shown under one name: one author, soon after, both for all to see or both not, no thread between."""
        near = self._moment(message) - self._moment(before) < _TOGETHER
        threaded = before.thread_ts in (None, before.ts) and bool(self._replies(before))
        same = message.user == before.user and message.ephemeral_to == before.ephemeral_to
        return near and same and not threaded and not before.deleted

    def _moment(self, message: Message) -> datetime:
        return self.known.directory.time(float(message.ts))

    def _day(self, at: datetime) -> str:
        days = (self.known.directory.time(self.known.directory.now).date() - at.date()).days
        return {0: "Today", 1: "Yesterday"}.get(days, f"{at:%A}, {at:%B} {at.day}")
