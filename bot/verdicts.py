"""Verdicts that are kept: what each rests on, and the same advice had again, by the rules and prices of its day."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bot.storage import Database, Verdict, rulebook_from
from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, Value, make_case
from engine.rulebook import Rulebook

_AT_HAND: Final = 256  # advices: whoever looks at one looks at it again within minutes
_PARTS = ("answers", "workload", "assumptions")


def inputs_of(case: Case) -> dict[str, Any]:
    """What a case rests on, as plain values: the answers, what was given of the rest, and what was 'not sure'."""
    given = {
        "answers": case.answers,
        "workload": {name: value for name, value in case.workload.items() if name in case.given},
        "assumptions": {name: value for name, value in case.assumptions.items() if name in case.given},
    }
    written = {part: {name: _written(value) for name, value in values.items()} for part, values in given.items()}
    return {**written, "skipped": sorted(case.skipped)}


def case_of(inputs: Mapping[str, Any], rulebook: Rulebook, day: date) -> Case:
    """The case again."""
    answers, workload, assumptions = ({name: _read(value) for name, value in inputs[part].items()} for part in _PARTS)
    return make_case(rulebook, day, answers, workload, assumptions, skipped=inputs["skipped"])


class Verdicts:
    """The advice behind each verdict. Rulebooks of earlier versions are loaded from their snapshots and kept.

    Advice never changes, so the latest is kept at hand, for whoever was allowed to read the verdict that it belongs to.
    """

    def __init__(self, rulebook: Rulebook, database: Database) -> None:
        self._database = database
        self._rulebooks = {rulebook.version: rulebook}
        self._lock = threading.Lock()
        self._at_hand: OrderedDict[tuple[str, str], Advice] = OrderedDict()
        self._at_hand_lock = threading.Lock()

    def given(self, workspace: str, verdict_id: str, advice: Advice) -> None:
        """A verdict was just kept."""
        with self._at_hand_lock:
            self._at_hand[workspace, verdict_id] = advice
            self._at_hand.move_to_end((workspace, verdict_id))
            if len(self._at_hand) > _AT_HAND:
                self._at_hand.popitem(last=False)

    def replay(self, workspace: str, verdict: Verdict) -> Advice:
        """The advice of a verdict, computed anew from what was kept where it is not at hand."""
        with self._at_hand_lock:
            advice = self._at_hand.get((workspace, verdict.id))
        if advice is None:
            rulebook = self.rulebook_of(workspace, verdict.rules_version)
            advice = advise(case_of(verdict.inputs, rulebook, verdict.day), rulebook, verdict.day)
        self.given(workspace, verdict.id, advice)
        return advice

    def rulebook_of(self, workspace: str, version: str) -> Rulebook:
        with self._lock:
            if version not in self._rulebooks:
                with self._database.reading(workspace) as work:
                    snapshot = work.rulebook_snapshot(version)
                if snapshot is None:
                    raise LookupError(f"no rules of version {version} are kept")
                self._rulebooks[version] = rulebook_from(snapshot)
            return self._rulebooks[version]


def _written(value: Value) -> Any:
    return {"amount": str(value)} if isinstance(value, Decimal) else value


def _read(value: Any) -> Value:
    if isinstance(value, dict):
        return Decimal(value["amount"])
    read: Value = value
    return read
