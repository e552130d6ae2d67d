"""Everything that a listener and a handler work with, put together once."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from bot.calling import Granted
from bot.clients import Clients
from bot.desk import Desk
from bot.fairness import Fairness
from bot.postings import Postings
from bot.settings import Settings
from bot.understanding import Listener


@dataclass(frozen=True)
class Office:
    """`aside` runs what must not hold up an acknowledgement and is not worth a job: opening a form, a word about an error."""

    desk: Desk
    postings: Postings
    listener: Listener
    settings: Settings
    clients: Clients
    granted: Granted
    fairness: Fairness
    aside: Executor
