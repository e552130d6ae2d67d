"""Who may talk to the page: this machine, by its own name, from the page itself. What the page may load: only itself."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_READING = {"GET", "HEAD"}


class Guard:
    """Refuses other hosts (a name that was rebound to this machine) and posts from other pages; closes what is answered."""

    def __init__(self, app: ASGIApp, port: int, headers: Mapping[str, str] = HEADERS) -> None:
        self.app = app
        self.headers = headers
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope["method"], Headers(scope=scope))

        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        answer = PlainTextResponse(refusal, 403) if refusal else self.app
        await answer(scope, receive, closed)

    def _refusal(self, method: str, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:
            return "The local Slack answers only under 127.0.0.1 or localhost with its own port."
        if method in _READING:
            return ""
        if origin is None:
            return "" if headers.get("hx-request") == "true" else "This did not come from the page of the local Slack."
        return "" if origin == f"http://{host}" else "This came from another page."
