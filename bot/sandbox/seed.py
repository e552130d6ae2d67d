"""The workspace that every local Slack starts with, and the app that is installed where no manifest is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
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


def _channels() -> list[Channel]:
    people = {person.id for person in PEOPLE}
    with_bot = people | {BOT_USER_ID}
    return [
        Channel(GENERAL, "general", "channel", set(with_bot)),
        Channel(ML_PLATFORM, "ml-platform", "channel", set(with_bot)),
        Channel(FINOPS, "finops", "channel", set(people)),
        Channel(OLD_PROJECT, "old-project", "channel", set(with_bot), archived=True),
        Channel(ANNOUNCEMENTS, "announcements", "channel", set(with_bot), restricted=True),
        Channel(BOARD, "board", "private", {ALEX.id, DANA.id}),
        *(Channel(f"D{person.id[1:]}", person.name, "dm", {person.id, BOT_USER_ID}, person=person.id) for person in PEOPLE),
    ]


def seeded_world(manifest: Mapping[str, Any] | None = None, scopes: Iterable[str] | None = None) -> World:
    """Example Ltd on its first morning: four people, six channels, nothing said yet. The scopes are the manifest's unless given."""
    app = deepcopy(dict(manifest)) if manifest is not None else deepcopy(MANIFEST)
    name = app.get("features", {}).get("bot_user", {}).get("display_name") or app["display_information"]["name"]
    asked = app.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    people = {person.id: person for person in PEOPLE}
    channels = {channel.id: channel for channel in _channels()}
    installation = Installation(frozenset(asked if scopes is None else scopes))
    return World(TEAM, people, channels, BotUser(BOT_USER_ID, "B0BOT001", "A0BOT001", name), app, installation, Clock())
