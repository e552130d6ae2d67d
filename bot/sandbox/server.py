"""The local Slack as a process: the Starlette app under uvicorn in a thread, on 127.0.0.1 only. What it answers is decided elsewhere."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from bot.sandbox.acts import Outcome
from bot.sandbox.clock import Clock
from bot.sandbox.deliver import Courier, HttpTransport, InProcess, Signing, Transport
from bot.sandbox.endpoints import Endpoints
from bot.sandbox.faults import Faults
from bot.sandbox.installing import Credentials, Installations
from bot.sandbox.lines import Lines
from bot.sandbox.payloads import Delivery, Payloads
from bot.sandbox.seed import APP_ID, TEAM, Seat
from bot.sandbox.serving import Server
from bot.sandbox.sockets import Sockets
from bot.sandbox.tickets import Tickets
from bot.sandbox.tokens import Token
from bot.sandbox.webapi import Recorded
from bot.sandbox.workspaces import Builder, Workspace

if TYPE_CHECKING:
    from slack_bolt import App

HOST = "127.0.0.1"
_LOOK_S = 0.1


class LocalSlack(Workspace):
    """`with LocalSlack() as slack:` serves the Web API under `api_url` and the page under `page_url` until the block ends.

    The bot is reached by `connect`, by `connect_app`, or over the socket that it opens itself. `stopping` is set when the end has come.
    It is its first workspace at the same time; others come by `add_workspace`. Without `redirect_urls` an installation may lead to
    the manifest's and to anywhere on this machine. For long runs and heavy ones: `keep_recorded` calls at most, no `checks` of blocks
    and views, several `event_threads`.
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
        installed: bool = True,
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_urls: Iterable[str] = (),
        checks: bool = True,
        keep_recorded: int | None = None,
        event_threads: int = 1,
    ) -> None:
        self.app_token = app_token or f"xapp-sandbox-{secrets.token_hex(16)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.client_id = client_id or f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}"
        self.client_secret = client_secret or secrets.token_hex(16)
        self.recorded: list[Recorded] = []
        self._keep_recorded = keep_recorded
        self.stopping = threading.Event()
        self._ack_limit_s = ack_limit_s
        self._listener = socket.create_server((HOST, port))
        self.port: int = self._listener.getsockname()[1]
        self._lines, clock = Lines(), Clock()
        tickets = Tickets(clock, self.page_url, TEAM.id)
        self.sockets = Sockets(tickets, APP_ID, self._lines, ack_limit_s, self._changed)
        self.faults = Faults(self._revoke_token, self.sockets.drop)
        self._signing = Signing(self.signing_secret, self.faults)
        courier = Courier(clock, self.faults, self.sockets, event_threads)
        credentials = Credentials(self.client_id, self.client_secret, tuple(redirect_urls))
        installations = Installations(credentials, self.app_token)
        granted = None if scopes is None else frozenset(scopes)
        self._builder = Builder(self.page_url, manifest, granted, clock, self.faults, installations, courier, checks)
        world = self._builder.world(Seat(installed=installed))
        payloads = Payloads(world, tickets, self._builder.verification_token)
        super().__init__(world, payloads, courier, self.faults, installations, checks=checks)
        self.workspaces: dict[str, Workspace] = {TEAM.id: self}
        if installed:
            installations.tokens.add(Token(bot_token or f"xoxb-sandbox-{secrets.token_hex(16)}", TEAM.id))
        self._endpoints = Endpoints(installations, self.faults, self._lines, self._record)
        self._server = Server(self._config())
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="local-slack", daemon=True)

    def add_workspace(self, name: str, *, enterprise_id: str | None = None, installed: bool = True) -> Workspace:
        """Another workspace with its own people and channels, whose events and clicks reach the same bot.

        Without `installed` the app has to be installed there first. `enterprise_id` makes it one of an organisation's.
        """
        workspace = self._builder.workspace(name, enterprise_id, installed=installed)
        self.workspaces[workspace.world.team.id] = workspace
        return workspace

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

    # -- its life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve. Returns once the server answers."""
        self._thread.start()
        self._courier.start()
        while not self._server.running.wait(_LOOK_S) and self._thread.is_alive():
            pass

    def stop(self) -> None:
        """End, also where it never started."""
        self.stopping.set()
        for workspace in [*self.workspaces.values()]:
            with workspace.world.changing():
                pass  # who waits looks again
        if self._thread.ident is not None:
            self._courier.stop()
            self._server.end()
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
        )

    def _app(self) -> Starlette:
        from bot.sandbox import consent_page, page  # imported here: the page is drawn for a LocalSlack and knows this module

        routes: list[BaseRoute] = [*self._endpoints.routes(), *self.sockets.routes(), *page.routes(self)]
        routes += consent_page.routes(self.installations, self.port)
        return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])])

    def reach(self, transport: Transport) -> None:
        """Deliver by a transport of the test's own."""
        self._courier.transport = transport

    def _record(self, call: Recorded) -> None:
        """Note a call; the oldest go where only so many are to be kept."""
        with self.world.changing():
            self.recorded.append(call)
            if self._keep_recorded is not None:
                del self.recorded[: max(0, len(self.recorded) - self._keep_recorded)]

    def _changed(self) -> None:
        with self.world.changing():
            pass  # who waits looks again

    def _revoke_token(self) -> None:
        self.installations.end(self._api, "token_revoked")
