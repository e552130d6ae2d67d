"""Which events the app hears in a workspace: what it subscribed to in its manifest, and what its scopes let it hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.world import World

Json = Mapping[str, Any]

_LAST_WORDS = {"tokens_revoked", "app_uninstalled"}
_MESSAGES = {
    "im": ("message.im", "im:history"),
    "channel": ("message.channels", "channels:history"),
    "group": ("message.groups", "groups:history"),
}


def hears(world: World, event: Json) -> bool:
    """Whether the app is there, subscribed to the event and has the scope. That it was removed it hears all the same."""
    name, needed = _subscription(event)
    if world.installation.ended == "account_inactive" and name not in _LAST_WORDS:
        return False
    return name in _subscribed(world) and needed in ("", *world.installation.scopes)


def _subscribed(world: World) -> Sequence[str]:
    events: Sequence[str] = world.manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", ())
    return events


def _subscription(event: Json) -> tuple[str, str]:
    """The name under which an app subscribes to an event, and the scope that it needs."""
    if event["type"] == "message":
        return _MESSAGES[event["channel_type"]]
    return event["type"], {"app_mention": "app_mentions:read"}.get(event["type"], "")
