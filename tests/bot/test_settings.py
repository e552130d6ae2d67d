"""The environment as settings: what is read how, and that no secret shows."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.settings import SLACK_API, Settings, SettingsError, read_settings

BOT, APP, SECRET = "xoxb-1-abc", "xapp-1-def", "0123456789abcdef"
HTTP = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET}
SOCKET = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return read_settings()


@pytest.mark.parametrize(
    ("given", "transport"),
    [(HTTP, "http"), (SOCKET, "socket"), (HTTP | SOCKET, "socket"), (HTTP | {"SLACK_APP_TOKEN": ""}, "http"),
     (SOCKET | {"SLACK_SIGNING_SECRET": ""}, "socket"), (HTTP | {"SLACK_APP_TOKEN": "  \n"}, "http")],
    ids=["signing secret", "app token", "both", "an empty app token", "an empty signing secret", "a blank app token"],
)  # fmt: skip
def test_the_transport_follows_from_what_is_set(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], transport: str) -> None:
    assert read(monkeypatch, **given).transport == transport


def test_what_is_not_set_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **HTTP)
    assert (settings.bind, settings.database_url.get_secret_value()) == ("127.0.0.1:3000", "sqlite:///whichcloud.db")
    assert (settings.whichcloud_admins, settings.whichcloud_retention_days) == ((), 400)
    assert (settings.whichcloud_slack_api, settings.whichcloud_log_level) == (SLACK_API, "INFO")
    assert read(monkeypatch, PORT="", DATABASE_URL="", WHICHCLOUD_LOG_LEVEL="") == settings, "set to nothing is not set"


def test_a_secret_out_of_a_file_is_read_without_its_line_break(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, SLACK_BOT_TOKEN=f" {BOT}\r\n", SLACK_APP_TOKEN=f"{APP}\n", SLACK_SIGNING_SECRET=f"{SECRET}\n")
    assert (settings.bot_token, settings.app_token) == (BOT, APP)
    assert settings.slack_signing_secret is not None
    assert settings.slack_signing_secret.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("host", "bind"),
    [("127.0.0.1", "127.0.0.1:8080"), ("0.0.0.0", "0.0.0.0:8080"), ("::1", "[::1]:8080"), ("localhost", "localhost:8080")],
)
def test_a_host_and_a_port_make_an_address(monkeypatch: pytest.MonkeyPatch, host: str, bind: str) -> None:
    assert read(monkeypatch, WHICHCLOUD_HOST=host, PORT="8080", **HTTP).bind == bind


@pytest.mark.parametrize(
    ("written", "admins"),
    [("U1", ("U1",)), ("U1,U2", ("U1", "U2")), (" U1 , ,U2,", ("U1", "U2")), (",", ())],
)
def test_admins_are_ids_between_commas(monkeypatch: pytest.MonkeyPatch, written: str, admins: tuple[str, ...]) -> None:
    assert read(monkeypatch, WHICHCLOUD_ADMINS=written, **HTTP).whichcloud_admins == admins


@pytest.mark.parametrize(
    ("url", "passwords"),
    [("sqlite:////data/bot.db", ()), ("postgresql://bot@db/bot", ()), ("postgresql://bot:pw@db/bot", ("pw", "pw")),
     ("postgresql+psycopg://bot:p%40ss%2Fword@db:5432/bot?sslmode=require", ("p%40ss%2Fword", "p@ss/word")),
     ("postgresql://bot:p@ss:word@db/bot", ("p@ss:word", "p@ss:word"))],
    ids=["a file", "no password", "a password", "one with percent signs", "one with signs of its own"],
)  # fmt: skip
def test_secrets_are_those_that_are_set(monkeypatch: pytest.MonkeyPatch, url: str, passwords: tuple[str, ...]) -> None:
    assert read(monkeypatch, DATABASE_URL=url, **(HTTP | SOCKET)).secrets == (BOT, APP, SECRET, *passwords)


def test_the_token_of_the_metrics_is_a_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, WHICHCLOUD_METRICS_TOKEN="planted\n", **HTTP)
    assert settings.secrets == (BOT, SECRET, "planted")
    assert "planted" not in repr(settings)


def test_no_secret_shows_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, DATABASE_URL="postgresql://bot:planted@db/bot", **(HTTP | SOCKET))
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert [secret for secret in (BOT, APP, SECRET, "planted") if secret in shown] == []


def test_no_value_shows_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, PORT="planted-1", WHICHCLOUD_SLACK_API="planted-2", WHICHCLOUD_LOG_LEVEL="planted-3", **HTTP)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["PORT", "WHICHCLOUD_SLACK_API", "WHICHCLOUD_LOG_LEVEL"]
    assert "planted" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_the_environment_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    read(monkeypatch, **HTTP)
    assert {name: value for name, value in os.environ.items() if name not in HTTP} == {k: v for k, v in before.items() if k not in HTTP}


# -- many workspaces ---------------------------------------------------------------------------------------------------

KEY, OLDER = "aW4gdGhlc2UgdGVzdHMgYWxvbmUsIGtleSBvbmUhISE=", "aW4gdGhlc2UgdGVzdHMgYWxvbmUsIGtleSB0d28hISE="
MANY = {
    "SLACK_CLIENT_ID": "11.22",
    "SLACK_CLIENT_SECRET": "of-the-client",
    "SLACK_SIGNING_SECRET": SECRET,
    "WHICHCLOUD_KEYS": KEY,
    "WHICHCLOUD_URL": "https://bot.example.com",
}


def test_many_workspaces_are_served_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **MANY | {"WHICHCLOUD_KEYS": f" {KEY} ,{OLDER},\n", "WHICHCLOUD_URL": "https://bot.example.com/"})
    assert (settings.many, settings.transport, settings.keys, settings.address) == (True, "http", (KEY, OLDER), "https://bot.example.com")
    assert settings.secrets == (SECRET, "of-the-client", KEY, OLDER)
    assert [secret for secret in settings.secrets if secret in f"{settings!r} {settings} {settings.model_dump()}"] == []


@pytest.mark.parametrize("given", [HTTP, SOCKET], ids=["HTTP", "Socket Mode"])
def test_beside_a_token_the_client_means_nothing(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    settings = read(monkeypatch, SLACK_CLIENT_ID="11.22", SLACK_CLIENT_SECRET="of-the-client", **given)
    assert (settings.many, settings.keys) == (False, ())


@pytest.mark.parametrize("address", ["https://b.example.com:8443", "http://127.0.0.1:3000", "http://localhost", "http://localhost:8080/"])
def test_an_address_is_https_or_of_this_machine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert read(monkeypatch, **MANY | {"WHICHCLOUD_URL": address}).address == address.rstrip("/")


HALF_SET: dict[str, tuple[dict[str, str], str]] = {
    **{f"no {name}": ({name: ""}, f"{name} is not set") for name in MANY},
    "a socket": ({"SLACK_APP_TOKEN": APP}, "SLACK_APP_TOKEN is for Socket Mode"),
    "a client id in words": ({"SLACK_CLIENT_ID": "planted"}, "SLACK_CLIENT_ID is no client id"),
    "an address without a host": ({"WHICHCLOUD_URL": "https://"}, "WHICHCLOUD_URL is no address"),
    "an address for everybody to read": ({"WHICHCLOUD_URL": "http://bot.example.com"}, "WHICHCLOUD_URL is no address"),
    "an address that looks like this machine": ({"WHICHCLOUD_URL": "http://localhost.example.com"}, "WHICHCLOUD_URL is no address"),
    "an address with a path": ({"WHICHCLOUD_URL": "https://bot.example.com/planted"}, "WHICHCLOUD_URL is no address"),
    "no key among commas": ({"WHICHCLOUD_KEYS": ", ,"}, "WHICHCLOUD_KEYS holds no key"),
    "a password as a key": ({"WHICHCLOUD_KEYS": f"{KEY},planted"}, "WHICHCLOUD_KEYS: key 2 of 2 is no key"),
    "half a key": ({"WHICHCLOUD_KEYS": KEY[:20]}, "WHICHCLOUD_KEYS: key 1 of 1 is no key"),
    "one workspace and many": ({"SLACK_BOT_TOKEN": BOT}, "SLACK_BOT_TOKEN is for one workspace, WHICHCLOUD_KEYS for many"),
    "support that is a script": ({"WHICHCLOUD_SUPPORT": "javascript:planted"}, "WHICHCLOUD_SUPPORT: "),
}


@pytest.mark.parametrize(("given", "line"), HALF_SET.values(), ids=HALF_SET)
def test_many_workspaces_half_set_are_refused(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, **MANY | given)
    assert str(refused.value).startswith(line)
    assert [word for word in ("planted", KEY[:20], "of-the-client", SECRET) if word in str(refused.value)] == []


def test_the_line_that_makes_a_key_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, **MANY | {"WHICHCLOUD_KEYS": ""})
    written = str(refused.value).partition("python -c '")[2].removesuffix("'")
    made = subprocess.run([sys.executable, "-c", written], capture_output=True, text=True, check=True).stdout
    assert read(monkeypatch, **MANY | {"WHICHCLOUD_KEYS": made}).keys == (made.strip(),)
