"""Workers as threads of this process, on both databases: what becomes of a job however its handler ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import bot.jobs
from bot.buckets import Rate
from bot.jobs import Done, Duty, Ended, Fail, Handler, Job, LeaseLost, Retry, Workers
from bot.pacing import Pacing
from bot.storage import ChangeRefused, Database, DatabaseUnavailable, Stale
from bot.storage.queue import Queue
from tests.bot.conftest import MovedClock
from tests.bot.jobs.queueing import DEADLINE_S, job, pass_time, put, said, state_of, taken, until
from tests.bot.storage.kept import every_row


class PresentClock(MovedClock):
    """Goes by itself: leases run out here."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(scope="module")
def shared_clock() -> MovedClock:
    return PresentClock()


@dataclass
class Seen:
    """What handlers did, and how each run ended."""

    runs: list[tuple[str, int]] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)

    def note(self, job: Job) -> None:
        self.runs.append((job.args["said"], job.tries))

    @property
    def outcomes(self) -> list[str]:
        return [each.outcome for each in self.ends]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@contextmanager
def working(database: Database, seen: Seen, kinds: Mapping[str, Handler | Duty], **more: Any) -> Iterator[Workers]:
    duties = {kind: each if isinstance(each, Duty) else Duty(each) for kind, each in kinds.items()}
    workers = Workers(database, duties, **{"threads": 4, "on_ended": seen.ends.append, **more})
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()


def wait(event: threading.Event) -> None:
    assert event.wait(DEADLINE_S), "waited in vain"


def test_jobs_are_done(database: Database, url: str, seen: Seen) -> None:
    put(database, *(job(f"{lane}{number}", lane) for number in range(4) for lane in "xyz"))
    with working(database, seen, {"note": seen.note}):
        until(lambda: len(seen.ends) == 12)
    assert {lane: [key for key, _ in seen.runs if key[0] == lane] for lane in "xyz"} == {
        lane: [f"{lane}{number}" for number in range(4)] for lane in "xyz"
    }
    assert {row["state"] for row in every_row(url)["jobs"]} == {"done"}
    assert every_row(url)["lanes"] == []
    assert {(each.kind, each.outcome, each.job.workspace) for each in seen.ends} == {("note", "done", "T1")}


def test_what_is_enqueued_wakes_the_workers(database: Database, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.jobs, "_POLL_MS", 3_600_000)
    with working(database, seen, {"note": seen.note}) as workers:
        until(lambda: not workers._wake.is_set())
        for number in range(3):
            put(database, job(str(number)))
            until(lambda: len(seen.ends) == number + 1)  # noqa: B023  # called before the next turn
    assert seen.outcomes == ["done"] * 3


def _once(seen: Seen, problem: Exception) -> Handler:
    """A handler that stumbles at its first try."""

    def run(job: Job) -> None:
        seen.note(job)
        if job.tries == 1:
            raise problem

    return run


ENDS: dict[str, tuple[Exception, list[str], str, str]] = {
    "to be tried again": (Retry(0.0, {"step": 1}), ["again", "done"], "done", ""),
    "the database is away": (DatabaseUnavailable("away"), ["again", "done"], "done", ""),
    "somebody was quicker": (Stale(), ["again", "done"], "done", ""),
    "it cannot be done": (Fail("no such \x00channel"), ["failed"], "failed", "no such ?channel"),
    "the handler breaks": (KeyError("SECRET"), ["failed"], "failed", "KeyError"),
    "a change is refused": (ChangeRefused("SECRET"), ["failed"], "failed", "ChangeRefused"),
    "the lane is lost, it thinks": (LeaseLost(), ["lost", "done"], "done", ""),
}


@pytest.mark.parametrize(("problem", "outcomes", "state", "error"), ENDS.values(), ids=ENDS)
def test_how_a_run_ends(
    database: Database,
    url: str,
    seen: Seen,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    outcomes: list[str],
    state: str,
    error: str,
) -> None:
    monkeypatch.setattr(bot.jobs, "_AWAY_S", 0.01)
    put(database, job("a"))
    with working(database, seen, {"note": _once(seen, problem)}):
        until(lambda: len(seen.ends) == len(outcomes))
    assert seen.outcomes == outcomes
    assert seen.runs == [("a", number + 1) for number in range(len(outcomes))]
    (row,) = every_row(url)["jobs"]
    assert (row["state"], row["error"], row["args"]) == (state, error, {"said": "a"} if state == "failed" else {})


