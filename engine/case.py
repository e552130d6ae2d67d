"""One case: the five answers, the workload and the assumptions, checked against their ranges. Nothing is computed here.

`read_case` takes what a person or a program wrote and refuses it with the field, the value and the accepted range.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine import yamltree
from engine.catalogue import unknown_accelerator
from engine.conditions import one_case
from engine.errors import CaseError, Problems, did_you_mean, echo
from engine.knowledge import Assumption, FieldOfWork, Question
from engine.rulebook import Rulebook

Value = str | int | bool | Decimal | None
NO_TRAINING = "none"
NO_ACCELERATOR = "none"
SECTIONS = ("answers", "workload", "assumptions")
_MOST_DIGITS = 30
_MOST_BITS = 128
_MOST_UNKNOWN_KEYS = 50
_YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Case:
    """A complete, valid case. `given` names what was said; every other value is a default."""

    answers: Mapping[str, Value]
    workload: Mapping[str, Value]
    assumptions: Mapping[str, Decimal]
    given: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    @property
    def trains(self) -> bool:
        return self.answers["training"] != NO_TRAINING

    @property
    def serves(self) -> bool:
        return self.answers["inference_regions"] != 0

    def value(self, name: str) -> Value:
        for part in (self.answers, self.workload, self.assumptions):
            if name in part:
                return part[name]
        raise KeyError(name)


def read_case(text: str | bytes, name: str, rulebook: Rulebook, day: date) -> Case:
    """A case from YAML or JSON text. Raises CaseError with every problem and its line."""
    problems = Problems()
    tree = yamltree.read_tree(text, name, problems, strict=False)
    if tree is None:
        raise CaseError(problems.found)
    if not isinstance(tree, yamltree.Mapping):
        problems.add(name, tree.line, "", f"a case has the keys {', '.join(SECTIONS)}")
        raise CaseError(problems.found)
    reader = _Reader(rulebook, day, problems, name, tree)
    return reader.case(yamltree.typed(tree))


def make_case(
    rulebook: Rulebook,
    day: date,
    answers: Mapping[str, object],
    workload: Mapping[str, object] | None = None,
    assumptions: Mapping[str, object] | None = None,
    skipped: Iterable[str] = (),
) -> Case:
    """A case from plain values: words, numbers, booleans. Raises CaseError with every problem.

    `skipped` names the questions that were answered with 'not sure': their answers count as assumed.
    """
    written = {"answers": dict(answers), "workload": dict(workload or {}), "assumptions": dict(assumptions or {})}
    case = _Reader(rulebook, day, Problems(), "", None).case(written)
    return replace(case, skipped=frozenset(skipped))


def skipped_answer(question: Question) -> Value:
    """What 'not sure' computes as."""
    return int(question.if_skipped) if question.whole_number else question.if_skipped


def answers_of(question: Question) -> tuple[Value, ...]:
    """Every answer that a question takes."""
    if question.whole_number:
        return tuple(range(question.whole_number.min, question.whole_number.max + 1))
    return tuple(answer.id for answer in question.answers)


def computes_as(question: Question, answer: Value) -> Value:
    """The answer that stands in for this one in every rule; `unsure` computes as `no`."""
    for known in question.answers:
        if known.id == answer and known.computes_as:
            return known.computes_as
    return answer


def default_of(field: FieldOfWork, case: Case) -> Value:
    """The default of a field, which may depend on an answer or on another field."""
    default = field.default
    if isinstance(default, dict):
        default = default[str(case.value(default["by"]))]
    if default is None or isinstance(default, bool) or field.kind in ("choice", "accelerator"):
        return default
    return int(default) if field.kind == "whole" else Decimal(default)


def counting_fields(case: Case, rulebook: Rulebook) -> tuple[str, ...]:
    """The fields that have an effect on the case, in the order in which they are asked."""
    facts = one_case({**computed_answers(case, rulebook), **case.workload}, rulebook.vocabulary)
    asked = [f.id for f in rulebook.fields]
    return tuple(name for name in asked if rulebook.field_matters[name].holds(facts, 1)[0])


def assumed_fields(case: Case, rulebook: Rulebook, counting: Sequence[str] | None = None) -> tuple[str, ...]:
    """The answers that were skipped, and what the case left out and what nevertheless has an effect on it."""
    effective = counting_fields(case, rulebook) if counting is None else counting
    left_out = (name for name in effective if name not in case.given)
    return (*(q.id for q in rulebook.questions if q.id in case.skipped), *left_out)


def computed_answers(case: Case, rulebook: Rulebook) -> dict[str, Value]:
    """The answers as the rules see them."""
    return {q.id: computes_as(q, case.answers[q.id]) for q in rulebook.questions}


def parse_answer(question: Question, value: object) -> Value:
    """One answer, or ValueError with what is accepted."""
    if question.whole_number:
        span = question.whole_number
        number = _number(value)
        if number is None or number != int(number) or not span.min <= number <= span.max:
            raise ValueError(f"{_said(value)} is not accepted. Give a whole number from {span.min} to {span.max}.")
        return int(number)
    known = [answer.id for answer in question.answers]
    word = _YES_NO.get(value, value) if isinstance(value, bool) else value
    if word not in known:
        raise ValueError(f"{_said(value)} is not accepted. Give one of: {', '.join(known)}.")
    return str(word)


def parse_field(field: FieldOfWork, value: object, rulebook: Rulebook) -> Value:
    """One field of the workload, or ValueError with what is accepted."""
    if field.kind == "boolean":
        if value in ("yes", "no"):
            return value == "yes"
        if not isinstance(value, bool):
            raise ValueError(f"{_said(value)} is not accepted. Give true or false.")
        return value
    if field.kind == "choice":
        if value not in field.choices:
            raise ValueError(f"{_said(value)} is not accepted. Give one of: {', '.join(field.choices)}.")
        return str(value)
    if field.kind == "accelerator":
        return _accelerator(field, value, rulebook)
    number = parse_number(value, field.min, field.max, field.unit, whole=field.kind == "whole")
    return int(number) if field.kind == "whole" else number


def parse_number(value: object, least: Decimal | None, most: Decimal | None, unit: str, *, whole: bool) -> Decimal:
    """A finite number within its range, or ValueError with the range."""
    number = _number(value)
    low = Decimal(0) if least is None else least
    span = f"from {low:,f} to {most:,f}" if most is not None else f"of {low:,f} or more"
    kind = "a whole number" if whole else "a number"
    if number is None or (whole and number != int(number)) or number < low or (most is not None and number > most):
        if (
            number is None
            and not isinstance(value, bool)
            and (isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite()))
        ):
            kind = f"{kind} of at most {_MOST_DIGITS} digits"
        quoted = " without quotes" if isinstance(value, str) and yamltree.typed_word(value) != value else ""
        raise ValueError(f"{_said(value)} is not accepted. Give {' '.join([kind, span, unit]).strip()}{quoted}.")
    return number


def _number(value: object) -> Decimal | None:
    """An exact number; None for anything else, NaN and infinity too, and for one of more digits than any amount has."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
        return None
    return number if number else Decimal(0)  # a negative zero becomes plain


