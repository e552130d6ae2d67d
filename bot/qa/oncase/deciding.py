"""Questions on the decision: the verdict, why, why not, what would flip it, how sure, what was assumed, what saves, who answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.qa.answer import Cited
from bot.qa.oncase.buying import purchase_lines, purchase_sources
from bot.qa.oncase.opened import Said
from bot.qa.oncase.telling import MOST_BULLETS, Block, Telling, Told, bullets, cited, quoted
from bot.view import NO_FLIPS
from engine.advice import WhyNot
from engine.decide import STAY

_MOST_FLIPS = 7
_MOST_LINES = 12  # beside the two headings
_MOST_ASSUMED = 11


def verdict(it: Telling) -> Told:
    view = it.view
    blocks = [f"**{view.headline}** {view.headline_reason}", view.buying, view.scale, f"{view.confidence} {view.assumed_count}"]
    return it.told(blocks, (*it.from_prices(), *it.from_rules()))


def why(it: Telling) -> Told:
    """The steps that fired, in their order; where another plan is named, why it is not that."""
    plans = it.plans_named()
    view = it.view
    if len(plans) == 1 and it.advice.plan not in plans:
        other = why_not(it)
        return replace(other, text=f"**{view.headline}**\n\n{other.text}")
    steps = [f"{reason.text} ({reason.source})" for reason in view.reasons]
    return it.told([f"**{view.headline}** {view.headline_reason}", bullets(steps)], (*it.from_rules(), *it.from_prices()))


# -- why not -----------------------------------------------------------------------------------------------------------


def why_not(it: Telling) -> Told:
    """The line of each plan that is asked for, or of each other plan; the purchases where one of those is."""
    asked = it.plans_moved()
    if it.named.purchases and not asked:
        return it.told(purchase_lines(it, it.named.purchases), purchase_sources(it))
    if it.advice.plan in asked:
        return _against(it)
    entries = [entry for entry in it.advice.why_not if not asked or entry.plan in asked]
    if not entries:
        lacking = it.say("no_such_plan", it.advice.case.trains) if asked else it.say("alone", it.advice.plan)
        return it.told([lacking], it.from_rules())
    lines = [_line(it, entry) for entry in entries]
    return it.told(lines if len(lines) == 1 else [lines], _sources(it, entries))


def _line(it: Telling, entry: WhyNot) -> str:
    """Why a plan is not the advice, and the difference in dollars."""
    said, by, now = it.view.why_not[it.advice.why_not.index(entry)], entry.by_usd_per_year, it.advice.now
    if by is None:
        return said
    return f"{said} {it.say('compared', now.cost(entry.plan), now.cost(it.advice.plan), entry.kind == 'excluded', by < 0, abs(by))}"


def _against(it: Telling) -> Told:
    """What speaks against the plan that is advised: the plans that cost less."""
    cheaper = [entry for entry in it.advice.why_not if (entry.by_usd_per_year or 0) < 0]
    if not it.advice.why_not:
        return it.told([it.say("alone", it.advice.plan)], it.from_rules())
    shown = cheaper or it.advice.why_not
    return it.told([it.say("advised", it.advice.plan, cheaper), [_line(it, entry) for entry in shown]], _sources(it, shown))


def _sources(it: Telling, entries: Sequence[WhyNot]) -> Iterator[Cited]:
    yield from (cited(reason.source) for entry in entries for reason in entry.rules)
    if it.advice.now.basis == STAY:
        yield cited(it.advice.reasons[-1].source)
    yield from it.from_prices()


# -- what would flip it, how sure --------------------------------------------------------------------------------------


def flips(it: Telling) -> Told:
    """As many of both lists as fit; what is left is named."""
    found = bullets(it.view.flips, _named(it, it.view.flips[_MOST_FLIPS - 1 :]), _MOST_FLIPS) or [NO_FLIPS]
    left = _MOST_LINES - len(found)
    steady = bullets(it.view.steady, _named(it, it.view.steady[left - 1 :]), left)
    blocks: list[Block] = [it.say("flips"), found, *([it.say("steady"), steady] if steady else [])]
    return it.told(blocks, (*it.from_prices(), *it.from_rules()))


def _named(it: Telling, lines: Sequence[str]) -> str:
    """The inputs of some lines, which begin with them."""
    return it.say("further", list(dict.fromkeys(line.partition(":")[0] for line in lines)))


def confidence(it: Telling) -> Told:
    view = it.view
    return it.told([f"**{view.confidence}**", view.assumed_count, list(view.first_cautions)], it.from_prices())


# -- assumed and saved -------------------------------------------------------------------------------------------------


def assumptions(it: Telling) -> Told:
    """What nobody gave, and what the rules take for themselves."""
    view, day = it.view, it.advice.day
    each = -(-len(view.assumed) // _MOST_ASSUMED) or 1  # several on a line where there are many
    listed = ["; ".join(view.assumed[at : at + each]) for at in range(0, len(view.assumed), each)]
    taken = [(a, it.rulebook.assumed(a.id, day)) for a in it.rulebook.case_assumptions if a.id not in it.advice.case.given]
    figures = [(a.name, it.words.value(figure.usd, a.id)) for a, figure in taken]
    blocks: list[Block] = [f"**{view.assumed_count}**", listed, it.say("taken", figures) if figures else ""]
    return it.told(blocks, (quoted(figure) for _, figure in taken))


def quick_wins(it: Telling) -> Told:
    view, day = it.view, it.advice.day
    article = (figure for name in it.rulebook.assumptions if name.startswith("article_") for figure in [it.rulebook.assumed(name, day)])
    own = (quoted(f) for item in it.advice.bills[it.advice.plan] for f in item.figures)
    total = f"**{view.quick_wins_total}**" if view.quick_wins_total else ""
    return it.told([total, view.quick_wins], (*(quoted(figure) for figure in article), *own))


# -- who ---------------------------------------------------------------------------------------------------------------


def who_answered(it: Telling) -> Told:
    """Who said what and when, as it is kept; a name that is not kept is not guessed."""
    said = it.opened.answered
    days = [when.date() if isinstance(when, datetime) else when for _, _, when in said.values() if when]
    source = Cited("the answers in this thread", "", max(days, default=it.opened.day))
    if not said:
        return it.told([it.say("nobody")], [source])
    names = list(dict.fromkeys(_asked(it) or (name for name in (*it.rulebook.question, *said) if name in said)))
    lines = [_who(it, name) for name in names]
    rest = it.say("further", [it.words.input_name(name) for name in names[MOST_BULLETS - 1 :]])
    return it.told(lines if len(lines) == 1 else [it.say("who"), bullets(lines, rest)], [source])


def _asked(it: Telling) -> list[str]:
    ids = list(it.rulebook.question)
    by_place = [ids[at] for at in it.named.places if at < len(ids)]
    return by_place or list(it.named.questions)


def _who(it: Telling, name: str) -> str:
    at = list(it.rulebook.question).index(name) + 1 if name in it.rulebook.question else 0
    said: Said | None = it.opened.answered.get(name)
    if said is None:
        return it.say("unanswered", at, it.words.input_name(name), it.words.given(it.advice.case.value(name), name))
    return it.say("answered", at, it.words.input_name(name), it.words.given(said.value, name), said, _moment(said.when))


def _moment(when: datetime | date | None) -> str:
    if isinstance(when, datetime):
        return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if when.tzinfo else f"{when:%Y-%m-%d %H:%M}"
    return str(when) if when else ""
