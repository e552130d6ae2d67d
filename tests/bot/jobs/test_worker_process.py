"""`whichcloud worker` beside a bot that only answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.sandbox.server import LocalSlack
from bot.settings import Settings, SettingsError
from bot.working import work
from tests.bot.postgres import fresh_database
from tests.bot.serving.people import Person
from tests.bot.serving.process import ROOT, Served, environment, free_port, local_slack, serving


@contextmanager
def a_worker(slack: LocalSlack, database_url: str, folder: Path, **extra: str) -> Iterator[Served]:
    port = free_port()
    printed = folder / "printed-by-worker.txt"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli.main", "worker", "--port", str(port)],
            env=environment(slack, "http", DATABASE_URL=database_url, **extra),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(slack, process, port, printed)
    try:
        yield served
    finally:
        served.kill()


def test_a_worker_does_what_the_bot_hands_over_and_goes_well(postgres: str, tmp_path: Path) -> None:
    with (
        fresh_database(postgres) as url,
        local_slack() as slack,
        serving(slack, "http", url, tmp_path, WHICHCLOUD_WORKERS="0") as bot,
        a_worker(slack, url, tmp_path) as worker,
    ):
        alex = Person(slack)
        thread = alex.starts()
        alex.presses(thread, "answer:footprint:aws")
        alex.button(thread, "change:footprint")
        assert (worker.get("/readyz"), worker.get("/healthz")) == ((200, "ready"), (200, "alive"))
        status, page = worker.get("/metrics")
        assert (status, 'whichcloud_posts_total{outcome="posted"}' in page, "whichcloud_database_up 1.0" in page) == (200, True, True)
        assert worker.get("/slack/events")[0] == 404
        assert worker.stop() == 0
        assert "takes nothing more, and finishes what is in hand" in worker.said()
        assert bot.stop() == 0
        assert "Traceback" not in worker.said() + bot.said()


REFUSED = {
    "a SQLite file": ("sqlite:///bot.db", 8, "DATABASE_URL names a SQLite file, and such a file has one bot: `whichcloud serve` works on"),
    "no threads": ("postgresql://bot@127.0.0.1/bot", 0, "WHICHCLOUD_WORKERS is 0: that is for `whichcloud serve`, where"),
}


@pytest.mark.parametrize(("url", "threads", "words"), REFUSED.values(), ids=REFUSED)
def test_where_it_cannot_work_it_says_why(url: str, threads: int, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        work(Settings(database_url=SecretStr(url), whichcloud_workers=threads))
    assert str(refused.value).startswith(words)
