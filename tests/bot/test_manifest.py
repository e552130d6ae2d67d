"""manifest.yml is what Slack is told of the bot: it holds what the bot listens to and needs, and no more."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft7Validator
from slack_bolt import App

from bot import ids
from bot.listeners import register
from bot.manifest import FILE, ManifestError, for_http, for_many_workspaces, for_socket_mode, read_manifest
from bot.office import Office
from engine.rulebook import Rulebook
from tests.bot.slack.harness import Bot, bot_in_local_slack
from tests.bot.terminal import run

SCHEMA = Path(os.environ.get("SLACK_MANIFEST_SCHEMA") or Path(__file__).parent / "slack_manifest" / "schema.json")
HOST = "https://bot.example.com"


@dataclass
class Ledger:
    """Takes registrations as a Bolt app does, and keeps what each is tied to."""

    kept: dict[str, list[Any]] = field(default_factory=dict)

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., None]]:
        def take(constraint: Any) -> Callable[..., None]:
            self.kept.setdefault(kind, []).append(constraint)
            return lambda *listener, **listeners: None

        return take


@pytest.fixture(scope="module")
def registered() -> dict[str, list[Any]]:
    """What the listeners are tied to, by kind; none of them runs."""
    ledger = Ledger()
    register(cast(App, ledger), cast(Office, None))
    return ledger.kept


def named() -> set[str]:
    """Every id that there is."""
    return {value for value in vars(ids).values() if isinstance(value, str)}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_manifest()


# -- what Slack is asked for -------------------------------------------------------------------------------------------


def test_the_scopes_are_those_that_the_bot_needs_and_no_more(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"] == {
        "bot": ["app_mentions:read", "assistant:write", "chat:write", "commands", "files:write", "im:history"],
        "bot_optional": ["channels:history", "groups:history"],
    }


def test_the_events_are_those_that_somebody_listens_to(manifest: dict[str, Any], registered: dict[str, list[Any]]) -> None:
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == [
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "message.channels",
        "message.groups",
        "message.im",
        "tokens_revoked",
    ]
    subscribed = {name.partition(".")[0] for name in manifest["settings"]["event_subscriptions"]["bot_events"]}
    assert subscribed | {"team_access_revoked"} == set(registered["event"]), "what only organisations send comes with --distributed"


def test_commands_and_shortcuts_are_tied_both_ways(manifest: dict[str, Any], registered: dict[str, list[Any]]) -> None:
    assert [each["command"] for each in manifest["features"]["slash_commands"]] == registered["command"] == [ids.COMMAND]
    assert [each["callback_id"] for each in manifest["features"]["shortcuts"]] == registered["shortcut"] == [ids.ADVISE_MESSAGE]


def test_nothing_is_registered_twice_and_nothing_of_another_kind(registered: dict[str, list[Any]]) -> None:
    assert set(registered) == {"command", "shortcut", "action", "view", "event", "error"}
    for kind, constraints in registered.items():
        written = [getattr(each, "pattern", each) for each in constraints]
        assert len(written) == len(set(written)), kind


def test_every_form_has_its_listener(registered: dict[str, list[Any]]) -> None:
    forms = {value for name, value in vars(ids).items() if name.startswith("FORM_")}
    assert {each for each in named() if any(re.search(constraint, each) for constraint in registered["view"])} == forms


# -- what the bot draws ------------------------------------------------------------------------------------------------


def pressable(blocks: Any) -> Iterator[str]:
    """The action ids of elements that send a click: all but those of inputs, which are read when the form comes back."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "input" and not blocks.get("dispatch_action"):
            return
        if "action_id" in blocks:
            yield blocks["action_id"]
        blocks = list(blocks.values())
    for each in blocks if isinstance(blocks, list) else ():
        yield from pressable(each)


