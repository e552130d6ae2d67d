"""The bot as a process: one gunicorn worker with threads, which answers Slack over HTTP or holds the socket, until SIGTERM.

A worker that is told to go stops taking requests, finishes what it has acknowledged, and closes the database.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from slack_bolt import App
from slack_sdk import WebClient

from bot.app import LISTENERS, build_app, build_client, build_office, utc_now
from bot.clients import OneWorkspace
from bot.handlers import duties
from bot.jobs import Workers
from bot.office import Office
from bot.redaction import set_up_log
from bot.settings import Settings
from bot.startup import check_tokens
from bot.storage import ChangeRefused, Database, StorageError, open_database
from bot.web import Web
from engine.load import load_rulebook

_GRACE_S, _DAY_S = 25, 86_400
# Bolt reads these by itself: the token a second time, and with the other two it would serve many workspaces instead of this one.
_OF_BOLT = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Checks what can be checked, then serves until told to stop. Raises SettingsError, StorageError or RulesError before that."""
    set_up_log(settings.whichcloud_log_level, settings.secrets)
    for name in _OF_BOLT:
        os.environ.pop(name, None)
    team = check_tokens(build_client(settings), settings.app_token)
    open_database(settings.database_url.get_secret_value(), utc_now).close()
    rulebook = load_rulebook()
    log.info("workspace %s, rules %s, %s", team, rulebook.version[:8], settings.transport)
    _Server(settings, lambda: _Running.start(settings)).run()


@dataclass
class _Running:
    """What a worker process runs: made after the fork, because threads and connections do not survive one."""

    office: Office
    database: Database
    app: App
    workers: Workers | None
    socket: Any  # the Socket Mode handler, or None over HTTP
    stopping: threading.Event

    @classmethod
    def start(cls, settings: Settings) -> _Running:
        database = open_database(settings.database_url.get_secret_value(), utc_now)
        client = build_client(settings)
        office = build_office(settings, load_rulebook(), database, OneWorkspace(client))
        app = build_app(office, client)
        workers = _working(office, settings)
        socket = _connected(app, client, settings) if settings.transport == "socket" else None
        running = cls(office, database, app, workers, socket, threading.Event())
        threading.Thread(target=running.look_after, name="housekeeping", daemon=True).start()
        return running

    @property
    def web(self) -> Web:
        return Web(self.app if self.socket is None else None, self.ready)

    def ready(self) -> bool:
        connected = self.socket is None or _is_open(self.socket.client)
        try:
            return connected and not self.stopping.is_set() and self.database.ready()
        except ChangeRefused:  # it answers, but its tables are gone
            return False

    def look_after(self) -> None:
        """Each day: what is older than the workspace keeps."""
        while not self.stopping.is_set():
            try:
                deleted = self.database.forget_older_than(self.office.settings.whichcloud_retention_days)
            except StorageError as error:
                log.warning("old conversations could not be deleted: %s", error)
            else:
                log.info("%s old conversations deleted", deleted)
            self.stopping.wait(_DAY_S)

    def stop(self) -> None:
        """No more from Slack; what is in hand is finished, and what waits is kept."""
        self.stopping.set()
        if self.socket is not None:
            _hang_up(self.socket.client)
        self.office.aside.shutdown(wait=True)
        if self.workers is not None:
            self.workers.stop()
        self.database.close()


def _working(office: Office, settings: Settings) -> Workers | None:
    """On a SQLite file this process is the only one, so whatever was in hand before the start has nobody any more."""
    if not settings.whichcloud_workers:
        return None
    workers = Workers(office.desk.database, duties(office), settings.whichcloud_workers, alone=settings.alone)
    workers.start()
    return workers


def _connected(app: App, client: WebClient, settings: Settings) -> Any:
    """The client that is back within seconds when the server is lost; the built-in one takes most of a minute."""
    from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler

    handler = SocketModeHandler(app, settings.app_token, web_client=client, concurrency=LISTENERS)
    # The client's watch looks at once, finds no connection yet and opens a second one, in whose favour the first is closed with
    # what Slack sent on it. So it begins when the first is open; until then the client tries again by itself.
    handler.client.current_app_monitor_started = True
    handler.client.on_open_listeners.append(lambda _: _watch(handler.client))
    handler.connect()  # type: ignore[no-untyped-call]  # as the SDK has it
    return handler


def _watch(client: Any) -> None:
    if not client.closed and client.current_app_monitor.thread.ident is None:
        client.current_app_monitor.start()


def _is_open(client: Any) -> bool:
    """The client itself counts a connection from before its handshake."""
    socket = client.current_session.sock if client.current_session else None
    return socket is not None and bool(socket.connected)


def _hang_up(client: Any) -> None:
    """Acknowledges what was received, then closes. The client's own `close` drops that and waits ten seconds for its reader to look up."""
    client.auto_reconnect_enabled = False
    client.closed = True  # nothing more is taken from the queue
    client.message_processor.shutdown()
    client.message_workers.shutdown()
    client.disconnect()


class _PlainLogger(Logger):  # type: ignore[misc]
    """gunicorn's lines go where all others go, through the same filter."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, start: Callable[[], _Running]) -> None:
        self._settings = settings
        self._start = start
        self._running: _Running | None = None
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": LISTENERS,
            "graceful_timeout": _GRACE_S,
            "timeout": 60,
            "errorlog": None,
            "loglevel": self._settings.whichcloud_log_level.lower(),
            "control_socket_disable": True,
            "logger_class": _PlainLogger,
            "proc_name": "whichcloud",
            "worker_exit": self._left,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Web:
        self._running = self._start()
        return self._running.web

    def _left(self, server: Any, worker: Any) -> None:
        if self._running is not None:
            self._running.stop()
