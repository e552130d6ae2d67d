"""Charts: where bars, points and slices stand, worked out by hand, and what is said of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.charts import chart_of, steps
from bot.sandbox.drawing import Drawing, Known, Place
from bot.sandbox.pictures import compact, shown
from tests.bot.sandbox.markup import Element, read

Json = dict[str, Any]


def block(kind: str, series: dict[str, dict[str, float]], **axis: Any) -> Json:
    lines = [{"name": name, "data": [{"label": label, "value": value} for label, value in data.items()]} for name, data in series.items()]
    categories = list(next(iter(series.values())))
    chart = {"type": kind, "series": lines, "axis_config": {"categories": categories, **axis}}
    return {"type": "data_visualization", "block_id": "c", "title": "Price", "chart": chart}


def pie(**segments: float) -> Json:
    chart = {"type": "pie", "segments": [{"label": label, "value": value} for label, value in segments.items()]}
    return {"type": "data_visualization", "block_id": "c", "title": "Shares", "chart": chart}


def drawn(chart: Json) -> Element:
    return read(Drawing(Known(), Place("message", "/act/U1/click", {"ts": "1"}, "m")).blocks([chart]))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 7, "0 2 4 6 8"), (0, 8, "0 2 4 6 8"), (0, 10, "0 5 10"), (0, 100, "0 50 100"), (0, 34908, "0 10000 20000 30000 40000"),
        (-3, 0, "-3 -2 -1 0"), (-2, 4, "-2 0 2 4"), ("0", "0.0208", "0.000 0.010 0.020 0.030"), (0, 0, "0.0 0.5 1.0"),
    ],
)  # fmt: skip
def test_ticks_are_round_numbers(low: object, high: object, expected: str) -> None:
    assert [Decimal(each) for each in expected.split()] == list(steps(Decimal(str(low)), Decimal(str(high))))


@pytest.mark.parametrize(
    ("value", "full", "short"),
    [
        ("0", "0", "0"), ("4.10", "4.1", "4.1"), ("1418", "1,418", "1.4k"), ("34908", "34,908", "34.9k"), ("2500000", "2,500,000", "2.5M"),
        ("-1250.5", "-1,250.5", "-1.3k"), ("0.0208", "0.0208", "0.0208"), ("100", "100", "100"), ("3000000000", "3,000,000,000", "3B"),
    ],
)  # fmt: skip
def test_numbers_are_written_in_full_and_in_short(value: str, full: str, short: str) -> None:
    assert (full, short) == (shown(Decimal(value)), compact(Decimal(value)))


def test_bars_stand_where_they_were_worked_out() -> None:
    """Ticks -2 to 4 over 200 points from y 36: a unit is 33.33 high, zero lies at 169.3.

    The longest tick is two letters of 6.8, so the plot reaches from 21.6 to 592: two slots of 285.2, a bar 48 wide in the middle of each.
    """
    picture = chart_of(block("bar", {"AWS": {"A100": 4, "H100": -2}})).wide
    assert [(Decimal("21.6"), Decimal(592))] == [(picture.left, picture.right)]
    assert [Decimal("236.0"), Decimal("169.3"), Decimal("102.7"), Decimal("36.0")] == [tick.y for tick in picture.ticks]
    assert [(tick.text, tick.zero) for tick in picture.ticks] == [("-2", False), ("0", True), ("2", False), ("4", False)]
    high, low = picture.bars
    assert (Decimal("140.2"), Decimal("36.0"), Decimal(47), Decimal("133.3")) == (high.x, high.y, high.width, high.height)
    assert (Decimal("425.4"), Decimal("169.3"), Decimal(47), Decimal("66.7")) == (low.x, low.y, low.width, low.height)
    assert [bar.says for bar in picture.bars] == ["AWS, A100: 4", "AWS, H100: -2"]


def test_the_numbers_stand_over_high_bars_and_under_low_ones() -> None:
    picture = chart_of(block("bar", {"AWS": {"A100": 4, "H100": -2}})).wide
    assert [("4", Decimal("31.0")), ("-2", Decimal("248.0"))] == [(text.lines[0], text.y) for text in picture.values]


def test_bars_of_one_category_stand_side_by_side_in_the_order_of_the_series() -> None:
    picture = chart_of(block("bar", {"AWS": {"A": 1, "B": 2}, "Azure": {"A": 3, "B": 4}})).wide
    assert [bar.series for bar in picture.bars] == [0, 1, 0, 1]
    first, second, third, _ = picture.bars
    assert Decimal(48) == second.x - first.x
    assert third.x > second.x + 48


def test_points_follow_the_categories_in_whatever_order_they_came() -> None:
    chart = block("line", {"AWS": {"B": 2, "A": 1}})
    chart["chart"]["axis_config"]["categories"] = ["A", "B"]
    assert chart_of(chart).rows == (("A", "1"), ("B", "2"))


def test_an_area_reaches_down_to_zero() -> None:
    """Ticks 0 to 4 need one letter: the plot reaches from 14.8 to 592, its slots' middles lie at 159.1 and 447.7."""
    picture = chart_of(block("area", {"TB": {"A": 2, "B": 4}})).wide
    (curve,) = picture.curves
    assert curve.points == "159.1,136.0 447.7,36.0"
    assert curve.area == "159.1,236.0 159.1,136.0 447.7,36.0 447.7,236.0"


