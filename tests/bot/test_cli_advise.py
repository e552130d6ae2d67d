"""`whichcloud advise`: the machine-readable contract, what is refused and how, and the reply in each of its formats."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from engine.advise import advise
from engine.case import read_case
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from tests.bot.terminal import DAY, INSTALLED, run, start
from tests.bot.worked import CASES, VERDICTS, Written, answers, reply
from tests.section7 import YEARS

LINES = ("training", "inference", "managed_premium", "egress", "transfer", "storage")
AMOUNTS = (*(f"{line}_usd" for line in LINES), "total_usd_per_month", "total_usd_per_year")
INPUTS = ("gpus", "training_hours_per_month", "endpoints", "egress_gb_per_month", "inter_region_gb_per_month", "storage_gb",
          "ea_discount_pct", "switching_threshold_usd_per_year", "materiality_pct")  # fmt: skip
ESCAPE = "\x1b"


def contract(name: str) -> Any:
    return json.loads(reply(name).answered())


def dollars(value: Any) -> Decimal:
    """A JSON number as it was written."""
    return Decimal(str(value))


# -- the contract ------------------------------------------------------------------------------------------------------

Check = Callable[[Any], bool]


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def day(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


PLAN = {"plan": text, "purchase": maybe(text), "instance": maybe(text), "instances": maybe(whole), **{a: maybe(number) for a in AMOUNTS}}
CONTRACT: dict[str, Any] = {
    "schema_version": whole,
    "verdict": {
        "plan": text, "basis": text, "matrix_plan": text, "cheapest_plan": text, "saving_usd_per_year": maybe(number),
        "layer": text, "headline": text,
        # Where a part is absent (no training, no inference), it is null.
        "training": maybe(lambda v: not misfits(v, {"provider": text, "purchase": text, "instance": text, "instances": whole})),
        "inference": maybe(lambda v: not misfits(v, {"provider": text})),
    },
    "scenarios": [{"scale": whole, "plan": text, "basis": text, "plans": [PLAN]}],
    "reasons": [{"rule": text, "text": text, "source": text}],
    "why_not": [{"plan": text, "text": text}],
    "flips": [{"input": text, "from": scalar, "to": scalar, "plan": text}],
    "quick_wins": [{"action": text, "saving_usd_per_month": maybe(number), "article_average_pct": number}],
    "cautions": [{"text": text, "source": text}],
    "assumed": [text],
    "prices": [{"name": text, "usd": number, "unit": text, "source": text, "as_of": maybe(day), "stale": flag}],
}  # fmt: skip


def misfits(value: Any, shape: Any, path: str = "") -> list[str]:
    """Where a value departs from a shape; keys beyond the contract are allowed."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        missing = [f"{path}.{key}: missing" for key in shape if key not in value]
        return missing + [problem for key in shape if key in value for problem in misfits(value[key], shape[key], f"{path}.{key}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [problem for at, item in enumerate(value) for problem in misfits(item, shape[0], f"{path}[{at}]")]
    return [] if shape(value) else [f"{path}: {value!r}"]


@pytest.mark.parametrize("name", CASES)
def test_every_key_of_the_contract_is_there_with_its_type(name: str) -> None:
    answer = contract(name)
    assert misfits(answer, CONTRACT) == []
    assert answer["schema_version"] == 1
    assert answer["verdict"]["basis"] in ("matrix", "numbers", "stay", "move")
    assert answer["verdict"]["layer"] in ("managed", "raw")


@pytest.mark.parametrize("name", CASES)
def test_the_worked_verdicts_at_each_scale(name: str) -> None:
    answer = contract(name)
    scenarios = answer["scenarios"]
    assert [s["scale"] for s in scenarios] == [1, 3, 10]
    assert tuple((s["plan"], s["basis"]) for s in scenarios) == VERDICTS[name]
    assert (answer["verdict"]["plan"], answer["verdict"]["basis"]) == VERDICTS[name][0]


@pytest.mark.parametrize("name", CASES)
def test_the_worked_totals_to_within_the_rounding_of_twelve_months(name: str) -> None:
    """The specification rounds twelve unrounded months; shown are twelve months of six rounded lines, at most 12 x 6 x 0.005 away."""
    years = {plan["plan"]: dollars(plan["total_usd_per_year"]) for plan in contract(name)["scenarios"][0]["plans"]}
    for plan, year in zip(("aws", "azure"), YEARS[name], strict=True):
        assert abs(years[plan] - year) <= Decimal("0.5") + Decimal("0.36")


@pytest.mark.parametrize("name", CASES)
def test_every_table_foots(name: str) -> None:
    for scenario in contract(name)["scenarios"]:
        for plan in scenario["plans"]:
            amounts = {key: dollars(plan[key]) for key in AMOUNTS}
            assert all(amount == round(amount, 2) for amount in amounts.values())
            assert sum(amounts[f"{line}_usd"] for line in LINES) == amounts["total_usd_per_month"]
            assert amounts["total_usd_per_month"] * 12 == amounts["total_usd_per_year"]


@pytest.mark.parametrize("name", CASES)
def test_the_saving_is_shown_where_step_8_applied_and_foots(name: str) -> None:
    """The user's own cloud less the plan of step 7, from the totals shown; else null."""
    answer = contract(name)
    verdict, plans = answer["verdict"], {plan["plan"]: plan for plan in answer["scenarios"][0]["plans"]}
    own = CASES[name].answers["footprint"]
    if verdict["basis"] in ("stay", "move"):
        own_year, other_year = (dollars(plans[str(p)]["total_usd_per_year"]) for p in (own, verdict["cheapest_plan"]))
        assert dollars(verdict["saving_usd_per_year"]) == own_year - other_year
    else:
        assert verdict["saving_usd_per_year"] is None


def test_p6_has_exactly_the_numbers_of_the_specification() -> None:
    answer = contract("P6")
    verdict = answer["verdict"]
    headline = verdict.pop("headline")
    assert verdict == {
        "plan": "aws", "basis": "stay", "matrix_plan": "azure", "cheapest_plan": "azure", "saving_usd_per_year": 7891.56,
        "layer": "managed", "inference": {"provider": "aws"},
        "training": {"provider": "aws", "purchase": "spot", "instance": "p4d.24xlarge", "instances": 1},
    }  # fmt: skip
    for part in ("Stay on AWS.", "$7,892 a year", "$50,000"):
        assert part in headline
    aws = answer["scenarios"][0]["plans"][0]
    expected = {
        "plan": "aws", "purchase": "spot", "instance": "p4d.24xlarge", "instances": 1, "training_usd": 945.59, "inference_usd": 1241.0,
        "managed_premium_usd": 390.04, "egress_usd": 81.0, "transfer_usd": 600.0, "storage_usd": 230.0,
        "total_usd_per_month": 3487.63, "total_usd_per_year": 41851.56,
    }  # fmt: skip
    assert {key: aws[key] for key in expected} == expected


def test_p6_prices_the_other_plans_too() -> None:
    """Azure: 120 h x 5.904469; 20 x 730 h x 0.0846; no premium; 900 GB x 0.087; 30,000 GB x 0.02; 10,000 GB x 0.0208.

    A hybrid's first 100 GB of artifacts are free. Its premium is that of the part that runs on SageMaker: 15 % of 945.588
    for the machine, 20 % of 1,241 for the endpoints.
    """
    plans = {plan["plan"]: [plan[f"{line}_usd"] for line in LINES] for plan in contract("P6")["scenarios"][0]["plans"]}
    assert plans["azure"] == [708.54, 1235.16, 0.0, 78.3, 600.0, 208.0]
    assert plans["hybrid-aws-azure"] == [945.59, 1235.16, 141.84, 78.3, 600.0, 230.0]
    assert plans["hybrid-azure-aws"] == [708.54, 1241.0, 248.2, 81.0, 600.0, 208.0]


def test_p6_flips_where_the_specification_says() -> None:
    flips = contract("P6")["flips"]
    assert {"input": "switching_threshold_usd_per_year", "from": 50000, "to": 7891.5, "plan": "azure"} in flips
    assert {"input": "footprint", "from": "aws", "to": "none", "plan": "azure"} in flips


def test_p6_lists_the_stale_spot_price_with_its_source_and_date() -> None:
    spot = [price for price in contract("P6")["prices"] if price["usd"] == 7.8799]
    assert [(p["unit"], p["as_of"], p["stale"]) for p in spot] == [("hour", "2025-11-18", True)]


def test_quick_wins_on_the_bill_of_p6() -> None:
    """Spot is in the bill already. Scale to zero for half of 730 h: half of 1,241.00 + 248.20. Standard-IA: 10,000 x (0.023 - 0.0125)."""
    wins = {win["action"]: (win["saving_usd_per_month"], win["article_average_pct"]) for win in contract("P6")["quick_wins"]}
    assert wins == {"spot": (0, 65), "scale_to_zero": (744.6, 40), "infrequent_storage": (105, 60)}


@pytest.mark.parametrize("name", CASES)
def test_what_was_given_is_not_assumed_and_the_rest_that_counts_is(name: str) -> None:
    answer = contract(name)
    assert not set(answer["assumed"]) & set(CASES[name].workload)
    if CASES[name].answers["training"] == "none":
        assert not {"gpus", "training_hours_per_month", "accelerator", "interruptible"} & set(answer["assumed"])
    if CASES[name].answers["inference_regions"] == 0:
        assert not {"endpoints", "endpoint_hours_per_month", "endpoint_accelerator"} & set(answer["assumed"])


# -- flips -------------------------------------------------------------------------------------------------------------


def with_input(case: Written, name: str, value: Any) -> Written:
    section = "answers" if name in case.answers else "assumptions" if name in INPUTS[-2:] else "workload"
    return case.having(section, **{name: value})


def plan_of(case: Written, rulebook: Rulebook, today: Any) -> str:
    return advise(read_case(case.yaml(), "case", rulebook, today), rulebook, today).plan


@pytest.mark.parametrize("name", CASES)
def test_a_flip_names_the_value_at_which_the_new_plan_first_holds(name: str, rulebook: Rulebook, today: Any) -> None:
    """Asked again with `to`, the plan is the flip's; half a percent (or one) before it, it is still the old one."""
    answer = contract(name)
    old = answer["verdict"]["plan"]
    for flip in answer["flips"]:
        assert flip["plan"] != old
        if flip["input"] == "inference_regions" and flip["to"] not in (0, 1, 3, 4, 60):
            continue  # each number of regions is listed; those where the rules or the parts change are asked again
        assert plan_of(with_input(CASES[name], flip["input"], flip["to"]), rulebook, today) == flip["plan"], flip
        if not number(flip["from"]) or flip["input"] == "inference_regions":
            continue
        start_at, to = dollars(flip["from"]), dollars(flip["to"])
        step = max(abs(to) * Decimal("0.005"), Decimal(1)) if flip["input"] in ("gpus", "endpoints") else abs(to) * Decimal("0.005")
        before = to - step if to > start_at else to + step
        if flip["input"] in ("gpus", "endpoints"):
            before = before.to_integral_value()
        if min(start_at, to) <= before <= max(start_at, to):
            assert plan_of(with_input(CASES[name], flip["input"], f"{before:f}"), rulebook, today) == old, flip


@pytest.mark.parametrize("name", CASES)
def test_every_number_either_flips_or_is_said_not_to(name: str) -> None:
    """Those that count in the case; a number without effect is named by neither."""
    answer = contract(name)
    named = {flip["input"] for flip in answer["flips"]} | {steady["input"] for steady in answer["does_not_flip"]}
    case = CASES[name]
    without_effect = {
        "gpus": case.answers["training"] == "none",
        "training_hours_per_month": case.answers["training"] == "none",
        "endpoints": case.answers["inference_regions"] == 0,
        "ea_discount_pct": case.answers["microsoft_ea"] != "yes",
    }
    for each in INPUTS:
        zero = case.workload.get(each) == 0  # a tenth and ten times nothing are nothing
        if not without_effect.get(each) and not zero:
            assert each in named


# -- how a case may be written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_yaml_and_json_files_and_standard_input_give_one_answer(name: str, tmp_path: Path) -> None:
    expected = contract(name)
    file = tmp_path / "case.json"
    file.write_text(CASES[name].json(), encoding="utf-8")
    assert json.loads(run("advise", file, "--format", "json", "--as-of", DAY).answered()) == expected
    if name == "P6":
        file = tmp_path / "case.yml"
        file.write_text(CASES[name].yaml(), encoding="utf-8")
        assert json.loads(run("advise", file, "--format", "json", "--as-of", DAY).answered()) == expected
        assert json.loads(run("advise", "-", "--format", "json", "--as-of", DAY, said=CASES[name].json()).answered()) == expected


@pytest.mark.parametrize(
    "written",
    [
        CASES["P6"].yaml().encode("utf-8-sig"),
        CASES["P6"].yaml().replace("\n", "\r\n").encode(),
        b"---\n" + CASES["P6"].yaml().encode(),
        b"# a comment\n" + CASES["P6"].yaml().encode(),
        CASES["P6"].yaml().replace("yes", '"yes"').replace("no\n", "'no'\n").encode(),
        json.dumps(CASES["P6"].sections(), indent=4).encode(),
    ],
    ids=["a byte order mark", "Windows line ends", "a document start", "a comment", "quoted words", "words in JSON"],
)
def test_a_case_may_be_written_in_other_ways(written: bytes) -> None:
    assert json.loads(run("advise", "-", "--format", "json", "--as-of", DAY, said=written).answered()) == contract("P6")


# -- a plan that is not offered ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without_azure() -> Any:
    """Azure sells no H200 in eastus at any purchase that sporadic training allows."""
    case = Written(answers("none, sporadic, no, 2, yes"), {"accelerator": "H200"})
    return json.loads(run("advise", "-", "--format", "json", "--as-of", DAY, said=case.yaml()).answered())


def test_a_plan_that_is_not_offered_is_null_and_never_zero(without_azure: Any) -> None:
    for scenario in without_azure["scenarios"]:
        plans = {plan["plan"]: plan for plan in scenario["plans"]}
        for missing in ("azure", "hybrid-azure-aws"):
            assert {key: plans[missing][key] for key in (*AMOUNTS, "purchase", "instance", "instances")} == dict.fromkeys(
                (*AMOUNTS, "purchase", "instance", "instances")
            )
        # p5en.48xlarge on spot: 16.5551 x 120 h; 14,600 endpoint hours at 0.085; 900 GB at 0.09; 600.00; 10,000 GB at 0.023.
        if scenario["scale"] == 1:
            assert [plans["aws"][f"{line}_usd"] for line in LINES] == [1986.61, 1241.0, 0.0, 81.0, 600.0, 230.0]


def test_why_not_says_that_it_is_not_offered(without_azure: Any) -> None:
    assert {entry["plan"]: "not offered" in entry["text"] for entry in without_azure["why_not"]}["azure"]


def test_a_plan_that_is_not_offered_says_so_in_the_table_of_the_reply() -> None:
    case = Written(answers("none, sporadic, no, 2, yes"), {"accelerator": "H200"})
    text = run("advise", "-", "--format", "markdown", "--as-of", DAY, said=case.yaml()).answered()
    assert "| Azure | not offered | not offered | not offered |" in text


def test_an_accelerator_that_no_cloud_offers_is_refused() -> None:
    case = Written(answers("none, sporadic, no, 2, yes"), {"accelerator": "MI300X"})
    run("advise", "-", "--as-of", DAY, said=case.yaml()).refused("accelerator: `MI300X`")


# -- refusals ----------------------------------------------------------------------------------------------------------

GOOD = CASES["P6"]
REFUSED: dict[str, tuple[str, list[str]]] = {
    "an unknown answer": (GOOD.having("answers", footprint="google").yaml(),
        ["footprint: `google` is not accepted. Give one of: aws, azure, both, none"]),
    "an unknown schedule": (GOOD.having("answers", training="daily").yaml(), ["training: `daily` is not accepted. Give one of:"]),
    "a number for a word": (GOOD.having("answers", microsoft_ea=1).yaml(),
        ["microsoft_ea: `1` is not accepted. Give one of: yes, no, unsure"]),
    "too many regions": (GOOD.having("answers", inference_regions=61).yaml(),
        ["inference_regions: `61` is not accepted. Give a whole number from 0 to 60"]),
    "half a region": (GOOD.having("answers", inference_regions=2.5).yaml(),
        ["inference_regions: `2.5` is not accepted. Give a whole number from 0 to 60"]),
    "fewer than no regions": (GOOD.having("answers", inference_regions=-1).yaml(), ["inference_regions: `-1` is not accepted"]),
    "an answer left out": (GOOD.yaml().replace("  footprint: aws\n", ""), ["footprint: missing. Give one of: aws, azure, both, none"]),
    "a misspelt question": (GOOD.yaml().replace("footprint", "foot_print"),
        ["foot_print: unknown. Did you mean `footprint`?", "footprint: missing."]),
    "a misspelt field": (GOOD.having("workload", gpu=8).yaml(), ["gpu: unknown. Did you mean `gpus`?"]),
    "a misspelt section": (GOOD.yaml() + "work_load:\n  gpus: 8\n", ["work_load: unknown. Did you mean `workload`?"]),
    "an unknown assumption": (GOOD.having("assumptions", patience=1).yaml(), ["patience: unknown."]),
    "too many GPUs": (GOOD.having("workload", gpus=100_001).yaml(),
        ["gpus: `100001` is not accepted. Give a whole number from 0 to 100,000"]),
    "half a GPU": (GOOD.having("workload", gpus=0.5).yaml(), ["gpus: `0.5` is not accepted. Give a whole number from 0 to 100,000"]),
    "too many hours": (GOOD.having("workload", training_hours_per_month=731).yaml(),
        ["training_hours_per_month: `731` is not accepted. Give a number from 0 to 730"]),
    "less than nothing": (GOOD.having("workload", egress_gb_per_month=-0.01).yaml(),
        ["egress_gb_per_month: `-0.01` is not accepted. Give a number from 0 to 1,000,000,000"]),
    "more than the world": (GOOD.having("workload", storage_gb=1e9 + 1).yaml(),
        ["storage_gb: `1000000001.0` is not accepted. Give a number from 0 to 1,000,000,000"]),
    "not a number": (GOOD.having("workload", storage_gb=".nan").yaml(),
        ["storage_gb: `.nan` is not accepted. Give a number from 0 to 1,000,000,000"]),
    "infinity": (GOOD.having("workload", storage_gb=".inf").yaml(),
        ["storage_gb: `.inf` is not accepted. Give a number from 0 to 1,000,000,000"]),
    "NaN in JSON": ('{"answers": {}, "workload": {"storage_gb": NaN}}', ["storage_gb: `NaN` is not accepted", *["missing"] * 5]),
    "a huge exponent": (GOOD.having("workload", storage_gb="1e999999").yaml(), ["storage_gb: `"]),
    "text for a number": (GOOD.having("workload", gpus='"8"').yaml(),
        ["gpus: `8` is not accepted. Give a whole number from 0 to 100,000"]),
    "a list for a number": (GOOD.having("workload", gpus="[8]").yaml(), ["gpus: "]),
    "a yes for a number": (GOOD.having("workload", gpus="true").yaml(), ["gpus: `"]),
    "too many borders": (GOOD.having("workload", inter_region_hops=11).yaml(),
        ["inter_region_hops: `11` is not accepted. Give a whole number from 0 to 10"]),
    "too high a discount": (GOOD.having("workload", ea_discount_pct=60.1).yaml(),
        ["ea_discount_pct: `60.1` is not accepted. Give a number from 0 to 60"]),
    "a word for true": (GOOD.having("workload", interruptible="perhaps").yaml(),
        ["interruptible: `perhaps` is not accepted. Give true or false"]),
    "an unknown tier": (GOOD.having("workload", storage_tier="cold").yaml(),
        ["storage_tier: `cold` is not accepted. Give one of: hot, infrequent"]),
    "an unknown region": (GOOD.having("workload", region="us-east-1").yaml(),
        ["region: `us-east-1` is not accepted. Give one of: us-east, us-west, europe"]),
    "an unknown book": (GOOD.having("workload", price_book="list").yaml(),
        ["price_book: `list` is not accepted. Give one of: current, article"]),
    "an unknown accelerator": (GOOD.having("workload", accelerator="A1000-40GB").yaml(),
        ["accelerator: `A1000-40GB` is no accelerator of the catalogue. Did you mean `A100-40GB`?"]),
    "too much materiality": (GOOD.having("assumptions", materiality_pct=50.1).yaml(),
        ["materiality_pct: `50.1` is not accepted. Give a number from 0 to 50"]),
    "a negative threshold": (GOOD.having("assumptions", switching_threshold_usd_per_year=-1).yaml(),
        ["switching_threshold_usd_per_year: `-1` is not accepted. Give a number of 0 or more"]),
    "nothing to place": (GOOD.having("answers", training="none", inference_regions=0).yaml(),
        ["training is `none` and inference_regions is `0`"]),
    "two problems": (GOOD.having("workload", gpus=-1, endpoints=-2).yaml(), ["gpus: `-1`", "endpoints: `-2`"]),
    "a key twice": (GOOD.yaml() + "answers:\n  footprint: azure\n", ["answers: is written twice. Keep one"]),
    "nothing at all": ("", ["standard input:1: the file is empty"]),
    "a list": ("[1, 2]", ["a case has the keys answers, workload, assumptions"]),
    "a word": ("hello", ["a case has the keys answers, workload, assumptions"]),
    "JSON that is cut off": (GOOD.json()[:-1], ["not YAML"]),
    "an anchor": ("answers: &a\n  footprint: aws\n", ["anchors and aliases"]),
    "a tag": ("answers: !!python/object:os.system x\n", ["the tag"]),
    "two documents": (GOOD.yaml() + "---\n" + GOOD.yaml(), ["more than one document"]),
    "a null byte": ("answers:\x00", ["control character"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_exit_2_and_a_line_for_each_problem(name: str) -> None:
    written, problems = REFUSED[name]
    run("advise", "-", "--format", "json", "--as-of", DAY, said=written).refused(*problems)


def test_a_problem_names_the_file_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "case.yml"
    file.write_text(GOOD.having("workload", gpus=-1).yaml(), encoding="utf-8")
    run("advise", file).refused(f"{file}:8: gpus: `-1` is not accepted.")  # five answers under their heading, then `workload:`


@pytest.mark.parametrize(
    "accelerator", ['"<script>alert(1)</script>"', "'\"><img src=x onerror=alert(1)>'", '"A100\\e[31m"', '"{{ 7 * 7 }}"', "'[red]x[/]'"]
)
def test_a_refused_accelerator_is_echoed_harmlessly(accelerator: str) -> None:
    ran = run("advise", "-", "--format", "html", said=GOOD.having("workload", accelerator=accelerator).yaml())
    ran.refused("accelerator: `")
    assert ESCAPE not in ran.err
    assert "49" not in ran.err


def test_a_long_value_is_shortened_in_the_echo() -> None:
    ran = run("advise", "-", said=GOOD.having("workload", accelerator="x" * 5000).yaml())
    ran.refused("accelerator: `xxx")
    assert len(ran.err) < 1000


FILES = {
    "a file that does not exist": ("missing.yml", None, "missing.yml"),
    "a binary file": ("case.bin", bytes(range(256)) * 8, "case.bin"),
    "a picture": ("case.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not UTF-8"),
    "UTF-16": ("case.yml", GOOD.yaml().encode("utf-16"), "not UTF-8"),
    "two megabytes": ("case.yml", b"a" * 2_000_000, "1,000,000"),
    "nested deep": ("case.yml", b"[" * 900_000, "nested deeper"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_taken_is_one_line(name: str, tmp_path: Path) -> None:
    file, content, words = FILES[name]
    path = tmp_path / file
    if content is not None:
        path.write_bytes(content)
    run("advise", path, "--format", "json").refused(words)


def test_the_size_of_a_file_that_is_too_large_is_not_understated(tmp_path: Path) -> None:
    path = tmp_path / "case.yml"
    path.write_bytes(b"a" * 2_000_000)
    assert "1,000,001" not in run("advise", path).err


def test_a_directory_is_one_line(tmp_path: Path) -> None:
    run("advise", tmp_path, "--format", "json").refused(str(tmp_path))


def test_a_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "case.yml"
    path.write_text(GOOD.yaml(), encoding="utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads every file, whatever its mode")
    run("advise", path, "--format", "json").refused("case.yml")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and then fails to be read")
def test_a_file_that_fails_while_it_is_read_is_one_line() -> None:
    run("advise", "/proc/self/mem", "--format", "json").refused("/proc/self/mem")


@pytest.mark.parametrize(
    "words",
    [
        ("-", "--as-of", "tomorrow"),
        ("-", "--as-of", "2026-13-01"),
        ("-", "--as-of", "1999-01-01"),
        ("-", "--format", "xml"),
        ("-", "--nope"),
        (),
    ],
    ids=lambda words: " ".join(words) or "no case",
)
def test_bad_words_on_the_command_line_are_exit_2_without_a_traceback(words: tuple[str, ...]) -> None:
    ran = run("advise", *words, said=GOOD.yaml())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()
    assert "Traceback" not in ran.err


# -- the reply for people ----------------------------------------------------------------------------------------------


def test_the_table_of_plans_is_that_of_the_specification() -> None:
    rows = [
        [cell.strip(" *") for cell in line.strip("|").split("|")] for line in reply("P6", "markdown").answered().splitlines() if "|" in line
    ]
    found = {re.sub(r" \(.*", "", row[0]): row[1:] for row in rows[:6]}
    assert found["AWS"] == ["$3,488", "$10,481", "$34,908"]
    assert found["Azure"] == ["$2,830", "$8,507", "$28,338"]
    assert found["Train AWS, serve Azure"] == ["$3,231", "$9,728", "$32,419"]
    assert found["Train Azure, serve AWS"] == ["$3,087", "$9,296", "$30,986"]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_first_screen_has_verdict_reason_purchase_and_the_scale_that_changes_it(form: str) -> None:
    said = re.sub(r"<[^>]+>|\*", " ", reply("P6", form).answered())
    said = " ".join(said.split())
    parts = (
        "Stay on AWS.",
        "$7,892 a year",
        "$50,000",
        "p4d.24xlarge",
        "spot",
        "SageMaker",
        "$3,488 a month",
        "10 times",
        "$78,850 a year",
    )
    at = [said.find(part) for part in parts]
    assert -1 not in at
    assert at[0] < at[1] < at[3] < said.find("$78,850 a year") < said.find("$10,481")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_piped_text_has_no_escape_codes(name: str, form: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", reply(name, form).answered())


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_nothing_in_the_reply_is_unfinished(name: str, form: str) -> None:
    """No placeholder, no Python word, nothing cut off with an ellipsis."""
    said = reply(name, form).answered()
    for leftover in ("{", "}") if form != "html" else ("{{", "}}", "{%"):
        assert leftover not in said
    assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|Decimal\(|Undefined|\bnan\b|…|-\$0\b|\$\$", said)
    assert not re.search(r"\S  +[a-z]", said) or form != "markdown"


def column(text: str, head: str, after: str) -> str:
    """What stands in a column of a laid-out table, down to the end of the text, without spaces and line breaks."""
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if head in line and after in line)
    begin, end = lines[first].index(head), lines[first].index(after)
    return "".join("".join(line[begin:end].split()) for line in lines[first:])


@pytest.mark.parametrize("name", CASES)
def test_every_source_can_be_read_to_its_last_letter_in_text(name: str) -> None:
    sources = column(reply(name, "text", "--full").answered(), "Source ", "Date ")
    for price in contract(name)["prices"]:
        assert price["source"].replace(" ", "") in sources


def test_a_trace_keeps_the_promise_of_json() -> None:
    """One JSON object and nothing else, or a refusal of the two options together; never a table."""
    ran = run("advise", "-", "--trace", "--format", "json", "--as-of", DAY, said=GOOD.yaml())
    assert ran.code == 2 or json.loads(ran.out)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_brief_is_the_short_reply_and_full_has_every_line_item(form: str) -> None:
    brief, full = (reply("P6", form, option).answered() for option in ("--brief", "--full"))
    assert "item by item" in full
    assert "item by item" not in brief
    assert len(brief) < len(full) / 2
    for line in ("Stay on AWS.", "Why not", "What would flip it"):
        assert line in brief


@pytest.mark.parametrize(("asked", "stale"), [("2026-09-20", False), ("2026-09-21", True)], ids=["14 days", "15 days"])
def test_a_spot_price_is_stale_when_it_is_older_than_14_days_on_the_day_asked(asked: str, stale: bool) -> None:
    answer = json.loads(run("advise", "-", "--format", "json", "--as-of", asked, said=GOOD.yaml()).answered())
    spot = next(price for price in answer["prices"] if price["usd"] == 5.904469)  # Azure's, of 2026-09-06
    assert (spot["as_of"], spot["stale"]) == ("2026-09-06", stale)


def cells(line: str) -> int:
    """Columns of a row of a Markdown table; an escaped bar is no border."""
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def markdown_tables(text: str) -> Iterator[list[str]]:
    for block in re.split(r"\n(?!\|)", text):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        if rows:
            yield rows


@pytest.mark.parametrize("name", CASES)
def test_markdown_tables_have_equal_columns_and_a_rule_under_their_heads(name: str) -> None:
    tables = list(markdown_tables(reply(name, "markdown").answered()))
    assert len(tables) >= 4
    for rows in tables:
        assert len({cells(row) for row in rows}) == 1, rows
        assert re.fullmatch(r"\|( -+:? \|)+", rows[1])
        assert len(rows) > 2


class Page(HTMLParser):
    """What a browser would have to repair or to fetch."""

    VOID = ("meta", "br", "hr", "link", "img", "input", "col", "wbr", "source", "area", "base", "embed", "track")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.seen: list[str] = []
        self.fetched: list[str] = []
        self.declared: list[str] = []

    def handle_decl(self, decl: str) -> None:
        self.declared.append(decl.lower())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "srcset", "href", "action", "data", "poster")]
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def page(text: str) -> Page:
    parser = Page()
    parser.feed(text)
    parser.close()
    return parser


@pytest.mark.parametrize("name", CASES)
def test_html_is_one_well_formed_page_that_fetches_nothing(name: str) -> None:
    said = reply(name, "html").answered()
    parsed = page(said)
    assert said.startswith("<!doctype html>")
    assert parsed.declared == ["doctype html"]
    assert (parsed.open, parsed.unbalanced, parsed.fetched) == ([], [], [])
    assert [parsed.seen.count(tag) for tag in ("html", "head", "body", "title", "h1")] == [1] * 5
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(parsed.seen)
    assert not re.search(r"url\(|@import|https?://", said)
    assert '<html lang="en">' in said
    assert '<meta charset="utf-8">' in said


def test_what_is_written_in_the_rules_is_escaped_in_html_and_in_markdown_tables(tmp_path: Path) -> None:
    """The words of the rules and the sources of the prices belong to their editors: they may hold any character."""
    rules = tmp_path / "rules"
    shutil.copytree(RULES_FOLDER, rules)
    leans = rules / "decision" / "2-leans.yml"
    words = "Serving leans to Azure for its managed endpoints"
    assert words in leans.read_text(encoding="utf-8")
    leans.write_text(
        leans.read_text(encoding="utf-8").replace(words, 'Serving leans <b onclick="x()">to</b> & "Azure"', 1), encoding="utf-8"
    )
    prices = rules / "catalogue" / "prices.csv"
    listed = prices.read_text(encoding="utf-8")
    row = next(line for line in listed.splitlines() if line.startswith("aws,p4d.24xlarge,us-east-1,spot,"))
    marked = row.replace("skypilot-org/skypilot-catalog", "a|b <i>c</i> [red]d[/] [/e]")
    assert marked != row
    prices.write_text(listed.replace(row, marked), encoding="utf-8")
    words_of = {
        form: run("advise", "-", "--format", form, "--as-of", DAY, "--rules", rules, said=GOOD.yaml())
        for form in ("html", "markdown", "text")
    }
    html = words_of["html"].answered()
    assert page(html).unbalanced == []
    assert not {"b", "i"} & set(page(html).seen)
    assert "&lt;b onclick=" in html
    assert "&lt;i&gt;c&lt;/i&gt;" in html
    for rows in markdown_tables(words_of["markdown"].answered()):
        assert len({cells(row) for row in rows}) == 1, rows
    assert "d[/]" in words_of["text"].prose


# -- in a process of its own -------------------------------------------------------------------------------------------


def test_the_installed_script_prints_json_alone_and_exits_0(tmp_path: Path) -> None:
    if not INSTALLED.exists():
        pytest.skip(f"{INSTALLED.name} is not installed beside the interpreter")
    import subprocess

    file = tmp_path / "case.yml"
    file.write_text(GOOD.yaml(), encoding="utf-8")
    done = subprocess.run(
        [INSTALLED, "advise", file, "--format", "json", "--as-of", DAY], capture_output=True, timeout=60, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == contract("P6")


def test_the_module_takes_standard_input_and_refuses_on_standard_error() -> None:
    assert json.loads(start("advise", "-", "--format", "json", "--as-of", DAY, said=GOOD.json().encode()).answered()) == contract("P6")
    start("advise", "-", said=b"answers: {}").refused(*["missing"] * 5)


PIPES = {
    "a reader that has gone": ("| head -n 1", 0),
    "standard input closed": ("<&-", 2),
    "a disk that is full": (">/dev/full", None),
}


@pytest.mark.parametrize("name", PIPES)
def test_whatever_happens_to_the_pipes_there_is_no_traceback(name: str, tmp_path: Path) -> None:
    shell, code = PIPES[name]
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    file = tmp_path / "case.yml"
    file.write_text(GOOD.yaml(), encoding="utf-8")
    ran = start("advise", "-" if "<&-" in shell else file, "--as-of", DAY, shell=shell)
    assert "Traceback" not in ran.err
    assert "Exception ignored" not in ran.err
    if code is not None:
        assert ran.code == code
    else:
        assert ran.code != 0


def test_a_terminal_that_knows_ascii_only_still_gets_an_answer() -> None:
    ran = start("advise", "-", "--as-of", DAY, said=GOOD.yaml().encode(), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "Traceback" not in ran.err
    assert "Stay on AWS." in ran.out
