"""One step of a conversation from end to end: the act is kept, the verdict that is due is made, Slack is brought in line."""

from __future__ import annotations

from bot.conversation import Act, Conversation
from bot.desk import Again
from bot.listeners.telling import Teller
from bot.office import Office
from engine.errors import CaseError


def once(office: Office, workspace: str, key: str) -> None:
    """Raises Again where this came before: what only answers a person is answered once, however often Slack sends it."""
    with office.desk.database.workspace(workspace) as work:
        first = work.first_time(f"{key}:answered")
    if not first:
        raise Again


def begin(office: Office, teller: Teller, key: str, conversation: Conversation) -> Conversation:
    """A new conversation with its first messages."""
    begun = office.desk.begin(key, conversation)
    return office.postings.bring_in_line(teller.client, begun.workspace, begun.id)


def act(office: Office, teller: Teller, conversation_id: str, key: str, *acts: Act) -> Conversation:
    """The acts in order, each kept once; then what follows from them."""
    workspace = teller.where.workspace
    for at, each in enumerate(acts):
        office.desk.act(workspace, conversation_id, f"{key}:{at}", each)
    return follow(office, teller, conversation_id)


def follow(office: Office, teller: Teller, conversation_id: str, *, again: bool = False) -> Conversation:
    """The verdict, if one is due, and every message as it should read. A case that no plan can be priced for is told."""
    workspace = teller.where.workspace
    refused = ""
    try:
        office.desk.advise_if_due(workspace, conversation_id)
    except CaseError as error:
        refused = str(error)
    conversation = office.postings.bring_in_line(teller.client, workspace, conversation_id, again=again)
    if refused:
        teller.tell(refused)
    return conversation
