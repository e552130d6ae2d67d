"""The first screen and what stands behind its buttons, for every plan, basis, doubt and size. Words alone are tried elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.changes import changed_lines
from bot.reply.verdict import DETAILS, detail, verdict
from bot.view import View, view_of
from engine.advice import Advice
from engine.case import Value
from engine.rulebook import Rulebook
from tests.bot.reply import samples
from tests.bot.reply.samples import LARGEST, P6, VERDICT, kinds, problems, texts

Answers = tuple[Value, ...]
Asked = tuple[Answers, Mapping[str, Value]]
P6_ANSWERS: Answers = ("aws", "sporadic", "yes", 5, "no")
_ARTICLE: Mapping[str, Value] = {
    "price_book": "article", "gpus": 4, "egress_gb_per_month": 0, "inter_region_gb_per_month": 0, "storage_gb": 0,
}  # fmt: skip
_NOTHING: Mapping[str, Value] = {
    "gpus": 0, "endpoints": 0, "egress_gb_per_month": 0, "inter_region_gb_per_month": 0, "storage_gb": 0,
}  # fmt: skip
# What the plain sheets do not reach: each plan, each basis, each word of confidence, plans that are not offered, sizes.
SPECIAL: dict[str, Asked] = {
    "the article's figures": (("azure", "continuous", "no", 0, "yes"), _ARTICLE),
    "a split that saves": (("both", "continuous", "yes", 5, "yes"), {"endpoints": 400, "ea_discount_pct": 30}),
    "only AWS sells it": (("none", "sporadic", "no", 0, "yes"), {"accelerator": "H200"}),
    "where you run does not sell it": (("azure", "sporadic", "no", 0, "yes"), {"accelerator": "H200"}),
    "only train Azure, serve AWS": (
        ("aws", "continuous", "no", 2, "yes"), {"accelerator": "H100 NVL-94GB", "endpoint_accelerator": "Inferentia2-32GB"},
    ),
    "only train AWS, serve Azure": (
        ("azure", "continuous", "no", 2, "yes"), {"accelerator": "H200-141GB", "endpoint_accelerator": "A10-24GB"},
    ),
    "a retired machine": (("azure", "continuous", "yes", 5, "yes"), {**_ARTICLE, "gpus": 1, "accelerator": "V100-16GB"}),
    "numbers against the matrix": (("none", "sporadic", "yes", 2, "no"), {"accelerator": "V100-16GB"}),
    "near a flip": (
        ("both", "sporadic", "yes", 1, "no"), {"accelerator": "V100-16GB", "region": "us-west", "interruptible": False},
    ),
    "Europe, not to be interrupted": (
        ("none", "sporadic", "yes", 3, "yes"), {"accelerator": "H100-80GB", "region": "europe", "interruptible": False, "gpus": 64},
    ),
    "nothing to pay": (("none", "sporadic", "no", 1, "yes"), _NOTHING),
    "the longest name": (("both", "sporadic", "yes", 60, "no"), {"accelerator": "RTX PRO 6000-96GB", "endpoint_accelerator": "L40S-48GB"}),
}  # fmt: skip


def sheets(regions: tuple[int, ...]) -> Iterator[Answers]:
    """Every sheet of answers, but for those with nothing to place."""
    every = itertools.product(("aws", "azure", "both", "none"), ("sporadic", "continuous", "none"), ("yes", "no"), regions, ("yes", "no"))
    return (sheet for sheet in every if (sheet[1], sheet[3]) != ("none", 0))


def asked() -> Iterator[Asked]:
    yield from ((sheet, {}) for sheet in sheets((0, 1, 5)))
    yield from ((sheet, LARGEST) for sheet in sheets((60,)))
    yield from SPECIAL.values()


@pytest.fixture(scope="module")
def every(rulebook: Rulebook) -> list[tuple[Advice, View]]:
    """The advice on all of them, asked for once."""
    words = samples.public(rulebook)
    given = [samples.advice(rulebook, dict(zip(P6, answers, strict=True)), workload) for answers, workload in asked()]
    return [(advice, view_of(advice, words)) for advice in given]


def special(rulebook: Rulebook, name: str) -> tuple[Advice, View]:
    answers, workload = SPECIAL[name]
    advice = samples.advice(rulebook, dict(zip(P6, answers, strict=True)), workload)
    return advice, view_of(advice, samples.public(rulebook))


# -- for everything that there is --------------------------------------------------------------------------------------


def test_every_plan_basis_and_doubt_is_among_them(every: list[tuple[Advice, View]], rulebook: Rulebook) -> None:
    scenarios = [scenario for advice, _ in every for scenario in advice.scenarios]
    assert {scenario.plan for scenario in scenarios} == {plan.id for plan in rulebook.plans}
    assert {scenario.basis for scenario in scenarios} == {"matrix", "numbers", "stay", "move"}
    assert {advice.confidence.word for advice, _ in every} == {"firm", "tentative", "open"}
    assert {entry.kind for advice, _ in every for entry in advice.why_not} == {"not offered", "excluded", "dearer", "stay", "close"}
    assert any("not offered" in row.cells for _, view in every for row in view.plans.rows)


def test_every_first_screen_may_be_sent_in_both_layouts(every: list[tuple[Advice, View]]) -> None:
    changed = ("Changed: GPUs 8 → 64.", "AWS $3,488 → $11,100 a month. The advice is the same.")
    wrong = {said: view.headline for _, view in every for said in problems(verdict(view, VERDICT, changed))}
    assert wrong == {}


def test_every_detail_may_be_sent_in_both_layouts(every: list[tuple[Advice, View]]) -> None:
    """Of every eighth, and of all the special ones: one takes as long as ten first screens."""
    chosen = [*every[: -len(SPECIAL) : 8], *every[-len(SPECIAL) :]]
    messages = [message for _, view in chosen for name in DETAILS for message in detail(name, view, VERDICT)]
    assert {said: message.text for message in messages for said in problems(message)} == {}


def test_every_first_screen_leads_with_the_verdict_and_keeps_its_order(every: list[tuple[Advice, View]]) -> None:
    for _, view in every:
        message = verdict(view, VERDICT)
        assert message.text == f"{view.headline} {view.headline_reason}"
        assert texts(message.blocks[0]) == f"*{view.headline}* {view.headline_reason}"
        assert kinds(message)[:3] == ["section", "section", "table"]
        assert kinds(message)[-2:] == ["actions", "context_actions"]
        assert kinds(message).count("data_visualization") == (1 if view.chart else 0)


def test_every_table_has_a_row_for_each_plan_and_a_column_for_each_scale(every: list[tuple[Advice, View]], rulebook: Rulebook) -> None:
    for advice, view in every:
        table = verdict(view, VERDICT).blocks[2]
        assert len(advice.now.plans) == (len(rulebook.plans) if advice.case.trains and advice.case.serves else 2)
        assert [len(row) for row in table["rows"]] == [4] * (1 + len(advice.now.plans))
        assert table["column_settings"] == [{"is_wrapped": True}, {"align": "right"}, {"align": "right"}, {"align": "right"}]


def test_every_chart_has_six_lines_for_each_plan_compared(every: list[tuple[Advice, View]]) -> None:
    for advice, view in every:
        for block in (block for block in verdict(view, VERDICT).blocks if block["type"] == "data_visualization"):
            assert len(block["chart"]["axis_config"]["categories"]) == 6
            single = sum(cost.offered for cost in advice.now.plans if cost.plan in ("aws", "azure"))
            split_advised = advice.plan not in ("aws", "azure")
            assert len(block["chart"]["series"]) == single + split_advised


def test_what_a_person_reads_has_no_ids_and_no_slips(every: list[tuple[Advice, View]]) -> None:
    for _, view in every:
        read = texts(verdict(view, VERDICT).blocks)
        for slip in ("None", "hybrid-", "..", "  ", " .", "!", "{{", "()"):
            assert slip not in read, (slip, view.headline)


# -- case P6, line by line ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def p6(rulebook: Rulebook) -> View:
    return view_of(samples.advice(rulebook), samples.public(rulebook))


def cells(block: Mapping[str, Any]) -> list[list[str]]:
    return [[texts(cell) for cell in row] for row in block["rows"]]


def test_the_first_screen_of_p6(p6: View) -> None:
    message = verdict(p6, VERDICT)
    assert message.text == "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."
    assert texts(message.blocks[1]).splitlines()[-1] == ("At 10 times the volume the answer changes: move to Azure, saving $78,850 a year.")
    assert "$3,488 a month" in texts(message.blocks[1])
    assert [[row[0].split(" (")[0], *row[1:]] for row in cells(message.blocks[2])] == [
        ["Plan, $ a month", "now", "3x", "10x"],
        ["AWS", "$3,488", "$10,481", "$34,908"],
        ["Azure", "$2,830", "$8,507", "$28,338"],
        ["Train AWS, serve Azure", "$3,231", "$9,728", "$32,419"],
        ["Train Azure, serve AWS", "$3,087", "$9,296", "$30,986"],
    ]


def test_only_the_advised_row_and_the_heads_are_bold(p6: View) -> None:
    rows = verdict(p6, VERDICT).blocks[2]["rows"]
    assert [[cell["type"] for cell in row] for row in rows] == [["rich_text"] * 4, ["rich_text"] * 4, *[["raw_text"] * 4] * 3]


def test_the_chart_in_words_has_the_amounts_of_the_chart(p6: View) -> None:
    alt = verdict(p6, VERDICT).alt
    assert alt.startswith("The six cost lines, a month. AWS: Training $")
    assert ". Azure: Training $" in alt
    assert alt.endswith(".")


def test_the_buttons_of_the_first_screen(p6: View) -> None:
    *_, buttons, feedback = verdict(p6, VERDICT).blocks
    assert [button["text"]["text"] for button in buttons["elements"]] == [
        "Enter my numbers", "Why", "What would flip it", "Quick wins", "Assumed", "Lines and prices", "Post report", "Ask",
    ]  # fmt: skip
    assert {button["value"] for button in buttons["elements"]} == {VERDICT}
    assert [feedback["elements"][0][half]["value"] for half in ("positive_button", "negative_button")] == [
        f"up:{VERDICT}",
        f"down:{VERDICT}",
    ]


def test_why_lists_the_steps_with_their_sources_and_each_plan_not_chosen(p6: View) -> None:
    (message,) = detail("why", p6, VERDICT)
    read = texts(message.blocks)
    assert read.startswith("*Why*\n1. ")
    assert "Skylink 2026" in read
    against = read.split("*Why not the others*\n")[1].splitlines()
    assert [line.split(":")[0] for line in against] == ["• Azure", "• Train AWS, serve Azure", "• Train Azure, serve AWS"]


def test_what_would_flip_it_begins_with_the_threshold(p6: View) -> None:
    """It saves 7,891.50 or so: half a year's wages away from 50,000, and nearer than any other number."""
    (message,) = detail("flip", p6, VERDICT)
    assert "• Switching threshold: $7,89" in texts(message.blocks)


