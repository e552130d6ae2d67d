"""The process that works on the jobs: beside the one that answers Slack, or on a machine of its own."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from bot.app import build_client, open_office, utc_now
from bot.handlers import duties
from bot.jobs import Ended, Workers
from bot.logs import set_up_log
from bot.metrics import ran
from bot.office import Office
from bot.scrape import METRICS, page_of
from bot.settings import Settings, SettingsError
from bot.startup import check_tokens
from bot.waking import Wake
from bot.web import Web
from engine.load import load_rulebook
from engine.rulebook import Rulebook

_HAS_ITS_OWN: Final = (
    "DATABASE_URL names a SQLite file, and such a file has one bot: `whichcloud serve` works on its jobs already. "
    "Workers beside it need PostgreSQL."
)
_NOBODY: Final = "WHICHCLOUD_WORKERS is 0: that is for `whichcloud serve`, where workers run beside it. Here it says how many jobs at once."
_NICE: Final = 10  # of who computes: an acknowledgement goes before
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
        os.nice(_NICE)
        office = open_office(settings, rulebook)
        workers = Workers(office.desk.database, duties(office), settings.whichcloud_workers, alone=settings.alone, on_ended=_counted)
        workers.start()
        if wake is not None:
            threading.Thread(target=wake.call_on_each, args=[workers.wake], name="wake", daemon=True).start()
        warm_up = threading.Timer(_WARM_UP_S, office.asker)
        warm_up.daemon = True
        warm_up.start()
        return cls(office, workers)

    def web(self, stopping: Callable[[], bool]) -> Web:
        """How it goes: the same pages as of `whichcloud serve`, without Slack's."""
        desk, settings = self.office.desk, self.office.settings
        return Web(None, lambda: not stopping() and desk.database.ready(), {METRICS: page_of(desk, settings)})

    def stop(self) -> None:
        """What is in hand is finished, and what waits is kept."""
        self.workers.stop()
        self.office.aside.shutdown(wait=True)
        self.office.desk.database.close()


def _counted(ended: Ended) -> None:
    waited_s = (utc_now() - ended.job.created_at).total_seconds() - ended.took_s if ended.job.tries == 1 else None
    ran(ended.kind, ended.outcome, ended.took_s, waited_s)


def work(settings: Settings, port: int | None = None) -> None:
    """Checks what can be checked, then works until told to stop; meanwhile the port, if there is one, says how it goes.

    Raises SettingsError, StorageError or RulesError before that.
    """
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
    page = _page(settings, port) if port is not None else None
    working = Working.start(settings, load_rulebook())
    if page is not None:
        page.set_app(working.web(told.is_set))
        threading.Thread(target=page.serve_forever, name="page", daemon=True).start()
    log.info("working on what `whichcloud serve` hands over, %s jobs at once", settings.whichcloud_workers)
    told.wait()
    log.info("takes nothing more, and finishes what is in hand")
    working.stop()
    if page is not None:
        page.shutdown()
        page.server_close()


class _Page(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """The log is for what goes wrong."""


def _page(settings: Settings, port: int) -> _Page:
    """Bound before any work is taken, so that a port that is taken is a mistake to mend. Raises SettingsError."""
    try:
        return _Page((settings.whichcloud_host, port), _Quiet)
    except OSError as error:
        raise SettingsError(f"--port {port}: {error.strerror}. Name another one, from 0 to 65535.") from None
