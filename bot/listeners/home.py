"""The Home tab and the start of a direct message."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.listeners import inbox, opening
from bot.listeners.payload import Payload, part, word
from bot.listeners.telling import Teller
from bot.office import Office
from bot.refusals import code_of
from bot.reply import home as reply
from bot.storage import Workspace
from engine.check import stale_figures

_SHOWN = 5


def register_home(app: App, office: Office) -> None:
    def opening_home(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        inbox.keep(office, ack, client, inbox.HOME, f"home:{word(body, 'event_id')}", body)

    app.event("app_home_opened")(opening_home)


def opened(office: Office, teller: Teller, body: Payload) -> None:
    if part(body, "event").get("tab") == "home":
        publish(office, teller)
    else:
        suggest(office, teller)


def publish(office: Office, teller: Teller) -> None:
    """One person's Home, as things stand now."""
    desk, where = office.desk, teller.where
    with desk.database.reading(where.workspace) as work:
        opened = _open(office, work, where.user)
        verdicts = work.verdicts_of(where.user, _SHOWN)
        settings = work.settings()
    shown = [
        reply.Open(each.conversation, each.waits_for, teller.link(each.conversation.channel, each.conversation.thread)) for each in opened
    ]
    may_edit = opening.may_edit(office, settings, where.user)
    view = reply.home(shown, verdicts, price_age(office), may_edit=may_edit, words=desk.words)
    teller.client.views_publish(user_id=where.user, view=view)


def suggest(office: Office, teller: Teller) -> None:
    """What one may begin with in a direct message. Without a thread: with one, Slack fails in silence."""
    prompts = [{"title": title, "message": message} for title, message in _PROMPTS]
    try:
        teller.client.assistant_threads_setSuggestedPrompts(channel_id=teller.where.channel or "", prompts=prompts)
    except SlackApiError as error:
        if code_of(error) not in ("missing_scope", "not_allowed_token_type", "unknown_method"):
            raise


def price_age(office: Office) -> reply.PriceAge:
    """How old the catalogue is today."""
    rulebook = office.desk.rulebook
    counts = stale_figures(rulebook, office.desk.today())
    newest = max(price.as_of for price in rulebook.catalogue.prices)
    return reply.PriceAge(str(newest), sum(stale for _, stale, _ in counts), sum(every for _, _, every in counts))


def _open(office: Office, work: Workspace, user: str) -> list[reply.Open]:
    found = []
    for conversation in work.conversations_of(user, _SHOWN * 2):
        name = conversation.open_question(office.desk.rulebook)
        if conversation.thread is not None and name is not None:
            found.append(reply.Open(conversation, office.desk.rulebook.question[name].ask, ""))
    return found[:_SHOWN]


_PROMPTS = (
    ("Start a comparison", "Compare AWS and Azure for my workload"),
    ("What does a card cost?", "prices A100"),
    ("What can you do?", "help"),
)
