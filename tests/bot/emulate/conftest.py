"""A stand-in for Slack that others wrote: `emulate`, pinned. The bot calls its Web API; what people do comes from here."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.app import build_app, build_client, build_office, utc_now
from bot.clients import OneWorkspace
from bot.handlers import duties
from bot.jobs import Workers
from bot.office import Office
from bot.settings import Settings
from bot.storage import open_database
from engine.rulebook import Rulebook
from tests.bot.serving.process import HOST, free_port
from tests.bot.slack.harness import action_ids, all_done

NO_EMULATE = "no emulate for the tests: EMULATE_HOME names no folder with node_modules/.bin/emulate in it (.ci/run makes one where it can)"
SECRET = "of-this-test-alone"
_READY_S = 60
Json = dict[str, Any]


@dataclass(frozen=True)
class Talk:
    """One person, one bot, and what stands in the channel."""

    api: str
    app: App
    office: Office
    reader: WebClient
    team: str
    user: str
    channel: str

    # -- seeing ----------------------------------------------------------------------------------------------------

    def top(self) -> list[Json]:
        """The messages of the channel, oldest first."""
        found: list[Json] = self.reader.conversations_history(channel=self.channel)["messages"]
        return found[::-1]

    def thread(self, ts: str) -> list[Json]:
        """The replies, oldest first."""
        found: list[Json] = self.reader.conversations_replies(channel=self.channel, ts=ts)["messages"]
        return [each for each in found if each["ts"] != ts]

    def button(self, thread: str, action_id: str) -> tuple[Json, Json]:
        """The newest message of the thread with this button, and the button."""
        message = [each for each in self.thread(thread) if action_id in action_ids(each.get("blocks"))][-1]
        return message, next(_elements(message["blocks"], action_id))

    def trigger(self) -> str:
        """A trigger id that opens one modal within three seconds."""
        return str(self.app.client.api_call("views.generateTriggerId", json={"user_id": self.user})["trigger_id"])

    # -- doing -----------------------------------------------------------------------------------------------------

    def command(self, text: str = "") -> None:
        given = {"command": "/whichcloud", "text": text, "team_id": self.team, "user_id": self.user, "channel_id": self.channel}
        self._send(urlencode({**given, "trigger_id": self.trigger()}))

    def press(self, thread: str, action_id: str) -> str:
        """The trigger id that went with it."""
        message, element = self.button(thread, action_id)
        trigger = self.trigger()
        click = {
            "type": "block_actions",
            "team": {"id": self.team, "domain": "example"},
            "user": {"id": self.user, "team_id": self.team},
            "channel": {"id": self.channel},
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": self.channel,
                "thread_ts": thread,
                "is_ephemeral": False,
            },
            "message": message,
            "trigger_id": trigger,
            "actions": [{**element, "action_ts": f"{time.time():.6f}"}],
        }
        self._send(urlencode({"payload": json.dumps(click)}))
        return trigger

    def opens_home(self) -> None:
        event = {"type": "app_home_opened", "user": self.user, "channel": "D000000001", "tab": "home", "event_ts": "1.000001"}
        self._send(json.dumps({"type": "event_callback", "team_id": self.team, "event_id": "Ev1", "event": event}), "application/json")

    def _send(self, body: str, kind: str = "application/x-www-form-urlencoded") -> None:
        """As Slack sends it, signed; back once everything that it causes is done."""
        at = str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=at, body=body) or ""
        headers: dict[str, str | Sequence[str]] = {"content-type": kind, "x-slack-request-timestamp": at, "x-slack-signature": signature}
        answer: BoltResponse = self.app.dispatch(BoltRequest(body=body, headers=headers))
        assert answer.status == 200
        all_done(self.office)


def _elements(blocks: Any, action_id: str) -> Iterator[Json]:
    if isinstance(blocks, dict):
        if blocks.get("action_id") == action_id:
            yield blocks
        blocks = list(blocks.values())
    for each in blocks if isinstance(blocks, list) else ():
        yield from _elements(each, action_id)


@pytest.fixture(scope="session")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its Web API."""
    programs = Path(os.environ.get("EMULATE_HOME") or "nowhere") / "node_modules" / ".bin"
    if not (programs / "emulate").exists():
        pytest.skip(NO_EMULATE)
    with _running(programs, tmp_path_factory.mktemp("emulate")) as address:
        yield address


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    words = [str(programs / "emulate"), "start", "-s", "slack", "-p", str(port), "--seed", str(Path(__file__).parent / "seed.yaml")]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"  # the Node that was installed with it comes first
    with (folder / "printed.txt").open("wb") as printed:
        process = subprocess.Popen(words, cwd=folder, env={**os.environ, "PATH": path}, stdout=printed, stderr=subprocess.STDOUT)
    try:
        _wait(process, f"http://{HOST}:{port}/", folder / "printed.txt")
        yield f"http://{HOST}:{port}/api/"
    finally:
        process.terminate()
        process.wait(_READY_S)


def _wait(process: subprocess.Popen[bytes], address: str, printed: Path) -> None:
    """Returns once it answers."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, timeout=5, trust_env=False)
        except httpx.TransportError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise AssertionError(f"emulate did not start:\n{printed.read_text()}")


@pytest.fixture
def talk(emulate: str, rulebook: Rulebook, tmp_path: Path) -> Iterator[Talk]:
    settings = Settings(slack_bot_token=SecretStr("xoxb-emulate-bot"), slack_signing_secret=SecretStr(SECRET), whichcloud_slack_api=emulate)
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", utc_now)
    office = build_office(settings, rulebook, database, OneWorkspace(build_client(settings)))
    app = build_app(office, build_client(settings))
    workers = Workers(database, duties(office), alone=True)
    workers.start()
    reader = WebClient("xoxp-emulate-reader", base_url=emulate)
    me = reader.auth_test()
    channels: list[Json] = reader.conversations_list()["channels"]
    channel = next(each["id"] for each in channels if each["name"] == "ml-platform")
    try:
        yield Talk(emulate, app, office, reader, me["team_id"], me["user_id"], channel)
    finally:
        office.aside.shutdown(wait=True)
        workers.stop()
        database.close()
