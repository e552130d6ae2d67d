"""Many cases side by side: one numpy column for each answer, field and assumption.

Two arithmetics share the columns: exact (integers and rationals in object arrays) for what is shown, and
float64 for the thousands of variants among which the flips are searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.case import Case, computed_answers
from engine.exact import ZERO
from engine.exact import exact as rational
from engine.rulebook import Rulebook

Array = NDArray[Any]


@dataclass(frozen=True)
class Columns:
    """`values[name]` has one entry a case; `cases` is their number; `exact` says which arithmetic they are in."""

    values: dict[str, Array]
    cases: int
    exact: bool

    def __getitem__(self, name: str) -> Array:
        return self.values[name]

    def where(self, name: str, column: Array) -> Columns:
        """The same cases with another column."""
        return Columns({**self.values, name: column}, self.cases, self.exact)

    def with_rows(self, name: str, rows: Sequence[int], values: Sequence[Any]) -> Columns:
        """The same cases with other values of one column in some rows."""
        column = self.values[name].copy()
        for row, value in zip(rows, values, strict=True):
            column[row] = value
        return self.where(name, column)

    def first(self) -> Columns:
        """The first case alone."""
        return self.repeated(1)

    def repeated(self, times: int) -> Columns:
        """The first case, so many times over."""
        values = {name: np.repeat(column[:1], times) for name, column in self.values.items()}
        return Columns(values, times, self.exact)

    def zeros(self) -> Array:
        """Nothing, in this arithmetic."""
        return self.constant(ZERO if self.exact else 0.0)

    def constant(self, value: Any) -> Array:
        """A column of one value in this arithmetic."""
        return np.full(self.cases, value, dtype=object if self.exact else None)


def joined(parts: Sequence[Columns]) -> Columns:
    """Several sets of cases as one, in their order."""
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].values}
    return Columns(values, sum(part.cases for part in parts), parts[0].exact)


def columns_of(cases: Sequence[tuple[Case, int]], rulebook: Rulebook, *, exact: bool) -> Columns:
    """Cases at their scales as columns. A scale multiplies the fields that the rules mark as scaled, and nothing else."""
    values: dict[str, Array] = {}
    answers = [computed_answers(case, rulebook) for case, _ in cases]
    for name in rulebook.question:
        values[name] = _column(name, [a[name] for a in answers], rulebook, exact)
    for field in rulebook.fields:
        scaled = [_scaled(case.workload[field.id], scale if field.scaled else 1) for case, scale in cases]
        values[field.id] = _column(field.id, scaled, rulebook, exact)
    for name in (a.id for a in rulebook.case_assumptions):
        values[name] = _numbers([case.assumptions[name] for case, _ in cases], exact)
    return Columns(values, len(cases), exact)


def _scaled(value: Any, scale: int) -> Any:
    return value if scale == 1 else value * scale


def _column(name: str, values: list[Any], rulebook: Rulebook, exact: bool) -> Array:
    known = rulebook.vocabulary[name]
    if known.kind == "number":
        return _numbers(values, exact)
    if known.kind == "flag":
        return np.array(values, dtype=bool)
    return np.array([known.words.index(v) if v in known.words else -1 for v in values])


def _numbers(values: list[Any], exact: bool) -> Array:
    """Whole numbers stay whole, so that machines can be counted; object arrays never turn into floats."""
    if exact:
        column = np.empty(len(values), dtype=object)
        column[:] = [value if isinstance(value, int) else rational(value) for value in values]
        return column
    whole = all(isinstance(value, int) for value in values)
    return np.array(values, dtype=np.int64 if whole else np.float64)
