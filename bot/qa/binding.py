"""Which amount of a sentence belongs to which input. Nothing is guessed: what has no clear place is left over and named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from bot.qa.change_words import ApieceWords, Area, NounWords
from bot.qa.mentions import Mention
from bot.qa.muddles import muddled
from bot.qa.quantities import Change, Quantity
from engine.rulebook import HOURS_PER_MONTH

How = Literal["set", "times", "more", "less", "apiece"]
_FARTHEST = 7
_STEP = 2  # distances are counted in halves of a word
_ACROSS = 6  # what a clause's end adds to a distance
_BEHIND = 1  # a number mostly stands before what it counts
_ARROW = "→"
_TELLING = frozenset((
    "join", "negator", "up", "down", "by", "adding", "taking", "instead", "from", "to", "scale", "growth", "area", "noun", "setting",
    "unclear", "ending", "apiece", "each",
))  # fmt: skip
_NEAR = 4  # how far from an amount `up` and `down` may stand
_UNBOUND_COUNTS = ("one", "single", "1")
_SHARE, _MONTH, _YEARLY = "_pct", "month", "_per_year"
_TRAINING, _CONTINUOUS = "training", "continuous"
_ACCELERATOR, _ENDPOINT_ACCELERATOR, _GPUS = "accelerator", "endpoint_accelerator", "gpus"


@dataclass(frozen=True)
class Bound:
    """What is to happen to an input: a value, or so many times, more or less of what it is now; or so much in each region.

    `needed_by`: it only follows from another input. `taken_as_month`: no period was said. `each`: the input that counts what it is in
    each of. `bare`: without a sign for its unit.
    """

    input: str
    how: How
    amount: Fraction | str
    said: str = ""
    needed_by: str = ""
    taken_as_month: bool = False
    each: str = ""
    bare: bool = False


@dataclass
class Binding:
    """All that a sentence changes. `plain`: words that set something by themselves; `strong`: something with an amount or a name."""

    bounds: list[Bound] = field(default_factory=list)
    scale: Fraction | None = None
    strong: bool = False
    clashes: bool = False
    left_over: list[str] = field(default_factory=list)
    unclear: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    muddled: list[str] = field(default_factory=list)  # amounts that cannot be read together: then nothing is
    named: frozenset[str] = frozenset()

    def put(self, bound: Bound) -> None:
        """An amount counts for more than what a phrase sets; two different ones clash."""
        before = next((each for each in self.bounds if each.input == bound.input), None)
        if before is None:
            self.bounds.append(bound)
        elif (before.how, before.amount) != (bound.how, bound.amount):
            self.clashes = True

    def put_softly(self, bound: Bound) -> None:
        """What a phrase implies, where nothing else was said of it."""
        if all(each.input != bound.input for each in self.bounds):
            self.bounds.append(bound)


class Binder:
    """Binds the mentions of one sentence. `trains` and `serves` say what the case does, `often` how often the sentence says that it is."""

    def __init__(
        self, mentions: Sequence[Mention], *, trains: bool, serves: bool, hours_unclear: tuple[str, ...], apiece: ApieceWords, often: str
    ) -> None:
        self.items = _without_old_values([m for m in mentions if not _is_light(m)])
        self.trains = trains
        self.serves = serves
        self.hours_unclear = hours_unclear
        self.apiece = apiece
        self.often = often
        self.binding = Binding(muddled=list(muddled(mentions)))
        self.used: set[int] = set()  # nouns and cards that have their amount
        self.ended: set[int] = set()  # nouns of what is no more

    def bound(self) -> Binding:
        amounts = [at for at in range(len(self.items)) if self.items[at].quantity]
        self._denied()
        pairs = self._pairs(amounts)
        for at in amounts:
            self._amount(at, pairs.get(at))
        self._cards()
        self._in_each()
        self._asserted()
        self._settings()
        self._unclear()
        self.binding.named = frozenset(
            name for item in self.items if item.noun for name in (item.noun.input, *item.noun.by_area.values()) if name
        )
        return self.binding

    # -- amounts and what they are of ------------------------------------------------------------------------------

    def _pairs(self, amounts: Sequence[int]) -> dict[int, int]:
        """Amount -> noun or card, the nearest first; each has one."""
        near = sorted((self._distance(at, of), at, of) for at in amounts for of in self._candidates(at))
        pairs: dict[int, int] = {}
        for distance, at, of in near:
            if distance <= _FARTHEST * _STEP and at not in pairs and of not in self.used:
                pairs[at] = of
                self.used.add(of)
        return pairs

    def _candidates(self, at: int) -> Iterator[int]:
        quantity = self.items[at].quantity
        assert quantity is not None
        for of in range(max(0, at - _FARTHEST), min(len(self.items), at + _FARTHEST + 1)):
            noun = self.items[of].noun
            if quantity.said in _UNBOUND_COUNTS[:2] and of < at:
                continue  # `one` counts what stands behind it
            counted = self.items[of].card and quantity.unit in ("count", "factor") and self._area(of) != "serving"
            if counted or (noun is not None and self._accepts(noun, quantity, at, of)):
                yield of

    def _accepts(self, noun: NounWords, quantity: Quantity, at: int, of: int) -> bool:
        if not (noun.input or noun.by_area) or (noun.beside and of != at + 1) or (quantity.unit == "%" and not noun.shares):
            return False
        if quantity.unit == "%" and (self._direction(at) or of == at + 1):  # 30 % more endpoints; 30 % of the endpoints
            return "%" in noun.units or not (noun.input or "").endswith(_SHARE)
        if quantity.unit == "factor":
            return True
        if quantity.unit == "GB a month" and "GB" in noun.units and "GB a month" not in noun.units:
            return not quantity.how or quantity.how.endswith(_MONTH)  # kept for the month
        return quantity.unit in noun.units or (quantity.unit == "count" and not quantity.exact and bool(noun.input))  # zero egress

    def _distance(self, at: int, of: int) -> int:
        between = self.items[min(at, of) + 1 : max(at, of)]
        crossed = sum(_ACROSS if item.ends or item.quantity or item.has("join") else _STEP for item in between)
        return crossed + _STEP + (_BEHIND if of < at else 0)

    def _apart(self, one: int, other: int) -> int:
        """How far two places are apart, ends of clauses counted most; a place is not apart from itself."""
        between = self.items[min(one, other) + 1 : max(one, other)]
        crossed = sum(_ACROSS if item.ends or item.has("join") else 0 if item.quantity else _STEP for item in between)
        return crossed + (_STEP if one != other else 0)

    def _amount(self, at: int, of: int | None) -> None:
        quantity = self.items[at].quantity
        assert quantity is not None
        if of is not None:
            self._of_noun(at, of, quantity)
        elif quantity.unit in ("hours", "hours a month"):
            self._hours(at, quantity)
        elif self._scales(at, quantity):
            self.binding.scale = _as_factor(quantity, self._direction(at))
            self.binding.strong = True
        elif quantity.unit != "count" or quantity.said not in _UNBOUND_COUNTS:
            self.binding.left_over.append(quantity.said)

    def _of_noun(self, at: int, of: int, quantity: Quantity) -> None:
        item = self.items[of]
        name = _GPUS if item.card else self._input(item.noun, of)
        self._put(name, quantity, at, self._passive(of))
        for needed, value in item.noun.with_.items() if item.noun and quantity.exact else ():
            self.binding.put_softly(Bound(needed, "set", value, needed_by=name))

    def _passive(self, of: int) -> Change:
        """5 endpoints were removed: what is done with an amount stands behind it, at the end of its clause."""
        behind = self.items[of + 1 : of + 3]
        alone = bool(behind) and (len(behind) == 1 or behind[1].ends or behind[1].has("join"))
        if not alone or not behind[0].has("adding", "taking", "ending"):
            return ""
        return "more" if behind[0].has("adding") else "less"

    def _put(self, name: str, quantity: Quantity, at: int, passive: Change = "") -> None:
        self.binding.strong = True
        direction = passive or self._direction(at)
        if quantity.unit == "factor":
            factor = 1 / quantity.exact if direction == "less" and quantity.exact > 1 else quantity.exact
            self.binding.put(Bound(name, "times", 1 - factor if passive == "less" and factor < 1 else factor, quantity.said))
        elif quantity.unit == "%" and not name.endswith(_SHARE):
            factor = _as_factor(quantity, direction) if direction else quantity.exact / 100
            self.binding.put(Bound(name, "times", factor, quantity.echo))
        else:
            self._put_number(name, quantity, passive or self._step(at, quantity))

    def _put_number(self, name: str, quantity: Quantity, how: How) -> None:
        monthly = quantity.unit in ("GB", "hours") and name.endswith("_per_month")
        if monthly and self.often:  # 8 hours 3 times a month
            self.binding.muddled += [self.often, quantity.said]
        amount, said = quantity.exact, quantity.how
        if quantity.yearly is not None and name.endswith(_YEARLY):
            amount, said = quantity.yearly, "" if quantity.yearly == amount else quantity.how or quantity.said
        self.binding.put(Bound(name, how, amount, said, taken_as_month=monthly, bare=quantity.unit == "count"))

    def _input(self, noun: NounWords | None, of: int) -> str:
        assert noun is not None
        return noun.input or noun.by_area[self._area(of) or ("training" if self.trains else "serving")]

    def _step(self, at: int, quantity: Quantity) -> How:
        """8 more, 8 added, up by 8: on top of what there is now."""
        if quantity.change:
            return quantity.change
        before = self.items[at - 1] if at else None
        if before is None or not before.has("adding", "taking", "by"):
            return "set"
        if before.has("by"):
            return self._direction(at) or "set"
        return "more" if before.has("adding") else "less"

    def _direction(self, at: int) -> Change:
        """More or less, by the nearest word of the clause that says so; up to a number is that number."""
        quantity = self.items[at].quantity
        if quantity is not None and quantity.change:
            return quantity.change
        if at and self.items[at - 1].has("to"):
            return ""
        for distance in range(1, _NEAR):
            for place in (at - distance, at + distance):
                if 0 <= place < len(self.items) and not self._parted(at, place):
                    item = self.items[place]
                    if item.has("up", "down"):
                        return "less" if item.has("down") else "more"
        return ""

    def _parted(self, one: int, other: int) -> bool:
        return any(item.ends for item in self.items[min(one, other) : max(one, other) + 1])

    def _area(self, at: int) -> Area:
        """Training or serving, by the nearest word that says so; one of the same clause counts first."""
        places = [place for place in range(len(self.items)) if self.items[place].area]
        ranked = sorted(places, key=lambda place: (self._apart(at, place), place > at))
        return self.items[ranked[0]].area if ranked else ""

    def _hours(self, at: int, quantity: Quantity) -> None:
        """Hours without a noun are those of what the sentence is about; else of the one thing that the case does."""
        cards = any(item.card for item in self.items)
        area = self._area(at) or ("training" if cards or not self.serves else "serving" if not self.trains else "")
        if not area:
            self.binding.unclear.append((quantity.said, self.hours_unclear))
            return
        self._put(self.hours_unclear[0] if area == "training" else self.hours_unclear[1], quantity, at)
        if area == "training" and quantity.how and quantity.exact == HOURS_PER_MONTH:  # 24/7, 24 hours a day
            self.binding.put_softly(Bound(_TRAINING, "set", _CONTINUOUS, quantity.said, needed_by=self.hours_unclear[0]))

    def _scales(self, at: int, quantity: Quantity) -> bool:
        """The amount is said of everything: nothing else in the sentence could be meant."""
        if self.binding.scale is not None or quantity.exact <= 0:
            return False
        named = any(item.has("scale", "growth") for item in self.items)
        others = any(self._could_take_it(place) for place in self._clause(at))
        if quantity.unit == "factor":
            return not others
        if quantity.unit == "%":
            return named and not others and bool(self._direction(at))
        return named and quantity.unit == "count" and not quantity.change and any(item.has("scale") for item in self.items)

    def _could_take_it(self, place: int) -> bool:
        """A noun without an amount of its own stands there."""
        item = self.items[place]
        noun = item.noun
        return item.has("unclear") or (noun is not None and place not in self.used and bool(noun.input or noun.by_area))

    def _clause(self, at: int) -> Iterator[int]:
        """The places around one, up to the ends of its clause."""
        for step in (-1, 1):
            place = at + step
            while 0 <= place < len(self.items) and not (self.items[place].ends or self.items[place].has("join")):
                yield place
                place += step

    # -- what has no amount ----------------------------------------------------------------------------------------

    def _denied(self) -> None:
        """No egress, without the EA."""
        for at, item in enumerate(self.items[:-1]):
            noun = self.items[at + 1].noun
            if not item.has("negator") or noun is None:
                continue
            if noun.denied:
                for name, value in noun.denied.items():
                    self.binding.put(Bound(name, "set", value))
            elif noun.input:
                self.binding.put(Bound(noun.input, "set", Fraction(0)))
            else:
                continue
            self.binding.strong = True
            self.used.add(at + 1)

        for at in range(len(self.items) - 1):
            self._ended(at)

    def _ended(self, at: int) -> None:
        """Spot is gone: so is what one has or has not; not what has gone up, or gone to 5."""
        noun, ending = self.items[at].noun, self.items[at + 1]
        behind = self.items[at + 2 : at + 3]
        goes_on = any(item.unknown or item.quantity or item.card or item.has("up", "down", "to", "by", "from") for item in behind)
        denied = at > 0 and self.items[at - 1].has("negator", "instead")
        if noun is None or not noun.asserted or not ending.has("ending") or goes_on or denied:
            return
        for name, value in noun.denied.items():
            self.binding.put(Bound(name, "set", value))
            self.binding.strong = True
            self.used.add(at)
            self.ended.add(at)

    def _in_each(self) -> None:
        """4 endpoints in each of 5 regions are 20; so much else in each region is not read."""
        bounds = self.binding.bounds
        said = any(bound.input == self.apiece.of and bound.how == "set" for bound in bounds)
        words = [item.text for item in self.items if item.has("apiece") or (item.has("each") and said)]
        amounts = [bound for bound in bounds if not isinstance(bound.amount, str) and bound.input != self.apiece.of]
        counted = [at for at, bound in enumerate(bounds) if bound.input == self.apiece.counted and bound.how == "set"]
        if words and counted and len(amounts) == 1:
            bounds[counted[0]] = replace(bounds[counted[0]], how="apiece", each=self.apiece.of)
        elif counted and any(self._is_uncounted(at) for at in range(len(self.items))):
            self.binding.muddled += [item.text for item in self.items if item.quantity]
        elif words and (any(item.has("apiece") for item in self.items) or counted):
            self.binding.muddled += [*(item.text for item in self.items if item.quantity), *words]

    def _is_uncounted(self, at: int) -> bool:
        """A region without a number, and without a name beside it: 3 endpoints a region."""
        noun = self.items[at].noun
        named = any(item.has("setting") for item in self.items[max(0, at - 1) : at + 2])
        return noun is not None and noun.input == self.apiece.of and at not in self.used and not named

    def _cards(self) -> None:
        for at, item in enumerate(self.items):
            if item.card:
                serving = self._area(at) == "serving" or not self.trains
                self.binding.put(Bound(_ENDPOINT_ACCELERATOR if serving else _ACCELERATOR, "set", item.card))
                self.binding.strong = True

    def _asserted(self) -> None:
        """With an EA, on spot."""
        ended = [self.items[at] for at in sorted(self.ended)]
        for item in self._not_denied():
            if any(item is each for each in ended):
                continue
            for name, value in item.noun.asserted.items() if item.noun else ():
                self.binding.put_softly(Bound(name, "set", value))

    def _settings(self) -> None:
        """The first thing that a phrase sets is what it says; the others only follow."""
        for item in self._not_denied():
            setting = item.meaning("setting")
            for at, (name, value) in enumerate(setting.sets if setting else ()):
                if at:
                    self.binding.put_softly(Bound(name, "set", value, needed_by=setting.sets[0][0] if setting else ""))
                else:
                    self.binding.put(Bound(name, "set", value))

    def _not_denied(self) -> Iterator[Mention]:
        """What stands in a part of a clause that denies nothing before it."""
        denied = False
        for item in self.items:
            denied = (denied or item.has("negator", "instead")) and not (item.ends or item.has("join"))
            if not denied:
                yield item

    def _unclear(self) -> None:
        for item in self.items:
            meaning = item.meaning("unclear")
            if meaning is not None and self.binding.left_over:
                self.binding.unclear.append((item.text, meaning.unclear))


def _without_old_values(items: list[Mention]) -> list[Mention]:
    """Without the 8 of: from 8 to 64 GPUs; GPUs 8 -> 64; 64 instead of 8."""
    kept: list[Mention] = []
    for at, item in enumerate(items):
        follows = at > 0 and at + 1 < len(items) and items[at - 1].quantity is not None and items[at + 1].quantity is not None
        begun = len(kept) > 1 and kept[-2].has("from")
        replaced = item.quantity is not None and bool(kept) and kept[-1].has("instead")
        if replaced or (follows and (item.text == _ARROW or (item.has("to") and begun))):
            kept.pop()
        else:
            kept.append(item)
    return kept


def _is_light(mention: Mention) -> bool:
    """It says nothing that an amount could belong to, and parts nothing."""
    return bool(mention.meanings) and not any(meaning.role in _TELLING for meaning in mention.meanings)


def _as_factor(quantity: Quantity, direction: str) -> Fraction:
    """By 20 % more is 1.2 times."""
    if quantity.unit != "%":
        return 1 / quantity.exact if direction == "less" and quantity.exact > 1 else quantity.exact
    share = quantity.exact / 100
    return max(1 - share, Fraction(0)) if direction == "less" else 1 + share
