"""The cards of a conversation: the first message, each question open or answered, and the choice of numbers."""

from __future__ import annotations

from bot import ids
from bot.conversation import Conversation, Given
from bot.reply.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    input_block,
    italic,
    mention,
    modal,
    option,
    plain_text,
    section,
    text_input,
)
from bot.words import Words, capitalize_first
from engine.case import Case, Value, answers_of, computes_as
from engine.knowledge import Question

_FIRST_NUMBERS = 5


def key_of(conversation: Conversation, round_: int | None = None) -> str:
    """What a button carries: which conversation, and which round of it, or of its comparison."""
    return ids.action(conversation.id, round_ or conversation.round)


def head(conversation: Conversation, headline: str, words: Words) -> Message:
    """The first message of a thread; later it says how the questions ended."""
    by, private = mention(conversation.owner), conversation.private
    if conversation.cancelled_by:
        text = words.talk("head_cancelled", mention(conversation.cancelled_by))
    elif headline:
        text = words.talk("head_advised", by, private, headline)
    else:
        text = words.talk("head_quick" if conversation.quick else "head", by, private)
    return Message(_unmarked(text), (section(text, block_id="head"),))


def open_question(conversation: Conversation, question: Question, words: Words) -> Message:
    """One question with its buttons, in the order of how common the answers are."""
    at, count = _place(question, words)
    again = question.id in conversation.answers
    ask = words.talk("question_again", at, question.ask) if again else words.talk("question", at, count, question.ask)
    if again and conversation.nothing_to_place:
        ask = words.talk("nothing_to_place")
    key = f"{conversation.round}-{question.id}"
    choices = [*_choices(question, conversation, words)]
    blocks = (
        section(ask, block_id=f"ask-{key}", accessory=_menu(conversation, question, first=at == 1)),
        actions(f"choose-{key}", *choices),
        context(italic(question.why_asked.strip())),
    )
    return Message(_unmarked(ask), blocks)


def answer_buttons(conversation: Conversation, question: Question, words: Words, text: str, first: tuple[Value, ...] = ()) -> Message:
    """The same buttons under other words, for an answer that was not understood; `first` are the likely ones."""
    choices = [*_choices(question, conversation, words, first)]
    return Message(_unmarked(text), (section(text), actions(f"again-{conversation.round}-{question.id}", *choices)))


def answered(conversation: Conversation, question: Question, words: Words) -> Message:
    """One line: what was answered and by whom, with a button to change it."""
    given = conversation.answers[question.id]
    text = _answer_line(question, given, words)
    change = button("Change", ids.action(ids.CHANGE, question.id), key_of(conversation), says=f"Change the answer to {question.name}")
    accessory = None if conversation.cancelled_by else change
    return Message(_unmarked(text), (section(text, block_id=f"said-{conversation.round}-{question.id}", accessory=accessory),))


def all_answers(conversation: Conversation, words: Words) -> Message:
    """The answers of a form in one message, each with a button to change it."""
    given = [question for question in words.rulebook.questions if question.id in conversation.answers]
    blocks = tuple(block for question in given for block in answered(conversation, question, words).blocks)
    return Message("Your answers", blocks)


def set_aside(question: Question, words: Words) -> Message:
    """A question of an earlier round, without buttons."""
    return _line(words.talk("set_aside", _place(question, words)[0], question.name))


def put_off(conversation: Conversation, question: Question, words: Words) -> Message:
    """A question that was asked and has to wait, or was stopped."""
    return _line(words.talk("put_off", _place(question, words)[0], question.name, bool(conversation.cancelled_by)))


def offer_put_off(words: Words) -> Message:
    return _line(words.talk("offer_put_off"))


def round_over(words: Words) -> Message:
    return _line(words.talk("round_over"))


def taken_up(words: Words) -> Message:
    return _line(words.talk("taken_up"))


def _line(text: str) -> Message:
    """One line without a button."""
    return Message(_unmarked(text), (context(text),))


def offer(conversation: Conversation, case: Case, words: Words) -> Message:
    """After the fifth answer: typical numbers, or your own."""
    typical = " ".join(words.talk("typical_workload", case, case.serves, case.trains).split())
    text = words.talk("offer", typical)
    value = key_of(conversation)
    buttons = actions(
        f"offer-{conversation.round}",
        button("Use a typical workload", ids.TYPICAL, value, style="primary"),
        button("Enter my numbers", ids.NUMBERS, value),
    )
    return Message(_unmarked(text), (section(text), buttons))


