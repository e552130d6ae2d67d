"""One clock for all who share a database: its own. A file has one machine, so there it is ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Double, bindparam, cast, extract, func, literal

NOW: Final = "now"


def moment(postgresql: bool, clock: Callable[[], datetime]) -> ColumnElement[float]:
    """Seconds since 1970 when the statement begins, as an expression in it."""
    return _of_postgresql() if postgresql else literal(clock().timestamp(), Double)


def moment_when_sent(postgresql: bool) -> ColumnElement[float]:
    """The same in a statement that is kept and sent often; without a clock in the database it is sent with the parameter `now`."""
    return _of_postgresql() if postgresql else bindparam(NOW, type_=Double)


def _of_postgresql() -> ColumnElement[float]:
    return cast(extract("epoch", func.statement_timestamp()), Double)  # not clock_timestamp: with that no index can be used
