"""Forms: what stands in them when they open, and what they say when they come back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.conversation import Given
from bot.reply import forms, notes, questions, settings_form
from bot.reply.forms import Filled
from bot.storage import WorkspaceSettings
from engine.case import Value
from engine.rulebook import Rulebook
from tests.bot.reply import samples
from tests.bot.reply.samples import ALEX, BO, ID, LARGEST, P6, conversation, fields, filled, stands, view_problems

METADATA = f"{ID}:1700000000.000001"


def numbers_form(rulebook: Rulebook, workload: dict[str, Value] | None = None, user: str = ALEX, **assumed: Value) -> dict[str, Any]:
    kept = conversation(P6, workload, assumptions={name: Given(value, ALEX, "1.3") for name, value in assumed.items()})
    return forms.build_numbers(kept, samples.case(rulebook, P6, workload, **assumed), user, samples.public(rulebook), METADATA)


def quick_form(rulebook: Rulebook) -> dict[str, Any]:
    return forms.build_quick(samples.public(rulebook), METADATA)


# -- refining ----------------------------------------------------------------------------------------------------------


def test_the_form_opens_with_every_number_in_use(rulebook: Rulebook) -> None:
    view = numbers_form(rulebook)
    assert view_problems(view) == []
    assert view["private_metadata"] == METADATA
    assert stands(view) == {
        "price_book": "current", "region": "us-east", "accelerator": "A100-40GB", "gpus": "8", "training_hours_per_month": "120",
        "interruptible": "yes", "endpoints": "20", "endpoint_hours_per_month": "730", "endpoint_accelerator": "none",
        "egress_gb_per_month": "1,000", "inter_region_gb_per_month": "30,000", "inter_region_hops": "1", "artifact_gb_per_month": "100",
        "storage_gb": "10,000", "storage_tier": "hot", "ea_discount_pct": "0",
        "switching_threshold_usd_per_year": "50,000", "materiality_pct": "5",
    }  # fmt: skip


def test_own_numbers_are_told_from_assumed_ones(rulebook: Rulebook) -> None:
    shown = fields(numbers_form(rulebook, {"gpus": 64}, switching_threshold_usd_per_year=8_000))
    assert shown["gpus"]["hint"]["text"].startswith("Yours. ")
    assert shown["endpoints"]["hint"]["text"].startswith("Assumed. ")
    assert shown["switching_threshold_usd_per_year"]["hint"]["text"].startswith("Yours. ")


def test_labels_say_the_unit_once(rulebook: Rulebook) -> None:
    for view in (numbers_form(rulebook), quick_form(rulebook)):
        labels = {name: block["label"]["text"] for name, block in fields(view).items()}
        assert [labels[name] for name in ("gpus", "training_hours_per_month", "endpoints", "storage_gb", "ea_discount_pct")] == [
            "GPUs", "Training hours a month", "Endpoints", "Storage, GB", "EA discount, %",
        ]  # fmt: skip


def test_hints_are_sentences_and_leave_ids_as_they_are(rulebook: Rulebook) -> None:
    shown = fields(numbers_form(rulebook))
    assert shown["region"]["hint"]["text"].startswith("Assumed. us-east is us-east-1 and eastus")
    assert shown["gpus"]["hint"]["text"] == "Assumed. Accelerators in use at once. From 0 to 100,000."


def test_the_largest_numbers_fit_their_fields(rulebook: Rulebook) -> None:
    view = numbers_form(rulebook, dict(LARGEST))
    assert view_problems(view) == []
    assert stands(view)["storage_gb"] == "1,000,000,000"
    assert forms.read_numbers(filled(view), rulebook) == Filled()


@pytest.mark.parametrize(
    "workload", [{}, {"gpus": 64, "storage_gb": Decimal("10000.50")}, dict(LARGEST)], ids=["typical", "own", "largest"]
)
def test_a_form_that_nobody_changed_says_nothing(workload: dict[str, Value], rulebook: Rulebook) -> None:
    assert forms.read_numbers(filled(numbers_form(rulebook, workload)), rulebook) == Filled()


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Value]]] = {
    "a number": ({"gpus": "64"}, {"gpus": 64}),
    "thousands": ({"storage_gb": "1,250,000"}, {"storage_gb": Decimal(1_250_000)}),
    "spaces around it": ({"gpus": " 64 "}, {"gpus": 64}),
    "a fraction": ({"training_hours_per_month": "12.5"}, {"training_hours_per_month": Decimal("12.5")}),
    "a percent sign": ({"ea_discount_pct": "17.25%"}, {"ea_discount_pct": Decimal("17.25")}),
    "a percent sign apart": ({"ea_discount_pct": "17.25 %"}, {"ea_discount_pct": Decimal("17.25")}),
    "nought": ({"endpoints": "0"}, {"endpoints": 0}),
    "a choice": ({"region": "europe"}, {"region": "europe"}),
    "a card": ({"accelerator": "H100-80GB"}, {"accelerator": "H100-80GB"}),
    "no": ({"interruptible": "no"}, {"interruptible": False}),
    "a card in each endpoint": ({"endpoint_accelerator": "T4-16GB"}, {"endpoint_accelerator": "T4-16GB"}),
    "two at once": ({"gpus": "4", "endpoints": "2"}, {"gpus": 4, "endpoints": 2}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_changed_field_says_that_field_alone(name: str, rulebook: Rulebook) -> None:
    typed, workload = CHANGES[name]
    assert forms.read_numbers(filled(numbers_form(rulebook), **typed), rulebook) == Filled(workload=workload)


@pytest.mark.parametrize("typed", ["$8,000", "8000", "$ 8,000", "8,000.00"])
def test_dollars_are_read_with_and_without_their_sign(typed: str, rulebook: Rulebook) -> None:
    view = filled(numbers_form(rulebook), switching_threshold_usd_per_year=typed)
    assert forms.read_numbers(view, rulebook) == Filled(assumptions={"switching_threshold_usd_per_year": Decimal(8_000)})


def test_a_cleared_field_goes_back_to_its_typical_value(rulebook: Rulebook) -> None:
    view = filled(numbers_form(rulebook, {"gpus": 64}), gpus=None, switching_threshold_usd_per_year="")
    assert forms.read_numbers(view, rulebook) == Filled(cleared=frozenset({"gpus", "switching_threshold_usd_per_year"}))


WRONG = {
    "too many": ("gpus", "100,001", "0 to 100,000|from 0 to 100000|100,000"),
    "below nought": ("endpoints", "-1", "100,000|100000"),
    "half an endpoint": ("endpoints", "2.5", "whole"),
    "words": ("storage_gb", "ten", "1,000,000,000|1000000000"),
    "two numbers": ("storage_gb", "1 000", "1,000,000,000|1000000000"),
    "a comma for the point": ("training_hours_per_month", "12,5", "730"),
    "more hours than a month has": ("training_hours_per_month", "731", "730"),
    "a discount above the limit": ("ea_discount_pct", "61", "60"),
    "no number at all": ("gpus", "nan", "100,000|100000"),
    "without end": ("storage_gb", "1e400", "1,000,000,000|1000000000"),
    "a bare sign": ("switching_threshold_usd_per_year", "$", "number|amount|0"),
    "materiality": ("materiality_pct", "51", "50"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_value_is_said_beside_its_field_with_the_range(name: str, rulebook: Rulebook) -> None:
    block, typed, span = WRONG[name]
    errors = forms.read_numbers(filled(numbers_form(rulebook), **{block: typed, "region": "europe"}), rulebook).errors
    assert list(errors) == [block]
    assert any(part in errors[block] for part in span.split("|")), errors[block]


def test_markup_in_a_field_comes_back_as_typed_and_does_no_harm(rulebook: Rulebook) -> None:
    """Field errors are plain text in Slack: nothing in them is read as markup."""
    errors = forms.read_numbers(filled(numbers_form(rulebook), gpus="<!channel>"), rulebook).errors
    assert list(errors) == ["gpus"]


# -- the private discount ----------------------------------------------------------------------------------------------


def test_a_discount_stands_in_the_form_of_the_person_who_gave_it(rulebook: Rulebook) -> None:
    assert stands(numbers_form(rulebook, {"ea_discount_pct": Decimal("17.25")}, user=ALEX))["ea_discount_pct"] == "17.25"


def test_a_discount_never_stands_in_the_form_of_somebody_else(rulebook: Rulebook) -> None:
    view = numbers_form(rulebook, {"ea_discount_pct": Decimal("17.25")}, user=BO)
    assert "17.25" not in str(view)
    assert fields(view)["ea_discount_pct"]["hint"]["text"].startswith("Private: set, and not shown to others.")
    assert forms.read_numbers(filled(view), rulebook) == Filled()


def test_the_discount_of_the_workspace_stands_in_nobodys_form(rulebook: Rulebook) -> None:
    """It is set in the settings, not by a person: `case` has it and the conversation has not."""
    case = samples.case(rulebook, P6, {"ea_discount_pct": Decimal("17.25")})
    for user in (ALEX, BO):
        view = forms.build_numbers(conversation(), case, user, samples.public(rulebook), METADATA)
        assert "17.25" not in str(view)


def test_an_error_about_the_discount_does_not_repeat_it_in_the_settings(rulebook: Rulebook) -> None:
    view = settings_form.build_settings(WorkspaceSettings(), ALEX, samples.public(rulebook))
    _, errors = settings_form.read_settings(filled(view, ea_discount_pct="71.25"), WorkspaceSettings(), rulebook)
    assert errors == {"ea_discount_pct": "Give a number from 0 to 60 %."}


# -- everything at once ------------------------------------------------------------------------------------------------

QUICK = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": "5", "mlops_capacity": "no"}


def test_the_quick_form_asks_all_five_and_every_field_and_nothing_is_filled_in(rulebook: Rulebook) -> None:
    view = quick_form(rulebook)
    assert view_problems(view) == []
    assert stands(view) == {}
    asked = [*rulebook.question, *(each.id for each in rulebook.fields), *(each.id for each in rulebook.case_assumptions)]
    assert list(fields(view)) == asked
    assert [name for name, block in fields(view).items() if not block["optional"]] == list(rulebook.question)


def test_the_quick_form_says_what_is_typical(rulebook: Rulebook) -> None:
    shown = fields(quick_form(rulebook))
    assert shown["gpus"]["element"]["placeholder"]["text"] == "typical: 8"
    assert shown["storage_gb"]["element"]["placeholder"]["text"] == "typical: 10,000"
    assert shown["switching_threshold_usd_per_year"]["element"]["placeholder"]["text"] == "typical: 50,000"


def test_five_answers_are_enough(rulebook: Rulebook) -> None:
    assert forms.read_quick(filled(quick_form(rulebook), **QUICK), rulebook) == Filled(answers=dict(P6))


def test_not_sure_counts_as_what_it_computes_as(rulebook: Rulebook) -> None:
    unsure = dict.fromkeys(QUICK, "not_sure")
    assert forms.read_quick(filled(quick_form(rulebook), **unsure), rulebook) == Filled(
        answers={"footprint": "none", "training": "sporadic", "microsoft_ea": "unsure", "inference_regions": 1, "mlops_capacity": "no"},
        skipped=frozenset(QUICK),
    )


@pytest.mark.parametrize("typed", ["not sure", "Not sure", "not_sure ", "NOT_SURE"])
def test_not_sure_is_typed_as_people_type_it(typed: str, rulebook: Rulebook) -> None:
    read = forms.read_quick(filled(quick_form(rulebook), **{**QUICK, "inference_regions": typed}), rulebook)
    assert (read.answers["inference_regions"], read.skipped, read.errors) == (1, frozenset({"inference_regions"}), {})


def test_numbers_and_assumptions_come_with_the_answers(rulebook: Rulebook) -> None:
    typed = {**QUICK, "gpus": "64", "interruptible": "no", "ea_discount_pct": "17.25 %", "switching_threshold_usd_per_year": "$5,000"}
    assert forms.read_quick(filled(quick_form(rulebook), **typed), rulebook) == Filled(
        answers=dict(P6),
        workload={"gpus": 64, "interruptible": False, "ea_discount_pct": Decimal("17.25")},
        assumptions={"switching_threshold_usd_per_year": Decimal(5_000)},
    )


@pytest.mark.parametrize("typed", ["61", "-1", "many", "2.5", "<!channel>", "1e3"])
def test_regions_out_of_range_are_said_beside_their_field(typed: str, rulebook: Rulebook) -> None:
    errors = forms.read_quick(filled(quick_form(rulebook), **{**QUICK, "inference_regions": typed}), rulebook).errors
    assert list(errors) == ["inference_regions"]
    assert "60" in errors["inference_regions"]


def test_every_error_is_said_at_once(rulebook: Rulebook) -> None:
    typed = {**QUICK, "inference_regions": "99", "gpus": "-3", "ea_discount_pct": "99", "materiality_pct": "x"}
    read = forms.read_quick(filled(quick_form(rulebook), **typed), rulebook)
    assert set(read.errors) == {"inference_regions", "gpus", "ea_discount_pct", "materiality_pct"}


# -- one number, a question --------------------------------------------------------------------------------


def test_the_form_behind_other(rulebook: Rulebook) -> None:
    question = rulebook.question["inference_regions"]
    view = questions.other_number(conversation(), question, METADATA)
    assert view_problems(view) == []
    assert view["title"]["text"] == "Inference regions"
    assert forms.read_other(filled(view, inference_regions="12"), rulebook) == Filled(answers={"inference_regions": 12})
    assert list(forms.read_other(filled(view, inference_regions="61"), rulebook).errors) == ["inference_regions"]


def test_the_form_to_ask() -> None:
    assert view_problems(notes.ask_form(METADATA)) == []


# -- settings ----------------------------------------------------------------------------------------------------------

SET = WorkspaceSettings({"switching_threshold_usd_per_year": "8000"}, "17.25", (ALEX, BO), 90, 3)


def test_settings_open_with_what_is_set(rulebook: Rulebook) -> None:
    view = settings_form.build_settings(SET, ALEX, samples.public(rulebook))
    assert view_problems(view) == []
    assert stands(view) == {"switching_threshold_usd_per_year": "8,000", "ea_discount_pct": "17.25", "retention_days": "90"}
    assert fields(view)["editors"]["element"]["initial_users"] == [ALEX, BO]
    assert view["private_metadata"] == "3"


def test_settings_that_nobody_changed_stay_as_they_are(rulebook: Rulebook) -> None:
    view = filled(settings_form.build_settings(SET, ALEX, samples.public(rulebook)))
    assert settings_form.read_settings(view, SET, rulebook) == (SET, {})


def test_settings_that_were_cleared_are_those_of_the_rules(rulebook: Rulebook) -> None:
    view = settings_form.build_settings(SET, ALEX, samples.public(rulebook))
    empty = filled(view, switching_threshold_usd_per_year=None, ea_discount_pct=None, retention_days=None, editors=[ALEX])
    assert settings_form.read_settings(empty, SET, rulebook) == (WorkspaceSettings({}, None, (ALEX,), None, 3), {})


WRONG_SETTINGS: dict[str, tuple[str, Any]] = {
    "a discount above the limit": ("ea_discount_pct", "60.01"),
    "a threshold below nought": ("switching_threshold_usd_per_year", "-1"),
    "materiality": ("materiality_pct", "fifty"),
    "no days": ("retention_days", "0"),
    "part of a day": ("retention_days", "1.5"),
    "too many days": ("retention_days", "36501"),
    "nobody": ("editors", []),
    "nobody that there is": ("editors", ["<!channel>"]),
}


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_bad_setting_is_said_beside_its_field(name: str, rulebook: Rulebook) -> None:
    block, typed = WRONG_SETTINGS[name]
    view = filled(settings_form.build_settings(SET, ALEX, samples.public(rulebook)), **{block: typed})
    assert list(settings_form.read_settings(view, SET, rulebook)[1]) == [block]
