"""SIGKILL between the steps of one conversation and its report. All the moments are tried by `make chaos`."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.databases import sqlite_database
from tests.chaos.killing import CHANNEL, DELIVERY, POST, Moment, kills, one_conversation

MOMENTS = {Moment(POST, 3, "after"), Moment(DELIVERY, 7, "after"), Moment(POST, 10, "before")}


def test_a_kill_between_two_steps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After a question was posted, after the choice of numbers was acknowledged, before the verdict or its report is there."""
    with sqlite_database(tmp_path) as database:
        wrong, struck = kills(one_conversation(CHANNEL), database, tmp_path, MOMENTS)
    assert (wrong, {*struck}) == ([], MOMENTS)
