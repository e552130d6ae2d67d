"""Test oracle: sections 1 to 5 of `decision-and-cost.md`, slow and exact.

Every amount is a `fractions.Fraction` and nothing is rounded, because verdicts
compare unrounded totals (section 3). Inputs are taken to be valid: only the two
refusals that need arithmetic or prices are raised here. The module imports
nothing of the project, so that both can be wrong only independently.
"""

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

# A plan is a (training cloud, serving cloud) pair. The order is the order of
# ties in section 4.
PLANS = {
    "aws": ("aws", "aws"),
    "azure": ("azure", "azure"),
    "hybrid-aws-azure": ("aws", "azure"),
    "hybrid-azure-aws": ("azure", "aws"),
}
SINGLES = ("aws", "azure")
SCALES = (1, 3, 10)
MONTHS = 12
MONTH_HOURS = Fraction(730)
HUNDRED = Fraction(100)
LINES = ("training", "inference", "managed_premium", "egress", "transfer", "storage")

# Section 1: a region of the workload names one region of each cloud.
REGIONS = {
    "us-east": {"aws": "us-east-1", "azure": "eastus"},
    "us-west": {"aws": "us-west-2", "azure": "westus2"},
    "europe": {"aws": "eu-west-1", "azure": "westeurope"},
}
ARTICLE = "article"

# Section 1, defaults. Absent: accelerator and training hours, which depend on
# other inputs, and endpoint_accelerator, whose default is 'none'.
DEFAULTS: dict[str, object] = {
    "price_book": "current",
    "region": "us-east",
    "gpus": 8,
    "interruptible": True,
    "endpoints": 20,
    "endpoint_hours_per_month": 730,
    "egress_gb_per_month": 1_000,
    "inter_region_gb_per_month": 30_000,
    "inter_region_hops": 1,
    "artifact_gb_per_month": 100,
    "storage_gb": 10_000,
    "storage_tier": "hot",
    "ea_discount_pct": 0,
    "switching_threshold_usd_per_year": 50_000,
    "materiality_pct": 5,
}
DEFAULT_ACCELERATOR = {"current": "A100-40GB", ARTICLE: "V100-16GB"}
DEFAULT_TRAINING_HOURS = {"continuous": 730, "sporadic": 120, "none": 0}

# Fractional GPUs belong to the family of the whole card (section 1), and the
# shared file prints thirds and sixths with three digits.
ROUNDED_FRACTIONS = {
    Fraction("0.167"): Fraction(1, 6),
    Fraction("0.333"): Fraction(1, 3),
}
WHOLE_CARD_GB = {"A10": Fraction(24), "MI25": Fraction(16)}

# Ladders: (upper bound in GB counted from 0, USD per GB); None is 'no bound'.
Ladder = list[tuple[Fraction | None, Fraction]]


def ladder(*steps: tuple[int | None, str]) -> Ladder:
    """Write a ladder with its rates as text, so that they are exact."""
    return [(None if end is None else Fraction(end), Fraction(r)) for end, r in steps]


# Section 3, internet egress. The free 100 GB are the first 100 of the ladder.
EGRESS = {
    "current": {
        "aws": ladder(
            (100, "0"),
            (10_240, "0.09"),
            (51_200, "0.085"),
            (153_600, "0.07"),
            (None, "0.05"),
        ),
        "azure": ladder(
            (100, "0"),
            (10_240, "0.087"),
            (51_200, "0.083"),
            (153_600, "0.07"),
            (None, "0.05"),
        ),
    },
    ARTICLE: {
        "aws": ladder((10_240, "0.09"), (51_200, "0.085"), (153_600, "0.07"), (None, "0.05")),
        "azure": ladder((10_240, "0.087"), (51_200, "0.083"), (153_600, "0.07"), (None, "0.05")),
    },
}
# Section 5: the article has no storage, so both books read these.
STORAGE = {
    "hot": {
        "aws": ladder((51_200, "0.023"), (None, "0.022")),
        "azure": ladder((51_200, "0.0208"), (563_200, "0.019968"), (None, "0.019136")),
    },
    "infrequent": {
        "aws": ladder((None, "0.0125")),
        "azure": ladder((None, "0.01")),
    },
}
# Section 5 for the article; rates.csv for current: the same 0.02 on both clouds
# in all three regions (within one continent).
INTER_REGION = {
    "current": {"aws": Fraction("0.02"), "azure": Fraction("0.02")},
    ARTICLE: {"aws": Fraction("0.02"), "azure": Fraction("0.02")},
}

