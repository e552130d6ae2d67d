"""Every keyword in the Python that the bot hands out is one that the real package takes; what they take was recorded from the packages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.qa.setup import Snippet
from tests.bot.qa.setup_cases import calls, environment_of, every_snippet

RECORDED = Path(__file__).resolve().parents[2] / "setup" / "signatures.json"
PYTHON = [pytest.param(snippet, id=f"{snippet.id} of {case}") for case, snippet in every_snippet("python")]


@pytest.mark.parametrize("snippet", PYTHON)
def test_every_keyword_is_one_that_the_package_takes(snippet: Snippet) -> None:
    taken = json.loads(RECORDED.read_text())["callables"][environment_of(snippet)]
    unknown = {call.name: sorted(call.keywords - set(taken[call.name]["parameters"])) for call in calls(snippet.code)}
    assert {name: keywords for name, keywords in unknown.items() if keywords} == {}


def test_the_record_says_what_it_was_taken_from_and_when() -> None:
    record = json.loads(RECORDED.read_text())
    packages = {entry["from"] for names in record["callables"].values() for entry in names.values()}
    assert {"sagemaker 2.257.7", "azure-ai-ml 1.35.2"} <= packages
    assert date(2026, 11, 22) <= date.fromisoformat(record["recorded"])


def test_a_misspelt_keyword_would_be_seen() -> None:
    code = "from sagemaker.estimator import Estimator\nestimator = Estimator(max_runs=1)\nestimator.fit(waits=True)\n"
    assert [("sagemaker.estimator:Estimator", {"max_runs"}), ("sagemaker.estimator:Estimator.fit", {"waits"})] == [
        (call.name, set(call.keywords)) for call in calls(code)
    ]
