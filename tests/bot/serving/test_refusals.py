"""A bot that cannot serve says which variable to mend, and ends with exit code 2. No value is repeated."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.manifest import read_manifest
from bot.sandbox.server import LocalSlack
from tests.bot.serving.process import HOST, ROOT, bare_environment, environment, free_port, local_slack
from tests.bot.terminal import Ran, run

PLANTED = "hunter2-planted"
BOT, APP = f"xoxb-{PLANTED}", f"xapp-{PLANTED}"


@pytest.fixture(scope="module")
def module_slack() -> Iterator[LocalSlack]:
    with local_slack() as slack:
        yield slack


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """`serve` takes over the log of its process, which here is that of the tests."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks


def refused(monkeypatch: pytest.MonkeyPatch, *named: str, **given: str) -> Ran:
    """`whichcloud serve` with nothing set but this; it names these words."""
    for name in os.environ.keys() - bare_environment().keys():
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    ran = run("serve")
    assert (ran.code, ran.out) == (2, ""), ran.err
    for word in named:
        assert word in ran.err
    assert PLANTED not in ran.err
    assert "Traceback" not in ran.err
    return ran


HTTP = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": PLANTED}
HALF_SET: dict[str, tuple[dict[str, str], list[str]]] = {
    "nothing": ({}, ["SLACK_BOT_TOKEN is not set"]),
    "only the app's token": ({"SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN is not set"]),
    "only the signing secret": ({"SLACK_SIGNING_SECRET": PLANTED}, ["SLACK_BOT_TOKEN is not set"]),
    "only the bot's token": ({"SLACK_BOT_TOKEN": BOT}, ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "Neither is set"]),
    "an empty signing secret": ({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": ""}, ["SLACK_SIGNING_SECRET", "Neither is set"]),
    "a blank signing secret": ({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": " \n"}, ["SLACK_SIGNING_SECRET", "Neither is set"]),
    "an empty app token": ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": ""}, ["SLACK_APP_TOKEN", "Neither is set"]),
    "a user's token": ({**HTTP, "SLACK_BOT_TOKEN": f"xoxp-{PLANTED}"}, ["SLACK_BOT_TOKEN is no bot token"]),
    "a token that breaks the header": ({**HTTP, "SLACK_BOT_TOKEN": f"{BOT}\nHost: evil"}, ["SLACK_BOT_TOKEN is no bot token"]),
    "a token with foreign letters": ({**HTTP, "SLACK_BOT_TOKEN": f"{BOT}日"}, ["SLACK_BOT_TOKEN is no bot token"]),
    "the bot's token as the app's": ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": BOT}, ["SLACK_APP_TOKEN is no app-level token"]),
    "a port in words": ({**HTTP, "PORT": PLANTED}, ["PORT: "]),
    "a port that is none": ({**HTTP, "PORT": "65536"}, ["PORT: "]),
    "a log that tells everything": ({**HTTP, "WHICHCLOUD_LOG_LEVEL": "DEBUG"}, ["WHICHCLOUD_LOG_LEVEL: "]),
    "no days of retention": ({**HTTP, "WHICHCLOUD_RETENTION_DAYS": "0"}, ["WHICHCLOUD_RETENTION_DAYS: "]),
    "another Slack without a slash": ({**HTTP, "WHICHCLOUD_SLACK_API": f"https://{PLANTED}"}, ["WHICHCLOUD_SLACK_API: "]),
}


@pytest.mark.parametrize(("given", "named"), HALF_SET.values(), ids=HALF_SET.keys())
def test_a_half_set_configuration_names_the_variable(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: list[str]) -> None:
    assert len(refused(monkeypatch, *named, **given).err.splitlines()) == 1


def test_every_variable_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    refused(monkeypatch, "PORT: ", "WHICHCLOUD_LOG_LEVEL: ", PORT="x", WHICHCLOUD_LOG_LEVEL="loud")


DATABASES = {
    "one that we cannot use": f"mysql://bot:{PLANTED}@db/bot",
    "one that does not answer": f"postgresql://bot:{PLANTED}@{HOST}:1/bot",
    "a folder that is not there": f"sqlite:////nowhere/{PLANTED}/bot.db",
    "no URL": f"{PLANTED} at home",
    "only in memory": "sqlite://",
}


@pytest.mark.parametrize("url", DATABASES.values(), ids=DATABASES.keys())
def test_a_database_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, module_slack: LocalSlack, url: str) -> None:
    refused(monkeypatch, "DATABASE_URL: ", **dict(environment(module_slack, "http"), DATABASE_URL=url))


def test_a_token_that_slack_refuses(monkeypatch: pytest.MonkeyPatch, module_slack: LocalSlack) -> None:
    refused(monkeypatch, "SLACK_BOT_TOKEN", "(invalid_auth)", **dict(environment(module_slack, "http"), SLACK_BOT_TOKEN=BOT))


def test_an_app_token_that_slack_refuses(monkeypatch: pytest.MonkeyPatch, module_slack: LocalSlack) -> None:
    refused(monkeypatch, "SLACK_APP_TOKEN", "(invalid_auth)", **dict(environment(module_slack, "socket"), SLACK_APP_TOKEN=APP))


def test_scopes_that_are_missing_are_named_and_optional_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    scopes = set(read_manifest()["oauth_config"]["scopes"]["bot"]) - {"files:write", "im:history"}
    with LocalSlack(manifest=read_manifest(), scopes=scopes) as slack:
        ran = refused(monkeypatch, "files:write, im:history", **environment(slack, "http"))
    assert "channels:history" not in ran.err


@contextmanager
def broken_slack(status: int, body: bytes) -> Iterator[str]:
    """A Slack that has an outage: every call is answered by whatever stands before it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on standard error."""

    with HTTPServer((HOST, 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}/api/"
        finally:
            server.shutdown()
            thread.join()


OUTAGES = {
    "an error of Slack's": (503, b'{"ok": false, "error": "service_unavailable"}'),
    "a page of a proxy": (502, f"<html>Bad Gateway {PLANTED}</html>".encode()),
    "a page where the answer should be": (200, f"<html>Please log in, {PLANTED}</html>".encode()),
    "nothing at all": (503, b""),
    "too many calls": (200, b'{"ok": false, "error": "ratelimited"}'),
}


@pytest.mark.parametrize(("status", "body"), OUTAGES.values(), ids=OUTAGES.keys())
def test_an_outage_is_not_a_wrong_token(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    with broken_slack(status, body) as api:
        ran = refused(monkeypatch, "Slack cannot check SLACK_BOT_TOKEN now", WHICHCLOUD_SLACK_API=api, **HTTP)
    assert "Install the app again" not in ran.err


def test_a_slack_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    refused(monkeypatch, "Slack cannot be reached", WHICHCLOUD_SLACK_API=f"http://{HOST}:{free_port()}/api/", **HTTP)


def test_the_process_says_the_same() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "serve"], cwd=ROOT, env=bare_environment(), capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.startswith(b"SLACK_BOT_TOKEN is not set.")


def test_what_is_refused_leaves_no_database_behind(monkeypatch: pytest.MonkeyPatch, module_slack: LocalSlack, tmp_path: Path) -> None:
    given = environment(module_slack, "http", SLACK_BOT_TOKEN=BOT, DATABASE_URL=f"sqlite:///{tmp_path / 'bot.db'}")
    refused(monkeypatch, "SLACK_BOT_TOKEN", **given)
    assert list(tmp_path.iterdir()) == []
