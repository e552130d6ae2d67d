"""Tokens that expire: renewed in time, each refresh token spent once, the next token kept before it is used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.clients import ManyWorkspaces, NotInstalled
from bot.installing.care import look_after
from bot.installing.rotation import NotNow
from bot.storage import Database, DatabaseUnavailable, Workspace
from tests.bot.installing.conftest import KEYS, Clock, opened_again, replica
from tests.bot.installing.slack import GivingSlack, at, installation, of_organisation, refresh_token, token
from tests.bot.storage.kept import at_once

OLD, NEW = KEYS
OTHER = "a2V5IHRocmVlLCBpbiB0aGVzZSB0ZXN0cyBhbG9uZSE="
FIRST, SECOND = refresh_token("first"), token("renewed-1")


def installed(workspaces: ManyWorkspaces, slack: GivingSlack, until: datetime, team: str = "T1", name: str = "first") -> None:
    slack.grants.good.add(refresh_token(name))
    workspaces.store.save(installation(team, name, until))


def token_of(workspaces: ManyWorkspaces, team: str = "T1") -> str | None:
    return workspaces.of(team).token


# -- in time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "given"),
    [(at(21), token("first")), (at(11, 1), token("first")), (at(11), SECOND), (at(9, 1), SECOND), (at(9), SECOND), (at(3), SECOND)],
    ids=["in twelve hours", "in two hours and a minute", "in two hours", "in a minute", "now", "six hours ago"],
)
def test_a_token_is_renewed_two_hours_before_it_expires(
    workspaces: ManyWorkspaces, slack: GivingSlack, until: datetime, given: str
) -> None:
    installed(workspaces, slack, until)
    assert [token_of(workspaces), token_of(workspaces)] == [given, given]
    assert slack.grants.spent == ([FIRST] if given == SECOND else [])


def test_what_was_renewed_is_kept_with_its_time(workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock, database: Database) -> None:
    installed(workspaces, slack, at(10))
    token_of(workspaces)
    assert [row.expires_at for row in database.installations()] == [at(21)]
    clock.now = at(19)
    assert token_of(replica(database, clock, slack)) == token("renewed-2")
    assert slack.grants.spent == [FIRST, refresh_token("renewed-1")]


def test_a_token_that_never_expires_is_left_as_it_is(workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock) -> None:
    workspaces.store.save(installation("T1"))
    clock.now = datetime(2036, 1, 1, tzinfo=clock.now.tzinfo)
    assert token_of(workspaces) == token("first")
    assert slack.grants.spent == []


def test_an_organisations_token_is_renewed_once_for_all_its_workspaces(workspaces: ManyWorkspaces, slack: GivingSlack) -> None:
    slack.grants.good.add(refresh_token("org"))
    workspaces.store.save(of_organisation(bot_refresh_token=refresh_token("org"), bot_token_expires_at=int(at(10).timestamp())))
    for team in ("T1", "T2"):
        assert workspaces.asked_by(team, "E1").installation.bot_token == token("org")
    assert at_once(2, lambda number: token_of(workspaces, f"T{number + 1}")) == [SECOND, SECOND]
    assert slack.grants.spent == [refresh_token("org")]


@pytest.mark.parametrize(("until", "given"), [(at(9, 6), token("first")), (at(9, 5), SECOND)], ids=["in six minutes", "in five"])
def test_while_slack_waits_a_token_is_renewed_at_the_last_moment_only(
    workspaces: ManyWorkspaces, slack: GivingSlack, until: datetime, given: str
) -> None:
    installed(workspaces, slack, until)
    assert workspaces.asked_by("T1", None).installation.bot_token == given


def test_housekeeping_renews_what_expires_soon(workspaces: ManyWorkspaces, slack: GivingSlack, database: Database, clock: Clock) -> None:
    for team, hour in (("T1", 10), ("T2", 12), ("T3", 11)):
        installed(workspaces, slack, at(hour), team, f"of-{team}")
    workspaces.store.save(installation("T4"))
    workspaces.renew_all()
    assert sorted(slack.grants.spent) == [refresh_token("of-T1"), refresh_token("of-T3")]
    assert [row.expires_at for row in database.installations()] == [at(21), at(12), at(21), None]


def test_one_that_cannot_be_renewed_does_not_hold_up_the_others(workspaces: ManyWorkspaces, slack: GivingSlack) -> None:
    workspaces.store.save(installation("T1", "unknown-to-slack", at(8)))
    installed(workspaces, slack, at(8), "T2")
    workspaces.renew_all()
    assert slack.grants.spent == [FIRST]


# -- by one at a time --------------------------------------------------------------------------------------------------


def test_many_threads_at_once_spend_the_refresh_token_once(workspaces: ManyWorkspaces, slack: GivingSlack) -> None:
    installed(workspaces, slack, at(8))
    assert at_once(8, lambda _: token_of(workspaces)) == [SECOND] * 8
    assert slack.grants.shown == slack.grants.spent == [FIRST]


def test_two_replicas_at_once_spend_the_refresh_token_once(
    workspaces: ManyWorkspaces, slack: GivingSlack, database: Database, clock: Clock, file: Path
) -> None:
    installed(workspaces, slack, at(8))
    other = opened_again(file, clock)
    replicas = (workspaces, replica(other, clock, slack))
    assert at_once(8, lambda number: token_of(replicas[number % 2])) == [SECOND] * 8
    assert slack.grants.shown == slack.grants.spent == [FIRST]
    other.close()


def test_while_another_process_renews_it_the_token_is_used(
    workspaces: ManyWorkspaces, slack: GivingSlack, database: Database, clock: Clock
) -> None:
    installed(workspaces, slack, at(10))
    asked, answer = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answer.wait(30)

    slack.grants.before_answer = wait
    renewing = threading.Thread(target=token_of, args=(workspaces,))
    renewing.start()
    assert asked.wait(30)
    assert token_of(replica(database, clock, slack)) == token("first")
    answer.set()
    renewing.join(30)
    assert token_of(replica(database, clock, slack)) == SECOND
    assert slack.grants.shown == slack.grants.spent == [FIRST]


# -- when it does not go well ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "bad_client_secret", ""], ids=["429", "5xx", "our own secret", "away"])
def test_where_slack_cannot_say_the_token_is_used_until_it_expires(
    workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    installed(workspaces, slack, at(10))
    slack.grants.refused, slack.grants.away = code, not code
    assert token_of(workspaces) == token("first")
    assert f"the token of T1 could not be renewed now: {code or 'URLError'}" in caplog.text
    clock.now = at(10)
    with pytest.raises(NotNow):
        token_of(workspaces)
    clock.now = at(10, 1)
    slack.grants.refused, slack.grants.away = "", False
    assert token_of(workspaces) == SECOND


def test_after_a_failure_slack_is_left_alone_for_half_a_minute(workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock) -> None:
    installed(workspaces, slack, at(10))
    slack.grants.away = True
    token_of(workspaces)
    slack.grants.away = False
    assert token_of(workspaces) == token("first")
    clock.now = at(9, 1)
    assert token_of(workspaces) == SECOND


@pytest.mark.parametrize("code", ["invalid_refresh_token", "token_revoked", "account_inactive"])
def test_a_refused_refresh_is_not_repeated_and_ends_with_the_token(
    workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    installed(workspaces, slack, at(10))
    slack.grants.refused = code
    assert token_of(workspaces) == token("first"), "Slack takes it until it expires"
    assert f"Slack does not renew the token of T1: {code}" in caplog.text
    slack.grants.refused = ""
    clock.now = at(9, 59)
    assert token_of(workspaces) == token("first")
    clock.now = at(10)
    with pytest.raises(NotInstalled):
        token_of(workspaces)
    assert slack.grants.spent == []
    workspaces.renew_all()
    installed(workspaces, slack, at(22), name="anew")
    assert token_of(workspaces) == token("anew")


def test_an_expired_token_whose_refresh_is_refused_is_no_installation(workspaces: ManyWorkspaces, slack: GivingSlack) -> None:
    workspaces.store.save(installation("T1", "unknown-to-slack", at(8)))
    with pytest.raises(NotInstalled):
        token_of(workspaces)


@contextmanager
def a_database_that_goes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It answers until the refreshed token is to be kept."""

    def away(*_: object) -> bool:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as changed:
        changed.setattr(Workspace, "keep_refreshed", away)
        yield


