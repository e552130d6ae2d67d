"""Conversations that are kept: people who act at once, verdicts kept once, and figures that nobody else may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.cards import cards
from bot.conversation import Act, Answer, Cancel, Conversation, Numbers, Refused, Restart, Typical
from bot.desk import Desk, Gone, NotYours, new_id
from bot.reply import forms, notes, report
from bot.reply.verdict import DETAILS, detail
from bot.reported import said_of
from bot.storage import Database, NewJob, Verdict, WorkspaceSettings, open_database, snapshot
from bot.verdicts import Verdicts
from bot.words import Words, rate
from engine.case import Value
from engine.dimensions import load_dimensions
from engine.errors import RulesError
from engine.exact import to_decimal
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from tests.bot.storage.kept import at_once

ALEX, BO, CLEO = "U0ALEX01", "U0BO0001", "U0CLEO01"
P6: dict[str, Value] = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": 5, "mlops_capacity": "no"}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRIVATE = Decimal("17.25")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: NOON)
    yield opened
    opened.close()


@pytest.fixture
def desk(rulebook: Rulebook, database: Database) -> Desk:
    return Desk(
        rulebook,
        Words(rulebook, shows_private=False),
        database,
        Verdicts(rulebook, database),
        lambda: NOON,
        dimensions=load_dimensions(rulebook),
    )


def begun(desk: Desk, **more: Any) -> Conversation:
    made = replace(Conversation(new_id(), "T1", "C1", "1.000000", ALEX, private=False), **more)
    return desk.begin(made)


def answers(round: int = 1) -> list[Act]:
    return [Answer(ALEX, f"{10 * round + s}.000000", round, question, value) for s, (question, value) in enumerate(P6.items())]


def acted(desk: Desk, conversation: Conversation, *acts: Act) -> Conversation:
    """After the acts, each under a key of its own."""
    for act in acts:
        conversation = desk.act("T1", conversation.id, f"{conversation.id}:{act}", act)
    return conversation


def advised(desk: Desk, *acts: Act, **more: Any) -> Conversation:
    """All five answers, then the acts, and the verdict; typical numbers where no acts are given."""
    conversation = acted(desk, begun(desk, **more), *answers(), *(acts or [Typical(ALEX, "18.000000", 1)]))
    return desk.advise_if_due("T1", conversation.id)


def kept(desk: Desk, conversation: Conversation) -> list[Verdict]:
    with desk.database.workspace("T1") as work:
        return work.verdicts_in(conversation.id)


# -- beginning ---------------------------------------------------------------------------------------------------------


def test_an_event_begins_one_conversation(desk: Desk) -> None:
    first = desk.begin(Conversation(new_id(), "T1", "C1", "1.000000", ALEX, private=False))
    assert desk.begin(Conversation(new_id(), "T1", "C1", "1.000000", ALEX, private=False)) == first


def test_a_command_that_comes_again_begins_nothing(desk: Desk) -> None:
    """A job that is worked on a second time has the same id for what it begins."""
    same = new_id()
    for _ in range(2):
        assert desk.begin(Conversation(same, "T1", "C1", None, ALEX, private=False)).id == same
    with desk.database.workspace("T1") as work:
        assert len(work.conversations_of(ALEX, 9)) == 1


def test_what_follows_from_an_act_is_enqueued_with_it_or_not_at_all(desk: Desk) -> None:
    conversation, job = begun(desk), NewJob("show:1", "lane", "show")
    with pytest.raises(Refused):
        desk.act("T1", conversation.id, "click:early", Typical(ALEX, "17.000000", 1), job)
    assert waiting(desk) == 0
    desk.act("T1", conversation.id, "click:1", Answer(ALEX, "18.000000", 1, "footprint", "aws"), job)
    assert waiting(desk) == 1
    desk.act("T1", conversation.id, "click:1", Answer(ALEX, "18.000000", 1, "footprint", "aws"), job)
    assert waiting(desk) == 1


def waiting(desk: Desk) -> int:
    with desk.database.queue() as queue:
        return sum(depth.count for depth in queue.depths())


# -- acting ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("round", range(6))
def test_people_who_answer_at_once_lose_nothing(desk: Desk, round: int) -> None:
    conversation, people = begun(desk), [ALEX, BO, CLEO, ALEX, BO]
    said = [replace(act, by=by) for act, by in zip(answers(), people, strict=True)]
    at_once(5, lambda number: desk.act("T1", conversation.id, f"click:{number}", said[number]))
    now = desk.advise_if_due("T1", conversation.id)
    assert {question: (given.value, given.by) for question, given in now.answers.items()} == {
        question: (value, by) for (question, value), by in zip(P6.items(), people, strict=True)
    }


def test_two_who_answer_one_question_at_once_leave_the_later_answer(desk: Desk) -> None:
    for _ in range(10):
        conversation = begun(desk, thread=f"{new_id()}.1")
        clicks = [Answer(ALEX, "2.000000", 1, "footprint", "aws"), Answer(BO, "3.000000", 1, "footprint", "azure")]
        at_once(2, lambda number: desk.act("T1", conversation.id, f"{conversation.id}:{number}", clicks[number]))  # noqa: B023  # run at once
        with desk.database.workspace("T1") as work:
            now = work.conversation(conversation.id)
        assert now is not None
        assert (now.answers["footprint"].value, now.answers["footprint"].by) == ("azure", BO)


def test_a_click_that_comes_twice_at_once_counts_once(desk: Desk) -> None:
    conversation = acted(desk, begun(desk), *answers())
    after = at_once(6, lambda _: desk.act("T1", conversation.id, "click:1", Restart(BO, "30.000000", 1)))
    assert {now.round for now in after} == {2}


def test_what_is_wrong_may_be_said_again(desk: Desk) -> None:
    conversation = begun(desk)
    with pytest.raises(ValueError, match="is not accepted"):
        desk.act("T1", conversation.id, "click:1", Answer(ALEX, "2.000000", 1, "footprint", "gcp"))
    assert desk.act("T1", conversation.id, "click:1", Answer(ALEX, "2.000000", 1, "footprint", "aws")).answers.keys() == {"footprint"}


MAY_ACT: dict[str, tuple[dict[str, Any], str, type[Exception]]] = {
    "a private one": ({"private": True}, BO, NotYours),
    "an unsent private form": ({"form": True, "private": True}, BO, NotYours),
    "nobody's": ({"private": True, "owner": ""}, BO, NotYours),
}


@pytest.mark.parametrize(("conversation", "user", "error"), MAY_ACT.values(), ids=MAY_ACT)
def test_who_may_not_act(desk: Desk, conversation: dict[str, Any], user: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        acted(desk, begun(desk, **conversation), Cancel(user, "2.000000", 1))


def test_a_form_that_nobody_sent_gives_way_to_questions(desk: Desk) -> None:
    unsent = begun(desk, form=True, quick=True, headed=False)
    now = desk.asked_instead("T1", unsent.id, BO)
    assert (now.owner, now.open_question(desk.rulebook)) == (BO, "footprint")
    answered = acted(desk, now, Answer(BO, "2.000000", 1, "footprint", "azure"))
    assert desk.asked_instead("T1", unsent.id, ALEX) == answered


def test_another_workspace_finds_nothing(desk: Desk) -> None:
    conversation = advised(desk)
    with pytest.raises(Gone):
        desk.act("T2", conversation.id, "click:1", Cancel(ALEX, "30.000000", 1))
    with pytest.raises(Gone):
        desk.advise_if_due("T2", conversation.id)
    with pytest.raises(Gone):
        desk.verdict("T2", f"{conversation.id}-1-1")
    assert kept(desk, conversation)[0].asked_by == ALEX


# -- verdicts ----------------------------------------------------------------------------------------------------------


def test_the_same_inputs_give_one_verdict_however_many_ask(desk: Desk) -> None:
    conversation = acted(desk, begun(desk), *answers(), Typical(BO, "18.000000", 1))
    at_once(6, lambda _: desk.advise_if_due("T1", conversation.id))
    assert [(verdict.id, verdict.number, verdict.asked_by) for verdict in kept(desk, conversation)] == [(f"{conversation.id}-1-1", 1, BO)]


def test_a_restart_is_followed_by_a_verdict_of_its_own(desk: Desk) -> None:
    first = advised(desk)
    acts = [Restart(BO, "20.000000", 1), *answers(3), Typical(ALEX, "38.000000", 2)]
    second = acted(desk, first, *(replace(act, round=2) if isinstance(act, Answer) else act for act in acts))
    now = desk.advise_if_due("T1", second.id)
    assert [(verdict.id, verdict.number) for verdict in kept(desk, now)] == [(f"{now.id}-1-1", 1), (f"{now.id}-2-1", 2)]
    assert "Stay on AWS." in desk.verdict_message(now, 1).text


def test_an_answer_changed_and_changed_back_gives_three_verdicts(desk: Desk) -> None:
    now = advised(desk)
    for second, value in ((40, "azure"), (41, "aws")):
        acted(desk, now, Answer(BO, f"{second}.000000", 1, "footprint", value))
        desk.advise_if_due("T1", now.id)
    assert [verdict.outputs["verdict"]["plan"] for verdict in kept(desk, now)] == ["aws", "azure", "aws"]


def test_rules_that_changed_while_the_bot_started_are_not_kept_with_a_verdict(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    elsewhere = replace(desk, rules=snapshot(_with_another_price(tmp_path / "other")))
    with pytest.raises(RulesError, match="Start it again"):
        advised(elsewhere)
    with desk.database.workspace("T1") as work:
        assert work.rulebook_snapshot(desk.rulebook.version) is None


def _with_another_price(folder: Path) -> Path:
    """A copy of the rules in which one machine costs something else."""
    for path in RULES_FOLDER.rglob("*"):
        if path.suffix in (".yml", ".csv"):
            copy = folder / path.relative_to(RULES_FOLDER)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes().replace(b",on_demand,3.06,", b",on_demand,3.07,", 1))
    return folder


# -- private figures ---------------------------------------------------------------------------------------------------

EVERY_CASE = {
    "P6": {},
    "P8": {"training": "continuous", "inference_regions": 6},
    "on Azure": {"footprint": "azure"},
    "raw": {"mlops_capacity": "yes", "footprint": "none"},
}


@pytest.mark.parametrize("given_by", ["a person", "the settings"])
@pytest.mark.parametrize("other", EVERY_CASE.values(), ids=EVERY_CASE)
def test_a_private_figure_counts_and_is_in_no_text(desk: Desk, given_by: str, other: dict[str, Any]) -> None:
    work: dict[str, Any] = {"ea_discount_pct": PRIVATE} if given_by == "a person" else {}
    if given_by == "the settings":
        with desk.database.workspace("T1") as store:
            store.save_settings(WorkspaceSettings(ea_discount_pct=str(PRIVATE), editors=(ALEX,)))
    numbers = Numbers(BO, "19.000000", None, {**work, "interruptible": False})
    first = advised(desk, *_changed(other), Typical(ALEX, "18.000000", 1), numbers)
    again = desk.advise_if_due("T1", acted(desk, first, Numbers(BO, "20.000000", None, {"gpus": 16})).id)
    _, advice = desk.verdict("T1", f"{again.id}-1-2")
    discounted = [item.usd_per_unit for items in advice.bills.values() for item in items if item.private and item.usd_per_unit]
    rates = {rate(to_decimal(each)) for each in discounted}
    assert (advice.case.workload["ea_discount_pct"], bool(rates)) == (PRIVATE, True)
    text = everything_shown(desk, again)
    assert [hidden for hidden in ("17.25", "17,25", "82.75", "0.8275", *rates) if hidden in text] == []


def _changed(other: dict[str, Any]) -> list[Act]:
    return [Answer(ALEX, "17.000000", 1, question, value) for question, value in other.items()]


def test_a_private_discount_lowers_what_azure_costs(desk: Desk) -> None:
    acts: list[Act] = [Answer(ALEX, "17.000000", 1, "training", "continuous"), Numbers(ALEX, "18.000000", None, {"endpoints": 3})]
    without = advised(desk, *acts, thread="2.1")
    acts += [Numbers(ALEX, "19.000000", None, {"ea_discount_pct": PRIVATE})]
    with_it = advised(desk, *acts, thread="3.1")
    costs = [desk.verdict("T1", f"{each.id}-1-1")[1].now.cost("azure").total_usd_per_month for each in (without, with_it)]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[1] < costs[0]


def everything_shown(desk: Desk, conversation: Conversation) -> str:
    """Every text that others may come to read: cards, verdicts, details, the report, the history, and the forms of others."""
    shown: list[Any] = []
    for number in range(1, len(conversation.advised) + 1):
        verdict, _ = desk.verdict("T1", f"{conversation.id}-1-{number}")
        view = desk.view("T1", verdict.id)
        shown += [asdict(view), desk.verdict_message(conversation, number), verdict.outputs["verdict"]["headline"]]
        shown += [detail(name, view, verdict.id) for name in DETAILS]
        said, words = said_of(desk, "T1", verdict.id)
        shown += [report.report(said, "r", "k", words), report.report_form(said, report.Opening(), words)]
        shown += [notes.old_verdict(view, verdict.id)]
        shown += [notes.history([(verdict, conversation)], desk.words)]
    with desk.database.workspace("T1") as work:
        settings = work.settings()
    typical = desk.typical_case(conversation, settings)
    shown += [
        card.build() for card in cards(conversation, (), desk.words, "", lambda: typical, lambda n: desk.verdict_message(conversation, n))
    ]
    shown += [forms.build_numbers(conversation, desk.case(conversation, settings), CLEO, desk.words, "")]
    shown += [repr(settings), repr(verdict)]
    return json.dumps(shown, default=_plain)


def _plain(value: Any) -> Any:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else str(value)
