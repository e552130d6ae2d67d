"""Refuses a case that needs what no cloud sells, and says where else it is sold."""

from __future__ import annotations

from engine.case import Case
from engine.catalogue import CURRENT, RETIRED
from engine.costs import Priced
from engine.errors import CaseError, Problem
from engine.market import Market


def refuse_what_nobody_offers(case: Case, market: Market, priced: Priced) -> None:
    """Raises CaseError where an accelerator that counts is offered by no provider in the case's book and region."""
    parts = (("accelerator", case.trains, priced.trains_at), ("endpoint_accelerator", case.serves, priced.serves_at))
    problems = [_not_offered(case, market, name) for name, needed, there in parts if needed and not there[:, 0].any()]
    if problems:
        raise CaseError(problems)


def _not_offered(case: Case, market: Market, field: str) -> Problem:
    asked, book = case.workload[field], case.workload["price_book"]
    here = " and ".join(f"{stall.provider.id}:{stall.region}" for stall in market.stalls)
    rulebook, catalogue = market.rulebook, market.rulebook.catalogue
    members = [i for i in catalogue.members(str(asked)) if i.lifecycle != RETIRED]
    if members and not any(i.accelerators for i in members):
        text = f"`{asked}` cannot be computed: how many accelerators a machine holds is unknown. `prices {asked}` lists what it costs"
        return Problem("", 0, field, text)
    regions = {p.region for i in members for p in catalogue.prices_of.get((i.provider, i.name), ()) if i.accelerators}
    elsewhere = [
        choice
        for choice in rulebook.field["region"].choices
        if choice != case.workload["region"] and regions & {provider.regions[choice] for provider in rulebook.providers}
    ]
    hint = f" Priced in: {', '.join(elsewhere)}." if elsewhere and book == CURRENT else ""
    text = f"`{asked}` is not offered by any cloud in {here} for this case (price book {book}).{hint}"
    return Problem("", 0, field, text)
