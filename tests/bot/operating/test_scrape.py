"""Who is shown the metrics, and who is not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.scrape import metrics_page

TOKEN = "m3trics-t0ken"
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}
FAR = {"REMOTE_ADDR": "203.0.113.9"}


def asked(environ: dict[str, str], token: str | None = None, method: str = "GET") -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body."""
    answered: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        answered.append((status, dict(headers)))

    body = b"".join(metrics_page((), token)({"REQUEST_METHOD": method, **environ}, start_response))
    [(status, headers)] = answered
    return status, headers, body


def bearer(token: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("environ", "token"),
    [(LOCAL, None), ({"REMOTE_ADDR": "::1"}, None), ({"REMOTE_ADDR": "127.8.9.1"}, None),
     (FAR | bearer(TOKEN), TOKEN), (LOCAL | bearer(TOKEN), TOKEN), (FAR | {"HTTP_AUTHORIZATION": f"bearer  {TOKEN} "}, TOKEN),
     (LOCAL | bearer(TOKEN) | {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, TOKEN)],
    ids=["here", "over IPv6", "another loopback address", "the token", "the token, from here", "written otherwise", "through a proxy"],
)  # fmt: skip
def test_they_are_shown(environ: dict[str, str], token: str | None) -> None:
    status, headers, body = asked(environ, token)
    assert (status, headers["content-type"]) == ("200 OK", "text/plain; version=0.0.4; charset=utf-8")
    assert headers["content-length"] == str(len(body))
    assert b"# TYPE whichcloud_acks_total counter\n" in body


@pytest.mark.parametrize(
    ("environ", "token"),
    [(FAR, None), ({}, None), ({"REMOTE_ADDR": "unix:"}, None), (FAR | bearer(""), None), (FAR | bearer(TOKEN), None),
     (LOCAL | {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, None), (LOCAL | {"HTTP_FORWARDED": "for=203.0.113.9"}, None),
     (FAR, TOKEN), (LOCAL, TOKEN), (FAR | bearer(""), TOKEN), (FAR | bearer(TOKEN[:-1]), TOKEN), (FAR | bearer("t\xf6ken"), TOKEN),
     (FAR | {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, TOKEN), (FAR | {"HTTP_AUTHORIZATION": TOKEN}, TOKEN)],
    ids=["from elsewhere", "from nowhere", "a socket file", "an empty token, none set", "any token, none set", "a proxy here",
         "a proxy here, as the standard has it", "no token", "no token, from here", "an empty token", "a shorter one", "one with an umlaut",
         "another scheme", "no scheme"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_they_are_not_shown(environ: dict[str, str], token: str | None, method: str) -> None:
    status, headers, body = asked(environ, token, method)
    assert (status, headers["www-authenticate"]) == ("401 Unauthorized", "Bearer")
    assert b"whichcloud_acks" not in body
    assert TOKEN.encode() not in body


def test_nothing_is_changed_from_outside() -> None:
    status, headers, body = asked(LOCAL, method="POST")
    assert (status, headers["allow"], body) == ("405 Method Not Allowed", "GET, HEAD", b"GET only")


def test_whoever_asks_for_the_headers_gets_no_body() -> None:
    status, headers, body = asked(LOCAL, method="HEAD")
    assert (status, body) == ("200 OK", b"")
    assert int(headers["content-length"]) > 1000
