"""A conversation under acts that come late, twice and out of order, beside a plain model of what must come of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.conversation import Act, Answer, Back, Cancel, Conversation, Numbers, Refused, Reopen, Restart, Resume, Typical
from bot.desk import Desk, new_id
from bot.storage import Database, open_database
from bot.verdicts import Verdicts
from bot.words import Words
from engine.case import Value
from engine.dimensions import load_dimensions
from engine.rulebook import Rulebook

QUESTIONS: dict[str, list[Value]] = {
    "footprint": ["aws", "azure", "both", "none"],
    "training": ["none", "sporadic", "continuous"],
    "microsoft_ea": ["yes", "no", "unsure"],
    "inference_regions": [0, 5],
    "mlops_capacity": ["yes", "no"],
}
UNSURE: dict[str, Value] = {
    "footprint": "none", "training": "sporadic", "microsoft_ea": "unsure", "inference_regions": 1, "mlops_capacity": "no",
}  # fmt: skip
PEOPLE = st.sampled_from(["U0ALEX01", "U0BO0001", "U0CLEO01"])
NUMBERS = st.dictionaries(st.sampled_from(["gpus", "endpoints"]), st.integers(1, 99), max_size=2)
WHEN = st.sampled_from(["now", "now", "now", "later"])


@dataclass
class Model:
    """What was accepted in this round, newest last delivered; everything else follows from it."""

    round: int = 1
    began: int = 0
    moved: int = 0
    again: str | None = None  # the question that was opened again
    stopped: bool = False
    numbers: bool = False
    work: dict[str, Value] = field(default_factory=dict)
    answers: list[tuple[int, str, Value, str]] = field(default_factory=list)  # when, question, value, by whom

    def newest(self) -> dict[str, tuple[int, str, Value, str]]:
        return {each[1]: each for each in sorted(self.answers)}

    def nothing_to_place(self) -> bool:
        newest = self.newest()
        return [newest[q][2] for q in ("training", "inference_regions") if q in newest] == ["none", 0]

    def open(self) -> str | None:
        if self.stopped:
            return None
        waiting = [question for question in QUESTIONS if question not in self.newest()]
        return self.again or ("inference_regions" if self.nothing_to_place() else next(iter(waiting), None))

    def deliver(self, act: Act) -> None:
        """The first delivery of an act."""
        when = int(float(act.at))
        if act.round not in (None, self.round) or when <= self.began:
            return
        if self.stopped and not isinstance(act, Resume | Restart):
            return
        if isinstance(act, Answer):
            value = UNSURE[act.question] if act.skipped else act.value
            self.answers.append((when, act.question, value, act.by))
            if self.again == act.question and when > self.moved and when == self.newest()[act.question][0]:
                self.again = None
        elif isinstance(act, Numbers):
            self._number(act)
        elif when > self.moved:
            self._move(act, when)

    def _number(self, act: Numbers) -> None:
        if self.nothing_to_place() or len(self.newest()) < len(QUESTIONS):
            return
        self.again, self.numbers = None, True
        self.work = {name: value for name, value in self.work.items() if name not in act.cleared} | dict(act.workload)

    def _move(self, act: Act, when: int) -> None:
        order, now = list(QUESTIONS), self.open()
        if isinstance(act, Restart):
            self.__init__(self.round + 1, when, when)  # type: ignore[misc]  # everything else as it was at first
        elif isinstance(act, Back):
            place = order.index(now) if now else len(order)
            self._moved_to(order[place - 1] if place else None, when)
        elif isinstance(act, Reopen):
            self._moved_to(act.question if act.question in self.newest() else None, when)
        elif isinstance(act, Typical) and now is None:
            self.numbers, self.work, self.moved = True, {}, when
        elif isinstance(act, Cancel | Resume):
            self.stopped = isinstance(act, Cancel)
            self.again = None if self.stopped else self.again
            self.moved = when

    def _moved_to(self, question: str | None, when: int) -> None:
        if question is not None:
            self.again, self.moved = question, when


class Thread(RuleBasedStateMachine):
    """People act in one thread. Slack delivers what they do now or later, and some of it again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.model = Model()
        self.held: list[tuple[str, Act]] = []
        self.delivered: list[tuple[str, Act]] = []
        self.times, self.keys = count(1), count(1)
        begun = Conversation(new_id(), "T1", "C1", f"{new_id()}.1", "U0ALEX01", private=False)
        self.kept = desk.begin(begun)

    # -- what people do --------------------------------------------------------------------------------------------

    @rule(by=PEOPLE, question=st.sampled_from(list(QUESTIONS)), pick=st.integers(0, 9), typed=st.booleans(), when=WHEN)
    def answer(self, by: str, question: str, pick: int, typed: bool, when: str) -> None:
        values = QUESTIONS[question]
        self.do(Answer(by, "", None if typed else self.model.round, question, values[pick % len(values)]), when)

    @rule(by=PEOPLE, pick=st.integers(0, 9), when=WHEN)
    def answer_the_open_one(self, by: str, pick: int, when: str) -> None:
        if question := self.model.open():
            values = QUESTIONS[question]
            self.do(Answer(by, "", self.model.round, question, values[pick % len(values)]), when)

    @rule(by=PEOPLE, question=st.sampled_from(list(QUESTIONS)), when=WHEN)
    def not_sure(self, by: str, question: str, when: str) -> None:
        self.do(Answer(by, "", self.model.round, question, None, skipped=True), when)

    @rule(by=PEOPLE, question=st.sampled_from(list(QUESTIONS)), when=WHEN)
    def change(self, by: str, question: str, when: str) -> None:
        self.do(Reopen(by, "", self.model.round, question), when)

    @rule(by=PEOPLE, kind=st.sampled_from([Back, Back, Typical, Typical, Cancel, Resume, Resume, Restart]), when=WHEN)
    def move(self, by: str, kind: type[Act], when: str) -> None:
        self.do(kind(by, "", self.model.round), when)

    @rule(by=PEOPLE, work=NUMBERS, cleared=st.sets(st.sampled_from(["gpus", "endpoints"])), when=WHEN)
    def fill_in(self, by: str, work: dict[str, Value], cleared: set[str], when: str) -> None:
        self.do(Numbers(by, "", None, work, cleared=frozenset(cleared - set(work))), when)

    # -- what Slack does -------------------------------------------------------------------------------------------

    def do(self, act: Act, when: str) -> None:
        made = (f"{self.kept.id}:{next(self.keys)}", replace(act, at=f"{next(self.times)}.000000"))
        if when == "later":
            self.held.append(made)
        else:
            self.deliver(*made)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def deliver_late(self, data: st.DataObject) -> None:
        self.deliver(*self.held.pop(data.draw(st.integers(0, len(self.held) - 1))))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        before = self.kept
        key, act = self.delivered[data.draw(st.integers(0, len(self.delivered) - 1))]
        assert before == self.desk.act("T1", self.kept.id, key, act)

    def deliver(self, key: str, act: Act) -> None:
        self.model.deliver(act)
        try:
            self.kept = self.desk.act("T1", self.kept.id, key, act)
            self.delivered.append((key, act))  # what was refused stays with its job, which is enqueued once
        except Refused:
            with self.desk.database.workspace("T1") as work:
                assert self.kept == work.conversation(self.kept.id)

    # -- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def the_open_question_is_that_of_the_model(self) -> None:
        assert self.model.open() == self.kept.open_question(self.desk.rulebook)

    @invariant()
    def no_answer_is_lost(self) -> None:
        expected = {question: (value, by) for question, (_, _, value, by) in self.model.newest().items()}
        assert expected == {question: (given.value, given.by) for question, given in self.kept.answers.items()}

    @invariant()
    def the_numbers_are_those_of_the_model(self) -> None:
        assert self.model.work == {name: given.value for name, given in self.kept.workload.items()}
        assert self.model.numbers == (self.kept.numbers is not None)

    @invariant()
    def round_and_rest_are_those_of_the_model(self) -> None:
        assert (self.model.round, self.model.stopped) == (self.kept.round, bool(self.kept.cancelled_by))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: datetime(2026, 11, 22, tzinfo=UTC))
    yield opened
    opened.close()


def test_acts_late_twice_and_out_of_order_lose_nothing(rulebook: Rulebook, database: Database) -> None:
    desk = Desk(
        rulebook,
        Words(rulebook, shows_private=False),
        database,
        Verdicts(rulebook, database),
        lambda: datetime.now(UTC),
        dimensions=load_dimensions(rulebook),
    )
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    machine = settings(max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(partial(Thread, desk), settings=machine)  # type: ignore[arg-type]  # it calls the machine, class or not
