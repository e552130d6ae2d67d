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


class SettingsError(AdviceError):
    """The environment is not one that the bot can start in."""


class Settings(BaseSettings):
    """What `whichcloud serve` reads. Secrets show as stars wherever they are printed."""

    # What is set to nothing is not set: an empty signing secret would be one that everybody knows.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    database_url: SecretStr = SecretStr("sqlite:///whichcloud.db")
    whichcloud_host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    whichcloud_admins: Annotated[tuple[str, ...], NoDecode] = ()
    whichcloud_retention_days: int = Field(default=400, ge=1, le=36_500)
    whichcloud_slack_api: str = Field(default=SLACK_API, pattern=r"^https?://\S+/$")
    whichcloud_log_level: Literal["INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("whichcloud_admins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """User ids separated by commas."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("slack_bot_token", "slack_app_token", "slack_signing_secret", "database_url", mode="before")
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
        held = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret)
        password = _PASSWORD.search(self.database_url.get_secret_value())
        passwords = (password[1], unquote(password[1])) if password else ()
        return (*(each.get_secret_value() for each in held if each), *passwords)

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
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))) from None
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """A half-set configuration is refused with the name of what is missing."""
    if not settings.slack_bot_token:
        raise SettingsError("SLACK_BOT_TOKEN is not set. It is the xoxb-… token under OAuth & Permissions of your Slack app.")
    if not _BOT_TOKEN.fullmatch(settings.bot_token):
        raise SettingsError("SLACK_BOT_TOKEN is no bot token: those are xoxb- and then letters, digits and dashes.")
    if not settings.slack_app_token and not settings.slack_signing_secret:
        raise SettingsError(
            "Set SLACK_APP_TOKEN (Socket Mode, the xapp-… token under Basic Information) or SLACK_SIGNING_SECRET (HTTP). Neither is set."
        )
    if settings.app_token and not _APP_TOKEN.fullmatch(settings.app_token):
        raise SettingsError("SLACK_APP_TOKEN is no app-level token: those are xapp- and then letters, digits and dashes.")
