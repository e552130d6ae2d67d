"""Which priced question it is, or none: a thing of the catalogue or an amount with a place, and a word or shape that asks for money."""

from __future__ import annotations

from bot.qa.priced.reading import Reading

PRICE, COMPARE, COMPUTE, ENDPOINT = "price", "compare_prices", "compute_cost", "endpoint_cost"
EGRESS, TRANSFER, STORAGE = "egress_cost", "transfer_cost", "storage_cost"
AGE, SOURCE = "price_age", "price_source"
_MOST_WORDS = 34  # who writes more tells a story, and asks for more than a price
_THINGS = ("instance", "group", "family")
_PERIODS = ("hourly", "daily", "weekly", "monthly", "yearly")
_FEWEST_UNKNOWN = 2
_TWO_REGIONS = 2
_MOST_COMPARED = 3


def intent_of(reading: Reading) -> str | None:
    """The name of what is asked, None where it is not clearly one of these."""
    if reading.words > _MOST_WORDS or reading.has("other_cloud") or reading.other_amounts:
        return None
    if _too_much_unknown(reading):
        return None
    if not reading.has(*_THINGS) and not reading.gigabytes:
        about = _about_the_prices(reading)
        if about is not None:
            return about
    if reading.has("veto"):
        return None
    return _by_gigabytes(reading) if reading.gigabytes else _by_the_hour(reading)


def _too_much_unknown(reading: Reading) -> bool:
    return reading.unknown > max(_FEWEST_UNKNOWN, reading.words // 5)


def _about_the_prices(reading: Reading) -> str | None:
    """How old the prices are, or where they come from."""
    ours = (reading.has("figures") and reading.has("yours", "these")) or (reading.has("numbers") and reading.has("yours"))
    if not ours or reading.has("open_case") or reading.amounts or reading.unread_numbers:
        return None
    if reading.has("veto") and not reading.has("yours"):
        return None
    if reading.has("age"):
        return AGE
    return SOURCE if reading.has("source") else None


def _by_gigabytes(reading: Reading) -> str | None:
    """So many GB out, across or kept: one amount, with a place or a word for money."""
    if len(reading.gigabytes) != 1 or reading.hours or reading.has(*_THINGS, "endpoint") or reading.is_bound(reading.gigabytes[0]):
        return None
    if any(count.exact > _TWO_REGIONS for count in reading.counts):
        return None
    if not reading.has("cost", "everywhere") and not reading.providers and not reading.spots:
        return None
    if _moves(reading):
        return TRANSFER
    if reading.has("egress"):
        return EGRESS
    return STORAGE if _keeps(reading) else None


def _moves(reading: Reading) -> bool:
    """From one place to another of the clouds."""
    if reading.has("across_zones", "across_clouds"):
        return True
    if len(reading.spots) == 2 and (reading.has("transfer", "to", "between") or reading.has("egress")):
        return True
    if reading.has("across_regions") and reading.has("transfer", "between") and not reading.has("egress"):
        return len(reading.spots) < 2
    two_clouds = len(set(reading.named_providers)) == 2 and reading.has("to", "between")
    return two_clouds and reading.has("transfer", "egress", "from") and not reading.has("versus", "cheaper")


def _keeps(reading: Reading) -> bool:
    if reading.has("keeps", "tier"):
        return True
    return reading.has("storage") or (reading.has("weak_tier") and (bool(reading.providers) or reading.has("cost")))


def _by_the_hour(reading: Reading) -> str | None:
    """Machines, cards and endpoints. A price with decimals that somebody names is a claim."""
    if any(count.exact.denominator != 1 for count in reading.counts):
        return None
    if reading.has("endpoint"):
        return _endpoints(reading)
    if not reading.has(*_THINGS, "size", "unlisted"):
        return None
    if reading.hours or _whole_months(reading):
        asked = reading.has("cost", "everywhere", *_PERIODS) or reading.counts or reading.providers
        return COMPUTE if (asked or reading.has("cheaper")) and reading.has(*_THINGS) else None
    if _compares(reading):
        return COMPARE
    bare = reading.has("purchase") and not reading.unknown  # a machine and how it is bought, and nothing else
    return PRICE if reading.has("cost", "hourly") or bare else None


def _endpoints(reading: Reading) -> str | None:
    """A number of endpoints that run, and what that costs."""
    if len(reading.counted) != 1 or reading.has("group", "family"):
        return None
    return ENDPOINT if reading.has("cost", "managed", "size") and (reading.has("cost", "always") or reading.hours) else None


def _whole_months(reading: Reading) -> bool:
    """A month or a year of running, or all the time, without an hourly rate."""
    return reading.has("daily", "weekly", "monthly", "yearly", "always") and not reading.has("hourly")


def _compares(reading: Reading) -> bool:
    """Two machines, or one card on two clouds."""
    things = [thing for kind in _THINGS for thing in reading.values(kind)]
    if len(things) > 1:
        asked = reading.has("cheaper", "versus", "cost", "hourly") or (reading.has("either", "between") and reading.has("purchase"))
        return len(things) <= _MOST_COMPARED and asked and not (reading.has("family") and reading.has("instance"))
    if len(reading.spots) > 1 and (reading.has("cheaper", "versus") or (reading.has("either") and reading.has("cost", "purchase"))):
        return True
    clouds = len(set(reading.named_providers)) > 1
    if not reading.has("family") and not (clouds and reading.has("group", "instance")):
        return False
    clouds = clouds or reading.has("everywhere", "across_clouds")
    return reading.has("cheaper") or (clouds and reading.has("versus", "cost", "hourly", "purchase"))
