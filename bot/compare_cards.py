"""Which messages the guided comparison of a conversation consists of, in the same thread, each under the name of its slot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from bot import ids
from bot.cards import Card
from bot.comparing import Comparing
from bot.conversation import Conversation
from bot.reply import compare, questions
from bot.reply.elements import Message
from bot.reply.questions import key_of
from bot.words import Words
from engine.dimensions import Asked, Dimensions

_HEAD = "c.head"
Result = Callable[[Comparing, int], Message]


def pressed_slot(round_: int, parts: Sequence[str]) -> str:
    """The slot of the message that has this button; empty where more than one has it."""
    if parts[1] in (ids.ANSWER, ids.NOT_SURE, ids.CHANGE) and len(parts) > 2:
        return _slot(round_, parts[2])
    return _slot(round_, "stop") if parts[1] == ids.RESUME else ""


def newest_slot(comparing: Comparing, dimensions: Dimensions) -> str:
    """Where the comparison stands: at the question that is open, or at the newest result."""
    asked = comparing.open_question(dimensions)
    name = "stop" if comparing.stopped_by else asked or f"result{len(comparing.shown)}"
    return _slot(comparing.round, name)


def compare_cards(
    conversation: Conversation, posted: Collection[str], words: Words, dimensions: Dimensions, result: Result
) -> Iterator[Card]:
    """In the order in which they are posted; none before the first verdict."""
    comparing = conversation.comparing
    if comparing is None or not (conversation.advised or _HEAD in posted):
        return
    yield Card(_HEAD, lambda: compare.head(comparing.began_by, conversation.private, words))
    yield from _of_earlier_rounds(comparing, posted, words, dimensions)
    yield from _questions(comparing, posted, words, dimensions, key_of(conversation, comparing.round))
    yield from _results(comparing, posted, words, result)
    stop = _slot(comparing.round, "stop")
    if comparing.stopped_by:
        yield Card(stop, lambda: compare.stopped(comparing, words, key_of(conversation, comparing.round)))
    elif stop in posted:
        yield Card(stop, lambda: questions.taken_up(words))


def _questions(comparing: Comparing, posted: Collection[str], words: Words, dimensions: Dimensions, key: str) -> Iterator[Card]:
    """Open, answered, or put off; one that nobody came to yet has no card."""
    now, settled = comparing.open_question(dimensions), comparing.settled(dimensions)
    for asked in dimensions.questions:
        slot = _slot(comparing.round, asked.id)
        if asked.id == now:
            yield Card(slot, partial(compare.open_question, comparing, asked, dimensions, words, key))
        elif asked.id in settled:
            yield Card(slot, partial(compare.answered, comparing, asked, dimensions, words, key))
        elif slot in posted:
            yield Card(slot, partial(compare.put_off, comparing, asked, dimensions, words))


def _results(comparing: Comparing, posted: Collection[str], words: Words, result: Result) -> Iterator[Card]:
    """The newest; of those before it, the ones that were begun."""
    for number in range(1, len(comparing.shown) + 1):
        slot = _slot(comparing.round, f"result{number}")
        if number == len(comparing.shown) or slot in posted:
            yield Card(slot, partial(result, comparing, number), once=True, stub=compare.result_stub(words))


def _of_earlier_rounds(comparing: Comparing, posted: Collection[str], words: Words, dimensions: Dimensions) -> Iterator[Card]:
    """Their buttons are gone; results stay as they are."""
    for number in range(1, comparing.round):
        for asked in dimensions.questions:
            if _slot(number, asked.id) in posted:
                yield Card(_slot(number, asked.id), partial(_set_aside, asked, dimensions, words))
        if _slot(number, "stop") in posted:
            yield Card(_slot(number, "stop"), lambda: questions.round_over(words))


def _set_aside(asked: Asked, dimensions: Dimensions, words: Words) -> Message:
    return compare.set_aside(asked, dimensions, words)


def _slot(round_: int, name: str) -> str:
    return f"c{round_}.{name}"
