"""Amounts that stand together in a way that is not read: `10 of 20 endpoints`, `half an A10`, `between 17 and 23`.

To read the nearest number would be wrong and sound sure, so whoever asked is told what was not understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from bot.qa.mentions import Mention

_OUT = "out"  # 10 out of 20


def muddled(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """What was said of amounts that cannot be read together."""
    items = [mention for mention in mentions if mention.text != _OUT]
    found = (*_parts(items), *_pieces_of_a_card(items), *_ranges(items), *_states(items))
    return tuple(dict.fromkeys(found))


def _parts(items: Sequence[Mention]) -> Iterator[str]:
    """10 of 20: two counts with nothing between them but articles."""
    for one, other in pairwise(items):
        if _counts(one) and _counts(other):
            yield from (one.text, other.text)


def _pieces_of_a_card(items: Sequence[Mention]) -> Iterator[str]:
    """Half an A10: nobody rents one."""
    for at, item in enumerate(items):
        behind = items[at + 1 : at + 3]
        named = bool(behind) and (bool(behind[0].card) or (_counts(behind[0]) and bool(behind[-1].card)))
        if named and _is_share(item):
            yield f"{item.text} {next(each.card for each in behind if each.card)}"


def _ranges(items: Sequence[Mention]) -> Iterator[str]:
    """Between 17 and 23; 17 to 23 %, where nothing says `from`."""
    for before, low, to, high in zip((Mention(""), *items), items, items[1:], items[2:], strict=False):
        if low.quantity and to.has("to") and high.quantity and high.quantity.unit == "%" and not before.has("from"):
            yield f"{low.text} {to.text} {high.text}"
    for word, low, join, high in zip(items, items[1:], items[2:], items[3:], strict=False):
        if word.has("range") and low.quantity and join.has("join") and high.quantity:
            yield f"{word.text} {low.text} {join.text} {high.text}"


def _states(items: Sequence[Mention]) -> Iterator[str]:
    """5 endpoints were off: a word that means a rebate only right behind a share, and not in front of what else there is less of."""
    for at, item in enumerate(items):
        if item.noun is None or not item.noun.beside:
            continue
        figure = items[at - 1].quantity if at else None
        share = figure is not None and figure.unit == "%"
        other = next((each.noun for each in items[at + 1 : at + 2] if each.noun), None)
        if not share or (other is not None and other.input not in (None, item.noun.input)):
            amounts = [each.text for each in _clause(items, at) if each.quantity]
            yield from [*amounts, item.text] if amounts else ()


def _clause(items: Sequence[Mention], at: int) -> Iterator[Mention]:
    """What stands before a place, back to the end of the clause before."""
    begins = max((place + 1 for place in range(at) if items[place].ends or items[place].has("join")), default=0)
    yield from items[begins:at]


def _counts(mention: Mention) -> bool:
    return mention.quantity is not None and mention.quantity.unit == "count"


def _is_share(mention: Mention) -> bool:
    quantity = mention.quantity
    return (
        quantity is not None and quantity.unit in ("factor", "%") and quantity.exact < (1 if quantity.unit == "factor" else Fraction(100))
    )
