"""People who are advised, as they do it: start, answer, change their mind, type, fill in forms, look at details. Each waits to see
what came of one act before the next; the crowd as a whole waits for nobody."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.shown import elements_of
from tests.bench.load import payloads
from tests.bench.load.payloads import Answers, Json, Place
from tests.bench.load.wire import Ack, Line, Request

Notice = dict[str, Any]  # a line of the stand-in's feed
Effect = Callable[[Notice], bool]
Step = tuple[Request, Effect]
_REGIONS, _FIELD = "7", "endpoints"


@dataclass
class Act:
    """One interaction: what was sent, and when what it had to bring about stood in Slack."""

    kind: str
    who: Place
    begun: float
    effect: Effect
    acked: bool = False
    refused: str = ""
    shown: float | None = None

    @classmethod
    def now(cls, kind: str, who: Place, effect: Effect) -> Act:
        return cls(kind, who, time.monotonic(), effect)

    @property
    def lost(self) -> bool:
        return self.acked and not self.refused and self.shown is None

    @property
    def ms(self) -> float:
        return 1000 * ((self.shown or self.begun) - self.begun)


class Person:
    """One conversation from the command to the second verdict. The number decides what this person does beside the usual."""

    def __init__(self, place: Place, answers: Answers, number: int) -> None:
        self.place = place
        self.act: Act | None = None
        self.steps = self._script(number)
        self._answers = answers
        self._thread = ""
        self._messages: dict[str, Json] = {}
        self._views: dict[str, Json] = {}

    def see(self, notice: Notice) -> None:
        """What the bot just did in this person's channel."""
        if notice["kind"] in ("post", "update"):
            message = notice["message"]
            self._thread = self._thread or notice["thread"]
            self._messages[message["ts"]] = message
        elif notice["kind"] == "view":
            self._views[notice["trigger"]] = notice["view"]
        if self.act is not None and self.act.shown is None and self.act.effect(notice):
            self.act.shown = notice["at"]

    def _script(self, number: int) -> Iterator[Step]:
        yield payloads.command(self.place, self._answers, "", payloads.new_trigger(self.place)), self._stands("answer:footprint:aws")
        yield self._press("answer:footprint:aws"), self._stands("change:footprint", "answer:training:sporadic")
        if number % 3 == 0:
            yield self._say("now and then"), self._stands("change:training", "answer:microsoft_ea:yes")
        else:
            yield self._press("answer:training:continuous"), self._stands("change:training", "answer:microsoft_ea:yes")
        if number % 2 == 0:
            yield self._press("change:footprint"), self._stands("answer:footprint:azure")
            yield self._press("answer:footprint:azure"), self._stands("change:footprint", "answer:microsoft_ea:yes")
        yield self._press("answer:microsoft_ea:yes"), self._stands("change:microsoft_ea", "answer:inference_regions:5")
        yield from self._regions(typed=number % 4 == 0)
        yield self._press("answer:mlops_capacity:no"), self._stands("change:mlops_capacity", "typical")
        yield self._press("typical"), self._stands("numbers:refine")
        for name in ("why", "flip", "wins")[number % 3 :]:
            yield self._press(f"detail:{name}"), _posts(1)
        if number % 2 == 0:
            yield from self._form("numbers:refine", {_FIELD: str(21 + number % 9)}, self._stands("numbers:refine", times=2))
        yield self._press("feedback"), _is_told
        if number % 5 == 0:
            yield self._press("detail:lines"), _posts(3)

    def _regions(self, *, typed: bool) -> Iterator[Step]:
        answered = self._stands("change:inference_regions", "answer:mlops_capacity:no")
        if typed:
            yield from self._form("other:inference_regions", {"inference_regions": _REGIONS}, answered)
        else:
            yield self._press("answer:inference_regions:5"), answered

    def _form(self, opener: str, typed: dict[str, str], sent: Effect) -> Iterator[Step]:
        trigger = payloads.new_trigger(self.place)
        yield self._press(opener, trigger), lambda notice: notice.get("trigger") == trigger
        yield payloads.submission(self.place, self._views[trigger], typed), sent

    # -- acting ----------------------------------------------------------------------------------------------------

    def _press(self, action_id: str, trigger: str = "") -> Request:
        message, element, block = self._button(action_id)
        action: Json = {name: element[name] for name in ("action_id", "type", "value", "text") if name in element}
        if element["type"] == "feedback_buttons":
            action |= {"value": element["positive_button"]["value"]}
        trigger = trigger or payloads.new_trigger(self.place)
        return payloads.press(self.place, self._answers, message, {**action, "block_id": block}, trigger)

    def ask_for_help(self, place: Place) -> Request:
        """The menu beside the first question: 'What does this mean?', by anybody."""
        message, element, block = self._button("menu")
        action = {"action_id": "menu", "type": "overflow", "block_id": block, "selected_option": element["options"][0]}
        return payloads.press(place, self._answers, message, action, payloads.new_trigger(place))

    def _say(self, text: str) -> Request:
        return payloads.mention(self.place, self._thread, text)

    def _button(self, action_id: str) -> tuple[Json, Json, str]:
        """The newest message that has it, the element and its block."""
        found = [(m, e, b["block_id"]) for m in self._messages.values() for b in m["blocks"] for e in elements_of(b) if _is(e, action_id)]
        return found[-1]

    # -- what must come of it --------------------------------------------------------------------------------------

    def _stands(self, *action_ids: str, times: int = 1) -> Effect:
        """These buttons stand in the thread, each in so many messages."""

        def effect(notice: Notice) -> bool:
            shown = [e["action_id"] for m in self._messages.values() for b in m["blocks"] for e in elements_of(b)]
            return all(shown.count(each) >= times for each in action_ids)

        return effect


