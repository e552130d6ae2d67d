"""Which texts are questions for a price or a cost, and which are left to others."""

from __future__ import annotations

import gc
import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.qa.priced import Priced
from bot.qa.wording import MOST_CHARACTERS
from engine.load import load_rulebook
from engine.rulebook import Rulebook

QUESTIONS = Path(__file__).resolve().parents[2] / "bench" / "questions"
DAY = date(2026, 11, 22)
MOST_SECONDS = 1 / 10

OURS = {
    "price": [
        "What does an A10G cost on AWS?",
        "p4de.24xlarge capacity block price",
        "How much do I pay per hour for a g6e.12xlarge in Oregon?",
        "trn1.32xlarge 1yr RI price",
        "L40S per hour?",
        "B200 price per GPU hour",
        "<@U12> *how much* is a `p5.48xlarge` on spot? :moneybag:",
        "Whats the prce fo an a100 80gb on azur",
        "p4d.24xlrge price per hour",
        "PRICE OF STANDARD_NC24ADS_A100_V4",
        "nc24ads a100 v4 hourly rate",
        "how much for an H100 in west europe",
    ],
    "compare_prices": [
        "cheapest place to rent a V100 on spot",
        "compare T4 prices on AWS and Azure",
        "p4d.24xlarge vs ND96asr_v4",
        "A100 80GB aws against azure, one year reserved",
        "who's got the lowest price per hour for an A100, spot",
        "H100 vs A100 price",
    ],
    "egress_cost": [
        "20 TB/month egress from aws, cost?",
        "our users download 12 TB a month from S3 in Frankfurt, what do we pay",
        "internet egress 1 PB month aws price",
        "serving 30 TB a mnoth to customers from us-west-2: how much",
    ],
    "transfer_cost": [
        "copy 10 TB from us-east-1 to us-west-2, what will I pay?",
        "cost of sending 2 TB from AWS to Azure",
        "cross-region transfer 3 TB aws price",
        "30 TB/month between us-east-1 and us-east-2",
        "inter-AZ traffic 2 TB a month on AWS, cost",
    ],
    "storage_cost": [
        "How much to store 100 TB in S3 Glacier Deep Archive?",
        "keeping 500 GB in S3, monthly price",
        "10 TB infrequent access, AWS vs Azure cost",
        "40 TB in azure blob in west europe per month?",
    ],
    "compute_cost": [
        "16 H100s for a week on AWS, cost",
        "120h on 8xA100, spot, both clouds",
        "8xA100 for 10h, cost on azure",
        "g5.xlarge 24/7 for a month",
        "how much for 4 A100 80GB for 3 months on azure",
    ],
    "endpoint_cost": [
        "10 SageMaker endpoints around the clock, what do they cost?",
        "cost of one Azure ML endpoint per month",
        "a hundred sagemaker endpoints, monthly cost",
    ],
    "price_age": ["When were your prices last updated?", "how old are these prices?", "How fesh are the spot prices?"],
    "price_source": ["Where do your prices come from?", "what are your prices based on", "source for the prices?"],
}
NOT_OURS = {
    "knowledge": [
        "is spot cheaper on azure?",
        "why is H100 so expensive",
        "does sagemaker cost 30% more?",
        "are reserved instances worth it",
        "How much does egress cost?",
        "should I use p4d.24xlarge or p5.48xlarge",
        "what GPU does g5.xlarge have",
        "when will H100 prices fall",
        "A10 or L4 or T4 for serving a model",
        "AWS egress over 150 TB",
        "is a terabyte 1000 or 1024 GB on the egress bill",
        "how much cheaper is spot than on demand for A100",
    ],
    "a claim": [
        "I pay $3 an hour for an A100, is that OK",
        "Can I really get a p3.2xlarge 1-yr RI for 1.65 an hour?",
        "1 TB per day across three AWS regions = $600 a month. Is that right?",
        "Azure spot V100 at $0.73, is that figure current?",
        "how much is a p3.2xlarge according to the article",
    ],
    "a what-if or a case": [
        "what if we had 32 GPUs?",
        "with 64 A100s",
        "50 TB egress",
        "and at 10x?",
        "Imagine an A100 80GB x8 setup running 730h a month",
        "What's the source of the spot figure you used for us?",
    ],
    "elsewhere": [
        "GCP A100 price",
        "Is CoreWeave cheaper for H100s?",
        "the share price of Amazon",
        "price of a pizza",
        "How much does Copilot cost",
    ],
    "no question": ["H100", "us-east-1", "p4d.24xlarge", "", " ", "?!", "8", "x" * 5000],
}


