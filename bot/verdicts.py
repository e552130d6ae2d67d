"""Verdicts that are kept: what each rests on, and the same advice had again, by the rules and prices of its day."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.storage import Database, Verdict, rulebook_from
from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, Value, make_case
from engine.rulebook import Rulebook

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
    """The advice behind each verdict. Rulebooks of earlier versions are loaded from their snapshots and kept."""

    def __init__(self, rulebook: Rulebook, database: Database) -> None:
        self._database = database
        self._rulebooks = {rulebook.version: rulebook}
        self._lock = threading.Lock()

    def replay(self, workspace: str, verdict: Verdict) -> Advice:
        """The advice of a verdict, computed anew from what was kept."""
        rulebook = self.rulebook_of(workspace, verdict.rules_version)
        return advise(case_of(verdict.inputs, rulebook, verdict.day), rulebook, verdict.day)

    def rulebook_of(self, workspace: str, version: str) -> Rulebook:
        with self._lock:
            if version not in self._rulebooks:
                with self._database.workspace(workspace) as work:
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