# Section 3: managed price of a starter endpoint, and the premiums.
STARTER_MANAGED = {
    "current": {"aws": Fraction("0.102"), "azure": Fraction("0.0846")},
    ARTICLE: {"aws": Fraction("0.10"), "azure": Fraction("0.086")},
}
STARTER_PREMIUM = {"aws": Fraction("0.20"), "azure": Fraction(0)}
FALLBACK_PREMIUM = {"aws": Fraction("0.30"), "azure": Fraction(0)}
ARTICLE_PREMIUM = Fraction("0.30")

# Section 3: an EA discounts Azure's list price and endpoints, nothing else.
EA_CLOUD = "azure"


class Refused(Exception):
    """Section 1 refuses the case; the message names the field."""


class PlanCost(TypedDict):
    """One month of one plan, unrounded; no instance where there is no training."""

    purchase: str | None
    instance: str | None
    instances: int | None
    lines: dict[str, Fraction]
    total_per_month: Fraction


class Scenario(TypedDict):
    """The verdict at one scale.

    `saving_per_year` is unrounded, `shown_saving_per_year` is what section 6
    prints; both are None where step 8 did not apply.
    """

    scale: int
    plan: str
    basis: str
    matrix_plan: str
    cheapest_plan: str
    plans: dict[str, PlanCost | None]
    saving_per_year: Fraction | None
    shown_saving_per_year: Fraction | None


class Result(TypedDict):
    """The three scenarios, in the order 1, 3, 10."""

    scenarios: list[Scenario]


@dataclass(frozen=True)
class Instance:
    """A row of instances.csv; None is 'unknown', never 0."""

    provider: str
    name: str
    accelerator: str
    count: Fraction | None
    memory_gb: Fraction | None
    lifecycle: str


@dataclass(frozen=True)
class Price:
    """USD per instance-hour and the date it was read."""

    usd: Fraction
    as_of: str


@dataclass(frozen=True)
class Book:
    """Instances, and prices by (provider, instance, region, purchase)."""

    instances: list[Instance]
    prices: dict[tuple[str, str, str, str], Price]

    def usd(self, item: Instance, region: str, purchase: str) -> Fraction | None:
        """Return the rate, or None where the catalogue has none."""
        price = self.prices.get((item.provider, item.name, region, purchase))
        return None if price is None else price.usd


@dataclass(frozen=True)
class Case:
    """Answers, workload and assumptions of section 1, defaults filled in."""

    footprint: str
    training: str
    ea: bool
    inference: bool
    managed: bool
    price_book: str
    region: str
    accelerator: str
    gpus: Fraction
    training_hours: Fraction
    interruptible: bool
    endpoints: Fraction
    endpoint_hours: Fraction
    endpoint_accelerator: str | None
    egress_gb: Fraction
    inter_region_gb: Fraction
    hops: Fraction
    artifact_gb: Fraction
    storage_gb: Fraction
    storage_tier: str
    ea_factor: Fraction
    threshold: Fraction
    materiality: Fraction

    def region_of(self, provider: str) -> str:
        """Return the cloud's own region; the article's book has only its own."""
        if self.price_book == ARTICLE:
            return ARTICLE
        return REGIONS[self.region][provider]


@dataclass(frozen=True)
class Training:
    """One priced way to train: a purchase of one instance type."""

    purchase: str
    instance: str
    instances: int
    raw: Fraction
    premium: Fraction


# --- Reading -----------------------------------------------------------------


