"""Mentions, direct messages, and replies in threads where a workspace lets the bot read them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.comparing import Comparing
from bot.conversation import Conversation
from bot.desk import Gone
from bot.listeners import compared, flow, inbox, typed
from bot.listeners.payload import Payload, part, timestamp, word
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply.elements import Message, section

_TYPED = (None, "file_share", "thread_broadcast")  # what a person writes: plain, with a file, in a thread and its channel
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(\|[^>]*)?>")


def register_messages(app: App, office: Office) -> None:
    def mention(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        if _by_a_person(body["event"]):
            inbox.keep(office, ack, client, inbox.MENTION, _cause(body["event"]), body)

    def message(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        event = body["event"]
        mentioned = f"<@{context.bot_user_id}>" in str(event.get("text", "")) and event.get("channel_type") != "im"
        if _by_a_person(event) and not mentioned:  # a mention comes as an event of its own
            inbox.keep(office, ack, client, inbox.MESSAGE, _cause(event), body)

    app.event("app_mention")(mention)
    app.event("message")(message)


def mentioned(office: Office, teller: Teller, body: Payload) -> None:
    in_a_channel(office, teller, part(body, "event"))


def written(office: Office, teller: Teller, body: Payload) -> None:
    event = part(body, "event")
    (directly if event.get("channel_type") == "im" else in_passing)(office, teller, event)


def in_a_channel(office: Office, teller: Teller, event: Payload) -> None:
    """A mention: goes on with the conversation of the thread, or begins one there."""
    said = _said(event, meant=True)
    known = _conversation_in(office, teller, teller.where.thread or "")
    if known is None or known.thread == said.at:
        if not typed.answered_alone(office, teller, said) and not typed.question_alone(office, teller, said):
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
    if typed.answered_alone(office, teller, said):
        return
    if (event.get("thread_ts") or not _went_on(office, teller, said)) and not typed.question_alone(office, teller, said):
        _begin(office, teller, said)


def _went_on(office: Office, teller: Teller, said: typed.Said) -> bool:
    """What was written beside the newest conversation while that waits is about it, unless it asks for another one.

    What it was about is kept: on another run that conversation may wait no longer.
    """
    assert teller.job is not None
    if "about" not in teller.job.saved:
        waiting = _waiting(office, teller, said)
        if waiting is None:
            return False
        teller.job.keep({**teller.job.saved, "about": waiting.id, "version": waiting.version})
    about = _conversation(office, teller, teller.job.saved["about"])
    if about is None:
        raise Gone
    typed.take(office, teller, about, said)
    now = _conversation(office, teller, about.id)
    if now is not None and now.version != teller.job.saved["version"]:
        text = office.desk.words.talk("went_on", teller.link(now.channel, now.thread))
        teller.say(Message(text, (section(text),)))
    return True


def _waiting(office: Office, teller: Teller, said: typed.Said) -> Conversation | None:
    """The newest conversation of the direct message, if what is said may be about it."""
    with office.desk.database.reading(teller.where.workspace) as work:
        newest = work.newest_in_channel(teller.where.channel or "")
    if newest is None or newest.form or newest.thread is None or typed.begins_anew(said.text):
        return None
    over = newest.open_question(office.desk.rulebook) is None and newest.numbers is not None
    return None if over and not compared.answers(office, newest, said.text) else newest


def in_passing(office: Office, teller: Teller, event: Payload) -> None:
    """A plain reply in a thread of ours: taken where it answers, left alone where people talk to each other."""
    known = _conversation_in(office, teller, str(event.get("thread_ts") or ""))
    if known is not None and not known.cancelled_by:
        typed.take(office, teller, known, _said(event, meant=False))


def _by_a_person(event: Payload) -> bool:
    """Not by a bot, which could talk with ours without an end, and not a change of an older message."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _TYPED


def _cause(event: Payload) -> str:
    """The message, not the event: Slack sends a message as several events."""
    return f"say:{event.get('channel')}:{timestamp(word(event, 'ts'))}"


def _said(event: Payload, *, meant: bool) -> typed.Said:
    return typed.Said(_MENTION.sub(" ", word(event, "text")).strip(), timestamp(word(event, "ts")), meant)


def _conversation_in(office: Office, teller: Teller, thread: str) -> Conversation | None:
    channel = teller.where.channel or ""
    with office.desk.database.reading(teller.where.workspace) as work:
        return work.conversation_in(channel, thread) if thread else None


def _conversation(office: Office, teller: Teller, id: str) -> Conversation | None:
    with office.desk.database.reading(teller.where.workspace) as work:
        return work.conversation(id)


def _begin(office: Office, teller: Teller, said: typed.Said) -> None:
    """A conversation in the thread of the message; what the message answers already is taken."""
    where = teller.where
    assert where.channel is not None
    private = where.channel.startswith("D")
    new = Conversation(teller.spare_id, where.workspace, where.channel, where.thread, where.user, private, headed=False)
    if compared.asked_for(said.text):
        new = replace(new, comparing=Comparing(where.user))  # it follows the verdict
    begun = flow.begin(office, teller, new)
    first = office.desk.rulebook.questions[0].id
    heard = office.listener.hear(said.text, first)
    if heard.kind == "answer":
        typed.take(office, teller, begun, said)
