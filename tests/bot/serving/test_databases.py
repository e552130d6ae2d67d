"""Two processes on one database, and a database that goes away."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.server import LocalSlack
from tests.bot.postgres import empty, put_away
from tests.bot.serving.people import VERDICT, Person
from tests.bot.serving.process import Served, serving, sqlite, starting
from tests.bot.slack.harness import P6


def takes_turns(slack: LocalSlack, alex: Person, bots: list[Served]) -> None:
    """One conversation; each click reaches the other process."""
    thread = alex.starts()
    for at, (question, answer) in enumerate(P6.items()):
        slack.connect(bots[at % len(bots)].url("/slack/events"))
        alex.presses(thread, f"answer:{question}:{answer}")
        alex.button(thread, f"change:{question}")
    assert alex.takes_typical(thread).text == VERDICT
    assert len(alex.thread(thread)) == len(P6) + 2


def test_two_that_start_at_once_on_an_empty_database_share_the_work(slack: LocalSlack, alex: Person, postgres: str, tmp_path: Path) -> None:
    empty(postgres)
    with starting(slack, "http", postgres, tmp_path) as first, starting(slack, "http", postgres, tmp_path) as second:
        for served in (first, second):
            served.until(served.ready)
        takes_turns(slack, alex, [first, second])
        assert [first.stop(), second.stop()] == [0, 0]
        assert "Traceback" not in first.said() + second.said()


def test_a_file_has_one_bot(slack: LocalSlack, tmp_path: Path) -> None:
    with serving(slack, "http", sqlite(tmp_path), tmp_path), starting(slack, "http", sqlite(tmp_path), tmp_path) as second:
        assert second.process.wait(60) == 2
        assert "Another process serves this database file: a SQLite file has one bot." in second.said()


def test_it_is_not_ready_without_its_tables(slack: LocalSlack, alex: Person, postgres: str, tmp_path: Path) -> None:
    with serving(slack, "http", postgres, tmp_path) as served:
        put_away(postgres)
        assert served.get("/readyz") == (503, "not ready")
        assert served.get("/healthz") == (200, "alive")


def test_it_is_not_ready_when_the_file_is_no_database_any_more(slack: LocalSlack, tmp_path: Path) -> None:
    with serving(slack, "http", sqlite(tmp_path), tmp_path) as served:
        for file in tmp_path.glob("whichcloud.db*"):
            file.write_bytes(b"nothing of a database" * 1000)
        assert served.get("/readyz") == (503, "not ready")
