"""A look at a database leaves it as it was, on SQLite and on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import create_engine, update

from bot.storage import Database, Depth, NewJob
from bot.storage.engines import read_url
from bot.storage.inspection import look_into
from bot.storage.migrate import newest
from bot.storage.schema import lanes
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import every_row


def test_what_is_there_is_found_and_stays_as_it_is(database: Database, url: str, clock: MovedClock) -> None:
    since = clock()
    with database.workspace("T1") as work:
        work.enqueue(NewJob(key="a", lane="lane:a", kind="show"))
        work.enqueue(NewJob(key="b", lane="lane:b", kind="report", urgent=False))
        work.keep_installation("sealed", None)
    before = every_row(url)
    found = look_into(url, clock)
    assert found.waiting is not None
    assert found.installations is not None
    assert (found.schema, found.revision) == ("current", newest())
    assert set(found.waiting.depths) == {Depth("ready", True, 1, since), Depth("ready", False, 1, since)}
    assert [row.workspace for row in found.installations] == ["T1"]
    assert every_row(url) == before


def test_an_empty_database_stays_empty(url: str, clock: MovedClock) -> None:
    found = look_into(url, clock)
    assert (found.schema, found.revision, found.waiting, found.installations) == ("none", "", None, None)
    assert url.startswith("sqlite") or every_row(url) == {}


def test_lanes_that_nobody_came_for(database: Database, url: str, clock: MovedClock) -> None:
    """By the clock of the database, where it has one."""
    for key in ("a", "b", "c"):
        with database.workspace("T1") as work:
            work.enqueue(NewJob(key=key, lane=f"lane:{key}", kind="show"))
    engine = create_engine(read_url(url))
    with engine.begin() as connection:
        connection.execute(update(lanes).values(free_at=4_000_000_000))
        connection.execute(update(lanes).where(lanes.c.name == "lane:b").values(free_at=1_000_000_000))
    engine.dispose()
    found = look_into(url, clock).waiting
    assert found is not None
    assert found.deserted == 1