def test_a_quarter_of_a_pie_ends_at_three_o_clock() -> None:
    first, second = chart_of(pie(a=1, b=3)).wide.slices
    assert first.path == "M 104 104 L 104.0 8.0 A 96 96 0 0 1 200.0 104.0 Z"
    assert second.path == "M 104 104 L 200.0 104.0 A 96 96 0 1 1 104.0 8.0 Z"
    assert [first.says, second.says] == ["a: 1 (25 %)", "b: 3 (75 %)"]


def test_a_pie_of_one_segment_is_a_whole_circle() -> None:
    (whole,) = chart_of(pie(all=5)).wide.slices
    assert whole.path == "M 104 8 A 96 96 0 1 1 104 200 A 96 96 0 1 1 104 8 Z"


@pytest.mark.parametrize(
    ("labels", "rotated"),
    [(["A100", "H100"], False), (["Managed premium"] * 6, False), (["Managed premium"] * 12, True)],
    ids=["short", "in two lines", "too many"],
)
def test_names_are_broken_and_then_turned_as_room_runs_out(labels: list[str], rotated: bool) -> None:
    names = [f"{label} {at}" if len(labels) > 2 else label for at, label in enumerate(labels)]
    picture = chart_of(block("bar", {"AWS": dict.fromkeys(names, 1.0)})).wide
    assert rotated is picture.rotated
    assert names == [text.full for text in picture.categories]


def test_a_turned_name_is_cut_but_its_whole_is_kept() -> None:
    names = [f"A very long name {at}" for at in range(20)]
    picture = chart_of(block("bar", {"AWS": dict.fromkeys(names, 1.0)})).narrow
    assert picture.categories[0].lines == ("A very long…",)
    assert picture.categories[0].full == "A very long name 0"


def test_a_chart_says_all_that_it_shows() -> None:
    figure = drawn(block("bar", {"AWS": {"A100": 4.1, "H100": 6.9}, "Azure": {"A100": 3.7, "H100": 7}}, y_label="USD per hour"))
    says = "Bar chart: Price. AWS: A100 4.1, H100 6.9. Azure: A100 3.7, H100 7."
    assert [says, says] == [svg.attributes["aria-label"] for svg in figure.all("svg", role="img")]
    assert [item.text for item in figure.one("ul", class_="legend").all("li")] == ["AWS", "Azure"]
    rows = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in figure.one("table").all("tr")]
    assert rows == [["Category", "AWS", "Azure"], ["A100", "4.1", "3.7"], ["H100", "6.9", "7"]]


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_names_from_outside_stay_text(kind: str) -> None:
    hostile = '"><script>x</script>'
    figure = drawn(block(kind, {hostile: {hostile: 1}}, x_label=hostile, y_label=hostile))
    assert figure.all("script") == []
    assert [hostile] == [item.text for item in figure.one("ul", class_="legend").all("li")]


def test_every_kind_is_drawn_in_two_widths_but_the_pie() -> None:
    kinds = {kind: len(drawn(block(kind, {"A": {"x": 1, "y": 2}})).all("svg", role="img")) for kind in ("bar", "line", "area")}
    assert kinds == {"bar": 2, "line": 2, "area": 2}
    assert len(drawn(pie(a=1)).all("svg", role="img")) == 1
