"""The guided comparison: who asks for it, its buttons, and what is typed while one of its questions is open."""

from __future__ import annotations

import re

from bot import comparisons, ids
from bot.compare_cards import pressed_slot
from bot.conversation import Act, Answer, Back, Cancel, Conversation, Reopen, Restart, Resume
from bot.listeners import flow
from bot.listeners.payload import Click, Forged, Payload, conversation_and_round
from bot.listeners.placed import checked_place
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply import compare
from bot.understanding.text import plain
from engine.dimensions import Asked

_ASKED_FOR = re.compile(
    r"(please )?((can|could) (you|we) )?(let'?s |let us )?compare (the |both |our |these )*((two|four) )?"
    r"(platforms|(managed )?services|dimensions)( for (us|me|our team))?( please)?\W*",
    re.IGNORECASE,
)


def asked_for(text: str) -> bool:
    """Somebody wants the platforms compared."""
    return _ASKED_FOR.fullmatch(text) is not None


def begin(office: Office, teller: Teller, conversation: Conversation) -> None:
    """The comparison in the thread of a conversation; who asked hears where it stands."""
    shown, told = flow.job(flow.SHOW, teller, conversation.id), flow.job(flow.POINT, teller, conversation.id, to="comparison")
    comparisons.begin(office.desk, teller.where.workspace, conversation.id, f"{teller.cause}:compare", teller.where.user, shown, told)


# -- typed ---------------------------------------------------------------------------------------------------------------


def typed(office: Office, teller: Teller, conversation: Conversation, text: str, at: str) -> bool:
    """Takes what is typed while the comparison waits; False where it waits for nothing, or this is about something else."""
    waits = _waits(office, teller, conversation)
    act = _typed(office, waits, text, teller.where.user, at) if waits else None
    if act is not None:
        flow.compare(office, teller, conversation.id, act)
    return act is not None


def answers(office: Office, conversation: Conversation, text: str) -> bool:
    """Whether it is about the question of the comparison that is open."""
    waits = _open_question(office, conversation)
    return bool(waits) and _typed(office, waits, text, "", "") is not None


def _waits(office: Office, teller: Teller, conversation: Conversation) -> str:
    """The question that was open when this was first heard, empty for none: on another run its answer may be kept already."""
    if teller.job is None:
        return _open_question(office, conversation)
    if "compared" not in teller.job.saved:
        teller.job.keep({**teller.job.saved, "compared": _open_question(office, conversation)})
    return str(teller.job.saved["compared"])


def _open_question(office: Office, conversation: Conversation) -> str:
    """Empty where none is open, or there is no verdict yet beside which it is asked."""
    comparing = conversation.comparing if conversation.advised else None
    return (comparing.open_question(office.desk.dimensions) if comparing else None) or ""


def _typed(office: Office, waits: str, text: str, by: str, at: str) -> Act | None:
    """An answer as its button has it, not sure, or a wish to move."""
    heard = office.listener.hear(text, None)
    if heard.command in _MOVES:
        return _MOVES[heard.command](by, at)
    if heard.kind == "unsure":
        return Answer(by, at, None, waits, None, skipped=True)
    said = _bare(text)
    chosen = next((each.id for each in _asked(office, waits).answers if said in (_bare(each.name), _bare(each.id))), None)
    return Answer(by, at, None, waits, chosen) if chosen else None


def _bare(text: str) -> str:
    """The words alone."""
    return " ".join(re.findall(r"[^\W_]+", plain(text).casefold()))


# -- buttons -------------------------------------------------------------------------------------------------------------


def pressed(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """`compare:WISH:…`, or the menu beside a question, whose choice carries what a button of its own would."""
    wish, key = click.part(1), click.value
    if wish == ids.MENU:
        wish, _, key = click.value.partition(ids.SEPARATOR)
        if wish == ids.HELP:
            teller.show(compare.help_on(_asked(office, key), office.desk.dimensions))
            return
        if wish not in (ids.BACK, ids.RESTART, ids.CANCEL):
            raise Forged
    conversation_id, round_ = conversation_and_round(key)
    act = _act(office, click, wish, round_)
    _in_place(office, click, conversation_id, pressed_slot(round_, click.parts))
    flow.compare(office, teller, conversation_id, act)


def _act(office: Office, click: Click, wish: str, round_: int) -> Act:
    by, at = click.where.user, click.at
    if wish in _MOVES:
        return _MOVES[wish](by, at, round_)
    asked = _asked(office, click.part(2))
    if wish == ids.CHANGE:
        return Reopen(by, at, round_, asked.id)
    if wish == ids.NOT_SURE:
        return Answer(by, at, round_, asked.id, None, skipped=True)
    if wish != ids.ANSWER or click.part(3) not in {choice.id for choice in asked.answers}:
        raise Forged
    return Answer(by, at, round_, asked.id, click.part(3))


def _asked(office: Office, name: str) -> Asked:
    found = next((asked for asked in office.desk.dimensions.questions if asked.id == name), None)
    if found is None:
        raise Forged
    return found


def _in_place(office: Office, click: Click, conversation_id: str, slot: str) -> None:
    """Raises Gone and NotYours. A message that was pressed was posted, even if nobody could write that down."""
    with office.desk.database.reading(click.where.workspace) as work:
        conversation = checked_place(click, work.conversation(conversation_id))
        post = work.posts_of(conversation_id).get(slot)
    if post is not None and post.ts is None and click.message:
        office.postings.adopt(conversation, slot, click.message)


_MOVES: dict[str, type[Back | Restart | Cancel | Resume]] = {
    ids.BACK: Back,
    ids.RESTART: Restart,
    ids.CANCEL: Cancel,
    ids.RESUME: Resume,
}
