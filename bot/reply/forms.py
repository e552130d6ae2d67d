"""The forms: built with what is in use, read back as what was changed. Each pair shares a stem.

A form is read against the initial values that come back with it, so that it says only what the person changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot import ids
from bot.conversation import Conversation
from bot.reply.elements import Block, context, input_block, modal, option, section, select, text_input
from bot.said import said_number
from bot.words import Words, capitalize_first, number
from engine.case import (
    NO_ACCELERATOR,
    Case,
    Value,
    answers_of,
    computes_as,
    parse_answer,
    parse_assumption,
    parse_field,
    skipped_answer,
)
from engine.knowledge import Assumption, FieldOfWork, Question
from engine.rulebook import Rulebook

NOT_SURE = "not_sure"
_TYPED_NOT_SURE = re.compile(r"\s*not[ _]sure\W*", re.IGNORECASE)
_MOST_TYPED = 40
_YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Filled:
    """What a form says. `errors` are by block, in words for the person; where there are any, nothing else counts."""

    answers: dict[str, Value] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    workload: dict[str, Value] = field(default_factory=dict)
    assumptions: dict[str, Value] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    errors: dict[str, str] = field(default_factory=dict)


# -- the numbers -------------------------------------------------------------------------------------------------------


def build_numbers(conversation: Conversation, case: Case, user: str, words: Words, metadata: str) -> Block:
    """Every field with the value in use; private figures only for the person who gave them."""
    intro = context("Filled in with what is in use now. Clear a field and it goes back to its typical value.")
    blocks = [intro, *(_work_field(each, conversation, case, user, words) for each in words.rulebook.fields)]
    blocks += [_assumption_field(each, conversation, case, words) for each in words.rulebook.case_assumptions]
    return modal(ids.FORM_NUMBERS, "Your numbers", blocks, submit="Advise", close="Cancel", metadata=metadata)


def read_numbers(view: Mapping[str, Any], rulebook: Rulebook) -> Filled:
    filled = Filled()
    cleared: set[str] = set()
    for name, after in _changes(view):
        if name in rulebook.field:
            _read_field(filled, rulebook.field[name], after, rulebook, cleared)
        elif name in {a.id for a in rulebook.case_assumptions}:
            _read_assumption(filled, rulebook.assumptions[name], after, cleared)
    return Filled(filled.answers, filled.skipped, filled.workload, filled.assumptions, frozenset(cleared), filled.errors)


# -- everything at once ------------------------------------------------------------------------------------------------


def build_quick(words: Words, metadata: str) -> Block:
    """The five answers and every field of the workload; what is left empty is typical."""
    rulebook = words.rulebook
    questions = [_question_field(at, question, words) for at, question in enumerate(rulebook.questions, 1)]
    intro = section("*The workload.* What you leave empty takes its typical value and is listed as assumed.")
    work = [_empty_field(each, words) for each in rulebook.fields]
    own = [_empty_assumption(each) for each in rulebook.case_assumptions]
    return modal(
        ids.FORM_QUICK, "Cloud advice, quick", [*questions, intro, *work, *own], submit="Advise", close="Cancel", metadata=metadata
    )


def read_quick(view: Mapping[str, Any], rulebook: Rulebook) -> Filled:
    numbers = read_numbers(view, rulebook)
    state = dict(_state(view))
    answers: dict[str, Value] = {}
    skipped = set()
    for question in rulebook.questions:
        said = state.get(question.id) or ""
        said = NOT_SURE if _TYPED_NOT_SURE.fullmatch(said) else said
        try:
            answers[question.id] = _read_question(question, said)
        except ValueError as error:
            numbers.errors[question.id] = str(error)
        if said == NOT_SURE:
            skipped.add(question.id)
    return Filled(answers, frozenset(skipped), numbers.workload, numbers.assumptions, numbers.cleared, numbers.errors)


# -- one typed answer --------------------------------------------------------------------------------------------------


def read_other(view: Mapping[str, Any], rulebook: Rulebook) -> Filled:
    """The number behind 'Other…'."""
    filled = Filled()
    for name, said in _state(view):
        if name in rulebook.question:
            try:
                filled.answers[name] = _read_question(rulebook.question[name], said or "")
            except ValueError as error:
                filled.errors[name] = str(error)
    return filled


def _read_question(question: Question, said: str) -> Value:
    if said == NOT_SURE:
        return skipped_answer(question)
    return parse_answer(question, said_number(said) if question.whole_number else said)


# -- fields ------------------------------------------------------------------------------------------------------------


def _work_field(each: FieldOfWork, conversation: Conversation, case: Case, user: str, words: Words) -> Block:
    given = conversation.workload.get(each.id)
    mark = "Yours" if given else "Set for this workspace" if each.id in case.given else "Assumed"
    value: Value = case.value(each.id)
    if each.private and each.id in case.given and (given is None or given.by != user):
        value, mark = None, "Private: set, and not shown to others. Left empty it stays as it is"
    return input_block(
        each.id,
        _label(each.name, each.unit, counts=each.kind == "whole"),
        _element(each, value, words),
        hint=_hint(each, mark),
        optional=True,
    )


def _empty_field(each: FieldOfWork, words: Words) -> Block:
    mark = "Private: used, never shown where others read" if each.private else ""
    element = _element(each, None, words, placeholder=_typical(each, words))
    return input_block(each.id, _label(each.name, each.unit, counts=each.kind == "whole"), element, hint=_hint(each, mark), optional=True)


def _assumption_field(each: Assumption, conversation: Conversation, case: Case, words: Words) -> Block:
    mark = "Yours" if each.id in conversation.assumptions else "Set for this workspace" if each.id in case.given else "Assumed"
    element = text_input(each.id, _typed(case.value(each.id)), most=_MOST_TYPED)
    return input_block(each.id, _label(each.name, each.unit), element, hint=f"{mark}. {_sentence(each.help)}", optional=True)


def _empty_assumption(each: Assumption) -> Block:
    latest = each.values[max(each.values)].value
    element = text_input(each.id, placeholder=f"typical: {number(latest)}", most=_MOST_TYPED)
    return input_block(each.id, _label(each.name, each.unit), element, hint=_sentence(each.help), optional=True)


def _question_field(at: int, question: Question, words: Words) -> Block:
    label = f"{at}. {question.ask}"
    if question.whole_number:
        span = question.whole_number
        placeholder = f"{span.min} to {span.max}, or: not sure"
        return input_block(question.id, label, text_input(question.id, placeholder=placeholder, most=20), hint=question.help.strip())
    known = [a for a in answers_of(question) if computes_as(question, a) == a]
    options = [*(option(words.answer(a, question.id), str(a)) for a in known), option("Not sure", NOT_SURE)]
    return input_block(question.id, label, select(question.id, "Choose one", options), hint=question.help.strip())


def _element(each: FieldOfWork, value: Value, words: Words, placeholder: str = "") -> Block:
    if each.kind == "boolean":
        options = [option(word, word) for word in _YES_NO.values()]
        return select(each.id, placeholder or "Choose one", options, _YES_NO[value] if isinstance(value, bool) else None)
    if each.kind == "choice":
        return select(each.id, placeholder or "Choose one", [option(c, c) for c in each.choices], None if value is None else str(value))
    if each.kind == "accelerator":
        return _accelerators(each, value, words, placeholder)
    return text_input(each.id, "" if value is None else _typed(value), placeholder, most=_MOST_TYPED)


def _accelerators(each: FieldOfWork, value: Value, words: Words, placeholder: str) -> Block:
    """Every card of the catalogue; one that only a family's name stands for is put first."""
    known = list(words.rulebook.catalogue.families)
    if value is not None and value not in known:
        known.insert(0, str(value))
    options = [option("none", NO_ACCELERATOR)] if each.optional else []
    options += [option(name, name) for name in known[: 100 - len(options)]]
    chosen = NO_ACCELERATOR if value is None and each.optional and not placeholder else value
    return select(each.id, placeholder or "Choose one", options, None if chosen is None else str(chosen))


