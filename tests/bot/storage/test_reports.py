"""Reports in channels: each is posted by one caller, shows one verdict, and goes with its conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage import Database, Post, Workspace
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import at_once, conversation, every_row, keep, report


@pytest.fixture
def kept(database: Database) -> Database:
    """A conversation with one report that waits to be posted."""
    keep(database, conversation())
    with database.workspace("T1") as work:
        assert work.add_report("p1", "c1", "v1", "C9", "U2", "a note") is True
    return database


def state(database: Database, id: str = "p1") -> tuple[str, str | None, str, str]:
    with database.workspace("T1") as work:
        found = work.report(id)
    assert found is not None
    return found.state, found.ts, found.channel, found.digest


def test_a_report_waits_until_it_is_claimed(kept: Database, clock: MovedClock) -> None:
    with kept.workspace("T1") as work:
        assert work.report("p1") == report(asked_at=clock.now, claimed_at=clock.now)
        assert work.report("p9") is None


def test_what_a_person_wrote_shows_in_no_repr(kept: Database) -> None:
    with kept.workspace("T1") as work:
        assert "a note" not in repr(work.report("p1"))


def test_there_is_no_report_without_its_conversation(database: Database, url: str) -> None:
    with database.workspace("T1") as work:
        assert work.add_report("p1", "c1", "v1", "C9", "U2") is False
    assert every_row(url)["reports"] == []


def test_the_reports_of_a_conversation_come_oldest_first(kept: Database, clock: MovedClock) -> None:
    clock.move(seconds=1)
    keep(kept, conversation("c2"))
    with kept.workspace("T1") as work:
        for id, of in (("p0", "c1"), ("p2", "c2"), ("p3", "c1")):
            work.add_report(id, of, "v1", "C9", "U2")
        assert [each.id for each in work.reports_of("c1")] == ["p1", "p0", "p3"]


def test_of_many_who_post_at_once_one_does(kept: Database) -> None:
    def claim(number: int) -> bool:
        with kept.workspace("T1") as work:
            return work.claim_report("p1", f"d{number}")

    assert sorted(at_once(8, claim)) == [False] * 7 + [True]


def test_what_slack_took_is_posted_where_slack_says(kept: Database) -> None:
    with kept.workspace("T1") as work:
        work.claim_report("p1", "d1")
        work.report_posted("p1", "D7", "5.5", "d2")
    assert state(kept) == ("posted", "5.5", "D7", "d2")


def test_what_slack_surely_did_not_take_may_be_claimed_again_and_what_stands_may_not(kept: Database) -> None:
    with kept.workspace("T1") as work:
        assert work.claim_report("p1", "d1")
        work.release_report("p1")
        assert work.claim_report("p1", "d1") is True
        work.report_posted("p1", "C8", "5.5", "d1")
        work.release_report("p1")
    assert state(kept) == ("posted", "5.5", "C8", "d1")


def test_what_nobody_knows_is_claimed_by_nobody(kept: Database) -> None:
    with kept.workspace("T1") as work:
        work.claim_report("p1", "d1")
        work.mark_report_unknown("p1")
        assert work.claim_report("p1", "d1") is False
    assert state(kept)[0] == "unknown"


def test_a_report_is_a_post_from_its_claim_on(kept: Database, clock: MovedClock) -> None:
    with kept.workspace("T1") as work:
        assert work.report_post("p1") is None
        work.claim_report("p1", "d1")
        assert work.report_post("p1") == Post("report", None, "d1", "posting", clock.now)
        work.report_posted("p1", "C9", "5.5", "d2")
        assert work.report_post("p1") == Post("report", "5.5", "d2", "posted", clock.now)


def test_of_two_who_drop_a_message_that_is_gone_one_does(kept: Database, clock: MovedClock) -> None:
    with kept.workspace("T1") as work:
        work.claim_report("p1", "d1")
        work.report_posted("p1", "C9", "5.5", "d1")
        work.link_report("p1", "https://slack.example/p55")
        read = work.report_post("p1")
    assert read is not None
    clock.move(seconds=1)
    with kept.workspace("T1") as work:
        assert [work.drop_report_post("p1", read), work.claim_report("p1", "d2"), work.drop_report_post("p1", read)] == [True, True, False]
        gone = work.report("p1")
    assert gone is not None
    assert (gone.state, gone.ts, gone.url, gone.digest) == ("posting", None, "", "d2")


def test_an_update_keeps_what_the_report_showed_before(kept: Database, clock: MovedClock) -> None:
    asked_at = clock.now
    clock.move(hours=1)

    def show(work: Workspace, verdict: str) -> bool:
        return work.show_in_report("p1", verdict, "U3")

    with kept.workspace("T1") as work:
        assert [show(work, "v1"), show(work, "v2"), show(work, "v2")] == [False, True, False]
        waiting = report(asked_at=asked_at, claimed_at=asked_at)
        assert work.report("p1") == replace(waiting, verdict="v2", before="v1", updated_by="U3", updated_at=clock.now)


def test_reports_go_with_their_conversation(kept: Database, clock: MovedClock, url: str) -> None:
    clock.move(days=31)
    assert kept.forget_older_than(30) == 1
    assert every_row(url)["reports"] == []
