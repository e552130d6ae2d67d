"""What the bot answers over HTTP: Slack's requests at one path, and whether it lives and is ready."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Final

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

EVENTS: Final = "/slack/events"
_TIMESTAMP, _SIGNATURE = re.compile(r"[0-9]{1,12}"), re.compile(r"v0=[0-9a-f]{64}")
MOST_BYTES: Final = 1_000_000  # Slack's own requests stay far below


class Web:
    """A WSGI application. `ready` says whether requests can be answered now; `beside` are others, each for a path of its own."""

    def __init__(self, app: App | None, ready: Callable[[], bool], beside: Mapping[str, WSGIApplication] | None = None) -> None:
        self._slack = SlackRequestHandler(app, path=EVENTS) if app is not None else None
        self._ready = ready
        self._beside = beside or {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        plain = partial(_plain, environ, start_response)
        path = environ.get("PATH_INFO", "")
        if path == "/healthz":
            return plain("200 OK", "alive")
        if path == "/readyz":
            ready = self._ready()
            return plain("200 OK" if ready else "503 Service Unavailable", "ready" if ready else "not ready")
        if path in self._beside:
            return self._beside[path](environ, start_response)
        if path != EVENTS or self._slack is None:
            return plain("404 Not Found", "Not Found")
        if environ.get("REQUEST_METHOD") != "POST":
            return plain("405 Method Not Allowed", "POST only")
        if not _sized(environ):
            return plain("413 Content Too Large", f"at most {MOST_BYTES} bytes, with their length")
        if not _signed(environ):
            return plain("401 Unauthorized", "not signed as Slack signs")
        if not _readable(environ):
            return plain("400 Bad Request", "the body is no text in UTF-8")
        return self._slack(environ, start_response)


def _sized(environ: WSGIEnvironment) -> bool:
    """The body says its length, and is no longer than any of Slack's."""
    length = environ.get("CONTENT_LENGTH") or ""
    return length.isascii() and length.isdecimal() and int(length) <= MOST_BYTES


def _signed(environ: WSGIEnvironment) -> bool:
    """The headers are of the form that can be checked: Bolt takes any other for a mistake of ours, and would tell somebody of it."""
    at, signature = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""), environ.get("HTTP_X_SLACK_SIGNATURE", "")
    return bool(_TIMESTAMP.fullmatch(at) and _SIGNATURE.fullmatch(signature))


def _readable(environ: WSGIEnvironment) -> bool:
    """The body is text; Bolt would stumble over anything else before it looks at the signature."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = BytesIO(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain(environ: WSGIEnvironment, start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(status, [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body)))])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
