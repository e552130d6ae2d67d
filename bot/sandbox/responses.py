"""What the bot answers outside the Web API: the body of a slash command's acknowledgement, and posts to a response URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.tickets import ResponseUrl
from bot.sandbox.webapi_call import Api, SlackError
from bot.sandbox.world import Block, Message


def publish(api: Api, target: ResponseUrl, given: dict[str, Any]) -> None:
    """Show, replace or delete. It needs no membership; only the asker sees it unless it says in_channel."""
    original = api.world.find(target.channel, target.message_ts) if target.message_ts else None
    if given.get("delete_original"):
        _delete(api, original)
        return
    text, blocks = _content(api, given)
    if given.get("replace_original") and original is not None:
        _replace(api, original, text, blocks)
        return
    message = Message(api.world.new_ts(), target.channel, api.world.bot.user_id, text, blocks)
    message.ephemeral_to = None if given.get("response_type") == "in_channel" else target.user
    message.thread_ts = str(given["thread_ts"]) if given.get("thread_ts") else None
    api.world.add(message)
    if not message.ephemeral_to:
        api.announce(message, None)


def _content(api: Api, given: dict[str, Any]) -> tuple[str, list[Block]]:
    text, blocks = str(given.get("text") or ""), api.blocks(given.get("blocks"))
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    return text, blocks


def _replace(api: Api, original: Message, text: str, blocks: list[Block]) -> None:
    before = replace(original)
    with api.world.changing():
        original.text, original.blocks = text, blocks
        original.edited = original.ephemeral_to is None
    _announce(api, original, before)


def _delete(api: Api, original: Message | None) -> None:
    if original is None:
        raise SlackError("message_not_found")
    before = replace(original)
    with api.world.changing():
        original.deleted = True
    _announce(api, original, before)


def _announce(api: Api, message: Message, before: Message) -> None:
    if not message.ephemeral_to:
        api.announce(message, before)
