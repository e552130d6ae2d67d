"""What Slack sends to a bot, field by field. Who sends it, and how, is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.shown import channel_name, message_shown, person_shown, view_shown
from bot.sandbox.tickets import Tickets
from bot.sandbox.world import Message, OpenView, World

Json = dict[str, Any]
Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Delivery:
    """One thing to deliver: over HTTP a form or JSON, over Socket Mode an envelope of this kind."""

    kind: Kind
    payload: Json


@dataclass(frozen=True)
class Payloads:
    """Builds them for one workspace. Each interaction gets a fresh trigger id and response URL."""

    world: World
    tickets: Tickets
    verification_token: str

    # -- what people do --------------------------------------------------------------------------------------------

    def command(self, user: str, channel: str, command: str, text: str) -> Delivery:
        place = self.world.channels[channel]
        payload = {
            "token": self.verification_token,
            "team_id": self.world.team.id,
            "team_domain": self.world.team.domain,
            "channel_id": channel,
            "channel_name": channel_name(place),
            "user_id": user,
            "user_name": self.world.people[user].name,
            "command": command,
            "text": text,
            "api_app_id": self.world.bot.app_id,
            "is_enterprise_install": "true" if self.world.installation.org_wide else "false",
            "response_url": self.tickets.new_response_url(channel, user),
            "trigger_id": self.tickets.new_trigger(user),
        }
        team = self.world.team
        grid = {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_name} if team.enterprise_id else {}
        return Delivery("slash_commands", payload | grid)

    def message_action(self, user: str, message: Message, state: Json, action: Json) -> Delivery:
        """A click in a message. An ephemeral message is not part of its payload, as in Slack."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", user) | {
            "container": container,
            "trigger_id": self.tickets.new_trigger(user),
            "channel": self._channel(message.channel),
            "state": {"values": state},
            "response_url": self.tickets.new_response_url(message.channel, user, message.ts),
            "actions": [self._timed(action)],
        }
        if message.ephemeral_to is None:
            payload["message"] = message_shown(self.world, message)
        return Delivery("interactive", payload)

    def view_action(self, view: OpenView, action: Json) -> Delivery:
        payload = self._in_view("block_actions", view) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.tickets.new_trigger(view.user, view.id if view.modal else None),
            "actions": [self._timed(action)],
        }
        return Delivery("interactive", payload)

    def submission(self, view: OpenView) -> Delivery:
        payload = self._in_view("view_submission", view) | {
            "trigger_id": self.tickets.new_trigger(view.user, view.id),
            "response_urls": self._response_urls(view),
        }
        return Delivery("interactive", payload)

    def closed(self, view: OpenView, is_cleared: bool) -> Delivery:
        return Delivery("interactive", self._in_view("view_closed", view) | {"is_cleared": is_cleared})

    def message_shortcut(self, user: str, callback_id: str, message: Message) -> Delivery:
        payload = self._interaction("message_action", user) | {
            "callback_id": callback_id,
            "trigger_id": self.tickets.new_trigger(user),
            "action_ts": self.world.new_ts(),
            "channel": self._channel(message.channel),
            "response_url": self.tickets.new_response_url(message.channel, user),
            "message_ts": message.ts,
            "message": message_shown(self.world, message),
        }
        return Delivery("interactive", payload)

    def global_shortcut(self, user: str, callback_id: str) -> Delivery:
        own = {"callback_id": callback_id, "trigger_id": self.tickets.new_trigger(user), "action_ts": self.world.new_ts()}
        return Delivery("interactive", self._interaction("shortcut", user) | own)

    # -- events ----------------------------------------------------------------------------------------------------

    def event(self, event: Json) -> Delivery:
        """Around an event. That an organisation removed the app is said of the organisation, not of a workspace."""
        world, org_wide = self.world, self.world.installation.org_wide
        enterprise_id = world.team.enterprise_id
        everywhere = org_wide and event["type"] in ("tokens_revoked", "app_uninstalled")
        payload = {
            "token": self.verification_token,
            "team_id": enterprise_id if everywhere else world.team.id,
            **({"enterprise_id": enterprise_id} if enterprise_id else {}),
            "context_team_id": None if everywhere else world.team.id,
            "context_enterprise_id": enterprise_id,
            "api_app_id": world.bot.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": world.new_id("Ev"),
            "event_time": int(world.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": enterprise_id, "team_id": None if everywhere else world.team.id, "user_id": world.bot.user_id,
                    "is_bot": True, "is_enterprise_install": org_wide,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{world.new_id('x')}",
        }  # fmt: skip
        return Delivery("events_api", payload)

    def message_event(self, message: Message, channel_type: str) -> Json:
        shown = message_shown(self.world, message)
        if message.files:
            shown["subtype"] = "file_share"
        if message.user != self.world.bot.user_id:
            shown |= {"client_msg_id": self.world.new_id("m"), "blocks": [_as_rich_text(message)]}
        return shown | {"channel": message.channel, "event_ts": message.ts, "channel_type": channel_type}

    def mention(self, message: Message) -> Json:
        event = self.message_event(message, "channel") | {"type": "app_mention"}
        return {name: value for name, value in event.items() if name != "channel_type"}

    def message_changed(self, message: Message, before: Message, channel_type: str) -> Json:
        """What a change or a deletion of a message looks like: an event around the message."""
        ts, kind = self.world.new_ts(), "deleted" if message.deleted else "changed"
        about: Json = {"deleted_ts": message.ts} if message.deleted else {"message": message_shown(self.world, message)}
        about["previous_message"] = message_shown(self.world, before)
        place = {"channel": message.channel, "ts": ts, "event_ts": ts, "channel_type": channel_type, "hidden": True}
        return {"type": "message", "subtype": f"message_{kind}", **about, **place}

    def home_opened(self, user: str, tab: str) -> Json:
        event: Json = {
            "type": "app_home_opened", "user": user, "channel": self.world.dm_of(user).id, "tab": tab, "event_ts": self.world.new_ts(),
        }  # fmt: skip
        home = self.world.homes.get(user)
        return event | ({"view": view_shown(self.world, home)} if home and tab == "home" else {})

    # -- parts -----------------------------------------------------------------------------------------------------

    def _interaction(self, kind: str, user: str) -> Json:
        team = self.world.team
        grid = {"id": team.enterprise_id, "name": team.enterprise_name} if team.enterprise_id else None
        within = {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_name} if team.enterprise_id else {}
        return {
            "type": kind,
            "team": {"id": team.id, "domain": team.domain, **within},
            "user": person_shown(self.world, user),
            "api_app_id": self.world.bot.app_id,
            "token": self.verification_token,
            "enterprise": grid,
            "is_enterprise_install": self.world.installation.org_wide,
        }

    def _in_view(self, kind: str, view: OpenView) -> Json:
        """What a person did in a view. Where the app is installed for an organisation, no workspace is named beside it."""
        nowhere = {"team": None} if self.world.installation.org_wide else {}
        return self._interaction(kind, view.user) | nowhere | {"view": view_shown(self.world, view)}

    def _channel(self, channel: str) -> Json:
        return {"id": channel, "name": channel_name(self.world.channels[channel])}

    def _timed(self, action: Json) -> Json:
        return {**action, "action_ts": self.world.new_ts()}

    def _response_urls(self, view: OpenView) -> list[Json]:
        """One for each input that picked a conversation and asked for it."""
        found = []
        for block in view.view["blocks"]:
            element = block.get("element", {})
            state = view.values.get(block["block_id"], {}).get(element.get("action_id", ""), {})
            channel = state.get("selected_conversation") or state.get("selected_channel")
            if element.get("response_url_enabled") and channel:
                place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
                found.append(place | {"response_url": self.tickets.new_response_url(channel, view.user)})
        return found


def _as_rich_text(message: Message) -> Json:
    """What a person types arrives as rich text as well."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": message.text}]}
    return {"type": "rich_text", "block_id": f"r{message.ts}", "elements": [section]}