def numbers_chosen(conversation: Conversation, words: Words) -> Message:
    """One line: whose numbers the verdict rests on."""
    assert conversation.numbers is not None
    by = mention(conversation.numbers.by)
    own = {**conversation.workload, **conversation.assumptions}
    pairs = [(name, "(private)" if words.hides(name) else _number(given.value, name, words)) for name, given in own.items()]
    text = words.talk("numbers_own", pairs, by) if pairs else words.talk("numbers_typical", by)
    change = button("Change", ids.NUMBERS, key_of(conversation), says="Change the numbers")
    accessory = None if conversation.cancelled_by else change
    return Message(_unmarked(text), (section(text, block_id=f"numbers-{conversation.round}", accessory=accessory),))


def _number(value: Value, name: str, words: Words) -> str:
    return words.value(value, name, unit=not words.counts(name))


def cancelled(conversation: Conversation, words: Words) -> Message:
    text = words.talk("cancelled", mention(conversation.cancelled_by))
    value = key_of(conversation)
    buttons = actions(
        f"stopped-{conversation.round}", button("Go on", ids.RESUME, value, style="primary"), button("Start over", ids.RESTART, value)
    )
    return Message(_unmarked(text), (section(text), buttons))


def _choices(question: Question, conversation: Conversation, words: Words, first: tuple[Value, ...] = ()) -> list[Block]:
    """Buttons of the answers, then 'Other…' for a number, then 'Not sure'. Answers that compute as another are what 'Not sure' means."""
    value = key_of(conversation)
    common = _common(question)
    ordered = [*first, *(answer for answer in common if answer not in first)]
    buttons = [button(_label(question, a, words), ids.action(ids.ANSWER, question.id, a), value) for a in ordered]
    if question.whole_number:
        buttons.append(button("Other…", ids.action(ids.OTHER, question.id), value, says=f"Type another number of {question.name}"))
    return [*buttons, button("Not sure", ids.action(ids.NOT_SURE, question.id), value)]


def _common(question: Question) -> tuple[Value, ...]:
    if question.whole_number:
        least = max(question.whole_number.min, 1)
        return (*range(least, least + _FIRST_NUMBERS), question.whole_number.min)
    return tuple(a for a in answers_of(question) if computes_as(question, a) == a)


def _label(question: Question, answer: Value, words: Words) -> str:
    return "None" if question.whole_number and answer == 0 else words.answer(answer, question.id)


def _menu(conversation: Conversation, question: Question, *, first: bool) -> Block:
    """What else one may do at a question, out of the way."""
    options = [option("What does this mean?", ids.action(ids.HELP, question.id))]
    options += [] if first else [option("Back one question", ids.action(ids.BACK, key_of(conversation)))]
    options += [
        option("Start over", ids.action(ids.RESTART, key_of(conversation))),
        option("Stop", ids.action(ids.CANCEL, key_of(conversation))),
    ]
    return {"type": "overflow", "action_id": ids.MENU, "options": options}


def help_on(question: Question, words: Words) -> Message:
    """What the answers of a question mean."""
    at, _ = _place(question, words)
    text = f"*{at}. {capitalize_first(question.name)}.* {question.help.strip()}"
    return Message(_unmarked(text), (section(text),))


def _answer_line(question: Question, given: Given, words: Words) -> str:
    at, by = _place(question, words)[0], mention(given.by)
    if given.skipped:
        computed = words.answer(computes_as(question, given.value), question.id)
        return words.talk("answered_unsure", at, question.name, computed, question.if_skipped_because.strip(), by)
    return words.talk("answered", at, question.name, words.answer(given.value, question.id), by)


def _place(question: Question, words: Words) -> tuple[int, int]:
    questions = words.rulebook.questions
    return questions.index(question) + 1, len(questions)


def _unmarked(text: str) -> str:
    """The text for notifications: without the marks of bold and italics."""
    return text.replace("*", "").replace("_", "")


def other_number(conversation: Conversation, question: Question, metadata: str) -> Block:
    """The form behind 'Other…'."""
    span = question.whole_number
    assert span is not None
    hint = f"A whole number from {span.min} to {span.max}. {question.help.strip()}"
    field = input_block(question.id, question.ask, text_input(question.id, placeholder=f"{span.min} to {span.max}", most=10), hint=hint)
    title = plain_text(capitalize_first(question.name), 24)["text"]
    return modal(ids.FORM_OTHER, title, [field], submit="Answer", close="Cancel", metadata=metadata)
