"""How the process ends: by a kill, after which the next one goes on, or when told to, after which nothing is left undone."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from bot.sandbox.server import LocalSlack
from tests.bot.serving.people import VERDICT, Person
from tests.bot.serving.process import Transport, serving, sqlite
from tests.bot.slack.harness import P6

FIRST_THREE = dict(list(P6.items())[:3])
LAST_TWO = dict(list(P6.items())[3:])


def test_after_a_kill_the_conversation_goes_on_where_it_stood(slack: LocalSlack, alex: Person, tmp_path: Path) -> None:
    with serving(slack, "http", sqlite(tmp_path), tmp_path) as first:
        thread = alex.starts()
        alex.answers(thread, FIRST_THREE)
        alex.button(thread, "answer:inference_regions:5")
        alex.button(thread, "change:microsoft_ea")  # the last that the answer sets off
        first.kill()
    with serving(slack, "http", sqlite(tmp_path), tmp_path):
        alex.answers(thread, LAST_TWO)
        assert alex.takes_typical(thread).text == VERDICT
        alex.button(thread, "change:mlops_capacity")
    assert [alex.shown(thread).count(f"{at} of 5") for at in range(1, 6)] == [0] * 5, "every question shrank to its answer"
    assert alex.refusals() == []


def test_what_a_kill_left_half_posted_is_posted_by_the_next_start(slack: LocalSlack, alex: Person, tmp_path: Path) -> None:
    with serving(slack, "http", sqlite(tmp_path), tmp_path) as first:
        thread = alex.starts()
        slack.faults.slow("chat.update", seconds=30)
        slack.faults.slow("chat.postMessage", seconds=30)
        alex.presses(thread, "answer:footprint:aws")
        alex.wait(lambda: not slack.faults.left_for("chat.postMessage"))  # the answer is kept, and its next question under way
        first.kill()
    slack.faults.clear()
    with serving(slack, "http", sqlite(tmp_path), tmp_path):
        alex.button(thread, "answer:training:sporadic")
        alex.button(thread, "change:footprint")


@pytest.mark.parametrize("transport", ["http", "socket"])
def test_sigterm_finishes_what_was_acknowledged(slack: LocalSlack, alex: Person, tmp_path: Path, transport: Transport) -> None:
    with serving(slack, transport, sqlite(tmp_path), tmp_path) as served:
        thread = alex.starts()
        alex.answers(thread, P6)
        alex.button(thread, "typical")
        slack.faults.slow("chat.postMessage", seconds=2)
        alex.presses(thread, "typical")
        assert VERDICT not in alex.shown(thread), "it is still at work"
        assert served.stop() == 0, served.said()
        assert VERDICT in alex.shown(thread)
        assert "Traceback" not in served.said()


def test_a_worker_that_dies_is_replaced(slack: LocalSlack, alex: Person, tmp_path: Path) -> None:
    """The first process watches the one that serves."""
    with serving(slack, "http", sqlite(tmp_path), tmp_path) as served:
        thread = alex.starts()
        found = re.search(r"Booting worker with pid: (\d+)", served.said())
        assert found is not None
        os.kill(int(found[1]), signal.SIGKILL)
        served.until(lambda: served.said().count("Booting worker") == 2 and served.ready())
        alex.answers(thread, P6)
        assert alex.takes_typical(thread).text == VERDICT
