"""Which messages a conversation consists of, each under the name of its slot, as they should read now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bot import ids
from bot.conversation import Conversation
from bot.reply import questions
from bot.reply.elements import Message
from bot.words import Words
from engine.case import Case
from engine.knowledge import Question

HEAD = "head"


@dataclass(frozen=True)
class Card:
    """One message. `once` ones are posted and then left as they are; `stub` may stand there for a moment, or twice, without harm."""

    slot: str
    build: Callable[[], Message]
    once: bool = False
    stub: str = ""


def verdict_slot(conversation: Conversation, number: int) -> str:
    return f"r{conversation.round}.v{number}"


def pressed_slot(round_: int, parts: Sequence[str]) -> str:
    """The slot of the message that has this button; empty where more than one has it."""
    if parts[0] in (ids.ANSWER, ids.NOT_SURE, ids.CHANGE, ids.OTHER) and len(parts) > 1:
        return f"r{round_}.{parts[1]}"
    return f"r{round_}.offer" if tuple(parts) in ((ids.TYPICAL,), (ids.NUMBERS,)) else ""


def cards(
    conversation: Conversation,
    posted: Collection[str],
    words: Words,
    headline: str,
    typical: Callable[[], Case],
    verdict: Callable[[int], Message],
) -> Iterator[Card]:
    """In the order in which they are posted. `headline` is of the newest verdict; `verdict` builds the one of a number."""
    if conversation.headed:
        yield Card(HEAD, lambda: questions.head(conversation, headline, words), stub=words.talk("head_stub"))
    yield from _of_earlier_rounds(conversation, posted, words)
    yield from _questions(conversation, posted, words)
    yield from _numbers(conversation, posted, words, typical)
    for number in range(1, len(conversation.advised) + 1):
        build = partial(verdict, number)
        yield Card(verdict_slot(conversation, number), build, once=True, stub=words.talk("verdict_stub"))
    stop = f"r{conversation.round}.stop"
    if conversation.cancelled_by:
        yield Card(stop, lambda: questions.cancelled(conversation, words))
    elif stop in posted:
        yield Card(stop, lambda: questions.taken_up(words))


def _questions(conversation: Conversation, posted: Collection[str], words: Words) -> Iterator[Card]:
    """Open, answered, or put off; one that nobody came to yet has no card."""
    now = conversation.open_question(words.rulebook)
    from_form = conversation.quick and conversation.round == 1
    if from_form:
        yield Card("r1.answers", lambda: questions.all_answers(conversation, words))
    for question in words.rulebook.questions:
        slot = f"r{conversation.round}.{question.id}"
        if question.id == now:
            yield Card(slot, _later(questions.open_question, conversation, question, words))
        elif question.id in conversation.answers and (slot in posted or not from_form):
            yield Card(slot, _later(questions.answered, conversation, question, words))
        elif slot in posted:
            yield Card(slot, _later(questions.put_off, conversation, question, words))


def _numbers(conversation: Conversation, posted: Collection[str], words: Words, typical: Callable[[], Case]) -> Iterator[Card]:
    slot = f"r{conversation.round}.offer"
    if conversation.numbers is not None:
        yield Card(slot, lambda: questions.numbers_chosen(conversation, words))
    elif conversation.open_question(words.rulebook) is None and not conversation.cancelled_by and not conversation.form:
        yield Card(slot, lambda: questions.offer(conversation, typical(), words))
    elif slot in posted:
        yield Card(slot, lambda: questions.offer_put_off(words))


def _of_earlier_rounds(conversation: Conversation, posted: Collection[str], words: Words) -> Iterator[Card]:
    """Their buttons are gone; verdicts stay as they are."""
    for number in range(1, conversation.round):
        for question in words.rulebook.questions:
            if f"r{number}.{question.id}" in posted:
                yield Card(f"r{number}.{question.id}", lambda question=question: questions.set_aside(question, words))  # type: ignore[misc]
        for name in ("answers", "offer", "stop"):
            if f"r{number}.{name}" in posted:
                yield Card(f"r{number}.{name}", lambda: questions.round_over(words))


def _later(
    build: Callable[[Conversation, Question, Words], Message], conversation: Conversation, question: Question, words: Words
) -> Callable[[], Message]:
    return lambda: build(conversation, question, words)
