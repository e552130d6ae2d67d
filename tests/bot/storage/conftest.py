"""The clock by the name that tests of the storage know it by; the databases are those of all tests of the bot."""

from __future__ import annotations

from tests.bot.conftest import MovedClock

__all__ = ["MovedClock"]
