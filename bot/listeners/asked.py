"""Questions in free text, answered where they were asked: on the case of the thread where there is one, else from what is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from bot import ids
from bot.conversation import Adopt, Branch, Conversation, Drop, Given, Suppose
from bot.desk import check_may_act, verdict_id
from bot.listeners import flow
from bot.listeners.payload import Click, Forged, Payload, conversation_and_round, timestamp
from bot.listeners.placed import in_place
from bot.listeners.telling import Teller
from bot.office import Office
from bot.qa.answer import Answer
from bot.qa.oncase import OpenCase, Said
from bot.reply.answer import answer_message
from bot.reply.elements import Message, mention, section
from engine.advise import advise
from engine.errors import CaseError

_GOES_ON = ("and ", "also ", "plus ")  # a what-if on top of the one before
_MOST_ASKED = 2_000


@dataclass(frozen=True)
class Question:
    """`at` is Slack's timestamp of it; `shown`: it stands in the thread, so that it need not be said again."""

    text: str
    at: str
    shown: bool = True


# -- answering -----------------------------------------------------------------------------------------------------------


def on_the_case(office: Office, teller: Teller, conversation: Conversation, question: Question) -> bool:
    """Answers what is asked of the case that was advised on, and takes what-ifs and wishes about them. False where it is none of these."""
    rulebook, asker = office.desk.rulebook, office.asker()
    if not conversation.advised or conversation.open_question(rulebook) is not None or conversation.verdict_due(rulebook):
        return False
    if wish := asker.on_case.wish(question.text):
        _wished_in_words(office, teller, conversation, question, Adopt if wish == "adopt" else Drop)
        return True
    opened = _opened(office, conversation)
    if answer := asker.on_case.ask(question.text, opened):
        _say(office, teller, answer, question)
        return True
    return _supposed(office, teller, conversation, opened, question)


def before_a_verdict(office: Office, teller: Teller, conversation: Conversation, question: Question) -> bool:
    """Answers what needs no verdict, over what was said so far; False where nothing is known."""
    answer = _known(office, question.text, conversation)
    if answer.answered:
        _say(office, teller, answer, question)
    return answer.answered


def alone(office: Office, teller: Teller, question: Question, *, begins: bool) -> bool:
    """Answers a question where there is no conversation. False where it asks for the advice itself, or is no question.

    `begins`: it sounds like the wish for a conversation, so nothing but a price is answered.
    """
    answer = _known(office, question.text)
    unasked = begins and answer.kind != "engine"
    if unasked or office.asker().begins_advice(question.text, answer) or not (answer.answered or "?" in question.text):
        return False
    _say(office, teller, answer, question)
    return True


def privately(office: Office, teller: Teller, text: str) -> None:
    """For the eyes of whoever asked, where it was asked; what is not known is said too."""
    answer = _known(office, text[:_MOST_ASKED])
    teller.show(answer_message(answer, office.desk.words, asked=text, by=teller.where.user))


def _known(office: Office, text: str, conversation: Conversation | None = None) -> Answer:
    """Without a verdict, in words that others may read."""
    begun = conversation is not None and conversation.answers and conversation.open_question(office.desk.rulebook) is not None
    so_far = _opened_so_far(office, conversation) if conversation and begun else None
    return office.asker().ask(text, office.desk.today(), shows_private=False, so_far=so_far)


def _say(office: Office, teller: Teller, answer: Answer, question: Question, branch: str = "") -> None:
    quoted = "" if question.shown else question.text
    teller.say(answer_message(answer, office.desk.words, asked=quoted, by=teller.where.user, branch=branch))


def _opened(office: Office, conversation: Conversation) -> OpenCase:
    """The case of the newest verdict, as others may read of it."""
    _, advice = office.desk.verdict(conversation.workspace, verdict_id(conversation, len(conversation.advised)))
    return OpenCase(advice.case, advice, _said(conversation), advice.day, shows_private=False)


def _opened_so_far(office: Office, conversation: Conversation) -> OpenCase | None:
    """The case of what was said so far, with 'not sure' for the rest; None where no plan can be priced for it."""
    with office.desk.database.reading(conversation.workspace) as work:
        settings = work.settings()
    case = office.desk.case_so_far(conversation, settings)
    try:
        advice = advise(case, office.desk.rulebook, office.desk.today())
    except CaseError:
        return None
    return OpenCase(case, advice, _said(conversation), advice.day, shows_private=False, assumed="so far")