def exact(value: object) -> Fraction:
    """Turn a number into the fraction that its decimal text means."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal, Fraction)):
        raise TypeError(f"not a number: {value!r}")
    # A float means what it prints: 0.1 is one tenth, not its binary neighbour.
    return Fraction(str(value))


def optional(text: str | None) -> Fraction | None:
    """Read a cell; empty is unknown."""
    return Fraction(text) if text else None


def read_instance(row: Mapping[str, str]) -> Instance:
    """Read one row of instances.csv, in either of its two spellings."""
    count = optional(row["accelerators"])
    memory = optional(row.get("accelerator_memory_gb") or row.get("accelerator_memory_gib"))
    if count is not None and count < 1:
        count = ROUNDED_FRACTIONS.get(count, count)
        # The column may hold the share's memory or the whole card's.
        memory = WHOLE_CARD_GB[row["accelerator"]]
    return Instance(
        row["provider"],
        row["instance"],
        row["accelerator"],
        count,
        memory,
        row["lifecycle"],
    )


def load(instances_csv: Path | str, prices_csv: Path | str) -> Book:
    """Read the catalogue; of two rows for one price the newer counts."""
    with Path(instances_csv).open(encoding="utf-8", newline="") as file:
        instances = [read_instance(row) for row in csv.DictReader(file)]
    prices: dict[tuple[str, str, str, str], Price] = {}
    with Path(prices_csv).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            usd = optional(row["usd_per_hour"])
            if usd is None:
                continue
            key = (row["provider"], row["instance"], row["region"], row["purchase"])
            if key not in prices or prices[key].as_of < row["as_of"]:
                prices[key] = Price(usd, row["as_of"])
    return Book(instances, prices)


def article_book() -> Book:
    """Build the article's two instances, whatever their lifecycle (section 5)."""
    figures = {
        ("aws", "p3.2xlarge"): ("3.06", "1.65", "0.91"),
        ("azure", "Standard_NC6s_v3"): ("3.06", "1.83", "0.73"),
    }
    instances: list[Instance] = []
    prices: dict[tuple[str, str, str, str], Price] = {}
    for (provider, name), rates in figures.items():
        instances.append(Instance(provider, name, "V100", Fraction(1), Fraction(16), "active"))
        purchases = ("on_demand", "reserved_1y", "spot")
        for purchase, rate in zip(purchases, rates, strict=True):
            key = (provider, name, ARTICLE, purchase)
            prices[key] = Price(Fraction(rate), "2026-05-21")
    return Book(instances, prices)


def make_case(
    answers: Mapping[str, object],
    workload: Mapping[str, object],
    assumptions: Mapping[str, object],
) -> Case:
    """Fill in the defaults of section 1."""
    given = {**DEFAULTS, **workload, **assumptions}
    training, book = str(answers["training"]), str(given["price_book"])
    # 'unsure' computes as 'no' (section 1, question 3).
    ea = answers["microsoft_ea"] == "yes"
    endpoint = given.get("endpoint_accelerator")
    hours = given.get("training_hours_per_month", DEFAULT_TRAINING_HOURS[training])
    # The discount counts only with an EA (section 1).
    discount = exact(given["ea_discount_pct"]) if ea else Fraction(0)
    return Case(
        footprint=str(answers["footprint"]),
        training=training,
        ea=ea,
        inference=exact(answers["inference_regions"]) > 0,
        managed=answers["mlops_capacity"] == "no",
        price_book=book,
        region=str(given["region"]),
        accelerator=str(given.get("accelerator", DEFAULT_ACCELERATOR[book])),
        gpus=exact(given["gpus"]),
        training_hours=exact(hours),
        interruptible=given["interruptible"] is True,
        endpoints=exact(given["endpoints"]),
        endpoint_hours=exact(given["endpoint_hours_per_month"]),
        endpoint_accelerator=None if endpoint in (None, "none") else str(endpoint),
        egress_gb=exact(given["egress_gb_per_month"]),
        inter_region_gb=exact(given["inter_region_gb_per_month"]),
        hops=exact(given["inter_region_hops"]),
        artifact_gb=exact(given["artifact_gb_per_month"]),
        storage_gb=exact(given["storage_gb"]),
        storage_tier=str(given["storage_tier"]),
        ea_factor=1 - discount / HUNDRED,
        threshold=exact(given["switching_threshold_usd_per_year"]),
        materiality=exact(given["materiality_pct"]) / HUNDRED,
    )


# --- Section 3: one month of a plan ------------------------------------------


