"""The words of a reply: whole replies kept as files, the headline of each kind of verdict, formats, and strict templates.

The golden files are written anew with UPDATE_GOLDEN=1 and reviewed in the diff, number by number.
"""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from bot.cli.main import main
from bot.contract import contract, plain
from bot.view import view_of
from bot.words import TEMPLATES, Words, capitalize_first, either, number, percent, rate, spans, usd, usd_cents
from engine.advice import Advice
from engine.advise import advise
from engine.case import read_case
from engine.rulebook import Rulebook
from tests.bot.worked import CASES, Written, answers, reply

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


@pytest.mark.parametrize(("file", "name"), [("p6.md", "P6"), ("p1-article.md", "P1")])
def test_the_whole_reply_is_the_golden_one(file: str, name: str) -> None:
    said = reply(name, "markdown").answered()
    if UPDATE:
        (GOLDEN / file).write_text(said, encoding="utf-8", newline="\n")
    assert said == (GOLDEN / file).read_text(encoding="utf-8"), "review it, then: UPDATE_GOLDEN=1 pytest tests/bot/test_reply.py"


# -- headlines ---------------------------------------------------------------------------------------------------------


def advice_on(case: Written, rulebook: Rulebook, today: date) -> Advice:
    return advise(read_case(case.yaml(), "case", rulebook, today), rulebook, today)


