"""An old verdict is had again byte for byte, by the rules and prices of its day, whatever became of them since."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.contract import contract
from bot.conversation import Answer, Conversation, Numbers
from bot.desk import Desk, new_id
from bot.storage import Database, Verdict, WorkspaceSettings, open_database, snapshot
from bot.verdicts import Verdicts, case_of, inputs_of
from bot.words import Words
from engine.advice import Advice
from engine.case import Value, make_case
from engine.dimensions import load_dimensions
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from tests.bot.worked import CASES

ALEX = "U0ALEX01"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = datetime(2028, 2, 29, 12, tzinfo=UTC)
OLD_PRICE = "aws,p3.2xlarge,us-east-1,on_demand,3.06,"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: NOON)
    yield opened
    opened.close()


def desk_with(rulebook: Rulebook, database: Database, now: datetime = NOON, rules: bytes | None = None) -> Desk:
    """A bot that has just started: it has computed nothing yet."""
    words, verdicts = Words(rulebook, shows_private=False), Verdicts(rulebook, database)
    return Desk(rulebook, words, database, verdicts, lambda: now, *([] if rules is None else [rules]), dimensions=load_dimensions(rulebook))


def advised(desk: Desk, answers: Mapping[str, object], workload: Mapping[str, object], assumptions: Mapping[str, object]) -> str:
    """The id of a verdict on these inputs, given by a person."""
    made = desk.begin(Conversation(new_id(), "T1", "C1", f"{new_id()}.1", ALEX, private=False))
    for second, (question, value) in enumerate(answers.items(), 1):
        desk.act("T1", made.id, f"{made.id}:{question}", Answer(ALEX, f"{second}.0", 1, question, _value(value)))
    work, assumed = ({name: _value(value) for name, value in part.items()} for part in (workload, assumptions))
    desk.act("T1", made.id, f"{made.id}:numbers", Numbers(ALEX, "9.0", None, work, assumed))
    desk.advise_if_due("T1", made.id)
    return f"{made.id}-1-1"


def _value(value: object) -> Value:
    assert value is None or isinstance(value, str | int | bool | Decimal)
    return value


def written(desk: Desk, verdict_id: str) -> tuple[str, str]:
    """The outputs as they are kept, and as they come out now."""
    kept, advice = desk.verdict("T1", verdict_id)
    return _json(kept.outputs), _json(contract(advice, desk.words_of("T1", kept)))


def _json(outputs: object) -> str:
    return json.dumps(outputs, sort_keys=False, ensure_ascii=False)


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_replays_byte_for_byte_also_after_a_restart_and_years_later(name: str, rulebook: Rulebook, database: Database) -> None:
    case = CASES[name]
    verdict = advised(desk_with(rulebook, database), case.answers, case.workload, case.assumptions)
    kept, again = written(desk_with(rulebook, database, LATER), verdict)
    assert kept == again


@pytest.mark.parametrize("name", CASES)
def test_advice_at_hand_is_what_a_replay_gives_and_of_its_workspace_alone(name: str, rulebook: Rulebook, database: Database) -> None:
    case, desk = CASES[name], desk_with(rulebook, database)
    verdict = advised(desk, case.answers, case.workload, case.assumptions)
    kept, at_hand = desk.verdict("T1", verdict)
    assert at_hand is desk.verdict("T1", verdict)[1]
    assert at_hand == desk_with(rulebook, database, LATER).verdict("T1", verdict)[1]
    assert desk.verdicts.replay("T2", kept) is not at_hand


def test_no_more_advice_is_at_hand_than_there_is_room_for(rulebook: Rulebook, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.verdicts._AT_HAND", 2)
    case, desk = next(iter(CASES.values())), desk_with(rulebook, database)
    ids = [advised(desk, case.answers, case.workload, case.assumptions) for _ in range(2)]
    first, second = (desk.verdict("T1", each)[1] for each in ids)
    assert desk.verdict("T1", ids[0])[1] is first, "looked at last"
    advised(desk, case.answers, case.workload, case.assumptions)
    assert desk.verdict("T1", ids[0])[1] is first
    again = desk.verdict("T1", ids[1])[1]
    assert again is not second
    assert again == second


def test_what_a_workspace_set_and_what_was_not_sure_is_part_of_the_verdict(rulebook: Rulebook, database: Database) -> None:
    with database.workspace("T1") as work:
        set_before = work.save_settings(WorkspaceSettings({"switching_threshold_usd_per_year": "1234.5"}, "17.25", (ALEX,)))
    verdict = advised(desk_with(rulebook, database), CASES["P6"].answers, {"storage_gb": Decimal("1E+3")}, {})
    with database.workspace("T1") as work:
        work.save_settings(WorkspaceSettings(version=set_before.version))
    kept, again = written(desk_with(rulebook, database, LATER), verdict)
    assert kept == again


def test_a_verdict_replays_by_its_own_rules_after_a_price_has_changed(
    rulebook: Rulebook, database: Database, broken_rules: Callable[..., Path]
) -> None:
    case = CASES["P2"]
    answers, workload = {**case.answers, "footprint": "aws"}, {"accelerator": "V100-16GB", "gpus": 1, "interruptible": False}
    before = advised(desk_with(rulebook, database), answers, workload, {})
    folder = broken_rules(("catalogue/prices.csv", OLD_PRICE, OLD_PRICE.replace("3.06", "3.56")))
    changed = load_rulebook(folder)
    assert changed.version != rulebook.version
    now = desk_with(changed, database, LATER, snapshot(folder))
    kept, again = written(now, before)
    assert kept == again
    after = advised(desk_with(changed, database, NOON, snapshot(folder)), answers, workload, {})
    old, new = now.verdict("T1", before)[1], now.verdict("T1", after)[1]
    # a V100 on demand for 120 hours, half a dollar dearer each hour: 60 dollars a month
    assert _training(new) - _training(old) == Decimal(60)
    kept, again = written(desk_with(rulebook, database, LATER), after)
    assert kept == again


def _training(advice: Advice) -> Decimal:
    lines = advice.now.cost("aws").lines
    assert lines is not None
    return lines["training"]


def test_the_words_of_an_old_verdict_are_those_of_its_rules(
    rulebook: Rulebook, database: Database, broken_rules: Callable[..., Path]
) -> None:
    verdict = advised(desk_with(rulebook, database), CASES["P6"].answers, {}, {})
    folder = broken_rules(("questions.yml", "name: footprint\n", "name: whereabouts\n"))
    now = desk_with(load_rulebook(folder), database, LATER, snapshot(folder))
    assert any(line.startswith("Footprint: ") for line in now.view("T1", verdict).flips)


def test_rules_that_nobody_kept_are_said_to_be_missing(rulebook: Rulebook, database: Database) -> None:
    with pytest.raises(LookupError, match="no rules of version abc are kept"):
        Verdicts(rulebook, database).rulebook_of("T1", "abc")


INPUTS: dict[str, tuple[dict[str, object], dict[str, object], list[str]]] = {
    "nothing but answers": ({}, {}, []),
    "an amount with zeros behind it": ({"storage_gb": Decimal("100.00"), "egress_gb_per_month": Decimal("0.10")}, {}, []),
    "a large amount": ({"inter_region_gb_per_month": Decimal("1E+9")}, {}, []),
    "a choice, a card, no card, yes": (
        {"region": "europe", "accelerator": "H100-80GB", "endpoint_accelerator": "none", "interruptible": False}, {}, [],
    ),
    "an assumption": ({}, {"switching_threshold_usd_per_year": Decimal("0.5")}, []),
    "what nobody was sure of": ({}, {}, ["training", "footprint"]),
}  # fmt: skip


@pytest.mark.parametrize(("workload", "assumptions", "skipped"), INPUTS.values(), ids=INPUTS)
def test_inputs_come_back_as_the_same_case(
    workload: dict[str, object], assumptions: dict[str, object], skipped: list[str], rulebook: Rulebook, today: date
) -> None:
    case = make_case(rulebook, today, CASES["P6"].answers, workload, assumptions, skipped)
    through_json = json.loads(json.dumps(inputs_of(case), allow_nan=False))
    assert case_of(through_json, rulebook, today) == case


def test_a_verdict_names_its_rules_its_prices_and_its_day(rulebook: Rulebook, database: Database) -> None:
    desk = desk_with(rulebook, database)
    kept: Verdict = desk.verdict("T1", advised(desk, CASES["P6"].answers, {}, {}))[0]
    named = (kept.rules_version, kept.prices_version, kept.day, kept.created_at)
    assert named == (rulebook.version, rulebook.prices_version, date(2026, 11, 22), NOON)
