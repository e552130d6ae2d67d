"""Nothing secret and nothing that a person typed stands in any line that the process prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.manifest import read_manifest
from bot.sandbox.deliver import Outcome, Retry, Transport
from bot.sandbox.payloads import Delivery
from bot.sandbox.server import LocalSlack
from tests.bot.serving.people import Person
from tests.bot.serving.process import Served, serving
from tests.bot.serving.test_http import COMMAND, signed
from tests.bot.slack.harness import P6

SENTENCE, DISCOUNT, PASSWORD = "kumquat merger Acme", "17.391", "planted-password"
PLANTED = {"bot_token": "xoxb-planted-0a1b2c", "app_token": "xapp-planted-3d4e5f", "signing_secret": "0123456789abcdef0123456789abcdef"}


@dataclass
class Noting:
    """A transport that keeps what was sent, for the trigger ids and response addresses in it."""

    inner: Transport
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        self.sent.append(delivery.payload)
        return self.inner.send(delivery, retry)


def fields_named(value: Any, *names: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(each) for name, each in value.items() if name in names)
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from fields_named(each, *names)


def a_bad_day(alex: Person, served: Served) -> None:
    """Everything that is written down: forged requests, lost calls, refused blocks, mistakes of people, a whole conversation."""
    slack = alex.slack
    for headers in ({}, signed("another secret", COMMAND), signed(slack.signing_secret, COMMAND, age_s=400)):
        httpx.post(served.url("/slack/events"), content=f"{COMMAND}&text={SENTENCE}", headers=headers, trust_env=False)
    slack.faults.disturb("bad_signature")
    slack.command(alex.id, alex.channel, "/whichcloud", SENTENCE)
    slack.command(alex.id, alex.channel, "/whichcloud", SENTENCE)
    thread = alex.starts()
    called = len(slack.recorded)
    slack.say(alex.id, alex.channel, f"<@{slack.world.bot.user_id}> {SENTENCE}", thread_ts=thread)
    alex.wait(lambda: [call for call in slack.recorded[called:] if call.method.startswith("chat.post")])
    alex.answers(thread, P6)
    alex.button(thread, "typical")
    slack.faults.fail("chat.update", "invalid_blocks")
    alex.takes_typical(thread)
    slack.faults.drop("chat.postMessage", when="after")
    alex.presses(thread, "detail:why")
    slack.faults.break_down("views.open")
    alex.presses(thread, "detail:assumed")
    alex.presses(thread, "numbers:refine")
    alex.refines(thread, {"ea_discount_pct": DISCOUNT})
    slack.faults.revoke_token()
    alex.presses(thread, "detail:lines")
    alex.wait(lambda: "token_revoked" in [error for _, error in alex.refusals()])


def test_the_process_prints_nothing_secret(postgres: str, tmp_path: Path) -> None:
    url = postgres.replace("postgres@", f"postgres:{PASSWORD}@", 1)
    with LocalSlack(manifest=read_manifest(), **PLANTED) as slack:  # type: ignore[arg-type]  # the words are all texts
        with serving(slack, "http", url, tmp_path) as served:
            noting = slack._courier.transport = Noting(slack._courier.transport)
            a_bad_day(Person(slack), served)
            assert served.stop() == 0
        said = served.said()
    lent = set(fields_named(noting.sent, "trigger_id", "response_url"))
    assert len(lent) > 10
    assert [secret for secret in (*PLANTED.values(), *lent, *SENTENCE.split(), DISCOUNT, PASSWORD) if secret in said] == []
    assert "a form was not opened: internal_error" in said, "it was written down, and this is where"
    assert "Traceback" not in said