def _label(name: str, unit: str, *, counts: bool = False) -> str:
    """Name and unit, no word of them twice: Storage, GB; Training hours a month; GPUs."""
    first, _, rest = unit.partition(" ")
    if not unit or counts:
        return capitalize_first(name)
    return capitalize_first(f"{name} {rest}" if name.endswith(first) else f"{name}, {unit}")


def _hint(each: FieldOfWork, mark: str) -> str:
    low, high = each.min, each.max
    span = f"From {low:,f} to {high:,f}." if low is not None and high is not None else ""
    return " ".join(part for part in (f"{mark}." if mark else "", _sentence(each.help), span) if part)


def _sentence(text: str) -> str:
    """With a large letter and a full stop; an id such as us-east stays as it is."""
    said = text.strip().rstrip(".")
    return f"{said if '-' in said.partition(' ')[0] else capitalize_first(said)}." if said else ""


def _typical(each: FieldOfWork, words: Words) -> str:
    default = each.default
    if isinstance(default, dict):
        by = default["by"]
        parts = (f"{value} ({words.answer(key, by)})" for key, value in default.items() if key != "by")
        return f"typical: {', '.join(parts)}"
    if isinstance(default, bool):
        return f"typical: {_YES_NO[default]}"
    return f"typical: {NO_ACCELERATOR if default is None else number(said_number(default))}"


def _typed(value: Value) -> str:
    """A value as a person would type it."""
    return number(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)


def _read_field(filled: Filled, each: FieldOfWork, said: str, rulebook: Rulebook, cleared: set[str]) -> None:
    if not said:
        cleared.add(each.id)
        return
    try:
        written = said_number(said.strip().removesuffix("%")) if each.kind in ("whole", "number") else said.strip()
        filled.workload[each.id] = parse_field(each, written, rulebook)
    except ValueError as error:
        filled.errors[each.id] = str(error)


def _read_assumption(filled: Filled, each: Assumption, said: str, cleared: set[str]) -> None:
    if not said:
        cleared.add(each.id)
        return
    try:
        filled.assumptions[each.id] = parse_assumption(each, said_number(said.strip().removeprefix("$").removesuffix("%")))
    except ValueError as error:
        filled.errors[each.id] = str(error)


# -- what Slack sends back ---------------------------------------------------------------------------------------------


def _state(view: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each block of the form with what it holds now; an empty one with an empty text."""
    for block_id, elements in view["state"]["values"].items():
        for element in elements.values():
            chosen = element.get("selected_option")
            yield block_id, (chosen["value"] if chosen else element.get("value")) or ""


def _changes(view: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The blocks whose value is another than the one with which the form opened."""
    opened = {}
    for block in view["blocks"]:
        element = block.get("element", {})
        initial = element.get("initial_option")
        opened[block.get("block_id")] = initial["value"] if initial else element.get("initial_value", "")
    for name, after in _state(view):
        if after.strip() != opened.get(name, ""):
            yield name, after.strip()
