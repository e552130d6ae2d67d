"""The questions of the small calculator: their options, read by click from a command line or from what was typed in Slack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

import click

from bot.cli.options import COUNT, GB, HOURS, USD_PER_HOUR, Number
from engine import calculator
from engine.calculator import Charge, QuestionError, read_place
from engine.errors import did_you_mean, echo
from engine.rulebook import HOURS_PER_MONTH, Rulebook


@click.option("--from", "source", required=True, help="Place, such as aws:us-east-1.")
@click.option("--gb", type=GB, required=True)
@click.option("--free-gb", type=GB, default=None, help="Free GB a month, off the first step; the catalogue's unless given.")
def egress(rulebook: Rulebook, source: str, gb: Decimal, free_gb: Decimal | None) -> Charge:
    """GB a month to the internet, on the region's ladder."""
    return calculator.egress(rulebook, read_place(source, rulebook), gb, free_gb)


@click.option("--from", "source", required=True, help="Place, such as aws:us-east-1.")
@click.option("--to", "target", required=True, help="Place; the same region means between its zones.")
@click.option("--gb", type=GB, required=True)
@click.option("--hops", type=Number(0, Decimal(10), "borders", whole=True), default=Decimal(1), show_default=True)
def transfer(rulebook: Rulebook, source: str, target: str, gb: Decimal, hops: Decimal) -> Charge:
    """GB from one place to another: between regions, zones (billed each way) or clouds."""
    return calculator.transfer(rulebook, read_place(source, rulebook), read_place(target, rulebook), gb, int(hops))


@click.option("--at", "place", required=True, help="Place, such as azure:eastus.")
@click.option("--tier", default="hot", show_default=True, help="hot, infrequent, archive, ...")
@click.option("--gb", type=GB, required=True)
def storage(rulebook: Rulebook, place: str, tier: str, gb: Decimal) -> Charge:
    """GB kept for a month."""
    return calculator.storage(rulebook, read_place(place, rulebook), tier, gb)


@click.option("--at", "place", required=True, help="Place, such as aws:us-east-1.")
@click.option("--instance", required=True)
@click.option("--purchase", default="on_demand", show_default=True, help="on_demand, spot, reserved_1y, ...")
@click.option("--hours", type=HOURS, required=True)
@click.option("--count", type=COUNT, default=Decimal(1), show_default=True)
@click.option("--managed", is_flag=True, help="With the managed layer's premium.")
@click.option("--rate", "given", type=USD_PER_HOUR, default=None, help="Your own USD an hour instead of the catalogue's.")
def compute(
    rulebook: Rulebook, place: str, instance: str, purchase: str, hours: Decimal, count: Decimal, managed: bool, given: Decimal | None
) -> Charge:
    """Machines for some hours."""
    where = read_place(place, rulebook)
    return calculator.compute(rulebook, where, instance, purchase, hours, int(count), managed=managed, rate=given)


@click.option("--at", "place", required=True, help="Place, such as azure:eastus.")
@click.option("--instance", default=None, help="Unless given, the smallest managed endpoint.")
@click.option("--hours", type=HOURS, default=Decimal(HOURS_PER_MONTH), show_default=True, help="Hours a month of each endpoint.")
@click.option("--count", type=COUNT, default=Decimal(1), show_default=True)
@click.option("--raw", is_flag=True, help="Without the managed layer.")
@click.option("--rate", "given", type=USD_PER_HOUR, default=None, help="Your own USD an hour instead of the catalogue's.")
def endpoint(
    rulebook: Rulebook, place: str, instance: str | None, hours: Decimal, count: Decimal, raw: bool, given: Decimal | None
) -> Charge:
    """Inference endpoints, managed unless --raw."""
    where = read_place(place, rulebook)
    return calculator.endpoint(rulebook, where, instance, hours, int(count), raw=raw, rate=given)


QUESTIONS: dict[str, Callable[..., Charge]] = {
    "egress": egress, "transfer": transfer, "storage": storage, "compute": compute, "endpoint": endpoint,
}  # fmt: skip


def charge_of(words: Sequence[str], rulebook: Rulebook) -> Charge:
    """The charge that typed words ask for, such as: egress --from PLACE --gb 20000. Raises AdviceError in words for the person."""
    name = words[0].lower() if words else ""
    if name not in QUESTIONS:
        raise QuestionError(f"{echo(name) if name else 'Nothing'} is no question of the calculator. {did_you_mean(name, list(QUESTIONS))}")
    question = QUESTIONS[name]
    asked = click.Command(name, params=list(question.__click_params__), callback=partial(question, rulebook), add_help_option=False)  # type: ignore[attr-defined]
    try:
        charge: Charge = asked.main(list(words[1:]), prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        raise QuestionError(f"{error.format_message()} {usage(name)}") from None
    return charge


def usage(name: str) -> str:
    """One line on how to ask."""
    params = [p for p in QUESTIONS[name].__click_params__ if isinstance(p, click.Option)]  # type: ignore[attr-defined]
    needed = [f"{p.opts[0]} {'…' if not p.is_flag else ''}".strip() for p in reversed(params) if p.required]
    return f"Ask as: cost {name} {' '.join(needed)}"