def test_lines_and_prices_come_in_three_messages_with_one_table_each(p6: View) -> None:
    messages = detail("lines", p6, VERDICT)
    assert [kinds(message).count("table") for message in messages] == [1, 1, 1]
    name, *totals = cells(next(block for block in messages[0].blocks if block["type"] == "table"))[-2]
    assert (name, totals[0]) == ("Total a month", "$3,487.63")
    assert [f"{float(total.replace('$', '').replace(',', '')):,.0f}" for total in totals] == ["3,488", "2,830", "3,231", "3,087"]


def test_a_table_that_is_cut_says_how_many_rows_are_left_out(rulebook: Rulebook) -> None:
    _, view = special(rulebook, "the longest name")
    for message in detail("lines", view, VERDICT):
        table = next(block for block in message.blocks if block["type"] == "table")
        shown = view.prices.rows if "price comes from" in message.text else ()
        left = len(shown) - len(table["rows"]) + 1
        assert (f"{left} more rows do not fit" in texts(message.blocks)) == (left > 0)


# -- special ones ------------------------------------------------------------------------------------------------------

HEADLINES = {
    "only train Azure, serve AWS": "Train Azure, serve AWS.",
    "only train AWS, serve Azure": "Train AWS, serve Azure.",
    "a split that saves": "Train AWS, serve Azure.",
    "only AWS sells it": "Choose AWS.",
    "where you run does not sell it": "Choose AWS.",
    "the article's figures": "Stay on Azure.",
}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_headline_names_the_plan(name: str, rulebook: Rulebook) -> None:
    assert special(rulebook, name)[1].headline == HEADLINES[name]


