"""One call of the Web API: its arguments, the errors it may end with, and what every method may look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.checks import Problem, Surface, check_message, check_view
from bot.sandbox.faults import Faults
from bot.sandbox.installing import Installations
from bot.sandbox.tickets import Tickets
from bot.sandbox.world import Block, Channel, Message, View, World

Answer = dict[str, Any]


class SlackError(Exception):
    """The error code of an answer that is not ok, with the fields that go with it."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    def answer(self) -> Answer:
        return {"ok": False, "error": self.code, **self.fields}


def invalid(message: str, pointer: str = "") -> SlackError:
    """invalid_arguments, with the reason as Slack writes it."""
    place = f" [json-pointer:{pointer}]" if pointer else ""
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}{place}"]})


def refuse(problems: Sequence[Problem]) -> None:
    """Raise what the first problem asks for, with all of them listed."""
    if problems:
        lines = [str(problem) for problem in problems]
        raise SlackError(problems[0].code, errors=lines, response_metadata={"messages": [f"[ERROR] {line}" for line in lines]})


def missing_scope(needed: str, provided: Iterable[str]) -> SlackError:
    return SlackError("missing_scope", needed=needed, provided=",".join(sorted(provided)))


class Arguments:
    """The arguments of a call, from a form or from JSON, and its token. A form carries lists and objects as JSON text."""

    def __init__(self, given: Mapping[str, Any], token: str = "") -> None:
        self.given = dict(given)
        self.token = token or self.text("token")
        self._read: dict[str, Any] = {}

    def text(self, name: str) -> str:
        """A text, empty when it is not given."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}", f"/{name}")
        return value

    def number(self, name: str) -> int:
        try:
            return int(self.needed(name))
        except ValueError:
            raise invalid(f"must be an integer: {name}", f"/{name}") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def structure(self, name: str) -> Any:
        """A list or an object; None when it is not given."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            if name not in self._read:
                self._read[name] = json.loads(value)
            return self._read[name]
        except ValueError:
            code = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}.get(name)
            raise SlackError(code) if code else invalid(f"must be JSON: {name}", f"/{name}") from None

    def decoded(self, without: Collection[str] = ()) -> dict[str, Any]:
        """All of them, a form's lists and objects as such, so that a record reads the same however the call was sent."""
        return {name: self._decoded(name, value) for name, value in self.given.items() if name not in without}

    def _decoded(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or value[:1] not in ("[", "{"):
            return value
        try:
            return self.structure(name)
        except SlackError:
            return value


@dataclass(frozen=True)
class Api:
    """What methods work with in one workspace.

    `announce` is told of a message of the bot and, for a change, of the message before it; `tell` sends the bot an event.
    Without `checks` blocks and views are taken as they come: for load, from a bot that is known to send good ones.
    """

    world: World
    tickets: Tickets
    announce: Callable[[Message, Message | None], None]
    tell: Callable[[dict[str, Any]], None]
    faults: Faults
    installations: Installations
    checks: bool = True

    @property
    def url(self) -> str:
        return self.tickets.url

    def knows(self, name: str) -> bool:
        """Whether an id is of this workspace."""
        world = self.world
        held = (world.channels, world.people, world.views, world.files)
        return name == world.team.id or any(name in each for each in held) or self.tickets.knows_trigger(name)

    def channel(self, channel_id: str) -> Channel:
        """A conversation by its id, if the bot may know of it."""
        channel = self.world.channels.get(channel_id)
        if channel is None or (channel.kind == "private" and self.world.bot.user_id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def destination(self, name: str) -> Channel:
        """Where a post goes: an id, a name with or without #, or a person for direct messages."""
        if name in self.world.people:
            return self.world.dm_of(name)
        named = (channel.id for channel in self.world.channels.values() if channel.name == name.removeprefix("#") and channel.kind != "dm")
        return self.channel(next(named, name))

    def writable(self, channel: Channel) -> Channel:
        """The channel, unless the bot may not post there."""
        if channel.archived:
            raise SlackError("is_archived")
        if self.world.bot.user_id not in channel.members and not self._uninvited(channel):
            raise SlackError("not_in_channel")
        if channel.restricted:
            raise SlackError("restricted_action")
        return channel

    def _uninvited(self, channel: Channel) -> bool:
        return channel.kind == "channel" and "chat:write.public" in self.world.installation.scopes

    def thread(self, channel: Channel, thread_ts: str) -> str | None:
        """The thread that a post belongs to: that of an existing message which is no reply itself."""
        if not thread_ts:
            return None
        parent = self.world.find(channel.id, thread_ts)
        if parent is None or parent.ephemeral_to:
            raise SlackError("thread_not_found")
        if parent.thread_ts not in (None, parent.ts):
            raise SlackError("cannot_reply_to_message")
        return parent.ts

    def blocks(self, given: object) -> list[Block]:
        """Blocks that Slack would take, named where the bot left the names out; a picture must be a file that is there."""
        if given is None:
            return []
        if self.checks:
            refuse([*check_message(given), *self._missing_files(given)])
        return [self._named(block) for block in given] if isinstance(given, list) else []

    def view(self, given: Any, surface: Surface) -> View:
        """A view that Slack would take."""
        if self.checks:
            refuse(check_view(given, surface))
        return dict(given)

    def _named(self, block: Block) -> Block:
        """Slack makes up the block and action ids that are not given."""
        named = {**block, "block_id": block.get("block_id") or self.world.new_id("b")}
        if block["type"] in ("actions", "context_actions"):
            named["elements"] = [self._with_action(element) for element in block["elements"]]
        for place in ("accessory", "element"):
            if place in block:
                named[place] = self._with_action(block[place])
        return named

    def _with_action(self, element: dict[str, Any]) -> dict[str, Any]:
        return element if element["type"] == "image" else {**element, "action_id": element.get("action_id") or self.world.new_id("a")}

    def named_blocks(self, blocks: Sequence[Block]) -> list[Block]:
        return [self._named(block) for block in blocks]

    def _missing_files(self, blocks: object) -> list[Problem]:
        held = self.world.files
        wrong = [pointer for pointer, file_id in _pictures(blocks) if file_id not in held or not held[file_id].complete]
        return [Problem("invalid_blocks", pointer, "invalid slack file", "slack_file") for pointer in wrong]


def _pictures(blocks: object) -> Iterator[tuple[str, str]]:
    """Where slack_file stands, and which file it names by id: in image blocks, and where elements may be images."""
    for at, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if not isinstance(block, dict):
            continue
        elements = block["elements"] if block.get("type") == "context" and isinstance(block.get("elements"), list) else []
        inside = [(f"/elements/{number}", element) for number, element in enumerate(elements)]
        for place, image in [("", block), *inside, ("/accessory", block.get("accessory"))]:
            file = image.get("slack_file") if isinstance(image, dict) else None
            if isinstance(file, dict) and "id" in file:
                yield f"/blocks/{at}{place}/slack_file", str(file["id"])
