"""Forms that come back from somebody else, with metadata that we never wrote, or with markup in every field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.storage import WorkspaceSettings
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import P6, Bot
from tests.bot.slack.hostile import OTHER_TEAM, TEAM, conversation_in, interact, kept, listening, submission

FORMS: dict[str, dict[str, Any]] = {
    "form_numbers": {"gpus": "64"},
    "form_quick": dict(P6),
    "form_other": {"inference_regions": "7"},
    "form_ask": {"question": "restart"},
}
REPORT = {"channel": {"type": "conversations_select", "selected_conversation": "C0GENERAL"}}


def advised_in_private(bot: Bot) -> str:
    """The id of a finished conversation of Alex's in a direct message."""
    alex = bot.person("alex")
    thread = bot.start(alex, bot.direct(alex))
    bot.advised(alex, bot.direct(alex), thread)
    bot.settled()
    return conversation_in(bot, bot.direct(alex), thread).id


def test_nobody_submits_into_the_private_conversation_of_another(bot: Bot, tmp_path: Path) -> None:
    id, bo = advised_in_private(bot), bot.person("bo")
    before = kept(tmp_path)
    sent = [submission(bo, form, f"{id}:9999999999.5", values) for form, values in FORMS.items()]
    for payload in [*sent, submission(bo, "form_report", f"{id}-1-1", REPORT)]:
        with listening(bot) as said:
            assert interact(bot, payload).status == 200
        name = payload["view"]["callback_id"]
        assert (name, kept(tmp_path)) == (name, before)
        assert "private conversation" in said.text, name
        assert "Stay on" not in said.text, name
        assert "ERROR" not in said.log, said.log
    assert bot.top(bot.channel("general"), bo) == []


def test_a_form_of_another_workspace_finds_nothing(bot: Bot, tmp_path: Path) -> None:
    id, alex = advised_in_private(bot), bot.person("alex")
    before = kept(tmp_path)
    sent = [submission(alex, form, f"{id}:9999999999.5", values, team=OTHER_TEAM) for form, values in FORMS.items()]
    for payload in [*sent, submission(alex, "form_report", f"{id}-1-1", REPORT, team=OTHER_TEAM)]:
        with listening(bot) as said:
            assert interact(bot, payload).status == 200
        assert kept(tmp_path) == before
        assert "Stay on" not in said.text
        assert "ERROR" not in said.log, said.log


METADATA = [
    "", ":", "Xyzzy", "{id}", "{id}:", "{id}:now", "{id}:NaN", "{id}:1", ":1.5", "{ID}:1.5", "{id}\0:1.5", "{id}:1.5\n", "' OR 1=1 --:1.5",
    "{id}:1.5:1.5", "0" * 24 + ":1.5", "{id}:" + "9" * 3_000, "\u0661" * 24 + ":1.5", '{{"id": "{id}"}}', "x" * 3_000,
]  # fmt: skip


def test_metadata_that_we_never_wrote_does_nothing(bot: Bot, tmp_path: Path) -> None:
    alex = bot.person("alex")
    id, before = advised_in_private(bot), kept(tmp_path)
    for metadata in METADATA:
        forged = metadata.replace("{id}", id).replace("{ID}", id.upper())
        for form, values in [*FORMS.items(), ("form_report", REPORT), ("form_settings", {"editors": {"selected_users": [alex]}})]:
            with listening(bot) as said:
                status = interact(bot, submission(alex, form, forged, values)).status
            assert (form, metadata, status) == (form, metadata, 200)
            assert (form, metadata, kept(tmp_path)) == (form, metadata, before)
            assert [word for word in ("ERROR", "Traceback", "Xyzzy", "OR 1=1") if word in said.log] == [], said.log
            assert "Something broke" not in said.text


FIELDS = {
    "an unknown field": {"password": "Xyzzy"},
    "an assumption that no case sets": {"stale_after_days": "1"},
    "a question in the form of numbers": {"footprint": "azure"},
    "a field under the name of a part": {"__class__": "1"},
}