def climb(steps: Ladder, gb: Fraction) -> Fraction:
    """Charge each GB at the rate of the step it falls in."""
    total, start = Fraction(0), Fraction(0)
    for end, rate in steps:
        top = gb if end is None else min(gb, end)
        total += max(top - start, Fraction(0)) * rate
        start = top if end is None else end
    return total


def in_family(item: Instance, family: str) -> bool:
    """Match 'T4-16GB', or 'T4' for every size of it (section 1)."""
    sized = re.fullmatch(r"(.+)-(\d+(?:\.\d+)?)GB", family)
    if sized is None:
        return item.accelerator == family
    return item.accelerator == sized[1] and item.memory_gb == Fraction(sized[2])


def eligible(book: Book, case: Case, provider: str, family: str, purchases: Iterable[str]) -> list[Instance]:
    """Return the types that may be chosen at one of the purchases (section 5).

    Never a retired one, never one of unknown size, and previous-generation ones
    only where no active one has an allowed price.
    """
    region = case.region_of(provider)
    wanted = tuple(purchases)
    priced = [
        item
        for item in book.instances
        if item.provider == provider
        and in_family(item, family)
        and item.count is not None
        and item.lifecycle != "retired"
        and any(book.usd(item, region, purchase) is not None for purchase in wanted)
    ]
    active = [item for item in priced if item.lifecycle == "active"]
    return active or priced


def instance_premium(book: Book, case: Case, item: Instance) -> Fraction:
    """Return the managed premium `p` of an instance (section 3)."""
    if case.price_book == ARTICLE:
        return ARTICLE_PREMIUM
    # Both prices must come from one region, so only regions with both count.
    ratios: dict[str, tuple[str, Fraction]] = {}
    for (provider, name, region, purchase), price in book.prices.items():
        if (provider, name, purchase) != (item.provider, item.name, "managed"):
            continue
        listed = book.usd(item, region, "on_demand")
        # The rows of the article's book are not the catalogue's.
        if listed is not None and region != ARTICLE:
            ratios[region] = (price.as_of, price.usd / listed - 1)
    own = case.region_of(item.provider)
    if own in ratios:
        return ratios[own][1]
    if not ratios:
        return FALLBACK_PREMIUM[item.provider]
    newest = max(as_of for as_of, _ in ratios.values())
    first = min(region for region, (as_of, _) in ratios.items() if as_of == newest)
    return ratios[first][1]


def ea_factor(case: Case, provider: str) -> Fraction:
    """Return what an EA leaves of an on-demand or endpoint rate (section 3)."""
    return case.ea_factor if provider == EA_CLOUD else Fraction(1)


def allowed_purchases(case: Case) -> list[str]:
    """Return the purchases of the schedule, in the order of ties (section 3)."""
    if case.training == "continuous":
        return ["reserved_1y", "on_demand"]
    return ["spot", "on_demand"] if case.interruptible else ["on_demand"]


def price_training(book: Book, case: Case, item: Instance, purchase: str, scale: int) -> Training | None:
    """Price one purchase of one type, or None where it has no price."""
    rate = book.usd(item, case.region_of(item.provider), purchase)
    if rate is None or item.count is None:
        return None
    # A reservation is paid whether or not it is used.
    hours = MONTH_HOURS if purchase == "reserved_1y" else case.training_hours
    if purchase == "on_demand":
        rate *= ea_factor(case, item.provider)
    machines = math.ceil(case.gpus * scale / item.count)
    raw = machines * rate * hours
    premium = raw * instance_premium(book, case, item) if case.managed else Fraction(0)
    return Training(purchase, item.name, machines, raw, premium)


def best_training(book: Book, case: Case, provider: str, scale: int) -> Training | None:
    """Return the cheapest way to train, premium included; None if not offered."""
    purchases = allowed_purchases(case)
    options: list[Training] = []
    for item in eligible(book, case, provider, case.accelerator, purchases):
        for purchase in purchases:
            option = price_training(book, case, item, purchase, scale)
            if option is not None:
                options.append(option)
    if not options:
        return None
    # Section 4, ties: the order of 'Allowed purchases', then the instance name.
    return min(
        options,
        key=lambda o: (o.raw + o.premium, purchases.index(o.purchase), o.instance),
    )


