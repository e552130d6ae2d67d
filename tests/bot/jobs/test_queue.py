"""The queue by hand: what is taken when, by whom, and what is left of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.storage import Database, Depth, Listed, NewJob, Taken
from tests.bot.conftest import MovedClock
from tests.bot.jobs.queueing import end, job, lanes_there, pass_time, put, said, state_of, take, taken
from tests.bot.storage.kept import at_once, every_row, rows_that_mention


def test_jobs_of_a_lane_run_one_after_another(database: Database) -> None:
    put(database, job("a"), job("b"))
    put(database, job("c"))
    seen = []
    while (found := take(database)) is not None:
        assert take(database) is None  # not while the one before it is in hand
        seen.append(said(found))
        assert end(database, found)
    assert seen == ["a", "b", "c"]


def test_lanes_run_beside_each_other(database: Database) -> None:
    put(database, job("a", "x"), job("b", "y"), job("c", "x"))
    put(database, job("d", "x"), workspace="T2")
    assert [said(take(database)) for _ in range(4)] == ["a", "b", "d", None]


def test_what_a_worker_gets(database: Database, clock: MovedClock) -> None:
    put(database, NewJob("click:1", "thread:C1:1.5", "heard", {"text": "häh?", "by": ["U1"]}, "U1", urgent=False))
    found = taken(database)
    assert found == Taken(
        id=found.id, workspace="T1", lane="thread:C1:1.5", kind="heard", person="U1", urgent=False, tries=1, waits=0,
        created_at=clock.now, taken_at=clock.now,
        owner=found.owner, args={"text": "häh?", "by": ["U1"]}, saved=None,
    )  # fmt: skip
    assert "häh" not in repr(found)


def test_a_key_is_enqueued_once(database: Database) -> None:
    assert put(database, job("a"), job("b"), job("a")) == [True, True, False]
    assert put(database, job("a", "elsewhere"), job("c")) == [False, True]
    for _ in range(3):
        end(database, taken(database))
    assert put(database, job("a")) == [False]
    assert take(database) is None
    assert put(database, job("a"), workspace="T2") == [True]


def test_of_many_who_enqueue_a_key_at_once_one_does(database: Database) -> None:
    assert sorted(at_once(12, lambda number: put(database, job("a", f"lane{number % 2}"))[0])) == [False] * 11 + [True]
    assert said(take(database)) == "a"
    assert take(database) is None


def test_a_key_is_kept_as_a_hash(database: Database, url: str) -> None:
    assert put(database, *(job(key, args={}) for key in ("UX:1.5", "\x00", "\ud800", "x" * 10_000))) == [True] * 4
    assert {len(row["key"]) for row in every_row(url)["jobs"]} == {64}
    assert rows_that_mention(url, "UX") == []


def test_a_job_is_undone_with_its_transaction(database: Database, url: str) -> None:
    def fail() -> None:
        with database.workspace("T1") as work:
            work.enqueue(job("a"))
            assert work.enqueued
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (take(database), lanes_there(url)) == (None, set())
    assert put(database, job("a")) == [True]
    assert said(take(database)) == "a"


# Lanes as (workspace, urgent, waits for so many seconds), the workspaces that are busy, and in which order they are taken.
ORDERS: dict[str, tuple[list[tuple[str, bool, float]], set[str], list[int]]] = {
    "the one that waits longest": ([("T1", True, 1), ("T1", True, 3), ("T1", True, 2)], set(), [1, 2, 0]),
    "what a person waits for": ([("T1", False, 20), ("T1", True, 1), ("T1", False, 25)], set(), [1, 2, 0]),
    "what waited long enough": ([("T1", True, 29), ("T1", False, 31), ("T1", True, 32)], set(), [2, 1, 0]),
    "a workspace with nothing in hand": ([("T1", True, 20), ("T1", True, 10), ("T2", True, 1)], {"T1"}, [2, 0, 1]),
    "two busy ones": ([("T1", True, 1), ("T2", True, 2), ("T3", True, 0)], {"T1", "T2"}, [2, 1, 0]),
    "a person in a busy workspace": ([("T1", True, 1), ("T2", False, 20)], {"T1"}, [0, 1]),
    "what waited long enough in a busy workspace": ([("T1", False, 99), ("T2", True, 1), ("T1", True, 50)], {"T1"}, [1, 0, 2]),
}


@pytest.mark.parametrize(("waiting", "busy", "expected"), ORDERS.values(), ids=ORDERS)
def test_what_comes_first(
    database: Database, url: str, waiting: list[tuple[str, bool, float]], busy: set[str], expected: list[int]
) -> None:
    for number, (workspace, urgent, waits_s) in enumerate(waiting):
        put(database, job(str(number), f"lane{number}", urgent=urgent), workspace=workspace)
        pass_time(url, waits_s + 0.5 * urgent, f"lane{number}")
    assert expected == [int(str(said(take(database, busy=busy)))) for _ in waiting]


def test_a_lane_is_urgent_from_the_first_urgent_job_on(database: Database, url: str) -> None:
    put(database, job("a", "x", urgent=False), job("b", "y", urgent=False))
    pass_time(url, 9, "x")
    put(database, job("c", "y", urgent=True))
    assert [said(take(database)), said(take(database))] == ["b", "a"]


def test_another_worker_goes_on_when_the_lease_has_run_out(database: Database, url: str) -> None:
    put(database, job("a"), job("b"))
    first = taken(database, lease_s=60)
    assert take(database) is None
    pass_time(url, 61)
    second = taken(database)
    assert (said(second), second.tries, second.id) == ("a", 2, first.id)
    with database.queue() as queue:
        assert not queue.holds(first)
        assert not queue.extend(first, 60, {"step": "of the first"})
        assert not queue.put_back(first, 0, {"step": "of the first"})
        assert not queue.end(first, "failed")
        assert queue.holds(second)
        assert queue.extend(second, 60)
    assert state_of(url, first.id) == ("ready", 2, {"said": "a"}, None)
    assert end(database, second)
    assert said(take(database)) == "b"


def test_a_lease_can_be_extended(database: Database, url: str) -> None:
    put(database, job("a"))
    found = taken(database, lease_s=60)
    with database.queue() as queue:
        assert queue.extend(found, 600)
    pass_time(url, 61)
    assert take(database) is None
    with database.queue() as queue:
        assert queue.holds(found)


def test_what_was_saved_is_handed_on(database: Database, url: str) -> None:
    put(database, job("a"))
    first = taken(database, lease_s=60)
    with database.queue() as queue:
        assert queue.extend(first, 60, {"step": 1})
        assert queue.extend(first, 60)
    pass_time(url, 61)
    second = taken(database)
    assert (second.tries, second.waits, second.saved) == (2, 0, {"step": 1})
    with database.queue() as queue:
        queue.put_back(second, 0, None)
    third = taken(database)
    assert (third.tries, third.waits, third.saved) == (3, 1, {"step": 1})
    with database.queue() as queue:
        queue.put_back(third, 0, {"step": 2})
    assert taken(database).saved == {"step": 2}


def test_a_job_is_put_back_with_a_pause(database: Database, url: str) -> None:
    put(database, job("a", "x"), job("b", "x"), job("c", "y"))
    with database.queue() as queue:
        found = queue.take(3600)
        assert found is not None
        assert queue.put_back(found, 60, None)
    assert [said(take(database)), take(database)] == ["c", None]
    with database.queue() as queue:
        assert queue.free_all() == 1  # the lane of c; what rests goes on resting
    assert [said(take(database)), take(database)] == ["c", None]
    pass_time(url, 61, "x")
    again = taken(database)
    assert (said(again), again.tries) == ("a", 2)


def test_a_lane_rests_after_a_job(database: Database, url: str) -> None:
    put(database, job("a"), job("b"))
    assert end(database, taken(database), rest_s=60.0)
    assert take(database) is None
    pass_time(url, 61)
    assert end(database, taken(database), rest_s=60.0)
    assert lanes_there(url) == {"lane"}  # it still rests
    put(database, job("c"))
    assert take(database) is None
    pass_time(url, 61)
    assert end(database, taken(database))
    assert (take(database), lanes_there(url)) == (None, set())


def test_nothing_is_taken_of_a_workspace_that_rests(database: Database, url: str) -> None:
    put(database, job("a", "lane1"), job("b", "lane2"), workspace="T1")
    put(database, job("c"), workspace="T2")
    pass_time(url, 99, "lane1")
    assert said(take(database, resting={"T1"})) == "c"
    assert (take(database, resting={"T1"}), database.any_job_free({"T1"})) == (None, False)
    assert database.any_job_free({"T2", "T3"})
    assert [said(take(database, resting={"T2"})) for _ in range(2)] == ["a", "b"]


def test_a_lane_that_rested_after_its_last_job_is_closed(database: Database, url: str) -> None:
    put(database, job("a"))
    end(database, taken(database), rest_s=60.0)
    pass_time(url, 61)
    assert database.any_job_free()
    assert take(database) is None
    assert lanes_there(url) == set()
    assert not database.any_job_free()


def test_a_job_that_waits_can_be_cancelled(database: Database, url: str) -> None:
    put(database, job("a"), job("b"), job("c", "alone"))
    ids = {row["args"]["said"]: row["id"] for row in every_row(url)["jobs"]}
    with database.queue() as queue:
        assert [queue.cancel(ids[key]) for key in ("a", "c", "a")] == [True, True, False]
        assert not queue.cancel(max(ids.values()) + 1)
    assert [said(take(database)), take(database)] == ["b", None]
    assert lanes_there(url) == {"lane"}
    assert state_of(url, ids["a"]) == ("cancelled", 0, {}, None)
    assert put(database, job("a")) == [False]


def test_a_job_that_runs_can_be_cancelled(database: Database, url: str) -> None:
    put(database, job("a"), job("b"))
    found = taken(database)
    with database.queue() as queue:
        assert queue.extend(found, 3600, {"step": 1})
        assert queue.cancel(found.id)
        assert not queue.holds(found)
        assert not queue.extend(found, 3600)
        assert not queue.extend(found, 3600, {"step": 2})
        assert not queue.end(found, "done")
    assert state_of(url, found.id) == ("cancelled", 1, {}, None)
    assert said(take(database)) == "b"


def test_what_failed_keeps_what_another_try_needs(database: Database, url: str) -> None:
    put(database, job("a"), job("b"))
    first = taken(database)
    with database.queue() as queue:
        queue.extend(first, 3600, {"step": 1})
        assert queue.end(first, "failed", error="no such channel")
    assert state_of(url, first.id) == ("failed", 1, {"said": "a"}, {"step": 1})
    assert end(database, taken(database))
    assert lanes_there(url) == set()
    with database.queue() as queue:
        assert queue.retry(first.id)
        assert not queue.retry(first.id)
    again = taken(database)
    assert (said(again), again.tries, again.saved) == ("a", 2, {"step": 1})  # it may have run before
    assert end(database, again)
    assert state_of(url, first.id) == ("done", 2, {}, None)


def test_a_retried_job_comes_before_those_that_came_after_it(database: Database) -> None:
    put(database, job("a"), job("b"), job("c"))
    first = taken(database)
    end(database, first, "failed")
    second = taken(database)
    with database.queue() as queue:
        assert queue.retry(first.id)
    assert take(database) is None
    end(database, second)
    assert said(take(database)) == "a"


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_of_what_is_over_nothing_is_kept_that_was_said(database: Database, url: str, state: str) -> None:
    put(database, job("a", args={"said": "SECRET"}))
    found = taken(database)
    with database.queue() as queue:
        queue.extend(found, 60, {"heard": "SECRET"})
    assert end(database, found, state)
    assert rows_that_mention(url, "SECRET") == []
    with database.queue() as queue:
        assert not queue.retry(found.id)
        assert not queue.cancel(found.id)


def test_who_is_forgotten_takes_a_running_job_along_and_the_next_one_is_safe(database: Database, url: str) -> None:
    put(database, job("a", person="UGONE"))
    found = taken(database)
    with database.workspace("T1") as work:
        work.forget_user("UGONE")
    put(database, job("b", "other"))
    with database.queue() as queue:
        assert not queue.holds(found)
        assert not queue.extend(found, 60, {"step": 1})
        assert not queue.end(found, "done")
    following = taken(database)
    assert (said(following), following.saved, following.id > found.id) == ("b", None, True)
    assert lanes_there(url) == {"other"}


def test_a_workspace_that_goes_takes_a_running_job_along(database: Database, url: str) -> None:
    put(database, job("a"))
    found = taken(database)
    with database.workspace("T1") as work:
        work.forget_workspace()
    put(database, job("b"))
    with database.queue() as queue:
        assert not queue.holds(found)
        assert not queue.put_back(found, 60, None)
        assert not queue.end(found, "done")
    assert said(take(database)) == "b"


def test_what_a_worker_held_that_is_gone_is_freed(database: Database) -> None:
    put(database, job("a", "x"), job("b", "y"))
    first, second = taken(database), taken(database)
    end(database, second)
    with database.queue() as queue:
        assert queue.free_all() == 1
    again = taken(database)
    assert (said(again), again.tries, again.owner == first.owner) == ("a", 2, False)


def test_what_is_over_is_deleted_after_three_days(database: Database, clock: MovedClock, url: str) -> None:
    put(database, *(job(key, key) for key in ("done", "failed", "waits")))
    for state in ("done", "failed"):
        end(database, taken(database), state)
    clock.move(days=3)
    with database.queue() as queue:
        assert queue.forget_ended() == 0
    assert put(database, job("done")) == [False]
    clock.now += timedelta(microseconds=1)
    database.forget_older_than(400)
    assert [row["args"] for row in every_row(url)["jobs"]] == [{"said": "waits"}]
    assert put(database, job("done")) == [True]


def test_what_an_operator_sees(database: Database, clock: MovedClock) -> None:
    began = clock.now
    put(database, job("a", "x", person="U1"), job("b", "x", urgent=False))
    clock.move(seconds=5)
    put(database, job("c", "y"), workspace="T2")
    found = taken(database)
    end(database, found, "failed", error="no such channel")
    with database.queue() as queue:
        failed, waits, other = queue.listed(["ready", "failed"], 10)[::-1]
        assert failed == Listed(found.id, "T1", "x", "note", "failed", True, 1, "no such channel", began, clock.now)
        assert other == Listed(other.id, "T2", "y", "note", "ready", True, 0, "", clock.now, None)
        assert [each.id for each in queue.listed(["ready"], 1)] == [other.id]
        assert queue.listed(["done", "cancelled"], 10) == []
        assert sorted(queue.depths(), key=str) == [
            Depth("failed", True, 1, began), Depth("ready", False, 1, began), Depth("ready", True, 1, clock.now),
        ]  # fmt: skip
    assert waits.urgent is False
