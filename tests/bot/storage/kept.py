"""Things to keep, a look at everything that is kept, and many threads that do one thing at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any, TypeVar

from sqlalchemy import Executable, create_engine, inspect, select, text

from bot.conversation import Conversation, Given
from bot.storage import Database, Feedback, NewJob, Report, Verdict, Workspace, WorkspaceSettings
from bot.storage.engines import read_url
from bot.storage.schema import METADATA

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_Result = TypeVar("_Result")


def conversation(id: str = "c1", workspace: str = "T1", owner: str = "U1", **more: Any) -> Conversation:
    return replace(Conversation(id, workspace, f"C-{id}", f"{id}.1", owner, False), **more)


def answered(by: dict[str, str]) -> dict[str, Given]:
    """Answers by people: {"footprint": "U2"}."""
    return {question: Given("aws", who, "1.5") for question, who in by.items()}


def verdict(id: str = "v1", conversation: str = "c1", number: int = 1, **more: Any) -> Verdict:
    made = Verdict(id, conversation, number, "U1", NOON, date(2026, 11, 22), {"footprint": "aws"}, {"plan": "aws"}, "r1", "p1")
    return replace(made, **more)


def report(id: str = "p1", **more: Any) -> Report:
    """As it is kept before anybody posts it."""
    made = Report(id, "c1", "v1", "C9", "U2", NOON, "a note", "", "", None, "", None, "", "waiting", NOON)
    return replace(made, **more)


def fill(work: Workspace, workspace: str) -> None:
    """One of everything, under ids that another workspace may have too."""
    work.first_time("event")
    work.add_conversation(conversation(workspace=workspace, answers=answered({"footprint": "U2"})))
    work.add_verdict(verdict())
    work.keep_feedback(Feedback("v1", "U2", "good", NOON))
    work.claim_post("c1", "head", "d1")
    work.add_report("p1", "c1", "v1", "C9", "U2", "a note")
    work.enqueue(NewJob("click", "lane", "note", {"said": "a word"}, "U2"))
    work.keep_installation("sealed", NOON)
    work.join_organisation("E1")
    work.save_settings(WorkspaceSettings({"a": "1"}, "25", ("U1", "U2"), 30))


def every_row(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, read past the storage."""
    engine = create_engine(read_url(url))
    try:
        with engine.connect() as connection:
            names = sorted(inspect(connection).get_table_names())
            return {name: [dict(row._mapping) for row in connection.execute(_everything(name))] for name in names}
    finally:
        engine.dispose()


def _everything(name: str) -> Executable:
    ours = METADATA.tables.get(name)
    return text(f"SELECT * FROM {name}") if ours is None else select(ours)


def rows_that_mention(url: str, word: str) -> list[str]:
    return [f"{table}: {row}" for table, rows in every_row(url).items() for row in rows if word in str(row)]


def at_once(times: int, act: Callable[[int], _Result]) -> list[_Result]:
    """The results of so many threads that begin together."""
    ready = Barrier(times)

    def begin(number: int) -> _Result:
        ready.wait(timeout=60)
        return act(number)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(begin, range(times)))


def keep(database: Database, *conversations: Conversation) -> None:
    """Each in its own workspace and transaction."""
    for each in conversations:
        with database.workspace(each.workspace) as work:
            work.add_conversation(each)
