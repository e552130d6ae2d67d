"""Lines such as `training: sporadic` or `inference_regions: {over: 3}`: compiled once, tested on many cases at once.

A line tests one fact. Facts are columns, one entry a case: words as small integers, numbers as numbers, flags as
booleans, sets as a boolean row per member. A fact that a case does not have makes its lines false.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import did_you_mean, echo
from engine.exact import exact

Mask = NDArray[np.bool_]
Facts = Mapping[str, NDArray[Any]]
Kind = Literal["word", "number", "flag", "set"]


@dataclass(frozen=True)
class FactKind:
    """What a fact may be: one of some words, a number, a flag, or a set of some words."""

    kind: Kind
    words: tuple[str, ...] = ()

    def code(self, word: str) -> int:
        return self.words.index(word)


Vocabulary = Mapping[str, FactKind]


class ConditionError(ValueError):
    """A line that names no known fact, or a value that the fact cannot have."""


@dataclass(frozen=True)
class Line:
    """One line: the fact, and what it must be. `wanted` holds codes, numbers or a flag; `over` a strict lower bound."""

    fact: str
    kind: Kind
    wanted: frozenset[int | Decimal] = frozenset()
    over: Decimal | None = None
    written: str = ""

    def holds(self, facts: Facts, cases: int) -> Mask:
        """Which of the cases the line holds for."""
        column = facts.get(self.fact)
        if column is None:
            return np.zeros(cases, dtype=bool)
        if self.kind == "set":
            members = [int(code) for code in sorted(self.wanted)]
            return np.asarray(np.logical_or.reduce(column[members], axis=0, dtype=bool))
        if self.over is not None:
            return np.asarray(column > _number_like(column, self.over), dtype=bool)
        hits = [column == _number_like(column, value) for value in self.wanted]
        return np.asarray(hits[0] if len(hits) == 1 else np.logical_or.reduce(hits), dtype=bool)

    def allows(self, value: Any) -> bool:
        """The same test on one plain value: a code, a number or a flag."""
        return value > self.over if self.over is not None else value in self.wanted


def _number_like(column: NDArray[Any], value: int | Decimal) -> Any:
    """The value in the arithmetic of the column: exact with exact, float with float."""
    if not isinstance(value, Decimal):
        return value
    return exact(value) if column.dtype == object else float(value)


def compile_line(fact: str, test: object, vocabulary: Vocabulary, later: Collection[str] = ()) -> Line:
    """A written line against the known facts; ConditionError says what is wrong with it. `later` facts are not known yet."""
    if fact not in vocabulary:
        why = "is computed after this step" if fact in later else "is no fact"
        raise ConditionError(f"{echo(fact)} {why}. {did_you_mean(fact, list(vocabulary), 'Known here')}")
    known = vocabulary[fact]
    if isinstance(test, dict):
        return _compile_over(fact, test, known)
    values = test if isinstance(test, list) else [test]
    if not values and known.kind != "set":
        raise ConditionError(f"an empty list for {echo(fact)} can never hold")
    written = f"{fact}: {', '.join('true' if v is True else 'false' if v is False else str(v) for v in values)}"
    return Line(fact, known.kind, frozenset(_value(fact, value, known) for value in values), None, written)


def _compile_over(fact: str, test: dict[Any, Any], known: FactKind) -> Line:
    if set(test) != {"over"} or known.kind != "number":
        raise ConditionError(f"{echo(fact)}: the only test with a key is `over:` with a number, on a number")
    bound = _value(fact, test["over"], known)
    return Line(fact, "number", frozenset(), Decimal(bound), f"{fact}: over {bound}")


def _value(fact: str, value: object, known: FactKind) -> int | Decimal:
    if known.kind == "flag":
        if not isinstance(value, bool):
            raise ConditionError(f"{echo(fact)} is true or false, not {echo(value)}")
        return int(value)
    if isinstance(value, bool) or not isinstance(value, str):
        raise ConditionError(f"{echo(fact)} cannot be {echo(value)}")
    if known.kind == "number":
        return _finite(fact, value)
    if value not in known.words:
        raise ConditionError(f"{echo(fact)} cannot be {echo(value)}. {did_you_mean(value, known.words)}")
    return known.code(value)


def _finite(fact: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ConditionError(f"{echo(fact)} is a number, not {echo(value)}") from None
    if not number.is_finite():
        raise ConditionError(f"{echo(fact)} is a finite number, not {echo(value)}")
    return number


@dataclass(frozen=True)
class Condition:
    """Every `when` line must hold, and no `unless` line may."""

    when: tuple[Line, ...] = ()
    unless: tuple[Line, ...] = ()

    def holds(self, facts: Facts, cases: int) -> Mask:
        masks = [line.holds(facts, cases) for line in self.when] + [~line.holds(facts, cases) for line in self.unless]
        if not masks:
            return np.ones(cases, dtype=bool)
        return masks[0] if len(masks) == 1 else np.asarray(np.logical_and.reduce(masks))

    def failed(self, facts: Facts, case: int, cases: int) -> tuple[str, ...]:
        """The lines that keep the condition from holding in one case, as written."""
        missed = [f"when {line.written}" for line in self.when if not line.holds(facts, cases)[case]]
        hit = [f"unless {line.written}" for line in self.unless if line.holds(facts, cases)[case]]
        return (*missed, *hit)


def one_case(values: Mapping[str, object], vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
    """Plain values as columns of length one; what the vocabulary does not know is left out."""
    facts: dict[str, NDArray[Any]] = {}
    for name, value in values.items():
        known = vocabulary.get(name)
        if known is None:
            continue
        if known.kind == "set":
            members = value if isinstance(value, list) else [value]
            facts[name] = np.array([[word in members] for word in known.words])
        elif known.kind == "word":
            facts[name] = np.array([known.code(str(value)) if value in known.words else -1])
        elif known.kind == "flag":
            facts[name] = np.array([bool(value)])
        else:
            facts[name] = np.array([exact(Decimal(str(value)))], dtype=object)
    return facts
