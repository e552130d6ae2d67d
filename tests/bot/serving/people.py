"""What people do in a local Slack whose bot is another process: only what Slack itself shows can be waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.acts import Outcome
from bot.sandbox.seed import ALEX, ML_PLATFORM
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message, OpenView
from tests.bot.slack.harness import P6, action_ids, texts

VERDICT = "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."
_PATIENCE_S = 30


@dataclass(frozen=True)
class Person:
    """Somebody in one channel."""

    slack: LocalSlack
    id: str = ALEX.id
    channel: str = ML_PLATFORM

    def wait(self, condition: Callable[[], Any]) -> Any:
        """What the condition found, once it found something."""
        found: list[Any] = []

        def look() -> bool:
            found[:] = [condition()]
            return bool(found[0])

        assert self.slack.wait_for(look, _PATIENCE_S), f"nothing of the kind happened; refused by Slack: {self.refusals()}"
        return found[0]

    def refusals(self) -> list[tuple[str, str]]:
        return [(call.method, call.answer["error"]) for call in self.slack.recorded if call.answer.get("error")]

    # -- seeing ----------------------------------------------------------------------------------------------------

    def thread(self, ts: str) -> list[Message]:
        return list(self.slack.world.replies_in(self.channel, ts, self.id))

    def shown(self, thread: str) -> str:
        """Every text of a thread."""
        return "\n".join(f"{message.text}\n{texts(message.blocks)}" for message in self.thread(thread))

    def button(self, thread: str, action_id: str) -> Message:
        """The newest message of a thread with this button, waited for."""
        found: Message = self.wait(lambda: [m for m in self.thread(thread) if action_id in action_ids(m.blocks)])[-1]
        return found

    def form(self) -> OpenView:
        found: OpenView = self.wait(lambda: self.slack.world.top_view(self.id))
        return found

    # -- doing -----------------------------------------------------------------------------------------------------

    def starts(self) -> str:
        """`/whichcloud`; the thread that it opened, once the first question stands in it."""
        before = {message.ts for message in self.slack.world.messages_in(self.channel, self.id)}
        assert self.slack.command(self.id, self.channel, "/whichcloud") == Outcome(200)
        new = self.wait(
            lambda: [m for m in self.slack.world.messages_in(self.channel, self.id) if m.ts not in before and not m.ephemeral_to]
        )
        thread = str(new[0].ts)
        self.button(thread, "answer:footprint:aws")
        return thread

    def presses(self, thread: str, action_id: str) -> None:
        message = self.button(thread, action_id)
        assert self.slack.click(self.id, message.ts, self.channel, action_id) == Outcome(200)

    def answers(self, thread: str, answers: Mapping[str, str]) -> None:
        for question, answer in answers.items():
            self.presses(thread, f"answer:{question}:{answer}")

    def takes_typical(self, thread: str) -> Message:
        """The message with the verdict."""
        self.presses(thread, "typical")
        return self.button(thread, "numbers:refine")

    def is_advised(self, thread: str) -> Message:
        """All five answers of case P6, typical numbers."""
        self.answers(thread, P6)
        return self.takes_typical(thread)

    def fills_in(self, values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """What stands in the open form with these fields typed anew, as Slack's state has it."""
        return {name: {name: {"type": "plain_text_input", "value": text}} for name, text in values.items()}

    def refines(self, thread: str, values: Mapping[str, str]) -> Message:
        """Other numbers in the form of the newest verdict; the verdict that follows."""
        before = self.button(thread, "numbers:refine").ts
        self.presses(thread, "numbers:refine")
        form = self.form()
        assert self.slack.submit(self.id, form.id, self.fills_in(values)) == Outcome(200)
        found: Message = self.wait(
            lambda: [m for m in self.thread(thread) if m.ts > before and "numbers:refine" in action_ids(m.blocks)],
        )[-1]
        return found
