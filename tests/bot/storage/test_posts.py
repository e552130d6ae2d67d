"""Posts and events: what must happen once happens once."""

from __future__ import annotations

import pytest

from bot.storage import Database, Post
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import at_once, conversation, every_row, keep


def test_an_event_is_new_once_in_each_workspace(database: Database) -> None:
    with database.workspace("T1") as work:
        assert [work.first_time(key) for key in ("Ev1", "Ev2", "Ev1")] == [True, True, False]
    with database.workspace("T1") as work:
        assert work.first_time("Ev1") is False
    with database.workspace("T2") as work:
        assert work.first_time("Ev1") is True


def test_an_event_whose_handling_failed_is_new_again(database: Database) -> None:
    def fail() -> None:
        with database.workspace("T1") as work:
            work.first_time("Ev1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.workspace("T1") as work:
        assert work.first_time("Ev1") is True


def test_of_many_who_see_an_event_at_once_one_is_first(database: Database) -> None:
    def see(_number: int) -> bool:
        with database.workspace("T1") as work:
            return work.first_time("Ev1")

    assert sorted(at_once(12, see)) == [False] * 11 + [True]


def test_the_key_of_an_event_is_kept_as_a_hash(database: Database, url: str) -> None:
    with database.workspace("T1") as work:
        assert [work.first_time(key) for key in ("U1:1.5", "\x00", "\ud800", "x" * 10_000)] == [True] * 4
    assert {len(row["key"]) for row in every_row(url)["seen"]} == {64}


def test_a_post_is_claimed_once(database: Database, clock: MovedClock) -> None:
    keep(database, conversation("c1"), conversation("c2"))
    with database.workspace("T1") as work:
        assert [work.claim_post("c1", slot, "d") for slot in ("head", "verdict:1", "head")] == [True, True, False]
        assert work.claim_post("c2", "head", "d") is True
        assert work.posts_of("c1") == {
            "head": Post("head", None, "d", "posting", clock.now),
            "verdict:1": Post("verdict:1", None, "d", "posting", clock.now),
        }
        assert work.posts_of("c9") == {}


def test_of_many_claims_at_once_one_posts(database: Database) -> None:
    keep(database, conversation())

    def claim(number: int) -> bool:
        with database.workspace("T1") as work:
            return work.claim_post("c1", "head", f"d{number}")

    assert sorted(at_once(12, claim)) == [False] * 11 + [True]


def test_nothing_is_posted_for_a_conversation_that_is_gone(database: Database) -> None:
    with database.workspace("T1") as work:
        assert work.claim_post("c1", "head", "d") is False


def test_the_life_of_a_post(database: Database, clock: MovedClock) -> None:
    keep(database, conversation())
    claimed = clock.now
    with database.workspace("T1") as work:
        work.claim_post("c1", "head", "d1")
        clock.move(minutes=1)
        work.posted("c1", "head", "7.5", "d1")
        assert work.posts_of("c1") == {"head": Post("head", "7.5", "d1", "posted", claimed)}
        # What was posted is updated, and neither given back nor doubted.
        work.posted("c1", "head", "7.5", "d2")
        work.release_post("c1", "head")
        work.mark_post_unknown("c1", "head")
        assert work.posts_of("c1") == {"head": Post("head", "7.5", "d2", "posted", claimed)}
        assert work.claim_post("c1", "head", "d3") is False


def test_a_post_that_surely_failed_may_be_claimed_again(database: Database) -> None:
    keep(database, conversation())
    with database.workspace("T1") as work:
        work.claim_post("c1", "head", "d1")
        work.release_post("c1", "head")
        assert work.posts_of("c1") == {}
        assert work.claim_post("c1", "head", "d2") is True


@pytest.mark.parametrize("state", ["posting", "posted", "unknown"])
def test_a_dropped_post_may_be_posted_anew_by_one(database: Database, clock: MovedClock, state: str) -> None:
    keep(database, conversation())
    with database.workspace("T1") as work:
        work.claim_post("c1", "head", "d1")
        if state == "posted":
            work.posted("c1", "head", "7.5", "d1")
        elif state == "unknown":
            work.mark_post_unknown("c1", "head")
            work.release_post("c1", "head")  # nobody knows that it failed, so it stays
        assert work.posts_of("c1")["head"].state == state
        assert work.claim_post("c1", "head", "d2") is False
        work.drop_post("c1", "head", work.posts_of("c1")["head"])
    clock.move(minutes=5)

    def claim(_number: int) -> bool:
        with database.workspace("T1") as work:
            return work.claim_post("c1", "head", "d2")

    assert sorted(at_once(4, claim)) == [False] * 3 + [True]
    with database.workspace("T1") as work:
        assert work.posts_of("c1") == {"head": Post("head", None, "d2", "posting", clock.now)}


def test_a_drop_that_comes_late_leaves_the_new_claim(database: Database, clock: MovedClock) -> None:
    keep(database, conversation())
    with database.workspace("T1") as work:
        work.claim_post("c1", "head", "d1")
        work.mark_post_unknown("c1", "head")
        read = work.posts_of("c1")["head"]
    clock.move(minutes=5)
    with database.workspace("T1") as work:
        work.drop_post("c1", "head", read)
        assert work.claim_post("c1", "head", "d1") is True
    with database.workspace("T1") as work:
        work.drop_post("c1", "head", read)
        assert work.claim_post("c1", "head", "d1") is False
