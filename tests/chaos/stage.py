"""The local Slack of a chaos run: several workspaces, in each a channel for every kind of conversation, and one person a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from unittest.mock import patch

import httpx
from cryptography.fernet import Fernet

from bot.manifest import read_manifest
from bot.sandbox import deliver
from bot.sandbox.acts import Acts
from bot.sandbox.deliver import Signing
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Block, Channel, Message, Person, World
from tests.bot.slack.harness import action_ids
from tests.chaos.accounts import Account, Post
from tests.chaos.balancer import Balancer

TALKS, REPORTS = ("C0TALK1", "C0TALK2", "C0TALK3"), ("C0REPORT1", "C0REPORT2")
_HISTORY = ("channels:history", "groups:history")
_EVENT_THREADS = 4
REPEATED_AFTER_S = (0.0, 12.0, 60.0)
_DM_EVERY = 3  # of so many conversations one is in a direct message


@dataclass(frozen=True)
class Seat:
    """Where somebody has a conversation, and where its report goes."""

    workspace: str
    acts: Acts
    person: str
    channel: str
    private: bool
    report: str


@dataclass
class Stage:
    slack: LocalSlack
    workspaces: dict[str, Acts]
    balancer: Balancer
    key: str
    homes: dict[str, str] = field(default_factory=dict)
    _buttons: dict[tuple[str, str, str], tuple[list[Block], frozenset[str]]] = field(default_factory=dict)

    def seats(self, count: int, first: int) -> list[Seat]:
        """A new person for each conversation, spread over workspaces, channels and direct messages."""
        names = list(self.workspaces)
        return [self._seat(names[at % len(names)], at, at // len(names)) for at in range(first, first + count)]

    def _seat(self, workspace: str, at: int, number: int) -> Seat:
        acts = self.workspaces[workspace]
        world, person = acts.world, f"U{at:04d}{workspace}"
        bot, direct = world.bot.user_id, f"D{at:04d}{workspace}"
        with world.changing():
            world.people[person] = Person(person, f"person{at}", f"Person {at}")
            world.channels[direct] = Channel(direct, f"person{at}", "dm", {person, bot}, person=person)
            for channel in (*TALKS, *REPORTS):
                world.channels.setdefault(channel, Channel(channel, channel.lower(), "channel", {bot})).members.add(person)
        self.homes[person] = workspace
        private = number % _DM_EVERY == 0
        channel = direct if private else TALKS[number % len(TALKS)]
        return Seat(workspace, acts, person, channel, private, REPORTS[number % len(REPORTS)])

    # -- seeing --------------------------------------------------------------------------------------------------------

    def top(self, seat: Seat) -> list[Message]:
        return self._seen(seat, [m for m in self._all(seat.acts.world, seat.channel) if m.top_level])

    def thread(self, seat: Seat, ts: str) -> list[Message]:
        return self._seen(seat, seat.acts.world.replies_in(seat.channel, ts, seat.person))

    def reported(self, seat: Seat) -> bool:
        """Whether a message in the channel of reports names this person."""
        posts = self._all(seat.acts.world, seat.report)
        return any(f"<@{seat.person}>" in written(message) for message in posts if not message.deleted)

    def told(self, seat: Seat) -> list[Message]:
        """What this person alone sees in the channel; in a direct message what is neither a card nor a verdict."""
        messages = self._all(seat.acts.world, seat.channel)
        if seat.private:
            return [m for m in messages if m.user == seat.acts.world.bot.user_id and not m.deleted and not _is_of_a_conversation(m)]
        return [m for m in messages if m.ephemeral_to == seat.person and not m.deleted]

    def buttons(self, seat: Seat, message: Message) -> frozenset[str]:
        """The action ids of a message as it reads now."""
        key = (seat.workspace, message.channel, message.ts)
        known = self._buttons.get(key)
        if known is None or known[0] is not message.blocks:
            known = self._buttons[key] = (message.blocks, frozenset(action_ids(message.blocks)))
        return known[1]

    def _all(self, world: World, channel: str) -> list[Message]:
        with world.lock:
            return list(world.messages.get(channel, ()))

    def _seen(self, seat: Seat, messages: list[Message]) -> list[Message]:
        bot = seat.acts.world.bot.user_id
        return [m for m in messages if m.user == bot and not m.deleted and m.ephemeral_to is None]

    # -- the bot -------------------------------------------------------------------------------------------------------

    @property
    def many(self) -> bool:
        return len(self.workspaces) > 1

    def environment(self, address: str) -> dict[str, str]:
        """What a bot for this Slack is started with; `address` is where people find it who install it."""
        slack = self.slack
        shared = {"SLACK_SIGNING_SECRET": slack.signing_secret, "WHICHCLOUD_SLACK_API": slack.api_url}
        if not self.many:
            return {**shared, "SLACK_BOT_TOKEN": slack.bot_token}
        app = {"SLACK_CLIENT_ID": slack.client_id, "SLACK_CLIENT_SECRET": slack.client_secret}
        return {**shared, **app, "WHICHCLOUD_KEYS": self.key, "WHICHCLOUD_URL": address}

    def install(self, address: str) -> None:
        """Somebody of each workspace installs the bot; every other workspace lets it read its public channels."""
        for at, workspace in enumerate(self.workspaces.values() if self.many else ()):
            admin = next(person.id for person in workspace.world.people.values() if person.admin)
            with httpx.Client(trust_env=False, timeout=20) as browser:
                asked = browser.get(f"{address}/slack/install/start").headers["location"]
                back = workspace.authorize(admin, asked, without=_HISTORY if at % 2 else ())
                answer = browser.get(back)
            assert answer.status_code == 200, f"the bot could not be installed: {answer.text}"

    # -- at the end ----------------------------------------------------------------------------------------------------

    def posts(self) -> list[Post]:
        """Every message of the bot that stands anywhere."""
        return [_post(name, m) for name, acts in self.workspaces.items() for m in _standing(acts.world)]

    def reports(self) -> frozenset[tuple[str, str]]:
        return frozenset((name, channel) for name in self.workspaces for channel in REPORTS)


@contextmanager
def stage(workspaces: int) -> Iterator[Stage]:
    """One workspace has the bot from the beginning; where there are more, people have yet to install it.

    Slack repeats an event after a minute and after five. Here these are seconds, so that a run ends.
    """
    with (
        patch.object(deliver, "RETRY_AFTER_S", REPEATED_AFTER_S),
        LocalSlack(manifest=read_manifest(), installed=workspaces == 1, event_threads=_EVENT_THREADS) as slack,
    ):
        for number in range(2, workspaces + 1):
            slack.add_workspace(f"Workspace {number}", installed=False)
        balancer = Balancer(Signing(slack.signing_secret, slack.faults))
        slack.reach(balancer)
        yield Stage(slack, dict(slack.workspaces), balancer, Fernet.generate_key().decode())


def account_of(seat: Seat) -> Account:
    return Account(seat.workspace, seat.person, seat.channel, seat.private)


def written(message: Message) -> str:
    """All that a message says, line by line."""
    return "\n".join([message.text, *_texts(message.blocks)])


class Button(NamedTuple):
    """`beside`: the text that it stands beside, empty where it stands alone."""

    action: str
    label: str
    beside: str


def offers(message: Message) -> list[Button]:
    """The buttons of a message."""
    elements = [(element, "") for block in message.blocks if block["type"] == "actions" for element in block["elements"]]
    elements += [(block["accessory"], block["text"]["text"]) for block in message.blocks if "accessory" in block]
    return [Button(element["action_id"], element["text"]["text"], beside) for element, beside in elements if element["type"] == "button"]


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "text" and isinstance(value, str))
        yield from (text for value in part.values() if not isinstance(value, str) for text in _texts(value))
    elif isinstance(part, list):
        yield from (text for value in part for text in _texts(value))


def _standing(world: World) -> list[Message]:
    with world.lock:
        return [m for each in world.messages.values() for m in each if m.user == world.bot.user_id and not m.deleted]


def _post(workspace: str, message: Message) -> Post:
    payload = (message.metadata or {}).get("event_payload", {})
    return Post(
        workspace,
        message.channel,
        message.ts,
        written(message),
        message.thread_ts if message.thread_ts != message.ts else None,
        tuple(_pressed(message.blocks)),
        str(payload.get("key", "")),
        message.ephemeral_to or "",
        stub=not message.blocks,
    )


def _pressed(part: object) -> Iterator[tuple[str, str]]:
    """Every button with what it carries."""
    if isinstance(part, dict):
        if "action_id" in part:
            yield str(part["action_id"]), str(part.get("value", ""))
        yield from (each for value in part.values() for each in _pressed(value))
    elif isinstance(part, list):
        yield from (each for value in part for each in _pressed(value))


def _is_of_a_conversation(message: Message) -> bool:
    """A card, a verdict or a head: these carry ids of their own; words to one person do not."""
    return any(block.get("block_id", "").startswith(("head", "ask-", "said-", "offer-", "numbers-", "plans-")) for block in message.blocks)
