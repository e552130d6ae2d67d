"""What-ifs: both advices side by side, and what is said of them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.qa.answer import Answer
from bot.qa.asker import Asker
from bot.qa.changes import read_changes, supposes
from bot.qa.oncase import OpenCase
from bot.qa.whatif import BeforeAfter, Supposed, WhatIf, changed_case, suppose, what_if
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, make_case
from engine.load import load_rulebook
from engine.rulebook import Rulebook

DAY = date(2026, 11, 22)
MOST_LINES = 17


@cache
def rules() -> Rulebook:
    return load_rulebook()


def case(workload: dict[str, object] | None = None, **answers: object) -> Case:
    """The worked case P6, with what differs."""
    p6: dict[str, object] = {
        "footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": 5, "mlops_capacity": "no",
    }  # fmt: skip
    return make_case(rules(), DAY, {**p6, **answers}, workload)


def found(text: str, of: Case | None = None) -> WhatIf:
    base = of or case()
    return what_if(rules(), base, read_changes(text, rules(), base), DAY)


def answer(text: str, of: Case | None = None, *, shows_private: bool = True) -> Answer:
    return supposed(text, of, shows_private=shows_private).answer


def supposed(text: str, of: Case | None = None, *, shows_private: bool = True) -> Supposed:
    base = of or case()
    opened = OpenCase(base, advise(base, rules(), DAY), {}, DAY, shows_private)
    return suppose(Words(rules(), shows_private=shows_private), read_changes(text, rules(), base), opened)


@cache
def asker() -> Asker:
    return Asker(rules())


def without_a_case(text: str) -> Answer:
    said = asker().ask(text, DAY)
    assert said.id == "what_if"
    return said


def totals(advice: Advice) -> dict[str, Decimal | None]:
    return {cost.plan: cost.total_usd_per_month for cost in advice.now.plans}


# -- as data -----------------------------------------------------------------------------------------------------------


def test_both_sides_are_what_the_engine_advises() -> None:
    seen = found("what if we had 32 GPUs?")
    before, after = totals(advise(case(), rules(), DAY)), totals(advise(case({"gpus": 32}), rules(), DAY))
    assert [(each.name, each.before, each.after) for each in seen.totals] == [(plan, before[plan], after[plan]) for plan in before]


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 20000))
@settings(max_examples=25, deadline=None)
def test_any_numbers_come_to_what_the_engine_says(gpus: int, endpoints: int, egress: int) -> None:
    seen = found(f"what if we had {gpus} GPUs, {endpoints} endpoints and {egress} GB of egress a month?")
    workload: dict[str, object] = {"gpus": gpus, "endpoints": endpoints, "egress_gb_per_month": egress}
    after = advise(case(workload), rules(), DAY)
    assert (seen.after.case, totals(seen.after), seen.after.plan) == (after.case, totals(after), after.plan)


@pytest.mark.parametrize(("text", "column"), [("and at 3x?", 1), ("and at 10x?", 2)])
def test_a_scale_of_the_table_is_its_column(text: str, column: int) -> None:
    seen = found(text)
    scenario = seen.before.scenarios[column]
    assert (totals(seen.after), seen.after.plan) == ({cost.plan: cost.total_usd_per_month for cost in scenario.plans}, scenario.plan)


def test_lines_are_those_of_the_plan_that_is_advised_then() -> None:
    seen = found("with no egress")
    assert seen.lines[3] == BeforeAfter("egress", Decimal("81.00"), Decimal("0.00"))
    assert [line.name for line in seen.lines if line.differs] == ["egress"]


def test_the_worked_case_moves_at_ten_times_the_volume() -> None:
    seen = found("and at 10x?")
    assert (seen.verdict_changed, seen.before.plan, seen.after.plan) == (True, "aws", "azure")


def test_a_skipped_answer_that_is_changed_is_no_longer_assumed() -> None:
    answers = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "unsure", "inference_regions": 5, "mlops_capacity": "no"}
    base = make_case(rules(), DAY, answers, skipped=["microsoft_ea", "mlops_capacity"])
    changed = changed_case(rules(), base, read_changes("what if we had an EA?", rules(), base), DAY)
    assert (list(changed.skipped), changed.answers["microsoft_ea"]) == (["mlops_capacity"], "yes")


def test_what_counts_for_nothing_is_named() -> None:
    assert found("what if we had 32 GPUs?", case(training="none")).without_effect == ("gpus",)


def test_a_default_that_follows_is_named() -> None:
    seen = found("what if we bought reserved?")
    assert seen.followed == ("training_hours_per_month",)  # 120 sporadic, 730 continuous


# -- as words ----------------------------------------------------------------------------------------------------------


def test_what_was_understood_stands_first_then_the_verdict_the_totals_and_the_lines() -> None:
    paragraphs = answer("what if we had 32 GPUs and 2 TB of egress a day?").text.split("\n\n")
    assert paragraphs[0] == "**Understood:** GPUs 8 → 32; internet egress 1,000 → 60,000 GB a month (2 TB a day)."
    assert paragraphs[1].startswith("**The verdict is the same: Stay on AWS.** Moving to Azure would save ")
    assert [paragraphs[2], paragraphs[4]] == ["Totals a month:", "AWS, the lines that change:"]
    assert paragraphs[5].splitlines() == [
        "- Training compute: $945.59 → $3,782.35",
        "- Managed premium: $390.04 → $815.55",
        "- Internet egress: $81.00 → $5,010.20",
    ]


def test_a_verdict_that_changes_says_what_it_was() -> None:
    said = answer("and at 10x?")
    assert said.id == "at_scale"
    assert "**The verdict changes.** It was: Stay on AWS. Now: **Move to Azure.**" in said.text
    assert "- AWS: $3,488 → $34,908" in said.text  # both columns of the worked case
    assert "- **Azure (advised): $2,830 → $28,338**" in said.text


@pytest.mark.parametrize("text", ["what if we had 32 GPUs and 2 TB of egress a day?", "and at 100x?", "no training", "train 24/7"])
def test_an_answer_is_short(text: str) -> None:
    assert len([line for line in answer(text).text.splitlines() if line]) <= MOST_LINES


def test_every_answer_has_dated_sources() -> None:
    said = answer("with 3 regions")
    assert len(said.sources) > 1
    assert said.as_of == min(each.as_of for each in said.sources if each.as_of)


def test_without_a_case_the_first_line_says_what_is_assumed() -> None:
    first = without_a_case("with H100s in Europe").text.splitlines()[0]
    assert first.startswith("No case is open here, so this starts from a typical one: footprint Neither, training schedule Now and then,")
    assert "8 A100-40GB on 120 hours a month, 20 endpoints" in first


@pytest.mark.parametrize("text", ["8xA100 one year reserved", "no training at all, inference only", "32 GPUs?"])
def test_without_a_case_changes_alone_are_no_what_if(text: str) -> None:
    assert not supposes(text, rules())


def test_a_discount_is_written_where_only_its_owner_reads() -> None:
    said = answer("what if our EA gives us 17 %?")
    assert (said.private, "EA discount 0 → 17 %" in said.text) == (True, True)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("what if our EA gives us 17 %?", case()),
        ("what if our EA gives us 17 % and 90 % of 4 GPUs?", case()),
        ("what if the EA discount was 71 %", case()),
        ("without the EA", case({"ea_discount_pct": 17, "endpoints": 100})),
        ("what if we had 40 endpoints", case({"ea_discount_pct": 17})),
    ],
)  # fmt: skip
def test_a_discount_is_named_and_not_written_where_others_read(text: str, base: Case) -> None:
    said = answer(text, base, shows_private=False)
    assert (said.private, re.findall(r"\b(?:17|71|90) ?(?:%|percent)", said.text)) == (False, [])


def test_lines_that_show_what_a_discount_takes_off_are_named_only() -> None:
    base = case({"ea_discount_pct": 17}, footprint="none")
    assert "- Inference endpoints: rests on a private figure" in answer("without the EA", base, shows_private=False).text


def test_a_refused_discount_names_the_range_alone() -> None:
    said = answer("what if the EA discount was 71%", shows_private=False)
    assert said.text.splitlines()[0] == "**Not taken:** EA discount: Give a number from 0 to 60 %."


def test_what_is_assumed_with_a_change_is_said() -> None:
    text = answer("what if we bought reserved?").text
    assert "**Assumed with it**, as nobody gave it: training hours 120 → 730 hours a month." in text


def test_what_cannot_be_computed_is_said() -> None:
    said = answer("no training and no inference")
    assert "That cannot be computed. Training is `none` and inference_regions is `0`: there is nothing to place." in said.text


def test_a_card_that_nobody_sells_there_is_said() -> None:
    assert "That cannot be computed." in answer("with MI300Xs in Europe").text


def test_what_was_left_over_is_said() -> None:
    said = answer("what if we have 32 GPUs and a herd of llamas")
    assert "**Not understood:** herd llamas. It counts for nothing here." in said.text


def test_what_could_mean_two_inputs_is_asked_back_with_both() -> None:
    said = answer("what if traffic doubles")
    assert (said.kind, said.suggestions) == ("unknown", ("Internet egress: doubles", "Traffic between regions: doubles"))


def test_a_share_that_may_be_private_is_not_repeated_where_others_read() -> None:
    said = answer("what if storage changes 50%", shows_private=False)
    assert said.text.startswith("I did not get what that would change. Say it like")


UNREAD_FIGURES = [
    "what if it were 17 percent and we had 32 gpus",
    "what if it were 17 pc and we had 32 gpus",
    "what if it were sevnteen percent and we had 32 gpus",
    "what if the EA discount is 17 dollars and we had 32 gpus",
    "what if the EA discount is 17 hours",
    "what if the EA discount is 17x",
    "what if the EA discount is between 17 and 23",
    "what if the EA gave us 17 to 23 percent",
    "what if the EA discount was 0.17",
    "what if the EA discount was .17 and we had 32 gpus",
    "what if the EA discount was 1.7e1",
    "what if the EA discount was 1.700 and we had 32 gpus",
    "what if the EA discount was siebzehn and we had 32 gpus",
    "what if the discount was seventeen percent",
    "what if it were seventeen percent and we had 32 gpus",
    "what if 17 of 23 percent were off",
    "what if traffic changed 17 percent",
]


@pytest.mark.parametrize("text", UNREAD_FIGURES)
def test_no_figure_of_a_sentence_is_repeated_where_others_read_unless_it_is_nobodys_secret(text: str) -> None:
    said = answer(text, shows_private=False)
    shown = "\n".join((said.text, *said.suggestions)).lower()
    assert re.findall(r"(?<![0-9,.])(?:17|23|0?\.17|1\.7e1|1\.700)(?![0-9,]|\.[0-9])|s\w*v\w*nteen|siebzehn", shown) == []


def test_what_is_not_repeated_is_said_to_be_left_out() -> None:
    said = answer("what if it were 17 percent and we had 32 gpus and a herd of llamas", shows_private=False)
    assert "**Not understood:** herd llamas, and some of it, which is not repeated where others read." in said.text


def test_where_a_sentence_is_of_a_private_input_nothing_left_over_is_named() -> None:
    said = answer("what if the EA discount was siebzehn and we had 32 gpus", shows_private=False)
    assert "**Not understood:** some of it, which is not repeated where others read. It counts for nothing here." in said.text


def test_a_share_without_its_sign_is_asked_back_in_percent() -> None:
    said = answer("what if the discount was 0.17")
    assert said.text.splitlines()[0] == (
        "**Not taken:** EA discount: `0.17` is not accepted. Give it in percent, with the sign. Did you mean 17 %?"
    )
    assert said.suggestions[0] == "EA discount: 17 %"


@pytest.mark.parametrize(
    ("text", "adopts"),
    [
        ("what if we had 32 GPUs", True),
        ("what if we had 32 GPUs and 99 regions", False),  # not all that was said
        ("what if we had 200000 GPUs", False),
        ("no training and no inference", False),
        ("with MI300Xs in Europe", False),
    ],
)
def test_what_can_be_adopted_is_what_was_computed(text: str, adopts: bool) -> None:
    asked = supposed(text)
    assert (asked.can_be_adopted, "Adopt it" in asked.answer.suggestions) == (adopts, adopts)
    assert asked.answer.suggestions


@pytest.mark.parametrize("text", ["what if traffic doubles", "what if it were 500 hours", "what if the data were 20 TB"])
def test_what_is_suggested_instead_works(text: str) -> None:
    for suggestion in answer(text).suggestions:
        assert read_changes(suggestion, rules(), case()).said, suggestion


def test_what_is_suggested_without_a_case_works() -> None:
    said = without_a_case("what if we had 3 regions?")
    assert all(read_changes(suggestion, rules(), case()).found for suggestion in said.suggestions)
