"""What a snippet is filled with: plain values of one plan of an advice, and the facts that choose the snippets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from bot.qa.setup_book import NOBODY, Book, Limits
from engine.advice import Advice, PlanCost
from engine.catalogue import MANAGED, RETIRED, Instance
from engine.errors import AdviceError, did_you_mean
from engine.knowledge import Provider
from engine.market import market_of
from engine.rulebook import Plan, Rulebook

_SECONDS = 3600


@dataclass(frozen=True)
class Training:
    """How the plan trains. `machine` is named as the layer names it; times are seconds."""

    cloud: str
    region: str
    machine: str
    count: int
    accelerators_each: int
    purchase: str
    purchase_name: str
    spot: bool
    all_month: bool
    hours_per_month: Decimal
    max_run: int
    max_wait: int
    own_image: bool


@dataclass(frozen=True)
class Serving:
    """How the plan serves; `per_region` endpoints where each region has as many."""

    cloud: str
    region: str
    machine: str
    endpoints: int
    per_region: int
    regions: int
    accelerator: bool


@dataclass(frozen=True)
class Values:
    """Everything that a template sees."""

    training: Training | None
    serving: Serving | None
    managed: bool
    split: bool
    clouds: tuple[str, ...]
    regions: dict[str, str]
    storage_cloud: str
    infrequent: bool

    def shown(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Filled:
    """The values of a plan and what the lines of setup.yml test."""

    values: Values
    facts: dict[str, object]


def plan_named(advice: Advice, name: str) -> PlanCost:
    """One plan of the advice. Raises AdviceError where it does not exist or cannot be bought."""
    known = {cost.plan: cost for cost in advice.now.plans}
    if name not in known:
        raise AdviceError(f"{name!r} is no plan of this case. {did_you_mean(name, list(known), 'Plans')}")
    if not known[name].offered:
        raise AdviceError(f"{name} is not offered for this case: a cloud of it does not sell what the case needs.")
    return known[name]


def filled(rulebook: Rulebook, advice: Advice, cost: PlanCost, book: Book) -> Filled:
    """The values of one plan at today's volume."""
    plan = rulebook.plans[rulebook.plan_index[cost.plan]]
    trainer, server = rulebook.providers[plan.training], rulebook.providers[plan.serving]
    machine = _machine(rulebook, trainer, cost.instance)
    training = _training(rulebook, advice, cost, trainer, machine, book) if advice.case.trains else None
    serving = _serving(rulebook, advice, plan) if advice.case.serves else None
    used: dict[str, str] = {site.cloud: site.region for site in (training, serving) if site is not None}
    values = Values(
        training=training,
        serving=serving,
        managed=advice.layer == MANAGED,
        split=not plan.single,
        clouds=tuple(used),
        regions=used,
        storage_cloud=trainer.id if training else server.id,
        infrequent=advice.case.workload["storage_tier"] != "hot",
    )
    return Filled(values, _facts(rulebook, advice, values, machine, book.written.limits))


def _facts(rulebook: Rulebook, advice: Advice, values: Values, machine: Instance | None, limits: Limits) -> dict[str, object]:
    training, serving = values.training, values.serving
    needed = _seconds(training.hours_per_month) if training else 0
    return {
        "training": training.cloud if training else NOBODY,
        "serving": serving.cloud if serving else NOBODY,
        "layer": advice.layer,
        "purchase": training.purchase if training else NOBODY,
        "training_machine": machine.name if training and machine else NOBODY,
        "serving_machine": _raw_name(rulebook, serving) if serving else NOBODY,
        "inference_regions": serving.regions if serving else 0,
        "clouds": list(values.clouds),
        "split": values.split,
        "cut_short": bool(training and training.max_run < needed),
        "retired": bool(training and machine and machine.lifecycle == RETIRED),
    }


def _training(rulebook: Rulebook, advice: Advice, cost: PlanCost, cloud: Provider, machine: Instance | None, book: Book) -> Training:
    work = advice.case.workload
    purchase = rulebook.purchase[cost.purchase or ""]
    spot = purchase.id == "spot"
    hours = Decimal(str(work["training_hours_per_month"]))
    max_run = longest_run(hours, book.written.limits, spot=spot)
    wait = book.written.limits.spot_wait_hours * _SECONDS if spot else 0
    name = cost.instance or ""
    return Training(
        cloud=cloud.id,
        region=cloud.regions[str(work["region"])],
        machine=_on_layer(cloud, name, managed=advice.layer == MANAGED),
        count=max(1, cost.instances or 0),
        accelerators_each=max(1, math.floor(machine.accelerators)) if machine and machine.accelerators else 1,
        purchase=purchase.id,
        purchase_name=purchase.name,
        spot=spot,
        all_month=purchase.hours == "month",
        hours_per_month=hours,
        max_run=max_run,
        max_wait=max_run + wait,
        own_image=name in book.written.own_image_machines,
    )


def longest_run(hours: Decimal, limits: Limits, *, spot: bool) -> int:
    """One job may use all hours of the month, within what a job may take; a spot job waits inside the same limit."""
    longest = limits.longest_job_hours - (limits.spot_wait_hours if spot else 0)
    return min(max(_seconds(hours), limits.shortest_job_hours * _SECONDS), longest * _SECONDS)


def _seconds(hours: Decimal) -> int:
    return math.ceil(hours * _SECONDS)


def _serving(rulebook: Rulebook, advice: Advice, plan: Plan) -> Serving:
    cloud = rulebook.providers[plan.serving]
    endpoint = market_of(advice.case, rulebook).stalls[plan.serving].endpoint
    name = endpoint.instance.name if endpoint and endpoint.instance else cloud.starter_endpoint
    regions = int(str(advice.case.answers["inference_regions"]))
    endpoints = int(str(advice.case.workload["endpoints"]))
    return Serving(
        cloud=cloud.id,
        region=cloud.regions[str(advice.case.workload["region"])],
        machine=_on_layer(cloud, name, managed=advice.layer == MANAGED),
        endpoints=endpoints,
        per_region=max(1, math.ceil(endpoints / regions)),
        regions=regions,
        accelerator=bool(endpoint and endpoint.instance),
    )


def _machine(rulebook: Rulebook, cloud: Provider, name: str | None) -> Instance | None:
    return next((i for i in rulebook.catalogue.instances if (i.provider, i.name) == (cloud.id, name)), None)


def _on_layer(cloud: Provider, name: str, *, managed: bool) -> str:
    """A machine as the managed service calls it, or as the raw cloud does."""
    raw = name.removeprefix(cloud.managed_prefix)
    return f"{cloud.managed_prefix}{raw}" if managed else raw


def _raw_name(rulebook: Rulebook, serving: Serving) -> str:
    cloud = rulebook.providers[rulebook.provider_index[serving.cloud]]
    return serving.machine.removeprefix(cloud.managed_prefix)