def test_a_job_that_is_tried_again_finds_what_it_saved(database: Database, seen: Seen) -> None:
    found = []

    def run(job: Job) -> None:
        found.append(dict(job.saved))
        if job.tries == 1:
            job.keep({"step": 1})
            raise Retry(0.0)
        if job.tries == 2:
            raise Retry(0.0, {"step": 2})

    put(database, job("a"))
    with working(database, seen, {"note": run}):
        until(lambda: len(seen.ends) == 3)
    assert found == [{}, {"step": 1}, {"step": 2}]


def test_a_lane_rests_after_a_job_and_others_do_not(database: Database, url: str, seen: Seen) -> None:
    put(database, job("a", "x", kind="rest"), job("b", "x"), job("c", "y"))

    def run(job: Job) -> Done:
        seen.note(job)
        return Done(rest_s=3600)

    with working(database, seen, {"rest": run, "note": seen.note}):
        until(lambda: len(seen.ends) == 2)
        assert sorted(seen.runs) == [("a", 1), ("c", 1)]
        pass_time(url, 3600)
        until(lambda: len(seen.ends) == 3)
    assert seen.runs[-1] == ("b", 1)


def test_a_job_that_asks_for_tries_is_given_up_when_it_is_old(
    database: Database, url: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.jobs, "MOST_WAITS", 3)

    def run(job: Job) -> None:
        seen.note(job)
        if job.tries == 6:
            monkeypatch.setattr(bot.jobs, "GIVE_UP_AFTER", timedelta(0))
        raise Retry(0.0)

    put(database, job("a"))
    with working(database, seen, {"note": run}):
        until(lambda: "failed" in seen.outcomes)
    assert seen.runs == [("a", number) for number in range(1, 7)]
    assert every_row(url)["jobs"][0]["error"] == "gave up after 6 tries"


def test_a_job_that_ends_its_worker_again_and_again_is_given_up(
    database: Database, url: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.jobs, "MOST_BROKEN_OFF", 3)
    put(database, job("a"))
    with database.queue() as queue:
        waits = queue.take(3600)
        assert waits is not None
        assert queue.put_back(waits, 0, None)  # does not count
    for _ in range(3):
        taken(database, lease_s=0)
    last = taken(database, lease_s=0)
    assert (last.tries, last.waits) == (5, 1)
    with working(database, seen, {"note": seen.note}):
        until(lambda: len(seen.ends) == 1)
    assert (seen.runs, seen.outcomes) == ([], ["failed"])
    assert every_row(url)["jobs"][0]["error"] == "the worker went away 3 times and more"


def test_a_kind_that_is_unknown_here_is_left_to_another(database: Database, seen: Seen, url: str) -> None:
    """As while replicas of two versions run."""
    put(database, job("a", kind="new"))
    with working(database, seen, {"note": seen.note}):
        until(lambda: seen.outcomes == ["again"])
    pass_time(url, 60)
    with working(database, seen, {"new": seen.note}):
        until(lambda: len(seen.ends) == 2)
    assert (seen.runs, seen.outcomes) == ([("a", 2)], ["again", "done"])


def test_whoever_lost_the_lane_stops_before_the_side_effect(database: Database, seen: Seen) -> None:
    """The first run outlives its lease without noticing, by the clock of its process there is time; the second is done meanwhile."""
    second_ended = threading.Event()
    effects = []

    def run(job: Job) -> None:
        if job.tries == 1:
            wait(second_ended)
            job._held_until = float("inf")
            job.ensure(1)
        effects.append(job.tries)

    def ended(how: Ended) -> None:
        seen.ends.append(how)
        second_ended.set()

    put(database, job("a"))
    with working(database, seen, {"note": run}, lease_s=0.2, on_ended=ended):
        until(lambda: len(seen.ends) == 2)
    assert (effects, seen.outcomes) == ([2], ["done", "lost"])


def test_a_run_that_outlived_its_lease_takes_no_thread_of_others(database: Database, seen: Seen) -> None:
    begun, go_on = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    def run(job: Job) -> None:
        number = job.tries - 1
        begun[number].set()
        wait(go_on[number])

    put(database, job("a"))
    with working(database, seen, {"note": run}, lease_s=0.2, threads=2) as workers:
        wait(begun[0])
        wait(begun[1])
        workers.lease_s = 3600
        go_on[0].set()
        until(lambda: seen.outcomes == ["lost"])
        assert [each.job.tries for each in workers._running.values()] == [2]
        go_on[1].set()
    assert [(each.outcome, each.job.tries) for each in seen.ends] == [("lost", 1), ("done", 2)]
    assert workers._running == {}