def test_a_token_that_could_not_be_kept_is_kept_later_and_not_used_before(
    workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(workspaces, slack, at(10))
    with a_database_that_goes(monkeypatch):
        assert token_of(workspaces) == token("first")
        with pytest.raises(DatabaseUnavailable):
            token_of(workspaces)
    clock.now = at(9, 1)
    assert token_of(replica(database, clock, slack)) == token("first"), "another process is refused what was spent"
    assert token_of(workspaces) == SECOND
    assert token_of(replica(database, clock, slack)) == SECOND, "and finds what was kept after all"
    assert slack.grants.spent == [FIRST]


def test_housekeeping_keeps_what_could_not_be_kept(
    workspaces: ManyWorkspaces, slack: GivingSlack, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(workspaces, slack, at(10))
    with a_database_that_goes(monkeypatch):
        token_of(workspaces)
        workspaces.renew_all()
    workspaces.renew_all()
    assert [row.expires_at for row in database.installations()] == [at(21)]
    assert slack.grants.spent == [FIRST]


def test_what_was_installed_anew_meanwhile_is_not_overwritten(workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock) -> None:
    installed(workspaces, slack, at(8))

    def install_anew() -> None:
        clock.now = at(9, 1)
        workspaces.store.save(installation("T1", "anew", at(21, 1)))

    slack.grants.before_answer = install_anew
    assert token_of(workspaces) == token("anew")


def test_what_was_uninstalled_meanwhile_does_not_come_back(workspaces: ManyWorkspaces, slack: GivingSlack) -> None:
    installed(workspaces, slack, at(8))
    slack.grants.before_answer = lambda: workspaces.store.drop("T1")
    with pytest.raises(NotInstalled):
        token_of(workspaces)
    assert workspaces.store.rows() == []


def test_no_token_is_written_down(workspaces: ManyWorkspaces, slack: GivingSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    installed(workspaces, slack, at(10))
    slack.grants.refused = "internal_error"
    token_of(workspaces)
    slack.grants.refused = ""
    workspaces.store.save(installation("T2", "unknown-to-slack", at(8)))
    workspaces.renew_all()
    assert [word for word in ("xoxe", "xoxb", "of-the-client") if word in caplog.text] == []


# -- while the bot serves ----------------------------------------------------------------------------------------------


class OneRound(threading.Event):
    """Over after the first pause."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_installations_are_looked_after(database: Database, slack: GivingSlack, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot")
    installed(replica(database, clock, slack, (OLD,)), slack, at(10))
    replica(database, clock, slack, (OTHER,)).store.save(installation("T2"))
    look_after(replica(database, clock, slack, (NEW, OLD)), OneRound())
    assert token_of(replica(database, clock, slack, (NEW,))) == SECOND
    assert "1 installations sealed anew by the first key" in caplog.messages
    assert "no key of WHICHCLOUD_KEYS opens the installations of T2" in caplog.messages


def test_where_the_database_is_away_they_wait(
    workspaces: ManyWorkspaces, slack: GivingSlack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(Database, "installations", away)
    look_after(workspaces, OneRound())
    assert [line.rpartition(":")[0] for line in caplog.messages] == [
        "installations could not be sealed by the first key",
        "it could not be seen which tokens expire",
    ]
