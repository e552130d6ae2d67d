"""What an advice consists of: plain data, complete enough to be shown, posted, stored and replayed. No words, no rounding
beyond cents, no Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.case import Case, Value
from engine.catalogue import Figure, Instance
from engine.decide import Trace
from engine.exact import Exact
from engine.knowledge import Erratum, Source
from engine.rulebook import CompiledRule

Action = Literal["spot", "scale_to_zero", "infrequent_storage"]


CautionKind = Literal[
    "stale",
    "previous generation",
    "retired",
    "missing price",
    "overruled",
    "bought otherwise",
    "dated later",
    "equivalent",
    "borrowed",
    "conflict",
    "low confidence",
    "general premium",
    "unsure",
    "erratum",
    "rule",
]


@dataclass(frozen=True)
class LineItem:
    """Quantity times rate. `usd` is exact; `figures` are the prices it rests on; `private` marks a negotiated figure."""

    line: str
    name: str
    quantity: Exact
    unit: str
    usd_per_unit: Exact
    figures: tuple[Figure, ...]
    private: bool = False
    detail: Mapping[str, Value] | None = None

    @property
    def usd(self) -> Exact:
        return self.quantity * self.usd_per_unit


@dataclass(frozen=True)
class PlanCost:
    """One month of a plan at a scale. Amounts are None where the plan does not exist; cents where it does."""

    plan: str
    offered: bool
    allowed: bool
    purchase: str | None = None
    instance: str | None = None
    instances: int | None = None
    lines: Mapping[str, Decimal] | None = None
    total_usd_per_month: Decimal | None = None
    total_usd_per_year: Decimal | None = None


@dataclass(frozen=True)
class Scenario:
    """The verdict at one scale. `own_plan` and `saving_usd_per_year` are set where step 8 applied."""

    scale: int
    plan: str
    basis: str
    matrix_plan: str
    cheapest_plan: str
    step7_plan: str
    own_plan: str | None
    saving_usd_per_year: Decimal | None
    plans: tuple[PlanCost, ...]

    @property
    def loss_usd_per_year(self) -> Decimal | None:
        """What leaving costs more a year, where it saves nothing."""
        return None if self.saving_usd_per_year is None else -self.saving_usd_per_year

    def cost(self, plan: str) -> PlanCost:
        return next(cost for cost in self.plans if cost.plan == plan)


@dataclass(frozen=True)
class Flip:
    """Another value of one input that changes the plan. `to` is the value at which the new plan first holds."""

    input: str
    from_value: Value
    to: Value
    plan: str
    distance: float  # how far away, as a share of the value; answers have none and count as near


@dataclass(frozen=True)
class Steady:
    """A number that does not change the plan anywhere between two bounds."""

    input: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class QuickWin:
    """One of the three actions on the verdict plan's bill. None: unknown, because a price is missing."""

    action: Action
    saving_usd_per_month: Decimal | None
    article_average_pct: Decimal
    state: Literal["open", "done", "impossible", "unknown", "no effect"]
    share_pct: Decimal | None = None  # of the line that it lowers


@dataclass(frozen=True)
class QuickWins:
    wins: tuple[QuickWin, ...]
    total_usd_per_month: Decimal
    share_of_bill_pct: Decimal | None
    article_share_pct: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class ScaleToZero:
    """Endpoints off outside the busy hours: what it saves, and what a cold start may cost before it loses."""

    off_peak_hours_per_month: Decimal
    assumed_hours_per_day: Decimal | None
    saving_usd_per_month: Decimal
    already_in_bill: bool
    cold_starts_per_month: Decimal
    break_even_usd_per_cold_start: Decimal | None
    break_even_at_ten_usd: Decimal | None  # the same with ten wake-ups a day
    cold_start_claims: tuple[Erratum, ...]


@dataclass(frozen=True)
class Reason:
    rule: CompiledRule
    values: Mapping[str, Value]

    @property
    def source(self) -> Source:
        return self.rule.written.sources[0]


@dataclass(frozen=True)
class WhyNot:
    """Why a plan is not the advice. `by_usd_per_year` is what it costs more than the advice (less than 0: it is cheaper)."""

    plan: str
    kind: Literal["not offered", "excluded", "dearer", "close", "stay"]
    by_usd_per_year: Decimal | None
    rules: tuple[Reason, ...] = ()
    providers: tuple[str, ...] = ()

    @property
    def saved_usd_per_year(self) -> Decimal | None:
        return None if self.by_usd_per_year is None else -self.by_usd_per_year


@dataclass(frozen=True)
class Caution:
    """Something to know before acting. `first` ones stand on the first screen."""

    kind: CautionKind
    first: bool
    figure: Figure | None = None
    age_days: int | None = None
    instance: Instance | None = None
    provider: str = ""
    words: tuple[str, ...] = ()
    erratum: Erratum | None = None
    rule: Reason | None = None
    saving_usd_per_year: Decimal | None = None


@dataclass(frozen=True)
class Confidence:
    """How far to trust the verdict, and the one thing that limits it."""

    word: Literal["firm", "tentative", "open"]
    limited_by: Literal["nothing", "stale", "borrowed", "general premium", "retired", "flip"] = "nothing"
    figure: Figure | None = None
    flip: Flip | None = None


@dataclass(frozen=True)
class PriceUsed:
    """A figure that the advice rests on. `deciding` ones are in the lines that the verdict compares."""

    figure: Figure
    stale: bool
    age_days: int | None
    deciding: bool


@dataclass(frozen=True)
class Advice:
    """The whole answer to one case on one day."""

    case: Case
    day: date
    rules_version: str
    layer: str
    training: PlanCost | None
    training_provider: str | None
    serving_provider: str | None
    rival: str | None  # the plan that the verdict was weighed against
    cheaper_excluded: str | None  # a plan that is not allowed and costs less than the advice
    scenarios: tuple[Scenario, ...]
    traces: tuple[Trace, ...]
    reasons: tuple[Reason, ...]
    why_not: tuple[WhyNot, ...]
    flips: tuple[Flip, ...]
    steady: tuple[Steady, ...]
    quick_wins: QuickWins
    scale_to_zero: ScaleToZero | None
    cautions: tuple[Caution, ...]
    confidence: Confidence
    counting: tuple[str, ...]  # the answers and fields that have an effect on the case
    assumed: tuple[str, ...]
    bills: Mapping[str, tuple[LineItem, ...]]
    prices: tuple[PriceUsed, ...]
    also_listed: tuple[Figure, ...]

    @property
    def own_not_offered(self) -> str | None:
        """The plan of the user's own cloud, where that cloud does not sell what the case needs."""
        own = [cost.plan for cost in self.now.plans if cost.plan == self.case.answers["footprint"] and not cost.offered]
        return own[0] if own else None

    @property
    def now(self) -> Scenario:
        return self.scenarios[0]

    @property
    def plan(self) -> str:
        return self.now.plan
