"""A verdict as messages: the first screen, and what stands behind its buttons. Every word and number comes from the view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot import ids
from bot.reply.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    fields,
    fitting_rows,
    italic,
    section,
    sections,
    short,
    table,
    within_limits,
)
from bot.view import NO_FLIPS, Bar, Table, View

DETAILS = {"why": "Why", "flip": "What would flip it", "wins": "Quick wins", "assumed": "Assumed", "lines": "Lines and prices"}
_CHART_TITLE, _CHART_NAME, _SERIES = 50, 20, 6


def verdict(view: View, verdict_id: str, changed: Sequence[str] = (), reports: Sequence[Block] = ()) -> Message:
    """What the conversation comes to; `reports` says which reports elsewhere show the verdict before this one."""
    above = [section(escape(line)) for line in changed[:1]] + [section("\n".join(map(escape, changed[1:])))] * (len(changed) > 1)
    doubts = f"{view.confidence} {view.assumed_count}"
    return first_screen(view, verdict_id, above, doubts, reports, last=(*_buttons(verdict_id), _feedback(verdict_id)))


def first_screen(
    view: View, key: str, above: Sequence[Block], doubts: str, below: Sequence[Block] = (), last: Sequence[Block] = ()
) -> Message:
    """The verdict and its reason, what to buy, the scale that changes it, the table, the chart, the cautions and the doubts."""
    first = [*above, section(f"*{escape(view.headline)}* {escape(view.headline_reason)}")]
    first += [section(f"{escape(view.buying)}\n{escape(view.scale)}")]
    rest = [*sections(f"• {escape(line)}" for line in view.first_cautions), context(escape(doubts)), *below]
    native = [*first, plans_table(view, key), *chart(view, key), *rest]
    plain = [*first, *plans_as_fields(view.plans), *rest]
    return Message(f"{view.headline} {view.headline_reason}", within_limits(native, last), within_limits(plain, last), chart_in_words(view))


def plans_table(view: View, key: str) -> Block:
    """Plans by scales, a month."""
    strong = [at for at, row in enumerate(view.plans.rows) if row.strong]
    return table(f"plans-{key}", view.plans.heads, [row.cells for row in view.plans.rows], strong=strong)


def chart(view: View, key: str) -> list[Block]:
    """The six cost lines of the plans that the verdict compares; nothing where no plan costs anything."""
    bars = [bar for bar in view.chart if bar.compared][:_SERIES]
    if not bars:
        return []
    categories = [short(segment.short_line, _CHART_NAME) for segment in bars[0].segments]
    drawn = {
        "type": "bar",
        "series": [{"name": short(bar.name, _CHART_NAME), "data": _points(bar, categories)} for bar in bars],
        "axis_config": {"categories": categories, "x_label": "Cost line", "y_label": "USD a month"},
    }
    return [
        {
            "type": "data_visualization",
            "block_id": f"chart-{key}",
            "title": short("The six cost lines, a month", _CHART_TITLE),
            "chart": drawn,
        }
    ]


def chart_in_words(view: View) -> str:
    """What the chart shows, for those who do not see it."""
    bars = (f"{bar.name}: " + ", ".join(f"{s.short_line} {s.usd}" for s in bar.segments) for bar in view.chart if bar.compared)
    return "The six cost lines, a month. " + ". ".join(bars) + "."


def detail(name: str, view: View, verdict_id: str) -> tuple[Message, ...]:
    """What stands behind a button, as one message or, where it holds several tables, one for each."""
    key = f"{name}-{verdict_id}"
    if name == "lines":
        return _lines(view, key)
    return (_TEXTS[name](view),)


def _why(view: View) -> Message:
    reasons = [f"{at}. {escape(reason.text)} {italic(reason.source)}" for at, reason in enumerate(view.reasons, 1)]
    against = [f"• {escape(line)}" for line in view.why_not]
    return _texts("Why", [("*Why*", reasons), ("*Why not the others*", against)])


def _flip(view: View) -> Message:
    flips = [f"• {escape(line)}" for line in view.flips] or [NO_FLIPS]
    steady = [f"• {escape(line)}" for line in view.steady]
    return _texts("What would flip it", [("*What would flip it*, nearest first", flips), ("*It does not depend on these*", steady)])


def _wins(view: View) -> Message:
    lines = [*(f"• {escape(line)}" for line in view.quick_wins), escape(view.quick_wins_total), escape(view.scale_to_zero)]
    return _texts("Quick wins", [("*Quick wins on this bill*", [line for line in lines if line])])


def _assumed(view: View) -> Message:
    lines = [f"• {escape(line)}" for line in view.assumed] or ["Nothing: every number that counts is yours."]
    return _texts("Assumed", [("*Assumed: typical values, not yours*", lines)])


def _lines(view: View, key: str) -> tuple[Message, ...]:
    """Three messages, because Slack takes one table in each: the six lines, quantity times rate, where each price comes from."""
    items = Table(
        "Quantity times rate",
        ("Plan", *view.items[0].heads) if view.items else (),
        tuple(type(row)((each.title, *row.cells), row.strong) for each in view.items for row in each.rows),
    )
    cautions = [f"• {escape(each.text)} {italic(each.source)}" for each in view.cautions]
    notes = [f"• {escape(note)}" for note in view.price_notes]
    after = [
        *_titled("*Also know*", cautions),
        *_titled("*Notes of the sources*", notes),
        context(escape(f"Not counted: {view.not_counted}.")),
    ]
    return (
        _tabled("The six lines of every plan", view.lines, f"{key}-1", right=True),
        *([_tabled("Quantity times rate", items, f"{key}-2")] if items.rows else []),
        _tabled(f"Where each price comes from, as of {view.as_of}; those that decide come first", view.prices, f"{key}-3", after=after),
    )


def _tabled(title: str, shown: Table, key: str, *, right: bool = False, after: Sequence[Block] = ()) -> Message:
    """A table under its title; what does not fit is said."""
    rows = [row.cells for row in shown.rows]
    strong = [at for at, row in enumerate(shown.rows) if row.strong]
    native = table(key, shown.heads, rows, strong=strong, right=right)
    left = len(rows) - fitting_rows(shown.heads, rows)
    rest = [context(f"{left} more rows do not fit into a message; `whichcloud advise --format html` shows all.")] if left else []
    plain = sections(
        f"• *{escape(row[0])}*: " + "; ".join(f"{escape(h)} {escape(c)}" for h, c in zip(shown.heads[1:], row[1:], strict=True))
        for row in rows
    )
    top = section(f"*{escape(title)}*")
    return Message(title, within_limits([top, native, *rest, *after]), within_limits([top, *plain, *after]))


def _texts(text: str, parts: Sequence[tuple[str, Sequence[str]]]) -> Message:
    blocks = [block for title, lines in parts for block in _titled(title, lines)]
    return Message(text, within_limits(blocks))


def _titled(title: str, lines: Sequence[str]) -> list[Block]:
    return sections([title, *lines]) if lines else []


def plans_as_fields(plans: Table) -> list[Block]:
    """The table of plans for where native tables are refused."""
    return fields(
        [
            (escape(row.cells[0]), escape(", ".join(f"{h}: {c}" for h, c in zip(plans.heads[1:], row.cells[1:], strict=True))))
            for row in plans.rows
        ]
    )


def _points(bar: Bar, categories: Sequence[str]) -> list[Block]:
    return [{"label": label, "value": float(segment.amount)} for label, segment in zip(categories, bar.segments, strict=True)]


def _buttons(verdict_id: str) -> tuple[Block, ...]:
    refine = button("Enter my numbers", ids.action(ids.NUMBERS, "refine"), verdict_id, style="primary")
    details = [button(label, ids.action(ids.DETAIL, name), verdict_id) for name, label in DETAILS.items()]
    others = [button("Post report", ids.REPORT, verdict_id), button("Ask", ids.ASK, verdict_id)]
    return (actions(f"more-{verdict_id}", refine, *details, *others),)


def _feedback(verdict_id: str) -> Block:
    def rating(label: str, value: str, says: str) -> Block:
        return {"text": {"type": "plain_text", "text": label}, "value": f"{value}:{verdict_id}", "accessibility_label": says}

    buttons = {
        "type": "feedback_buttons",
        "action_id": ids.FEEDBACK,
        "positive_button": rating("Helpful", "up", "Mark this advice as helpful"),
        "negative_button": rating("Not helpful", "down", "Mark this advice as not helpful"),
    }
    return {"type": "context_actions", "block_id": f"feedback-{verdict_id}", "elements": [buttons]}


_TEXTS: dict[str, Callable[[View], Message]] = {"why": _why, "flip": _flip, "wins": _wins, "assumed": _assumed}
