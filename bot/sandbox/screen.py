"""What one person's window shows at one moment: the lists at the side, the channel, the thread, the Home tab, the modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.sandbox.composer import Command, commands
from bot.sandbox.drawing import Drawing, Known, Place
from bot.sandbox.mrkdwn import clock_time, plain
from bot.sandbox.notices import Desk
from bot.sandbox.timeline import Author, Card, Timeline, author, known
from bot.sandbox.world import Channel, OpenView, Person, World


@dataclass(frozen=True)
class Entry:
    """A line of the side list."""

    id: str
    name: str
    url: str
    current: bool
    unread: bool
    private: bool


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    name: str


@dataclass(frozen=True)
class Room:
    """The channel in the middle. `closed` says why nobody may write there, `stranger` that the bot is no member."""

    id: str
    name: str
    url: str
    members: str
    dm: bool
    private: bool
    closed: str
    stranger: bool


@dataclass(frozen=True)
class Thread:
    ts: str
    count: str
    cards: tuple[Card, ...]
    status: str


@dataclass(frozen=True)
class Modal:
    """The view on top of a person's stack."""

    view_id: str
    hash: str
    title: Markup
    submit: Markup
    close: Markup
    body: Markup
    stacked: bool
    wrong: bool


@dataclass(frozen=True)
class Home:
    view_id: str
    body: Markup


@dataclass(frozen=True)
class Screen:
    """Everything that the page's template needs."""

    team: str
    bot: Author
    bot_id: str
    person: Author
    people: tuple[tuple[Author, str], ...]
    clock: str
    channels: tuple[Entry, ...]
    app: Entry
    room: Room
    home_tab: bool
    home: Home | None
    cards: tuple[Card, ...]
    thread: Thread | None
    prompts_title: str
    prompts: tuple[Mapping[str, str], ...]
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    modal: Modal | None
    notice: str
    installed: bool


def screen(world: World, desk: Desk, origin: str, user: str, channel_id: str, thread_ts: str | None, tab: str) -> Screen:
    """The window of a person, read under the world's lock so that its parts fit together."""
    with world.lock:
        return _Window(world, desk, origin, user, channel_id).screen(thread_ts, tab)


class _Window:
    def __init__(self, world: World, desk: Desk, origin: str, user: str, channel_id: str) -> None:
        self.world, self.desk = world, desk
        self.person: Person = world.people[user]
        self.channel: Channel = world.channels[channel_id]
        self.known: Known = known(world, user, origin)
        self.timeline = Timeline(world, self.channel, user, self.known)

    def screen(self, thread_ts: str | None, tab: str) -> Screen:
        world, user, channel = self.world, self.person.id, self.channel
        self._read(channel)
        dm = world.dm_of(user)
        home_tab = bool(channel.person) and tab == "home"
        return Screen(
            team=world.team.name,
            bot=author(world, world.bot.user_id),
            bot_id=world.bot.user_id,
            person=author(world, user),
            people=tuple((author(world, id), f"/client/{id}/{self._channel_for(id)}") for id in world.people),
            clock=self._clock(),
            channels=tuple(self._entry(each) for each in world.channels_of(user) if not each.person),
            app=self._entry(dm),
            room=self._room(),
            home_tab=home_tab,
            home=self._home() if home_tab else None,
            cards=() if home_tab else tuple(self.timeline.channel_cards()),
            thread=None if home_tab else self._thread(thread_ts),
            prompts_title=world.prompts_title.get(channel.id, ""),
            prompts=tuple(world.prompts.get(channel.id, ())) if channel.person else (),
            commands=tuple(commands(world.manifest)),
            shortcuts=tuple(_shortcuts(world.manifest)),
            modal=self._modal(),
            notice=self.desk.notice(user),
            installed=not world.installation.ended,
        )

    def _clock(self) -> str:
        now = self.known.directory.time(self.world.clock.now())
        return f"{now:%a} {now.day} {now:%b}, {clock_time(now)}"

    def _channel_for(self, user: str) -> str:
        """Where another person looks when this tab becomes theirs: the same channel where they may, else their own place."""
        if self.channel.person:
            return self.world.dm_of(user).id
        visible = [channel.id for channel in self.world.channels_of(user)]
        return self.channel.id if self.channel.id in visible else visible[0]

    # -- the side list -------------------------------------------------------------------------------------------

    def _entry(self, channel: Channel) -> Entry:
        current, private = channel.id == self.channel.id, channel.kind == "private"
        url = f"/client/{self.person.id}/{channel.id}"
        return Entry(channel.id, channel.name, url, current, self._newest(channel) > self._seen(channel), private)

    def _newest(self, channel: Channel) -> str:
        """The last message of somebody else."""
        messages = self.world.messages.get(channel.id, ())
        others = (each.ts for each in messages if each.user != self.person.id and each.seen_by(self.person.id) and not each.deleted)
        return max(others, default="")

    def _seen(self, channel: Channel) -> str:
        return self.desk.read.get((self.person.id, channel.id), "")

    def _read(self, channel: Channel) -> None:
        self.desk.read[(self.person.id, channel.id)] = self._newest(channel)

    # -- the middle and the thread -------------------------------------------------------------------------------

    def _room(self) -> Room:
        channel, count = self.channel, len(self.channel.members)
        closed = ""
        if channel.archived:
            closed = "This channel is archived. Nobody can write here."
        elif channel.restricted and not self.person.admin:
            closed = "Only admins may write in this channel."
        return Room(
            id=channel.id,
            name=self.world.bot.name if channel.person else channel.name,
            url=f"/client/{self.person.id}/{channel.id}",
            members="1 member" if count == 1 else f"{count} members",
            dm=bool(channel.person),
            private=channel.kind == "private",
            closed=closed,
            stranger=self.world.bot.user_id not in channel.members,
        )

    def _thread(self, thread_ts: str | None) -> Thread | None:
        if not thread_ts:
            return None
        cards = self.timeline.thread_cards(thread_ts)
        return Thread(thread_ts, self.timeline.count(thread_ts), tuple(cards), self.timeline.status(thread_ts)) if cards else None

    # -- views ---------------------------------------------------------------------------------------------------

    def _home(self) -> Home | None:
        view = self.world.homes.get(self.person.id)
        return Home(view.id, self._drawn(view, "home")) if view else None

    def _modal(self) -> Modal | None:
        view = self.world.top_view(self.person.id)
        if view is None:
            return None
        submit, close = view.view.get("submit"), view.view.get("close")
        return Modal(
            view_id=view.id,
            hash=view.hash,
            title=plain(view.view["title"]["text"]),
            submit=plain(submit["text"]) if submit else Markup(""),
            close=plain(close["text"] if close else "Cancel" if submit else "Close"),
            body=self._drawn(view, "modal"),
            stacked=view.previous is not None,
            wrong=bool(view.errors),
        )

    def _drawn(self, view: OpenView, surface: Any) -> Markup:
        blocks: Sequence[Mapping[str, Any]] = view.view["blocks"]
        place = Place(surface, f"/act/{self.person.id}/view-click", {"view_id": view.id}, view.id, view.values, view.errors)
        return Drawing(self.known, place).blocks(blocks)


def _shortcuts(manifest: Mapping[str, Any]) -> list[Shortcut]:
    """The app's shortcuts on messages."""
    listed = manifest.get("features", {}).get("shortcuts", ())
    return [Shortcut(each["callback_id"], each["name"]) for each in listed if each["type"] == "message"]
