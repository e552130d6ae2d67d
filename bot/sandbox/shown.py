"""World objects as Slack writes them in answers and payloads: messages, views, files, people. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from bot.sandbox.world import Channel, Message, OpenView, StateValues, StoredFile, World

Json = dict[str, Any]

# The state of an element with nothing chosen, by type: the key that its state carries.
STATE_KEY = {
    "static_select": "selected_option",
    "radio_buttons": "selected_option",
    "external_select": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "file_input": "files",
}
_INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "value": "initial_value",
}
_LISTS = ("selected_options", "selected_users", "files")


def elements_of(block: Json) -> list[Json]:
    """The elements of a block that a person can press, choose or fill in."""
    inside = [*block.get("elements", ()), *(block[place] for place in ("accessory", "element") if place in block)]
    return [element for element in inside if isinstance(element, dict) and "action_id" in element]


def state_of(blocks: list[Json], given: StateValues) -> StateValues:
    """state.values: what was given, else what each element starts with."""
    state: StateValues = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in STATE_KEY:
                known = given.get(block["block_id"], {}).get(element["action_id"])
                state.setdefault(block["block_id"], {})[element["action_id"]] = known or initial_state(element)
    return state


def initial_state(element: Json) -> Json:
    key = STATE_KEY[element["type"]]
    return {"type": element["type"], key: element.get(_INITIAL.get(key, ""), [] if key in _LISTS else None)}


def bot_profile(world: World) -> Json:
    bot = world.bot
    return {"id": bot.bot_id, "app_id": bot.app_id, "user_id": bot.user_id, "name": bot.name, "deleted": False, "team_id": world.team.id}


def message_shown(world: World, message: Message) -> Json:
    shown: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text, "team": world.team.id}
    if message.user == world.bot.user_id:
        shown |= {"bot_id": world.bot.bot_id, "app_id": world.bot.app_id, "bot_profile": bot_profile(world)}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.ts}
    if message.files:
        shown |= {"files": [file_shown(world, world.files[file]) for file in message.files], "upload": False}
    if message.metadata:
        shown["metadata"] = message.metadata
    return shown | _thread_shown(world, message)


def _thread_shown(world: World, message: Message) -> Json:
    if message.thread_ts and message.thread_ts != message.ts:
        parent = world.find(message.channel, message.thread_ts)
        return {"thread_ts": message.thread_ts, "parent_user_id": parent.user if parent else ""}
    replies = [reply for reply in world.replies_in(message.channel, message.ts, "") if not reply.ephemeral_to]
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": people, "latest_reply": replies[-1].ts}


def view_shown(world: World, view: OpenView) -> Json:
    base: Json = {
        "id": view.id,
        "team_id": world.team.id,
        "app_id": world.bot.app_id,
        "app_installed_team_id": world.team.enterprise_id if world.installation.org_wide else world.team.id,
        "bot_id": world.bot.bot_id,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    state = {"values": state_of(view.view["blocks"], view.values)}
    return {**base, **view.view, "state": state, "hash": view.hash, "root_view_id": view.root_id, "previous_view_id": view.previous}


def file_shown(world: World, file: StoredFile) -> Json:
    places = [world.channels[channel] for channel, _ in file.shared_to]
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "size": len(file.content),
        "user": file.user,
        "alt_txt": file.alt_text,
        "channels": [place.id for place in places if place.kind == "channel"],
        "groups": [place.id for place in places if place.kind == "private"],
        "ims": [place.id for place in places if place.kind == "dm"],
        "mode": "hosted",
    }


def person_shown(world: World, user: str) -> Json:
    person = world.people[user]
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": world.team.id}


def channel_name(channel: Channel) -> str:
    """The name as payloads give it: direct messages and private channels stay unnamed."""
    return {"dm": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)
