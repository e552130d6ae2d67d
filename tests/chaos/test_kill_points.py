"""SIGKILL between the steps of one conversation and its report. The moments of `make chaos` are in full.py."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chaos.databases import sqlite_database
from tests.chaos.invariants import judge
from tests.chaos.killing import DELIVERY, Killer, Moment
from tests.chaos.people import Pace
from tests.chaos.run import Size, prepared

_SIZE = Size(conversations=1, kills=0, under_way=1, replicas=1, workspaces=1, seed=1, pace=Pace(0.0, 45.0), faults=0.0)
POST, UPDATE, FORM = "chat.postMessage", "chat.update", "views.open"
MOMENTS = {
    "a question, its answer, the report": [Moment(POST, 3, "after"), Moment(DELIVERY, 4, "after"), Moment(POST, 10, "after")],
    "the first message, the verdict, the form": [Moment(POST, 1, "after"), Moment(POST, 9, "before"), Moment(FORM, 1, "before")],
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_kill_between_two_steps_loses_and_doubles_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_database(tmp_path) as database, prepared(_SIZE, database, tmp_path) as going:
        killer = Killer(going.fleet, MOMENTS[name])
        monkeypatch.setattr(going.stage.slack.faults, "next_for", killer.next_for)
        going.stage.balancer.watch = killer.watch
        asyncio.run(going.goes())
        wrong = [finding for finding in judge(going.evidence()) if finding.kind != "left over"]
        assert (wrong, {*killer.struck}) == ([], {*MOMENTS[name]}), (
            going.accounts[0].told,
            going.accounts[0].steps[-4:],
            database.jobs(),
            [(c.method, c.status, c.answer.get("error"), str(c.args)[:150]) for c in going.stage.slack.recorded][-14:],
        )
