"""What the process answers to whoever reaches its port: Slack's signed requests, and nothing else."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.seed import ALEX, ML_PLATFORM, TEAM
from tests.bot.serving.process import HOST, Served

COMMAND = urlencode(
    {
        "command": "/whichcloud",
        "text": "",
        "team_id": TEAM.id,
        "user_id": ALEX.id,
        "channel_id": ML_PLATFORM,
        "trigger_id": "1.2.0123456789abcdef0123456789abcdef",
    }
)


def signed(secret: str, body: str, age_s: float = 0) -> dict[str, str]:
    """The headers of Slack's request of some seconds ago."""
    at = str(int(time.time() - age_s))
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body)
    return {"x-slack-request-timestamp": at, "x-slack-signature": signature or ""}


def unsigned(secret: str) -> dict[str, str]:
    return {"x-slack-request-timestamp": signed(secret, COMMAND)["x-slack-request-timestamp"]}


def undated(secret: str) -> dict[str, str]:
    return {"x-slack-signature": signed(secret, COMMAND)["x-slack-signature"]}


FORGED = {
    "another secret": lambda secret: signed("0" * 32, COMMAND),
    "an empty secret": lambda secret: signed("\0", COMMAND),  # the key of HMAC is filled up with zeros
    "no signature": unsigned,
    "no timestamp": undated,
    "neither": lambda secret: {},
    "an empty signature": lambda secret: {**signed(secret, COMMAND), "x-slack-signature": ""},
    "a signature of another body": lambda secret: signed(secret, COMMAND + "&text=help"),
    "replayed after six minutes": lambda secret: signed(secret, COMMAND, age_s=360),
    "dated six minutes ahead": lambda secret: signed(secret, COMMAND, age_s=-360),
    "another timestamp than signed": lambda secret: {**signed(secret, COMMAND), **unsigned(secret), "x-slack-request-timestamp": "0"},
    "a timestamp that is no number": lambda secret: {**signed(secret, COMMAND), "x-slack-request-timestamp": "now"},
    "a timestamp of many digits": lambda secret: {**signed(secret, COMMAND), "x-slack-request-timestamp": "9" * 5000},
    "a signature with foreign letters": lambda secret: {**signed(secret, COMMAND), "x-slack-signature": "v0=ü"},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_slack_did_not_sign_is_refused_and_does_nothing(over_http: Served, forge: object) -> None:
    assert callable(forge)
    before = len(over_http.slack.recorded)
    given = {name: value.encode("latin-1") for name, value in forge(over_http.slack.signing_secret).items()}
    headers = {b"content-type": b"application/x-www-form-urlencoded", **{name.encode(): value for name, value in given.items()}}
    answer = httpx.post(over_http.url("/slack/events"), content=COMMAND, headers=headers, trust_env=False)
    assert (answer.status_code, len(over_http.slack.recorded) - before) == (401, 0)
    assert over_http.ready()


def test_a_request_url_is_verified(over_http: Served) -> None:
    assert over_http.slack.verify_url().error == ""


@pytest.mark.parametrize("path", ["/", "/slack/events/", "/slack/install", "/slack/oauth_redirect", "/healthz/", "/../etc/passwd"])
def test_there_is_nothing_else(over_http: Served, path: str) -> None:
    assert over_http.get(path)[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_slack_posts_and_nobody_does_anything_else(over_http: Served, method: str) -> None:
    assert httpx.request(method, over_http.url("/slack/events"), trust_env=False).status_code == 405


def test_it_lives_and_is_ready(over_http: Served) -> None:
    assert [over_http.get(path) for path in ("/healthz", "/readyz")] == [(200, "alive"), (200, "ready")]
    assert httpx.head(over_http.url("/healthz"), trust_env=False).status_code == 200


LENGTHS = {
    "one byte too many": ("Content-Length: 1000001", 413),
    "a gigabyte": ("Content-Length: 1000000000", 413),
    "no length": ("Accept: */*", 413),
    "in pieces of no known length": ("Transfer-Encoding: chunked", 413),
    "less than nothing": ("Content-Length: -1", 400),
    "more digits than a number takes": (f"Content-Length: {'9' * 5000}", 400),
}


@pytest.mark.parametrize(("header", "status"), LENGTHS.values(), ids=LENGTHS.keys())
def test_a_body_is_measured_before_it_is_read(over_http: Served, header: str, status: int) -> None:
    with socket.create_connection((HOST, over_http.port), timeout=20) as line:
        line.sendall(f"POST /slack/events HTTP/1.1\r\nHost: {HOST}\r\n{header}\r\n\r\n".encode())
        assert line.recv(1000).split(b" ")[1] == str(status).encode()
    assert over_http.ready()


def test_a_body_that_is_no_text_is_refused(over_http: Served) -> None:
    headers = signed(over_http.slack.signing_secret, COMMAND)
    answer = httpx.post(over_http.url("/slack/events"), content=b"\xff\xfe", headers=headers, trust_env=False)
    assert answer.status_code == 400