def _said(conversation: Conversation) -> dict[str, Said]:
    given = {**conversation.answers, **conversation.workload, **conversation.assumptions}
    return {name: Said(each.value, mention(each.by), _when(each)) for name, each in given.items()}


def _when(given: Given) -> datetime | None:
    return datetime.fromtimestamp(int(Decimal(given.at)), UTC) if given.at else None


# -- what-ifs ------------------------------------------------------------------------------------------------------------


def _supposed(office: Office, teller: Teller, conversation: Conversation, opened: OpenCase, question: Question) -> bool:
    """A what-if, shown and kept until somebody adopts or drops it; one that goes on from another is kept with that one."""
    asker = office.asker()
    before = _gone_on_from(teller, conversation, question)
    if before is not None:
        opened, before = _on_top(office, conversation, opened, before)
    supposed = asker.what_if(question.text, opened)
    if supposed is None:
        return False
    branch, changes, answer = "", supposed.changes, supposed.answer
    if supposed.can_be_adopted:
        values = (changes.values("answers"), changes.values("workload"), changes.values("assumptions"))
        kept = (before.answers, before.workload, before.assumptions) if before else ({}, {}, {})
        suppose = Suppose(teller.where.user, question.at, None, *({**old, **new} for old, new in zip(kept, values, strict=True)))
        after = office.desk.act(conversation.workspace, conversation.id, f"{teller.cause}:supposed", suppose)
        branch = ids.action(after.id, after.round, question.at) if after.branch and after.branch.at == question.at else ""
    _say(office, teller, replace(answer, suggestions=()) if branch else answer, question, branch)
    return True


def _gone_on_from(teller: Teller, conversation: Conversation, question: Question) -> Branch | None:
    """The what-if that this one goes on from. On another run it may be kept already itself, so what it went on from is kept too."""
    job = teller.job
    assert job is not None
    if "before" not in job.saved:
        goes_on = conversation.branch is not None and question.text.lower().startswith(_GOES_ON)
        job.keep({**job.saved, "before": conversation.branch.as_json() if conversation.branch and goes_on else None})
    written = job.saved["before"]
    return Branch.from_json(written) if written else None


def _on_top(office: Office, conversation: Conversation, opened: OpenCase, before: Branch) -> tuple[OpenCase, Branch | None]:
    """The case with the what-if that was asked before; without it, where the case has changed since."""
    if before.rests_on != conversation.digest():
        return opened, None
    with office.desk.database.reading(conversation.workspace) as work:
        settings = work.settings()
    supposed = replace(conversation, branch=before).supposed(office.desk.rulebook)
    return replace(opened, case=office.desk.case(supposed, settings), advice=office.desk.advice(supposed, settings)), before


def _wished_in_words(office: Office, teller: Teller, conversation: Conversation, question: Question, kind: type[Adopt | Drop]) -> None:
    """On another run the what-if may be gone because the first one took it up."""
    first = teller.job is None or teller.job.tries == 1
    if conversation.branch is None and first:
        teller.tell(office.desk.words.talk("wish_without_branch"))
    else:
        _wished(office, teller, conversation.id, kind(teller.where.user, question.at))


def taken_up(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """The button under a what-if: it becomes the case, and a new verdict follows, or it is dropped."""
    head, _, supposed_at = click.value.rpartition(ids.SEPARATOR)
    conversation_id, round_ = conversation_and_round(head)
    kind = Adopt if click.part(0) == ids.ADOPT else Drop
    in_place(office, click, conversation_id)
    _wished(office, teller, conversation_id, kind(click.where.user, click.at, round_, timestamp(supposed_at)))


def _wished(office: Office, teller: Teller, conversation_id: str, act: Adopt | Drop) -> None:
    if isinstance(act, Adopt):
        flow.act(office, teller, conversation_id, act)
        return
    office.desk.act(teller.where.workspace, conversation_id, f"{teller.cause}:dropped", act)
    text = office.desk.words.talk("dropped", mention(act.by))
    teller.say(Message(text, (section(text),)))


# -- questions that were offered -----------------------------------------------------------------------------------------


def pressed(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """A question on a button: answered where it stands, and for the same eyes."""
    text = click.value[:_MOST_ASKED]
    if not text:
        raise Forged
    if not click.message:
        privately(office, teller, text)
        return
    question, where = Question(text, click.at, shown=False), teller.where
    with office.desk.database.reading(where.workspace) as work:
        conversation = work.conversation_in(where.channel or "", where.thread or "")
    if conversation is not None:
        check_may_act(conversation, where.user)
    if conversation is None or not on_the_case(office, teller, conversation, question):
        _say(office, teller, _known(office, text), question)