def walk(bot: Bot) -> None:
    """Through every surface once."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    bot.press(alex, channel, thread, ids.REPORT)
    bot.submit(alex, channel=bot.channel("general"))
    bot.wait(lambda: bot.top(bot.channel("general"), alex))
    for words in ("help", "history", "forget me"):
        bot.slack.command(alex, channel, "/whichcloud", words)
    bot.slack.command(alex, bot.channel("finops"), "/whichcloud", "")
    bot.settled()
    bot.slack.command(alex, channel, "/whichcloud", "compare")
    bot.slack.command(alex, channel, "/whichcloud", "ask when does a reserved GPU beat on demand?")
    bot.slack.say(alex, channel, f"<@{bot.slack.world.bot.user_id}> what if we had 32 GPUs?", thread)
    bot.settled()
    stopped = bot.start(alex, channel)
    bot.press(alex, channel, stopped, "menu", option=_cancel(bot, alex, channel, stopped))
    bot.button(alex, channel, stopped, ids.RESUME)
    bot.start(alex, channel)
    bot.settled()
    bot.slack.open_home(alex)
    bot.wait(lambda: bot.slack.world.homes.get(alex))
    bot.settled()
    _leave_in_doubt(bot, alex, channel)


def _leave_in_doubt(bot: Bot, user: str, channel: str) -> None:
    """A question of which nobody knows whether it stands there: the connection broke, and no scope allows a look."""
    thread = bot.start(user, channel)
    bot.settled()
    bot.slack.faults.drop("chat.postMessage", when="after")
    bot.press(user, channel, thread, "answer:footprint:aws")
    bot.settled()


def _cancel(bot: Bot, user: str, channel: str, thread: str) -> str:
    """The value of 'cancel' in the menu beside the first question."""
    menu = json.dumps(bot.button(user, channel, thread, "menu").blocks)
    found = re.search(r'"value": "(cancel[^"]*)"', menu)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def drawn(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The first part of every action id that the bot showed to anybody."""
    with bot_in_local_slack(rulebook, tmp_path_factory.mktemp("drawn")) as bot:
        walk(bot)
        world = bot.slack.world
        shown = [call.args.get(name) for call in bot.slack.recorded for name in ("blocks", "view")]
        shown += [message.blocks for messages in world.messages.values() for message in messages]
        return {each.partition(ids.SEPARATOR)[0] for blocks in shown for each in pressable(blocks)}


def test_every_button_has_a_listener_and_every_listener_a_button(drawn: set[str], registered: dict[str, list[Any]]) -> None:
    assert {each for each in named() if any(pattern.search(each) for pattern in registered["action"])} == drawn


@pytest.mark.parametrize(
    ("action_id", "matches"),
    [
        *[("answer:footprint:2", True), ("answer", True), ("not_sure:footprint", True), ("start", True)],
        *[("answers", False), ("not_answer:x", False), ("answer-x", False), ("\nanswer", False), ("answer\n", False), ("restart", False)],
    ],
)
def test_a_listener_takes_its_own_action_ids_alone(action_id: str, matches: bool) -> None:
    assert bool(ids.actions_like(ids.ANSWER, ids.NOT_SURE, ids.START).search(action_id)) is matches


@pytest.mark.parametrize("callback_id", ["form_ask", "form_asks", "xform_ask", "form_ask\n", "form_settings"])
def test_a_listener_takes_its_own_forms_alone(callback_id: str) -> None:
    assert bool(ids.forms_like(ids.FORM_OTHER, ids.FORM_ASK).search(callback_id)) is (callback_id == "form_ask")


# -- its form ----------------------------------------------------------------------------------------------------------

VARIANTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "as it is": lambda manifest: manifest,
    "HTTP": lambda manifest: for_http(manifest, HOST),
    "Socket Mode": for_socket_mode,
    "many workspaces": lambda manifest: for_many_workspaces(manifest, HOST),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_slacks_own_schema_takes_it(manifest: dict[str, Any], variant: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in Draft7Validator(schema).iter_errors(variant(manifest))]
    assert found == []


def addresses(value: Any) -> Iterator[str]:
    """Every address anywhere in it."""
    if isinstance(value, str):
        yield from re.findall(r"\w+://\S+", value)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from addresses(each)


def test_every_address_is_https_and_of_the_host_that_was_given(manifest: dict[str, Any]) -> None:
    assert {each.split("/")[2] for each in addresses(manifest)} == {"HOST"}
    over_http = list(addresses(for_http(manifest, HOST)))
    assert {each.split("/", 3)[0] + "//" + each.split("/", 3)[2] for each in over_http} == {HOST}
    assert len(over_http) == len(list(addresses(manifest)))
    served = [each for each in over_http if not each.endswith("/slack/oauth_redirect")]
    assert set(served) == {f"{HOST}/slack/events"}


