"""Everything that can be looked at from where the bot runs, each as one finding with its fix. Nothing is changed, and no secret shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from bot.doctor_database import look_at_database
from bot.doctor_slack import look_at_slack, not_looked_at
from bot.findings import Finding
from bot.freshness import Freshness, freshness
from bot.settings import Settings, SettingsError, read_settings, read_what_is_set
from bot.web import EVENTS
from engine.check import problems_on
from engine.errors import RulesError
from engine.load import load_rulebook

_HEX_32: Final = re.compile(r"[0-9a-f]{32}")


def examine(clock: Callable[[], datetime], *, offline: bool = False) -> Iterator[Finding]:
    """The environment first; where it is not complete, as much of the rest as can be looked at."""
    settings: Settings | None
    keys: tuple[str, ...] = ()
    try:
        settings = read_settings()
    except SettingsError as error:
        yield from (Finding("environment", "wrong", line.removesuffix(".")) for line in str(error).splitlines())
        settings = _what_is_set()
    else:
        yield Finding("environment", "ok", _described(settings))
        keys = settings.keys if settings.many else ()
    if settings is not None:
        yield from _slack(settings, clock, offline)
        yield from look_at_database(settings.database_url.get_secret_value(), clock, keys)
    yield from _rules(clock)


def _what_is_set() -> Settings | None:
    try:
        return read_what_is_set()
    except SettingsError:
        return None


def _slack(settings: Settings, clock: Callable[[], datetime], offline: bool) -> Iterator[Finding]:
    if settings.slack_signing_secret and settings.transport == "http":
        yield _signing_secret(settings.slack_signing_secret.get_secret_value(), settings.slack_client_secret)
    yield from not_looked_at(settings, "told to stay offline") if offline else look_at_slack(settings, clock)
    yield _app_in_slack(settings)


def _described(settings: Settings) -> str:
    if settings.many:
        return f"many workspaces, over HTTP at {settings.bind}, from outside {settings.address}"
    if settings.transport == "socket":
        return "one workspace, Socket Mode"
    return f"one workspace, over HTTP at {settings.bind}"


def _signing_secret(secret: str, client_secret: SecretStr | None) -> Finding:
    where = "Copy the signing secret under Basic Information, App Credentials."
    if client_secret and secret == client_secret.get_secret_value():
        return Finding("signing secret", "wrong", "SLACK_SIGNING_SECRET is the client secret", where)
    if not _HEX_32.fullmatch(secret):
        return Finding("signing secret", "warning", "SLACK_SIGNING_SECRET is not 32 digits from 0 to f, as Slack's are", where)
    return Finding("signing secret", "ok", "looks like one; only a request of Slack can prove it")


def _app_in_slack(settings: Settings) -> Finding:
    """The request URL and the events are known only there."""
    if settings.transport == "socket":
        fix = "Under App Manifest it must show what `whichcloud manifest --socket` prints."
    else:
        address = settings.address or "https://YOUR.HOST"
        fix = f"Under App Manifest it must show what `whichcloud manifest --http {address}` prints, with {address}{EVENTS} as request URL."
    return Finding("app in Slack", "not checked", "what is set there cannot be seen from here", fix)


def _rules(clock: Callable[[], datetime]) -> Iterator[Finding]:
    day = clock().date()
    try:
        rulebook = load_rulebook()
        if problems := problems_on(rulebook, day):
            raise RulesError(problems)
    except RulesError as error:
        first, more = str(error.problems[0]), len(error.problems) - 1
        yield Finding("rules", "wrong", f"{first}{f', and {more} more' if more else ''}".removesuffix("."), "`whichcloud check` says all.")
        return
    count, prices = len(rulebook.rules), len(rulebook.catalogue.prices)
    yield Finding("rules", "ok", f"{count} sound rules, {prices} prices, version {rulebook.version[:8]}")
    yield _prices(freshness(rulebook, day))


def _prices(fresh: Freshness) -> Finding:
    age = f"read {fresh.newest_days} to {fresh.oldest_days} days ago"
    stale = ", ".join(f"{kind} {old} of {every}" for kind, old, every in fresh.stale if old)
    if stale:
        return Finding("prices", "warning", f"{age}; stale: {stale}", "Update whichcloud, or read them anew into rules/catalogue.")
    return Finding("prices", "ok", f"{age}; none is stale")
