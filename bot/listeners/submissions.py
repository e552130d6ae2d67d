"""Forms that come back. What is wrong is answered beside its field; what is right is acknowledged first and worked on after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import ids
from bot.conversation import Answer, Conversation, Numbers, Refused, step
from bot.desk import Gone, check_may_act
from bot.listeners import flow, opening, typed
from bot.listeners.clicks import permalink
from bot.listeners.payload import Payload, Where, channel_chosen, conversation_of, form_of, read_metadata, where_of
from bot.listeners.telling import Teller
from bot.office import Office
from bot.postings import send
from bot.refusals import CHANNEL_CLOSED, NOT_IN_CHANNEL, code_of
from bot.reply import forms, notes, settings_form
from bot.reply.elements import mention
from bot.storage import Stale
from engine.advice import Advice
from engine.errors import CaseError


def register_submissions(app: App, office: Office) -> None:
    def listener(submitted: Callable[[Office, Ack, Payload, WebClient], None]) -> Callable[..., None]:
        def received(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            submitted(office, ack, body, client)

        return received

    app.view(ids.FORM_NUMBERS)(listener(numbers))
    app.view(ids.FORM_QUICK)(listener(quick))
    app.view(ids.FORM_OTHER)(listener(other))
    app.view(ids.FORM_ASK)(listener(ask))
    app.view(ids.FORM_REPORT)(listener(report))
    app.view(ids.FORM_SETTINGS)(listener(settings))


def refuse(ack: Ack, errors: Mapping[str, str]) -> None:
    """The form stays open with what is wrong beside each field. Slack shows these as plain text, so marks of code become quotes."""
    ack(response_action="errors", errors={block: text.replace("`", "'") for block, text in errors.items()})


# -- numbers and answers -----------------------------------------------------------------------------------------------


def numbers(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    _numbered(office, ack, body, client, forms.read_numbers(form_of(body), office.desk.rulebook))


def quick(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    _numbered(office, ack, body, client, forms.read_quick(form_of(body), office.desk.rulebook))


def _numbered(office: Office, ack: Ack, body: Payload, client: WebClient, filled: forms.Filled) -> None:
    """Tried on the conversation before the form closes, so that what cannot be priced is said beside its field."""
    where, view = where_of(body), form_of(body)
    conversation_id, at = read_metadata(view)
    act = Numbers(where.user, at, None, filled.workload, filled.assumptions, filled.answers, filled.skipped, filled.cleared)
    errors = filled.errors or _tried(office, where, conversation_id, act, view)
    if errors:
        refuse(ack, errors)
        return
    ack()
    conversation = _kept(office, where, conversation_id)
    teller = _teller(client, where, conversation)
    try:
        flow.act(office, teller, conversation_id, f"form:{view['id']}", act)
    except SlackApiError as error:
        if conversation.thread is not None or code_of(error) not in NOT_IN_CHANNEL | CHANNEL_CLOSED:
            raise
        _go_direct(office, teller, conversation, closed=code_of(error) in CHANNEL_CLOSED)


def _tried(office: Office, where: Where, conversation_id: str, act: Numbers, view: Payload) -> dict[str, str]:
    """What is wrong with the case as a whole, by block of the form; empty where it can be priced."""
    conversation = _kept(office, where, conversation_id)
    settings = opening.read_settings(office, where.workspace)
    shown = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    try:
        after = step(conversation, act, office.desk.rulebook)
        office.desk.advice(after, settings)
    except CaseError as error:
        return {(p.field if p.field in shown else shown[-1]): p.text for p in error.problems}
    except Refused as refused:
        said_so = bool(act.answers) and refused.reason == "too early"  # all five came with the form: they leave nothing to place
        return {shown[0]: office.desk.words.talk("nothing_to_place") if said_so else office.desk.words.talk("refused", refused.reason)}
    return {}


def other(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    where, view = where_of(body), form_of(body)
    conversation_id, at = read_metadata(view)
    filled = forms.read_other(view, office.desk.rulebook)
    if filled.errors:
        refuse(ack, filled.errors)
        return
    ack()
    teller = _teller(client, where, _kept(office, where, conversation_id))
    acts = [Answer(where.user, at, None, question, value) for question, value in filled.answers.items()]
    after = flow.act(office, teller, conversation_id, f"form:{view['id']}", *acts)
    for question in filled.answers:
        given = after.answers.get(question)
        if given is not None and given.by != where.user and given.at != at:  # somebody was quicker while the form was open
            teller.tell(office.desk.words.talk("answered_meanwhile", office.desk.rulebook.question[question].name, mention(given.by)))


def ask(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    """The same as saying it in the thread."""
    ack()
    where, view = where_of(body), form_of(body)
    conversation_id, at = read_metadata(view)
    conversation = _kept(office, where, conversation_id)
    text = view["state"]["values"].get(notes.QUESTION, {}).get(notes.QUESTION, {}).get("value") or ""
    typed.take(office, _teller(client, where, conversation), conversation, typed.Said(text, at, f"form:{view['id']}", meant=True))


def _kept(office: Office, where: Where, conversation_id: str) -> Conversation:
    with office.desk.database.workspace(where.workspace) as work:
        conversation = work.conversation(conversation_id)
    check_may_act(conversation, where.user)
    if conversation is None:
        raise Gone
    return conversation


def _teller(client: WebClient, where: Where, conversation: Conversation) -> Teller:
    """A form has no channel of its own: its conversation has."""
    place = conversation.channel if conversation.thread is not None else None
    return Teller(client, Where(where.workspace, where.user, place, conversation.thread), None)


def _go_direct(office: Office, teller: Teller, conversation: Conversation, *, closed: bool) -> None:
    """The channel did not take the result of a form, so its owner gets it in a direct message; nothing that was typed is lost."""
    channel = conversation.channel
    moved = office.desk.made_private(conversation.workspace, conversation.id, teller.where.user)
    office.postings.bring_in_line(teller.client, moved.workspace, moved.id)
    teller.tell(office.desk.words.talk("moved_to_direct", f"<#{channel}>", closed))


# -- the report --------------------------------------------------------------------------------------------------------


def report(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    ack()
    where, view = where_of(body), form_of(body)
    verdict_id = str(view.get("private_metadata", ""))
    conversation = _kept(office, where, conversation_of(verdict_id))
    channel = _chosen(view["state"]["values"])
    with office.desk.database.workspace(where.workspace) as work:
        first = work.first_time(f"form:{view['id']}")
    if not first:
        return
    kept, advice = office.desk.verdict(where.workspace, verdict_id)
    words = office.desk.words_of(where.workspace, kept)
    teller = _teller(client, where, conversation)
    url = permalink(teller, conversation.channel, conversation.thread or "") if not conversation.private else ""
    head = words.talk("report_head", mention(kept.asked_by), kept.day, url)
    message = notes.report(office.desk.view(where.workspace, verdict_id), verdict_id, head, words.talk("dated", *_ages(advice)))
    there = Teller(client, Where(where.workspace, where.user, channel, None), None)
    try:
        posted_in, ts = send(client, message, channel=channel, thread_ts=None)
    except SlackApiError as error:
        if code_of(error) not in NOT_IN_CHANNEL | CHANNEL_CLOSED:
            raise
        teller.tell(words.talk("report_refused", f"<#{channel}>", code_of(error) in CHANNEL_CLOSED))
        return
    teller.tell(words.talk("posted_report", f"<#{channel}>", permalink(there, posted_in, ts)))


def _chosen(values: Mapping[str, Any]) -> str:
    return channel_chosen(values.get(notes.CHANNEL, {}).get(notes.CHANNEL, {}))


def _ages(advice: Advice) -> tuple[int, int, str]:
    """How many prices are stale, of how many, and the oldest day."""
    dated = [price.figure.as_of for price in advice.prices if price.figure.as_of]
    return sum(price.stale for price in advice.prices), len(advice.prices), str(min(dated)) if dated else "an unknown day"


# -- settings ----------------------------------------------------------------------------------------------------------


def settings(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    """Checked again on the way back: whoever was an editor when the form opened may be none now."""
    where, view = where_of(body), form_of(body)
    teller = Teller(client, where, None)
    before = opening.read_settings(office, where.workspace)
    after, errors = settings_form.read_settings(view, before, office.desk.rulebook)
    if not opening.may_edit(office, before, where.user) or str(before.version) != view.get("private_metadata"):
        errors = {next(iter(view["state"]["values"])): office.desk.words.talk("settings_moved")}
    if errors:
        refuse(ack, errors)
        return
    try:
        with office.desk.database.workspace(where.workspace) as work:
            work.save_settings(after)
    except Stale:
        refuse(ack, {settings_form.EDITORS: office.desk.words.talk("settings_moved")})
        return
    ack()
    teller.tell(office.desk.words.talk("settings_saved"))