def endpoint(book: Book, case: Case, provider: str) -> tuple[Fraction, Fraction] | None:
    """Return an endpoint's raw hourly rate and `p`; None if not offered."""
    family = case.endpoint_accelerator
    if family is None:
        own = STARTER_PREMIUM[provider]
        p = ARTICLE_PREMIUM if case.price_book == ARTICLE else own
        raw = STARTER_MANAGED[case.price_book][provider] / (1 + p)
        return raw * ea_factor(case, provider), p
    region = case.region_of(provider)
    offers: list[tuple[Fraction, str, Instance]] = []
    for item in eligible(book, case, provider, family, ["on_demand"]):
        rate = book.usd(item, region, "on_demand")
        if rate is not None:
            offers.append((rate, item.name, item))
    if not offers:
        return None
    # The cheapest by its on-demand rate alone; the premium does not choose.
    raw, _, chosen = min(offers, key=lambda offer: offer[:2])
    return raw * ea_factor(case, provider), instance_premium(book, case, chosen)


def plan_cost(book: Book, case: Case, plan: str, scale: int) -> PlanCost | None:
    """Price one month of a plan; None where it is not offered (sections 2, 3)."""
    trainer, server = PLANS[plan]
    lines = dict.fromkeys(LINES, Fraction(0))
    training: Training | None = None
    if case.training != "none":
        training = best_training(book, case, trainer, scale)
        if training is None:
            return None
        lines["training"] = training.raw
        lines["managed_premium"] += training.premium
    if case.inference:
        rate = endpoint(book, case, server)
        if rate is None:
            return None
        raw, p = rate
        lines["inference"] = case.endpoints * scale * case.endpoint_hours * raw
        if case.managed:
            lines["managed_premium"] += p * lines["inference"]
    lines.update(data_lines(case, trainer, server, scale))
    return PlanCost(
        purchase=None if training is None else training.purchase,
        instance=None if training is None else training.instance,
        instances=None if training is None else training.instances,
        lines=lines,
        total_per_month=sum(lines.values(), Fraction(0)),
    )


def data_lines(case: Case, trainer: str, server: str, scale: int) -> dict[str, Fraction]:
    """Price egress, transfer and storage (section 3).

    Without training or without inference the plan is a single cloud, so 'the
    training cloud' and 'the serving cloud' are then the same.
    """
    egress = EGRESS[case.price_book]
    hop_rate = INTER_REGION[case.price_book][trainer]
    transfer = case.inter_region_gb * scale * case.hops * hop_rate
    if trainer != server:
        # On a ladder of its own, with its own free tier.
        transfer += climb(egress[trainer], case.artifact_gb * scale)
    return {
        "egress": climb(egress[server], case.egress_gb * scale),
        "transfer": transfer,
        "storage": climb(STORAGE[case.storage_tier][trainer], case.storage_gb * scale),
    }


def all_plans(book: Book, case: Case, scale: int) -> dict[str, PlanCost | None]:
    """Price every plan of section 2; hybrids need training and inference."""
    both = case.training != "none" and case.inference
    names = tuple(PLANS) if both else SINGLES
    return {name: plan_cost(book, case, name, scale) for name in names}


# --- Section 4: the verdict --------------------------------------------------


def cheapest(totals: Mapping[str, Fraction], among: Iterable[str]) -> str:
    """Return the cheapest plan; of equals the first of `among`."""
    return min(among, key=lambda plan: totals[plan])


def allowed_plans(case: Case, plans: Mapping[str, PlanCost | None], totals: Mapping[str, Fraction]) -> list[str]:
    """Step 4: which plans are allowed."""
    singles = [plan for plan in SINGLES if plan in totals]
    if not singles:
        return list(totals)
    best = totals[cheapest(totals, singles)]
    allowed = list(singles)
    for plan in totals:
        cost = plans[plan]
        if plan in SINGLES or cost is None:
            continue
        saves = best - totals[plan] > case.materiality * best
        on_spot = plan == "hybrid-aws-azure" and cost["purchase"] == "spot"
        if saves and (case.footprint == "both" or (case.ea and on_spot)):
            allowed.append(plan)
    return allowed


