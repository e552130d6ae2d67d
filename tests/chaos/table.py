"""A run in figures: a table for people, and the same with every finding as JSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.chaos.accounts import Account, Finding
from tests.chaos.run import Result, Struck

_HEADS = ("fault", "times", "lost", "doubled", "median s", "worst s")
_WIDTHS = (22, 6, 5, 8, 9, 8)


@dataclass(frozen=True)
class Line:
    """One kind of fault. What was lost or doubled counts for every fault that struck while that person waited; the total counts it
    once. The seconds are from a kill or an outage to the next thing that somebody who waited for the bot then saw done."""

    fault: str
    times: int
    lost: int
    doubled: int
    median_s: float | None = None
    worst_s: float | None = None


def lines(result: Result) -> list[Line]:
    by_kind = defaultdict(list)
    for each in result.struck:
        by_kind[each.what.kind].append(each)
    each_kind = [_line(result, kind, struck) for kind, struck in sorted(by_kind.items())]
    return [*each_kind, Line("all", len(result.struck), *_counted(result.wrong), *_recovered(result.struck))]


def _line(result: Result, kind: str, struck: Sequence[Struck]) -> Line:
    waited = {(account.workspace, account.person) for each in struck for account in each.waiting}
    found = [finding for finding in result.wrong if (finding.workspace, finding.person) in waited]
    return Line(kind, len(struck), *_counted(found), *_recovered(struck))


def _counted(findings: Sequence[Finding]) -> tuple[int, int]:
    """What was lost, and what stands twice or where it does not belong. Who waits without a word has lost something too."""
    kinds = Counter(finding.kind for finding in findings)
    return kinds["lost"] + kinds["silent"], kinds["doubled"] + kinds["foreign"]


def _recovered(struck: Sequence[Struck]) -> tuple[float | None, float | None]:
    took = [s for each in struck if each.stops_all for account in each.waiting if (s := _recovered_s(account, each)) is not None]
    return (round(median(took), 1), round(max(took), 1)) if took else (None, None)


def _recovered_s(account: Account, struck: Struck) -> float | None:
    done = account.next_done(struck.moment)
    return None if done is None else done - struck.moment


# -- written -------------------------------------------------------------------------------------------------------------


def as_text(result: Result) -> str:
    size = result.size
    ends = Counter("finished" if account.ended == "finished" else "not finished" for account in result.accounts)
    about = [
        f"{result.database}, {size.replicas} bot(s), {size.conversations} conversations in {size.workspaces} workspace(s), "
        f"{size.kills} kills, seed {size.seed}: {result.seconds:.0f} s",
        f"finished {ends['finished']}, not {ends['not finished']}; presses that Slack called failed "
        f"{sum(account.failed_presses for account in result.accounts)}, done again since nothing came "
        f"{sum(account.done_again for account in result.accounts)}, words to people "
        f"{sum(len(account.told) for account in result.accounts)}, left over {len(result.findings) - len(result.wrong)}, "
        f"bots that ended by themselves {result.ended_by_themselves}, processes left without a parent {result.left_alone}",
        "jobs " + ", ".join(f"{state} {count}" for state, count in sorted(result.jobs.items())),
    ]
    table = [_HEADS, *(tuple("-" if value is None else str(value) for value in asdict(line).values()) for line in lines(result))]
    rows = [
        "".join(cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, _WIDTHS, strict=True)))
        for row in table
    ]
    return "\n".join(["", *about, *rows, *(f"{each.kind}: {each.workspace} {each.person} {each.what}" for each in result.wrong)])


def write(result: Result, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"chaos-{result.database.lower()}-{result.size.seed}.json"
    path.write_text(json.dumps(_as_json(result), indent=1) + "\n", encoding="utf-8")
    return path


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "database": result.database,
        "size": asdict(result.size),
        "seconds": round(result.seconds, 1),
        "ended_by_themselves": result.ended_by_themselves,
        "jobs": result.jobs,
        "lines": [asdict(line) for line in lines(result)],
        "findings": [asdict(finding) for finding in result.findings],
        "disturbances": [{**asdict(each.what), "clock": each.clock} for each in result.struck],
        "traces": result.traces,
        "accounts": [asdict(account) for account in result.accounts],
    }
