"""The process that works on the jobs: beside the one that answers Slack, or on a machine of its own."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import dataclass
from typing import Final

from bot.app import build_client, open_office, utc_now
from bot.handlers import duties
from bot.jobs import Ended, Workers
from bot.logs import set_up_log
from bot.metrics import ran
from bot.office import Office
from bot.settings import Settings, SettingsError
from bot.startup import check_tokens
from bot.waking import Wake
from engine.load import load_rulebook
from engine.rulebook import Rulebook

_HAS_ITS_OWN: Final = (
    "DATABASE_URL names a SQLite file, and such a file has one bot: `whichcloud serve` works on its jobs already. "
    "Workers beside it need PostgreSQL."
)
_NOBODY: Final = "WHICHCLOUD_WORKERS is 0: that is for `whichcloud serve`, where workers run beside it. Here it says how many jobs at once."
_WARM_UP_S: Final = 30  # what answers questions takes two seconds to build; whatever waited for a start comes before it
log = logging.getLogger(__name__)


@dataclass
class Working:
    """Threads that take jobs until they are told to stop."""

    office: Office
    workers: Workers

    @classmethod
    def start(cls, settings: Settings, rulebook: Rulebook, wake: Wake | None = None) -> Working:
        """On a SQLite file nobody else works, so whatever was in hand before has nobody any more."""
        office = open_office(settings, rulebook)
        workers = Workers(office.desk.database, duties(office), settings.whichcloud_workers, alone=settings.alone, on_ended=_counted)
        workers.start()
        if wake is not None:
            threading.Thread(target=wake.call_on_each, args=[workers.wake], name="wake", daemon=True).start()
        warm_up = threading.Timer(_WARM_UP_S, office.asker)
        warm_up.daemon = True
        warm_up.start()
        return cls(office, workers)

    def stop(self) -> None:
        """What is in hand is finished, and what waits is kept."""
        self.workers.stop()
        self.office.aside.shutdown(wait=True)
        self.office.desk.database.close()


def _counted(ended: Ended) -> None:
    waited_s = (utc_now() - ended.job.created_at).total_seconds() - ended.took_s if ended.job.tries == 1 else None
    ran(ended.kind, ended.outcome, ended.took_s, waited_s)


def work(settings: Settings) -> None:
    """Checks what can be checked, then works until told to stop. Raises SettingsError, StorageError or RulesError before that."""
    if settings.alone:
        raise SettingsError(_HAS_ITS_OWN)
    if not settings.whichcloud_workers:
        raise SettingsError(_NOBODY)
    set_up_log(settings.whichcloud_log_level, settings.secrets)
    if not settings.many:
        check_tokens(build_client(settings), None)
    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    working = Working.start(settings, load_rulebook())
    log.info("working on what `whichcloud serve` hands over, %s jobs at once", settings.whichcloud_workers)
    told.wait()
    log.info("takes nothing more, and finishes what is in hand")
    working.stop()
