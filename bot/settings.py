"""The environment, read once. An error names the variable to set and never shows a value."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import AdviceError

SLACK_API = "https://slack.com/api/"
Transport = Literal["socket", "http"]
_PASSWORD = re.compile(r"://[^:/@]*:(.+)@")  # in the URL of a database
_BOT_TOKEN, _APP_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]+"), re.compile(r"xapp-[A-Za-z0-9-]+")
_CLIENT_ID = re.compile(r"[0-9]+\.[0-9]+")
# 32 bytes as Fernet writes them, which is without any letter that could stand for another.
_KEY = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]=")
_MAKE_A_KEY = "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?|http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")
_NEEDED_FOR_MANY = {
    "SLACK_CLIENT_ID": "It stands under Basic Information of your Slack app.",
    "SLACK_CLIENT_SECRET": "It stands under Basic Information of your Slack app.",
    "SLACK_SIGNING_SECRET": "It stands under Basic Information of your Slack app.",
    "WHICHCLOUD_URL": "It is where Slack and people reach the bot, such as https://bot.example.com",
    "WHICHCLOUD_KEYS": f"Tokens are kept encrypted with it. {_MAKE_A_KEY}",
}


class SettingsError(AdviceError):
    """The environment is not one that the bot can start in."""


class Settings(BaseSettings):
    """What `whichcloud serve` reads. Secrets show as stars wherever they are printed."""

    # What is set to nothing is not set: an empty signing secret would be one that everybody knows.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    whichcloud_keys: SecretStr | None = None
    whichcloud_url: str | None = None
    whichcloud_support: str | None = Field(default=None, pattern=r"^(https://\S+|[^\s@:/?]+@[^\s@:/?]+)$")
    database_url: SecretStr = SecretStr("sqlite:///whichcloud.db")
    whichcloud_host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    whichcloud_admins: Annotated[tuple[str, ...], NoDecode] = ()
    whichcloud_workers: int = Field(default=8, ge=0, le=64)
    whichcloud_retention_days: int = Field(default=400, ge=1, le=36_500)
    whichcloud_slack_api: str = Field(default=SLACK_API, pattern=r"^https?://\S+/$")
    whichcloud_metrics_token: SecretStr | None = None
    whichcloud_log_level: Literal["INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("whichcloud_admins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """User ids separated by commas."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator(
        "slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_client_id", "slack_client_secret", "whichcloud_keys",
        "whichcloud_url", "whichcloud_support", "whichcloud_metrics_token", "database_url", mode="before",
    )  # fmt: skip
    @classmethod
    def _strip(cls, value: object) -> object:
        """A secret out of a file ends with a line break."""
        return value.strip() if isinstance(value, str) else value

    @property
    def bind(self) -> str:
        host = self.whichcloud_host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written anywhere."""
        held = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.slack_client_secret,
            self.whichcloud_metrics_token,
        )
        password = _PASSWORD.search(self.database_url.get_secret_value())
        passwords = (password[1], unquote(password[1])) if password else ()
        return (*(each.get_secret_value() for each in held if each), *self.keys, *passwords)

    @property
    def many(self) -> bool:
        """Whether any workspace may install the bot. Beside a token the client id means nothing: Slack shows it there, so people set it."""
        return not self.slack_bot_token and any((self.slack_client_id, self.slack_client_secret, self.whichcloud_keys))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the installations: the first seals, all open."""
        held = self.whichcloud_keys.get_secret_value() if self.whichcloud_keys else ""
        return tuple(filter(None, map(str.strip, held.split(","))))

    @property
    def address(self) -> str:
        """Where people and Slack reach the bot, without a slash at the end."""
        return (self.whichcloud_url or "").rstrip("/")

    @property
    def alone(self) -> bool:
        """Whether no other process works on the same database: a SQLite file has one bot."""
        return self.database_url.get_secret_value().startswith("sqlite")

    @property
    def transport(self) -> Transport:
        """Socket Mode where an app-level token is set, else HTTP."""
        return "socket" if self.slack_app_token else "http"

    @property
    def bot_token(self) -> str:
        assert self.slack_bot_token is not None
        return self.slack_bot_token.get_secret_value()

    @property
    def app_token(self) -> str | None:
        return self.slack_app_token.get_secret_value() if self.slack_app_token else None


def read_settings() -> Settings:
    """The settings, or SettingsError with the variable to mend."""
    settings = read_what_is_set()
    _check(settings)
    return settings


def read_what_is_set() -> Settings:
    """The same for commands that need a part of it, whether the bot could start with it or not."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))) from None


def _check(settings: Settings) -> None:
    """A half-set configuration is refused with the name of what is missing."""
    if settings.many:
        _check_many(settings)
    else:
        _check_one(settings)


def _check_one(settings: Settings) -> None:
    if not settings.slack_bot_token:
        raise SettingsError("SLACK_BOT_TOKEN is not set. It is the xoxb-… token under OAuth & Permissions of your Slack app.")
    if not _BOT_TOKEN.fullmatch(settings.bot_token):
        raise SettingsError("SLACK_BOT_TOKEN is no bot token: those are xoxb- and then letters, digits and dashes.")
    if settings.whichcloud_keys:
        raise SettingsError(
            "SLACK_BOT_TOKEN is for one workspace, WHICHCLOUD_KEYS for many. Unset SLACK_BOT_TOKEN to let any workspace install the bot."
        )
    if not settings.slack_app_token and not settings.slack_signing_secret:
        raise SettingsError(
            "Set SLACK_APP_TOKEN (Socket Mode, the xapp-… token under Basic Information) or SLACK_SIGNING_SECRET (HTTP). Neither is set."
        )
    if settings.app_token and not _APP_TOKEN.fullmatch(settings.app_token):
        raise SettingsError("SLACK_APP_TOKEN is no app-level token: those are xapp- and then letters, digits and dashes.")


def _check_many(settings: Settings) -> None:
    for name, where in _NEEDED_FOR_MANY.items():
        if not getattr(settings, name.lower()):
            raise SettingsError(f"{name} is not set, and without SLACK_BOT_TOKEN the bot serves every workspace that installs it. {where}")
    if settings.slack_app_token:
        raise SettingsError("SLACK_APP_TOKEN is for Socket Mode, and many workspaces are served over HTTP only. Unset it.")
    if not _CLIENT_ID.fullmatch(settings.slack_client_id or ""):
        raise SettingsError("SLACK_CLIENT_ID is no client id: those are digits, a dot and digits.")
    if not _ADDRESS.fullmatch(settings.address):
        raise SettingsError("WHICHCLOUD_URL is no address that Slack takes. Give https:// and a host name; http:// only for localhost.")
    if not settings.keys:
        raise SettingsError(f"WHICHCLOUD_KEYS holds no key. {_MAKE_A_KEY}")
    for at, key in enumerate(settings.keys, 1):
        if not _KEY.fullmatch(key):
            raise SettingsError(f"WHICHCLOUD_KEYS: key {at} of {len(settings.keys)} is no key. {_MAKE_A_KEY}")
