"""What a person typed -> what Slack makes of it: a slash command, or a message with its mentions. It sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.world import World

_MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")
_CHANNEL = re.compile(r"(?<![\w#&])#([\w-]+)")


@dataclass(frozen=True)
class Command:
    """A command of the manifest, with what a person is told while typing it."""

    name: str
    description: str
    usage_hint: str


def commands(manifest: Mapping[str, object]) -> list[Command]:
    features = manifest.get("features")
    listed = features.get("slash_commands", ()) if isinstance(features, Mapping) else ()
    return [Command(each["command"], each.get("description", ""), each.get("usage_hint", "")) for each in listed]


def typed_command(text: str) -> tuple[str, str] | None:
    """What begins with a slash and a name: the command and what follows it. With a space before the slash it is a message."""
    found = re.match(r"(/[\w-]+)(?:\s+(.*))?$", text.rstrip(), re.DOTALL)
    return (found[1], found[2] or "") if found else None


def typed_message(text: str, world: World) -> str:
    """As Slack hands it on: three characters escaped, names of people and channels turned into ids."""
    safe = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = {person.name: person.id for person in world.people.values()} | {world.bot.name: world.bot.user_id}
    channels = {channel.name: channel.id for channel in world.channels.values() if not channel.person}
    safe = _MENTION.sub(lambda found: f"<@{people[found[1]]}>" if found[1] in people else found[0], safe)
    return _CHANNEL.sub(lambda found: f"<#{channels[found[1]]}|{found[1]}>" if found[1] in channels else found[0], safe)
