"""What follows from an act: the job that shows its conversation, enqueued in the transaction that keeps the act."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import comparisons
from bot.conversation import Act, Conversation
from bot.desk import Again
from bot.listeners.telling import Teller
from bot.office import Office
from bot.storage import NewJob

SHOW, DETAIL, POINT, TELL = "show", "detail", "point", "tell"


def once(office: Office, workspace: str, key: str) -> None:
    """Raises Again where this came before: a form that opened opens once, however often Slack sends the press."""
    with office.desk.database.workspace(workspace) as work:
        first = work.first_time(f"{key}:answered")
    if not first:
        raise Again


def begin(office: Office, teller: Teller, conversation: Conversation, *then: NewJob) -> Conversation:
    """A new conversation; its first messages follow, then other jobs. What the same cause says in it is shown by a job of its own."""
    shown = job(SHOW, teller, conversation.id)
    return office.desk.begin(conversation, replace(shown, key=f"{shown.key}:begun"), *then)


def act(office: Office, teller: Teller, conversation_id: str, *acts: Act) -> Conversation:
    """The conversation after the acts, each done once; what Slack should show of them follows."""
    *first, last = acts
    workspace = teller.where.workspace
    for at, each in enumerate(first):
        office.desk.act(workspace, conversation_id, f"{teller.cause}:{at}", each)
    return office.desk.act(workspace, conversation_id, f"{teller.cause}:{len(first)}", last, job(SHOW, teller, conversation_id))


def compare(office: Office, teller: Teller, conversation_id: str, act: Act) -> None:
    """The act in the comparison of a conversation; what Slack should show of it follows."""
    shown = job(SHOW, teller, conversation_id)
    comparisons.act(office.desk, teller.where.workspace, conversation_id, f"{teller.cause}:compare", act, shown)


def follow(office: Office, teller: Teller, conversation_id: str) -> None:
    """Shows a conversation as it stands, for somebody who asks for it: they hear of every message that may be missing."""
    office.desk.enqueue(teller.where.workspace, job(SHOW, teller, conversation_id, asked_for=True))


def job(kind: str, teller: Teller, conversation_id: str, **more: Any) -> NewJob:
    """A job in the lane of a conversation, where everything is posted that stands in its thread."""
    args = {"conversation": conversation_id, "teller": teller.as_args(), **more}
    key, lane = f"{kind}:{conversation_id}:{teller.cause}", f"conversation:{conversation_id}"
    return NewJob(key, lane, kind, args, teller.where.user, after=teller.job.taken.id if teller.job else 0)
