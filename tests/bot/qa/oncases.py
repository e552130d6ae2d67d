"""Open cases for the questions on them, and what the tests read out of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from bot.qa.answer import Answer
from bot.qa.oncase import Assumed, OnCase, OpenCase, Said
from engine.advise import advise
from engine.case import Case, read_case
from tests.bot.worked import CASES, Written
from tests.engine.asked import TODAY, rules

BY_TWO: Mapping[str, Said] = {
    "footprint": Said("aws", "<@U1>", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
    "training": Said("sporadic", "<@U2>", datetime(2026, 11, 21, 17, 5, tzinfo=UTC)),
    "microsoft_ea": Said("yes", "", datetime(2026, 11, 22, 9, 31, tzinfo=UTC)),
    "inference_regions": Said(5, "<@U1>", None),
    "mlops_capacity": Said("no", "<@U1>", date(2026, 11, 20)),
}


@cache
def on_case() -> OnCase:
    return OnCase(rules())


def opened(
    case: Case | str | Written = "P6", *, answered: Mapping[str, Said] = BY_TWO, shows_private: bool = False, assumed: Assumed = ""
) -> OpenCase:
    """A case by its name in section 7, as written, or as it is."""
    if not isinstance(case, Case):
        written = CASES[case] if isinstance(case, str) else case
        case = read_case(written.yaml(), "case", rules(), TODAY)
    return OpenCase(case, advise(case, rules(), TODAY), answered, TODAY, shows_private, assumed)


def asked(text: str, case: OpenCase | None = None) -> Answer:
    """The answer to a question that has one."""
    answer = on_case().ask(text, case or opened())
    assert answer is not None, text
    return answer


def lines_of(answer: Answer) -> list[str]:
    return [line for line in answer.text.splitlines() if line.strip()]


def dollars(text: str) -> list[Decimal]:
    """Every amount in cents that a text holds."""
    return [Decimal(found.replace(",", "")) for found in re.findall(r"\$([\d,]+\.\d\d)(?!\d)", text)]
