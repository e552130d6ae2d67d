"""Everything that a listener and a handler work with, put together once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from bot.calling import Granted
from bot.clients import Clients
from bot.desk import Desk
from bot.fairness import Fairness
from bot.postings import Postings
from bot.qa.asker import Asker
from bot.settings import Settings
from bot.understanding import Listener


@dataclass(frozen=True)
class Office:
    """`aside` runs what must not hold up an acknowledgement and is not worth a job: opening a form, a word about an error.

    `asker` builds what answers questions when it is first called: it takes seconds, and the process that acknowledges never needs it.
    """

    desk: Desk
    postings: Postings
    listener: Listener
    settings: Settings
    clients: Clients
    granted: Granted
    fairness: Fairness
    aside: Executor
    asker: Callable[[], Asker]