def _said(value: object) -> str:
    """A value as the person wrote it, quoted."""
    if value is None:
        return "an empty value"
    if isinstance(value, dict):
        return "a block of lines"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return echo(str(value).lower())
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number of more digits than are read"
    return echo(value)


def _accelerator(field: FieldOfWork, value: object, rulebook: Rulebook) -> Value:
    if field.optional and value in (NO_ACCELERATOR, None):
        return None
    named = rulebook.catalogue.family_name(value) if isinstance(value, str) else None
    if not isinstance(value, str):
        raise ValueError(f"{_said(value)} is not accepted. Give an accelerator such as {rulebook.catalogue.families[0]}.")
    if named is None:
        raise ValueError(unknown_accelerator(value, rulebook.catalogue.families))
    return named


class _Reader:
    """Checks one written case; problems carry the line where there is one."""

    def __init__(self, rulebook: Rulebook, day: date, problems: Problems, file: str, tree: yamltree.Mapping | None) -> None:
        self.rulebook = rulebook
        self.day = day
        self.problems = problems
        self.file = file
        self.tree = tree

    def case(self, written: Any) -> Case:
        self.unknown_keys("", written, SECTIONS)
        answers = self.answers(self.section(written, "answers"))
        workload = self.workload(self.section(written, "workload"))
        assumptions = self.assumptions(self.section(written, "assumptions"))
        if not self.problems and answers["training"] == NO_TRAINING and answers["inference_regions"] == 0:
            text = "training is `none` and inference_regions is `0`: there is nothing to place. Give one of them."
            self.problem(("answers",), "answers", text)
        if self.problems:
            raise CaseError(self.problems.found)
        given = frozenset(workload) | set(self.section(written, "assumptions"))
        case = Case(answers, workload, assumptions, given)
        for field in self.rulebook.fields:  # in order: a default may depend on the fields before it
            if field.id not in workload:
                case = replace(case, workload={**case.workload, field.id: default_of(field, case)})
        return case

    def section(self, written: Any, name: str) -> dict[str, Any]:
        section = written.get(name, {}) if isinstance(written, dict) else {}
        if isinstance(section, dict):
            return section
        self.problem((name,), name, f"{_said(section)} is not accepted. Give `field: value` lines.")
        return {}

    def answers(self, written: dict[str, Any]) -> dict[str, Value]:
        self.unknown_keys("answers", written, list(self.rulebook.question))
        answers: dict[str, Value] = {}
        for question in self.rulebook.questions:
            if question.id not in written:
                takes = ", ".join(str(a) for a in answers_of(question)[:4])
                takes = f"{takes}, ... {question.whole_number.max}" if question.whole_number else takes
                self.problem(("answers",), question.id, f"missing. Give one of: {takes}.")
                continue
            try:
                answers[question.id] = parse_answer(question, written[question.id])
            except ValueError as error:
                self.problem(("answers", question.id), question.id, str(error))
        return answers

    def workload(self, written: dict[str, Any]) -> dict[str, Value]:
        self.unknown_keys("workload", written, list(self.rulebook.field))
        given: dict[str, Value] = {}
        for name, value in written.items():
            if name not in self.rulebook.field:
                continue
            try:
                given[name] = parse_field(self.rulebook.field[name], value, self.rulebook)
            except ValueError as error:
                self.problem(("workload", name), name, str(error))
        return given

    def assumptions(self, written: dict[str, Any]) -> dict[str, Decimal]:
        known = {a.id: a for a in self.rulebook.case_assumptions}
        self.unknown_keys("assumptions", written, list(known))
        values = {name: self.rulebook.assumed(name, self.day).usd for name in known}
        for name, value in written.items():
            if name not in known:
                continue
            try:
                values[name] = parse_assumption(known[name], value)
            except ValueError as error:
                self.problem(("assumptions", name), name, str(error))
        return values

    def unknown_keys(self, section: str, written: Any, known: Sequence[str]) -> None:
        unknown = [key for key in written if key not in known] if isinstance(written, dict) else []
        for key in unknown[:_MOST_UNKNOWN_KEYS]:
            path = (section, key) if section else (key,)
            self.problem(path, str(key), f"unknown. {did_you_mean(str(key), known)}")
        if len(unknown) > _MOST_UNKNOWN_KEYS:
            self.problem((section,), section, f"{len(unknown) - _MOST_UNKNOWN_KEYS} more keys are unknown")

    def problem(self, path: tuple[str, ...], field: str, text: str) -> None:
        line = yamltree.line_of(self.tree, path) if self.tree else 0
        self.problems.add(self.file, line, field, text)


def parse_assumption(assumption: Assumption, value: object) -> Decimal:
    """An assumption that a case sets, or ValueError with its range."""
    return parse_number(value, assumption.min, assumption.max, assumption.unit, whole=False)
