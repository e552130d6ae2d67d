"""The bot as processes under gunicorn, until SIGTERM: one answers Slack over HTTP or holds the socket, one works on the jobs.

They are apart because they would starve each other: a verdict computes, and a press wants its acknowledgement now. gunicorn starts
each anew when it dies. Either, told to go, takes nothing more, finishes what it has in hand, and closes the database.
"""

from __future__ import annotations

import gc
import logging
import os
import time
from collections import Counter
from typing import Any, Literal, Protocol

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from bot.answering import Answering
from bot.app import LISTENERS, build_client, utc_now
from bot.logs import set_up_log
from bot.settings import Settings
from bot.startup import check_tokens
from bot.storage import open_database
from bot.storage.alone import held
from bot.waking import Wake
from bot.web import Web
from bot.working import Working
from engine.load import load_rulebook
from engine.rulebook import Rulebook

_GRACE_S, _LOOK_MS = 25, 500
# Bolt reads these by itself: the token a second time, and with the other two it would serve many workspaces instead of this one.
_OF_BOLT = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
Role = Literal["web", "jobs"]
log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Checks what can be checked, then serves until told to stop. Raises SettingsError, StorageError or RulesError before that."""
    set_up_log(settings.whichcloud_log_level, settings.secrets)
    for name in _OF_BOLT:
        os.environ.pop(name, None)
    team = "many workspaces" if settings.many else check_tokens(build_client(settings), settings.app_token)
    url = settings.database_url.get_secret_value()
    with held(url):  # and so do the processes that are forked from this one, to the last
        open_database(url, utc_now).close()
        rulebook = load_rulebook()
        log.info("%s, rules %s, %s", team, rulebook.version[:8], settings.transport)
        gc.collect()
        gc.freeze()  # the rulebook stays: no collection looks through it, and the processes share its pages
        _Server(settings, rulebook, Wake()).run()


class _Running(Protocol):
    """What a process runs: made after the fork, because threads and connections do not survive one."""

    def stop(self) -> None: ...


class _PlainLogger(Logger):  # type: ignore[misc]
    """gunicorn's lines go where all others go, through the same filter."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.error_log.propagate = True


class _Process(ThreadWorker):  # type: ignore[misc]
    """One of gunicorn's workers, in the role that it was forked for."""

    role: Role = "web"

    def run(self) -> None:
        if self.role == "web":
            super().run()
            return
        while self.alive and self.is_parent_alive():
            self.notify()
            time.sleep(_LOOK_MS / 1000)


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, rulebook: Rulebook, wake: Wake) -> None:
        self._settings, self._rulebook, self._wake = settings, rulebook, wake
        self._roles: tuple[Role, ...] = ("web", "jobs") if settings.whichcloud_workers else ("web",)
        self._role: Role = "web"
        self._running: _Running | None = None
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.bind,
            "workers": len(self._roles),
            "worker_class": _Process,
            "threads": LISTENERS,
            "graceful_timeout": _GRACE_S,
            "timeout": 60,
            "errorlog": None,
            "loglevel": self._settings.whichcloud_log_level.lower(),
            "control_socket_disable": True,
            "logger_class": _PlainLogger,
            "proc_name": "whichcloud",
            "pre_fork": self._chosen,
            "worker_exit": self._left,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Web | None:
        if self._role == "jobs":
            self._running = Working.start(self._settings, self._rulebook, self._wake)
            return None
        self._running = answering = Answering.start(self._settings, self._rulebook, self._wake)
        return answering.web

    def _chosen(self, server: Any, worker: Any) -> None:
        """The role that fewest have: that of the one that died."""
        lives = Counter(each.role for each in server.WORKERS.values())
        self._role = worker.role = min(self._roles, key=lambda role: lives[role])

    def _left(self, server: Any, worker: Any) -> None:
        if self._running is not None:
            self._running.stop()