ONE_CARD = answers("none, continuous, no, 0, yes")
HEADLINES: dict[str, tuple[Written, str, str, list[str]]] = {
    # name: case, basis, how it begins, amounts and words that it holds
    "stay": (CASES["P6"], "stay", "Stay on AWS. ", ["Moving to Azure", "$7,892 a year", "$50,000"]),
    # 40 V100 of the article: (1.83 - 1.65) x 730 x 12 x 40.
    "move": (CASES["P1"].having("workload", gpus=40), "move", "Move to AWS. ", ["$63,072 a year", "Azure", "$50,000"]),
    "matrix and cheapest": (CASES["P4"], "matrix", "Choose AWS. ", ["cheapest", "$147,773 a year", "Azure", "$190,393"]),
    "matrix where it already runs": (CASES["P4"].having("answers", footprint="aws"), "matrix", "Stay on AWS. ",
        ["$147,773 a year", "$190,393"]),
    # Eight T4 reserved. AWS: 8 x 0.331 x 730 + 81 + 600 + 230 = 2,844.04 a month; Azure: 8 x 0.3092 x 730 + 78.30 + 600 + 208 = 2,692.03.
    "numbers": (Written(ONE_CARD, {"accelerator": "T4"}), "numbers", "Choose Azure. ", ["$32,304 a year", "AWS", "matrix", "$34,128"]),
    "matrix, though not cheapest": (
        Written(ONE_CARD, {"accelerator": "T4"}, {"materiality_pct": 10}), "matrix", "Choose AWS. ",
        ["matrix", "$34,128 a year", "Azure", "$32,304", "10 %"],
    ),
    # The matrix names AWS, within 10 %: leaving Azure would cost 152.01 a month more.
    "stay where leaving saves nothing": (
        Written(ONE_CARD, {"accelerator": "T4"}, {"materiality_pct": 10}).having("answers", footprint="azure"), "stay", "Stay on Azure. ",
        ["AWS", "would cost $1,824 a year more"],
    ),
    # p4d reserved 13.921094 x 730, 400 x 730 x 0.0846 less 30 %, 78.30, 600.00 and 230.00: 28,362.94 a month.
    "hybrid": (CASES["P7"], "matrix", "Train AWS, serve Azure. ", ["$340,355 a year", "Azure", "$383,078"]),
    # p5en.48xlarge on spot: 16.5551 x 120 + 81 + 600 + 230 = 2,897.61 a month; Azure has no price at any allowed purchase.
    "only one plan offered": (
        Written(answers("none, sporadic, no, 0, yes"), {"accelerator": "H200"}), "matrix", "Choose AWS. ", ["only", "$34,771 a year"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADLINES)
def test_the_headline_is_the_verdict_then_its_reason_with_the_number(name: str, rulebook: Rulebook, today: date) -> None:
    case, basis, begins, parts = HEADLINES[name]
    advice = advice_on(case, rulebook, today)
    headline = Words(rulebook).headline(advice)
    assert advice.now.basis == basis
    assert headline.startswith(begins)
    reason = headline.removeprefix(begins)
    for part in parts:
        assert part in reason


@pytest.mark.parametrize("name", HEADLINES)
def test_a_headline_reads_as_prose(name: str, rulebook: Rulebook, today: date) -> None:
    """No exclamation, no double space, no id of a plan, a full stop at the end."""
    headline = Words(rulebook).headline(advice_on(HEADLINES[name][0], rulebook, today))
    assert headline.endswith(".")
    assert not re.search(r"!|  |hybrid-|\baws\b|\bazure\b|None|\.\.| \.", headline)


def test_the_only_plan_is_not_called_so_where_another_is_offered(rulebook: Rulebook, today: date) -> None:
    """Serving from Azure beside training on AWS is offered here, and is not allowed: the table under the headline shows its price."""
    case = Written(answers("none, sporadic, no, 2, yes"), {"accelerator": "H200"})
    advice = advice_on(case, rulebook, today)
    assert [cost.plan for cost in advice.now.plans if cost.offered] == ["aws", "hybrid-aws-azure"]
    assert "only plan that offers" not in Words(rulebook).headline(advice)


def test_a_footprint_that_does_not_offer_it_is_named(rulebook: Rulebook, today: date) -> None:
    """Somebody who runs on Azure and is told 'Choose AWS' must read in the reply why Azure is out."""
    advice = advice_on(Written(answers("azure, sporadic, no, 0, yes"), {"accelerator": "H200"}), rulebook, today)
    view = view_of(advice, Words(rulebook))
    assert any(line.startswith("Azure") and "not offered" in line for line in view.why_not)


@pytest.mark.parametrize("name", CASES)
def test_the_plan_in_buyable_terms(name: str, rulebook: Rulebook, today: date) -> None:
    """Purchase, number and name of the machines, the layer of the endpoints, and the monthly sum, as the contract has them."""
    advice = advice_on(CASES[name], rulebook, today)
    words = Words(rulebook)
    view, answer = view_of(advice, words), contract(advice, words)
    training = answer["verdict"]["training"]
    if training:
        assert f"{training['instances']} x {training['instance']}" in view.buying
        assert words.purchase(training["purchase"]) in view.buying
    assert ("Train on" in view.buying) == bool(training)
    assert ("Serve from" in view.buying) == bool(answer["verdict"]["inference"])
    month = next(p["total_usd_per_month"] for p in answer["scenarios"][0]["plans"] if p["plan"] == answer["verdict"]["plan"])
    assert f"{usd(Decimal(str(month)))} a month" in view.buying


@pytest.mark.parametrize("name", CASES)
def test_the_scale_that_changes_the_answer_is_named_and_only_then(name: str, rulebook: Rulebook, today: date) -> None:
    advice = advice_on(CASES[name], rulebook, today)
    scale = view_of(advice, Words(rulebook)).scale
    changed = next((s for s in advice.scenarios if s.plan != advice.plan), None)
    assert ("changes" in scale) == (changed is not None)
    if changed:
        assert f"At {changed.scale} times the volume" in scale


@pytest.mark.parametrize("name", CASES)
def test_the_bars_of_the_page_are_the_lines_of_the_table(name: str) -> None:
    """Every amount of the six lines stands in the page, whatever else is drawn of it."""
    page = reply(name, "html").answered()
    text = reply(name, "markdown").answered()
    table = text[text.index("| One month, now") :].split("\n\n")[0]
    for amount in re.findall(r"\$[\d,]+\.\d\d", table):
        assert amount in page


@pytest.mark.parametrize("name", CASES)
def test_the_items_of_a_plan_add_up_to_its_lines(name: str, rulebook: Rulebook, today: date) -> None:
    advice = advice_on(CASES[name], rulebook, today)
    for cost in advice.now.plans:
        assert cost.lines is not None
        for line, amount in cost.lines.items():
            items = sum((Fraction(item.usd) for item in advice.bills[cost.plan] if item.line == line), Fraction(0))
            assert abs(items - Fraction(amount)) <= Fraction(1, 200)


@pytest.mark.parametrize("name", CASES)
def test_thousands_of_dollars_are_separated(name: str) -> None:
    text = reply(name, "markdown").answered()
    assert re.findall(r"\$\d{4,}", text) == []


@pytest.mark.parametrize("name", CASES)
def test_a_flip_writes_both_values_in_one_way(name: str, rulebook: Rulebook, today: date) -> None:
    """'$7,891.50 a year instead of 50,000' leaves the reader to guess the unit of the second."""
    view = view_of(advice_on(CASES[name], rulebook, today), Words(rulebook))
    for line in (*view.flips, *view.steady):
        if "$" in line:
            assert line.count("$") == len(re.findall(r"\d[\d,]*(?:\.\d+)?", line)), line


@pytest.mark.parametrize("name", CASES)
def test_one_of_something_is_not_many(name: str) -> None:
    text = reply(name, "markdown").answered()
    assert re.findall(r"(?<![\d,.])1 (?:borders|GPUs|endpoints|accelerators|regions|days|prices|hours)\b", text) == []


def test_a_caution_about_a_purchase_stays_inside_the_price_book(rulebook: Rulebook, today: date) -> None:
    """The article's book has exactly two instances and no region: no other machine can lack a price in it."""
    view = view_of(advice_on(CASES["P1"], rulebook, today), Words(rulebook))
    said = " ".join([*view.first_cautions, *(caution.text for caution in view.cautions)])
    for foreign in ("p3.8xlarge", "p3.16xlarge", "Standard_NC12s_v3", "Standard_NC24s_v3"):
        assert foreign not in said


# -- formats -----------------------------------------------------------------------------------------------------------

WHOLE = [("0", "$0"), ("0.49", "$0"), ("0.5", "$1"), ("1.5", "$2"), ("2.5", "$3"), ("7891.56", "$7,892"), ("1234567.5", "$1,234,568"),
         ("-0.4", "$0"), ("-0.5", "-$1"), ("-1824.12", "-$1,824"), ("1E+6", "$1,000,000")]  # fmt: skip
CENTS = [("0", "$0.00"), ("0.004", "$0.00"), ("0.005", "$0.01"), ("0.015", "$0.02"), ("2.675", "$2.68"), ("3487.63", "$3,487.63"),
         ("1000000", "$1,000,000.00"), ("-0.004", "$0.00"), ("-0.005", "-$0.01"), ("-1824.125", "-$1,824.13")]  # fmt: skip


@pytest.mark.parametrize(("amount", "written"), WHOLE)
def test_whole_dollars_are_rounded_half_up(amount: str, written: str) -> None:
    assert usd(Decimal(amount)) == written


@pytest.mark.parametrize(("amount", "written"), CENTS)
def test_cents_are_rounded_half_up(amount: str, written: str) -> None:
    assert usd_cents(Decimal(amount)) == written


def test_an_amount_that_is_not_known_is_unknown() -> None:
    assert (usd(None), usd_cents(None), percent(None)) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize(
    ("values", "written"),
    [([], ""), ([0], "0"), ([0, 1], "0 to 1"), ([0, 4, 5, 6, 60], "0, 4 to 6, 60"), ([6, 5, 4, 0], "0, 4 to 6"), (range(61), "0 to 60")],
    ids=str,
)
def test_spans_of_whole_numbers(values: list[int], written: str) -> None:
    assert spans(values) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(8, "8"), (30_000, "30,000"), (Decimal("30000.00"), "30,000"), (Decimal("0.50"), "0.5"), (Decimal("1E+3"), "1,000"),
     (Decimal("-1234.50"), "-1,234.5"), (Decimal("1E-7"), "0.0000001"), (0, "0"), (Decimal("0.00"), "0"), ("aws", "aws"),
     (100, "100"), (Decimal("100"), "100")],
)  # fmt: skip
def test_numbers_have_no_needless_zeros(value: object, written: str) -> None:
    assert number(value) == written


