"""The workspace that every local Slack starts with, and the app that is installed where no manifest is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.world import BotUser, Channel, Installation, Person, Team, World

TEAM = Team("T0SANDBOX", "Example Ltd", "example")
ALEX = Person("U0ALEX01", "alex", "Alex Chen", admin=True)
BO = Person("U0BO0001", "bo", "Bo Okafor")
CLEO = Person("U0CLEO01", "cleo", "Cleo Diaz")
DANA = Person("U0DANA01", "dana", "Dana Weber")
PEOPLE = (ALEX, BO, CLEO, DANA)
BOT_USER_ID = "U0BOT001"
APP_ID = "A0BOT001"

GENERAL, ML_PLATFORM, FINOPS, OLD_PROJECT, ANNOUNCEMENTS, BOARD = "C0GENERAL", "C0ML", "C0FINOPS", "C0OLD", "C0ANNOUNCE", "C0BOARD"

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "whichcloud"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "whichcloud", "always_online": True},
        "slash_commands": [{"command": "/whichcloud", "description": "Compare AWS and Azure", "usage_hint": "[help]"}],
        "shortcuts": [
            {"name": "Get cloud advice", "type": "message", "callback_id": "advise_message", "description": "Start from this message"}
        ],
    },
    "oauth_config": {
        "scopes": {"bot": ["app_mentions:read", "assistant:write", "chat:write", "commands", "files:write", "im:history"]},
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"]},
        "interactivity": {"is_enabled": True},
    },
}


@dataclass(frozen=True)
class Seat:
    """Which workspace a world is to be. The suffixes end the ids of the seed; the workspaces of an organisation share the bot's."""

    team: Team = TEAM
    suffix: str = ""
    bot_suffix: str = ""
    installed: bool = True


FIRST = Seat()


def _people(seat: Seat) -> dict[str, Person]:
    there = [replace(person, id=f"{person.id}{seat.suffix}") for person in PEOPLE]
    return {person.id: person for person in there}


def _channels(seat: Seat, people: Mapping[str, Person], bot: str) -> dict[str, Channel]:
    """An app that is not installed has not been invited anywhere."""
    everybody = set(people)
    with_bot = everybody | ({bot} if seat.installed else set())
    board = {f"{person.id}{seat.suffix}" for person in (ALEX, DANA)}
    there = [
        Channel(GENERAL, "general", "channel", set(with_bot)),
        Channel(ML_PLATFORM, "ml-platform", "channel", set(with_bot)),
        Channel(FINOPS, "finops", "channel", set(everybody)),
        Channel(OLD_PROJECT, "old-project", "channel", set(with_bot), archived=True),
        Channel(ANNOUNCEMENTS, "announcements", "channel", set(with_bot), restricted=True),
        Channel(BOARD, "board", "private", board),
    ]
    seated = [replace(channel, id=f"{channel.id}{seat.suffix}") for channel in there]
    direct = [Channel(f"D{id[1:]}", person.name, "dm", {id, bot}, person=id) for id, person in people.items()]
    return {channel.id: channel for channel in [*seated, *direct]}


def seeded_world(
    manifest: Mapping[str, Any] | None = None,
    scopes: Iterable[str] | None = None,
    seat: Seat = FIRST,
    clock: Clock | None = None,
    ids: Iterator[int] | None = None,
) -> World:
    """Example Ltd on its first morning: four people, six channels, nothing said yet. The scopes are the manifest's unless given."""
    app = deepcopy(dict(manifest)) if manifest is not None else deepcopy(MANIFEST)
    name = app.get("features", {}).get("bot_user", {}).get("display_name") or app["display_information"]["name"]
    asked = app.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    bot = BotUser(f"{BOT_USER_ID}{seat.bot_suffix}", f"B0BOT001{seat.bot_suffix}", APP_ID, name)
    people = _people(seat)
    installation = Installation(frozenset(asked if scopes is None else scopes), "" if seat.installed else "account_inactive")
    channels = _channels(seat, people, bot.user_id)
    return World(seat.team, people, channels, bot, app, installation, clock or Clock(), ids, seat.suffix)
