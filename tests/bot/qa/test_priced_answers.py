"""Questions for a price or a cost, with what must stand in the answer. The amounts are worked out by hand from rules/catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from bot.qa.answer import Answer
from bot.qa.priced import Priced
from engine.rulebook import Rulebook

EGRESS = [
    # 700 GB behind the free 100, at 0.087.
    ("We send 800 GB a month from Azure East US to our users. What's the bill?", ["**$60.90**", "700 GB x $0.087 = $60.90"]),
    # 10,140 x 0.09 + 40,960 x 0.085 + 10,800 x 0.07.
    (
        "What would I pay to deliver 62 TB a month to the internet from S3 in N. Virginia?",
        ["**$5,150.20**", "$912.60", "$3,481.60", "$756.00"],
    ),
    ("how much for 20 TB interent egres from azure per mnth", ["**$1,692.26**", "$882.18", "$810.08", "20,000 GB"]),
    ("5 TB a month out of aws us-east-1", ["**$441.00**", "4,900 GB x $0.09"]),
    (
        "2 TB egress cost",
        ["AWS, us-east-1: **$171.00**", "Azure, eastus: **$165.30**", "Assumed: region us-east", "all of it in one month"],
    ),
    ("10 TB of egress from Mumbai, price", ["9,900 GB x $0.1093 = $1,082.07", "ap-south-1"]),
]
TRANSFER = [
    ("moving 1 TB a day from us-east-1 to eu-west-1", ["30,000 GB x $0.02 = **$600.00**", "30,000 GB a month, from 1 TB a day"]),
    ("Azure eastus to westeurope, 2 TB per month, how much?", ["2,000 GB x $0.05 = **$100.00**", "undated, stale"]),
    ("INTER-REGION 750 GB FROM SA-EAST-1 TO US-EAST-1, COST??", ["750 GB x $0.138 = **$103.50**"]),
    ("to eu-west-1 from us-east-1, 500 GB, cost", ["us-east-1 to eu-west-1", "500 GB x $0.02 = **$10.00**"]),
    ("price to transfer 4 TB a month between North Europe and West Europe in Azure", ["4,000 GB x $0.02 = **$80.00**"]),
    ("1 TB between availability zones in us-east-1, price", ["between its zones", "2,000 GB x $0.01 = **$20.00**"]),
    (
        "cost of 3 TB between two azure regions",
        ["eastus to westus2: 3,000 GB x $0.02 = **$60.00**", "eastus to westeurope: 3,000 GB x $0.05 = **$150.00**"],
    ),
    (
        "cost of moving 500 GB from Azure West Europe to S3 in Ireland",
        ["Azure, westeurope to AWS, eu-west-1: **$34.80**", "400 GB x $0.087"],
    ),
    ("1 TB to Azure from AWS, cost", ["AWS, us-east-1 to Azure, eastus: **$81.00**"]),
]
STORAGE = [
    ("What do 50 TB in Azure Blob hot cost a month?", ["50,000 GB-month x $0.0208 = **$1,040.00**", "Sources disagree"]),
    ("storeing 15 tb in blob cool monthly pirce", ["15,000 GB-month x $0.01 = **$150.00**"]),
    ("25 TB S3 Standard, monthly and yearly", ["**$575.00** a month, $6,900.00 a year"]),
    (
        "100 TB in S3, how much a month?",
        ["the hot tier", "51,200 GB-month x $0.023 = $1,177.60", "48,800 GB-month x $0.022 = $1,073.60", "**$2,251.20**"],
    ),
    ("10 TB in S3 IA per month", ["10,000 GB-month x $0.0125 = **$125.00**"]),
    ("10 TB archive on azure, cost", ["10,000 GB-month x $0.00099 = **$9.90**"]),
    ("3 TB infrequent access, both clouds", ["3,000 GB-month x $0.0125 = **$37.50**", "3,000 GB-month x $0.01 = **$30.00**"]),
    ("one zone IA on azure, 5 TB, cost", ["Azure, eastus: unknown, no region has such a price"]),
]
COMPUTE = [
    # 8 x NC24ads at 0.67877 is less than one ND96asr_v4 at 5.904469.
    ("8 A100 for 120 hours spot on azure", ["8 x Standard_NC24ads_A100_v4", "960 instance-hours x $0.67877 = **$651.62**"]),
    ("Total for running two p4d.24xlarge for 730h on demand", ["1,460 instance-hours x $21.957642 = **$32,058.16**"]),
    ("training run of 36 hours on 8xH100 at Amazon on demand. What does it come to?", ["36 instance-hours x $55.04 = **$1,981.44**"]),
    ("p5 for a month, spot", ["730 instance-hours x $19.2531 = **$14,054.76**", "1 x p5.4xlarge", "unknown, no region has such a price"]),
    ("8 A100 40GB for 100 hours reserved on azure, cost", ["730 instance-hours x $18.8283 = **$13,744.66**", "paid for whole months"]),
    (
        "what would 10 hours of A10 on demand cost at AWS",
        ["AWS sells no A10; the nearest is A10G", "10 instance-hours x $1.006 = **$10.06**"],
    ),
    ("ml.p4d.24xlarge on spot for 10 hours", ["**$90.62**", "10 instance-hours x $7.8799 = $78.80", "$78.80 raw x 15.00 % = $11.82"]),
    ("cost of 100 hours of MI300X on aws", ["AWS sells no MI300X"]),
    ("g4dn.xlarge on demand 100 hours a month, yearly cost", ["**$52.60** a month, $631.20 a year"]),
    ("how much are 3 p4d.24xlarge for a year on demand", ["26,280 instance-hours x $21.957642 = **$577,046.83**"]),
]
ENDPOINT = [
    # Lines are rounded one by one: 2,190 x 0.115 / 1.2 = 209.875, and a fifth of it.
    ("3 SM endpoints on ml.m5.large, 24x7, per year", ["**$251.86** a month, $3,022.32 a year", "$209.88", "$41.98"]),
    ("20 endpoints on sagemaker 24/7", ["**$1,489.20**", "14,600 endpoint-hours x $0.085"]),
    ("monthly price of five always-on AML online endpoints", ["**$308.79**", "3,650 endpoint-hours x $0.0846"]),
    ("20 endpoints 24/7, cost", ["**$1,489.20**", "**$1,235.16**", "the smallest managed endpoint"]),
    ("12 AML endpoints 8 hours a day cost", ["2,920 endpoint-hours x $0.0846 = $247.03"]),
]
PRICE = [
    ("how much is a p4d.24xlarge on spot in us-east-1", ["spot: **$7.8799** an hour, $0.985 a GPU hour (2025-11-18, 369 days old, stale)"]),
    ("h100 azure price per hour", ["on demand: **$12.29** a GPU", "spot: **$2.2712** a GPU", "1-year reserved: **$7.8656** a GPU"]),
    ("What's the one year reserved rate for Standard_NC24ads_A100_v4 in eastus?", ["**$2.401** an hour"]),
    ("prcie of g4dn.xlarge on demnad in us-east-1", ["**$0.526** an hour (2026-10-13)"]),
    ("ml.g5.xlarge on SageMaker, hourly rate please", ["managed: **$1.4084** an hour"]),
    ("A100 price in Frankfurt, on demand", ["eu-central-1", "**$3.4291** a GPU hour: p4d.24xlarge"]),
    ("MI300X price on demand", ["unknown here, priced in eastus2, northeurope, swedencentral, westus3", "AWS sells no MI300X"]),
    ("A10G azure price", ["Azure sells no A10G; the nearest is A10.", "**$2.724** a GPU hour: Standard_NV6ads_A10_v5 (1/6 x A10 24 GB)"]),
    ("NC6s_v3 hourly price", ["**$3.06** an hour", "Standard_NC6s_v3: retired, retired 2025-09-30", "A listed price is not availability"]),
    ("V100 price at aws on demand", ["**$3.06** a GPU hour", "p3.2xlarge: previous-generation"]),
    ("p4d.24xlarge reserved for three years price", ["3-year reserved: unknown, no region has such a price"]),
    ("price of p4d.24xlarge on azure, on demand", ["Azure does not sell p4d.24xlarge.", "**$3.3996** a GPU hour: Standard_ND96asr_v4"]),
    ("how much is a p5.24xlarge per hour", ["p5.24xlarge is not in the catalogue", "p5.4xlarge, p5.48xlarge"]),
    ("p5.48xlarge price in ca-central-1", ["no prices for ca-central-1", "The nearest region that it has is us-east-2"]),
    ("p5.48xlarge price in us-east-9", ["no prices for us-east-9", "us-east-"]),
    ("g5 price in us-east-1, us-west-2 and eu-west-1", ["g5.4xlarge", "Not listed: g5.12xlarge, g5.48xlarge."]),
    ("H100 on SageMaker, on demand price", ["$6.88 raw x 30.00 % = $2.064", "**$8.944**"]),
]  # fmt: skip
COMPARE = [
    (
        "A100 on aws vs azure, spot",
        ["Spot: **Azure** (Standard_NC24ads_A100_v4) is lower, by 31 % for a GPU hour.", "**$0.985**", "**$0.6788**"],
    ),
    ("is g4dn.xlarge or NC4as_T4_v3 less expensive on demand", ["On demand: the same on all", "**$0.526**"]),
    ("H100: AWS or Azure cheaper on demand?", ["On demand: **AWS** (p5.4xlarge) is lower, by 44 %", "**$6.88**", "**$12.29**"]),
    ("p4d.24xlarge in us-east-1 vs eu-west-1 on demand price", ["**AWS** (p4d.24xlarge, us-east-1) is lower, by 7 %", "**$23.71569**"]),
    ("ml.g5.xlarge vs g5.xlarge price", ["on demand: **$1.006**", "managed: **$1.4084**"]),
]
RECORDS = [
    ("how old are your prices", "price_age", ["spot: newest 2026-09-06 (77 days), oldest 2025-07-16 (494 days); 55 of 55 are stale"]),
    ("date of the oldest spot quote you hold?", "price_age", ["oldest 2025-07-16"]),
    ("What's the source of your price list?", "price_source", ["196 from Azure Retail Prices API", "more are from"]),
]
TABLE = [
    *((question, intent, parts) for intent, rows in (
        ("egress_cost", EGRESS), ("transfer_cost", TRANSFER), ("storage_cost", STORAGE), ("compute_cost", COMPUTE),
        ("endpoint_cost", ENDPOINT), ("price", PRICE), ("compare_prices", COMPARE),
    ) for question, parts in rows),
    *RECORDS,
]  # fmt: skip
MOST_LINES = 14


@pytest.fixture(scope="module")
def priced(rulebook: Rulebook) -> Priced:
    return Priced(rulebook)


def asked(priced: Priced, question: str, day: date) -> Answer:
    answer = priced.ask(question, day)
    assert answer is not None, question
    return answer


@pytest.mark.parametrize(("question", "intent", "parts"), TABLE, ids=[row[0] for row in TABLE])
def test_the_answer_holds_the_amounts(priced: Priced, today: date, question: str, intent: str, parts: list[str]) -> None:
    answer = asked(priced, question, today)
    assert (answer.kind, answer.id) == ("engine", intent)
    assert [part for part in parts if part not in answer.text] == [], answer.text


@pytest.mark.parametrize("question", [row[0] for row in TABLE])
def test_the_answer_is_short_and_has_a_dated_source(priced: Priced, today: date, question: str) -> None:
    answer = asked(priced, question, today)
    assert answer.as_of is not None
    assert sum(bool(line) for line in answer.text.splitlines()) <= MOST_LINES
    assert "{" not in answer.text
    assert "None" not in answer.text


@pytest.mark.parametrize("question", [row[0] for row in TABLE])
def test_what_is_suggested_can_be_asked(priced: Priced, today: date, question: str) -> None:
    suggestions = asked(priced, question, today).suggestions
    assert 1 <= len(suggestions) <= 3
    assert [each for each in suggestions if priced.ask(each, today) is None] == []


def test_what_was_assumed_is_said_first(priced: Priced, today: date) -> None:
    lines = asked(priced, "A100 price", today).text.splitlines()
    assert lines[0] == "Assumed: region us-east; no way to buy was named: on demand, spot, 1-year reserved side by side."


def test_nothing_is_assumed_where_all_is_said(priced: Priced, today: date) -> None:
    assert "Assumed" not in asked(priced, "p4d.24xlarge on demand price in us-east-1", today).text


def test_a_price_is_stale_only_once_it_is_older_than_its_limit(priced: Priced) -> None:
    question = "on demand price of g4dn.xlarge in us-east-1"  # of 2026-10-13; on-demand prices keep for 90 days
    assert "stale" not in asked(priced, question, date(2027, 1, 11)).text
    assert "91 days old, stale" in asked(priced, question, date(2027, 1, 12)).text


def test_an_unknown_price_is_never_nothing(priced: Priced, today: date) -> None:
    answer = asked(priced, "p5.48xlarge reserved price in us-east-1", today)
    assert "unknown" in answer.text
    assert "$0.00" not in answer.text


SETTLED = [
    ("p3.2xlarge spot price in us-east-1", ("A17",)),
    ("p3.2xlarge on demand price", ("A8", "A10")),
    ("p3.2xlarge vs NC6s_v3, on demand price", ("A8", "A10", "A9")),
    ("NC6s_v3 spot price", ("A18",)),
    ("azure spot price v100", ("A18",)),
    ("p3.2xlarge 1-year reserved price", ("A12",)),  # of which the answer says that nobody knows it
    ("10 TB egress from AWS, cost", ("A31",)),
    ("10 TB egress, cost", ("A31", "A32")),
    ("1 TB from us-east-1 to eu-west-1, cost", ("A35",)),
    ("1 TB from AWS to Azure, cost", ()),
    ("20 endpoints 24/7, cost", ("A26", "A27")),
    ("A100 price", ()),
]


@pytest.mark.parametrize(("question", "claims"), SETTLED, ids=[row[0] for row in SETTLED])
def test_an_answer_says_which_claims_its_figures_settle(priced: Priced, today: date, question: str, claims: tuple[str, ...]) -> None:
    assert claims == asked(priced, question, today).claims
