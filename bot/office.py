"""Everything that a listener works with, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk import Desk
from bot.postings import Postings
from bot.settings import Settings
from bot.understanding import Listener


@dataclass(frozen=True)
class Office:
    desk: Desk
    postings: Postings
    listener: Listener
    settings: Settings
