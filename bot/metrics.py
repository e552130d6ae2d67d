"""What is counted for Prometheus, and the page that shows it. Counting costs a microsecond or two, and asks no database.

No label takes values from people: workspaces, users and channels are never counted apart.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Final, Literal, TypeVar, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot.freshness import Freshness, freshness
from bot.storage import Database, Depth, StorageError
from bot.tally import FOLDER
from engine.rulebook import Rulebook

REGISTRY: Final = CollectorRegistry()
MOST_SERIES: Final = 200  # of one name
_OTHER: Final = "other"
_ACK_MS: Final = (10, 25, 50, 100, 200, 500, 1_000, 3_000)  # Slack gives up after the last
_RUN_MS: Final = (50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
_WAIT_MS: Final = (*_RUN_MS, 60_000, 300_000)
_Kind = TypeVar("_Kind")
Posted = Literal["posted", "updated", "unknown", "found", "given up"]


class _Series(dict[tuple[str, ...], _Kind]):
    """The series of one name by their labels, found without a lock. Past so many, whatever is new counts as one."""

    def __init__(self, labels: Callable[..., _Kind]) -> None:
        super().__init__()
        self._labels = labels

    def __missing__(self, labels: tuple[str, ...]) -> _Kind:
        if len(self) >= MOST_SERIES:
            return self._labels(*[_OTHER] * len(labels))
        found = self[labels] = self._labels(*labels)
        return found


def _counter(name: str, help: str, *labels: str) -> _Series[Counter]:
    return _Series(Counter(name, help, labels, registry=REGISTRY).labels)


def _histogram(name: str, help: str, label: str, bounds_ms: tuple[int, ...]) -> _Series[Histogram]:
    return _Series(Histogram(name, help, (label,), buckets=[each / 1000 for each in bounds_ms], registry=REGISTRY).labels)


_acks = _counter("whichcloud_acks_total", "Answers to Slack's requests.", "surface", "outcome")
_ack_seconds = _histogram("whichcloud_ack_seconds", "From a request of Slack to its answer.", "surface", _ACK_MS)
_runs = _counter("whichcloud_job_runs_total", "Runs of jobs; a job may need several.", "kind", "outcome")
_run_seconds = _histogram("whichcloud_job_run_seconds", "How long runs of jobs took.", "kind", _RUN_MS)
_wait_seconds = _histogram("whichcloud_job_wait_seconds", "From the creation of a job to its first run.", "kind", _WAIT_MS)
_calls = _counter("whichcloud_slack_calls_total", "Calls of Slack's Web API.", "method", "outcome")
_slowed = _counter("whichcloud_slack_rate_limited_total", "Calls that Slack answered with 429.", "method")
_posts = _counter("whichcloud_posts_total", "Messages by what became of them.", "outcome")
_verdicts = _counter("whichcloud_verdicts_total", "Verdicts by the plan that is advised and by what decided.", "plan", "basis")
_fair_use = _counter("whichcloud_fair_use_refusals_total", "What was not taken because too much came at once.", "scope")
_PROCESS = ProcessCollector(registry=None)
for _outcome in get_args(Posted):
    _posts[_outcome,]  # shown from the start, so that the first one is seen as a change


# -- counting --------------------------------------------------------------------------------------------------------


def acked(surface: str, seconds: float, ok: bool) -> None:
    """An answer to Slack: to which kind of request, after how long, and whether it was a 200."""
    _acks[surface, "ok" if ok else "failed"].inc()
    _ack_seconds[surface,].observe(seconds)


def ran(kind: str, outcome: str, seconds: float, waited_s: float | None) -> None:
    """A run of a job. `waited_s` is since its creation; None for every run but the first."""
    _runs[kind, outcome].inc()
    _run_seconds[kind,].observe(seconds)
    if waited_s is not None:
        _wait_seconds[kind,].observe(waited_s)


def called(method: str, outcome: str) -> None:
    """A call of Slack: `ok`, the code that Slack gave, or how the connection failed."""
    _calls[method, outcome].inc()


def slowed_down(method: str) -> None:
    """Slack answered 429."""
    _slowed[method,].inc()


def posted(outcome: Posted) -> None:
    _posts[outcome,].inc()


def advised(plan: str, basis: str) -> None:
    """A verdict that was made and kept."""
    _verdicts[plan, basis].inc()


def fair_use(scope: Literal["person", "workspace"]) -> None:
    """Too much came at once, from a person or from their whole workspace."""
    _fair_use[scope,].inc()


# -- showing ---------------------------------------------------------------------------------------------------------


def exposition(collectors: Iterable[Collector]) -> tuple[bytes, str]:
    """The page of everything counted and of what these find now, and its content type."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a moment beside every series, which nobody asks for
    return generate_latest(_Together((_counted(), _PROCESS, *collectors))), CONTENT_TYPE_PLAIN_0_0_4


def _counted() -> Collector:
    """By this process, or by all that count together."""
    return MultiProcessCollector(None) if FOLDER in os.environ else REGISTRY  # type: ignore[no-untyped-call]


class _Together(Collector):
    def __init__(self, parts: Iterable[Collector]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        for part in self._parts:
            yield from part.collect()


class QueueCollector(Collector):
    """What waits in the database and what failed there, asked when somebody looks. Every replica sees the same queue."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        try:
            depths = self._database.depths()
        except StorageError:
            yield GaugeMetricFamily("whichcloud_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("whichcloud_database_up", "Whether the database answers.", 1)
        yield _queue(depths)
        oldest = min((depth.oldest for depth in depths if depth.state == "ready"), default=None)
        waits_s = (self._clock() - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("whichcloud_oldest_job_wait_seconds", "How long the oldest job that is not over has waited.", waits_s)


def _queue(depths: Iterable[Depth]) -> Metric:
    family = GaugeMetricFamily("whichcloud_jobs", "Jobs that wait or failed.", labels=("state", "urgent"))
    counts = {(depth.state, depth.urgent): depth.count for depth in depths}
    for state in ("ready", "failed"):
        for urgent in (True, False):
            family.add_metric((state, "yes" if urgent else "no"), counts.get((state, urgent), 0))
    return family


class PricesCollector(Collector):
    """How old the prices are today; looked through once a day."""

    def __init__(self, rulebook: Rulebook, clock: Callable[[], datetime]) -> None:
        self._rulebook = rulebook
        self._clock = clock
        self._of_day: tuple[date, Freshness] | None = None

    def collect(self) -> Iterator[Metric]:
        day = self._clock().date()
        if self._of_day is None or self._of_day[0] != day:
            self._of_day = day, freshness(self._rulebook, day)
        fresh = self._of_day[1]
        age = GaugeMetricFamily(
            "whichcloud_price_age_days", "Days since prices were read: of the newest and of the oldest.", labels=("which",)
        )
        age.add_metric(("newest",), fresh.newest_days)
        age.add_metric(("oldest",), fresh.oldest_days)
        yield age
        figures = GaugeMetricFamily(
            "whichcloud_figures", "Prices and rates by kind and by whether they are stale.", labels=("kind", "stale")
        )
        for kind, stale, every in fresh.stale:
            figures.add_metric((kind, "yes"), stale)
            figures.add_metric((kind, "no"), every - stale)
        yield figures
