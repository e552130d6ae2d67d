"""The bot as a process behind the local Slack: how long an acknowledgement takes, and how long from the last click to the verdict.

Run by `make bench`, never by `make test`: a timing is read, not asserted.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bot.cli.start import bot_behind
from bot.manifest import read_manifest
from bot.sandbox.acts import Outcome
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message

CONVERSATIONS = 40
ANSWERS = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": "5", "mlops_capacity": "no"}


class _Asker:
    """One person in one channel; every act is timed."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.user = next(iter(slack.world.people))
        self.channel = next(c.id for c in slack.world.channels.values() if c.name == "ml-platform")
        self.acks_ms: list[float] = []
        self.verdicts_ms: list[float] = []

    def conversation(self) -> None:
        """A whole one, from the command to the verdict in the thread."""
        before = {m.ts for m in self._top()}
        self._timed(lambda: self.slack.command(self.user, self.channel, "/whichcloud", ""))
        thread = self._wait(lambda: [m for m in self._top() if m.ts not in before])[0].ts
        for question, answer in ANSWERS.items():
            self._press(thread, f"answer:{question}:{answer}")
        offer = self._with_button(thread, "typical")
        start = time.perf_counter()
        self._timed(lambda: self.slack.click(self.user, offer.ts, self.channel, "typical"))
        self._with_button(thread, "numbers:refine")
        self.verdicts_ms.append(1000 * (time.perf_counter() - start))

    def _press(self, thread: str, action_id: str) -> None:
        message = self._with_button(thread, action_id)
        self._timed(lambda: self.slack.click(self.user, message.ts, self.channel, action_id))

    def _timed(self, act: Callable[[], Outcome]) -> None:
        start = time.perf_counter()
        outcome = act()
        self.acks_ms.append(1000 * (time.perf_counter() - start))
        assert (outcome.status, outcome.error) == (200, "")

    def _with_button(self, thread: str, action_id: str) -> Message:
        return self._wait(lambda: [m for m in self.slack.world.replies_in(self.channel, thread, self.user) if action_id in str(m.blocks)])[
            0
        ]

    def _top(self) -> list[Message]:
        return list(self.slack.world.messages_in(self.channel, self.user))

    def _wait(self, find: Callable[[], list[Message]]) -> list[Message]:
        assert self.slack.wait_for(find)
        return find()


def test_from_the_last_click_to_the_verdict(benchmark: Any) -> None:
    """A fresh conversation each round, one after another, the bot over signed HTTP with its SQLite file."""
    with LocalSlack(manifest=read_manifest()) as slack, bot_behind(slack):
        asker = _Asker(slack)
        benchmark.pedantic(asker.conversation, rounds=CONVERSATIONS, warmup_rounds=1)
    took = asker.verdicts_ms[1:]
    acks = sorted(asker.acks_ms)
    sys.stdout.write(
        f"\nlast click to verdict over {CONVERSATIONS} conversations: median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms; "
        f"{len(acks)} acks: median {statistics.median(acks):.0f} ms, p99 {acks[int(len(acks) * 0.99)]:.0f} ms, worst {acks[-1]:.0f} ms\n"
    )
