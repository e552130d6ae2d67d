"""`/whichcloud` and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import ids
from bot.comparing import Comparing
from bot.conversation import Conversation
from bot.listeners import asked, compared, flow, inbox, lookups, opening, reports
from bot.listeners.errors import answering
from bot.listeners.payload import Payload, part, timestamp, trigger_of, word
from bot.listeners.telling import Teller, teller_of
from bot.office import Office
from bot.reply import notes
from bot.reply.elements import escape, short
from bot.storage import Workspace

_HISTORY = 10
Word = Callable[[Office, Teller, Payload, str], None]


def register_commands(app: App, office: Office) -> None:
    def typed(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        if _first(body) in _FORMS:
            ack()
        else:
            inbox.keep(office, ack, client, inbox.COMMAND, f"command:{trigger_of(body)}", body)

    def opened(body: dict[str, Any], client: WebClient) -> None:
        if _first(body) in _FORMS and inbox.in_turn(office, client, body):
            teller = teller_of(body, client)
            flow.once(office, teller.where.workspace, f"command:{trigger_of(body)}")
            _FORMS[_first(body)](office, teller, body)

    def shortcut(body: dict[str, Any], client: WebClient) -> None:
        from_message(office, teller_of(body, client), body)

    app.command(ids.COMMAND)(ack=typed, lazy=[answering(office, opened)])
    app.shortcut(ids.ADVISE_MESSAGE)(ack=inbox.at_once(office), lazy=[inbox.opening(office, shortcut)])


def _first(body: Payload) -> str:
    return word(body, "text").strip().partition(" ")[0].lower()


def run(office: Office, teller: Teller, body: Payload) -> None:
    """The first word decides; words that nobody knows get help with the nearest."""
    text = word(body, "text").strip()
    first, _, rest = text.partition(" ")
    wanted = _WORDS.get(first.lower()) if first else start
    if wanted is not None:
        wanted(office, teller, body, text if first.lower() in (lookups.PRICES, lookups.COST) else rest.strip())
        return
    near = get_close_matches(first.lower(), [*_WORDS, *_FORMS], n=1)
    said = office.desk.words.talk("unknown_word", escape(short(first, 40)).replace("`", "'"), near[0] if near else "")
    teller.show(notes.help_message(office.desk.words, said))


def start(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    """A thread with the first question, in the channel where it was typed."""
    flow.begin(office, teller, _new(teller))


def quick(office: Office, teller: Teller, body: Payload) -> None:
    """Everything in one form. The conversation is kept from now on, so that the form knows where it belongs."""
    new = _new(teller, form=True, quick=True)
    begun = office.desk.begin(new)
    opening.open_quick(office, teller, trigger_of(body), begun, _OPENED_AT_FIRST)


def from_message(office: Office, teller: Teller, body: Payload) -> None:
    """The shortcut on somebody's message: the form, and the result in that message's thread."""
    flow.once(office, teller.where.workspace, f"shortcut:{trigger_of(body)}")
    message, pressed_at = part(body, "message"), timestamp(word(body, "action_ts"))
    thread = timestamp(word(message, "thread_ts") or word(message, "ts"))
    new = _new(teller, form=True, quick=True, thread=thread)
    with office.desk.database.workspace(new.workspace) as work:
        known = work.conversation_in(new.channel, thread)
    begun = known if known is not None and known.form else new if known is None else None
    if begun is None:
        assert known is not None
        opening.open_numbers(office, teller, trigger_of(body), known, pressed_at)
        return
    if known is None:
        office.desk.begin(begun)
    opening.open_quick(office, teller, trigger_of(body), begun, pressed_at)


def show_help(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    teller.show(notes.help_message(office.desk.words))


def look_up(office: Office, teller: Teller, body: Payload, text: str) -> None:
    for message in lookups.lookup(office, text):
        teller.show(message)


def ask(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    """A question that needs no conversation, for the eyes of whoever asks."""
    if rest:
        asked.privately(office, teller, rest)
    else:
        teller.tell(office.desk.words.talk("what_to_ask"))


def compare(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    """The comparison beside this person's newest verdict here; without one, the five questions first, and the comparison follows."""
    beside = _verdict_here(office, teller)
    if beside is None:
        beside = flow.begin(office, teller, replace(_new(teller), comparing=Comparing(teller.where.user)))
    compared.begin(office, teller, beside)


def _verdict_here(office: Office, teller: Teller) -> Conversation | None:
    """Which conversation it was is kept: on another run a newer one may have a verdict."""
    assert teller.job is not None
    where = teller.where
    with office.desk.database.reading(where.workspace) as work:
        if "beside" in teller.job.saved:
            return work.conversation(teller.job.saved["beside"])
        newest = work.newest_advised(where.channel or "", where.user)
    teller.job.keep({**teller.job.saved, "beside": newest.id if newest else ""})
    return newest


def history(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    with office.desk.database.reading(teller.where.workspace) as work:
        teller_verdicts = past(work, teller.where.user)
    teller.show(notes.history(teller_verdicts, office.desk.words))


def past(work: Workspace, user: str) -> list[Any]:
    """The newest verdicts of a person, each with its conversation."""
    return [(verdict, work.conversation(verdict.conversation)) for verdict in work.verdicts_of(user, _HISTORY)]


def settings(office: Office, teller: Teller, body: Payload) -> None:
    opening.open_settings(office, teller, trigger_of(body))


def forget(office: Office, teller: Teller, body: Payload, rest: str) -> None:
    teller.show(notes.forget(office.desk.words))


def _new(teller: Teller, *, form: bool = False, quick: bool = False, thread: str | None = None) -> Conversation:
    where = teller.where
    channel = where.channel or where.user
    private = channel.startswith("D")
    return Conversation(
        teller.spare_id, where.workspace, channel, thread, where.user, private, headed=thread is None, form=form, quick=quick
    )


_OPENED_AT_FIRST = "0.000001"  # a form of a new conversation: nothing was said in it before
_WORDS: dict[str, Word] = {
    "start": start,
    "help": show_help,
    "ask": ask,
    "compare": compare,
    lookups.PRICES: look_up,
    lookups.COST: look_up,
    "history": history,
    "forget": forget,
}
_FORMS: dict[str, Callable[[Office, Teller, Payload], None]] = {"quick": quick, "report": reports.from_command, "settings": settings}
