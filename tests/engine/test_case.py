"""What a case may say, what it is refused for, and what it takes for granted: section 1 of the specification."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from engine.advise import advise
from engine.case import Case, assumed_fields, computed_answers, make_case, read_case
from engine.errors import CaseError
from engine.rulebook import Rulebook

ANSWERS: dict[str, object] = {
    "footprint": "none",
    "training": "sporadic",
    "microsoft_ea": "no",
    "inference_regions": 2,
    "mlops_capacity": "yes",
}
WRITTEN_ANSWERS = """answers:
  footprint: none
  training: sporadic
  microsoft_ea: no
  inference_regions: 2
  mlops_capacity: yes
"""
ACCELERATORS = (
    "Known: A10-24GB, A100-40GB, A100-80GB, A10G-24GB, B200-179GB, B300-268.6GB, GB200, H100 NVL-94GB, H100-80GB, "
    "H200-141GB, Inferentia, Inferentia2-32GB, L4-24GB, L40S-48GB, M60-8GB, MI25-16GB, MI300X, RTX PRO 4500, "
    "RTX PRO 6000 BSE, RTX PRO 6000-96GB, T4-16GB, Trainium-32GB, V100-16GB, V100-32GB."
)
FIELDS = "accelerator, artifact_gb_per_month, ea_discount_pct, egress_gb_per_month, endpoint_accelerator, " + (
    "endpoint_hours_per_month, endpoints, gpus, inter_region_gb_per_month, inter_region_hops, interruptible, "
    "price_book, region, storage_gb, storage_tier, training_hours_per_month"
)


def refusals(text: str | bytes, rulebook: Rulebook, today: date) -> list[str]:
    with pytest.raises(CaseError) as error:
        read_case(text, "case.yml", rulebook, today)
    return [str(problem) for problem in error.value.problems]


def with_workload(line: str) -> str:
    """A case whose line 8 is the given one."""
    return f"{WRITTEN_ANSWERS}workload:\n  {line}\n"


def case_of(rulebook: Rulebook, today: date, workload: dict[str, object] | None = None, **answers: object) -> Case:
    return make_case(rulebook, today, {**ANSWERS, **answers}, workload)


# --- Words and ranges -------------------------------------------------------------------------------------------

WHOLE = "a whole number from 0 to"
NUMBER = "a number from 0 to"
RANGES: dict[str, tuple[int, str, str]] = {
    # field: (the highest, a little more than it, how the range is said)
    "gpus": (100_000, "100001", f"{WHOLE} 100,000 accelerators"),
    "training_hours_per_month": (730, "730.01", f"{NUMBER} 730 hours a month"),
    "endpoints": (100_000, "100001", f"{WHOLE} 100,000 endpoints"),
    "endpoint_hours_per_month": (730, "730.01", f"{NUMBER} 730 hours a month"),
    "egress_gb_per_month": (10**9, "1000000000.01", f"{NUMBER} 1,000,000,000 GB a month"),
    "inter_region_gb_per_month": (10**9, "1000000000.01", f"{NUMBER} 1,000,000,000 GB a month"),
    "inter_region_hops": (10, "11", f"{WHOLE} 10"),
    "artifact_gb_per_month": (10**9, "1000000000.01", f"{NUMBER} 1,000,000,000 GB a month"),
    "storage_gb": (10**9, "1000000000.01", f"{NUMBER} 1,000,000,000 GB"),
    "ea_discount_pct": (60, "60.01", f"{NUMBER} 60 %"),
}
WHOLE_FIELDS = ("gpus", "endpoints", "inter_region_hops")
NO_NUMBERS = ("NaN", ".nan", ".inf", "-.inf", "Infinity", "-Infinity", "many", "010", "1_000", "0x10", "12:30", "yes")


def test_the_ranges_below_are_those_of_every_number_of_the_workload(rulebook: Rulebook) -> None:
    assert set(RANGES) == {field.id for field in rulebook.fields if field.kind in ("whole", "number")}


@pytest.mark.parametrize("field", RANGES)
def test_both_ends_of_a_range_are_accepted(field: str, rulebook: Rulebook, today: date) -> None:
    most = RANGES[field][0]
    for written, value in (("0", 0), (str(most), most), (f"{most}.0", most), ("-0", 0)):
        case = read_case(with_workload(f"{field}: {written}"), "case.yml", rulebook, today)
        assert value == case.workload[field]


@pytest.mark.parametrize("field", RANGES)
def test_a_number_out_of_range_is_refused_at_both_ends(field: str, rulebook: Rulebook, today: date) -> None:
    _, above, span = RANGES[field]
    for written in ("-1", above):
        expected = [f"case.yml:8: {field}: `{written}` is not accepted. Give {span}."]
        assert expected == refusals(with_workload(f"{field}: {written}"), rulebook, today)


@pytest.mark.parametrize("field", RANGES)
def test_what_is_no_number_is_refused(field: str, rulebook: Rulebook, today: date) -> None:
    for written in NO_NUMBERS:
        expected = [f"case.yml:8: {field}: `{written}` is not accepted. Give {RANGES[field][2]}."]
        assert refusals(with_workload(f"{field}: {written}"), rulebook, today) == expected


@pytest.mark.parametrize("field", WHOLE_FIELDS)
def test_a_fraction_is_refused_where_a_whole_number_is_due(field: str, rulebook: Rulebook, today: date) -> None:
    expected = [f"case.yml:8: {field}: `1.5` is not accepted. Give {RANGES[field][2]}."]
    assert expected == refusals(with_workload(f"{field}: 1.5"), rulebook, today)


@pytest.mark.parametrize("written", ["100000.000000000000000000000001", "0.0000000000000000000000000001"])
def test_a_fraction_is_a_fraction_however_small(written: str, rulebook: Rulebook, today: date) -> None:
    assert len(refusals(with_workload(f"gpus: {written}"), rulebook, today)) == 1


def test_a_number_above_the_range_is_refused_however_little_above(rulebook: Rulebook, today: date) -> None:
    assert len(refusals(with_workload("ea_discount_pct: 60.0000000000000000000000000001"), rulebook, today)) == 1


@pytest.mark.parametrize("written", ["1e400", "1e-400", "-1e400", "1e9999999999999999999", "1e-9999999999999999999"])
@pytest.mark.parametrize("field", ["gpus", "storage_gb"])
def test_a_huge_exponent_is_refused(field: str, written: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload(f"{field}: {written}"), rulebook, today)
    assert problem.startswith(f"case.yml:8: {field}: ")
    # What still is a number is told how long one may be; a longer exponent makes it a word.
    number, span = RANGES[field][2].split(" from ")
    digits = " of at most 30 digits" if len(written) < 10 else ""
    assert problem.endswith(f" is not accepted. Give {number}{digits} from {span}.")


@pytest.mark.parametrize("field", RANGES)
def test_a_quoted_number_is_refused(field: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload(f'{field}: "5"'), rulebook, today)
    assert problem.startswith(f"case.yml:8: {field}: ")


def test_a_quoted_number_is_refused_with_its_quotes_as_the_reason(rulebook: Rulebook, today: date) -> None:
    # Without the reason one reads that 8 is no whole number from 0 to 100,000.
    (problem,) = refusals(with_workload('gpus: "8"'), rulebook, today)
    assert "quote" in problem


@pytest.mark.parametrize("written", ["true", "false"])
@pytest.mark.parametrize("field", RANGES)
def test_a_boolean_is_no_number(field: str, written: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload(f"{field}: {written}"), rulebook, today)
    assert problem.startswith(f"case.yml:8: {field}: ")
    assert problem.endswith(f" is not accepted. Give {RANGES[field][2]}.")


WRONG_TYPES = {
    "nothing": "",
    "null": "null",
    "a list": "[1, 2]",
    "a mapping": "{a: 1}",
    "an empty list": "[]",
    "a list of lists": "[[1], [2]]",
}
OF_EVERY_KIND = (
    "price_book", "region", "accelerator", "gpus", "storage_gb", "interruptible", "storage_tier", "ea_discount_pct",
)  # fmt: skip


@pytest.mark.parametrize("written", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("field", OF_EVERY_KIND)
def test_a_wrong_type_is_refused_for_every_kind_of_field(field: str, written: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload(f"{field}: {written}"), rulebook, today)
    assert problem.startswith(f"case.yml:8: {field}: ")


ECHOED = {
    "nothing": ("gpus:", "None"),
    "null": ("gpus: null", "None"),
    "a boolean": ("gpus: true", "True"),
    "a list": ("gpus: [1, 2]", "Decimal"),
    "a mapping": ("gpus: {a: 1}", "Decimal"),
    "no region": ("region: ~", "None"),
}


@pytest.mark.parametrize(("line", "inner"), ECHOED.values(), ids=ECHOED)
def test_a_refusal_quotes_what_was_written_and_not_what_python_makes_of_it(line: str, inner: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload(line), rulebook, today)
    assert inner not in problem


WORDS = {
    "region: us-esat": "region: `us-esat` is not accepted. Give one of: us-east, us-west, europe.",
    "region: US-EAST": "region: `US-EAST` is not accepted. Give one of: us-east, us-west, europe.",
    "region: 1": "region: `1` is not accepted. Give one of: us-east, us-west, europe.",
    "price_book: articel": "price_book: `articel` is not accepted. Give one of: current, article.",
    "storage_tier: archive": "storage_tier: `archive` is not accepted. Give one of: hot, infrequent.",
    "interruptible: maybe": "interruptible: `maybe` is not accepted. Give true or false.",
    "interruptible: 1": "interruptible: `1` is not accepted. Give true or false.",
    "interruptible: on": "interruptible: `on` is not accepted. Give true or false.",
    "accelerator: H101-80GB": ("accelerator: `H101-80GB` is no accelerator of the catalogue. Did you mean `H100-80GB`?"),
    "accelerator: none": f"accelerator: `none` is no accelerator of the catalogue. {ACCELERATORS}",
    "accelerator: 100": "accelerator: `100` is not accepted. Give an accelerator such as A10-24GB.",
    # A card in fractions belongs to the family of the whole card, so its share of the memory names no family.
    "accelerator: A10-4GB": "accelerator: `A10-4GB` is no accelerator of the catalogue. Did you mean `A10-24GB`?",
    "endpoint_accelerator: 3": "endpoint_accelerator: `3` is not accepted. Give an accelerator such as A10-24GB.",
    "gpu: 8": "gpu: unknown. Did you mean `gpus`?",
    "GPUS: 8": "GPUS: unknown. Did you mean `gpus`?",
    "1: 8": f"1: unknown. Known: {FIELDS}.",
    "switching_threshold_usd_per_year: 1": f"switching_threshold_usd_per_year: unknown. Known: {FIELDS}.",
}


@pytest.mark.parametrize(("line", "problem"), WORDS.items(), ids=WORDS)
def test_a_word_that_is_not_known_is_refused_with_those_that_are(line: str, problem: str, rulebook: Rulebook, today: date) -> None:
    assert [f"case.yml:8: {problem}"] == refusals(with_workload(line), rulebook, today)


SPELLINGS = {
    "T4-16GB": "T4-16GB",
    "t4 16gb": "T4-16GB",
    "T4_16GiB": "T4-16GB",
    "NVIDIA T4": "T4",
    "T4": "T4",
    "A100": "A100",
    "a100-80gb": "A100-80GB",
    "H100 NVL-94GB": "H100 NVL-94GB",
    "Inferentia": "Inferentia",
}


@pytest.mark.parametrize(("written", "family"), SPELLINGS.items(), ids=SPELLINGS)
def test_an_accelerator_may_be_spelt_in_several_ways(written: str, family: str, rulebook: Rulebook, today: date) -> None:
    assert family == case_of(rulebook, today, {"accelerator": written}).workload["accelerator"]


def test_a_long_accelerator_is_refused(rulebook: Rulebook, today: date) -> None:
    """Half a million digits: a pattern that tried every split of them would not come back."""
    (problem,) = refusals(with_workload(f'accelerator: "{"1" * 500_000}"'), rulebook, today)
    assert problem.startswith(f"case.yml:8: accelerator: `{'1' * 60}...` is no accelerator of the catalogue.")


def test_long_text_with_control_characters_is_echoed_safely(rulebook: Rulebook, today: date) -> None:
    text = with_workload('region: "\\e[31mred\\u202e' + "x" * 10_000 + '"')
    expected = f"case.yml:8: region: `?[31mred?{'x' * 51}...` is not accepted. Give one of: us-east, us-west, europe."
    assert [expected] == refusals(text, rulebook, today)


def test_a_key_with_control_characters_is_echoed_safely(rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_workload('"\\e[31m\\n\\u202e": 1'), rulebook, today)
    assert f"case.yml:8: ?[31m??: unknown. Known: {FIELDS}." == problem


def test_a_long_number_is_echoed_in_part(rulebook: Rulebook, today: date) -> None:
    expected = f"case.yml:8: gpus: `{'9' * 60}...` is not accepted. Give a whole number from 0 to 100,000 accelerators."
    assert [expected] == refusals(with_workload(f"gpus: {'9' * 5000}"), rulebook, today)


def test_thousands_of_unknown_keys_are_refused_and_fifty_named(rulebook: Rulebook, today: date) -> None:
    found = refusals(with_workload("\n".join(f"  k{n}: 1" for n in range(5_000)).strip()), rulebook, today)
    assert found[0] == "case.yml:7: workload: 4950 more keys are unknown"
    assert found[1:] == [f"case.yml:{8 + n}: k{n}: unknown. Known: {FIELDS}." for n in range(50)]


def test_thousands_of_unknown_sections_are_refused_and_fifty_named(rulebook: Rulebook, today: date) -> None:
    found = refusals(WRITTEN_ANSWERS + "\n".join(f"k{n}: 1" for n in range(5_000)), rulebook, today)
    assert found[0] == "case.yml:1: 4950 more keys are unknown"
    assert found[1:] == [f"case.yml:{7 + n}: k{n}: unknown. Known: answers, assumptions, workload." for n in range(50)]


# --- Answers ----------------------------------------------------------------------------------------------------

REFUSED_ANSWERS = {
    "footprint: gcp": "footprint: `gcp` is not accepted. Give one of: aws, azure, both, none.",
    "footprint: AWS": "footprint: `AWS` is not accepted. Give one of: aws, azure, both, none.",
    "footprint: 1": "footprint: `1` is not accepted. Give one of: aws, azure, both, none.",
    "training: yes": "training: `yes` is not accepted. Give one of: sporadic, continuous, none.",
    "microsoft_ea: maybe": "microsoft_ea: `maybe` is not accepted. Give one of: yes, no, unsure.",
    "microsoft_ea: on": "microsoft_ea: `on` is not accepted. Give one of: yes, no, unsure.",
    "mlops_capacity: unsure": "mlops_capacity: `unsure` is not accepted. Give one of: yes, no.",
    "inference_regions: 61": "inference_regions: `61` is not accepted. Give a whole number from 0 to 60.",
    "inference_regions: -1": "inference_regions: `-1` is not accepted. Give a whole number from 0 to 60.",
    "inference_regions: 2.5": "inference_regions: `2.5` is not accepted. Give a whole number from 0 to 60.",
    "inference_regions: none": "inference_regions: `none` is not accepted. Give a whole number from 0 to 60.",
    "inference_regions: .nan": "inference_regions: `.nan` is not accepted. Give a whole number from 0 to 60.",
    "inference_regions: .inf": "inference_regions: `.inf` is not accepted. Give a whole number from 0 to 60.",
}
LINE_OF_ANSWER = {"footprint": 2, "training": 3, "microsoft_ea": 4, "inference_regions": 5, "mlops_capacity": 6}


def with_answer(line: str) -> str:
    lines = WRITTEN_ANSWERS.splitlines()
    lines[LINE_OF_ANSWER[line.split(":")[0]] - 1] = f"  {line}"
    return "\n".join(lines)


@pytest.mark.parametrize(("line", "problem"), REFUSED_ANSWERS.items(), ids=REFUSED_ANSWERS)
def test_an_answer_that_is_not_known_is_refused(line: str, problem: str, rulebook: Rulebook, today: date) -> None:
    place = f"case.yml:{LINE_OF_ANSWER[line.split(':')[0]]}"
    assert [f"{place}: {problem}"] == refusals(with_answer(line), rulebook, today)


@pytest.mark.parametrize("written", ["", "null", "true", "[aws]", "{aws: 1}", '"2"', "1e9999999999999999999"])
@pytest.mark.parametrize("question", ["footprint", "training", "inference_regions"])
def test_a_wrong_type_of_answer_is_refused(question: str, written: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(with_answer(f"{question}: {written}"), rulebook, today)
    assert problem.startswith(f"case.yml:{LINE_OF_ANSWER[question]}: {question}: ")


BOOLEANS = {"true": "yes", "false": "no", "yes": "yes", "no": "no", '"yes"': "yes", '"no"': "no"}


@pytest.mark.parametrize(("written", "answer"), BOOLEANS.items(), ids=BOOLEANS)
@pytest.mark.parametrize("question", ["microsoft_ea", "mlops_capacity"])
def test_yes_and_no_may_be_booleans(question: str, written: str, answer: str, rulebook: Rulebook, today: date) -> None:
    case = read_case(with_answer(f"{question}: {written}"), "case.yml", rulebook, today)
    assert answer == case.answers[question]


@pytest.mark.parametrize(("written", "value"), {"true": True, "yes": True, "false": False, "no": False}.items())
def test_a_field_that_is_true_or_false_takes_yes_and_no_too(written: str, value: bool, rulebook: Rulebook, today: date) -> None:
    case = read_case(with_workload(f"interruptible: {written}"), "case.yml", rulebook, today)
    assert value is case.workload["interruptible"]


def test_unsure_computes_as_no_and_stays_unsure(rulebook: Rulebook, today: date) -> None:
    case = case_of(rulebook, today, microsoft_ea="unsure")
    assert case.answers["microsoft_ea"] == "unsure"
    assert computed_answers(case, rulebook) == {**ANSWERS, "microsoft_ea": "no"}


def test_missing_answers_are_all_named_with_what_they_take(rulebook: Rulebook, today: date) -> None:
    assert refusals("answers:\n  footprint: aws\n", rulebook, today) == [
        "case.yml:1: inference_regions: missing. Give one of: 0, 1, 2, 3, ... 60.",
        "case.yml:1: microsoft_ea: missing. Give one of: yes, no, unsure.",
        "case.yml:1: mlops_capacity: missing. Give one of: yes, no.",
        "case.yml:1: training: missing. Give one of: sporadic, continuous, none.",
    ]


@pytest.mark.parametrize("text", ["{}", "workload: {gpus: 1}", "answers: {}"])
def test_a_case_without_answers_is_refused_with_all_five(text: str, rulebook: Rulebook, today: date) -> None:
    found = refusals(text, rulebook, today)
    assert sorted(LINE_OF_ANSWER) == [problem.split(": ")[1] for problem in found]


def test_neither_training_nor_serving_is_refused(rulebook: Rulebook, today: date) -> None:
    text = WRITTEN_ANSWERS.replace("sporadic", "none").replace("regions: 2", "regions: 0")
    assert refusals(text, rulebook, today) == [
        "case.yml:1: answers: training is `none` and inference_regions is `0`: there is nothing to place. Give one of them."
    ]


@pytest.mark.parametrize(("training", "regions"), [("none", 1), ("sporadic", 0), ("continuous", 0)])
def test_either_training_or_serving_is_enough(training: str, regions: int, rulebook: Rulebook, today: date) -> None:
    case = case_of(rulebook, today, training=training, inference_regions=regions)
    assert (training != "none", regions > 0) == (case.trains, case.serves)


# --- Sections, assumptions, everything at once --------------------------------------------------------------------


SHAPES = {
    "empty": ("", "case.yml:1: the file is empty"),
    "a list": ("- 1\n", "case.yml:1: a case has the keys answers, workload, assumptions"),
    "a word": ("hello", "case.yml:1: a case has the keys answers, workload, assumptions"),
    "an unknown section": (f"{WRITTEN_ANSWERS}workloads:\n  gpus: 1\n", "case.yml:7: workloads: unknown. Did you mean `workload`?"),
    "an unknown section, far from all": (
        f"{WRITTEN_ANSWERS}x: 1\n", "case.yml:7: x: unknown. Known: answers, assumptions, workload.",
    ),
    "an unknown assumption": (
        f"{WRITTEN_ANSWERS}assumptions:\n  materialty_pct: 3\n", "case.yml:8: materialty_pct: unknown. Did you mean `materiality_pct`?",
    ),
    "an assumption that no case may set": (
        f"{WRITTEN_ANSWERS}assumptions:\n  stale_after_days_spot: 3\n",
        "case.yml:8: stale_after_days_spot: unknown. Known: materiality_pct, switching_threshold_usd_per_year.",
    ),
    "too much materiality": (
        f"{WRITTEN_ANSWERS}assumptions:\n  materiality_pct: 50.01\n",
        "case.yml:8: materiality_pct: `50.01` is not accepted. Give a number from 0 to 50 %.",
    ),
    "negative materiality": (
        f"{WRITTEN_ANSWERS}assumptions:\n  materiality_pct: -1\n",
        "case.yml:8: materiality_pct: `-1` is not accepted. Give a number from 0 to 50 %.",
    ),
    "a negative threshold": (
        f"{WRITTEN_ANSWERS}assumptions:\n  switching_threshold_usd_per_year: -0.01\n",
        "case.yml:8: switching_threshold_usd_per_year: `-0.01` is not accepted. Give a number of 0 or more USD a year.",
    ),
    "a key twice": (f"{WRITTEN_ANSWERS}  footprint: aws\n", "case.yml:7: footprint: is written twice. Keep one"),
    "a section twice": (f"{WRITTEN_ANSWERS}workload: {{}}\nworkload: {{}}\n", "case.yml:8: workload: is written twice. Keep one"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), SHAPES.values(), ids=SHAPES)
def test_a_case_of_the_wrong_shape_is_refused(text: str, problem: str, rulebook: Rulebook, today: date) -> None:
    assert [problem] == refusals(text, rulebook, today)


@pytest.mark.parametrize("written", ["", "null", "[1]", "hello", "3"])
@pytest.mark.parametrize("section", ["workload", "assumptions"])
def test_a_section_without_lines_is_refused_in_plain_words(section: str, written: str, rulebook: Rulebook, today: date) -> None:
    (problem,) = refusals(f"{WRITTEN_ANSWERS}{section}: {written}\n", rulebook, today)
    assert problem.startswith(f"case.yml:7: {section}: ")
    assert "None" not in problem
    assert "Decimal" not in problem


def test_a_threshold_beyond_reason_is_refused_with_a_range_that_excludes_it(rulebook: Rulebook, today: date) -> None:
    text = f"{WRITTEN_ANSWERS}assumptions:\n  switching_threshold_usd_per_year: 1e31\n"
    (problem,) = refusals(text, rulebook, today)
    assert not problem.endswith("a number of 0 or more USD a year is")


def test_all_problems_of_a_case_are_reported_at_once_in_the_order_of_their_lines(rulebook: Rulebook, today: date) -> None:
    text = """answers:
  footprint: gcp
  training: sporadic
  microsoft_ea: maybe
  mlops_capacty: yes
