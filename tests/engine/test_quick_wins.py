"""The three actions of the article on a plan's own bill, with the arithmetic beside each number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.advice import Advice, QuickWin
from engine.rulebook import Rulebook
from tests.engine.asked import WORKED, Asked, answers

NO_SERVING = Asked(answers("none, continuous, no, 0, yes"))


def win(advice: Advice, action: str) -> QuickWin:
    return next(each for each in advice.quick_wins.wins if each.action == action)


def test_the_articles_averages_stand_beside(rulebook: Rulebook) -> None:
    wins = WORKED["P4"].advice(rulebook).quick_wins
    averages = {str(w.action): w.article_average_pct for w in wins.wins}
    assert averages == {"spot": Decimal(65), "scale_to_zero": Decimal(40), "infrequent_storage": Decimal(60)}
    assert wins.article_share_pct == (Decimal(25), Decimal(35))


class TestContinuousTrainingOnAws:
    """P4: aws, raw, one p4d.24xlarge reserved, 20 starter endpoints, 10,000 GB."""

    @pytest.fixture
    def advice(self, rulebook: Rulebook) -> Advice:
        return WORKED["P4"].advice(rulebook)

    def test_spot(self, advice: Advice) -> None:
        # 730 h x 13.921094 = 10,162.39862 reserved; 730 h x 7.8799 = 5,752.327 spot; the difference is 4,410.07162.
        spot = win(advice, "spot")
        assert (spot.state, spot.saving_usd_per_month) == ("open", Decimal("4410.07"))
        assert spot.share_pct == pytest.approx(Decimal("4410.07162") / Decimal("10162.39862") * 100)

    def test_scale_to_zero(self, advice: Advice) -> None:
        # 730 h are given to nobody: 12 of 24 hours are assumed to be off-peak, 365 h. 20 x 365 x 0.102 / 1.2 = 620.50.
        zero = win(advice, "scale_to_zero")
        assert (zero.state, zero.saving_usd_per_month) == ("open", Decimal("620.50"))
        assert zero.share_pct == 50

    def test_infrequent_storage(self, advice: Advice) -> None:
        # 10,000 x (0.023 - 0.0125) = 105.00
        stored = win(advice, "infrequent_storage")
        assert (stored.state, stored.saving_usd_per_month) == ("open", Decimal("105.00"))
        assert stored.share_pct == pytest.approx(Decimal(105) / 230 * 100)

    def test_the_sum_and_its_share(self, advice: Advice) -> None:
        # 4,410.07 + 620.50 + 105.00; the month is 10,162.40 + 1,241.00 + 81.00 + 600.00 + 230.00 = 12,314.40
        assert advice.quick_wins.total_usd_per_month == Decimal("5135.57")
        assert advice.quick_wins.share_of_bill_pct == pytest.approx(Decimal("5135.57") / Decimal("12314.40") * 100)

    def test_the_break_even_of_a_cold_start(self, advice: Advice) -> None:
        # 20 endpoints that wake once a day: 20 x 365 / 12 = 608.33 cold starts; 620.50 / 608.33 = 1.02 each.
        zero = advice.scale_to_zero
        assert zero is not None
        assert (zero.off_peak_hours_per_month, zero.assumed_hours_per_day, zero.already_in_bill) == (Decimal(365), Decimal(12), False)
        assert zero.saving_usd_per_month == Decimal("620.50")
        assert zero.cold_starts_per_month == pytest.approx(Decimal(7300) / 12)
        assert zero.break_even_usd_per_cold_start == Decimal("1.02")


class TestSporadicTrainingOnAwsManaged:
    """P6: aws, managed, spot already, 20 endpoints at 0.102 with their premium."""

    @pytest.fixture
    def advice(self, rulebook: Rulebook) -> Advice:
        return WORKED["P6"].advice(rulebook)

    def test_spot_is_done(self, advice: Advice) -> None:
        assert (win(advice, "spot").state, win(advice, "spot").saving_usd_per_month) == ("done", Decimal(0))

    def test_scale_to_zero_saves_the_premium_too(self, advice: Advice) -> None:
        # 20 x 365 x 0.102 = 744.60
        assert win(advice, "scale_to_zero").saving_usd_per_month == Decimal("744.60")

    def test_the_sum_and_its_share(self, advice: Advice) -> None:
        # 744.60 + 105.00 of 3,487.63
        assert advice.quick_wins.total_usd_per_month == Decimal("849.60")
        assert advice.quick_wins.share_of_bill_pct == pytest.approx(Decimal("849.60") / Decimal("3487.63") * 100)

    def test_the_break_even_of_a_cold_start(self, advice: Advice) -> None:
        # 744.60 / (20 x 365 / 12) = 1.224
        assert advice.scale_to_zero is not None
        assert advice.scale_to_zero.break_even_usd_per_cold_start == Decimal("1.22")

    def test_what_is_said_of_cold_starts_has_a_source(self, advice: Advice) -> None:
        assert advice.scale_to_zero is not None
        assert all(claim.source.title for claim in advice.scale_to_zero.cold_start_claims)
        assert advice.scale_to_zero.cold_start_claims


class TestEndpointsThatAreOffAlready:
    """400 hours were given, so 330 are off-peak and no longer in the bill."""

    @pytest.fixture
    def advice(self, rulebook: Rulebook) -> Advice:
        return WORKED["P6"].having(endpoint_hours_per_month=400).advice(rulebook)

    def test_the_bill_has_400_hours(self, advice: Advice) -> None:
        lines = advice.now.cost("aws").lines
        assert lines is not None
        assert lines["inference"] == Decimal("680.00")  # 20 x 400 x 0.085

    def test_it_is_done_and_does_not_count_again(self, advice: Advice) -> None:
        # 20 x 330 x 0.102 = 673.20 are saved already
        zero = win(advice, "scale_to_zero")
        assert (zero.state, zero.saving_usd_per_month) == ("done", Decimal("673.20"))
        assert advice.quick_wins.total_usd_per_month == Decimal("105.00")

    def test_the_break_even_is_of_the_330_hours(self, advice: Advice) -> None:
        # 673.20 / 608.33 = 1.1066
        zero = advice.scale_to_zero
        assert zero is not None
        assert (zero.off_peak_hours_per_month, zero.assumed_hours_per_day, zero.already_in_bill) == (Decimal(330), None, True)
        assert zero.break_even_usd_per_cold_start == Decimal("1.11")

    def test_730_hours_given_are_730_hours(self, rulebook: Rulebook) -> None:
        zero = WORKED["P6"].having(endpoint_hours_per_month=730).advice(rulebook).scale_to_zero
        assert zero is not None
        assert (zero.off_peak_hours_per_month, zero.already_in_bill) == (Decimal(365), False)


SPOT_STATES = [
    pytest.param(WORKED["P4"], "open", id="continuous and interruptible"),
    pytest.param(WORKED["P5"], "done", id="bought on spot"),
    pytest.param(WORKED["P4"].having(interruptible=False), "impossible", id="continuous, not interruptible"),
    pytest.param(WORKED["P5"].having(interruptible=False), "impossible", id="sporadic, not interruptible"),
    # AWS has no spot price of a T4 in us-east-1; who runs on AWS stays there for the little it costs.
    pytest.param(NO_SERVING.answering(training="sporadic", footprint="aws").having(accelerator="T4-16GB"), "unknown",
                 id="no spot price"),
    pytest.param(WORKED["P3"], "no effect", id="no training"),
    pytest.param(NO_SERVING.having(gpus=0), "no effect", id="no accelerators"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "state"), SPOT_STATES)
def test_the_state_of_spot(rulebook: Rulebook, asked: Asked, state: str) -> None:
    spot = win(asked.advice(rulebook), "spot")
    assert spot.state == state
    assert (spot.saving_usd_per_month is None) == (state == "unknown")
    assert bool(spot.saving_usd_per_month) == (state == "open")


SCALE_STATES = [
    pytest.param(WORKED["P4"], "open", id="always on"),
    pytest.param(WORKED["P4"].having(endpoint_hours_per_month=0), "done", id="never on"),
    pytest.param(NO_SERVING, "no effect", id="nothing is served"),
    pytest.param(WORKED["P4"].having(endpoints=0), "no effect", id="no endpoints"),
]


@pytest.mark.parametrize(("asked", "state"), SCALE_STATES)
def test_the_state_of_scaling_to_zero(rulebook: Rulebook, asked: Asked, state: str) -> None:
    assert win(asked.advice(rulebook), "scale_to_zero").state == state


STORAGE_STATES = [
    pytest.param(WORKED["P4"], "open", id="hot"),
    pytest.param(WORKED["P4"].having(storage_tier="infrequent"), "done", id="infrequent"),
    pytest.param(WORKED["P4"].having(storage_gb=0), "no effect", id="nothing stored"),
]


@pytest.mark.parametrize(("asked", "state"), STORAGE_STATES)
def test_the_state_of_infrequent_storage(rulebook: Rulebook, asked: Asked, state: str) -> None:
    assert win(asked.advice(rulebook), "infrequent_storage").state == state


def test_nothing_served_has_no_break_even(rulebook: Rulebook) -> None:
    assert NO_SERVING.advice(rulebook).scale_to_zero is None


def test_no_endpoints_have_no_break_even(rulebook: Rulebook) -> None:
    zero = WORKED["P4"].having(endpoints=0).advice(rulebook).scale_to_zero
    assert zero is not None
    assert zero.break_even_usd_per_cold_start is None


def test_a_bill_of_nothing_has_no_share(rulebook: Rulebook) -> None:
    asked = Asked(
        answers("none, sporadic, no, 0, yes"),
        {"gpus": 0, "egress_gb_per_month": 0, "inter_region_gb_per_month": 0, "storage_gb": 0},
    )
    wins = asked.advice(rulebook).quick_wins
    assert (wins.total_usd_per_month, wins.share_of_bill_pct) == (Decimal(0), None)


def test_storage_is_that_of_the_training_cloud(rulebook: Rulebook) -> None:
    """P7 trains and stores on AWS and serves from Azure: 10,000 x (0.023 - 0.0125), not Azure's 10,000 x 0.0108."""
    assert win(WORKED["P7"].advice(rulebook), "infrequent_storage").saving_usd_per_month == Decimal("105.00")


def test_endpoints_are_those_of_the_serving_cloud_less_the_discount(rulebook: Rulebook) -> None:
    """400 x 365 x 0.0846 x 0.7 = 8,646.12"""
    assert win(WORKED["P7"].advice(rulebook), "scale_to_zero").saving_usd_per_month == Decimal("8646.12")
