"""conversations.*, assistant.threads.* and blocks.validate of the Web API."""

from __future__ import annotations

from typing import Any

from bot.sandbox.checks import Problem, check_message, check_view
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, invalid, missing_scope
from bot.sandbox.world import Channel, Status

LOADING_MESSAGES = 10
PROMPTS = 4
READ_SCOPE = {"channel": "channels:read", "private": "groups:read", "dm": "im:read"}


def open_conversation(api: Api, args: Arguments) -> Answer:
    channel_id, users = args.text("channel"), args.text("users")
    if channel_id:
        return {"ok": True, "no_op": True, "already_open": True, "channel": {"id": api.channel(channel_id).id}}
    if users not in api.world.people:
        raise SlackError("user_not_found")
    return {"ok": True, "channel": {"id": api.world.dm_of(users).id}}


def conversation_info(api: Api, args: Arguments) -> Answer:
    channel = api.channel(args.needed("channel"))
    needed, provided = READ_SCOPE[channel.kind], api.world.installation.scopes
    if needed not in provided:
        raise missing_scope(needed, provided)
    return {"ok": True, "channel": _channel_shown(api, channel)}


def set_status(api: Api, args: Arguments) -> Answer:
    """An empty text ends the status."""
    channel, thread_ts = _assistant_thread(api, args)
    loading = args.structure("loading_messages") or []
    if not isinstance(loading, list) or len(loading) > LOADING_MESSAGES:
        raise invalid(f"no more than {LOADING_MESSAGES} items allowed", "/loading_messages")
    with api.world.changing():
        if text := args.text("status"):
            api.world.status[(channel.id, thread_ts)] = Status(text, api.world.clock.now(), tuple(str(entry) for entry in loading))
        else:
            api.world.status.pop((channel.id, thread_ts), None)
    return {"ok": True}


def set_title(api: Api, args: Arguments) -> Answer:
    channel, thread_ts = _assistant_thread(api, args)
    title = args.needed("title")
    with api.world.changing():
        api.world.titles[(channel.id, thread_ts)] = title
    return {"ok": True}


def set_prompts(api: Api, args: Arguments) -> Answer:
    """With a thread_ts an agent's call is answered ok and does nothing, as measured."""
    channel = api.writable(api.channel(args.needed("channel_id")))
    prompts = _prompts(args.structure("prompts"))
    if channel.kind != "dm":
        raise SlackError("channel_not_found")
    if not args.text("thread_ts"):
        with api.world.changing():
            api.world.prompts[channel.id] = prompts
            api.world.prompts_title[channel.id] = args.text("title")
    return {"ok": True}


def validate_blocks(api: Api, args: Arguments) -> Answer:
    """Slack's own check, for exactly one of blocks, view and message. It needs no token."""
    given = {name: args.structure(name) for name in ("blocks", "view", "message")}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise invalid("must define exactly one of: blocks, view, message")
    problems = _problems(named[0], given[named[0]])
    shown = [{"code": p.code, "pointer": p.pointer, "message": p.message, "constraint": p.constraint} for p in problems]
    return {"ok": False, "error": "invalid_blocks", "errors": shown} if shown else {"ok": True, "errors": []}


def _problems(name: str, value: Any) -> list[Problem]:
    if name == "blocks":
        return check_message(value)
    if name == "message":
        return check_message(value.get("blocks", []) if isinstance(value, dict) else value, "/message/blocks")
    return check_view(value, "home" if isinstance(value, dict) and value.get("type") == "home" else "modal")


def _assistant_thread(api: Api, args: Arguments) -> tuple[Channel, str]:
    channel = api.writable(api.channel(args.needed("channel_id")))
    thread_ts = args.needed("thread_ts")
    if api.world.find(channel.id, thread_ts) is None:
        raise SlackError("thread_not_found")
    return channel, thread_ts


def _prompts(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or not 1 <= len(given) <= PROMPTS:
        raise invalid(f"between 1 and {PROMPTS} items needed", "/prompts")
    for at, prompt in enumerate(given):
        if not isinstance(prompt, dict) or not all(isinstance(prompt.get(key), str) and prompt[key] for key in ("title", "message")):
            raise invalid("must define title and message", f"/prompts/{at}")
    return [{"title": prompt["title"], "message": prompt["message"]} for prompt in given]


def _channel_shown(api: Api, channel: Channel) -> dict[str, Any]:
    kind = {"is_channel": channel.kind == "channel", "is_im": channel.kind == "dm", "is_private": channel.kind != "channel"}
    if channel.kind == "dm":
        return {"id": channel.id, "user": channel.person, "is_archived": False, **kind}
    member = api.world.bot.user_id in channel.members
    return {"id": channel.id, "name": channel.name, "is_archived": channel.archived, "is_member": member, **kind}
