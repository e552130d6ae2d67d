"""How well, how quickly and with how much memory questions are answered. Run by `make bench`; the floors stand in tests/bot/qa."""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from typing import Any

from bot.qa.asker import Asker
from engine.load import load_rulebook
from tests.bench.labelled import DAY, Figures, every_question, figures


def test_questions(benchmark: Any) -> None:
    """`benchmark` is asked for so that --benchmark-only runs this; a question is timed one by one."""
    rulebook = load_rulebook()
    tracemalloc.start()
    began = time.perf_counter()
    asker = Asker(rulebook)
    built_s, (held_bytes, _) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    questions = every_question()
    asker.ask(questions[0].text, DAY)
    took_ms = []
    for each in questions:
        start = time.perf_counter()
        asker.ask(each.text, DAY)
        took_ms.append(1000 * (time.perf_counter() - start))
    sys.stdout.write(f"\nQuestions: {len(questions)}, {len(asker.library.entries)} entries\n")
    for half in ("tune", "held"):
        sys.stdout.write(f"  {half}: {_said(figures(asker, [each for each in questions if each.half == half]))}\n")
    p99 = statistics.quantiles(took_ms, n=100)[98]
    sys.stdout.write(f"  a question: median {statistics.median(took_ms):.1f} ms, p99 {p99:.1f} ms, worst {max(took_ms):.1f} ms\n")
    sys.stdout.write(f"  built in {built_s:.1f} s (traced), {held_bytes / 1e6:.0f} MB\n")
    benchmark(lambda: asker.ask("when does a reserved GPU beat on demand", DAY))


def _said(found: Figures) -> str:
    known = f"hit@1 {found.first / found.known:.3f}, hit@3 {found.among_three / found.known:.3f} of {found.known} that are known"
    wrong = f"wrong {found.wrong} of {found.questions} ({100 * found.wrong / found.questions:.1f} %)"
    return f"{known}; answered right {found.answered_right}, {wrong}"