def matrix_plan(case: Case, totals: Mapping[str, Fraction], allowed: list[str]) -> str:
    """Join the leans, or take what comes nearest (steps 2, 3 and 5)."""
    lean_training = {"continuous": "aws", "sporadic": "azure"}.get(case.training)
    lean_inference = "azure" if case.inference else None
    leans = [lean for lean in (lean_training, lean_inference) if lean is not None]
    # With one lean only, its cloud does everything.
    joined = (leans[0], leans[-1])
    for plan in allowed:
        if PLANS[plan] == joined:
            return plan
    singles = [plan for plan in SINGLES if plan in totals]
    named = [plan for plan in singles if plan in leans]
    return cheapest(totals, named or singles or allowed)


def stay_or_move(case: Case, totals: Mapping[str, Fraction], plan: str, basis: str) -> tuple[str, str, Fraction | None]:
    """Step 8: leave the footprint only for more than the threshold a year."""
    home = case.footprint
    if home not in SINGLES or home not in totals or plan == home:
        return plan, basis, None
    saving = totals[home] - totals[plan]
    if saving > case.threshold:
        return plan, "move", saving
    return home, "stay", saving


def decide(case: Case, scale: int, plans: dict[str, PlanCost | None]) -> Scenario:
    """Apply steps 4 to 8 to the annual totals at one scale."""
    totals = {name: MONTHS * cost["total_per_month"] for name, cost in plans.items() if cost is not None}
    allowed = allowed_plans(case, plans, totals)
    matrix = matrix_plan(case, totals, allowed)
    # Of equal totals the matrix's plan comes first, then the order of PLANS.
    in_order = [matrix, *(plan for plan in PLANS if plan in allowed)]
    best = cheapest(totals, in_order)
    overruled = totals[matrix] - totals[best] > case.materiality * totals[matrix]
    chosen, basis = (best, "numbers") if overruled else (matrix, "matrix")
    plan, basis, saving = stay_or_move(case, totals, chosen, basis)
    shown: Fraction | None = None
    if saving is not None:
        shown = shown_year(plans[case.footprint]) - shown_year(plans[chosen])
    return Scenario(
        scale=scale,
        plan=plan,
        basis=basis,
        matrix_plan=matrix,
        cheapest_plan=best,
        plans=plans,
        saving_per_year=saving,
        shown_saving_per_year=shown,
    )


def refuse(book: Book, case: Case) -> None:
    """Raise what section 1 refuses and no schema can see."""
    if case.training == "none" and not case.inference:
        raise Refused("training: none with inference_regions: 0 leaves nothing to do")
    if case.training != "none" and all(best_training(book, case, provider, 1) is None for provider in SINGLES):
        raise Refused(f"accelerator: {case.accelerator} is offered by neither cloud")
    if case.inference and all(endpoint(book, case, provider) is None for provider in SINGLES):
        family = case.endpoint_accelerator
        raise Refused(f"endpoint_accelerator: {family} is offered by neither cloud")


# --- What tests call ---------------------------------------------------------


def cents(usd: Fraction) -> Fraction:
    """Round once to cents, half up (section 3)."""
    return Fraction(math.floor(usd * 100 + Fraction(1, 2)), 100)


def shown_month(cost: PlanCost) -> Fraction:
    """Return the total as shown: the sum of the rounded lines (section 3)."""
    return sum((cents(usd) for usd in cost["lines"].values()), Fraction(0))


def shown_year(cost: PlanCost | None) -> Fraction:
    """Return 12 times the shown month (section 6)."""
    if cost is None:
        raise ValueError("a plan that is not offered has no total")
    return MONTHS * shown_month(cost)


def oracle(
    book: Book,
    answers: Mapping[str, object],
    workload: Mapping[str, object],
    assumptions: Mapping[str, object],
) -> Result:
    """Compute sections 1 to 4 at scales 1, 3 and 10."""
    case = make_case(answers, workload, assumptions)
    used = article_book() if case.price_book == ARTICLE else book
    refuse(used, case)
    return Result(scenarios=[decide(case, k, all_plans(used, case, k)) for k in SCALES])


def verdict_plan(
    book: Book,
    answers: Mapping[str, object],
    workload: Mapping[str, object],
    assumptions: Mapping[str, object],
) -> str:
    """Return the plan of the verdict at scale 1."""
    return oracle(book, answers, workload, assumptions)["scenarios"][0]["plan"]
