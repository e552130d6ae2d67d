"""`whichcloud jobs`, through the function that the installed script calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.jobs import _age, _short
from bot.storage import Database
from tests.bot.conftest import MovedClock
from tests.bot.jobs.queueing import end, job, pass_time, put, said, take, taken
from tests.bot.terminal import run


class AnHourAgo(MovedClock):
    """Everything was put in then, so that ages are exact. A lane that is opened by the command's own clock lies ahead of it."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) - timedelta(hours=1, minutes=5)


@pytest.fixture(scope="module")
def shared_clock() -> MovedClock:
    return AnHourAgo()


@pytest.fixture(autouse=True)
def environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """One job in each state, with what was typed in it."""
    for key in ("done", "failed", "cancelled", "ready"):
        put(database, job(key, f"conversation:{key}0123456789abc", person="UTYPED", args={"said": key, "text": "TYPED"}))
    made = {}
    for key, state in (("done", "done"), ("failed", "failed"), ("cancelled", "cancelled")):
        found = taken(database)
        made[key] = found.id
        end(database, found, state, error="no such channel" if state == "failed" else "")
    return {**made, "ready": found.id + 1}


def test_what_waits_and_what_failed_is_listed(ids: dict[str, int]) -> None:
    lines = [line.split() for line in run("jobs").answered().splitlines()]
    assert lines == [
        ["id", "age", "kind", "workspace", "lane", "state", "tries", "error"],
        [str(ids["ready"]), "1", "h", "note", "T1", "conversation:…123456789abc", "ready", "0"],
        [str(ids["failed"]), "1", "h", "note", "T1", "conversation:…123456789abc", "failed", "1", "no", "such", "channel"],
    ]
    assert run("jobs", "list").out == run("jobs").out


def test_as_json_it_is_whole_but_for_what_was_typed(ids: dict[str, int]) -> None:
    ran = run("jobs", "--format", "json", "--state", "failed", "--state", "cancelled", "--limit", "1").answered()
    (found,) = json.loads(ran)
    times = {name: datetime.fromisoformat(found.pop(name)) for name in ("created_at", "ended_at")}
    assert found == {
        "id": ids["cancelled"], "kind": "note", "workspace": "T1", "lane": "conversation:cancelled0123456789abc", "state": "cancelled",
        "urgent": True, "tries": 1, "error": "",
    }  # fmt: skip
    assert times["created_at"] < times["ended_at"] < datetime.now(UTC)
    every = run("jobs", *(word for state in ids for word in ("--state", state)), "--format", "json").answered()
    assert {each["state"] for each in json.loads(every)} == ids.keys()
    assert "TYPED" not in every


def test_where_there_is_none_it_says_so(database: Database) -> None:
    assert run("jobs").answered() == "Nothing waits, and nothing failed.\n"
    assert run("jobs", "--state", "done").answered() == "No such jobs.\n"
    assert run("jobs", "--format", "json").answered() == "[]\n"
    assert run("jobs", "retry", "--all-failed").answered() == "Nothing failed.\n"


def test_what_failed_is_tried_again(database: Database, url: str, ids: dict[str, int]) -> None:
    assert run("jobs", "retry", str(ids["failed"])).answered() == f"Job {ids['failed']} waits again.\n"
    pass_time(url, 4_000)
    assert {said(take(database)), said(take(database))} == {"ready", "failed"}


def test_everything_that_failed_is_tried_again(database: Database, url: str) -> None:
    put(database, *(job(key, key) for key in "abc"))
    failed = [taken(database) for _ in "abc"]
    for found in failed:
        end(database, found, "failed")
    told = "".join(f"Job {found.id} waits again.\n" for found in failed)
    assert run("jobs", "retry", "--all-failed").answered() == told
    pass_time(url, 4_000)
    assert {said(take(database)) for _ in "abcd"} == {"a", "b", "c", None}


def test_a_job_is_taken_back(database: Database, ids: dict[str, int]) -> None:
    assert run("jobs", "cancel", str(ids["ready"])).answered() == f"Job {ids['ready']} is cancelled.\n"
    assert take(database) is None


def test_what_cannot_be_is_refused_and_the_rest_is_done(ids: dict[str, int]) -> None:
    unknown = ids["ready"] + 1
    ran = run("jobs", "cancel", *map(str, (unknown, ids["done"], ids["ready"], ids["failed"], ids["cancelled"])))
    assert (ran.code, ran.out) == (2, f"Job {ids['ready']} is cancelled.\n")
    rule = "only what waits or runs can be cancelled."
    assert ran.err.splitlines() == [
        f"Job {unknown} is not known: `whichcloud jobs` lists those that are. What is over is deleted after three days.",
        f"Job {ids['done']} is done: {rule}",
        f"Job {ids['failed']} has failed: {rule}",
        f"Job {ids['cancelled']} was cancelled: {rule}",
    ]


def test_only_what_failed_can_be_tried_again(ids: dict[str, int]) -> None:
    rule = "only what failed can be tried again"
    run("jobs", "retry", str(ids["ready"])).refused(f"Job {ids['ready']} waits already: {rule}.")
    run("jobs", "retry", str(ids["done"])).refused(f"Job {ids['done']} is done: {rule}.")


WRONG = {
    "no job named": (("retry",), "Name the jobs by their numbers, or give --all-failed."),
    "some and all": (("retry", "3", "--all-failed"), "Name the jobs by their numbers, or give --all-failed."),
    "nothing to cancel": (("cancel",), "Missing argument 'IDS...'."),
    "no number": (("cancel", "last"), "Invalid value for 'IDS...': 'last' is not a valid integer."),
    "no such state": (("--state", "running"), "Invalid value for '--state': 'running' is not one of"),
    "no such command": (("stop", "3"), "No such command 'stop'."),
}


@pytest.mark.parametrize(("words", "problem"), WRONG.values(), ids=WRONG)
def test_wrong_words(database: Database, words: tuple[str, ...], problem: str) -> None:
    run("jobs", *words).refused(problem)


def test_a_database_that_no_bot_has_used_is_not_made(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    run("jobs").refused("DATABASE_URL: no bot has used this database yet.")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("DATABASE_URL", "mysql://bot:SECRET@127.0.0.1/bot")
    run("jobs").refused("DATABASE_URL: The database URL names no database that we can use.")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (0.9, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (86_399, "23 h"), (200_000, "2 d")],
)
def test_ages(seconds: float, text: str) -> None:
    assert _age(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("lane", "short"),
    [
        ("channel:C0123456789", "channel:C0123456789"),
        ("thread:C0123456789:1732270000.123456", "thread:…70000.123456"),
        ("without", "without"),
    ],
)
def test_lanes_are_shortened(lane: str, short: str) -> None:
    assert _short(lane) == short
