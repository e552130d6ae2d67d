"""One clock for all who share a database: its own. A file has one machine, so there it is ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Double, cast, extract, func, literal


def moment(postgresql: bool, clock: Callable[[], datetime]) -> ColumnElement[float]:
    """Seconds since 1970, as an expression of a statement."""
    if postgresql:
        return cast(extract("epoch", func.clock_timestamp()), Double)
    return literal(clock().timestamp(), Double)
