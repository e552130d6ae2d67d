"""Presses of buttons and choices in menus, in messages and on the Home tab. Those that open a form do so at once; all others are
kept as jobs before they are acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import ids
from bot.cards import pressed_slot
from bot.conversation import Act, Answer, Back, Cancel, Conversation, Reopen, Restart, Resume, Typical
from bot.desk import Gone, check_may_act, new_id
from bot.listeners import asked, compared, flow, inbox, missing, opening, reports
from bot.listeners.payload import Click, Forged, Payload, answer_named, click_of, conversation_and_round, conversation_of, trigger_of
from bot.listeners.placed import in_place
from bot.listeners.telling import Teller, teller_of
from bot.office import Office
from bot.reply import notes, questions
from bot.reply.verdict import DETAILS
from bot.storage import Feedback, NewJob, Stale

Press = Callable[[Office, Click, Teller, Payload], None]


def register_clicks(app: App, office: Office) -> None:
    """Bolt tries one listener after the other, so all presses share two."""

    def opened(body: dict[str, Any], client: WebClient) -> None:
        click = click_of(body)
        flow.once(office, click.where.workspace, click.key)
        _FORMS[click.part(0)](office, click, teller_of(body, client), body)

    def kept(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        inbox.keep(office, ack, client, inbox.PRESS, click_of(body).key, body)

    app.action(ids.actions_like(*_PRESSES))(kept)
    app.action(ids.actions_like(*_FORMS))(ack=inbox.at_once(office), lazy=[inbox.opening(office, opened)])


def pressed(office: Office, teller: Teller, body: Payload) -> None:
    """What a press asks for, out of the queue."""
    click = click_of(body)
    press = _PRESSES.get(click.part(0))
    if press is None:
        raise Forged
    press(office, click, teller, body)


# -- answering ---------------------------------------------------------------------------------------------------------


def answer(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """`answer:QUESTION:VALUE` or `not_sure:QUESTION`."""
    question = office.desk.rulebook.question.get(click.part(1))
    if question is None:
        raise Forged
    skipped = click.part(0) == ids.NOT_SURE
    value = None if skipped else answer_named(question, click.part(2))
    _act(office, click, teller, lambda round_: Answer(click.where.user, click.at, round_, question.id, value, skipped))


def change(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    if click.part(1) not in office.desk.rulebook.question:
        raise Forged
    _act(office, click, teller, lambda round_: Reopen(click.where.user, click.at, round_, click.part(1)))


def typical(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    _act(office, click, teller, lambda round_: Typical(click.where.user, click.at, round_))


def restart(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    _act(office, click, teller, lambda round_: Restart(click.where.user, click.at, round_))


def resume(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    _act(office, click, teller, lambda round_: Resume(click.where.user, click.at, round_))


def menu(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """The menu beside a question: the choice carries what a button of its own would."""
    name, _, value = click.value.partition(ids.SEPARATOR)
    if name == ids.HELP and value in office.desk.rulebook.question:
        teller.show(questions.help_on(office.desk.rulebook.question[value], office.desk.words))
        return
    if name not in _MENU:
        raise Forged
    kind = _MENU[name]
    chosen = Click(click.where, (name,), value, click.at, click.key)
    _act(office, chosen, teller, lambda round_: kind(click.where.user, click.at, round_))


def _act(office: Office, click: Click, teller: Teller, make: Callable[[int], Act]) -> None:
    conversation_id, round_ = conversation_and_round(click.value)
    _stands(office, click, in_place(office, click, conversation_id), round_)
    flow.act(office, teller, conversation_id, make(round_))


def _stands(office: Office, click: Click, conversation: Conversation, round_: int) -> None:
    """Whoever presses a button has its message before them, even if nobody could write down that it was posted."""
    slot = pressed_slot(round_, click.parts)
    if slot and click.message:
        office.postings.adopt(conversation, slot, click.message)


# -- forms and details -------------------------------------------------------------------------------------------------


def numbers(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """Opens the numbers, from the offer or from a verdict."""
    refine = click.parts[1:] == ("refine",)
    conversation_id, round_ = (conversation_of(click.value), 0) if refine else conversation_and_round(click.value)
    conversation = in_place(office, click, conversation_id)
    opening.open_numbers(office, teller, trigger_of(body), conversation, click.at)
    _stands(office, click, conversation, round_)


def other(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    question = office.desk.rulebook.question.get(click.part(1))
    if question is None:
        raise Forged
    conversation_id, round_ = conversation_and_round(click.value)
    conversation = in_place(office, click, conversation_id)
    opening.open_other(office, teller, trigger_of(body), conversation, question, click.at)
    _stands(office, click, conversation, round_)


def show_detail(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """What stands behind a button, once in the thread; a second press says where."""
    name = click.part(1)
    if name not in DETAILS:
        raise Forged
    conversation = in_place(office, click, conversation_of(click.value))
    post_detail(office, teller, conversation, click.value, name)


def post_detail(office: Office, teller: Teller, conversation: Conversation, verdict_id: str, name: str) -> None:
    """In the lane of the conversation, where all of its messages are posted."""
    job = flow.job(flow.DETAIL, teller, conversation.id, verdict=verdict_id, name=name)
    office.desk.enqueue(conversation.workspace, job)


def ask(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    opening.open_ask(office, teller, trigger_of(body), in_place(office, click, conversation_of(click.value)), click.at)


def feedback(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    value, _, verdict_id = click.value.partition(ids.SEPARATOR)
    if value not in ("up", "down"):
        raise Forged
    in_place(office, click, conversation_of(verdict_id))
    try:
        with office.desk.database.workspace(click.where.workspace) as work:
            work.keep_feedback(Feedback(verdict_id, click.where.user, value, office.desk.clock()))
    except Stale:
        raise Gone from None
    teller.tell(office.desk.words.talk("thanks", value))


# -- from the Home tab and from what only one person sees ---------------------------------------------------------------


def start(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """A new conversation in a direct message: Slack opens it for a message to the user's id."""
    workspace, user = click.where.workspace, click.where.user
    told = [flow.job(flow.POINT, teller, teller.spare_id)] if click.where.channel else []
    flow.begin(office, teller, Conversation(teller.spare_id, workspace, user, None, user, private=True), *told)


