"""chat.* of the Web API: posting, changing, deleting and scheduling messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.checks import check_metadata
from bot.sandbox.shown import message_shown
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, refuse
from bot.sandbox.world import Block, Channel, Message, ScheduledMessage

TEXT_CHARS = 40_000
UPDATE_TEXT_BYTES = 4_000
SCHEDULE_DAYS = 120
SCHEDULED_AT_ONCE = 30
SCHEDULE_WINDOW_S = 5 * 60


def post_message(api: Api, args: Arguments) -> Answer:
    channel = api.writable(api.destination(args.needed("channel")))
    thread_ts = api.thread(channel, args.text("thread_ts"))
    message = _compose(api, channel, args, thread_ts)
    message.broadcast = bool(thread_ts) and args.flag("reply_broadcast")
    api.world.add(message)
    api.announce(message, None)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message_shown(api.world, message)}


def post_ephemeral(api: Api, args: Arguments) -> Answer:
    channel = api.writable(api.destination(args.needed("channel")))
    user = args.needed("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _compose(api, channel, args, api.thread(channel, args.text("thread_ts")))
    message.ephemeral_to = user
    api.world.add(message)
    return {"ok": True, "message_ts": message.ts}


def update(api: Api, args: Arguments) -> Answer:
    """A text without blocks removes the blocks, as Slack does; metadata stay unless others are given, or `{}` for none."""
    channel = api.channel(args.needed("channel"))
    message = _own(api, channel, args.needed("ts"), "cant_update_message")
    text, blocks = _content(api, args)
    if len(text.encode()) > UPDATE_TEXT_BYTES:
        raise SlackError("msg_too_long")
    metadata, before = _changed_metadata(args, message), replace(message)
    with api.world.changing():
        message.text, message.blocks, message.edited = text, blocks, True
        message.metadata = metadata
    api.announce(message, before)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": text, "message": message_shown(api.world, message)}


def delete(api: Api, args: Arguments) -> Answer:
    channel = api.channel(args.needed("channel"))
    message = _own(api, channel, args.needed("ts"), "cant_delete_message")
    before = replace(message)
    with api.world.changing():
        message.deleted = True
    api.announce(message, before)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def get_permalink(api: Api, args: Arguments) -> Answer:
    channel = api.channel(args.needed("channel"))
    message = api.world.find(channel.id, args.needed("message_ts"))
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    link = f"{api.url}archives/{channel.id}/p{message.ts.replace('.', '')}{thread}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def schedule_message(api: Api, args: Arguments) -> Answer:
    channel = api.writable(api.destination(args.needed("channel")))
    post_at = _moment(api, channel, args.number("post_at"))
    message = _compose(api, channel, args, api.thread(channel, args.text("thread_ts")))
    scheduled = ScheduledMessage(
        id=api.world.new_id("Q"),
        post_at=post_at,
        channel=channel.id,
        text=message.text,
        blocks=message.blocks,
        thread_ts=message.thread_ts,
        metadata=message.metadata,
        date_created=int(api.world.clock.now()),
    )
    with api.world.changing():
        api.world.scheduled[scheduled.id] = scheduled
    api.world.clock.call_at(post_at, lambda: _post_scheduled(api, scheduled.id))
    shown = {"text": message.text, "bot_id": api.world.bot.bot_id, "type": "delayed_message", "blocks": message.blocks}
    return {"ok": True, "channel": channel.id, "scheduled_message_id": scheduled.id, "post_at": post_at, "message": shown}


def list_scheduled(api: Api, args: Arguments) -> Answer:
    channel = args.text("channel")
    entries = [entry for entry in api.world.scheduled.values() if channel in ("", entry.channel)]
    return {"ok": True, "scheduled_messages": [_scheduled_shown(entry) for entry in entries], "response_metadata": {"next_cursor": ""}}


def delete_scheduled(api: Api, args: Arguments) -> Answer:
    channel = api.destination(args.needed("channel"))
    entry = api.world.scheduled.get(args.needed("scheduled_message_id"))
    if entry is None or entry.channel != channel.id:
        raise SlackError("invalid_scheduled_message_id")
    with api.world.changing():
        del api.world.scheduled[entry.id]
    return {"ok": True}


# -- what a message is made of -----------------------------------------------------------------------------------------


def _compose(api: Api, channel: Channel, args: Arguments, thread_ts: str | None) -> Message:
    text, blocks = _content(api, args)
    return Message(
        ts=api.world.new_ts(),
        channel=channel.id,
        user=api.world.bot.user_id,
        text=text,
        blocks=blocks,
        thread_ts=thread_ts,
        metadata=_metadata(args),
    )


def _content(api: Api, args: Arguments) -> tuple[str, list[Block]]:
    """Text and blocks, one of which there must be; Slack cuts a text that is too long."""
    blocks = api.blocks(args.structure("blocks"))
    text = args.text("text")
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    return text[:TEXT_CHARS], blocks


def _metadata(args: Arguments) -> dict[str, Any] | None:
    metadata = args.structure("metadata")
    if metadata is not None:
        refuse(check_metadata(metadata))
    return metadata if isinstance(metadata, dict) else None


def _changed_metadata(args: Arguments, message: Message) -> dict[str, Any] | None:
    given = args.structure("metadata")
    if given is None:
        return message.metadata
    return None if given == {} else _metadata(args)


def _own(api: Api, channel: Channel, ts: str, refusal: str) -> Message:
    message = api.world.find(channel.id, ts)
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    if message.user != api.world.bot.user_id:
        raise SlackError(refusal)
    return message


# -- scheduled messages ------------------------------------------------------------------------------------------------


def _moment(api: Api, channel: Channel, post_at: int) -> int:
    """The moment, unless it is past, too far, or too many fall into the same five minutes."""
    now = api.world.clock.now()
    if post_at <= now:
        raise SlackError("time_in_past")
    if post_at > now + SCHEDULE_DAYS * 86_400:
        raise SlackError("time_too_far")
    near = [e for e in api.world.scheduled.values() if e.channel == channel.id and abs(e.post_at - post_at) < SCHEDULE_WINDOW_S]
    if len(near) >= SCHEDULED_AT_ONCE:
        raise SlackError("restricted_too_many")
    return post_at


def _post_scheduled(api: Api, scheduled_id: str) -> None:
    """Post what is due, if it was not deleted. Slack's bug is kept: with metadata it vanishes."""
    with api.world.changing():
        entry = api.world.scheduled.pop(scheduled_id, None)
    if entry is None or entry.metadata or api.world.channels[entry.channel].archived:
        return
    bot = api.world.bot.user_id
    message = Message(api.world.new_ts(), entry.channel, bot, entry.text, entry.blocks, thread_ts=entry.thread_ts)
    api.world.add(message)
    api.announce(message, None)


def _scheduled_shown(entry: ScheduledMessage) -> dict[str, Any]:
    return {
        "id": entry.id, "channel_id": entry.channel, "post_at": entry.post_at, "date_created": entry.date_created, "text": entry.text,
    }  # fmt: skip
