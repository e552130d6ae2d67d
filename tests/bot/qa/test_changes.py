"""What a sentence would change about a case, and which sentences change nothing."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Conversation, Given, Numbers, step
from bot.qa.changes import Changes, Refused, read_changes, supposes, whichcloud_case_with
from bot.qa.mentions import Mentions
from bot.qa.quantities import quantities
from engine.case import Case, Value, make_case
from engine.load import load_rulebook
from engine.rulebook import Rulebook

DAY = date(2026, 11, 22)
ANSWERS: dict[str, object] = {
    "footprint": "aws", "training": "sporadic", "microsoft_ea": "no", "inference_regions": 5, "mlops_capacity": "no",
}  # fmt: skip
SECONDS = 0.05


@cache
def rules() -> Rulebook:
    return load_rulebook()


@cache
def plain_case() -> Case:
    return make_case(rules(), DAY, ANSWERS)


def read(text: str) -> Changes:
    return read_changes(text, rules(), plain_case())


def said(changes: Changes) -> dict[str, Value]:
    return {change.input: change.value for change in changes.said}


# The case has 8 A100-40GB for 120 hours, 20 endpoints all month, 1,000 GB egress, 30,000 GB between regions, 10,000 GB stored.
READ: list[tuple[str, dict[str, Value]]] = [
    ("what if we had 32 GPUs?", {"gpus": 32}),
    ("32 GPUs?", {"gpus": 32}),
    ("gpus 8 -> 64", {"gpus": 64}),
    ("from 8 to 64 GPUs", {"gpus": 64}),
    ("20 more endpoints", {"endpoints": 40}),
    ("add 8 GPUs", {"gpus": 16}),
    ("what if we increase GPUs by 8", {"gpus": 16}),
    ("raise GPUs to 24", {"gpus": 24}),
    ("what if we removed 5 endpoints", {"endpoints": 15}),
    ("what if our discount rises to 20%", {"microsoft_ea": "yes", "ea_discount_pct": 20}),
    ("32 instead of 8 GPUs", {"gpus": 32}),
    ("what if we serve from 6 regions instead of 5", {"inference_regions": 6}),
    ("what would the answer be with 100 endpoints?", {"endpoints": 100}),
    ("would 16 GPUs change the verdict?", {"gpus": 16}),
    ("same thing but 4x the GPUs", {"gpus": 32}),
    ("half the endpoints", {"endpoints": 10}),
    ("suppose we only need 30% of the endpoints", {"endpoints": 6}),
    ("what if training hours go from 120 to 300", {"training_hours_per_month": 300}),
    ("what if the EA discount is 15", {"microsoft_ea": "yes", "ea_discount_pct": 15}),
    ("what if we had 1 TB of storage per month", {"storage_gb": 1000}),
    ("what if we're on both clouds", {"footprint": "both"}),
    ("what if nobody could run raw infrastructure", {"mlops_capacity": "no"}),
    ("what if we serve in 4 European regions", {"region": "europe", "inference_regions": 4}),
    ("what if we train 24 hours a day", {"training": "continuous", "training_hours_per_month": 730}),
    ("in Europe instead of us-east", {"region": "europe"}),
    ("a third of the endpoints", {"endpoints": 7}),
    ("waht if we only had 5 endpionts", {"endpoints": 5}),
    ("with 3 regions", {"inference_regions": 3}),
    ("with H100s in Europe", {"region": "europe", "accelerator": "H100"}),
    ("what if we used 8xA100 80GB", {"accelerator": "A100-80GB", "gpus": 8}),
    ("Imagine an A100 80GB x8 setup running 730h a month", {"accelerator": "A100-80GB", "gpus": 8, "training_hours_per_month": 730}),
    ("and with an A100?", {"gpus": 1}),
    ("train on 32 H100s and serve on L4s", {"accelerator": "H100", "gpus": 32, "endpoint_accelerator": "L4"}),
    ("endpoints on T4s", {"endpoint_accelerator": "T4"}),
    ("half the training time", {"training_hours_per_month": 60}),
    ("Suppose we train twice as many hours, what changes?", {"training_hours_per_month": 240}),
    ("if we trained around the clock", {"training": "continuous", "training_hours_per_month": 730}),
    ("what if we trained 24/7", {"training": "continuous", "training_hours_per_month": 730}),
    ("run endpoints only 12 hours a day", {"endpoint_hours_per_month": 365}),
    ("no training", {"training": "none"}),
    ("what if we stopped serving", {"inference_regions": 0}),
    ("assume zero egress", {"egress_gb_per_month": 0}),
    ("what if egress doubles", {"egress_gb_per_month": 2000}),
    ("what if we had 50% more egress", {"egress_gb_per_month": 1500}),
    ("cut storage by 30 %", {"storage_gb": 7000}),
    ("10 TB of egress a day", {"egress_gb_per_month": 300000}),
    ("and if the data moved 2 TB a day between regions?", {"inter_region_gb_per_month": 60000}),
    ("with two hops", {"inter_region_hops": 2}),
    ("what if we stored 100 TB in the cool tier", {"storage_gb": 100000, "storage_tier": "infrequent"}),
    ("what if our EA gives us 15 %?", {"microsoft_ea": "yes", "ea_discount_pct": 15}),
    ("with 15 % off", {"microsoft_ea": "yes", "ea_discount_pct": 15}),
    ("what if we had an EA", {"microsoft_ea": "yes"}),
    ("without the EA", {"microsoft_ea": "no"}),
    ("and without spot", {"interruptible": False}),
    ("what if the EA runs out", {"microsoft_ea": "no"}),
    ("what if threshold was 5k", {"switching_threshold_usd_per_year": 5000}),
    ("threshold is $5,000 a month", {"switching_threshold_usd_per_year": 60000}),
    ("with a threshold of $10k monthly", {"switching_threshold_usd_per_year": 120000}),
    ("what if the threshold was 500 a month", {"switching_threshold_usd_per_year": 6000}),
    ("what if the threshold was $5,000 a year", {"switching_threshold_usd_per_year": 5000}),
    ("what if there was no spot", {"interruptible": False}),
    ("what if spot is gone", {"interruptible": False}),
    ("what if spot disappears", {"interruptible": False}),
    ("what if spot capacity vanished", {"interruptible": False}),
    ("what if spot is unavailable", {"interruptible": False}),
    ("what if spot instances were no longer available", {"interruptible": False}),
    ("what if spot isn't gone", {"training": "sporadic", "interruptible": True}),
    ("what if the EA vanished", {"microsoft_ea": "no"}),
    ("what if 2 endpoints per region", {"endpoints": 10}),  # in 5 regions
    ("2 endpoints in each region", {"endpoints": 10}),
    ("what if we had 4 endpoints in each of 5 regions", {"inference_regions": 5, "endpoints": 20}),
    ("4 endpoints in each of 3 regions", {"inference_regions": 3, "endpoints": 12}),
    ("3 regions with 4 endpoints each", {"inference_regions": 3, "endpoints": 12}),
    ("what if we turn off 5 endpoints", {"endpoints": 15}),
    ("what if 5 endpoints were switched off", {"endpoints": 15}),
    ("what if 30 % of the endpoints were removed", {"endpoints": 14}),
    ("what if a quarter of the endpoints were shut down", {"endpoints": 15}),
    ("what if we had twice the A100s", {"gpus": 16}),
    ("what if we train once a month for 8 hours", {"training": "sporadic", "training_hours_per_month": 8}),
    ("what if the discount is 0.5 %", {"microsoft_ea": "yes", "ea_discount_pct": Decimal("0.5")}),
    ("what if the EA discount is 17 pc", {"microsoft_ea": "yes", "ea_discount_pct": 17}),
    ("what if materiality were 10 %", {"materiality_pct": 10}),
    ("Say we went reserved instead of spot, would that alter the result?", {"training": "continuous"}),
    ("on demand instead of spot", {"interruptible": False}),
    ("what if our jobs can't be interrupted", {"interruptible": False}),
    ("if we hired an MLOps team", {"mlops_capacity": "yes"}),
    ("what if we ran everything ourselves", {"mlops_capacity": "yes"}),
    ("what if we were on Azure already?", {"footprint": "azure"}),
    ("what if we had no footprint", {"footprint": "none"}),
    ("with the article's prices", {"price_book": "article"}),
    ("what if we had 64 GPUs, 50 endpoints and no egress?", {"gpus": 64, "endpoints": 50, "egress_gb_per_month": 0}),
    ("twice as many GPUs for half the time", {"gpus": 16, "training_hours_per_month": 60}),
    ("<@U123> *what if* we had 32 GPUs :rocket:", {"gpus": 32}),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_what_is_changed(text: str, expected: dict[str, Value]) -> None:
    changes = read(text)
    assert (expected, None, (), ()) == (said(changes), changes.scale, changes.refused, changes.left_over)


SCALES = [
    ("and at 10x?", "10", 10), ("three times the volume", "3", 3), ("show me the 3x column again", "3", 3),
    ("what happens to the bill if we grow tenfold", "10", 10), ("AND AT 100x?? :rocket:", "100", None),
    ("what if everything doubles", "2", None), ("what if we grow by 20%", "1.2", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "scale", "column"), SCALES, ids=[text for text, *_ in SCALES])
def test_a_scale(text: str, scale: str, column: int | None) -> None:
    changes = read(text)
    assert (Decimal(scale), column, {}) == (changes.scale, changes.column, said(changes))


def test_a_scale_multiplies_what_grows_with_the_volume_after_everything_else() -> None:
    changes = read("with 32 GPUs at 2.5x")
    assert changes.values("workload") == {
        "gpus": 80, "endpoints": 50, "egress_gb_per_month": 2500, "inter_region_gb_per_month": 75000, "artifact_gb_per_month": 250,
        "storage_gb": 25000,
    }  # fmt: skip


NOT = [
    "what if spot is interrupted?", "what if a job is evicted", "what if spot prices double", "what if Azure has an outage in Europe?",
    "is spot cheaper on Azure?", "why are H100s so dear?", "what if we need more than 8 GPUs", "how much do 32 H100s cost?",
    "would it be AWS or Azure with 64 GPUs?", "drop it", "adopt it", "thanks", "why not Azure?", "show the egress",
    "who answered question 2?", "what if", "", "cost of 50TB egress from ap-southeast-2", "8 A100 for 120 hours spot on azure",
    "outbound to internet, 300 GB a day, us-west-2", "Will moving artifacts to infrequent access cut storage by 60%?",
    "what if we never serve from Europe", "what if nobody had an EA", "what if our checkpoint is 200 GB", "how do I set up 8 GPUs", "1",
    "yes", "half an A10", "with 99.9% uptime", "1e9 gpus", "train 3 times a month for 8 hours", "what if the region is unavailable",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT)
def test_what_is_no_what_if(text: str) -> None:
    assert not read(text).found


REFUSED = [
    ("what if we had 200000 GPUs", "gpus", "`200000` is not accepted. Give a whole number from 0 to 100,000 accelerators."),
    ("what if we had 2.5 GPUs", "gpus", "`2.5` is not accepted. Give a whole number from 0 to 100,000 accelerators."),
    ("what if the EA discount was 80%", "ea_discount_pct", "`80` is not accepted. Give a number from 0 to 60 %."),
    ("with 99 regions", "inference_regions", "`99` is not accepted. Give a whole number from 0 to 60."),
    ("in eu-central-1", "region", "`eu-central-1` is not accepted. Give one of: us-east, us-west, europe."),
    ("what if the discount is 0.17", "ea_discount_pct", "`0.17` is not accepted. Give it in percent, with the sign."),
    ("what if materiality were 0.1", "materiality_pct", "`0.1` is not accepted. Give it in percent, with the sign."),
    ("train 800 hours a month", "training_hours_per_month", "`800` is not accepted. Give a number from 0 to 730 hours a month."),
]


@pytest.mark.parametrize(("text", "name", "words"), REFUSED, ids=[text for text, *_ in REFUSED])
def test_a_value_out_of_range_is_refused_with_the_range(text: str, name: str, words: str) -> None:
    changes = read(text)
    assert ([(name, words)], {}) == ([(each.input, each.text) for each in changes.refused], said(changes))


def test_a_share_without_its_sign_is_said_back_in_percent() -> None:
    changes = read("what if the discount is 0.17")
    assert changes.refused == (Refused("ea_discount_pct", "`0.17` is not accepted. Give it in percent, with the sign.", "17 %"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("what if we had 3 regions", True), ("if we had 3 regions", True), ("3 regions", False), ("with 3 regions", False)],
)
def test_who_says_that_they_suppose(text: str, expected: bool) -> None:
    assert supposes(text, rules()) == expected


def test_what_was_not_understood_is_said() -> None:
    changes = read("what if we have 32 GPUs and a herd of llamas")
    assert (said(changes), changes.left_over) == ({"gpus": 32}, ("herd llamas",))


ASKED_BACK = [
    ("what if traffic doubles", ("egress_gb_per_month", "inter_region_gb_per_month")),
    ("what if it were 500 hours", ("training_hours_per_month", "endpoint_hours_per_month")),
]


@pytest.mark.parametrize(("text", "inputs"), ASKED_BACK, ids=[text for text, _ in ASKED_BACK])
def test_what_could_mean_two_inputs_is_asked_back(text: str, inputs: tuple[str, ...]) -> None:
    changes = read(text)
    assert (False, True, [inputs]) == (changes.found, changes.asks_back, [names for _, names in changes.unclear])


NOT_READ = [
    ("what if 10 of 20 endpoints were off", ("10", "20", "off")),
    ("what if 10 out of the 20 endpoints were switched off", ("10", "20")),
    ("what if half the endpoints were off", ("half", "off")),
    ("what if we had 15 off", ("15", "off")),
    ("what if we got 20 % off storage", ("20 %", "off")),
    ("what if we used half an A10", ("half A10",)),
    ("what if we had a quarter of one T4", ("a quarter T4",)),
    ("what if we had 3 endpoints a region", ("3",)),
    ("what if we sent 2 TB of egress per region", ("2 tb", "per region")),
    ("what if we train 3 times a month for 8 hours", ("3 times a month", "8 hours")),
    ("what if we train for 10 hours, twice a week", ("twice a week", "10 hours")),
    ("what if we train every day for 8 hours", ("every day", "8 hours")),
    ("what if we had 99.9% uptime", ("99.9%",)),
    ("what if we had 1e9 GPUs", ("1e9",)),
    ("what if we had 1.5e3 endpoints", ("1.5e3",)),
    ("what if the EA discount is 1.7e1", ("1.7e1",)),
    ("what if the discount is .17", (".17",)),
    ("what if the EA discount is between 17 and 23", ("between 17 and 23",)),
    ("what if the discount was 17 to 23 percent", ("17 to 23 percent",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), NOT_READ, ids=[text for text, _ in NOT_READ])
def test_amounts_that_cannot_be_read_together_are_asked_back(text: str, words: tuple[str, ...]) -> None:
    changes = read(text)
    assert (False, True, words) == (changes.found, changes.asks_back, changes.left_over)


def test_a_number_that_can_be_read_in_two_ways_is_asked_back() -> None:
    changes = read("what if we had 1.500 GPUs")
    assert (changes.asks_back, changes.left_over) == (True, ("1.500",))


def test_how_a_value_came_about_is_kept() -> None:
    changes = read("what if egress is 2 TB a day and storage 50 TB")
    assert [(each.input, each.how) for each in changes.said] == [("egress_gb_per_month", "2 TB a day"), ("storage_gb", "50 TB")]


@pytest.mark.parametrize(
    ("text", "how"),
    [("with a threshold of $5k a month", "$5k a month"), ("a threshold of $5k a year", ""), ("what if 4 endpoints per region", "4 × 5")],
)
def test_how_a_number_was_multiplied_is_kept(text: str, how: str) -> None:
    assert [how] == [each.how for each in read(text).said]


def test_data_without_a_period_is_taken_as_a_month() -> None:
    changes = read("with 5 TB of egress")
    assert [("egress_gb_per_month", Decimal(5000), True)] == [(c.input, c.value, c.taken_as_month) for c in changes.said]


def test_a_branch_holds_what_was_given_and_what_is_changed() -> None:
    case = make_case(rules(), DAY, ANSWERS, {"endpoints": 40}, {"materiality_pct": 7})
    changes = read_changes("without the EA, 32 GPUs and a threshold of 5k", rules(), case)
    expected = (
        {**ANSWERS, "microsoft_ea": "no"},
        {"endpoints": 40, "gpus": 32},
        {"materiality_pct": Decimal(7), "switching_threshold_usd_per_year": Decimal(5000)},
    )
    assert expected == whichcloud_case_with(case, changes)


def test_a_branch_can_be_adopted_by_a_conversation() -> None:
    answers = {name: Given(value, "U1", "1.0") for name, value in plain_case().answers.items()}
    conversation = Conversation("c", "T1", "C1", "1.0", "U1", private=False, answers=answers, numbers=Given("typical", "U1", "1.0"))
    changes = read("what if we trained around the clock on 32 GPUs")
    act = Numbers("U2", "2.0", None, changes.values("workload"), changes.values("assumptions"), changes.values("answers"))
    adopted = step(conversation, act, rules()).case(rules(), DAY, {}, {})
    assert (
        adopted.value("training"), adopted.value("gpus"), step(conversation, act, rules()).answers["training"].by
    ) == ("continuous", 32, "U2")  # fmt: skip


# -- the rules ---------------------------------------------------------------------------------------------------------


def test_every_input_that_the_rules_name_can_be_changed() -> None:
    words = Mentions(rules()).words
    known = {*rules().question, *rules().field, *(each.id for each in rules().case_assumptions)}
    named = {name for noun in words.nouns for name in (noun.input, *noun.by_area.values(), *noun.denied, *noun.asserted, *noun.with_)}
    named |= {name for setting in words.settings for name in setting.set} | {name for each in words.unclear for name in each.say}
    assert known >= (named | set(words.hours_unclear)) - {None}


def test_every_input_has_words() -> None:
    words = Mentions(rules()).words
    said_of = {name for noun in words.nouns for name in (noun.input, *noun.by_area.values(), *noun.denied, *noun.asserted)}
    said_of |= {name for setting in words.settings for name in setting.set} | {"footprint", "accelerator"}
    assert said_of - {None} == {*rules().question, *rules().field, *(each.id for each in rules().case_assumptions)}


def test_every_value_that_a_phrase_sets_is_taken() -> None:
    refused = {
        phrase: changes.refused
        for setting in Mentions(rules()).words.settings
        for phrase in setting.names
        for changes in [read(f"what if {phrase}")]
        if changes.refused or not changes.found
    }
    assert refused == {}


# -- whatever is typed -------------------------------------------------------------------------------------------------


@cache
def vocabulary() -> list[str]:
    words = {" ".join(phrase) for phrase in Mentions(rules()).phrases}
    return sorted(
        words | {"8x", "A100", "80GB", "x8", "2 TB", "a day", "1.500", "24/7", "%", "15 %", "half", "10x", "-> 5", ",", ".", "$5k"}
    )


def _seconds(text: str) -> float:
    """Of this thread alone: what else the machine does is not counted."""
    began = time.thread_time()
    quantities(text)
    read(text)
    return time.thread_time() - began


@given(st.text(max_size=4000))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_in_time(text: str) -> None:
    read("what has to be built once is built")
    assert min(_seconds(text) for _ in range(2)) < SECONDS


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_words_of_the_rules_are_read_in_time(data: st.DataObject) -> None:
    read("what has to be built once is built")
    text = " ".join(data.draw(st.lists(st.sampled_from(vocabulary()), max_size=120)))[:4000]
    assert min(_seconds(text) for _ in range(2)) < SECONDS


REPEATED = [
    "1 ", "1,", "1.1", "9", "x1", "a", " ", "half ", "1 tb a day ", "24/", "$", "8xA100 ", "no ", "-> ", "\ue000", "½", "a third ",
    "1.", "1e1 ", "\ufdfa", "endpoinst ", "qwertzuio ", "once a week ", "twice a day for 8 hours ",
]  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_repeated_pieces_are_read_in_time(piece: str) -> None:
    text = (piece * 4000)[:4000]
    read("what has to be built once is built")
    assert min(_seconds(text) for _ in range(3)) < SECONDS
