"""What is kept of an installation: nothing that can be read without a key, found by workspace and by organisation, gone when it ends."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.clients import ManyWorkspaces, NotInstalled, OneWorkspace, client_for
from bot.installing.installations import EncryptedInstallations, Resealed
from bot.installing.sealing import CannotOpen, Seals
from bot.storage import Database
from tests.bot.installing.conftest import KEYS, Clock, replica, settings_for_many
from tests.bot.installing.slack import CLIENT_SECRET, GivingSlack, at, installation, of_organisation, refresh_token, token

OLD, NEW = KEYS
PLANTED = ("planted-one", "planted-two", "planted-three")


def bytes_of(file: Path) -> bytes:
    """Whatever lies on the disk of the database: the file, and what SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


# -- sealing -----------------------------------------------------------------------------------------------------------


def test_what_was_sealed_opens_in_its_row_alone() -> None:
    sealed = Seals([OLD]).seal("T1", {"bot_token": "xoxb-planted"})
    assert "planted" not in sealed
    assert Seals([OLD]).opened("T1", sealed) == {"bot_token": "xoxb-planted"}
    with pytest.raises(CannotOpen, match="another row"):
        Seals([OLD]).opened("T2", sealed)


@pytest.mark.parametrize("keys", [[NEW], [NEW, NEW]])
def test_without_its_key_nothing_opens(keys: list[str]) -> None:
    sealed = Seals([OLD]).seal("T1", {"a": 1})
    with pytest.raises(CannotOpen, match="none of the keys"):
        Seals(keys).opened("T1", sealed)


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-8] + "AAAAAAA=", lambda text: text[: len(text) // 2], lambda text: "", lambda text: "é"]
)
def test_what_was_changed_does_not_open(damage: object) -> None:
    sealed = Seals([OLD]).seal("T1", {"a": 1})
    with pytest.raises(CannotOpen):
        Seals([OLD]).opened("T1", damage(sealed))  # type: ignore[operator]


def test_an_older_key_opens_and_the_first_one_seals() -> None:
    both = Seals([NEW, OLD])
    by_old = Seals([OLD]).seal("T1", {"a": 1})
    assert both.opened("T1", by_old) == {"a": 1}
    assert [both.is_by_first(text) for text in (by_old, both.seal("T1", {}))] == [False, True]


# -- a stolen database -------------------------------------------------------------------------------------------------


def test_a_stolen_database_file_yields_no_token(workspaces: ManyWorkspaces, slack: GivingSlack, clock: Clock, file: Path) -> None:
    slack.grants.good.add(refresh_token(PLANTED[0]))
    workspaces.store.save(installation("T1", PLANTED[0], at(10)))
    workspaces.store.save(installation("T2", PLANTED[1], user_token="xoxp-planted-user", incoming_webhook_url="https://hooks/planted"))
    workspaces.store.save(of_organisation(PLANTED[2], expires_at=at(20)))
    workspaces.of("T1")
    stolen = bytes_of(file)
    assert b"T1" in stolen
    assert [word for word in (b"planted", b"renewed-1", b"xoxe", b"xoxb", b"xoxp", CLIENT_SECRET.encode()) if word in stolen] == []


