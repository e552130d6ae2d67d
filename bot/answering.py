"""The process that answers Slack: over HTTP, or through the socket that it holds."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slack_bolt import App
from slack_sdk import WebClient

from bot.app import LISTENERS, build_app, build_client, open_office
from bot.clients import ManyWorkspaces
from bot.installing.care import look_after
from bot.installing.pages import PATHS, InstallPages
from bot.office import Office
from bot.scrape import METRICS, page_of
from bot.settings import Settings
from bot.storage import ChangeRefused, StorageError
from bot.waking import Wake
from bot.web import Web
from engine.rulebook import Rulebook

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_DAY_S: Final = 86_400
log = logging.getLogger(__name__)


@dataclass
class Answering:
    """Keeps what Slack sends, and acknowledges it."""

    office: Office
    app: App
    socket: Any  # the Socket Mode handler, or None over HTTP
    stopping: threading.Event

    @classmethod
    def start(cls, settings: Settings, rulebook: Rulebook, wake: Wake) -> Answering:
        office = open_office(settings, rulebook)
        office.desk.database.call_on_work(wake.up)
        app = build_app(office, client := build_client(settings))
        socket = _connected(app, client, settings) if settings.transport == "socket" else None
        running = cls(office, app, socket, threading.Event())
        threading.Thread(target=running.look_after, name="housekeeping", daemon=True).start()
        if isinstance(office.clients, ManyWorkspaces):
            threading.Thread(target=look_after, args=[office.clients, running.stopping], name="installations", daemon=True).start()
        return running

    @property
    def web(self) -> Web:
        desk, settings = self.office.desk, self.office.settings
        beside: dict[str, WSGIApplication] = {METRICS: page_of(desk, settings)}
        if isinstance(self.office.clients, ManyWorkspaces):
            pages = InstallPages(settings, desk.database, self.office.clients.store, self.office.clients.application)
            beside |= dict.fromkeys(PATHS, pages)
        return Web(self.app if self.socket is None else None, self.ready, beside)

    def ready(self) -> bool:
        connected = self.socket is None or _is_open(self.socket.client)
        return connected and not self.stopping.is_set() and self.office.desk.database.ready()

    def look_after(self) -> None:
        """Each day: what is older than the workspace keeps."""
        while not self.stopping.is_set():
            try:
                deleted = self.office.desk.database.forget_older_than(self.office.settings.whichcloud_retention_days)
            except (StorageError, ChangeRefused) as error:
                log.warning("old conversations could not be deleted: %s", error)
            else:
                log.info("%s old conversations deleted", deleted)
            self.stopping.wait(_DAY_S)

    def stop(self) -> None:
        """No more from Slack; what was begun beside the acknowledgements is finished."""
        self.stopping.set()
        if self.socket is not None:
            _hang_up(self.socket.client)
        self.office.aside.shutdown(wait=True)
        self.office.desk.database.close()


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
