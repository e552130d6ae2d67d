"""What is counted, under which names and labels, and what is asked when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from bot import metrics
from bot.metrics import MOST_SERIES, PricesCollector, QueueCollector, exposition
from bot.storage import Database, NewJob, open_database
from engine.load import load_rulebook

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def shown(*collectors: Collector) -> dict[str, float]:
    """The page as a scraper reads it: name{label="value"} -> value."""
    page, kind = exposition(collectors)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    samples = [sample for family in text_string_to_metric_families(page.decode()) for sample in family.samples]
    return {f"{each.name}{{{','.join(f'{k}={v}' for k, v in sorted(each.labels.items()))}}}": each.value for each in samples}


def added(act: Callable[[], None]) -> dict[str, float]:
    """What an act changes on the page. It counts for the whole process, so only differences can be known."""
    before = shown()
    act()
    mine = {name: value for name, value in shown().items() if name.startswith("whichcloud_")}
    return {name: value - before.get(name, 0) for name, value in mine.items() if value != before.get(name, 0)}


COUNTED: dict[str, tuple[Callable[[], None], dict[str, float]]] = {
    "an answer": (
        lambda: metrics.acked("command", 0.15, True),
        {
            "whichcloud_acks_total{outcome=ok,surface=command}": 1,
            "whichcloud_ack_seconds_count{surface=command}": 1,
            "whichcloud_ack_seconds_sum{surface=command}": 0.15,
            **{f"whichcloud_ack_seconds_bucket{{le={le},surface=command}}": 1 for le in ("0.2", "0.5", "1.0", "3.0", "+Inf")},
        },
    ),
    "an answer too late": (
        lambda: metrics.acked("action", 3.5, False),
        {
            "whichcloud_acks_total{outcome=failed,surface=action}": 1,
            "whichcloud_ack_seconds_count{surface=action}": 1,
            "whichcloud_ack_seconds_sum{surface=action}": 3.5,
            "whichcloud_ack_seconds_bucket{le=+Inf,surface=action}": 1,
        },
    ),
    "a first run": (
        lambda: metrics.ran("show", "done", 7.0, 400.0),
        {
            "whichcloud_job_runs_total{kind=show,outcome=done}": 1,
            "whichcloud_job_run_seconds_count{kind=show}": 1,
            "whichcloud_job_run_seconds_sum{kind=show}": 7,
            **{f"whichcloud_job_run_seconds_bucket{{kind=show,le={le}}}": 1 for le in ("10.0", "30.0", "+Inf")},
            "whichcloud_job_wait_seconds_count{kind=show}": 1,
            "whichcloud_job_wait_seconds_sum{kind=show}": 400,
            "whichcloud_job_wait_seconds_bucket{kind=show,le=+Inf}": 1,
        },
    ),
    "a later run": (
        lambda: metrics.ran("report", "again", 31.0, None),
        {
            "whichcloud_job_runs_total{kind=report,outcome=again}": 1,
            "whichcloud_job_run_seconds_count{kind=report}": 1,
            "whichcloud_job_run_seconds_sum{kind=report}": 31,
            "whichcloud_job_run_seconds_bucket{kind=report,le=+Inf}": 1,
        },
    ),
    "a call": (
        lambda: metrics.called("chat.postMessage", "ok"), {"whichcloud_slack_calls_total{method=chat.postMessage,outcome=ok}": 1}),
    "a 429": (lambda: metrics.slowed_down("chat.update"), {"whichcloud_slack_rate_limited_total{method=chat.update}": 1}),
    "a post": (lambda: metrics.posted("unknown"), {"whichcloud_posts_total{outcome=unknown}": 1}),
    "a verdict": (lambda: metrics.advised("hybrid", "switch"), {"whichcloud_verdicts_total{basis=switch,plan=hybrid}": 1}),
    "a flood": (lambda: metrics.fair_use("workspace"), {"whichcloud_fair_use_refusals_total{scope=workspace}": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("act", "expected"), COUNTED.values(), ids=COUNTED.keys())
def test_each_thing_is_counted_under_its_name(act: Callable[[], None], expected: dict[str, float]) -> None:
    assert added(act) == pytest.approx(expected)  # sums of seconds are of all that this process counted before


def test_every_way_a_post_can_end_is_shown_from_the_start() -> None:
    names = {name for name in shown() if name.startswith("whichcloud_posts_total")}
    assert names == {f"whichcloud_posts_total{{outcome={each}}}" for each in ("posted", "updated", "unknown", "found", "given up")}


def test_however_many_codes_slack_makes_up_the_page_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(shown())
    for number in range(2 * MOST_SERIES):
        metrics.called("chat.postMessage", f"made_up_{number}")
    after = shown()
    assert len(after) <= before + MOST_SERIES + 1
    assert after["whichcloud_slack_calls_total{method=other,outcome=other}"] >= MOST_SERIES


def test_no_moment_of_creation_stands_beside_a_series() -> None:
    metrics.advised("hybrid", "switch")
    assert [name for name in shown() if "_created" in name] == []


# -- what is asked when somebody looks -------------------------------------------------------------------------------


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)
    yield opened
    opened.close()


def enqueue(database: Database, key: str, *, urgent: bool) -> None:
    with database.workspace("T1") as work:
        work.enqueue(NewJob(key=key, lane=f"lane:{key}", kind="show", args={}, urgent=urgent))


def test_the_queue_is_what_the_database_holds_now(database: Database, clock: Clock) -> None:
    queue = QueueCollector(database, clock)
    empty = {f"whichcloud_jobs{{state={state},urgent={urgent}}}": 0.0 for state in ("ready", "failed") for urgent in ("yes", "no")}
    assert mine(shown(queue)) == {"whichcloud_database_up{}": 1.0, "whichcloud_oldest_job_wait_seconds{}": 0.0, **empty}
    enqueue(database, "first", urgent=False)
    clock.now += timedelta(seconds=90)
    enqueue(database, "second", urgent=True)
    enqueue(database, "third", urgent=True)
    clock.now += timedelta(seconds=30)
    assert mine(shown(queue)) == {
        "whichcloud_database_up{}": 1.0,
        "whichcloud_oldest_job_wait_seconds{}": 120.0,
        **empty,
        "whichcloud_jobs{state=ready,urgent=yes}": 2.0,
        "whichcloud_jobs{state=ready,urgent=no}": 1.0,
    }


def mine(page: dict[str, float]) -> dict[str, float]:
    """What the queue shows."""
    return {
        name: value for name, value in page.items() if name.startswith(("whichcloud_jobs{", "whichcloud_oldest", "whichcloud_database"))
    }


def test_a_database_that_is_away_is_shown_and_everything_else_too(database: Database, clock: Clock, tmp_path: Path) -> None:
    database.close()
    for file in tmp_path.iterdir():
        file.unlink()
    (tmp_path / "bot.db").write_bytes(b"no database" * 1000)
    page = shown(QueueCollector(database, clock))
    assert mine(page) == {"whichcloud_database_up{}": 0.0}
    assert "whichcloud_posts_total{outcome=posted}" in page


def test_the_age_of_the_prices_is_that_of_the_day(clock: Clock) -> None:
    rulebook = load_rulebook()
    prices = PricesCollector(rulebook, clock)
    first = shown(prices)
    clock.now += timedelta(days=10)
    second = shown(prices)
    ages = [f"whichcloud_price_age_days{{which={which}}}" for which in ("newest", "oldest")]
    assert [second[name] - first[name] for name in ages] == [10, 10]
    read = [price.as_of for price in rulebook.catalogue.prices if price.region != "article"]
    assert first[ages[0]] <= (date(2026, 11, 22) - max(read)).days <= first[ages[1]]
    listed = [value for name, value in first.items() if name.startswith("whichcloud_figures{kind=list")]
    assert sum(listed) == sum(value for name, value in second.items() if name.startswith("whichcloud_figures{kind=list")) > 0