def test_socket_mode_needs_no_address_and_changes_nothing_else(manifest: dict[str, Any]) -> None:
    over_socket = for_socket_mode(manifest)
    assert list(addresses(over_socket)) == []
    assert over_socket["settings"]["socket_mode_enabled"] is True
    assert over_socket["oauth_config"]["scopes"] == manifest["oauth_config"]["scopes"]
    assert manifest["settings"]["socket_mode_enabled"] is False, "the original is left as it is"
    assert read_manifest() == manifest


def test_many_workspaces_come_back_to_the_bot_with_tokens_that_rotate(manifest: dict[str, Any]) -> None:
    one, many = for_http(manifest, HOST), for_many_workspaces(manifest, HOST)
    assert many["oauth_config"].pop("redirect_urls") == [f"{HOST}/slack/oauth_redirect"]
    assert many["settings"]["event_subscriptions"].pop("bot_events")[-1] == "team_access_revoked"
    changed = {name: value for name, value in many["settings"].items() if value != one["settings"][name]}
    assert changed.pop("event_subscriptions") == {"request_url": f"{HOST}/slack/events"}
    assert changed == {"org_deploy_enabled": True, "token_rotation_enabled": True}
    assert many | {"settings": one["settings"]} == one
    assert read_manifest() == manifest


BAD_ADDRESSES = [
    "http://bot.example.com",
    "bot.example.com",
    "https://",
    "https://bot.example.com/",
    "https://bot.example.com/slack",
    "https://bot.example.com?x=1",
    "https://user:secret@bot.example.com",
    "https://bot.example.com:99999",
    "https://bot.example.com:0",
    "https://bot example.com",
    "https://bot.example.com\n",
    "https://-bot.example.com",
    "https://bot..example.com",
    "https://.",
    "https://localhost",
    "https://127.0.0.1",
    "https://HOST",
    "ftp://bot.example.com",
    "",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_address_that_slack_cannot_call_is_refused(manifest: dict[str, Any], address: str) -> None:
    with pytest.raises(ManifestError, match="is no address that Slack takes"):
        for_http(manifest, address)


@pytest.mark.parametrize("address", [HOST, "https://b.example.co.uk:8443", "https://xn--bcher-kva.example", "https://BOT.Example.com"])
def test_an_address_that_slack_can_call_is_taken(manifest: dict[str, Any], address: str) -> None:
    assert for_http(manifest, address)["settings"]["interactivity"]["request_url"] == f"{address}/slack/events"


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_prints_what_slack_takes_pasted(manifest: dict[str, Any]) -> None:
    assert json.loads(run("manifest", "--socket").answered()) == for_socket_mode(manifest)
    assert json.loads(run("manifest", "--http", HOST).answered()) == for_http(manifest, HOST)
    assert json.loads(run("manifest", "--http", HOST, "--distributed").answered()) == for_many_workspaces(manifest, HOST)


REFUSED = {
    "neither": ([], "Give one of --socket and --http"),
    "both": (["--socket", "--http", HOST], "Give one of --socket and --http"),
    "a bad address": (["--http", "http://bot.example.com"], "is no address that Slack takes"),
    "no address": (["--http", ""], "is no address that Slack takes"),
    "many workspaces without an address": (["--socket", "--distributed"], "--distributed needs --http"),
    "many workspaces at a bad address": (["--http", "https://localhost", "--distributed"], "is no address that Slack takes"),
}


@pytest.mark.parametrize(("words", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_the_command_refuses_in_one_line(words: list[str], line: str) -> None:
    run("manifest", *words).refused(line)


def test_a_manifest_that_is_missing_or_empty_says_so(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"^manifest\.yml cannot be read: No such file or directory\."):
        read_manifest(tmp_path / "manifest.yml")
    (tmp_path / "manifest.yml").write_text("")
    with pytest.raises(ManifestError):
        read_manifest(tmp_path / "manifest.yml")
    assert FILE.is_file()
