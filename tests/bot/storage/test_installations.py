"""Installations as sealed text, the organisations behind workspaces, and states that are taken once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.storage import Database, SealedInstallation, UnscopedQuery
from bot.storage.schema import installations
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import at_once, every_row

HOUR = timedelta(hours=1)


def kept(database: Database, sealed: str = "s1", workspace: str = "T1", hours: int = 1) -> SealedInstallation:
    """An installation whose token expires in so many hours, as it reads afterwards."""
    with database.workspace(workspace) as work:
        work.keep_installation(sealed, database._clock() + hours * HOUR)
    return seen(database, workspace)


def seen(database: Database, workspace: str = "T1") -> SealedInstallation:
    with database.reading(workspace) as work:
        found = work.installation()
    assert found is not None
    return found


def claim(database: Database, row: SealedInstallation, clock: MovedClock) -> bool:
    with database.workspace(row.workspace) as work:
        return work.claim_refresh(row, clock() + HOUR)


def refresh(database: Database, row: SealedInstallation, sealed: str, clock: MovedClock, hours: int = 12) -> bool:
    with database.workspace(row.workspace) as work:
        return work.keep_refreshed(row, sealed, clock() + hours * HOUR)


def test_an_installation_reads_as_it_was_kept_and_the_newest_one_stays(database: Database, clock: MovedClock) -> None:
    assert kept(database) == SealedInstallation("T1", "s1", clock(), clock() + HOUR)
    clock.move(minutes=5)
    assert kept(database, "s2") == SealedInstallation("T1", "s2", clock(), clock() + HOUR)
    assert "s2" not in repr(seen(database))


def test_one_of_many_may_refresh(database: Database, clock: MovedClock) -> None:
    row = kept(database)
    assert sorted(at_once(8, lambda _: claim(database, row, clock))) == [False] * 7 + [True]


def test_who_never_comes_back_keeps_others_from_refreshing_for_a_while_only(database: Database, clock: MovedClock) -> None:
    row = kept(database, hours=3)
    assert claim(database, row, clock)
    clock.move(minutes=59)
    assert not claim(database, row, clock)
    clock.move(minutes=1)
    assert claim(database, row, clock)


def test_a_refreshed_token_is_kept_and_the_next_refresh_is_free(database: Database, clock: MovedClock) -> None:
    row = kept(database)
    assert claim(database, row, clock)
    assert refresh(database, row, "s2", clock)
    assert seen(database) == SealedInstallation("T1", "s2", row.installed_at, clock() + 12 * HOUR)
    assert not claim(database, row, clock), "what it would be refreshed with has been spent"
    assert claim(database, seen(database), clock)


def test_a_token_that_comes_late_never_replaces_a_newer_one(database: Database, clock: MovedClock) -> None:
    row = kept(database)
    assert refresh(database, row, "s2", clock)
    assert not refresh(database, row, "late", clock, hours=11)
    clock.move(minutes=1)
    again = kept(database, "installed anew")
    assert not refresh(database, row, "late", clock, hours=20)
    assert seen(database) == again
    with database.workspace("T1") as work:
        work.drop_installation()
    assert not refresh(database, again, "late", clock)


def test_only_what_was_seen_is_written_otherwise(database: Database, clock: MovedClock) -> None:
    row = kept(database)
    with database.workspace("T1") as work:
        assert work.replace_sealed(row, "s2")
        assert not work.replace_sealed(row, "s3")
    assert seen(database) == SealedInstallation("T1", "s2", row.installed_at, row.expires_at)


def test_an_organisation_knows_its_workspaces(database: Database) -> None:
    for workspace, organisation in (("T1", "E1"), ("T2", "E1"), ("T3", "E2"), ("T3", "E1"), ("T2", "E2")):
        with database.workspace(workspace) as work:
            work.join_organisation(organisation)
    assert (database.workspaces_of("E1"), database.workspaces_of("E2"), database.workspaces_of("T1")) == (["T1", "T3"], ["T2"], [])
    with database.workspace("T1") as work:
        assert work.organisation() == "E1"
        work.leave_organisation()
        assert work.organisation() is None
    assert database.workspaces_of("E1") == ["T3"]


def test_a_look_waits_for_no_writer_and_sees_what_is_committed(database: Database) -> None:
    with database.workspace("T1") as work:
        work.keep_installation("s1", None)
        with database.reading("T1") as look:
            assert look.installation() is None
    assert seen(database).sealed == "s1"


def test_a_look_stays_in_its_workspace(database: Database) -> None:
    with pytest.raises(UnscopedQuery), database.reading(""):
        pass
    with database.reading("T1") as look, pytest.raises(UnscopedQuery):
        look._connection.execute(select(installations.c.sealed).where(installations.c.workspace == "T2"))


def test_all_installations_are_found(database: Database) -> None:
    rows = [kept(database, f"of {workspace}", workspace) for workspace in ("E1", "T1", "T2")]
    assert database.installations() == rows


def test_a_state_is_taken_once_and_in_time(database: Database, clock: MovedClock) -> None:
    for name in ("first", "second", "third"):
        database.keep_state(name, timedelta(minutes=10))
    assert [database.take_state("first"), database.take_state("first"), database.take_state("foreign")] == [True, False, False]
    clock.move(minutes=9, seconds=59)
    assert database.take_state("second")
    clock.move(seconds=1)
    assert not database.take_state("third")


def test_one_of_many_takes_a_state(database: Database) -> None:
    database.keep_state("state", timedelta(minutes=10))
    assert sorted(at_once(8, lambda _: database.take_state("state"))) == [False] * 7 + [True]


@pytest.mark.parametrize("minutes", [10, 11])
def test_states_that_have_expired_do_not_pile_up(database: Database, clock: MovedClock, url: str, minutes: int) -> None:
    database.keep_state("old", timedelta(minutes=10))
    clock.move(minutes=minutes)
    database.keep_state("new", timedelta(minutes=10))
    assert [row["state"] for row in every_row(url)["oauth_states"]] == ["new"]
