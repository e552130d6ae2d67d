"""Which claims of the source articles an answer settles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.qa.priced.charges import Bills
from bot.qa.priced.hourly import Hourly
from bot.qa.priced.phrases import Settles


@dataclass(frozen=True)
class Shown:
    """A figure that an answer shows, or of which it says that nobody knows it."""

    intent: str
    provider: str
    machine: str
    accelerator: str
    purchase: str


def of_prices(intent: str, hourly: Hourly) -> Iterator[Shown]:
    for offer in hourly.offers:
        for row in offer.rows:
            instance = row.quote.instance if row.quote else offer.instance
            if instance is not None:
                yield Shown(intent, offer.place.provider.id, instance.name, instance.accelerator, row.purchase)


def of_bills(intent: str, bills: Bills) -> Iterator[Shown]:
    """What is charged first is the machine or the size of endpoint. Between two clouds it is egress that is paid."""
    for bill in bills.bills:
        clouds = {place.provider.id for place in bill.places}
        if bill.charge is not None and len(clouds) == 1:
            yield Shown(intent, bill.places[0].provider.id, bill.charge.items[0].name.partition(",")[0], "", bill.purchase)


def claims_settled(entries: Sequence[Settles], shown: Iterable[Shown]) -> tuple[str, ...]:
    """Each once, in the order of the file."""
    figures = list(shown)
    return tuple(dict.fromkeys(claim for entry in entries if any(_fits(entry, figure) for figure in figures) for claim in entry.claims))


def _fits(entry: Settles, shown: Shown) -> bool:
    pairs = (
        (entry.intent, shown.intent), (entry.provider, shown.provider), (entry.machine, shown.machine),
        (entry.accelerator, shown.accelerator), (entry.purchase, shown.purchase),
    )  # fmt: skip
    return all(asked in ("", given) for asked, given in pairs)
