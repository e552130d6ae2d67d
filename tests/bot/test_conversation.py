"""What each act of a person makes of a conversation: answers, moves, numbers, lateness, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import (
    Act,
    Adopt,
    Answer,
    Back,
    Branch,
    Cancel,
    Conversation,
    Drop,
    Given,
    Numbers,
    Refused,
    Reopen,
    Restart,
    Resume,
    Stage,
    Suppose,
    Typical,
    step,
)
from engine.case import Value
from engine.errors import CaseError
from engine.rulebook import Rulebook

ALEX, BO, CLEO = "U0ALEX01", "U0BO0001", "U0CLEO01"
BEGUN = Conversation("c" * 24, "T1", "C1", "1.000000", ALEX, private=False)
P6: dict[str, Value] = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": 5, "mlops_capacity": "no"}
FOOTPRINT, TRAINING, EA, REGIONS, MLOPS = P6


def at(second: int) -> str:
    return f"{second}.000000"


def said(question: str, second: int, value: Value = None, by: str = ALEX, round: int | None = 1) -> Answer:
    """An answer; the one of case P6 where no value is given."""
    return Answer(by, at(second), round, question, P6[question] if value is None else value)


def unsure(question: str, second: int, by: str = ALEX) -> Answer:
    return Answer(by, at(second), 1, question, None, skipped=True)


def five(**other: Value) -> list[Act]:
    """All five answers, at seconds 1 to 5."""
    return [said(question, second, other.get(question)) for second, question in enumerate(P6, 1)]


def nothing_to_place() -> list[Act]:
    return [said(TRAINING, 2, "none"), said(REGIONS, 4, 0)]


def after(acts: Sequence[Act], rulebook: Rulebook, begun: Conversation = BEGUN) -> Conversation:
    """Where the acts lead; what is refused on the way has no effect."""
    now = begun
    for act in acts:
        try:
            now = step(now, act, rulebook)
        except Refused:
            continue
    return now


def values(now: Conversation) -> dict[str, Value]:
    return {question: answer.value for question, answer in now.answers.items()}


# -- where the acts lead: the question that is open afterwards, and the answers -----------------------------------------

LEADS: dict[str, tuple[list[Act], str | None, dict[str, Value]]] = {
    "nothing said": ([], FOOTPRINT, {}),
    "the first": (five()[:1], TRAINING, {FOOTPRINT: "aws"}),
    "four of five": (five()[:4], MLOPS, {q: P6[q] for q in (FOOTPRINT, TRAINING, EA, REGIONS)}),
    "all five": (five(), None, P6),
    "a later one first": ([said(EA, 1)], FOOTPRINT, {EA: "yes"}),
    "in reverse order": ([said(q, s) for s, q in enumerate(reversed(P6), 1)], None, P6),
    "not sure of the training": ([unsure(TRAINING, 1)], FOOTPRINT, {TRAINING: "sporadic"}),
    "not sure of the agreement": ([unsure(EA, 1)], FOOTPRINT, {EA: "unsure"}),
    "not sure of the regions": ([unsure(REGIONS, 1)], FOOTPRINT, {REGIONS: 1}),
    "not sure of the footprint": ([unsure(FOOTPRINT, 1)], TRAINING, {FOOTPRINT: "none"}),
    "not sure of the team": ([unsure(MLOPS, 1)], FOOTPRINT, {MLOPS: "no"}),
    "back from the second": ([*five()[:1], Back(ALEX, at(9), 1)], FOOTPRINT, {FOOTPRINT: "aws"}),
    "back from the third": ([*five()[:2], Back(ALEX, at(9), 1)], TRAINING, {FOOTPRINT: "aws", TRAINING: "sporadic"}),
    "back from the fourth": ([*five()[:3], Back(ALEX, at(9), 1)], EA, {q: P6[q] for q in (FOOTPRINT, TRAINING, EA)}),
    "back from the fifth": ([*five()[:4], Back(ALEX, at(9), 1)], REGIONS, {q: P6[q] for q in (FOOTPRINT, TRAINING, EA, REGIONS)}),
    "back from the offer": ([*five(), Back(ALEX, at(9), 1)], MLOPS, P6),
    "back twice": ([*five(), Back(ALEX, at(9), 1), Back(ALEX, at(10), 1)], REGIONS, P6),
    "back at the first": ([Back(ALEX, at(9), 1)], FOOTPRINT, {}),
    "back and answered": ([*five()[:2], Back(ALEX, at(9), 1), said(TRAINING, 10, "none")], EA, {FOOTPRINT: "aws", TRAINING: "none"}),
    "back past a later answer": ([said(FOOTPRINT, 1), said(EA, 2), Back(ALEX, at(3), 1)], FOOTPRINT, {FOOTPRINT: "aws", EA: "yes"}),
    "opened again": ([*five(), Reopen(BO, at(9), 1, EA)], EA, P6),
    "opened again and answered": ([*five(), Reopen(BO, at(9), 1, EA), said(EA, 10, "no")], None, {**P6, EA: "no"}),
    "opened again, another one answered": ([*five(), Reopen(BO, at(9), 1, EA), said(MLOPS, 10, "yes")], EA, {**P6, MLOPS: "yes"}),
    "opened again, then another": ([*five(), Reopen(BO, at(9), 1, EA), Reopen(BO, at(10), 1, MLOPS)], MLOPS, P6),
    "opened before it was answered": ([*five()[:2], Reopen(BO, at(9), 1, EA)], EA, {FOOTPRINT: "aws", TRAINING: "sporadic"}),
    "an answer changed without opening it": ([*five(), said(FOOTPRINT, 9, "both", BO)], None, {**P6, FOOTPRINT: "both"}),
    "nothing to place": ([*five(), *(replace(a, at=at(9)) for a in nothing_to_place())], REGIONS, {**P6, TRAINING: "none", REGIONS: 0}),
    "nothing to place, before the fifth": (nothing_to_place(), REGIONS, {TRAINING: "none", REGIONS: 0}),
    "nothing to place, none again": ([*nothing_to_place(), said(REGIONS, 9, 0)], REGIONS, {TRAINING: "none", REGIONS: 0}),
    "nothing to place, then a region": ([*nothing_to_place(), said(REGIONS, 9, 1)], FOOTPRINT, {TRAINING: "none", REGIONS: 1}),
    "nothing to place, then training": ([*nothing_to_place(), said(TRAINING, 9)], FOOTPRINT, {TRAINING: "sporadic", REGIONS: 0}),
    "nothing to place, back": ([*nothing_to_place(), Back(ALEX, at(9), 1)], EA, {TRAINING: "none", REGIONS: 0}),
    "stopped": ([*five()[:2], Cancel(BO, at(9), 1)], None, {FOOTPRINT: "aws", TRAINING: "sporadic"}),
    "stopped, an answer after it": ([*five()[:2], Cancel(BO, at(9), 1), said(EA, 10)], None, {FOOTPRINT: "aws", TRAINING: "sporadic"}),
    "stopped and taken up": ([*five()[:2], Cancel(BO, at(9), 1), Resume(ALEX, at(10), 1)], EA, {FOOTPRINT: "aws", TRAINING: "sporadic"}),
    "stopped while one was open again": ([*five(), Reopen(BO, at(8), 1, EA), Cancel(BO, at(9), 1), Resume(BO, at(10), 1)], None, P6),
    "taken up without having been stopped": ([*five()[:1], Resume(BO, at(9), 1)], TRAINING, {FOOTPRINT: "aws"}),
    "restarted": ([*five(), Typical(ALEX, at(8), 1), Restart(BO, at(9), 1)], FOOTPRINT, {}),
    "restarted when stopped": ([*five(), Cancel(ALEX, at(8), 1), Restart(BO, at(9), 1)], FOOTPRINT, {}),
    "restarted, an old button": ([*five(), Restart(BO, at(9), 1), said(FOOTPRINT, 10)], FOOTPRINT, {}),
    "restarted, a new button": ([*five(), Restart(BO, at(9), 1), said(FOOTPRINT, 10, round=2)], TRAINING, {FOOTPRINT: "aws"}),
    "restarted, typed after it": ([*five(), Restart(BO, at(9), 1), said(EA, 10, round=None)], FOOTPRINT, {EA: "yes"}),
    "restarted, typed before it": ([*five(), Restart(BO, at(9), 1), said(EA, 8, round=None)], FOOTPRINT, {}),
    "restarted by two at once": ([*five(), Restart(BO, at(9), 1), Restart(CLEO, at(10), 1)], FOOTPRINT, {}),
    "an earlier click comes late": ([said(FOOTPRINT, 5, "azure"), said(FOOTPRINT, 3, "aws")], TRAINING, {FOOTPRINT: "azure"}),
    "two clicks in order": ([said(FOOTPRINT, 3, "aws"), said(FOOTPRINT, 5, "azure")], TRAINING, {FOOTPRINT: "azure"}),
    "two clicks of one moment": ([said(FOOTPRINT, 3, "aws"), said(FOOTPRINT, 3, "azure", BO)], TRAINING, {FOOTPRINT: "aws"}),
    "timestamps count as numbers": ([said(FOOTPRINT, 10, "azure"), said(FOOTPRINT, 9, "aws")], TRAINING, {FOOTPRINT: "azure"}),
    "a late answer leaves open what was opened after it": ([*five(), Reopen(BO, at(9), 1, EA), said(EA, 8, "no")], EA, {**P6, EA: "no"}),
    "a late move": ([*five(), Reopen(BO, at(9), 1, EA), Reopen(BO, at(8), 1, MLOPS)], EA, P6),
}  # fmt: skip


@pytest.mark.parametrize(("acts", "open_question", "answers"), LEADS.values(), ids=LEADS)
def test_where_acts_lead(acts: list[Act], open_question: str | None, answers: dict[str, Value], rulebook: Rulebook) -> None:
    now = after(acts, rulebook)
    assert (open_question, answers) == (now.open_question(rulebook), values(now))


@pytest.mark.parametrize(("acts", "open_question", "answers"), LEADS.values(), ids=LEADS)
def test_every_act_twice_changes_nothing_more(
    acts: list[Act], open_question: str | None, answers: dict[str, Value], rulebook: Rulebook
) -> None:
    twice = [act for act in acts for _ in range(2)]
    assert after(acts, rulebook) == after(twice, rulebook)


def test_answers_stand_in_the_order_of_the_questions(rulebook: Rulebook) -> None:
    assert list(P6) == list(after(LEADS["in reverse order"][0], rulebook).answers)


# -- what is refused ---------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[Act], Act, str]] = {
    "back at the first": ([], Back(ALEX, at(9), 1), "first question"),
    "back at the first, opened again": ([*five(), Reopen(BO, at(8), 1, FOOTPRINT)], Back(ALEX, at(9), 1), "first question"),
    "typical at once": ([], Typical(ALEX, at(9), 1), "too early"),
    "typical after four": (five()[:4], Typical(ALEX, at(9), 1), "too early"),
    "typical while one is open again": ([*five(), Reopen(BO, at(8), 1, EA)], Typical(ALEX, at(9), 1), "too early"),
    "typical with nothing to place": ([*five(training="none", inference_regions=0)], Typical(ALEX, at(9), 1), "too early"),
    "numbers after four": (five()[:4], Numbers(ALEX, at(9), None, {"gpus": 64}), "too early"),
    "numbers with nothing to place": (five(training="none", inference_regions=0), Numbers(ALEX, at(9), None, {"gpus": 64}), "too early"),
    "opened again unanswered": (five()[:2], Reopen(BO, at(9), 1, EA), "too early"),
    "an answer of an earlier round": ([Restart(BO, at(5), 1)], said(FOOTPRINT, 9), "earlier round"),
    "typical of an earlier round": ([Restart(BO, at(5), 1), *five()], Typical(ALEX, at(9), 1), "earlier round"),
    "of a round to come": ([], said(FOOTPRINT, 9, round=2), "earlier round"),
    "restart of an earlier round": ([Restart(BO, at(5), 1)], Restart(CLEO, at(9), 1), "earlier round"),
    "a form from before a restart": ([Restart(BO, at(5), 1)], Numbers(ALEX, at(4), None, answers=P6), "earlier round"),
    "an answer when stopped": ([Cancel(BO, at(5), 1)], said(FOOTPRINT, 9), "cancelled"),
    "stopped twice": ([Cancel(BO, at(5), 1)], Cancel(ALEX, at(9), 1), "cancelled"),
    "numbers when stopped": ([*five(), Cancel(BO, at(8), 1)], Numbers(ALEX, at(9), None, {"gpus": 64}), "cancelled"),
    "back when stopped": ([*five(), Cancel(BO, at(8), 1)], Back(ALEX, at(9), 1), "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "act", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_place_is_refused_with_its_reason(before: list[Act], act: Act, reason: str, rulebook: Rulebook) -> None:
    now = after(before, rulebook)
    with pytest.raises(Refused) as refused:
        step(now, act, rulebook)
    assert reason == refused.value.reason


WRONG: list[tuple[str, Value]] = [
    (FOOTPRINT, "gcp"), (FOOTPRINT, None), (TRAINING, "yes"), (EA, 1), (REGIONS, "five"), (REGIONS, -1), (REGIONS, 61), (REGIONS, True),
    (REGIONS, Decimal("2.5")), (MLOPS, ""),
]  # fmt: skip


@pytest.mark.parametrize(("question", "value"), WRONG, ids=str)
def test_a_value_that_the_question_does_not_take_is_an_error(question: str, value: Value, rulebook: Rulebook) -> None:
    with pytest.raises(ValueError, match="is not accepted"):
        step(BEGUN, Answer(ALEX, at(1), 1, question, value), rulebook)


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_typical_numbers_complete_it_and_say_who_chose_them(rulebook: Rulebook) -> None:
    now = after([*five(), Typical(BO, at(9), 1)], rulebook)
    assert Given("typical", BO, at(9)) == now.numbers
    assert (now.is_complete(rulebook), now.verdict_due(rulebook), after(five(), rulebook).stage) == (True, True, "offering")


def test_typical_numbers_set_aside_the_own_ones(rulebook: Rulebook) -> None:
    own = Numbers(ALEX, at(8), None, {"gpus": 64}, {"switching_threshold_usd_per_year": Decimal(9)})
    now = after([*five(), own, Typical(BO, at(9), 1)], rulebook)
    assert ({}, {}, Given("typical", BO, at(9))) == (now.workload, now.assumptions, now.numbers)


def test_a_form_changes_only_what_it_says(rulebook: Rulebook) -> None:
    first = Numbers(ALEX, at(8), None, {"gpus": 64, "endpoints": 3}, {"materiality_pct": Decimal("2.5")})
    second = Numbers(BO, at(9), None, {"gpus": 16}, cleared=frozenset({"endpoints"}))
    now = after([*five(), first, second], rulebook)
    assert {"gpus": Given(16, BO, at(9))} == now.workload
    assert {"materiality_pct": Given(Decimal("2.5"), ALEX, at(8))} == now.assumptions
    assert Given("own", BO, at(9)) == now.numbers


def test_a_form_opened_first_and_sent_last_keeps_both_changes(rulebook: Rulebook) -> None:
    opened_first = Numbers(ALEX, at(8), None, {"gpus": 64})
    sent_first = Numbers(BO, at(9), None, {"endpoints": 3})
    now = after([*five(), sent_first, opened_first], rulebook)
    assert {name: given.value for name, given in now.workload.items()} == {"gpus": 64, "endpoints": 3}


def test_numbers_cleared_to_the_last_are_typical(rulebook: Rulebook) -> None:
    own, cleared = Numbers(ALEX, at(8), None, {"gpus": 64}), Numbers(BO, at(9), None, cleared=frozenset({"gpus"}))
    now = after([*five(), own, cleared], rulebook)
    assert ({}, Given("typical", BO, at(9))) == (now.workload, now.numbers)


def test_a_quick_form_brings_everything_at_once(rulebook: Rulebook) -> None:
    unsent = replace(BEGUN, form=True, quick=True)
    assert (unsent.open_question(rulebook), unsent.stage, unsent.is_complete(rulebook)) == (None, "form", False)
    sent = Numbers(ALEX, "0.000001", None, {"gpus": 64}, answers={**P6, TRAINING: "sporadic"}, skipped=frozenset({TRAINING}))
    now = after([sent], rulebook, unsent)
    assert (values(now), now.form, now.verdict_due(rulebook)) == (P6, False, True)
    assert [question for question, answer in now.answers.items() if answer.skipped] == [TRAINING]


def test_a_quick_form_with_nothing_to_place_stays_unsent(rulebook: Rulebook) -> None:
    unsent = replace(BEGUN, form=True, quick=True)
    empty = Numbers(ALEX, "0.000001", None, answers={**P6, TRAINING: "none", REGIONS: 0})
    assert unsent == after([empty], rulebook, unsent)


def test_a_restart_keeps_nothing_that_was_said(rulebook: Rulebook) -> None:
    full = [
        *five(),
        Numbers(BO, at(8), None, {"gpus": 64}, {"materiality_pct": Decimal(2)}),
        Reopen(BO, at(9), 1, EA),
        Cancel(BO, at(10), 1),
    ]
    now = after([*full, Restart(CLEO, at(11), 1)], rulebook, BEGUN.with_verdict())
    assert replace(BEGUN, round=2, began_at=at(11), moved_at=at(11)) == now


# -- who, and what a verdict rests on ----------------------------------------------------------------------------------


def test_who_gave_what_and_when_is_kept(rulebook: Rulebook) -> None:
    now = after([said(FOOTPRINT, 1, by=BO), unsure(EA, 2, by=CLEO), said(FOOTPRINT, 3, "both", by=CLEO)], rulebook)
    assert {FOOTPRINT: Given("both", CLEO, at(3)), EA: Given("unsure", CLEO, at(2), skipped=True)} == now.answers
    assert {ALEX, CLEO} == now.people


def test_a_case_rests_on_the_answers_over_what_the_workspace_sets(rulebook: Rulebook, today: date) -> None:
    acts = [*five(), unsure(MLOPS, 6), Numbers(BO, at(8), None, {"gpus": 64}, {"materiality_pct": Decimal(2)})]
    set_here = {"switching_threshold_usd_per_year": Decimal(9), "materiality_pct": Decimal(7)}
    case = after(acts, rulebook).case(rulebook, today, {"ea_discount_pct": Decimal("17.25"), "gpus": 1}, set_here)
    assert (dict(case.answers), case.skipped) == (P6, frozenset({MLOPS}))
    assert (64, Decimal("17.25")) == (case.workload["gpus"], case.workload["ea_discount_pct"])
    assert (Decimal(9), Decimal(2)) == (case.assumptions["switching_threshold_usd_per_year"], case.assumptions["materiality_pct"])


def test_a_case_with_nothing_to_place_cannot_be_made(rulebook: Rulebook, today: date) -> None:
    with pytest.raises(CaseError, match="there is nothing to place"):
        after(five(training="none", inference_regions=0), rulebook).case(rulebook, today, {}, {})


def test_a_verdict_is_due_once_for_the_same_inputs(rulebook: Rulebook) -> None:
    advised = after([*five(), Typical(ALEX, at(8), 1)], rulebook).with_verdict()
    assert (advised.stage, advised.verdict_due(rulebook)) == ("advised", False)
    confirmed = after([said(FOOTPRINT, 9, "aws", BO), Typical(BO, at(10), 1)], rulebook, advised)
    assert not confirmed.verdict_due(rulebook)
    changed = after([said(FOOTPRINT, 11, "azure", BO)], rulebook, confirmed)
    assert changed.verdict_due(rulebook)
    back_again = after([said(FOOTPRINT, 12, "aws", BO)], rulebook, changed.with_verdict())
    assert back_again.verdict_due(rulebook)


def test_not_sure_is_another_input_than_the_answer_that_it_computes_as(rulebook: Rulebook) -> None:
    advised = after([*five(), Typical(ALEX, at(8), 1)], rulebook).with_verdict()
    assert after([unsure(TRAINING, 9)], rulebook, advised).verdict_due(rulebook)


# -- kept and forgotten ------------------------------------------------------------------------------------------------


def test_nothing_of_a_person_is_left_and_everything_that_was_said_is(rulebook: Rulebook) -> None:
    acts: list[Act] = [said(q, s, by=BO) for s, q in enumerate(P6, 1)]
    acts += [Numbers(BO, at(8), None, {"gpus": 64}, {"materiality_pct": Decimal(2)}), Cancel(BO, at(9), 1)]
    before = after(acts, rulebook)
    now = before.without_person(BO)
    assert BO not in json.dumps(now.as_json())
    assert (values(before), before.digest(), "cancelled") == (values(now), now.digest(), now.stage)
    assert frozenset({ALEX}) == now.people


def test_those_who_stay_are_not_touched(rulebook: Rulebook) -> None:
    now = after([*five(), Typical(ALEX, at(8), 1)], rulebook)
    assert now == now.without_person(BO)


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SAID = st.builds(Given, st.one_of(st.none(), st.booleans(), st.integers(), TEXT, AMOUNTS), TEXT, TEXT, st.booleans())
PART = st.dictionaries(TEXT, SAID, max_size=6)
CONVERSATIONS = st.builds(
    Conversation, TEXT, TEXT, TEXT, st.none() | TEXT, TEXT, st.booleans(), TEXT, st.booleans(), st.booleans(), st.booleans(),
    st.integers(1, 999), PART, PART, PART, st.none() | SAID, st.none() | TEXT, TEXT, TEXT, st.lists(TEXT, max_size=4).map(tuple),
    st.integers(1, 999),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(CONVERSATIONS)
def test_a_conversation_comes_back_from_json_exactly_as_it_was(kept: Conversation) -> None:
    again = Conversation.from_json(json.loads(json.dumps(kept.as_json(), allow_nan=False)))
    assert kept == again
    assert exactly(kept) == exactly(again)


def exactly(kept: Conversation) -> list[Any]:
    """The order of what was said, and the kind and digits of each value, which equality does not see."""
    parts = (kept.answers, kept.workload, kept.assumptions)
    return [(name, type(each.value), str(each.value)) for part in parts for name, each in part.items()]


STAGES: dict[str, tuple[list[Act], Stage]] = {
    "asking": (five()[:3], "asking"),
    "offering": (five(), "offering"),
    "stopped": ([*five(), Cancel(BO, at(9), 1)], "cancelled"),
}


@pytest.mark.parametrize(("acts", "stage"), STAGES.values(), ids=STAGES)
def test_how_far_it_got(acts: list[Act], stage: str, rulebook: Rulebook) -> None:
    assert stage == after(acts, rulebook).stage


# -- what-ifs ----------------------------------------------------------------------------------------------------------

WHAT_IF = Suppose(BO, at(10), None, {TRAINING: "continuous"}, {"gpus": 32}, {"materiality_pct": Decimal(10)})


def advised_with(rulebook: Rulebook, *acts: Act) -> Conversation:
    """Case P6 with typical numbers, and what follows."""
    return after([*five(), Typical(ALEX, at(6)), *acts], rulebook)


def test_a_what_if_changes_nothing_of_the_case(rulebook: Rulebook) -> None:
    supposed = advised_with(rulebook, WHAT_IF)
    assert supposed.branch == Branch(
        {TRAINING: "continuous"}, {"gpus": 32}, {"materiality_pct": Decimal(10)}, BO, at(10), advised_with(rulebook).digest()
    )
    assert supposed.digest() == advised_with(rulebook).digest()


def test_who_adopts_a_what_if_gives_its_values(rulebook: Rulebook) -> None:
    adopted = advised_with(rulebook, WHAT_IF, Adopt(CLEO, at(11), None, at(10)))
    assert adopted.branch is None
    assert adopted.answers[TRAINING] == Given("continuous", CLEO, at(11))
    assert adopted.workload == {"gpus": Given(32, CLEO, at(11))}
    assert adopted.assumptions == {"materiality_pct": Given(Decimal(10), CLEO, at(11))}
    assert adopted.numbers == Given("own", CLEO, at(11))


def test_a_dropped_what_if_is_gone(rulebook: Rulebook) -> None:
    dropped = advised_with(rulebook, WHAT_IF, Drop(CLEO, at(11)))
    assert (dropped.branch, dropped.digest()) == (None, advised_with(rulebook).digest())


def test_the_newest_what_if_takes_the_place_of_the_one_before(rulebook: Rulebook) -> None:
    newer = Suppose(ALEX, at(12), None, {}, {"gpus": 64})
    conversation = advised_with(rulebook, WHAT_IF, newer)
    assert conversation.branch == Branch({}, {"gpus": 64}, {}, ALEX, at(12), advised_with(rulebook).digest())
    for button in (Adopt(CLEO, at(13), None, at(10)), Drop(CLEO, at(13), None, at(10))):  # of the one before
        with pytest.raises(Refused, match="no branch"):
            step(conversation, button, rulebook)


def test_a_what_if_of_a_case_that_has_changed_since_cannot_be_adopted(rulebook: Rulebook) -> None:
    """It would undo what was corrected in the meantime."""
    corrected = advised_with(rulebook, WHAT_IF, said(TRAINING, 15, "none", BO))
    with pytest.raises(Refused, match="no branch"):
        step(corrected, Adopt(ALEX, at(16), None, at(10)), rulebook)
    assert step(corrected, Drop(ALEX, at(17)), rulebook).branch is None


@pytest.mark.parametrize("act", [Adopt(BO, at(20)), Drop(BO, at(20))], ids=["adopt", "drop"])
def test_without_a_what_if_there_is_nothing_to_adopt_or_drop(rulebook: Rulebook, act: Act) -> None:
    with pytest.raises(Refused, match="no branch"):
        step(advised_with(rulebook), act, rulebook)


def test_there_is_no_what_if_before_the_five_answers(rulebook: Rulebook) -> None:
    with pytest.raises(Refused, match="too early"):
        step(BEGUN, WHAT_IF, rulebook)


def test_a_restart_drops_the_what_if(rulebook: Rulebook) -> None:
    assert advised_with(rulebook, WHAT_IF, Restart(ALEX, at(20), 1)).branch is None


def test_a_what_if_comes_back_from_json_and_forgets_who_asked(rulebook: Rulebook) -> None:
    supposed = advised_with(rulebook, WHAT_IF)
    assert Conversation.from_json(json.loads(json.dumps(supposed.as_json()))) == supposed
    assert BO in supposed.people
    assert supposed.without_person(BO).branch == replace(supposed.branch, by="")  # type: ignore[type-var]


def test_a_conversation_from_before_there_were_what_ifs_is_read(rulebook: Rulebook) -> None:
    written = advised_with(rulebook).as_json()
    del written["branch"]
    assert Conversation.from_json(written) == advised_with(rulebook)
