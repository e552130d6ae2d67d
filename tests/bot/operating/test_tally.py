"""Processes that were forked from one count together, also those that are gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FORKS = """
import os, sys
from bot.tally import counted_together

with counted_together():
    from bot import metrics

    metrics.posted("posted")
    for _ in range(2):
        child = os.fork()
        if child == 0:
            metrics.posted("posted")
            metrics.ran("show", "done", 1, 2)
            sys.exit(0)  # through the end of the block
        os.waitpid(child, 0)
    sys.stdout.write(metrics.exposition(())[0].decode())
"""


def test_the_page_shows_the_sum_and_nothing_is_left(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    page = subprocess.run([sys.executable, "-c", FORKS], env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in page if "whichcloud_posts_total" in line or "job_runs" in line] == [
        "# HELP whichcloud_posts_total Messages by what became of them.",
        "# TYPE whichcloud_posts_total counter",
        'whichcloud_posts_total{outcome="posted"} 3.0',
        'whichcloud_posts_total{outcome="updated"} 0.0',
        'whichcloud_posts_total{outcome="unknown"} 0.0',
        'whichcloud_posts_total{outcome="found"} 0.0',
        'whichcloud_posts_total{outcome="given up"} 0.0',
        "# HELP whichcloud_job_runs_total Runs of jobs; a job may need several.",
        "# TYPE whichcloud_job_runs_total counter",
        'whichcloud_job_runs_total{kind="show",outcome="done"} 2.0',
    ]
    assert 'whichcloud_job_wait_seconds_bucket{kind="show",le="2.0"} 2.0' in page
    assert list(tmp_path.iterdir()) == []
