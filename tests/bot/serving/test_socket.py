"""The socket is lost, and the bot comes back by itself."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.server import LocalSlack
from tests.bot.serving.people import VERDICT, Person
from tests.bot.serving.process import serving, sqlite
from tests.bot.slack.harness import P6


def test_a_conversation_survives_lost_sockets(slack: LocalSlack, alex: Person, tmp_path: Path) -> None:
    with serving(slack, "socket", sqlite(tmp_path), tmp_path) as served:
        assert served.get("/slack/events") == (404, "Not Found")
        assert slack.sockets.opened == 1
        thread = alex.starts()
        for at, (question, answer) in enumerate(P6.items()):
            alex.presses(thread, f"answer:{question}:{answer}")
            alex.button(thread, f"change:{question}")
            opened = slack.sockets.opened
            if at == 1:  # lost without a word
                slack.faults.drop_sockets()
                served.until(lambda opened=opened: slack.sockets.opened > opened and slack.sockets.connected > 0)  # type: ignore[misc]
            if at == 3:  # asked to connect anew, as Slack does every few hours
                slack.sockets.disconnect()
                served.until(lambda opened=opened: slack.sockets.opened > opened)  # type: ignore[misc]
        assert alex.takes_typical(thread).text == VERDICT
        assert alex.refusals() == []


def test_it_is_not_ready_while_slack_refuses_a_socket(slack: LocalSlack, tmp_path: Path) -> None:
    with serving(slack, "socket", sqlite(tmp_path), tmp_path) as served:
        slack.faults.fail("apps.connections.open", "internal_error", times=1000)
        slack.faults.drop_sockets()
        served.until(lambda: served.get("/readyz") == (503, "not ready"))
        assert served.get("/healthz") == (200, "alive")
        slack.faults.clear()
        served.until(served.ready)
        assert served.stop() == 0
