"""The page /metrics. What it shows is no secret, but it is nobody's business: it is for this machine, or for who has the token."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from bot.metrics import PricesCollector, QueueCollector, exposition

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client.registry import Collector

    from bot.desk import Desk
    from bot.settings import Settings

METRICS: Final = "/metrics"
# A proxy on this machine is a peer from this machine, whoever it speaks for; most say so with one of these. One that does not
# must be given no path but Slack's, or the token must be set.
_FORWARDED: Final = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def page_of(desk: Desk, settings: Settings) -> WSGIApplication:
    """The page of a process that works with this desk."""
    token = settings.whichcloud_metrics_token
    collectors = [QueueCollector(desk.database, desk.clock), PricesCollector(desk.rulebook, desk.clock)]
    return metrics_page(collectors, token.get_secret_value() if token else None)


def metrics_page(collectors: Iterable[Collector], token: str | None) -> Callable[[WSGIEnvironment, StartResponse], list[bytes]]:
    """A WSGI application for one path. With a token it is for who has it, else for this machine."""

    def page(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return _answered(environ, start_response, "405 Method Not Allowed", b"GET only", ("allow", "GET, HEAD"))
        if not (_has(token, environ) if token else _local(environ)):
            text = b"for who has WHICHCLOUD_METRICS_TOKEN; where that is not set, for this machine"
            return _answered(environ, start_response, "401 Unauthorized", text, ("www-authenticate", "Bearer"))
        body, kind = exposition(collectors)
        return _answered(environ, start_response, "200 OK", body, kind=kind)

    return page


def _local(environ: WSGIEnvironment) -> bool:
    if any(name in environ for name in _FORWARDED):
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has(token: str, environ: WSGIEnvironment) -> bool:
    scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    # In constant time, and over bytes: a header may hold any.
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())


def _answered(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: str,
    body: bytes,
    *more: tuple[str, str],
    kind: str = "text/plain; charset=utf-8",
) -> list[bytes]:
    start_response(status, [("content-type", kind), ("content-length", str(len(body))), ("cache-control", "no-store"), *more])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