def show(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """A verdict of the history, as it was given, for this person's eyes."""
    conversation_id = conversation_of(click.value)
    with office.desk.database.reading(click.where.workspace) as work:
        conversation = work.conversation(conversation_id)
    check_may_act(conversation, click.where.user)
    assert conversation is not None
    view = office.desk.view(click.where.workspace, click.value)
    teller.show(notes.old_verdict(view, click.value))


def settings(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    opening.open_settings(office, teller, trigger_of(body))


def forget(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """The jobs of this person go too, and this one with them: the word about it is a job of nobody."""
    with office.desk.database.workspace(click.where.workspace) as work:
        said = office.desk.words.talk("forgotten", work.forget_user(click.where.user))
        work.enqueue(NewJob(f"{flow.TELL}:{click.key}", f"forgotten:{new_id()}", flow.TELL, {"teller": teller.as_args(), "text": said}))


def nothing(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """A button with a link: the browser opens it, and there is nothing else to do."""


_MENU: dict[str, type[Back | Restart | Cancel]] = {ids.BACK: Back, ids.RESTART: Restart, ids.CANCEL: Cancel}
_FORMS: dict[str, Press] = {
    ids.OTHER: other,
    ids.NUMBERS: numbers,
    ids.ASK: ask,
    ids.REPORT: reports.open_form,
    ids.SETTINGS: settings,
}
_PRESSES: dict[str, Press] = {
    ids.ANSWER: answer,
    ids.NOT_SURE: answer,
    ids.CHANGE: change,
    ids.MENU: menu,
    ids.TYPICAL: typical,
    ids.RESTART: restart,
    ids.RESUME: resume,
    ids.DETAIL: show_detail,
    ids.AGAIN: missing.pressed,
    ids.ASKED: asked.pressed,
    ids.ADOPT: asked.taken_up,
    ids.DROP: asked.taken_up,
    ids.COMPARE: compared.pressed,
    ids.REPORTED: reports.pressed,
    ids.FEEDBACK: feedback,
    ids.START: start,
    ids.DIRECT: start,
    ids.SHOW: show,
    ids.FORGET: forget,
    ids.OPEN: nothing,
}
