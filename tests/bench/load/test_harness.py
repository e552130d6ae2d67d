"""The bench counts rightly: it sees a post that was made twice, an answer that came to nothing, a post in a foreign workspace; and
what it costs by itself is small beside what it measures."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bench.load.figures import Acked, Table, at, lost
from tests.bench.load.payloads import Answers, Place, command
from tests.bench.load.people import Act, Crowd
from tests.bench.load.processes import StandIn, Watch, bare_app, stand_in
from tests.bench.load.stretch import places, until
from tests.bench.load.wire import Line, Run, at_rate

_THIS = {"event_type": "whichcloud_post", "event_payload": {"key": "this"}}
_OTHER = {"event_type": "whichcloud_post", "event_payload": {"key": "other"}}


@pytest.mark.parametrize(
    ("posts", "doubled"),
    [
        pytest.param([("first", _THIS), ("first", _OTHER)], [], id="two keys"),
        pytest.param([("first", _THIS), ("second", _THIS)], ["T0001:this"], id="a key twice"),
        pytest.param([("first", None), ("second", None)], [], id="no key, other words"),
        pytest.param([("first", None), ("first", None)], ["the same words"], id="no key, the same words"),
    ],
)
def test_a_post_that_was_made_twice_is_counted(tmp_path: Path, posts: list[tuple[str, Any]], doubled: list[str]) -> None:
    with stand_in(tmp_path) as slack:
        for text, metadata in posts:
            assert _call(slack, "xoxb-T0001", text=text, **({"metadata": metadata} if metadata else {}))["ok"] is True
        found = slack.tally()["doubled"]
    assert doubled == [key if key == "T0001:this" else "the same words" for key in found]


def test_a_post_in_a_foreign_workspace_is_counted(tmp_path: Path) -> None:
    with stand_in(tmp_path) as slack:
        assert _call(slack, "xoxb-T0002", text="hello") == {"ok": False, "error": "channel_not_found"}
        assert _call(slack, "xoxb-T0001", text="hello", thread_ts="1.000001")["ok"] is True
        assert slack.tally()["foreign"] == ["C0001X7 with the token of T0002", "C0001X7: a thread of elsewhere"]


def test_an_answer_that_came_to_nothing_is_lost(tmp_path: Path, table: Table) -> None:
    """The bare app acknowledges and does nothing: every act is lost but the one that somebody else brings about."""
    with stand_in(tmp_path) as slack, bare_app(tmp_path, slack, "direct") as app:
        acts = asyncio.run(_three_starts(slack, app.port))
    assert [(act.who.channel, act.lost) for act in acts] == [("C0001X1", False), ("C0002X2", True), ("C0003X3", True)]
    table.head("The harness itself")
    table.add("a doubled post and two lost answers, shown to it", f"{len(lost(acts))} lost", "2", len(lost(acts)) == 2)


async def _three_starts(slack: StandIn, port: int) -> list[Act]:
    line = Line([port])
    crowd = Crowd(line, Answers(slack.base), iter([Place.of(1, 1), Place.of(2, 2), Place.of(3, 3)]), under_way=3)
    async with slack.feed(crowd.hear):
        for _ in range(3):
            assert (await crowd.begin()).ok
        button = {"type": "button", "action_id": "answer:footprint:aws", "value": "x", "text": {"type": "plain_text", "text": "AWS"}}
        blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
        await asyncio.to_thread(_call, slack, "xoxb-any", channel="C0001X1", text="asked", blocks=blocks)
        assert await until(lambda: crowd.waiting == 2, 10)
    await line.hang_up()
    return crowd.acts


def test_what_it_costs_by_itself(tmp_path: Path, table: Table) -> None:
    """Against a server that answers at once, and against the bare app with one client after another."""
    with stand_in(tmp_path) as slack, bare_app(tmp_path, slack, "direct") as app:
        for name, port, per_s in (("nothing behind it", slack.process.port, 500), ("the bare app", app.port, 50)):
            run, cpu = asyncio.run(_alone(port, per_s, Watch({"slack": [slack.process]})))
            acked = Acked.of(run.acks)
            table.add(f"{per_s}/s, {name}: acks p50 / p95 / p99 / worst", acked)
            table.add(
                "sent late by, p50 / p99; processor", f"{at(0.5, run.late_ms):.1f} / {at(0.99, run.late_ms):.1f} ms; {cpu:.0%} of a core"
            )
            assert acked.not_ok == 0


async def _alone(port: int, per_s: float, watch: Watch) -> tuple[Run, float]:
    line, who, answers = Line([port]), places(20), Answers("http://127.0.0.1:9")
    before = time.process_time()
    run = await at_rate(per_s, 5, lambda: line.send(command(next(who), answers, "", "trigger")))
    await line.hang_up()
    return run, (time.process_time() - before) / run.took_s


def _call(slack: StandIn, token: str, **sent: Any) -> dict[str, Any]:
    posted = httpx.post(
        f"{slack.base}/api/chat.postMessage",
        json={"channel": "C0001X7", **sent},
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
    )
    found: dict[str, Any] = posted.json()
    return found
