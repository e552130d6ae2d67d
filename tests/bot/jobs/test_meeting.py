"""Two transactions that meet on PostgreSQL, step by step: no job is left in a lane that nobody looks at, nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bot.storage import Database, Workspace
from tests.bot.jobs.queueing import Meanwhile, end, job, lanes_there, pass_time, put, said, state_of, take, taken

pytestmark = pytest.mark.parametrize("opened", ["postgresql"], indirect=True)


@pytest.fixture
def meanwhile(url: str) -> Iterator[Meanwhile]:
    second = Meanwhile(url)
    yield second
    second.close()


@contextmanager
def undone(database: Database) -> Iterator[Workspace]:
    """A transaction that comes to nothing."""
    with suppress(ZeroDivisionError), database.workspace("T1") as work:
        yield work
        raise ZeroDivisionError


def test_the_end_of_the_last_job_waits_for_who_enqueues(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"))
    found = taken(database)
    with database.workspace("T1") as work:
        work.enqueue(job("b"))
        ended = meanwhile.begun(lambda: end(database, found))
    assert ended.result()
    assert lanes_there(url) == {"lane"}
    assert said(take(database)) == "b"


def test_who_enqueues_waits_for_the_end_of_the_last_job(database: Database, meanwhile: Meanwhile) -> None:
    put(database, job("a"))
    found = taken(database)
    with database.queue() as queue:
        assert queue.end(found, "done")
        enqueued = meanwhile.begun(lambda: put(database, job("b")))
    assert enqueued.result() == [True]
    assert said(take(database)) == "b"


def test_who_enqueues_waits_for_an_empty_lane_to_be_closed(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"))
    end(database, taken(database), rest_s=60.0)
    pass_time(url, 61)
    with database.queue() as queue:
        assert queue.take(60) is None
        enqueued = meanwhile.begun(lambda: put(database, job("b")))
    assert enqueued.result() == [True]
    assert said(take(database)) == "b"


def test_an_enqueue_that_is_undone_leaves_the_end_as_it_was(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"))
    found = taken(database)
    with undone(database) as work:
        work.enqueue(job("b"))
        ended = meanwhile.begun(lambda: end(database, found))
    assert ended.result()
    assert lanes_there(url) == set()


def test_jobs_are_numbered_as_they_are_committed(database: Database, meanwhile: Meanwhile) -> None:
    with database.workspace("T1") as work:
        work.enqueue(job("a"))
        second = meanwhile.begun(lambda: put(database, job("b")))
        work.enqueue(job("c"))
    assert second.result() == [True]
    order = []
    while (found := take(database)) is not None:
        order.append(said(found))
        end(database, found)
    assert order == ["a", "c", "b"]


def test_the_same_key_waits_for_the_first_and_is_new_where_that_is_undone(database: Database, meanwhile: Meanwhile) -> None:
    with database.workspace("T1") as work:
        work.enqueue(job("a"))
        again = meanwhile.begun(lambda: put(database, job("a", "elsewhere")))
    assert again.result() == [False]
    with undone(database) as work:
        work.enqueue(job("b"))
        again = meanwhile.begun(lambda: put(database, job("b", "elsewhere")))
    assert again.result() == [True]


def test_a_lane_that_is_being_taken_holds_up_nobody(database: Database) -> None:
    put(database, job("a", "x"), job("b", "x"), job("c", "y"))
    with database.queue() as queue:
        assert said(queue.take(60)) == "a"
        assert [said(take(database)), said(take(database))] == ["c", None]


def test_a_take_waits_for_a_cancellation_and_goes_on_with_the_next_job(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"), job("b"), job("c", "alone"))
    pass_time(url, 9, "lane")
    oldest = taken(database, lease_s=0)
    pass_time(url, 9, "lane")
    with database.queue() as queue:
        assert queue.cancel(oldest.id)
        found = meanwhile.begun(lambda: [said(take(database)) for _ in range(3)])
    assert sorted(map(str, found.result())) == ["None", "b", "c"]


def test_an_end_that_waits_for_a_cancellation_changes_nothing(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"), job("b"))
    found = taken(database)
    with database.queue() as queue:
        assert queue.cancel(found.id)
        ended = meanwhile.begun(lambda: end(database, found))
    assert ended.result() is False
    assert state_of(url, found.id) == ("cancelled", 1, {}, None)
    assert said(take(database)) == "b"


def test_a_workspace_goes_while_its_job_ends(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"), job("b", "y"))
    found = taken(database)
    with database.workspace("T1") as work:
        work.forget_workspace()
        ended = meanwhile.begun(lambda: end(database, found))
    assert ended.result() is False
    put(database, job("c"))
    assert said(take(database)) == "c"


def test_a_workspace_that_goes_waits_for_a_job_that_ends(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a"), job("b"))
    found = taken(database)

    def forget() -> None:
        with database.workspace("T1") as work:
            work.forget_workspace()

    with database.queue() as queue:
        assert queue.end(found, "done")
        forgotten = meanwhile.begun(forget)
        assert said(queue.take(60)) == "b"
    forgotten.result()
    assert (take(database), lanes_there(url)) == (None, set())


def test_a_workspace_goes_while_somebody_in_it_enqueues(database: Database, meanwhile: Meanwhile) -> None:
    put(database, job("a"))
    with database.workspace("T1") as work:
        work.forget_workspace()
        enqueued = meanwhile.begun(lambda: put(database, job("a")))
    assert enqueued.result() == [True]
    assert said(take(database)) == "a"


def test_a_person_is_forgotten_while_their_job_ends(database: Database, url: str, meanwhile: Meanwhile) -> None:
    put(database, job("a", person="UGONE"), job("b"))
    found = taken(database)
    with database.workspace("T1") as work:
        work.forget_user("UGONE")
        ended = meanwhile.begun(lambda: end(database, found))
        work.enqueue(job("c", "other"))
    assert ended.result() is False
    assert [said(take(database)) for _ in range(3)] == ["b", "c", None]


def test_a_failed_job_is_retried_while_its_workspace_goes(database: Database, meanwhile: Meanwhile) -> None:
    put(database, job("a"), job("b"))
    failed = taken(database)
    end(database, failed, "failed")

    def retry() -> bool:
        with database.queue() as queue:
            return queue.retry(failed.id)

    with database.workspace("T1") as work:
        work.forget_workspace()
        retried = meanwhile.begun(retry)
    assert retried.result() is False
    assert take(database) is None
