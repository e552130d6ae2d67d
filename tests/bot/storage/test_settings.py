from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage import Database, Stale, WorkspaceSettings
from tests.bot.storage.kept import at_once

OURS = WorkspaceSettings({"switching_threshold": "75000"}, "12.5", ("U1", "U2"), 90)


def test_settings_have_defaults_until_something_is_saved(database: Database) -> None:
    with database.workspace("T1") as work:
        assert work.settings() == WorkspaceSettings(assumptions={}, ea_discount_pct=None, editors=(), retention_days=None, version=0)


def test_settings_come_back_as_they_were_saved(database: Database) -> None:
    with database.workspace("T1") as work:
        assert work.save_settings(OURS) == replace(OURS, version=1)
    with database.workspace("T1") as work:
        assert work.settings() == replace(OURS, version=1)
        assert work.save_settings(WorkspaceSettings(version=1)) == WorkspaceSettings(version=2)
        assert work.settings() == WorkspaceSettings(version=2)


@pytest.mark.parametrize("version", [0, 2])
def test_settings_that_somebody_else_saved_meanwhile_are_refused(database: Database, version: int) -> None:
    with database.workspace("T1") as work:
        work.save_settings(OURS)
        with pytest.raises(Stale):
            work.save_settings(replace(OURS, ea_discount_pct="99", version=version))
        assert work.settings() == replace(OURS, version=1)


def test_of_many_first_saves_at_once_one_counts(database: Database) -> None:
    def save(number: int) -> bool:
        try:
            with database.workspace("T1") as work:
                work.save_settings(WorkspaceSettings(retention_days=number + 1))
        except Stale:
            return False
        return True

    assert sorted(at_once(6, save)) == [False] * 5 + [True]


@pytest.mark.parametrize("days", [-1, 0, 36_501])
def test_a_retention_period_is_a_sensible_number_of_days(days: int) -> None:
    with pytest.raises(ValueError, match="a retention period has 1 to 36,500 days"):
        WorkspaceSettings(retention_days=days)


def test_the_discount_is_in_no_repr() -> None:
    assert repr(OURS) == (
        "WorkspaceSettings(assumptions={'switching_threshold': '75000'}, editors=('U1', 'U2'), retention_days=90, version=0)"
    )
