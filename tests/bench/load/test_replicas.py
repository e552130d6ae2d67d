"""Two replicas on one PostgreSQL, a thousand workspaces: none sees anything of another, and one that floods does not slow the rest."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation

from bot.installing.installations import EncryptedInstallations
from bot.installing.sealing import Seals
from bot.storage import open_database
from tests.bench.load import payloads
from tests.bench.load.figures import Acked, Table, lost, shown
from tests.bench.load.payloads import Answers, Place
from tests.bench.load.people import Act, Crowd, Notice
from tests.bench.load.processes import Process, StandIn, bot, stand_in
from tests.bench.load.settings import FLOOD_PER_S, FLOOD_S, OTHERS_PER_S, SETTLE_S, UNDER_WAY, WORKSPACES
from tests.bench.load.stand_in import BOT_ID, BOT_USER, team_of
from tests.bench.load.stretch import drained, places
from tests.bench.load.wire import Line, at_rate

_FLOODER, _FIRST_OTHER = 1, 2
_CONVERSATION = re.compile(r"\b[0-9a-f]{24}\b")


@dataclass
class Borders:
    """Whose conversation is whose, as the buttons say: an id that shows up in two workspaces has crossed a border."""

    homes: dict[str, str] = field(default_factory=dict)
    crossed: list[str] = field(default_factory=list)

    def see(self, notice: Notice) -> None:
        place = notice["trigger"].rpartition(".")[2] if notice["kind"] == "view" else notice["channel"]
        written = str(notice.get("view") or notice.get("message", {}).get("blocks"))
        for id in set(_CONVERSATION.findall(written)):
            if self.homes.setdefault(id, team_of(place)) != team_of(place):
                self.crossed.append(f"{id} in {place}")


@dataclass(frozen=True)
class Measured:
    before: Acked
    beside: Acked
    flood: Acked
    acts_before: list[Act]
    acts_beside: list[Act]
    borders: Borders
    tally: dict[str, Any]


def test_a_thousand_workspaces_of_which_one_floods(tmp_path: Path, postgres: str, table: Table) -> None:
    keys = Fernet.generate_key().decode()
    with stand_in(tmp_path) as slack, ExitStack() as stack:
        install(postgres, keys)
        many = {
            "SLACK_BOT_TOKEN": "",
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "not used here",
            "WHICHCLOUD_KEYS": keys,
            "WHICHCLOUD_URL": "https://bot.example.com",
        }
        replicas = [stack.enter_context(bot(tmp_path, slack, postgres, **many)) for _ in range(2)]
        measured = asyncio.run(_measure(slack, replicas))
    _report(table, measured)
    assert (measured.tally["foreign"], measured.borders.crossed, measured.tally["doubled"]) == ([], [], [])
    assert lost(measured.acts_before + measured.acts_beside) == []


def install(database_url: str, key: str) -> None:
    """Every workspace has installed the app; its token names it."""
    database = open_database(database_url, lambda: datetime.now(UTC))
    store = EncryptedInstallations(database, Seals([key]))
    for number in range(1, WORKSPACES + 1):
        team = f"T{number:04d}"
        store.save(
            Installation(
                app_id="A0LOAD", team_id=team, user_id=f"U{number:04d}X0", bot_token=f"xoxb-{team}", bot_id=BOT_ID, bot_user_id=BOT_USER,
                bot_scopes="chat:write",
            )
        )  # fmt: skip
    database.close()


async def _measure(slack: StandIn, replicas: list[Process]) -> Measured:
    """The same load of the others twice, the second time beside the flood; then everybody is waited for.

    Before that they act for as long as it takes until all that a bot prepares once is there, in the end as many as in a busy minute.
    """
    line = Line([replica.port for replica in replicas])
    borders, answers, who = Borders(), Answers(slack.base), places(WORKSPACES - 1, _FIRST_OTHER)
    before = Crowd(line, answers, who, UNDER_WAY)
    beside = Crowd(line, answers, who, UNDER_WAY)

    def hear(notice: Notice) -> None:
        borders.see(notice)
        before.hear(notice)
        beside.hear(notice)

    async with slack.feed(hear):
        await at_rate(OTHERS_PER_S, SETTLE_S, before.begin)
        await at_rate(4 * OTHERS_PER_S, SETTLE_S / 5, before.begin)
        await drained(lambda: before.waiting)
        alone = await at_rate(OTHERS_PER_S, FLOOD_S, before.begin)
        await drained(lambda: before.waiting)
        flood = _flood(flooding := Line([replica.port for replica in replicas]), answers)
        others, flooded = await asyncio.gather(
            at_rate(OTHERS_PER_S, FLOOD_S, beside.begin), at_rate(FLOOD_PER_S, FLOOD_S, lambda: next(flood))
        )
        await drained(lambda: beside.waiting)
    for each in (line, flooding):
        await each.hang_up()
    acked = [Acked.of(run.acks) for run in (alone, others, flooded)]
    return Measured(acked[0], acked[1], acked[2], before.acts, beside.acts, borders, slack.tally())


def _flood(line: Line, answers: Answers) -> Iterator[Any]:
    """One workspace, a thousand people who type the command over and over."""
    for number in itertools.count():
        place = Place.of(_FLOODER, number % 1_000)
        yield line.send(payloads.command(place, answers, "", payloads.new_trigger(place)))


def _report(table: Table, measured: Measured) -> None:
    table.head(
        f"Two replicas, one PostgreSQL, {WORKSPACES} workspaces: {OTHERS_PER_S:.0f}/s of the others for {FLOOD_S:.0f} s, then again "
        f"beside {FLOOD_PER_S:.0f}/s of one"
    )
    table.add("the others alone: acks p50 / p95 / p99 / worst", measured.before)
    table.add("the others beside the flood", measured.beside, f"all < {1_000} ms", not measured.beside.over_a_second)
    ratio = measured.beside.p99 / measured.before.p99
    table.add("their p99 to what it was", f"{ratio:.2f}", "1.5", ratio <= 1.5)
    table.add("from a press to what came of it, alone; beside", f"{shown(measured.acts_before)}; {shown(measured.acts_beside)}")
    table.add("the flood: acks p50 / p95 / p99 / worst", measured.flood)
    missing = lost(measured.acts_before + measured.acts_beside)
    table.add("answers of the others lost", len(missing), "0", not missing)
    crossed = len(measured.tally["foreign"]) + len(measured.borders.crossed)
    table.add("posts and forms in a foreign workspace", f"{crossed} of {measured.tally['posted']}", "0", not crossed)
    table.add("posts doubled", len(measured.tally["doubled"]), "0", not measured.tally["doubled"])