def test_before_a_side_effect_the_lease_is_made_long_enough(database: Database, seen: Seen) -> None:
    held = []

    def run(job: Job) -> None:
        before = job._held_until
        job.ensure(1)
        held.append(job._held_until > before)
        job.ensure(101)
        held.append(job._held_until > before)

    put(database, job("a"))
    with working(database, seen, {"note": run}, lease_s=100):
        until(lambda: seen.outcomes == ["done"])
    assert held == [False, True]


def test_a_job_that_is_cancelled_while_it_runs_stops_and_leaves_its_lane_to_the_next(database: Database, url: str, seen: Seen) -> None:
    begun, cancelled, effects = threading.Event(), threading.Event(), []

    def run(job: Job) -> None:
        if job.args["said"] == "a":
            begun.set()
            wait(cancelled)
            job.ensure(1)
        effects.append(job.args["said"])

    put(database, job("a"), job("b"))
    with working(database, seen, {"note": run}, lease_s=3600):
        wait(begun)
        (first, _) = sorted(row["id"] for row in every_row(url)["jobs"])
        with database.queue() as queue:
            assert queue.cancel(first)
        cancelled.set()
        until(lambda: len(seen.ends) == 2)
    assert (effects, seen.outcomes) == (["b"], ["lost", "done"])
    assert state_of(url, first) == ("cancelled", 1, {}, None)


def test_the_database_is_away_while_a_job_ends(database: Database, url: str, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.jobs, "_AWAY_S", 0.01)
    away, asked = threading.Event(), []
    queue = database.queue

    @contextmanager
    def at_times() -> Iterator[Queue]:
        if away.is_set():
            asked.append(1)
            raise DatabaseUnavailable("away")
        with queue() as opened:
            yield opened

    def run(job: Job) -> None:
        seen.note(job)
        away.set()

    put(database, job("a"))
    monkeypatch.setattr(database, "queue", at_times)
    with working(database, seen, {"note": run}):
        until(lambda: len(asked) >= 3)
        away.clear()
        until(lambda: seen.outcomes == ["done"])
    assert seen.runs == [("a", 1)]
    assert every_row(url)["jobs"][0]["state"] == "done"


