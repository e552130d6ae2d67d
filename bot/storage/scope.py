"""What the parts of a workspace's store share: the transaction, the workspace and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage.engines import POSTGRESQL

Clock = Callable[[], datetime]
Insert = sqlite.Insert | postgresql.Insert


@dataclass(frozen=True)
class Scope:
    """One transaction in one workspace."""

    _connection: Connection
    id: str
    _clock: Clock
    _enqueued: list[str] = field(default_factory=list, repr=False)  # lanes that got a job in this transaction

    def _here(self, table: Table) -> ColumnElement[bool]:
        """The condition that every statement on the table carries."""
        return table.c.workspace == self.id

    def _insert(self, table: Table) -> Insert:
        """An INSERT that knows ON CONFLICT."""
        postgres = self._connection.dialect.name == POSTGRESQL
        return postgresql.insert(table) if postgres else sqlite.insert(table)

    def _inserted(self, table: Table, **values: object) -> bool:
        """Whether the row was written; False where its key is taken, also by another process at the same moment."""
        insert = _insert_once(table, self._connection.dialect.name == POSTGRESQL)
        return self._connection.execute(insert, values).first() is not None


@cache
def _insert_once(table: Table, postgres: bool) -> ReturningInsert[Any]:
    """Put together once: rows are sent often."""
    insert = postgresql.insert(table) if postgres else sqlite.insert(table)
    return insert.on_conflict_do_nothing().returning(next(iter(table.primary_key)))
