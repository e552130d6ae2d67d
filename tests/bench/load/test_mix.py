"""Two hundred conversations under way, fifty interactions a second, for two minutes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.bench.load.figures import Acked, Table, at, kinds, lost, shown
from tests.bench.load.payloads import Answers
from tests.bench.load.people import Crowd
from tests.bench.load.processes import Watch, bot, stand_in
from tests.bench.load.settings import PER_S, SECONDS, UNDER_WAY
from tests.bench.load.stretch import Stretch, load, places
from tests.bench.load.wire import Line
from tests.bot.serving.process import sqlite

_WORKSPACES = 20
_WARM = 0.25  # of the time


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fifty_a_second(kind: str, tmp_path: Path, table: Table, request: pytest.FixtureRequest) -> None:
    database = sqlite(tmp_path) if kind == "sqlite" else request.getfixturevalue("postgres")
    with stand_in(tmp_path) as slack, bot(tmp_path, slack, database) as served:
        line = Line([served.port])
        crowd = Crowd(line, Answers(slack.base), places(_WORKSPACES), UNDER_WAY)
        watch = Watch({"bot": [served], "slack": [slack.process]})
        stretch = asyncio.run(load(slack, line, crowd, watch, PER_S, SECONDS))
    _report(table, kind, stretch, crowd)
    assert (lost(stretch.acts), stretch.tally["doubled"], stretch.tally["foreign"]) == ([], [], [])


def _report(table: Table, kind: str, stretch: Stretch, crowd: Crowd) -> None:
    acked, missing, doubled = Acked.of(stretch.run.acks), lost(stretch.acts), stretch.tally["doubled"]
    table.head(f"{PER_S:.0f} interactions a second for {SECONDS:.0f} s, {UNDER_WAY} conversations under way, {kind}")
    table.add("interactions; conversations begun; most under way", f"{kinds(stretch.acts)}; {crowd.begun}; {crowd.most}")
    table.add("sent late by, p50 / p99", f"{at(0.5, stretch.run.late_ms):.1f} / {at(0.99, stretch.run.late_ms):.1f} ms")
    table.acks(acked)
    table.add("answers lost", f"{len(missing)} {kinds(missing)}".strip(), "0", not missing)
    table.add("posts doubled", f"{len(doubled)} of {stretch.tally['posted']}", "0", not doubled)
    refused = [act.refused for act in stretch.acts if act.refused]
    table.add("refused by the bot; by Slack", f"{len(refused)}; {sum(stretch.tally['refused'].values())}", "0", not refused)
    table.add("from a press to what came of it, p50 / p99", shown(stretch.acts))
    table.add("waiting at the end; until nothing waited", f"{stretch.backlog}; {stretch.drained_s:.1f} s")
    _memory(table, stretch.rss_mb)
    table.add("processor time of the bot for an interaction", f"{stretch.work_ms:.1f} ms")
    table.add("of a core", ", ".join(f"{name} {share:.0%}" for name, share in stretch.cpu.items()))


def _memory(table: Table, rss_mb: list[float]) -> None:
    if not rss_mb or not rss_mb[0]:
        table.add("memory", "not measured: no /proc")
        return
    start, warm, end = rss_mb[0], rss_mb[int(_WARM * min(SECONDS, len(rss_mb)))], rss_mb[min(int(SECONDS), len(rss_mb) - 1)]
    growth = end / warm - 1
    table.add("memory at the start, warm, at the end", f"{start:.0f}, {warm:.0f}, {end:.0f} MB ({growth:+.1%})", "+10 %", growth < 0.1)
