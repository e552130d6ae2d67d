"""Forms that come back. What is wrong is answered beside its field; what is right is kept as a job, acknowledged and worked on after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import ids
from bot.conversation import Answer, Conversation, Numbers, Refused, step
from bot.desk import Gone, check_may_act
from bot.listeners import flow, inbox, opening, reports, typed
from bot.listeners.payload import Forged, Payload, Where, form_of, read_metadata, where_of, word
from bot.listeners.telling import Teller, teller_of
from bot.office import Office
from bot.reply import forms, notes, settings_form
from bot.reply.elements import mention
from bot.storage import NewJob, Stale, WorkspaceSettings
from engine.errors import CaseError

Errors = Mapping[str, str]


def register_submissions(app: App, office: Office) -> None:
    def received(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        view = form_of(body)
        check, _ = _FORMS[word(view, "callback_id")]
        errors = _hurried(office, body) or check(office, body)
        if errors:
            refuse(ack, errors)
            return
        inbox.keep_in_turn(office, inbox.FORM, f"form:{view['id']}:{_digest(view)}", body)
        ack()

    app.view(ids.forms_like(*_FORMS))(received)
    app.view(ids.FORM_SETTINGS)(lambda ack, body, client: settings(office, ack, body, client))


def sent(office: Office, teller: Teller, body: Payload) -> None:
    """What a form asks for, out of the queue."""
    form = _FORMS.get(word(form_of(body), "callback_id"))
    if form is None:
        raise Forged
    form[1](office, teller, body)


def _hurried(office: Office, body: Payload) -> Errors:
    """A form that comes too fast stays open, with all that was typed."""
    said = inbox.too_fast(office, where_of(body))
    return {next(block["block_id"] for block in form_of(body)["blocks"] if block.get("type") == "input"): said} if said else {}


def _digest(view: Payload) -> str:
    """Slack may show that a form failed which was kept: sent again it counts once, and changed before that it counts as changed."""
    return hashlib.sha256(json.dumps(view["state"], sort_keys=True).encode()).hexdigest()[:16]


def refuse(ack: Ack, errors: Errors) -> None:
    """The form stays open with what is wrong beside each field. Slack shows these as plain text, so marks of code become quotes."""
    ack(response_action="errors", errors={block: text.replace("`", "'") for block, text in errors.items()})


# -- numbers and answers -----------------------------------------------------------------------------------------------


def check_numbers(office: Office, body: Payload) -> Errors:
    return _checked(office, body, forms.read_numbers(form_of(body), office.desk.rulebook))


def check_quick(office: Office, body: Payload) -> Errors:
    return _checked(office, body, forms.read_quick(form_of(body), office.desk.rulebook))


def _checked(office: Office, body: Payload, filled: forms.Filled) -> Errors:
    """Tried on the conversation before the form closes, so that what cannot be priced is said beside its field."""
    where, view = where_of(body), form_of(body)
    conversation_id, at = read_metadata(view)
    return filled.errors or _tried(office, where, conversation_id, _act(where, at, filled), view)


def numbers(office: Office, teller: Teller, body: Payload) -> None:
    _numbered(office, teller, body, forms.read_numbers(form_of(body), office.desk.rulebook))


def quick(office: Office, teller: Teller, body: Payload) -> None:
    _numbered(office, teller, body, forms.read_quick(form_of(body), office.desk.rulebook))


def _numbered(office: Office, teller: Teller, body: Payload, filled: forms.Filled) -> None:
    conversation_id, at = read_metadata(form_of(body))
    placed = _placed(teller, _kept(office, teller.where, conversation_id))
    flow.act(office, placed, conversation_id, _act(teller.where, at, filled))


def _act(where: Where, at: str, filled: forms.Filled) -> Numbers:
    return Numbers(where.user, at, None, filled.workload, filled.assumptions, filled.answers, filled.skipped, filled.cleared)


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


def check_other(office: Office, body: Payload) -> Errors:
    _kept(office, where_of(body), read_metadata(form_of(body))[0])
    filled = forms.read_other(form_of(body), office.desk.rulebook)
    if not filled.errors and not filled.answers:
        raise Forged
    return filled.errors


def other(office: Office, teller: Teller, body: Payload) -> None:
    view, user = form_of(body), teller.where.user
    conversation_id, at = read_metadata(view)
    filled = forms.read_other(view, office.desk.rulebook)
    placed = _placed(teller, _kept(office, teller.where, conversation_id))
    acts = [Answer(user, at, None, question, value) for question, value in filled.answers.items()]
    after = flow.act(office, placed, conversation_id, *acts)
    for question in filled.answers:
        given = after.answers.get(question)
        if given is not None and given.by != user and given.at != at:  # somebody was quicker while the form was open
            placed.tell(office.desk.words.talk("answered_meanwhile", office.desk.rulebook.question[question].name, mention(given.by)))


def check_ask(office: Office, body: Payload) -> Errors:
    _kept(office, where_of(body), read_metadata(form_of(body))[0])
    return {}


def ask(office: Office, teller: Teller, body: Payload) -> None:
    """The same as saying it in the thread."""
    view = form_of(body)
    conversation_id, at = read_metadata(view)
    conversation = _kept(office, teller.where, conversation_id)
    text = view["state"]["values"].get(notes.QUESTION, {}).get(notes.QUESTION, {}).get("value") or ""
    typed.take(office, _placed(teller, conversation), conversation, typed.Said(text, at, meant=True))


def _kept(office: Office, where: Where, conversation_id: str) -> Conversation:
    with office.desk.database.reading(where.workspace) as work:
        conversation = work.conversation(conversation_id)
    check_may_act(conversation, where.user)
    if conversation is None:
        raise Gone
    return conversation


def _placed(teller: Teller, conversation: Conversation) -> Teller:
    """A form has no channel of its own: its conversation has."""
    place = conversation.channel if conversation.thread is not None else None
    return replace(teller, where=Where(teller.where.workspace, teller.where.user, place, conversation.thread))


# -- settings ----------------------------------------------------------------------------------------------------------


def settings(office: Office, ack: Ack, body: Payload, client: WebClient) -> None:
    """Checked again on the way back: whoever was an editor when the form opened may be none now."""
    where, view = where_of(body), form_of(body)
    if hurried := _hurried(office, body):
        refuse(ack, hurried)
        return
    before = opening.read_settings(office, where.workspace)
    after, errors = settings_form.read_settings(view, before, office.desk.rulebook)
    if not opening.may_edit(office, before, where.user) or str(before.version) != view.get("private_metadata"):
        errors = {next(iter(view["state"]["values"])): office.desk.words.talk("settings_moved")}
    if errors:
        refuse(ack, errors)
        return
    try:
        inbox.patiently(_save, office, where, after, teller_of(body, client, f"form:{view['id']}"))
    except Stale:
        refuse(ack, {settings_form.EDITORS: office.desk.words.talk("settings_moved")})
        return
    ack()


def _save(office: Office, where: Where, settings: WorkspaceSettings, teller: Teller) -> None:
    args = {"teller": teller.as_args(), "text": office.desk.words.talk("settings_saved")}
    with office.desk.database.workspace(where.workspace) as work:
        work.save_settings(settings)
        work.enqueue(NewJob(f"tell:{teller.cause}", inbox.lane_of(where), flow.TELL, args, where.user))


_FORMS: dict[str, tuple[Callable[[Office, Payload], Errors], Callable[[Office, Teller, Payload], None]]] = {
    ids.FORM_NUMBERS: (check_numbers, numbers),
    ids.FORM_QUICK: (check_quick, quick),
    ids.FORM_OTHER: (check_other, other),
    ids.FORM_ASK: (check_ask, ask),
    ids.FORM_REPORT: (reports.check, reports.taken),
}
