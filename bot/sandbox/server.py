"""The local Slack as a process: the Starlette app under uvicorn in a thread, on 127.0.0.1 only. What it answers is decided elsewhere."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from bot.sandbox.acts import Acts, Outcome
from bot.sandbox.deliver import Courier, HttpTransport, InProcess, Signing, Transport
from bot.sandbox.endpoints import Endpoints
from bot.sandbox.faults import Faults
from bot.sandbox.lines import Lines
from bot.sandbox.payloads import Delivery, Payloads
from bot.sandbox.seed import seeded_world
from bot.sandbox.sockets import Sockets
from bot.sandbox.tickets import Tickets
from bot.sandbox.webapi import Recorded, Tokens
from bot.sandbox.webapi_call import Api

if TYPE_CHECKING:
    from slack_bolt import App

HOST = "127.0.0.1"
GRACE_S = 1


class LocalSlack(Acts):
    """`with LocalSlack() as slack:` serves the Web API under `api_url` and the page under `page_url` until the block ends.

    The bot is reached by `connect`, by `connect_app`, or over the socket that it opens itself. `stopping` is set when the end has come.
    """

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
        self.bot_token = bot_token or f"xoxb-sandbox-{secrets.token_hex(16)}"
        self.app_token = app_token or f"xapp-sandbox-{secrets.token_hex(16)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.recorded: list[Recorded] = []
        self.stopping = threading.Event()
        self._ack_limit_s = ack_limit_s
        self._listener = socket.create_server((HOST, port))
        self.port: int = self._listener.getsockname()[1]
        world = seeded_world(manifest, scopes)
        self.tickets = tickets = Tickets(world.clock, self.page_url)
        self._lines = Lines()
        self.sockets = Sockets(tickets, world.bot.app_id, self._lines, ack_limit_s, self._changed)
        self.faults = Faults(self._revoke_token, self.sockets.drop)
        self._signing = Signing(self.signing_secret, self.faults)
        courier = Courier(world.clock, self.faults, self.sockets)
        api = Api(world, tickets, self.announce, self.faults)
        super().__init__(world, api, Payloads(world, tickets, secrets.token_hex(12)), courier)
        self._endpoints = Endpoints(api, Tokens(self.bot_token, self.app_token), self.faults, self._lines, self._record)
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="local-slack", daemon=True)

    @property
    def page_url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def api_url(self) -> str:
        return f"{self.page_url}api/"

    # -- the bot ---------------------------------------------------------------------------------------------------

    def connect(self, request_url: str) -> None:
        """Deliver by signed HTTP to the bot at this address."""
        self.reach(HttpTransport(request_url, self._signing, self._ack_limit_s))

    def connect_app(self, app: App) -> None:
        """Deliver by calling this Bolt app in process, signed as over HTTP."""
        self.reach(InProcess(app, self._signing, self._ack_limit_s))

    def verify_url(self) -> Outcome:
        """Ask the bot's request URL to echo a challenge, as Slack does when the URL is set."""
        challenge = secrets.token_hex(16)
        outcome = self._courier.now(Delivery("events_api", {"type": "url_verification", "challenge": challenge}))
        echoed = outcome.body if isinstance(outcome.body, str) else outcome.body.get("challenge")
        return outcome if outcome.error or echoed == challenge else replace(outcome, error="challenge_failed")

    def wait_for(self, predicate: Callable[[], object], timeout: float = 10.0) -> bool:
        """Whether the predicate came true in time. It is asked whenever something changes here."""
        return self.world.wait_for(predicate, timeout)

    # -- its life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve. Returns once the server answers."""
        self._thread.start()
        self._courier.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.002)

    def stop(self) -> None:
        """End, also where it never started."""
        self.stopping.set()
        self._changed()
        if self._thread.ident is not None:
            self._courier.stop()
            self._server.should_exit = True
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # -- its parts -------------------------------------------------------------------------------------------------

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app(),
            http=self._lines.protocol(),
            ws="wsproto",
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE_S,
        )

    def _app(self) -> Starlette:
        from bot.sandbox import page  # imported here: the page is drawn for a LocalSlack and knows this module

        routes: list[BaseRoute] = [*self._endpoints.routes(), *self.sockets.routes(), *page.routes(self)]
        return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])])

    def reach(self, transport: Transport) -> None:
        """Deliver by a transport of the test's own."""
        self._courier.transport = transport

    def _record(self, call: Recorded) -> None:
        with self.world.changing():
            self.recorded.append(call)

    def _changed(self) -> None:
        with self.world.changing():
            pass  # who waits looks again

    def _revoke_token(self) -> None:
        with self.world.changing():
            self.world.installation = replace(self.world.installation, ended="token_revoked")