@pytest.mark.parametrize(("share", "written"), [("24.36", "24 %"), ("0.5", "1 %"), ("49.5", "50 %"), ("0", "0 %"), ("-0.5", "-1 %")])
def test_percent_is_whole_and_half_up(share: str, written: str) -> None:
    assert percent(Decimal(share)) == written


@pytest.mark.parametrize(
    ("amount", "written"), [("0.0208", "$0.0208"), ("27.197", "$27.197"), ("0.019968", "$0.019968"), ("0.123456789", "$0.12345679")]
)
def test_a_rate_keeps_the_digits_of_its_price_list(amount: str, written: str) -> None:
    assert rate(Decimal(amount)) == written


@pytest.mark.parametrize(("names", "written"), [(["A"], "A"), (["A", "B"], "A or B"), (["A", "B", "C"], "A, B or C")])
def test_names_as_a_choice(names: list[str], written: str) -> None:
    assert either(names) == written


def test_only_the_first_letter_is_made_large() -> None:
    assert (capitalize_first("train AWS"), capitalize_first("EA discount"), capitalize_first("")) == ("Train AWS", "EA discount", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("105.000"), 105), (Decimal("744.60"), 744.6), (Decimal("0.1"), 0.1), (None, None), ("aws", "aws"), (True, True), (8, 8),
     (Decimal("1E+3"), 1000)],
    ids=str,
)  # fmt: skip
def test_plain_numbers_read_back_as_the_same_amount(value: object, shown: object) -> None:
    assert plain(value) == shown
    assert type(plain(value)) is type(shown)


# -- templates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["{{ nobody }}", "{{ v.nothing }}", "{{ v.plans.nothing }}", "{% if v.nothing %}{% endif %}", "{{ v.headline | usd_typo }}"]
)
def test_a_name_that_is_missing_is_an_error_and_not_a_gap(text: str, rulebook: Rulebook, today: date) -> None:
    words = Words(rulebook)
    view = view_of(advice_on(CASES["P6"], rulebook, today), words)
    if "typo" in text:
        with pytest.raises(Exception, match="usd_typo"):
            words.environment.from_string(text)
        return
    with pytest.raises(UndefinedError):
        words.environment.from_string(text).render(v=view)


def test_pages_are_escaped_and_plain_texts_are_not(rulebook: Rulebook) -> None:
    escapes = Words(rulebook).environment.autoescape
    assert callable(escapes)
    for template in TEMPLATES.glob("*.j2"):
        assert bool(escapes(template.name)) == template.name.endswith(".html.j2")


def test_every_sentence_can_be_said_by_name(rulebook: Rulebook) -> None:
    with pytest.raises(AttributeError):
        Words(rulebook).say("no_such_sentence")


def test_the_entry_point_of_the_script_is_this_function() -> None:
    assert main.__module__ == "bot.cli.main"


def test_a_reply_needs_no_temporary_folder(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled templates are kept where that is safe; a system without such a place still gets its reply."""
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    assert Words(rulebook).environment.bytecode_cache is None