@pytest.fixture(scope="module")
def priced(rulebook: Rulebook) -> Priced:
    return Priced(rulebook)


@pytest.mark.parametrize(("intent", "question"), [(intent, q) for intent, listed in OURS.items() for q in listed])
def test_a_question_for_a_price_is_known(priced: Priced, intent: str, question: str) -> None:
    answer = priced.ask(question, DAY)
    assert answer is not None
    assert intent == answer.id


@pytest.mark.parametrize("question", [q for listed in NOT_OURS.values() for q in listed], ids=lambda q: q[:60] or "nothing")
def test_other_questions_are_left_to_others(priced: Priced, question: str) -> None:
    assert priced.ask(question, DAY) is None


def labelled(file: str) -> list[dict[str, object]]:
    lines = (QUESTIONS / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["half"] == "tune"]


def test_the_labelled_questions_for_the_engine_have_their_intent(priced: Priced) -> None:
    asked = [(each["q"], each["intent"], priced.ask(str(each["q"]), DAY)) for each in labelled("engine")]
    assert [(q, intent) for q, intent, answer in asked if answer is None or answer.id != intent] == []


@pytest.mark.parametrize("file", ["claims", "forum", "refuse"])
def test_no_labelled_question_of_another_kind_is_taken(priced: Priced, file: str) -> None:
    assert [each["q"] for each in labelled(file) if priced.ask(str(each["q"]), DAY)] == []


def test_of_the_follow_ups_only_those_after_the_prices_themselves_are_taken(priced: Priced) -> None:
    """Where there is an open case it is asked first; without one, the age of all prices is the answer."""
    taken = [(each, priced.ask(str(each["q"]), DAY)) for each in labelled("followup")]
    assert [each["q"] for each, answer in taken if answer and answer.id != each["followup"]] == []


# -- anything at all ---------------------------------------------------------------------------------------------------

PRICED = Priced(load_rulebook())
PIECES = [
    "how much", "price", "cost", "p4d.24xlarge", "p5", "p5.", "A100", "80GB", "8x", "x8", "8xH100", "us-east-1", "us-east-", "europe",
    "azure", "aws", "spot", "reserved", "10 TB", "2 TB a day", "730h", "24/7", "0 GB", "-5 TB", "99999999999 TB", "endpoints", "20",
    "0", "1.5", "S3", "IA", "archive", "from", "to", "between", "egress", "transfer", "store", "zones", "regions", "vs", "cheaper",
    "old", "your prices", "where", "a month", "a year", "1e9", "½", "٣", "²", "_", ".", "-", "/", "<", ">", "`", "\n", "\u0000",
    "\ud7ff", "ſ", "ß", "İ", "ffi", "1,000,000", "1.000 GB", "12:30", "v100 price", "1 year", "hours", "a h100 b200",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.tuples(st.sampled_from([*PIECES, "a", "8a", "a-", "p5.", "9"]), st.integers(1, MOST_CHARACTERS)).map(
        lambda p: (p[0] * p[1])[:MOST_CHARACTERS]
    ),
)


@settings(max_examples=600, deadline=None)
@given(TEXTS)
def test_no_text_breaks_it_or_holds_it_up(text: str) -> None:
    """By the time that this thread was at work, so that a busy machine does not matter, nor what the other tests left to collect."""
    PRICED.prepare()
    gc.disable()
    begun = time.thread_time()
    try:
        answer = PRICED.ask(text, DAY)
        taken = time.thread_time() - begun
    finally:
        gc.enable()
    assert taken < MOST_SECONDS
    assert answer is None or answer.as_of is not None
