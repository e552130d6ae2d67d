"""Mentions, direct messages, and replies in threads where a workspace lets the bot read them."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.conversation import Conversation
from bot.desk import new_id
from bot.listeners import flow, typed
from bot.listeners.clicks import permalink
from bot.listeners.payload import Payload, timestamp, where_of, word
from bot.listeners.telling import Teller
from bot.office import Office

_TYPED = (None, "file_share", "thread_broadcast")  # what a person writes: plain, with a file, in a thread and its channel
_FRESH = re.compile(r"\b(compare|start|new|another|advice|advise)\b", re.IGNORECASE)
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(\|[^>]*)?>")


def register_messages(app: App, office: Office) -> None:
    def mentioned(body: dict[str, Any], client: WebClient) -> None:
        if _by_a_person(body["event"]):
            in_a_channel(office, Teller(client, where_of(body), None), body["event"])

    def written(body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        event = body["event"]
        if not _by_a_person(event):
            return
        teller = Teller(client, where_of(body), None)
        if event.get("channel_type") == "im":
            directly(office, teller, event)
        elif f"<@{context.bot_user_id}>" not in str(event.get("text", "")):  # a mention comes as an event of its own
            in_passing(office, teller, event)

    app.event("app_mention")(mentioned)
    app.event("message")(written)


def in_a_channel(office: Office, teller: Teller, event: Payload) -> None:
    """A mention: goes on with the conversation of the thread, or begins one there."""
    said = _said(event, meant=True)
    known = _conversation_in(office, teller, teller.where.thread or "")
    if known is None or known.thread == said.at:
        if not typed.answered_alone(office, teller, said):
            _begin(office, teller, said)
        return
    if known.form:
        known = office.desk.asked_instead(known.workspace, known.id, teller.where.user)
    typed.take(office, teller, known, said)


def directly(office: Office, teller: Teller, event: Payload) -> None:
    """A direct message: in a thread of ours, or about the conversation that waits, or the start of something new."""
    said = _said(event, meant=True)
    known = _conversation_in(office, teller, teller.where.thread or "")
    if known is not None and known.thread == said.at:
        _begin(office, teller, said)  # it began this conversation, and comes again
        return
    if known is not None:
        typed.take(office, teller, known, said)
        return
    beside = not event.get("thread_ts")
    if not (beside and _went_on(office, teller, said)) and not typed.answered_alone(office, teller, said):
        _begin(office, teller, said)


def _went_on(office: Office, teller: Teller, said: typed.Said) -> bool:
    """What was written beside the newest conversation while that waits is about it, unless it asks for another one."""
    with office.desk.database.workspace(teller.where.workspace) as work:
        waiting = work.newest_in_channel(teller.where.channel or "")
    if waiting is None or waiting.form or waiting.thread is None or _FRESH.search(said.text):
        return False
    if waiting.open_question(office.desk.rulebook) is None and waiting.numbers is not None:
        return False
    if typed.answered_alone(office, teller, said):
        return True
    with office.desk.database.workspace(teller.where.workspace) as work:
        work.first_time(said.key)  # taken here, it begins nothing when it comes again
    typed.take(office, teller, waiting, said)
    with office.desk.database.workspace(teller.where.workspace) as work:
        now = work.conversation(waiting.id)
    if now is not None and now.version != waiting.version:
        teller.tell(office.desk.words.talk("went_on", permalink(teller, waiting.channel, waiting.thread)))
    return True


def in_passing(office: Office, teller: Teller, event: Payload) -> None:
    """A plain reply in a thread of ours: taken where it answers, left alone where people talk to each other."""
    known = _conversation_in(office, teller, str(event.get("thread_ts") or ""))
    if known is not None and not known.cancelled_by:
        typed.take(office, teller, known, _said(event, meant=False))


def _by_a_person(event: Payload) -> bool:
    """Not by a bot, which could talk with ours without an end, and not a change of an older message."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _TYPED


def _said(event: Payload, *, meant: bool) -> typed.Said:
    """The key is the message, not the event: Slack sends a message as several events."""
    text = _MENTION.sub(" ", word(event, "text")).strip()
    at = timestamp(word(event, "ts"))
    return typed.Said(text, at, f"say:{event.get('channel')}:{at}", meant)


def _conversation_in(office: Office, teller: Teller, thread: str) -> Conversation | None:
    channel = teller.where.channel or ""
    with office.desk.database.workspace(teller.where.workspace) as work:
        return work.conversation_in(channel, thread) if thread else None


def _begin(office: Office, teller: Teller, said: typed.Said) -> None:
    """A conversation in the thread of the message; what the message answers already is taken."""
    where = teller.where
    assert where.channel is not None
    private = where.channel.startswith("D")
    new = Conversation(new_id(), where.workspace, where.channel, where.thread, where.user, private, headed=False)
    begun = flow.begin(office, teller, said.key, new)
    first = office.desk.rulebook.questions[0].id
    heard = office.listener.hear(said.text, first)
    if heard.kind == "answer":
        typed.take(office, teller, begun, said)
