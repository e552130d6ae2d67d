"""`whichcloud cost`, `prices` and `check`: the small calculator, the price list, and the soundness of the rules."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.load import RULES_FOLDER
from tests.bot.terminal import DAY, Ran, run

RATES = RULES_FOLDER / "catalogue" / "rates.csv"
PRICES = RULES_FOLDER / "catalogue" / "prices.csv"


def cost(*words: str, form: str = "json") -> Any:
    """The answer of the calculator, as JSON or as text."""
    said = run("cost", *words, "--format", form, "--as-of", DAY).answered()
    return json.loads(said) if form == "json" else said


def usd(*words: str) -> Decimal:
    return Decimal(str(cost(*words)["usd"]))


# -- cost: the examples ------------------------------------------------------------------------------------------------

EGRESS = ("egress", "--from", "aws:ap-southeast-2", "--gb", "157000", "--free-gb", "0")


def test_egress_from_sydney_climbs_the_ladder_line_by_line() -> None:
    """10,240 x 0.114 + 40,960 x 0.098 + 102,400 x 0.094 + 3,400 x 0.092."""
    answer = cost(*EGRESS)
    assert answer["usd"] == 15119.84
    assert [(line["quantity"], line["rate"], line["usd"]) for line in answer["lines"]] == [
        (10240, 0.114, 1167.36), (40960, 0.098, 4014.08), (102400, 0.094, 9625.6), (3400, 0.092, 312.8),
    ]  # fmt: skip
    for line in answer["lines"]:
        assert line["step"]
        assert line["source"]
        assert line["as_of"] == "2024-09-25"
        assert line["stale"] is True


def test_the_same_as_a_table_for_people() -> None:
    text = cost(*EGRESS, form="text")
    for part in ("10,240 GB", "$0.114", "$1,167.36", "102,400 GB", "$9,625.60", "$312.80", "$15,119.84", "2024-09-25"):
        assert part in text
    assert "\x1b" not in text
    assert "…" not in text


EXAMPLES = {
    "between the US East regions": ("5.00", "transfer --from aws:us-east-1 --to aws:us-east-2 --gb 500"),
    "two hops": ("1200.00", "transfer --from aws:us-east-1 --to aws:us-west-2 --gb 30000 --hops 2"),
    "across zones, both ways": ("20.00", "transfer --from aws:us-east-1 --to aws:us-east-1 --gb 1000"),
    # To another cloud over the internet: 900 GB at 0.09, the first 100 free.
    "to another cloud": ("81.00", "transfer --from aws:us-east-1 --to azure:eastus --gb 1000"),
    "Blob Hot": ("77055.18", "storage --at azure:eastus --tier hot --gb 4000000"),
    "a tier by another name": ("375.00", "storage --at aws:us-east-1 --tier Standard-IA --gb 30000"),
    "spot": ("945.59", "compute --at aws:us-east-1 --instance p4d.24xlarge --purchase spot --hours 120"),
    # 3 x 120 x 7.8799 = 2,836.764
    "three of them": ("2836.76", "compute --at aws:us-east-1 --instance p4d.24xlarge --purchase spot --hours 120 --count 3"),
    # 945.588 and its 15 % (141.84): the premium is read for us-west-2, where 25.251286 / 21.957642 is 1.15.
    "with the managed layer": ("1087.43", "compute --at aws:us-east-1 --instance p4d.24xlarge --purchase spot --hours 120 --managed"),
    "a managed name": ("25.25", "compute --at aws:us-west-2 --instance ml.p4d.24xlarge --hours 1"),
    "reserved, spelt with a dash": ("10162.40", "compute --at aws:us-east-1 --instance p4d.24xlarge --purchase reserved-1y --hours 730"),
    "Azure adds nothing": ("708.54", "compute --at azure:eastus --instance Standard_ND96asr_v4 --purchase spot --hours 120 --managed"),
    "an instance in another case": ("708.54", "compute --at azure:eastus --instance standard_nd96asr_V4 --purchase spot --hours 120"),
    "your own rate": ("17.10", "compute --at aws:eu-west-1 --instance p3.2xlarge --hours 4.139 --rate 4.131"),
    # ml.c5.large 0.102: 0.085 raw and 20 %, 62.05 and 12.41 a month.
    "the starter endpoint": ("74.46", "endpoint --at aws:us-east-1"),
    "twenty of them on Azure": ("1235.16", "endpoint --at azure:eastus --count 20"),
    "without the managed layer": ("62.05", "endpoint --at aws:us-east-1 --raw"),
    # g5.xlarge 1.006 raw is 734.38; managed 1.4084 is 1.4 times that.
    "a GPU endpoint": ("1028.13", "endpoint --at aws:us-east-1 --instance ml.g5.xlarge"),
    "thousands": ("4809.20", "egress --from aws:us-east-1 --gb 57,000 --free-gb 0"),
    "nothing": ("0.00", "egress --from aws:us-east-1 --gb 0"),
    "all of it free": ("0.00", "egress --from aws:us-east-1 --gb 100"),
    # 0.50 GB at 0.09 is 4.5 cents: half up.
    "half a cent rounds up": ("0.05", "egress --from aws:us-east-1 --gb 100.50"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_calculator_answers_to_the_cent(name: str) -> None:
    expected, words = EXAMPLES[name]
    answer = cost(*words.split())
    assert Decimal(str(answer["usd"])) == Decimal(expected)
    assert sum(Decimal(str(line["usd"])) for line in answer["lines"]) == Decimal(expected)


def test_a_managed_layer_on_your_own_rate_is_not_dropped_without_a_word() -> None:
    """Either a line of its own, or a refusal, or a note; never a total without the premium that was asked for."""
    ran = run(
        "cost",
        "compute",
        "--at",
        "aws:us-east-1",
        "--instance",
        "p3.2xlarge",
        "--rate",
        "3",
        "--hours",
        "1",
        "--managed",
        "--format",
        "json",
    )
    assert ran.code == 2 or json.loads(ran.out)["usd"] != 3 or json.loads(ran.out)["notes"]


def test_hops_to_another_cloud_are_not_dropped_without_a_word() -> None:
    """Three hops are asked for and one is priced: the notes or a refusal must say so."""
    ran = run("cost", "transfer", "--from", "aws:us-east-1", "--to", "azure:eastus", "--gb", "1000", "--hops", "3", "--format", "json")
    assert ran.code == 2 or json.loads(ran.out)["usd"] != 81 or any("hop" in note for note in json.loads(ran.out)["notes"])


def test_free_gb_that_were_typed_are_not_credited_to_a_price_list() -> None:
    free = cost("egress", "--from", "aws:us-east-1", "--gb", "63488", "--free-gb", "1")["lines"][0]
    assert (free["quantity"], free["usd"]) == (1, 0)
    assert "given" in free["source"]


def test_a_retired_machine_is_priced_with_a_word_of_warning() -> None:
    words = ("compute", "--at", "azure:eastus", "--instance", "Standard_NC6s_v3", "--purchase", "on_demand", "--hours", "1")
    assert any("retired" in note for note in cost(*words)["notes"])
    assert "retired" in cost(*words, form="text")


def test_sources_that_disagree_are_said_in_text_too() -> None:
    """Traffic between Azure zones is free in one source and 0.01 each way in another: a bare $0.00 would be believed."""
    words = ("transfer", "--from", "azure:eastus", "--to", "azure:eastus", "--gb", "1000")
    assert "CONFLICT" in json.dumps(cost(*words))
    assert re.search("conflict|disagree", cost(*words, form="text"), re.IGNORECASE)


@pytest.mark.parametrize(
    "name", ["[/x]", "[bold]x[/bold]", "\x1b[31mred", "a\nb", "x" * 500], ids=["closing tag", "tag", "escape", "two lines", "long"]
)
@pytest.mark.parametrize("command", ["compute", "endpoint"])
def test_a_typed_name_is_shown_and_not_obeyed(command: str, name: str) -> None:
    ran = run("cost", command, "--at", "aws:us-east-1", "--instance", name, "--hours", "1", "--rate", "1")
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.out
    if ran.code == 0 and name.startswith("["):
        assert name in ran.out


# -- cost: every rate is in reach --------------------------------------------------------------------------------------


def rates() -> Iterator[tuple[str, str, str, dict[str, str]]]:
    with RATES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["book"] == "current":
                for region in row["regions"].split():
                    if region != "any":
                        yield row["category"], row["provider"], region, row


def rate_id(case: tuple[str, str, str, dict[str, str]]) -> str:
    category, provider, region, row = case
    return f"{category} {provider}:{region} {row['to_regions'] or row['from_gb']}"


def egress_ladders() -> dict[str, list[tuple[str, float]]]:
    """Place -> the steps of its ladder with their rates, as the file has them."""
    ladders: dict[str, list[tuple[str, float]]] = {}
    for category, provider, region, row in rates():
        if category == "egress":
            ladders.setdefault(f"{provider}:{region}", []).append((row["step"], float(row["usd"])))
    return ladders


@pytest.mark.parametrize(("place", "ladder"), egress_ladders().items())
def test_every_egress_rate_is_in_reach(place: str, ladder: list[tuple[str, float]]) -> None:
    """200,000 GB reach into the last step, beyond 153,600."""
    lines = cost("egress", "--from", place, "--gb", "200000", "--free-gb", "0")["lines"]
    assert [line["rate"] for line in lines] == [usd for _, usd in ladder]
    assert [line["quantity"] for line in lines] == [10240, 40960, 102400, 46400]
    for line, (step, _) in zip(lines, ladder, strict=True):
        assert line["step"].endswith(step)


@pytest.mark.parametrize("case", [c for c in rates() if c[0] == "inter_region"], ids=rate_id)
def test_every_rate_between_regions_is_in_reach(case: tuple[str, str, str, dict[str, str]]) -> None:
    _, provider, region, row = case
    far = (
        {"aws": ["us-west-2", "eu-west-1"], "azure": ["westeurope"]}[provider] if row["to_regions"] == "any" else row["to_regions"].split()
    )
    target = next(each for each in far if each != region)
    answer = cost("transfer", "--from", f"{provider}:{region}", "--to", f"{provider}:{target}", "--gb", "1000")
    assert Decimal(str(answer["usd"])) == 1000 * Decimal(row["usd"])


@pytest.mark.parametrize("case", [c for c in rates() if c[0] == "cross_zone"], ids=rate_id)
def test_every_rate_between_zones_is_in_reach(case: tuple[str, str, str, dict[str, str]]) -> None:
    _, provider, region, row = case
    place = f"{provider}:{region}"
    assert usd("transfer", "--from", place, "--to", place, "--gb", "1000") == 2 * 1000 * Decimal(row["usd"])


@pytest.mark.parametrize("case", [c for c in rates() if c[0].startswith("storage:")], ids=rate_id)
def test_every_storage_rate_is_in_reach(case: tuple[str, str, str, dict[str, str]]) -> None:
    category, provider, region, row = case
    tier = category.removeprefix("storage:")
    line = cost("storage", "--at", f"{provider}:{region}", "--tier", tier, "--gb", str(int(row["from_gb"]) + 100))["lines"][-1]
    assert (line["quantity"], line["rate"], line["borrowed_from"]) == (100, float(row["usd"]), None)


@pytest.mark.parametrize("case", [c for c in rates() if c[0] == "endpoint"], ids=lambda c: f"{c[1]}:{c[2]} {c[3]['step']}")
def test_every_endpoint_rate_is_in_reach(case: tuple[str, str, str, dict[str, str]]) -> None:
    """A thousand hours at the published price, whatever part of it is the managed layer."""
    _, provider, region, row = case
    assert usd("endpoint", "--at", f"{provider}:{region}", "--instance", row["step"], "--hours", "1000") == 1000 * Decimal(row["usd"])


def one_price_of_each_region() -> list[dict[str, str]]:
    with PRICES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["region"] != "article" and row["purchase"] == "on_demand"]
    return list({(row["provider"], row["region"]): row for row in rows}.values())


@pytest.mark.parametrize("row", one_price_of_each_region(), ids=lambda row: f"{row['provider']}:{row['region']}")
def test_every_region_with_a_price_can_be_asked_for(row: dict[str, str]) -> None:
    answer = usd("compute", "--at", f"{row['provider']}:{row['region']}", "--instance", row["instance"], "--hours", "1000")
    assert answer == (1000 * Decimal(row["usd_per_hour"])).quantize(Decimal("0.01"), ROUND_HALF_UP)


# -- cost: what is refused ---------------------------------------------------------------------------------------------

REFUSED = {
    "an unknown cloud": ("egress --from was:us-east-1 --gb 5", ["`was:us-east-1`", "Did you mean `aws`?"]),
    "no cloud": ("egress --from us-east-1 --gb 5", ["`us-east-1` is not a place", "aws:us-east-1"]),
    "an unknown region": ("egress --from aws:us-east-9 --gb 5", ["`us-east-9`", "Did you mean `us-east-"]),
    "a region of the other cloud": ("egress --from aws:eastus --gb 5", ["`eastus` is no region of aws"]),
    "an unknown destination": ("transfer --from aws:us-east-1 --to aws:us-west-22 --gb 5", ["`us-west-22`", "Did you mean `us-west-2`?"]),
    "a region without an egress rate": ("egress --from azure:westus --gb 5", ["no rate", "unknown, not free", "Did you mean `westus2`?"]),
    "an unknown tier": ("storage --at aws:us-east-1 --tier hott --gb 5", ["`hott` is no storage tier", "Did you mean `hot`?"]),
    "a tier that the cloud has no rate for": ("storage --at azure:eastus --tier deep_archive --gb 5", ["no rate", "unknown, not free"]),
    "an unknown instance": (
        "compute --at aws:us-east-1 --instance p4d.24xlarg --hours 1",
        ["`p4d.24xlarg`", "Did you mean `p4d.24xlarge`?"],
    ),
    "an instance of the other cloud": (
        "compute --at azure:eastus --instance p4d.24xlarge --hours 1",
        ["`p4d.24xlarge` is no instance of Azure"],
    ),
    "an unknown purchase": (
        "compute --at aws:us-east-1 --instance p4d.24xlarge --purchase spott --hours 1",
        ["`spott`", "Did you mean `spot`?"],
    ),
    "a price that is not known": (
        "compute --at azure:eastus --instance Standard_ND96isr_H200_v5 --purchase spot --hours 1",
        ["no spot price for Standard_ND96isr_H200_v5 in azure:eastus", "unknown, not free"],
    ),
    "a price that is known elsewhere": (
        "compute --at aws:us-east-1 --instance g4dn.xlarge --purchase spot --hours 1",
        ["no spot price for g4dn.xlarge in aws:us-east-1", "unknown, not free"],
    ),
    "an unknown endpoint": ("endpoint --at aws:us-east-1 --instance ml.c5.larg", ["`"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_in_the_catalogue_is_refused_in_one_line_with_the_nearest(name: str) -> None:
    words, parts = REFUSED[name]
    ran = run("cost", *words.split())
    ran.refused(parts[0])
    for part in parts:
        assert part in ran.err


AMOUNTS = ["-5", "-0.01", "nan", "inf", "-inf", "abc", "", "1_000", "0x10", "1e400", "1000000001", "true", "5GB", "1.000,5"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_that_is_no_number_in_range_is_refused(amount: str) -> None:
    ran = run("cost", "egress", "--from", "aws:us-east-1", "--gb", amount)
    assert (ran.code, ran.out) == (2, "")
    assert "--gb" in ran.err
    assert "from 0 to 1,000,000,000 GB" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("amount", ["1,5", "10,00", "1,0000", ",5", "1,,000"])
def test_a_comma_that_does_not_separate_thousands_is_refused(amount: str) -> None:
    """Half the world writes one and a half as 1,5: taken for 15 it is a wrong bill that nobody sees."""
    ran = run("cost", "egress", "--from", "aws:us-east-1", "--gb", amount)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize(("typed", "forbidden"), [("", "None"), ("true", "True")])
def test_what_was_typed_is_echoed_as_it_was_typed(typed: str, forbidden: str) -> None:
    assert forbidden not in run("cost", "egress", "--from", "aws:us-east-1", "--gb", typed).err


@pytest.mark.parametrize(
    "words",
    [
        "--hours -1",
        "--hours nan",
        "--hours 1 --count -1",
        "--hours 1 --count 1.5",
        "--hours 1 --count inf",
        "--hours 1 --rate -1",
        "--hours 1 --rate nan",
        "",
    ],
)
def test_hours_counts_and_rates_are_checked_too(words: str) -> None:
    ran = run("cost", "compute", "--at", "aws:us-east-1", "--instance", "p4d.24xlarge", *words.split())
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words", [("cost", "egres"), ("advice",), ("cost", "egress", "--form", "aws:us-east-1", "--gb", "1")], ids=" ".join
)
def test_a_misspelt_command_or_option_is_exit_2(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


# -- prices ------------------------------------------------------------------------------------------------------------


def prices(*words: str, form: str = "json") -> Any:
    said = run("prices", *words, "--format", form, "--as-of", DAY).answered()
    return json.loads(said) if form == "json" else said


def test_prices_of_an_accelerator_name_both_clouds_with_age_and_lifecycle() -> None:
    rows = prices("A100")
    assert {row["provider"] for row in rows} == {"aws", "azure"}
    assert {row["family"] for row in rows} == {"A100-40GB", "A100-80GB"}
    spot = next(row for row in rows if (row["instance"], row["purchase"]) == ("p4d.24xlarge", "spot"))
    expected = {
        "accelerators": 8, "region": "us-east-1", "usd_per_hour": 7.8799, "usd_per_accelerator_hour": 0.984988,
        "as_of": "2025-11-18", "age_days": 369, "stale": True, "lifecycle": "active",
    }  # fmt: skip
    assert {key: spot[key] for key in expected} == expected
    assert spot["source"]


def test_prices_as_a_table() -> None:
    text = prices("A100", form="text")
    line = next(line for line in text.splitlines() if "p4d.24xlarge" in line and "$7.8799" in line)
    for part in ("AWS", " 8 ", " spot ", "2025-11-18", "369", "stale", "active"):
        assert part in line
    assert "\x1b" not in text
    assert "…" not in text


def test_a_family_is_one_size_of_memory() -> None:
    assert {row["family"] for row in prices("T4-16GB")} == {"T4-16GB"}
    assert {row["instance"] for row in prices("T4-16GB")} == {row["instance"] for row in prices("t4")}


def test_the_nearest_card_of_the_other_cloud_stands_beside_it_and_is_called_so() -> None:
    rows = prices("A10G")
    assert {(row["provider"], row["family"]) for row in rows} == {("aws", "A10G-24GB"), ("azure", "A10-24GB")}
    assert "nearest counterpart" in prices("A10G", form="text")


def test_a_sixth_of_a_card_is_priced_as_a_whole_one() -> None:
    """Standard_NV6ads_A10_v5 on demand: 0.454 x 6."""
    row = next(r for r in prices("A10") if (r["instance"], r["purchase"]) == ("Standard_NV6ads_A10_v5", "on_demand"))
    assert (row["usd_per_hour"], row["usd_per_accelerator_hour"]) == (0.454, 2.724)


def test_a_count_that_is_not_known_is_unknown_and_not_zero() -> None:
    assert {(row["accelerators"], row["usd_per_accelerator_hour"]) for row in prices("GB200")} == {(None, None)}
    assert "unknown" in prices("GB200", form="text")


def test_a_card_without_any_price_says_unknown_and_not_free() -> None:
    assert prices("MI300X") == []
    text = prices("MI300X", form="text")
    assert "nknown, not free" in text
    assert "$0" not in text


def test_a_cloud_that_has_the_card_but_no_price_says_unknown() -> None:
    """Azure sells H200 and the catalogue has no price for it in eastus: silence would read as 'Azure has none'."""
    text = prices("H200", form="text")
    assert "no price" in text or "unknown" in text


def test_without_an_accelerator_the_cheapest_of_each_family_stands_side_by_side() -> None:
    """A100-80GB on demand, per card: p4de.24xlarge 27.44705 / 8 and Standard_NC24ads_A100_v4 3.673; shown to a hundredth of a cent."""
    lines = [line for line in prices(form="text").splitlines() if line.startswith("A100-80GB") and "on demand" in line]
    assert any("$3.4309" in line for line in lines)
    assert any("$3.673" in line for line in lines)


def test_a_card_that_both_clouds_sell_is_compared_with_itself() -> None:
    """Azure has the H100 of 80 GB on demand at 98.32 for eight; its cheaper NVL card is another one."""
    lines = [line for line in prices("H100-80GB", form="text").splitlines() if "on demand" in line]
    assert any("12.29" in line and "H100" in line for line in lines)
    assert any("$12.29" in line and "$6.88" in line for line in lines) or not any("$6.88" in line and "$6.98" in line for line in lines)


@pytest.mark.parametrize(("region", "places"), [("us-west", {"us-west-2", "westus2"}), ("europe", {"eu-west-1", "westeurope"})])
def test_prices_of_another_region(region: str, places: set[str]) -> None:
    assert {row["region"] for row in prices("T4", "--region", region)} == places


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("A1000-40GB",), ("`A1000-40GB`", "Did you mean `A100-40GB`?")),
        (("warp-core",), ("`warp-core`", "Known: ")),
        (("[/x]",), ("`[/x]`",)),
        (("",), ("Known: ",)),
    ],
    ids=["misspelt", "no such thing", "markup", "nothing"],
)
def test_an_unknown_accelerator_is_one_line_with_the_nearest(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    ran = run("prices", *words)
    ran.refused(parts[0])
    for part in parts:
        assert part in ran.err


def test_an_unknown_region_choice_names_those_that_exist() -> None:
    ran = run("prices", "A100", "--region", "mars")
    assert (ran.code, ran.out) == (2, "")
    for choice in ("us-east", "us-west", "europe"):
        assert choice in ran.err


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_counts_what_there_is() -> None:
    """The numbers are counted from the files themselves."""
    said = run("check", "--as-of", DAY).answered()
    assert "No problem found." in said
    for file, noun in ((PRICES, "prices"), (RATES, "rates"), (RULES_FOLDER / "catalogue" / "instances.csv", "instances")):
        with file.open(encoding="utf-8", newline="") as opened:
            assert f"{len(list(csv.DictReader(opened)))} {noun}" in said
    rules = sum(
        len(re.findall(r"^  - id:", f.read_text(encoding="utf-8"), re.MULTILINE)) for f in (RULES_FOLDER / "decision").glob("*.yml")
    )
    assert re.search(rf"rules +{rules}\b", said)
    # 4 footprints x 3 schedules x 3 agreements x 61 numbers of regions x 2, less the sheets with nothing to place (4 x 3 x 2).
    assert f"{4 * 3 * 3 * 61 * 2 - 4 * 3 * 2:,}".replace(",", "") in said.replace(",", "")
    assert f"on {DAY}" in said


BREAKS = {
    "assumptions.yml": ("    unit: USD a year", "    unti: USD a year", "assumptions.yml:14: unti: unknown key. Did you mean `unit`?"),
    "decision/1-layer.yml": ("    because: >-", "    becuase: >-", "becuase: unknown key. Did you mean `because`?"),
    "catalogue/prices.csv": ("aws,p4d.24xlarge,us-east-1,spot,7.8799", "aws,p4d.24xlarge,us-east-1,spot,cheap", "catalogue/prices.csv:"),
    "catalogue/rates.csv": ("current,aws,cross_zone,", "current,asw,cross_zone,", "catalogue/rates.csv:"),
}


def break_rules(folder: Path, *files: str) -> Path:
    rules = folder / "rules"
    shutil.copytree(RULES_FOLDER, rules)
    for name in files:
        old, new, _ = BREAKS[name]
        text = (rules / name).read_text(encoding="utf-8")
        assert old in text
        (rules / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return rules


def broken(ran: Ran) -> list[str]:
    assert (ran.code, ran.out) == (1, ""), ran.err
    assert "Traceback" not in ran.err
    return ran.err.splitlines()


@pytest.mark.parametrize("name", BREAKS)
def test_check_says_where_a_file_is_broken(name: str, tmp_path: Path) -> None:
    lines = broken(run("check", "--rules", break_rules(tmp_path, name)))
    assert any(BREAKS[name][2] in line for line in lines)
    assert all(line.startswith(name) for line in lines[:-1])
    assert re.search(rf"\b{len(lines) - 1} problem", lines[-1])


def test_check_lists_the_problems_of_all_files_at_once(tmp_path: Path) -> None:
    lines = broken(run("check", "--rules", break_rules(tmp_path, *BREAKS)))
    for name, (_, _, words) in BREAKS.items():
        assert any(line.startswith(name) and words.rpartition(": ")[2] in line for line in lines), f"{name} is not named"


def test_an_advice_on_broken_rules_lists_them_too(tmp_path: Path) -> None:
    rules = break_rules(tmp_path, "catalogue/prices.csv")
    lines = broken(run("cost", "egress", "--from", "aws:us-east-1", "--gb", "1", "--rules", rules))
    assert lines[0].startswith("catalogue/prices.csv:")


def test_a_folder_that_holds_no_rules_names_what_is_missing(tmp_path: Path) -> None:
    lines = broken(run("check", "--rules", tmp_path))
    for name in ("questions.yml", "workload.yml", "catalogue/prices.csv"):
        assert any(name in line for line in lines)


def test_a_folder_that_does_not_exist_is_exit_2(tmp_path: Path) -> None:
    ran = run("check", "--rules", tmp_path / "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere" in ran.err
    assert "Traceback" not in ran.err
