"""The local Slack as a process: the Starlette app under uvicorn in a thread, on 127.0.0.1 only. What it answers is decided elsewhere."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from bot.sandbox.acts import Acts
from bot.sandbox.seed import seeded_world

if TYPE_CHECKING:
    from slack_bolt import App

HOST = "127.0.0.1"


class LocalSlack(Acts):
    """`with LocalSlack() as slack:` serves the Web API under `api_url` and the page under `page_url` until the block ends."""

    def __init__(
        self,
        *,
        manifest: Mapping[str, Any] | None = None,
        scopes: Iterable[str] | None = None,
        port: int = 0,
        bot_token: str | None = None,
        app_token: str | None = None,
        signing_secret: str | None = None,
        ack_limit_s: float = 3.0,
    ) -> None:
        self.world = seeded_world(manifest)
        self.bot_token = bot_token or f"xoxb-sandbox-{secrets.token_hex(16)}"
        self.app_token = app_token or f"xapp-sandbox-{secrets.token_hex(16)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self._socket = socket.create_server((HOST, port))
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_config=None, ws="wsproto", lifespan="off", access_log=False))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="local-slack", daemon=True)

    @property
    def page_url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def api_url(self) -> str:
        return f"{self.page_url}api/"

    def connect(self, request_url: str) -> None:
        """Deliver by signed HTTP to the bot at this address."""
        raise NotImplementedError

    def connect_app(self, app: App) -> None:
        """Deliver by calling this Bolt app in process, signed as over HTTP."""
        raise NotImplementedError

    def wait_for(self, predicate: Callable[[], object], timeout: float = 10.0) -> bool:
        """Whether the predicate came true in time. It is asked whenever something changes here."""
        return self.world.wait_for(predicate, timeout)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _app(self) -> Starlette:
        routes: list[BaseRoute] = []
        if find_spec("bot.sandbox.page"):
            routes += import_module("bot.sandbox.page").routes(self)
        return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])])