def test_a_plan_that_nobody_sells_is_in_the_table_and_in_why_not(rulebook: Rulebook) -> None:
    _, view = special(rulebook, "only AWS sells it")
    assert ["Azure", "not offered", "not offered", "not offered"] in cells(verdict(view, VERDICT).blocks[2])
    assert "• Azure: not offered." in texts(detail("why", view, VERDICT)[0].blocks)


def test_the_cautions_that_change_what_to_do_stand_on_the_first_screen(rulebook: Rulebook) -> None:
    read = texts(verdict(special(rulebook, "a retired machine")[1], VERDICT).blocks)
    assert "can no longer be bought" in read


def test_where_nothing_costs_anything_there_is_no_chart(rulebook: Rulebook) -> None:
    _, view = special(rulebook, "nothing to pay")
    message = verdict(view, VERDICT)
    assert "data_visualization" not in kinds(message)
    assert problems(message) == []


def test_the_largest_numbers_are_written_out(rulebook: Rulebook) -> None:
    view = view_of(samples.advice(rulebook, P6, LARGEST), samples.public(rulebook))
    assert problems(verdict(view, VERDICT)) == []
    longest = max(len(text) for row in cells(verdict(view, VERDICT).blocks[2]) for text in row[1:])
    assert longest < len("$999,999,999,999")


