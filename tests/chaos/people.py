"""What a real person does with the bot: reads what stands in Slack, presses, waits, and presses again only where they were told to.

Many persons live in one event loop; whatever blocks runs in a few threads beside it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, TypeVar

from bot.sandbox.acts import Outcome
from bot.sandbox.world import Message, OpenView
from tests.chaos.accounts import Account, Step
from tests.chaos.hearing import Hearing
from tests.chaos.invariants import REPORT, VERDICT
from tests.chaos.stage import Seat, Stage

LOOK_S = 0.08
FORM_PATIENCE_S = 8.0
_SEES_AFTER_S = 2.0  # that something is missing
_PATIENT = 3
# Slack sends an event again at once, after one minute and after five: where bots die all the time, only the last may be heard.
PATIENCE_S = 400.0
SLACK_GAVE_UP_S = 90.0  # on an event, in a run: its last try comes after `stage.REPEATED_AFTER_S`
STEPS = 15  # of one conversation, more or less, for whoever measures progress
_ANSWERS = {
    "footprint": ("aws", "azure", "both"),
    "training": ("sporadic", "continuous"),
    "microsoft_ea": ("yes", "no"),
    "inference_regions": ("1", "2", "3", "4", "5"),
    "mlops_capacity": ("yes", "no"),
}
_TYPED = ("footprint", "training")
_GPUS = ("4", "16", "24", "48", "96")
_REFUSED_BY_SLACK = ("message_not_found", "not_found", "no_such_action", "no_such_option", "no_such_input")  # the screen has just moved
_Found = TypeVar("_Found")


class Waits(Exception):
    """A step that was never done."""


class ToldAgain(Exception):
    """The bot said that it could not, and asked to be asked again."""


@dataclass(frozen=True)
class Pace:
    """How long people think before each act, at most, and how long they wait for the bot; how many of some answers they type."""

    think_s: float
    patience_s: float
    typed_share: float = 0.0


@dataclass
class Actor:
    """One person in their seat."""

    stage: Stage
    seat: Seat
    account: Account
    chance: Random
    pace: Pace
    threads: Executor
    on_step: Callable[[], None]

    def __post_init__(self) -> None:
        self.hearing = Hearing(self.stage, self.seat, self.account)
        self._acted = 0.0

    async def lives(self) -> None:
        """A whole conversation, up to the second verdict."""
        try:
            await self._converses()
            self.account.ended = "finished"
        except Waits as waits:
            self.account.ended = str(waits)

    async def _converses(self) -> None:
        await self._starts()
        chosen = {question: self.chance.choice(values) for question, values in _ANSWERS.items()}
        for question, value in chosen.items():
            await self._answers(question, value)
        await self._chooses_numbers()
        await self._sees_verdict(1)
        await self._posts_report()
        question = self.chance.choice(list(_ANSWERS))
        other = self.chance.choice([value for value in _ANSWERS[question] if value != chosen[question]])
        await self._press(f"change {question}", f"change:{question}", lambda: self._with(f"answer:{question}:{other}"))
        await self._answers(question, other, again=True)
        await self._sees_verdict(2)

    # -- the steps -------------------------------------------------------------------------------------------------------

    async def _starts(self) -> None:
        before = {message.ts for message in self.stage.top(self.seat)}

        def types() -> Outcome:
            self.account.commands += 1
            return self.seat.acts.command(self.seat.person, self.seat.channel, "/whichcloud")

        def begun() -> str:
            new = [m for m in self.stage.top(self.seat) if m.ts not in before and (self.seat.private or f"<@{self.seat.person}>" in m.text)]
            with_question = (m.ts for m in reversed(new) if any("answer:footprint:aws" in b for b in self._buttons_in(m.ts)))
            return next(with_question, "")

        self.account.thread = await self._achieves("start", types, begun, look_first_s=2.0)

    async def _answers(self, question: str, value: str, *, again: bool = False) -> None:
        def says() -> None:
            self.account.said[question] = value
            if again:
                self.account.verdicts = 2

        def taken() -> Message | None:
            return self._with(f"change:{question}")

        if self.seat.private and question in _TYPED and self.chance.random() < self.pace.typed_share:
            await self._types(question, value, taken, says)
        else:
            await self._press(f"answer {question}", f"answer:{question}:{value}", taken, says)

    async def _types(self, question: str, value: str, taken: Callable[[], Any], says: Callable[[], None]) -> None:
        """In a direct message, where the bot hears everything. Slack itself repeats what was not acknowledged, so nobody types twice before
        it has given up."""

        def say() -> Outcome:
            outcome = self.seat.acts.say(self.seat.person, self.seat.channel, value, self.account.thread)
            self.account.typed.extend([outcome.body["ts"]] if isinstance(outcome.body, dict) else [])
            return outcome

        try:
            await self._achieves(f"typed {question}", say, taken, again_after_s=SLACK_GAVE_UP_S)
        except Waits:
            if self.account.typed[-1] in self.stage.balancer.took:
                says()
            raise
        says()

    async def _chooses_numbers(self) -> None:
        if self.chance.random() < 0.5:

            def typical() -> None:
                self.account.numbers, self.account.verdicts = {}, max(1, self.account.verdicts)

            await self._press("numbers typical", "typical", lambda: self._with("numbers") and not self._with("typical"), typical)
            return
        gpus = self.chance.choice(_GPUS)

        def own() -> None:
            self.account.numbers, self.account.verdicts = {"gpus": gpus}, max(1, self.account.verdicts)

        await self._fills_in("numbers", "numbers", lambda view: {"gpus": {"gpus": gpus}}, self._verdicts, own)

    async def _sees_verdict(self, number: int) -> Message:
        seen = await self._until(f"verdict {number}", lambda: self._verdicts()[number - 1 :])
        self.account.verdicts = max(number, self.account.verdicts)
        found: Message = seen[0]
        return found

    async def _posts_report(self) -> None:
        def asks() -> None:
            if not self.account.reports:
                self.account.reports.append(self.seat.report)

        await self._fills_in(
            "report", REPORT, lambda view: _channel_of(view, self.seat.report), lambda: self.stage.reported(self.seat), asks
        )

    # -- how a step is done ----------------------------------------------------------------------------------------------

    async def _press(
        self,
        name: str,
        action: str,
        done: Callable[[], Any],
        accepted: Callable[[], None] = lambda: None,
    ) -> None:
        await self._achieves(name, lambda: self._pressed(action), done, accepted)

    def _pressed(self, action: str) -> Outcome | None:
        """None where no message has this button yet."""
        message = self._with(action)
        return self.seat.acts.click(self.seat.person, message.ts, self.seat.channel, action) if message else None

    async def _fills_in(
        self, name: str, action: str, fields: Callable[[OpenView], Any], done: Callable[[], Any], accepted: Callable[[], None]
    ) -> None:
        """The form behind a button, from the press to what comes of it; once more where the bot asks for that."""
        for _ in range(_PATIENT):
            await self._opens(f"{name} form", action)
            with suppress(ToldAgain):
                await self._submits(name, fields, done, accepted)
                return
        raise Waits(name)

    async def _opens(self, name: str, action: str) -> None:
        """The form behind a button. One that does not come up within some seconds is asked for again: it changes nothing."""
        for left in reversed(self.seat.acts.world.stack_of(self.seat.person)):
            await self._act(partial(self.seat.acts.close, self.seat.person, left.id))

        await self._achieves(name, lambda: self._pressed(action), self._form, again_after_s=FORM_PATIENCE_S, opening=True)

    async def _submits(self, name: str, fields: Callable[[OpenView], Any], done: Callable[[], Any], accepted: Callable[[], None]) -> None:
        """Fills in the form on top and sends it. A press that was answered late may have left another one below it."""
        sent: list[OpenView] = []

        def submit() -> Outcome | None:
            form = self._form()
            sent[:] = [form] if form else []
            return self.seat.acts.submit(self.seat.person, form.id, fields(form)) if form else None

        def taken() -> bool:
            if sent and sent[0].errors:
                raise Waits(f"{name}: the form says {sent[0].errors}")
            return bool(sent) and sent[0].closed

        await self._achieves(f"{name} sent", submit, lambda: taken() or done())
        accepted()
        await self._until(name, done)

    async def _achieves(
        self,
        name: str,
        act: Callable[[], Outcome | None],
        done: Callable[[], _Found],
        accepted: Callable[[], None] = lambda: None,
        *,
        look_first_s: float = 0.5,
        again_after_s: float | None = None,
        opening: bool = False,
    ) -> _Found:
        """Acts until Slack says that the bot took it, then waits until it is done. After a failure people look before they act again."""
        await asyncio.sleep(self.chance.random() * self.pace.think_s)
        step, took, act_at = self._begins(name), False, 0.0
        while not (found := done()):
            if not took and time.monotonic() >= act_at:
                outcome = await self._act(act)
                if outcome is not None and not outcome.error.startswith(_REFUSED_BY_SLACK):
                    took, act_at = not outcome.error, time.monotonic() + look_first_s * (1 + self.chance.random())
                    self.account.failed_presses += not took
                    self.account.last_failure = outcome.error or self.account.last_failure
                    if took:
                        accepted()
            elif took and again_after_s is not None and time.monotonic() > act_at + again_after_s:
                took, self.account.done_again = False, self.account.done_again + 1
            if await self._waits(step, opening=opening):
                took, act_at = False, time.monotonic() + look_first_s * (1 + self.chance.random())
        accepted()
        return self._ends(step, found)

    async def _until(self, name: str, done: Callable[[], _Found]) -> _Found:
        step = self._begins(name)
        while not (found := done()):
            if await self._waits(step):
                raise ToldAgain
        return self._ends(step, found)

    def _begins(self, name: str) -> Step:
        self.account.steps.append(step := Step(name, time.monotonic()))
        self.account.told_since_act = 0
        return step

    def _ends(self, step: Step, found: _Found) -> _Found:
        step.ended = time.monotonic()
        self.hearing.done_since(step.began)
        self.on_step()
        return found

    async def _waits(self, step: Step, *, opening: bool = False) -> bool:
        """A moment; whether the bot asked meanwhile to be asked again. Where it offers to post what is missing, and it is, they press."""
        again = self.hearing.listen(opening=opening)
        if offer := self.hearing.needed(max(step.began, self._acted), _SEES_AFTER_S):
            outcome = await self._act(partial(self.seat.acts.click, self.seat.person, offer.message, self.seat.channel, offer.action))
            if outcome is not None and not outcome.error:
                self.hearing.taken_up(offer)
        if time.monotonic() - step.began > self.pace.patience_s:
            raise Waits(step.name)
        await asyncio.sleep(LOOK_S * (1 + self.chance.random()))
        return again

    async def _act(self, act: Callable[[], Outcome | None]) -> Outcome | None:
        outcome = await asyncio.get_running_loop().run_in_executor(self.threads, act)
        if outcome is not None:
            self._acted = time.monotonic()
        return outcome

    # -- what stands there -----------------------------------------------------------------------------------------------

    def _thread(self) -> list[Message]:
        return self.stage.thread(self.seat, self.account.thread)

    def _with(self, action: str) -> Message | None:
        """The newest message of the thread with this button."""
        return next((m for m in reversed(self._thread()) if action in self.stage.buttons(self.seat, m)), None)

    def _form(self) -> OpenView | None:
        return self.seat.acts.world.top_view(self.seat.person)

    def _verdicts(self) -> list[Message]:
        return [m for m in self._thread() if VERDICT in self.stage.buttons(self.seat, m)]

    def _buttons_in(self, thread: str) -> list[frozenset[str]]:
        return [self.stage.buttons(self.seat, m) for m in self.stage.thread(self.seat, thread)]


def _channel_of(view: OpenView, channel: str) -> dict[str, Any]:
    """The field of a form that picks a channel, filled in."""
    for block in view.view["blocks"]:
        element = block.get("element", {})
        if element.get("type") in ("conversations_select", "channels_select"):
            return {block["block_id"]: {element["action_id"]: channel}}
    return {}
