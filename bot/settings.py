"""The environment, read once. An error names the variable to set and never shows a value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import AdviceError

SLACK_API = "https://slack.com/api/"
Transport = Literal["socket", "http"]


class SettingsError(AdviceError):
    """The environment is not one that the bot can start in."""


class Settings(BaseSettings):
    """What `whichcloud serve` reads. Secrets show as stars wherever they are printed."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

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

    @property
    def transport(self) -> Transport:
        """Socket Mode where an app-level token is set, else HTTP."""
        return "socket" if self.slack_app_token else "http"

    @property
    def bot_token(self) -> str:
        assert self.slack_bot_token is not None
        return self.slack_bot_token.get_secret_value()


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
    if settings.slack_bot_token is None:
        raise SettingsError("SLACK_BOT_TOKEN is not set. It is the xoxb-… token under OAuth & Permissions of your Slack app.")
    if not settings.bot_token.startswith("xoxb-"):
        raise SettingsError("SLACK_BOT_TOKEN is no bot token: those begin with xoxb-.")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise SettingsError(
            "Set SLACK_APP_TOKEN (Socket Mode, the xapp-… token under Basic Information) or SLACK_SIGNING_SECRET (HTTP). Neither is set."
        )
    if settings.slack_app_token is not None and not settings.slack_app_token.get_secret_value().startswith("xapp-"):
        raise SettingsError("SLACK_APP_TOKEN is no app-level token: those begin with xapp-.")
