"""conversations.history and conversations.replies of the Web API: what a bot may read back of a channel and of a thread."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.shown import message_shown
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, missing_scope
from bot.sandbox.world import Channel, Message

HISTORY_SCOPE = {"channel": "channels:history", "private": "groups:history", "dm": "im:history"}
HISTORY_DEFAULT, HISTORY_MOST = 100, 999
REPLIES_DEFAULT, REPLIES_MOST = 1_000, 1_000
DISTRIBUTED_MOST = 15
_CURSOR = "next_ts:"


@dataclass(frozen=True)
class Window:
    """The stretch of time that a call asks for. Its ends belong to it only where the call says so."""

    oldest: Decimal
    latest: Decimal | None
    inclusive: bool

    def holds(self, message: Message) -> bool:
        ts = Decimal(message.ts)
        if self.inclusive and ts in (self.oldest, self.latest):
            return True
        return self.oldest < ts and (self.latest is None or ts < self.latest)


def history(api: Api, args: Arguments) -> Answer:
    """The messages of a channel without the replies in threads, the newest first."""
    channel = _readable(api, args)
    window = _window(args)
    messages = [message for message in reversed(_lasting(api, channel)) if message.top_level and window.holds(message)]
    page, rest = _page(api, args, messages, (HISTORY_DEFAULT, HISTORY_MOST), lambda ts, first: ts <= first)
    return _answer(api, args, page, rest) | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


def replies(api: Api, args: Arguments) -> Answer:
    """A thread, the oldest first: the parent whatever the window, then its replies. The ts of a reply finds that reply alone."""
    channel, ts = _readable(api, args), args.needed("ts")
    window, messages = _window(args), _lasting(api, channel)
    asked = next((message for message in messages if message.ts == ts), None)
    if asked is None:
        raise SlackError("thread_not_found")
    thread = [message for message in messages if message.thread_ts == ts != message.ts and window.holds(message)]
    page, rest = _page(api, args, [asked, *thread], (REPLIES_DEFAULT, REPLIES_MOST), lambda ts, first: ts >= first)
    return _answer(api, args, page, rest)


def _readable(api: Api, args: Arguments) -> Channel:
    """The channel, unless the bot may not read along there."""
    channel = api.channel(args.needed("channel"))
    needed, provided = HISTORY_SCOPE[channel.kind], api.world.installation.scopes
    if needed not in provided:
        raise missing_scope(needed, provided)
    if api.world.bot.user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _lasting(api: Api, channel: Channel) -> list[Message]:
    """What everybody may read there, oldest first: nothing ephemeral; of what was deleted only the parents that have replies."""
    world = api.world
    said = [message for message in world.messages.get(channel.id, ()) if not message.ephemeral_to]
    return [message for message in said if not message.deleted or world.replies_in(channel.id, message.ts, "")]


def _window(args: Arguments) -> Window:
    given = args.text("oldest") or args.text("latest")
    return Window(_ts(args, "oldest") or Decimal(0), _ts(args, "latest"), bool(given) and args.flag("inclusive"))


def _ts(args: Arguments, name: str) -> Decimal | None:
    try:
        return Decimal(args.text(name)) if args.text(name) else None
    except InvalidOperation:
        raise SlackError(f"invalid_ts_{name}") from None


def _page(
    api: Api, args: Arguments, messages: Sequence[Message], limits: tuple[int, int], reached: Callable[[Decimal, Decimal], bool]
) -> tuple[Sequence[Message], Sequence[Message]]:
    """What this call shows, and what is left for the next. `reached` says whether a message is not before the cursor's."""
    first = _cursor(args.text("cursor"))
    left = messages if first is None else [message for message in messages if reached(Decimal(message.ts), first)]
    limit = _limit(api, args, *limits)
    return left[:limit], left[limit:]


def _limit(api: Api, args: Arguments, default: int, most: int) -> int:
    if api.faults.distributed_app:
        default = most = DISTRIBUTED_MOST
    limit = args.number("limit") if args.text("limit") else default
    if limit < 1:
        raise SlackError("invalid_limit")
    return min(limit, most)


def _cursor(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        name, _, ts = b64decode(text, validate=True).decode().partition(":")
        if f"{name}:" != _CURSOR:
            raise SlackError("invalid_cursor")
        return Decimal(ts)
    except (ValueError, InvalidOperation):
        raise SlackError("invalid_cursor") from None


def _answer(api: Api, args: Arguments, page: Sequence[Message], rest: Sequence[Message]) -> Answer:
    shown = [_shown(api, message, with_metadata=args.flag("include_all_metadata")) for message in page]
    answer: Answer = {"ok": True, "messages": shown, "has_more": bool(rest)}
    if rest:
        answer["response_metadata"] = {"next_cursor": b64encode(f"{_CURSOR}{rest[0].ts}".encode()).decode()}
    return answer


def _shown(api: Api, message: Message, *, with_metadata: bool) -> dict[str, Any]:
    shown = message_shown(api.world, message)
    if message.deleted:
        thread = {name: shown[name] for name in ("ts", "thread_ts", "reply_count", "reply_users", "latest_reply")}
        words = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "hidden": True}
        return words | thread
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    return shown if with_metadata else {name: value for name, value in shown.items() if name != "metadata"}