# -- what changed ------------------------------------------------------------------------------------------------------


def changed(rulebook: Rulebook, before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[str, ...]:
    return changed_lines(samples.advice(rulebook, P6, before), samples.advice(rulebook, P6, after), samples.public(rulebook))


def test_a_new_verdict_says_what_changed_and_what_that_did(rulebook: Rulebook) -> None:
    lines = changed(rulebook, {}, {"gpus": 64})
    after = samples.advice(rulebook, P6, {"gpus": 64}).now.cost("aws").total_usd_per_month
    assert after is not None
    assert lines == ("Changed: GPUs 8 → 64.", f"AWS $3,488 → ${after:,.0f} a month. The advice is the same.")


def test_a_unit_is_said_once_and_only_where_the_name_does_not_say_it(rulebook: Rulebook) -> None:
    first, _ = changed(rulebook, {}, {"inter_region_gb_per_month": 60_000, "endpoints": 40, "region": "europe", "interruptible": False})
    assert first == (
        "Changed: region us-east → europe; interruptible yes → no; endpoints 20 → 40; traffic between regions 30,000 → 60,000 GB a month."
    )


def test_an_ea_discount_is_named_and_not_shown_in_what_changed(rulebook: Rulebook) -> None:
    first, _ = changed(rulebook, {"ea_discount_pct": 12}, {"ea_discount_pct": 17})
    assert first == "Changed: EA discount (private)."


def test_nothing_posted_shows_an_ea_discount(rulebook: Rulebook) -> None:
    view = view_of(samples.advice(rulebook, {**P6, "training": "continuous"}, {"ea_discount_pct": 17}), samples.public(rulebook))
    messages = [verdict(view, VERDICT), *(message for name in DETAILS for message in detail(name, view, VERDICT))]
    read = "\n".join(texts(message.blocks) for message in messages)
    assert "EA discount (private)" in read
    assert not [line for line in read.splitlines() if "17 %" in line or "17%" in line or line.endswith(": 17")]