@pytest.mark.parametrize(
    "problem",
    [DatabaseUnavailable("away"), ChangeRefused("no such table"), RuntimeError("can't start new thread")],
    ids=["away", "without its tables", "something else"],
)
def test_workers_outlive_a_database_that_is_away(
    database: Database, seen: Seen, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(bot.jobs, "_AWAY_S", 0.01)
    away, asked = threading.Event(), []
    away.set()
    any_job_free = database.any_job_free

    def at_times(resting: Collection[str] = ()) -> bool:
        if away.is_set():
            asked.append(1)
            raise problem
        return any_job_free(resting)

    monkeypatch.setattr(database, "any_job_free", at_times)
    put(database, job("a"))
    with working(database, seen, {"note": seen.note}):
        until(lambda: len(asked) >= 3)
        away.clear()
        until(lambda: seen.outcomes == ["done"])


def test_what_cannot_be_kept_is_told_and_ends_with_its_tries(
    database: Database, seen: Seen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def run(job: Job) -> None:
        seen.note(job)
        raise Retry(0.0, {"no JSON": object()})

    monkeypatch.setattr(bot.jobs, "MOST_BROKEN_OFF", 1)
    put(database, job("a"))
    with working(database, seen, {"note": run}, lease_s=0.1):
        until(lambda: seen.outcomes == ["failed"])
    assert seen.runs == [("a", 1), ("a", 2)]
    assert [record.getMessage().partition(" of job")[0] for record in caplog.records if record.levelname == "ERROR"] == ["the end"] * 2


def test_whoever_stops_ends_what_is_in_hand_and_takes_nothing_more(database: Database, url: str, seen: Seen) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def run(job: Job) -> None:
        seen.note(job)
        begun.set()
        wait(go_on)

    put(database, job("a"), job("b"))
    with working(database, seen, {"note": run}) as workers:
        wait(begun)
        stopping = threading.Thread(target=workers.stop)
        stopping.start()
        until(workers._stopping.is_set)
        put(database, job("c", "other"))
        assert stopping.is_alive()
        go_on.set()
        stopping.join(DEADLINE_S)
        assert not stopping.is_alive()
    assert (seen.runs, seen.outcomes) == ([("a", 1)], ["done"])
    assert sorted(row["state"] for row in every_row(url)["jobs"]) == ["done", "ready", "ready"]
    assert [row["owner"] for row in every_row(url)["lanes"]] == [None, None]


@pytest.mark.parametrize("alone", [True, False])
def test_whoever_is_alone_goes_on_at_once_with_what_was_in_hand(database: Database, url: str, seen: Seen, alone: bool) -> None:
    put(database, job("a", "x"), job("b", "y"))
    assert said(taken(database, lease_s=3600)) == "a"
    with working(database, seen, {"note": seen.note}, alone=alone):
        until(lambda: len(seen.ends) == 1 + alone)
    assert sorted(seen.runs) == ([("a", 2), ("b", 1)] if alone else [("b", 1)])


def test_what_takes_long_is_told_once(database: Database, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.jobs, "SLOW_AFTER_S", 0.0)
    monkeypatch.setattr(bot.jobs, "_POLL_MS", 10)
    told: list[str] = []
    go_on = threading.Event()

    def run(job: Job) -> None:
        until(lambda: job.args["said"] in told)
        wait(go_on)

    def slow(job: Job) -> None:
        told.append(job.args["said"])
        raise LeaseLost  # what goes wrong here is not the job's affair

    with working(database, seen, {"note": Duty(run, slow), "silent": seen.note}):
        for key in "abc":  # each is told after another look at those before it
            put(database, job(key, key))
            until(lambda: key in told)  # noqa: B023  # called before the next turn
        go_on.set()
        until(lambda: len(seen.ends) == 3)
    assert (told, seen.outcomes) == (["a", "b", "c"], ["done"] * 3)


def test_nothing_is_told_of_a_job_that_has_ended(database: Database, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first word takes long, the second job ends; the third shows that its word would have come."""
    monkeypatch.setattr(bot.jobs, "SLOW_AFTER_S", 0.0)
    monkeypatch.setattr(bot.jobs, "_POLL_MS", 10)
    told: list[str] = []
    telling = threading.Event()
    go_on: dict[str, threading.Event] = {key: threading.Event() for key in "abc"}

    def slow(job: Job) -> None:
        told.append(job.args["said"])
        if job.args["said"] == "a":
            wait(telling)

    with working(database, seen, {"note": Duty(lambda job: wait(go_on[job.args["said"]]), slow)}) as workers:
        for number, key in enumerate("abc"):
            put(database, job(key, key))
            until(lambda: sum(each.told for each in list(workers._running.values())) == number + 1)  # noqa: B023
            until(lambda: told == ["a"])
        go_on["b"].set()
        until(lambda: len(seen.ends) == 1)
        telling.set()
        until(lambda: told == ["a", "c"])
        for event in go_on.values():
            event.set()
    assert told == ["a", "c"]


def test_a_busy_workspace_does_not_hold_up_another(database: Database, seen: Seen) -> None:
    """One thread of two is held by the first of the flood; of the rest, the other workspace is served next."""
    go_on = threading.Event()

    def run(job: Job) -> None:
        seen.note(job)
        if job.args["said"] == "flood0":
            wait(go_on)

    put(database, *(job(f"flood{number}", f"lane{number}") for number in range(6)))
    put(database, job("other"), workspace="T2")
    with working(database, seen, {"note": run}, threads=2):
        until(lambda: len(seen.ends) == 6)
        go_on.set()
    assert [key for key, _ in seen.runs][:2] == ["flood0", "other"]


def test_a_workspace_that_had_its_share_rests_while_another_has_work_done(database: Database, seen: Seen) -> None:
    now = [1_000.0]
    put(database, job("other"), workspace="T2")
    put(database, *(job(f"flood{number}", f"lane{number}") for number in range(6)))
    pacing = Pacing(Rate(burst=2, per_second=1), lambda: now[0])
    with working(database, seen, {"note": seen.note}, threads=1, pacing=pacing):
        until(lambda: len(seen.ends) == 5)
        time.sleep(0.6)  # it looks twice and more
        assert [key for key, _ in seen.runs] == ["other", "flood0", "flood1", "flood2", "flood3"]
        now[0] += 1  # one more of its share
        until(lambda: len(seen.ends) == 6)
        time.sleep(0.6)
        assert len(seen.runs) == 6
        now[0] += 3  # since when the other had nothing to do
        until(lambda: len(seen.ends) == 7)
    assert seen.outcomes == ["done"] * 7
