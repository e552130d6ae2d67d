"""The chaos run at its full size, as `make chaos` has it: pytest tests/chaos/full.py --seed 7. Not among the tests that always run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.postgres import NoPostgres
from tests.chaos.databases import Database, postgres_database, sqlite_database
from tests.chaos.killing import CHANNEL, DELIVERY, DIRECT, FORM, POST, UPDATE, Moment, kills, one_conversation
from tests.chaos.people import PATIENCE_S, Pace
from tests.chaos.run import Size, run
from tests.chaos.table import as_text, write

_PACE = Pace(think_s=2.0, patience_s=PATIENCE_S, typed_share=0.3)

_CALLS = [(POST, 1), (POST, 6), (POST, 9), (DELIVERY, 1), (UPDATE, 4), (FORM, 1), (POST, 2), (DELIVERY, 7), (POST, 10), (DELIVERY, 2)]
_CALLS += [(POST, 7), (DELIVERY, 9), (POST, 3), (POST, 8), (UPDATE, 8), (DELIVERY, 3), (UPDATE, 6), (POST, 5)]
_MOMENTS = [Moment(what, number, "before") for what, number in _CALLS] + [Moment(what, number, "after") for what, number in _CALLS]
_EACH = [tuple(_MOMENTS[at : at + 3]) for at in range(0, len(_MOMENTS), 3)]  # an early, a middle and a late one
_NAMES = [", ".join(map(str, each)) for each in _EACH]


def size_of(request: pytest.FixtureRequest, replicas: int) -> Size:
    option = request.config.getoption
    return Size(option("conversations"), option("kills"), option("under_way"), replicas, option("workspaces"), option("seed"), _PACE)


def goes_well(request: pytest.FixtureRequest, database: Database, replicas: int, folder: Path) -> None:
    result = run(size_of(request, replicas), database, folder)
    written = write(result, request.config.getoption("results"))
    with request.getfixturevalue("capsys").disabled():
        print(as_text(result), f"written to {written}", sep="\n")  # noqa: T201  # the table is what the run is for
    assert result.wrong == []


def test_sqlite_with_one_bot(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        goes_well(request, database, 1, tmp_path)


def test_postgresql_with_two_bots(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    try:
        with postgres_database() as database:
            goes_well(request, database, 2, tmp_path)
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.mark.parametrize("seat", [DIRECT, CHANNEL], ids=["a direct message", "a channel"])
@pytest.mark.parametrize("moments", _EACH, ids=_NAMES)
def test_a_kill_at_every_step(seat: int, moments: tuple[Moment, ...], tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        wrong, struck = kills(one_conversation(seat), database, tmp_path, moments)
    assert (wrong, {*struck}) == ([], {*moments})
