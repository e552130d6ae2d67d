"""A conversation that a press is about: there, in the place of the press, and open to whoever pressed."""

from __future__ import annotations

from bot.conversation import Conversation
from bot.desk import Gone, check_may_act
from bot.listeners.payload import Click
from bot.office import Office


def in_place(office: Office, click: Click, conversation_id: str) -> Conversation:
    """The conversation, where the click came from its channel and this person may act in it."""
    with office.desk.database.reading(click.where.workspace) as work:
        return checked_place(click, work.conversation(conversation_id))


def checked_place(click: Click, conversation: Conversation | None) -> Conversation:
    check_may_act(conversation, click.where.user)
    if conversation is None or (click.where.channel is not None and click.where.channel != conversation.channel):
        raise Gone
    return conversation
