"""The process that works on the jobs: beside the one that answers Slack, or on a machine of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot.app import open_office
from bot.handlers import duties
from bot.jobs import Workers
from bot.office import Office
from bot.settings import Settings
from bot.waking import Wake
from engine.rulebook import Rulebook


@dataclass
class Working:
    """Threads that take jobs until they are told to stop."""

    office: Office
    workers: Workers

    @classmethod
    def start(cls, settings: Settings, rulebook: Rulebook, wake: Wake | None = None) -> Working:
        """On a SQLite file nobody else works, so whatever was in hand before has nobody any more."""
        office = open_office(settings, rulebook)
        workers = Workers(office.desk.database, duties(office), settings.whichcloud_workers, alone=settings.alone)
        workers.start()
        if wake is not None:
            threading.Thread(target=wake.call_on_each, args=[workers.wake], name="wake", daemon=True).start()
        return cls(office, workers)

    def stop(self) -> None:
        """What is in hand is finished, and what waits is kept."""
        self.workers.stop()
        self.office.aside.shutdown(wait=True)
        self.office.desk.database.close()