def test_a_row_that_is_copied_to_another_workspace_does_not_open_there(
    workspaces: ManyWorkspaces, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    workspaces.store.save(installation("T1"))
    with database.reading("T1") as work:
        row = work.installation()
    assert row is not None
    with database.workspace("T2") as work:
        work.keep_installation(row.sealed, None)
    with pytest.raises(NotInstalled):
        workspaces.of("T2")
    assert "the installation of T2 cannot be read: it was sealed for another row" in caplog.text
    assert workspaces.of("T1").token == token("first")


def test_a_workspace_that_is_joined_to_another_workspace_is_not_served_by_it(workspaces: ManyWorkspaces, database: Database) -> None:
    workspaces.store.save(installation("T1"))
    with database.workspace("T2") as work:
        work.join_organisation("T1")
    with pytest.raises(NotInstalled):
        workspaces.of("T2")


# -- keys that change --------------------------------------------------------------------------------------------------


def test_rows_of_an_older_key_are_read_and_move_to_the_first(database: Database, slack: GivingSlack, clock: Clock) -> None:
    before = replica(database, clock, slack, (OLD,))
    before.store.save(installation("T1", expires_at=at(20)))
    before.store.save(installation("T2", "second"))
    after = replica(database, clock, slack, (NEW, OLD))
    after.store.save(installation("T3", "third"))
    assert [after.of(team).token for team in ("T1", "T2")] == [token("first"), token("second")]
    rows = [(row.workspace, row.installed_at, row.expires_at) for row in database.installations()]
    assert after.store.reseal() == Resealed(2, ())
    assert after.store.reseal() == Resealed(0, ())
    assert [(row.workspace, row.installed_at, row.expires_at) for row in database.installations()] == rows
    with_new_alone = replica(database, clock, slack, (NEW,))
    assert [with_new_alone.of(team).token for team in ("T1", "T2", "T3")] == [token("first"), token("second"), token("third")]


def test_a_row_whose_key_is_gone_is_named_and_holds_up_no_other(
    database: Database, slack: GivingSlack, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    replica(database, clock, slack, (OLD,)).store.save(installation("T1"))
    after = replica(database, clock, slack, (NEW,))
    after.store.save(installation("T2", "second"))
    assert after.store.reseal() == Resealed(0, ("T1",))
    with pytest.raises(NotInstalled):
        after.of("T1")
    assert after.of("T2").token == token("second")
    assert "the installation of T1 cannot be read: none of the keys opens it. Add the key it was kept with" in caplog.text
    after.store.save(installation("T1", "anew"))
    assert after.of("T1").token == token("anew")


# -- as the SDK asks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def store(workspaces: ManyWorkspaces) -> EncryptedInstallations:
    return workspaces.store


def test_an_installation_comes_back_whole(store: EncryptedInstallations) -> None:
    given = installation("T1", expires_at=at(20), enterprise_id="E9", custom_values={"a": 1}, installed_at=at(8))
    store.save(given)
    found = store.find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert found.to_dict_for_copying() == given.to_dict_for_copying()
    bot = store.find_bot(enterprise_id=None, team_id="T1")
    assert bot is not None
    assert bot.to_dict() == given.to_bot().to_dict()


FOUND: dict[str, tuple[dict[str, object], str | None]] = {
    "its own": ({"enterprise_id": None, "team_id": "T1"}, "own"),
    "its own, in an organisation": ({"enterprise_id": "E1", "team_id": "T1"}, "own"),
    "the organisation's, asked for": ({"enterprise_id": "E1", "team_id": "T1", "is_enterprise_install": True}, "org"),
    "the organisation's, for one of its own": ({"enterprise_id": "E1", "team_id": "T7"}, "org"),
    "the organisation's, without a workspace": ({"enterprise_id": "E1", "team_id": None}, "org"),
    "a stranger's": ({"enterprise_id": "E2", "team_id": "T7"}, None),
    "nobody's": ({"enterprise_id": None, "team_id": None}, None),
    "who installed it": ({"enterprise_id": None, "team_id": "T1", "user_id": "U1"}, "own"),
    "who did not": ({"enterprise_id": None, "team_id": "T1", "user_id": "U2"}, None),
}


@pytest.mark.parametrize(("asked", "name"), FOUND.values(), ids=FOUND)
def test_what_is_found_for_which_ids(store: EncryptedInstallations, asked: dict[str, object], name: str | None) -> None:
    store.save(installation("T1", "own"))
    store.save(of_organisation("org"))
    found = store.find_installation(**asked)  # type: ignore[arg-type]  # a table of names
    assert (found and found.bot_token) == (name and token(name))


def test_the_bots_part_is_saved_and_who_installed_it_stays(store: EncryptedInstallations) -> None:
    store.save(installation("T1"))
    store.save_bot(installation("T1", "second", user_id="U9").to_bot())
    found = store.find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert (found.bot_token, found.user_id) == (token("second"), "U1")
    store.save_bot(installation("T2", "alone").to_bot())
    assert store.find_bot(enterprise_id=None, team_id="T2") is not None


def test_what_is_deleted_is_gone(store: EncryptedInstallations) -> None:
    for team in ("T1", "T2", "T3"):
        store.save(installation(team))
    store.save(of_organisation())
    store.delete_bot(enterprise_id=None, team_id="T1")
    store.delete_all(enterprise_id=None, team_id="T2")
    store.delete_installation(enterprise_id=None, team_id="T3", user_id="U1")
    store.delete_all(enterprise_id="E1", team_id=None)
    assert [row.workspace for row in store.rows()] == ["T3"], "a person's own tokens are none of ours"


# -- clients -----------------------------------------------------------------------------------------------------------


def test_a_client_is_built_once_for_each_token(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(installation("T1"))
    first = workspaces.of("T1")
    assert (first.token, first.base_url, first.timeout, first.retry_handlers) == (token("first"), "http://127.0.0.1:9/api/", 10, [])
    assert workspaces.of("T1") is first
    workspaces.store.save(installation("T1", "anew"))
    assert workspaces.of("T1").token == token("anew")


def test_what_another_process_ends_is_over_within_ten_seconds(database: Database, clock: Clock) -> None:
    seconds = [0.0]
    here, there = (EncryptedInstallations(database, Seals([OLD]), lambda: seconds[0]) for _ in range(2))
    assert here.serving("T1") is None
    there.save(installation("T1"))
    assert here.serving("T1") is not None, "that it is not there is not remembered"
    there.drop("T1")
    seconds[0] = 9.9
    assert here.serving("T1") is not None
    seconds[0] = 10.0
    assert here.serving("T1") is None


def test_what_ends_here_is_over_at_once(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(installation("T1"))
    workspaces.of("T1")
    workspaces.store.drop("T1")
    with pytest.raises(NotInstalled):
        workspaces.of("T1")


def test_an_organisation_serves_each_of_its_workspaces(workspaces: ManyWorkspaces, database: Database) -> None:
    workspaces.store.save(of_organisation())
    with pytest.raises(NotInstalled):
        workspaces.of("T1")
    assert workspaces.asked_by("T1", "E1").installation.bot_token == token("org")
    assert workspaces.of("T1").token == token("org"), "what a request said of it is known to jobs"
    assert database.workspaces_of("E1") == ["T1"]
    for workspace, organisation in (("T2", "E2"), ("T2", None), ("T2", "T1")):
        with pytest.raises(NotInstalled):
            workspaces.asked_by(workspace, organisation)
    assert database.workspaces_of("E2") == database.workspaces_of("T1") == []


def test_a_workspace_that_moves_to_another_organisation_is_served_by_that_one(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(of_organisation())
    workspaces.store.save(of_organisation("other", enterprise_id="E2"))
    workspaces.asked_by("T1", "E1")
    assert workspaces.asked_by("T1", "E2").installation.bot_token == token("other")
    assert workspaces.of("T1").token == token("other")


def test_one_workspace_has_one_client_and_no_other() -> None:
    client = client_for(settings_for_many(), "xoxb-1")
    assert OneWorkspace(client).of("T1") is client
    assert OneWorkspace(client, "T1").of("T1") is client
    with pytest.raises(NotInstalled):
        OneWorkspace(client, "T1").of("T2")


# -- the end -----------------------------------------------------------------------------------------------------------


def test_a_token_of_ours_that_is_taken_back_ends_the_installation(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(installation("T1"))
    workspaces.revoked("T1", ["U0OTHER"])
    workspaces.revoked("T2", ["U0BOT"])
    assert workspaces.of("T1").token == token("first")
    workspaces.revoked("T1", ["U0OTHER", "U0BOT"])
    with pytest.raises(NotInstalled):
        workspaces.of("T1")


def test_an_organisation_that_leaves_takes_its_workspaces_along_but_not_those_with_their_own(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(of_organisation())
    for team in ("T1", "T2", "T3"):
        workspaces.asked_by(team, "E1")
    workspaces.store.save(installation("T2", "own"))
    assert workspaces.leave("E1") == ["T1", "T3", "E1"]
    assert workspaces.leave("E1") == ["T1", "T3", "E1"], "whoever did not come to the end begins again"
    assert workspaces.of("T2").token == token("own")
    with pytest.raises(NotInstalled):
        workspaces.of("T1")


def test_a_workspace_that_leaves_is_alone(workspaces: ManyWorkspaces) -> None:
    workspaces.store.save(installation("T1"))
    workspaces.store.save(installation("T2", "second"))
    assert workspaces.leave("T1") == ["T1"]
    assert workspaces.of("T2").token == token("second")


def test_an_organisation_may_take_some_workspaces_out(workspaces: ManyWorkspaces, database: Database) -> None:
    workspaces.store.save(of_organisation())
    for team in ("T1", "T2", "T3"):
        workspaces.asked_by(team, "E1")
    workspaces.store.save(installation("T3", "own"))
    assert workspaces.leave_organisation("E2", ["T1", "T3"]) == []  # of another organisation
    assert workspaces.leave_organisation("E1", ["T1", "T3"]) == ["T1"]
    assert database.workspaces_of("E1") == ["T2"]


# -- what shows --------------------------------------------------------------------------------------------------------


def test_no_token_shows_in_a_repr_or_in_the_log(workspaces: ManyWorkspaces, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    workspaces.store.save(installation("T1", "planted", at(20)))
    found = workspaces.store.serving("T1")
    assert found is not None
    held = [found, found.row, found.installation, workspaces, workspaces.store, workspaces.application, workspaces._rotation, database]
    shown = " ".join(map(repr, held)) + caplog.text
    assert [word for word in ("planted", CLIENT_SECRET, *KEYS, found.row.sealed) if word in shown] == []
