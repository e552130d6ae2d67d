"""Socket Mode: the bot's web sockets, the envelopes that go out on them, and the acknowledgements that come back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Literal
from uuid import uuid4

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.deliver import TIMED_OUT, UNREACHABLE, Outcome, Retry
from bot.sandbox.lines import Lines
from bot.sandbox.payloads import Delivery
from bot.sandbox.tickets import Tickets

CONNECTIONS = 10
_DEBUG = {"host": "applink-sandbox", "started": "2026-01-01 00:00:00.000", "build_number": 1, "approximate_connection_time": 18060}


class Link:
    """One open socket, and what waits for an acknowledgement on it."""

    def __init__(self, socket: WebSocket, loop: asyncio.AbstractEventLoop) -> None:
        self.socket = socket
        self.loop = loop
        self.waiting: dict[str, Future[Any]] = {}
        self.leaving = False

    def send(self, content: dict[str, Any], limit_s: float) -> None:
        """Send from another thread. Raises TimeoutError or a socket error."""
        asyncio.run_coroutine_threadsafe(self.socket.send_text(json.dumps(content)), self.loop).result(limit_s)

    def lost(self) -> None:
        for future in self.waiting.values():
            future.cancel()


class Sockets:
    """All sockets of the bot, as a transport: an envelope goes out on the newest. `opened` counts those that ever were."""

    def __init__(self, tickets: Tickets, app_id: str, lines: Lines, ack_limit_s: float, changed: Callable[[], None]) -> None:
        self._lines = lines
        self._tickets = tickets
        self._app_id = app_id
        self._limit_s = ack_limit_s
        self._changed = changed
        self._links: list[Link] = []
        self.opened = 0
        self._lock = threading.Lock()

    @property
    def connected(self) -> int:
        return len(self._links)

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute("/link/", self.serve)]

    async def serve(self, socket: WebSocket) -> None:
        """One connection from hello to its end."""
        if not self._tickets.spend_socket(socket.query_params.get("ticket", "")) or self.connected >= CONNECTIONS:
            await socket.close(4003)
            return
        await socket.accept()
        link = Link(socket, asyncio.get_running_loop())
        try:
            await socket.send_text(json.dumps(self._hello()))
            self._note(link)
            while True:
                self._acknowledge(link, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(link)

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        link = self._newest()
        if link is None:
            return Outcome(0, "", UNREACHABLE)
        envelope_id = str(uuid4())
        acknowledged: Future[Any] = Future()
        link.waiting[envelope_id] = acknowledged
        try:
            link.send(_envelope(envelope_id, delivery, retry), self._limit_s)
            return Outcome(200, acknowledged.result(self._limit_s))
        except FutureTimeout:
            return Outcome(0, "", TIMED_OUT)
        except (CancelledError, RuntimeError, WebSocketDisconnect):
            return Outcome(0, "", UNREACHABLE)
        finally:
            link.waiting.pop(envelope_id, None)

    def disconnect(self, reason: Literal["warning", "refresh_requested", "link_disabled"] = "refresh_requested") -> None:
        """Ask the bot to connect anew, as Slack does every few hours. Nothing more goes out on the old sockets."""
        for link in [*self._links]:
            link.leaving = True
            link.send({"type": "disconnect", "reason": reason, "debug_info": _DEBUG}, self._limit_s)

    def drop(self) -> None:
        """Lose every socket without a word before."""
        for link in [*self._links]:
            link.loop.call_soon_threadsafe(self._lines.cut, link.socket.client)

    def _hello(self) -> dict[str, Any]:
        return {"type": "hello", "connection_info": {"app_id": self._app_id}, "num_connections": self.connected + 1, "debug_info": _DEBUG}

    def _newest(self) -> Link | None:
        with self._lock:
            return next((link for link in reversed(self._links) if not link.leaving), None)

    def _note(self, link: Link) -> None:
        with self._lock:
            self._links.append(link)
            self.opened += 1
        self._changed()

    def _forget(self, link: Link) -> None:
        with self._lock:
            if link in self._links:
                self._links.remove(link)
        self._lines.forget(link.socket.client)
        link.lost()
        self._changed()

    def _acknowledge(self, link: Link, text: str) -> None:
        """The bot answers an envelope with its id and perhaps a payload. Anything else is ignored, as by Slack."""
        try:
            answer = json.loads(text)
        except ValueError:
            return
        future = link.waiting.get(answer.get("envelope_id", "")) if isinstance(answer, dict) else None
        if future is not None and not future.done():
            future.set_result(answer.get("payload") or "")


def _envelope(envelope_id: str, delivery: Delivery, retry: Retry | None) -> dict[str, Any]:
    envelope = {"envelope_id": envelope_id, "type": delivery.kind, "payload": delivery.payload}
    if delivery.kind == "events_api":
        attempts = {"retry_attempt": retry.number if retry else 0, "retry_reason": retry.reason if retry else ""}
        return {**envelope, **attempts, "accepts_response_payload": False}
    return {**envelope, "accepts_response_payload": True}
