"""What somebody typed, in a thread, a direct message or a form: an answer, a correction, a wish, a question about the verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot import ids
from bot.conversation import Act, Answer, Back, Cancel, Conversation, Restart, Resume, Typical
from bot.desk import verdict_id
from bot.listeners import asked, compared, flow, lookups
from bot.listeners.clicks import post_detail
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply import notes, questions
from bot.reply.elements import Message, actions, button, escape, section
from bot.understanding import Heard
from bot.understanding.text import plain
from engine.case import Value

_WISHES = {  # words for what stands behind the buttons of a verdict
    "why": r"why( not)?",
    "flip": r"(what (would|could) )?(flip|change)s?( it| that| this| your mind)?|flips?",
    "wins": r"(quick )?(wins?|savings?)",
    "assumed": r"(what (did you|was|is) )?assum(ed|e|ptions?)",
    "lines": r"(the )?(lines?|prices|sources|lines and prices|where .* prices? .*from)",
}
_WISHED = {name: re.compile(rf"(show( me)? )?(the )?({pattern})\W*", re.IGNORECASE) for name, pattern in _WISHES.items()}
_FRESH = re.compile(r"\b(compare|start|new|another|advice|advise)\b", re.IGNORECASE)
_MOST_TYPED = 2_000
_Make = Callable[[str, str], Act]


@dataclass(frozen=True)
class Said:
    """Typed words. `meant` says that they were surely meant for the bot; else it keeps quiet where it does not understand."""

    text: str
    at: str
    meant: bool


def take(office: Office, teller: Teller, conversation: Conversation, said: Said) -> None:
    """Does what was typed, or asks back with buttons; never guesses."""
    text = said.text.strip()[:_MOST_TYPED]
    open_question = _asked(office, teller, conversation)
    wish = _wish(text) if said.meant and conversation.advised and open_question is None else None
    if wish:
        newest = verdict_id(conversation, len(conversation.advised))
        post_detail(office, teller, conversation, newest, wish)
        return
    if not text:
        status(office, teller, conversation)
        return
    if said.meant and compared.asked_for(text):
        compared.begin(office, teller, conversation)
        return
    if open_question is None and compared.typed(office, teller, conversation, text, said.at):
        return
    heard = office.listener.hear(text, open_question)
    acts = list(_acts(heard, teller.where.user, said.at))
    question = asked.Question(text, said.at)
    if said.meant and (not acts or office.asker().supposes(text)) and asked.on_the_case(office, teller, conversation, question):
        return
    if acts:
        flow.act(office, teller, conversation.id, *acts)
    elif heard.kind == "command":
        _command(office, teller, conversation, heard)
    elif lookup := lookups.lookup(office, text):
        teller.say(*lookup)
    elif said.meant and not (_asks(office, text, open_question) and asked.before_a_verdict(office, teller, conversation, question)):
        _not_taken(office, teller, conversation, heard, text)


def _not_taken(office: Office, teller: Teller, conversation: Conversation, heard: Heard, text: str) -> None:
    """A question that nobody has an answer to gets the nearest that can be answered; everything else is asked back."""
    if conversation.advised and conversation.open_question(office.desk.rulebook) is None and _is_question(office, text):
        asked.privately(office, teller, text)
    else:
        _ask_back(office, teller, conversation, heard)


def _asks(office: Office, text: str, open_question: str | None) -> bool:
    """Whether it may be about something else than the open question, which it is only where it asks."""
    return open_question is None or _is_question(office, text)


def _is_question(office: Office, text: str) -> bool:
    spans = office.listener.lexicon.spans(plain(text))
    return "?" in text or bool(spans and spans[0].has("asking"))


def _asked(office: Office, teller: Teller, conversation: Conversation) -> str | None:
    """The question that was open when this was first heard: on another run its answer may be kept already, and the next one open."""
    job = teller.job
    if job is None:
        return conversation.open_question(office.desk.rulebook)
    if "asked" not in job.saved:
        job.keep({**job.saved, "asked": conversation.open_question(office.desk.rulebook)})
    asked: str | None = job.saved["asked"]
    return asked


def answered_alone(office: Office, teller: Teller, said: Said) -> bool:
    """A price, a calculation, or a call for help, which need no conversation."""
    lookup = lookups.lookup(office, said.text)
    heard = office.listener.hear(said.text, None)
    if not lookup and heard.command != "help":
        return False
    teller.say(*(lookup or [notes.help_message(office.desk.words)]))
    return True


def question_alone(office: Office, teller: Teller, said: Said) -> bool:
    """A question that needs no conversation; what answers one of the five begins one."""
    heard = office.listener.hear(said.text, None)
    begins = begins_anew(said.text) or not _is_question(office, said.text)
    return heard.kind != "answer" and asked.alone(office, teller, asked.Question(said.text, said.at), begins=begins)


def _acts(heard: Heard, user: str, at: str) -> Iterator[Act]:
    """The acts in what was heard: answers, or a wish that moves the conversation."""
    if heard.kind == "answer" and heard.question is not None:
        yield Answer(user, at, None, heard.question, heard.value)
    elif heard.kind == "unsure" and heard.question is not None:
        yield Answer(user, at, None, heard.question, None, skipped=True)
    elif heard.kind == "command" and heard.command in _MOVES:
        yield _MOVES[heard.command](user, at)
    for further in heard.also:
        yield from _acts(further, user, at)


def _command(office: Office, teller: Teller, conversation: Conversation, heard: Heard) -> None:
    """The wishes that only need an answer."""
    if heard.command == "help":
        teller.show(notes.help_message(office.desk.words))
    elif heard.command == "numbers":
        text = office.desk.words.talk("numbers_by_form")
        press = actions("numbers", button("Enter my numbers", ids.NUMBERS, questions.key_of(conversation), style="primary"))
        teller.show(Message(text, (section(text), press)))
    else:
        status(office, teller, conversation)


def status(office: Office, teller: Teller, conversation: Conversation) -> None:
    """Where things stand, and what may be missing."""
    flow.follow(office, teller, conversation.id)
    with office.desk.database.reading(conversation.workspace) as work:
        now = work.conversation(conversation.id) or conversation
    words, name = office.desk.words, now.open_question(office.desk.rulebook)
    if now.cancelled_by:
        teller.tell(words.talk("refused", "cancelled"))
    elif name is None:
        teller.tell(words.talk("nothing_open"))
    else:
        question = office.desk.rulebook.question[name]
        at = office.desk.rulebook.questions.index(question) + 1
        text = words.talk("status", at, len(office.desk.rulebook.questions), question.ask)
        teller.show(questions.answer_buttons(now, question, words, text))


def _ask_back(office: Office, teller: Teller, conversation: Conversation, heard: Heard) -> None:
    words, name = office.desk.words, heard.question or conversation.open_question(office.desk.rulebook)
    if heard.kind == "chatter":
        status(office, teller, conversation)
        return
    if name is None or conversation.cancelled_by:
        teller.tell(words.talk("nothing_open"))
        return
    question = office.desk.rulebook.question[name]
    readings = [words.answer(value, name) for value in heard.candidates]
    text = words.talk("unclear_between", question, readings) if len(readings) > 1 else words.talk("unclear", question)
    teller.show(questions.answer_buttons(conversation, question, words, escape(text), _offered(heard.candidates)))


def _offered(candidates: tuple[Value, ...]) -> tuple[Value, ...]:
    return candidates[:5]


def begins_anew(text: str) -> bool:
    """Somebody wants another conversation than the one that waits."""
    return bool(_FRESH.search(text))


def _wish(text: str) -> str | None:
    return next((name for name, pattern in _WISHED.items() if pattern.fullmatch(text)), None)


_MOVES: dict[str, _Make] = {"back": Back, "restart": Restart, "cancel": Cancel, "resume": Resume, "typical": Typical}