workload:
  gpu: 8
  endpoints: -1
  region: us-esat
  endpoints: 2
assumptions:
  materiality_pct: 51
extras: 1
"""
    assert refusals(text, rulebook, today) == [
        "case.yml:1: inference_regions: missing. Give one of: 0, 1, 2, 3, ... 60.",
        "case.yml:1: mlops_capacity: missing. Give one of: yes, no.",
        "case.yml:2: footprint: `gcp` is not accepted. Give one of: aws, azure, both, none.",
        "case.yml:4: microsoft_ea: `maybe` is not accepted. Give one of: yes, no, unsure.",
        "case.yml:5: mlops_capacty: unknown. Did you mean `mlops_capacity`?",
        "case.yml:7: gpu: unknown. Did you mean `gpus`?",
        "case.yml:8: endpoints: `-1` is not accepted. Give a whole number from 0 to 100,000 endpoints.",
        "case.yml:9: region: `us-esat` is not accepted. Give one of: us-east, us-west, europe.",
        "case.yml:10: endpoints: is written twice. Keep one",
        "case.yml:12: materiality_pct: `51` is not accepted. Give a number from 0 to 50 %.",
        "case.yml:13: extras: unknown. Known: answers, assumptions, workload.",
    ]


def test_json_makes_the_same_case_as_yaml(rulebook: Rulebook, today: date) -> None:
    workload: dict[str, object] = {"gpus": 3, "storage_gb": 0.1, "interruptible": False, "endpoint_accelerator": None}
    for indent in (None, 2, "\t"):
        for spaces in ((", ", ": "), (",", ":")):
            written = {"answers": {**ANSWERS, "mlops_capacity": True}, "workload": workload, "assumptions": {"materiality_pct": 4}}
            text = json.dumps(written, indent=indent, separators=spaces)
            case = read_case(text, "-", rulebook, today)
            lines = "gpus: 3\n  storage_gb: 0.1\n  interruptible: no\n  endpoint_accelerator: none\nassumptions:\n  materiality_pct: 4"
            assert read_case(with_workload(lines), "-", rulebook, today) == case


def test_a_refusal_of_json_has_its_line(rulebook: Rulebook, today: date) -> None:
    text = json.dumps({"answers": ANSWERS, "workload": {"gpus": -1}}, indent=2)
    assert refusals(text, rulebook, today) == [
        "case.yml:10: gpus: `-1` is not accepted. Give a whole number from 0 to 100,000 accelerators."
    ]


PYTHON_NUMBERS: dict[str, tuple[object, int | None]] = {
    "a whole float": (8.0, 8),
    "a Decimal": (Decimal("8.00"), 8),
    "NaN": (float("nan"), None),
    "infinity": (float("inf"), None),
    "a signalling NaN": (Decimal("sNaN"), None),
    "a boolean": (True, None),
    "text": ("8", None),
    "bytes": (b"8", None),
    "a complex number": (8 + 0j, None),
    "a float beyond every range": (1e300, None),
}


@pytest.mark.parametrize(("value", "gpus"), PYTHON_NUMBERS.values(), ids=PYTHON_NUMBERS)
def test_a_program_hands_over_numbers_under_the_same_rules(value: object, gpus: int | None, rulebook: Rulebook, today: date) -> None:
    if gpus is not None:
        assert gpus == case_of(rulebook, today, {"gpus": value}).workload["gpus"]
        return
    with pytest.raises(CaseError) as error:
        case_of(rulebook, today, {"gpus": value})
    assert str(error.value).startswith("gpus: `")
    assert "` is not accepted. Give a whole number from 0 to 100,000 accelerators" in str(error.value)


TOO_LONG = (
    r"^gpus: a number of more digits than are read is not accepted\. "
    r"Give a whole number of at most 30 digits from 0 to 100,000 accelerators\.$"
)


def test_an_integer_too_long_to_print_is_refused_in_our_own_words(rulebook: Rulebook, today: date) -> None:
    with pytest.raises(CaseError, match=TOO_LONG):
        case_of(rulebook, today, {"gpus": 10**5000})


NOT_OFFERED: dict[str, tuple[dict[str, object], str]] = {
    "not in the article": ({"price_book": "article", "accelerator": "H100-80GB"}, "accelerator: `H100-80GB` is not offered"),
    "retired everywhere": ({"accelerator": "M60-8GB"}, "accelerator: `M60-8GB` is not offered"),
    "of no known count": (
        {"accelerator": "RTX PRO 4500"},
        "accelerator: `RTX PRO 4500` cannot be computed: how many accelerators a machine holds is unknown",
    ),
    "not for endpoints either": ({"endpoint_accelerator": "M60"}, "endpoint_accelerator: `M60` is not offered"),
}  # fmt: skip


@pytest.mark.parametrize(("workload", "start"), NOT_OFFERED.values(), ids=NOT_OFFERED)
def test_an_accelerator_that_neither_cloud_offers_is_refused(
    workload: dict[str, object], start: str, rulebook: Rulebook, today: date
) -> None:
    with pytest.raises(CaseError) as error:
        advise(case_of(rulebook, today, workload), rulebook, today)
    assert str(error.value).startswith(start)


# --- Defaults and what is assumed ---------------------------------------------------------------------------------

DEFAULTS: dict[str, object] = {
    "price_book": "current",
    "region": "us-east",
    "accelerator": "A100-40GB",
    "gpus": 8,
    "training_hours_per_month": 120,
    "interruptible": True,
    "endpoints": 20,
    "endpoint_hours_per_month": 730,
    "endpoint_accelerator": None,
    "egress_gb_per_month": 1_000,
    "inter_region_gb_per_month": 30_000,
    "inter_region_hops": 1,
    "artifact_gb_per_month": 100,
    "storage_gb": 10_000,
    "storage_tier": "hot",
    "ea_discount_pct": 0,
}


def test_the_defaults_are_those_of_the_specification(rulebook: Rulebook, today: date) -> None:
    case = case_of(rulebook, today)
    assert case.workload == DEFAULTS
    assert case.assumptions == {"switching_threshold_usd_per_year": 50_000, "materiality_pct": 5}


def test_the_default_hours_follow_the_training_schedule(rulebook: Rulebook, today: date) -> None:
    for training, hours in (("continuous", 730), ("sporadic", 120)):
        assert hours == case_of(rulebook, today, training=training).workload["training_hours_per_month"]


def test_the_default_accelerator_follows_the_price_book(rulebook: Rulebook, today: date) -> None:
    assert case_of(rulebook, today, {"price_book": "article"}).workload["accelerator"] == "V100-16GB"


def test_a_default_does_not_displace_what_was_given(rulebook: Rulebook, today: date) -> None:
    given = {"price_book": "article", "accelerator": "T4", "training_hours_per_month": 7, "interruptible": False, "gpus": 0}
    case = case_of(rulebook, today, given, training="continuous")
    assert given == {name: case.workload[name] for name in given}


TRAINING = ("accelerator", "gpus", "training_hours_per_month")
SERVING = ("endpoints", "endpoint_hours_per_month")
TRAFFIC = ("egress_gb_per_month", "inter_region_gb_per_month", "inter_region_hops")
STORAGE = ("storage_gb", "storage_tier")
PLACE = ("price_book", "region")
BOTH = (*PLACE, *TRAINING, "interruptible", *SERVING, *TRAFFIC, "artifact_gb_per_month", *STORAGE)

ASSUMED: dict[str, tuple[dict[str, object], dict[str, object], tuple[str, ...]]] = {
    # what: (answers, workload, every field that is left out and has an effect)
    "both parts": ({}, {}, BOTH),
    "continuous training is never bought on spot": (
        {"training": "continuous"}, {}, tuple(f for f in BOTH if f != "interruptible"),
    ),
    "no training": ({"training": "none"}, {}, (*PLACE, *SERVING, *TRAFFIC, *STORAGE)),
    "no serving": ({"inference_regions": 0}, {}, (*PLACE, *TRAINING, "interruptible", *TRAFFIC, *STORAGE)),
    "an agreement": ({"microsoft_ea": "yes"}, {}, (*BOTH, "ea_discount_pct")),
    "unsure is no agreement": ({"microsoft_ea": "unsure"}, {}, BOTH),
    "no GPUs": (
        {}, {"gpus": 0}, tuple(f for f in BOTH if f not in ("gpus", "training_hours_per_month", "interruptible")),
    ),
    "no endpoints": ({}, {"endpoints": 0}, tuple(f for f in BOTH if f not in SERVING)),
    "nothing crosses a border": (
        {}, {"inter_region_gb_per_month": 0}, tuple(f for f in BOTH if not f.startswith("inter_region")),
    ),
    "nothing is kept": ({}, {"storage_gb": 0}, tuple(f for f in BOTH if f not in STORAGE)),
    "everything given": ({}, {name: value for name, value in DEFAULTS.items() if value is not None}, ()),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "workload", "assumed"), ASSUMED.values(), ids=ASSUMED)
def test_what_was_left_out_and_has_an_effect_is_listed_as_assumed(
    answers: dict[str, object],
    workload: dict[str, object],
    assumed: tuple[str, ...],
    rulebook: Rulebook,
    today: date,
) -> None:
    case = case_of(rulebook, today, {"endpoint_accelerator": "none", **workload}, **answers)
    assert set(assumed) == set(assumed_fields(case, rulebook))
    assert len(assumed) == len(assumed_fields(case, rulebook))


WITHOUT_EFFECT: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "GB that cross no border": ({}, {"inter_region_hops": 0}, "inter_region_gb_per_month"),
    "endpoints that are never up": ({}, {"endpoint_hours_per_month": 0}, "endpoints"),
    "GPUs that never work": ({}, {"training_hours_per_month": 0}, "gpus"),
    "a job that never runs": ({}, {"training_hours_per_month": 0}, "interruptible"),
}


@pytest.mark.parametrize(("answers", "workload", "field"), WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
def test_a_field_without_effect_is_not_listed_as_assumed(
    answers: dict[str, object], workload: dict[str, object], field: str, rulebook: Rulebook, today: date
) -> None:
    assert field not in assumed_fields(case_of(rulebook, today, workload, **answers), rulebook)


def test_the_starter_endpoint_is_listed_as_assumed_where_no_accelerator_was_named(rulebook: Rulebook, today: date) -> None:
    # Section 1 gives the field a default like any other, and the default sets the price of every endpoint.
    assert "endpoint_accelerator" in assumed_fields(case_of(rulebook, today), rulebook)
    assert "endpoint_accelerator" not in assumed_fields(case_of(rulebook, today, inference_regions=0), rulebook)
