"""What is noted of each request that the Bolt app answers, over HTTP and over the socket."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.metrics import REGISTRY
from bot.timed import TimedApp, surface_of

SECRET, COMMAND = "0123456789abcdef0123456789abcdef", {"command": "/whichcloud", "team_id": "T0SANDBOX", "user_id": "U1"}
log = logging.getLogger("bot.listeners")


@pytest.fixture
def app() -> TimedApp:
    made = TimedApp(
        overrun=lambda _: False,
        signing_secret=SECRET,
        authorize=lambda **_: AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_token="xoxb-1"),
        process_before_response=True,
        token_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )

    @made.command("/whichcloud")
    def heard(ack: Ack) -> None:
        log.warning("heard")
        ack()

    return made


def over_http(body: dict[str, Any], secret: str = SECRET) -> BoltRequest:
    sent, at = urlencode(body), str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=sent)
    assert signature is not None
    form = "application/x-www-form-urlencoded"
    return BoltRequest(body=sent, headers={"content-type": form, "x-slack-request-timestamp": at, "x-slack-signature": signature})


def counted(surface: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("whichcloud_acks_total", {"surface": surface, "outcome": outcome}) or 0


def test_an_answer_is_counted_and_its_lines_carry_the_ids(app: TimedApp, written: io.StringIO) -> None:
    before = counted("command", "ok")
    assert [app.dispatch(over_http(COMMAND)).status for _ in range(2)] == [200, 200]
    assert counted("command", "ok") - before == 2
    first, second = (json.loads(line) for line in written.getvalue().splitlines())
    assert (first["event"], first["workspace"]) == ("heard", "T0SANDBOX")
    assert len({first["request"], second["request"]}) == 2
    assert [len(line["request"]) for line in (first, second)] == [12, 12]


def test_over_the_socket_too(app: TimedApp, written: io.StringIO) -> None:
    before = counted("command", "ok")
    assert app.dispatch(BoltRequest(mode="socket_mode", body=COMMAND)).status == 200
    assert counted("command", "ok") - before == 1
    assert json.loads(written.getvalue())["workspace"] == "T0SANDBOX"


def test_what_nobody_signed_counts_apart(app: TimedApp) -> None:
    before = counted("unverified", "failed"), counted("command", "failed")
    assert app.dispatch(over_http(COMMAND, "f" * 32)).status == 401
    assert (counted("unverified", "failed"), counted("command", "failed")) == (before[0] + 1, before[1])


def test_what_nobody_answers_is_a_failure(app: TimedApp) -> None:
    before = counted("block_actions", "failed")
    pressed = {"type": "block_actions", "team": {"id": "T0SANDBOX"}, "user": {"id": "U1"}, "actions": [{"action_id": "a", "block_id": "b"}]}
    assert app.dispatch(over_http({"payload": json.dumps(pressed)})).status == 404
    assert counted("block_actions", "failed") - before == 1


@pytest.mark.parametrize("said", ["T0\nsomething", "' OR 1=1", "", "U1", "T" * 200])
def test_a_workspace_that_is_none_is_not_written(app: TimedApp, written: io.StringIO, said: str) -> None:
    app.dispatch(over_http({**COMMAND, "team_id": said}))
    assert "workspace" not in json.loads(written.getvalue())


@pytest.mark.parametrize(
    ("body", "surface"),
    [(COMMAND, "command"), ({"type": "block_actions"}, "block_actions"), ({"type": "view_submission"}, "view_submission"),
     ({"type": "event_callback", "event": {"type": "app_mention"}}, "app_mention"),
     ({"type": "event_callback", "event": {"type": "message", "subtype": "message_changed"}}, "message"),
     ({"type": "url_verification"}, "url_verification"), ({"type": "made up"}, "other"), ({}, "other"),
     ({"type": "event_callback", "event": {"type": ["message"]}}, "other"), ({"type": "event_callback", "event": "message"}, "other")],
    ids=["a command", "a press", "a form", "a mention", "a message", "Slack's question", "made up", "nothing", "a list", "no event"],
)  # fmt: skip
def test_the_surface_is_one_that_we_know(body: dict[str, Any], surface: str) -> None:
    assert surface_of(body) == surface