def _is(element: Json, action_id: str) -> bool:
    return bool(element["action_id"] == action_id)


def _posts(count: int) -> Effect:
    """So many new messages."""
    seen: list[str] = []

    def effect(notice: Notice) -> bool:
        if notice["kind"] == "post":
            seen.append(notice["message"]["ts"])
        return len(seen) >= count

    return effect


def _is_told(notice: Notice) -> bool:
    return bool(notice["kind"] == "ephemeral")


@dataclass
class Crowd:
    """People under way at once, taken in turn as they become ready; where nobody is, somebody new begins, so the rate is kept."""

    line: Line
    answers: Answers
    places: Iterator[Place]
    under_way: int
    acts: list[Act] = field(default_factory=list)
    begun: int = 0
    most: int = 0  # under way at once
    _by_channel: dict[str, Person] = field(default_factory=dict)
    _ready: deque[Person] = field(default_factory=deque)
    _unshown: list[Act] = field(default_factory=list)
    _active: int = 0

    def begin(self) -> Awaitable[Ack]:
        """The next interaction of whoever waits longest."""
        while self._ready and (self._active >= self.under_way or len(self.acts) % 2):
            person = self._ready.popleft()
            step = next(person.steps, None)
            if step is not None:
                return self._do(person, *step)
            self._active -= 1
            del self._by_channel[person.place.channel]
        return self.start()

    def start(self) -> Awaitable[Ack]:
        """Somebody new."""
        person = Person(next(self.places), self.answers, self.begun)
        self._by_channel[person.place.channel] = person
        self.begun += 1
        self._active += 1
        self.most = max(self.most, self._active)
        return self._do(person, *next(person.steps))

    async def _do(self, person: Person, request: Request, effect: Effect) -> Ack:
        act = person.act = Act.now(request.kind, person.place, effect)
        self.acts.append(act)
        self._unshown.append(act)
        ack = await self.line.send(request)
        act.acked = ack.ok
        act.refused = ack.body.decode("utf-8", "replace") if ack.ok and b"errors" in ack.body else ""
        self._go_on(person)
        return ack

    def hear(self, notice: Notice) -> None:
        person = self._whose(notice)
        if person is not None:
            person.see(notice)
            self._go_on(person)

    def _go_on(self, person: Person) -> None:
        """Ready once the act is acknowledged and its effect stands."""
        act = person.act
        if act is not None and act.acked and act.shown is not None:
            person.act = None
            self._ready.append(person)

    def _whose(self, notice: Notice) -> Person | None:
        """A form has no channel; what opened it names one."""
        channel = notice["trigger"].rpartition(".")[2] if notice["kind"] == "view" else notice["channel"]
        return self._by_channel.get(channel)

    @property
    def people(self) -> list[Person]:
        return list(self._by_channel.values())

    @property
    def waiting(self) -> int:
        """Acts that were acknowledged and whose effect does not stand yet."""
        self._unshown = [act for act in self._unshown if act.shown is None and not act.refused]
        return sum(act.lost for act in self._unshown)
