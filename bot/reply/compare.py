"""The guided comparison as messages: a question with its buttons, an answered one in a line, and the result."""

from __future__ import annotations

from bot import ids
from bot.comparing import Comparing
from bot.conversation import Given
from bot.qa.guided import ComparisonView, FitView, sentence
from bot.reply.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    italic,
    mention,
    option,
    section,
    sections,
    short,
    within_limits,
)
from bot.words import Words, capitalize_first
from engine.dimensions import Asked, Dimensions

_NOTIFIED = 300
_SOURCES = 1_900  # characters of the small type under a dimension


def head(by: str, private: bool, words: Words) -> Message:
    """What opens the comparison where no conversation did."""
    platforms = [provider.managed_service for provider in words.rulebook.providers]
    text = sentence(words, "head", mention(by), private, platforms)
    return Message(_unmarked(text), (section(text),))


def open_question(comparing: Comparing, asked: Asked, dimensions: Dimensions, words: Words, key: str) -> Message:
    """One question with its buttons. `key` is what each carries: the conversation, and the round of the comparison."""
    at, count = _place(asked, dimensions)
    title = escape(dimensions.dimension_of(asked.id).title)
    again = asked.id in comparing.answers
    ask = escape(asked.ask)
    text = sentence(words, "question_again", at, title, ask) if again else sentence(words, "question", at, count, title, ask)
    choices = [button(choice.name, _action(ids.ANSWER, asked.id, choice.id), key) for choice in asked.answers]
    name = f"{comparing.round}-{asked.id}"
    blocks = (
        section(text, block_id=f"compare-ask-{name}", accessory=_menu(asked, key, first=at == 1)),
        actions(f"compare-choose-{name}", *choices, button("Not sure", _action(ids.NOT_SURE, asked.id), key)),
        context(italic(asked.why_asked)),
    )
    return Message(_unmarked(text), blocks)


def answered(comparing: Comparing, asked: Asked, dimensions: Dimensions, words: Words, key: str) -> Message:
    """One line: what was answered and by whom, with a button to change it."""
    text = _answer_line(comparing.answers[asked.id], asked, dimensions, words)
    change = button("Change", _action(ids.CHANGE, asked.id), key, says=f"Change the answer to {asked.name}")
    accessory = None if comparing.stopped_by else change
    return Message(_unmarked(text), (section(text, block_id=f"compare-said-{comparing.round}-{asked.id}", accessory=accessory),))


def put_off(comparing: Comparing, asked: Asked, dimensions: Dimensions, words: Words) -> Message:
    """A question that was asked and has to wait, or was stopped."""
    at, _ = _place(asked, dimensions)
    return _line(words.talk("put_off", at, asked.name, bool(comparing.stopped_by)))


def set_aside(asked: Asked, dimensions: Dimensions, words: Words) -> Message:
    """A question of an earlier round, without buttons."""
    return _line(words.talk("set_aside", _place(asked, dimensions)[0], asked.name))


def stopped(comparing: Comparing, words: Words, key: str) -> Message:
    text = sentence(words, "stopped", mention(comparing.stopped_by))
    go_on = button("Go on", _action(ids.RESUME), key, style="primary")
    again = button("Start over", _action(ids.RESTART), key)
    return Message(_unmarked(text), (section(text), actions(f"compare-stopped-{comparing.round}", go_on, again)))


def help_on(asked: Asked, dimensions: Dimensions) -> Message:
    """What the answers of a question mean."""
    text = f"*{_place(asked, dimensions)[0]}. {capitalize_first(escape(asked.name))}.* {escape(asked.help)}"
    return Message(_unmarked(text), (section(text),))


def result(view: ComparisonView, key: str) -> Message:
    """The verdict, where fit agrees with it and where not, then each dimension with its reasons and sources."""
    first, *more = (escape(line) for line in view.overall)
    verdict = [section(f"*{escape(view.verdict)}* {escape(view.reason)}")] if view.verdict else []
    blocks = [*verdict, *sections([f"*{first}*", *more]), *(block for fit in view.dimensions for block in _dimension(fit))]
    again = actions(f"compare-more-{key}", button("Answer again", _action(ids.RESTART), key))
    last = (context(escape(" ".join(view.notes))), again)
    text = f"{view.verdict} {view.overall[0]}".strip()
    return Message(short(text, _NOTIFIED), within_limits(blocks, last))


def result_stub(words: Words) -> str:
    return sentence(words, "result_stub")


def outdated(words: Words) -> Message:
    """In the place of a result that was overtaken before it was posted."""
    return _line(sentence(words, "outdated"))


def _dimension(fit: FitView) -> list[Block]:
    head = f"*{escape(fit.title)}: {escape(fit.fit)}.* {escape(fit.differ)}"
    sources = short(f"Sources: {'; '.join(fit.sources)}", _SOURCES)
    return [*sections([head, *(f"• {escape(line)}" for line in fit.lines)]), context(escape(sources))]


def _answer_line(given: Given, asked: Asked, dimensions: Dimensions, words: Words) -> str:
    at, by = _place(asked, dimensions)[0], mention(given.by)
    if given.skipped:
        return sentence(words, "answered_unsure", at, escape(asked.name), by)
    return sentence(words, "answered", at, escape(asked.name), escape(asked.answer(str(given.value)).name), by)


def _menu(asked: Asked, key: str, *, first: bool) -> Block:
    """What else one may do at a question, out of the way."""
    options = [option("What does this mean?", ids.action(ids.HELP, asked.id))]
    options += [] if first else [option("Back one question", ids.action(ids.BACK, key))]
    options += [option("Start over", ids.action(ids.RESTART, key)), option("Stop", ids.action(ids.CANCEL, key))]
    return {"type": "overflow", "action_id": _action(ids.MENU), "options": options}


def _place(asked: Asked, dimensions: Dimensions) -> tuple[int, int]:
    order = [question.id for question in dimensions.questions]
    return order.index(asked.id) + 1, len(order)


def _action(*parts: str) -> str:
    return ids.action(ids.COMPARE, *parts)


def _line(text: str) -> Message:
    return Message(_unmarked(text), (context(text),))


def _unmarked(text: str) -> str:
    """The text for notifications: without the marks of bold."""
    return text.replace("*", "")
