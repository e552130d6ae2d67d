"""Which other answers would change the plan: every one of them, computed exactly beside the case itself."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from engine.advice import Flip
from engine.case import NO_TRAINING, Case, Value, answers_of, computes_as
from engine.columns import Array, Columns
from engine.exact import exact
from engine.rulebook import Rulebook


class OtherAnswers:
    """The case with each other answer, as columns; answers that no condition tells apart stand in one column."""

    def __init__(self, case: Case, rulebook: Rulebook, base: Columns) -> None:
        self.case = case
        self.rulebook = rulebook
        self.groups = list(self._groups())
        self.columns = self._columns(base)

    def flips(self, plans: Array, plan: int) -> Iterator[Flip]:
        """The answers with another plan than the case; `plans` are those of the columns, -1 where none exists."""
        none = self.rulebook.vocabulary["training"].code(NO_TRAINING)
        serves = np.asarray(self.columns["inference_regions"] > 0, dtype=bool)
        placed = (self.columns["training"] != none) | serves  # an answer that leaves nothing to place is no answer
        for (name, answers), other, counts in zip(self.groups, plans, placed, strict=True):
            if counts and other not in (plan, -1):
                now = self.case.answers[name]
                yield from (Flip(name, now, answer, self.rulebook.plans[other].id, 0.0) for answer in answers)

    def _groups(self) -> Iterator[tuple[str, list[Value]]]:
        for question in self.rulebook.questions:
            now = computes_as(question, self.case.answers[question.id])
            lines = self.rulebook.lines_on(question.id)
            groups: dict[object, list[Value]] = {}
            for answer in answers_of(question):
                seen = computes_as(question, answer)
                if seen == now:
                    continue
                number = question.whole_number is not None
                key = (seen == 0, *(line.allows(seen) for line in lines)) if number else seen
                groups.setdefault(key, []).append(answer)
            yield from ((question.id, answers) for answers in groups.values())

    def _columns(self, base: Columns) -> Columns:
        """The first case of the base with one other answer each; what was left to a default takes that answer's default."""
        columns = base.repeated(len(self.groups))
        for name, question in self.rulebook.question.items():
            rows = [at for at, (asked, _) in enumerate(self.groups) if asked == name]
            answers = [self.groups[at][1][0] for at in rows]
            columns = columns.with_rows(name, rows, [self._code(name, computes_as(question, answer)) for answer in answers])
            for field in self.rulebook.fields:
                if field.id not in self.case.given and isinstance(field.default, dict) and field.default["by"] == name:
                    defaults = [exact(Decimal(field.default[str(answer)])) for answer in answers]
                    columns = columns.with_rows(field.id, rows, defaults)
        return columns

    def _code(self, name: str, answer: Value) -> Value:
        known = self.rulebook.vocabulary[name]
        return answer if known.kind == "number" else known.code(str(answer))