def test_fields_that_a_form_does_not_have_are_not_read(bot: Bot) -> None:
    alex, id = bot.person("alex"), advised_in_private(bot)
    for name, values in FIELDS.items():
        interact(bot, submission(alex, "form_numbers", f"{id}:9999999999.5", values, view=name))
    with bot.database.workspace(TEAM) as work:
        now = work.conversation(id)
    assert now is not None
    assert (now.answers["footprint"].value, now.workload, now.assumptions) == ("aws", {}, {})


# -- a form that was opened and never sent ------------------------------------------------------------------------------


def opened_and_closed(bot: Bot) -> str:
    """Alex opens the form on a message and closes it; the message."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    ts = str(bot.slack.say(alex, channel, "Which cloud?").body["ts"])  # type: ignore[index]
    bot.slack.shortcut(alex, "advise_message", channel, ts)
    bot.slack.close(alex, bot.form(alex).id)
    bot.settled()
    return ts


def test_a_form_that_was_left_can_be_filled_in_by_somebody_else(bot: Bot) -> None:
    bo, channel, ts = bot.person("bo"), bot.channel("ml-platform"), opened_and_closed(bot)
    bot.slack.shortcut(bo, "advise_message", channel, ts)
    assert bot.submit(bo, **P6).error == ""
    assert bot.button(bo, channel, ts, "numbers:refine").text.startswith("Stay on AWS.")


def test_a_form_that_was_left_does_not_close_its_thread(bot: Bot) -> None:
    bo, channel, ts = bot.person("bo"), bot.channel("ml-platform"), opened_and_closed(bot)
    bot.slack.say(bo, channel, f"<@{bot.slack.world.bot.user_id}> we run on AWS", ts)
    bot.button(bo, channel, ts, "answer:training:sporadic")
    bot.settled()
    assert f"1 Footprint: *AWS* (<@{bo}>)" in bot.reads(channel, ts, bo)


# -- settings ----------------------------------------------------------------------------------------------------------


def settings_sent(user: str, version: int = 0, **values: Any) -> dict[str, Any]:
    fields = {"editors": {"type": "multi_users_select", "selected_users": [user]}, **values}
    return submission(user, "form_settings", str(version), fields)


def read(bot: Bot) -> WorkspaceSettings:
    with bot.database.workspace(TEAM) as work:
        return work.settings()


def test_settings_are_changed_by_those_who_may(bot: Bot) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    interact(bot, settings_sent(alex, ea_discount_pct="17.25"))
    assert (read(bot).editors, read(bot).ea_discount_pct) == ((alex,), "17.25")
    before = read(bot)
    with listening(bot) as said:
        answer = interact(bot, settings_sent(bo, before.version, ea_discount_pct="1"))
    assert "errors" in answer.body
    assert read(bot) == before
    assert "17.25" not in answer.body + said.text + said.log


def test_settings_of_another_version_are_not_saved_over(bot: Bot) -> None:
    alex = bot.person("alex")
    interact(bot, settings_sent(alex, ea_discount_pct="17.25"))
    before = read(bot)
    for version in (before.version - 1, before.version + 1, -1):
        assert "errors" in interact(bot, settings_sent(alex, version, ea_discount_pct="1")).body
    assert read(bot) == before


def test_those_named_in_the_environment_may_always_change_them(admins: Bot) -> None:
    """Cleo is named there; Bo is not, and nobody is named in the settings yet."""
    bo, cleo = admins.person("bo"), admins.person("cleo")
    before = read(admins)
    assert "errors" in interact(admins, settings_sent(bo, before.version)).body
    assert read(admins) == before
    assert interact(admins, settings_sent(cleo, before.version, ea_discount_pct="5")).body == ""
    assert (read(admins).ea_discount_pct, read(admins).editors) == ("5", (cleo,))


def test_who_is_no_editor_is_not_shown_the_settings(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    interact(bot, settings_sent(alex, ea_discount_pct="17.25"))
    said = bot.asked(bo, channel, "settings")
    assert said == f"Settings of this workspace may be changed by <@{alex}>. Ask one of them."
    assert bot.slack.world.top_view(bo) is None


@pytest.fixture
def admins(rulebook: Rulebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WHICHCLOUD_ADMINS", "U0CLEO01, U0DANA01")
    with checked(rulebook, tmp_path) as bot:
        yield bot
