"""Does Slack answer, does it take the tokens, may the app do what it needs, and do both clocks agree?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.findings import Finding
from bot.manifest import read_manifest
from bot.refusals import OUTCOME_UNKNOWN, code_of
from bot.settings import Settings
from bot.startup import FOR_NOW, header, needed_scopes, scopes_in

_SECONDS: Final = 10
_MOST_APART: Final = timedelta(seconds=60)
_OUTSIDE: Final = "Slack was not reached"
_INSTALL = "Add them under OAuth & Permissions and install the app again."


@dataclass(frozen=True)
class _Answer:
    """What came back from a call: the code is empty where Slack did what was asked, the status 0 where nothing came back."""

    code: str
    status: int
    headers: Any
    body: Any
    apart: timedelta | None  # how far our clock is ahead of Slack's

    @property
    def came(self) -> bool:
        return self.status != 0

    @property
    def only_now(self) -> bool:
        """It says nothing of the token; the same call may be answered in a minute."""
        return self.status >= 500 or self.status == 429 or self.code in FOR_NOW


def look_at_slack(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """With the bot's token, or without one where many workspaces are served."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    client = WebClient(token=token, base_url=settings.whichcloud_slack_api, timeout=_SECONDS, retry_handlers=[])
    answer = _asked(client.auth_test if token else client.api_test, clock)
    yield _reached(answer, settings.whichcloud_slack_api)
    yield _clock(answer)
    if token:
        yield _token(answer)
        yield from _scopes(answer)
    if app_token := settings.app_token:
        yield _app_token(_asked(lambda: client.apps_connections_open(app_token=app_token), clock))


def not_looked_at(settings: Settings, why: str) -> Iterator[Finding]:
    """The same lines where nobody asked Slack."""
    for check in ("slack", "clock", *(("token", "scopes", "manifest") if settings.slack_bot_token else ())):
        yield Finding(check, "not checked", why)
    if settings.app_token:
        yield Finding("app token", "not checked", why)


def _asked(call: Callable[[], Any], clock: Callable[[], datetime]) -> _Answer:
    before = clock()
    try:
        response, code = call(), ""
    except SlackApiError as error:
        response, code = error.response, code_of(error)
    except OUTCOME_UNKNOWN as error:
        return _Answer(type(error).__name__, 0, {}, {}, None)
    at = before + (clock() - before) / 2
    return _Answer(code, response.status_code, response.headers, response.data, _apart(header(response.headers, "date"), at))


def _apart(said: str | None, at: datetime) -> timedelta | None:
    """The header is cut off to the second, so on the average half a second has passed since."""
    if said is None:
        return None
    try:
        date = parsedate_to_datetime(said)
    except ValueError:
        return None
    return at - (date if date.tzinfo else date.replace(tzinfo=UTC)) - timedelta(milliseconds=500)


def _reached(answer: _Answer, address: str) -> Finding:
    if not answer.came:
        fix = "Check the network, the proxy and the firewall of this machine."
        return Finding("slack", "wrong", f"{address} cannot be reached ({answer.code})", fix)
    if answer.only_now:
        return Finding("slack", "warning", f"{address} answers {answer.code or f'HTTP {answer.status}'}", "Ask again in a few minutes.")
    return Finding("slack", "ok", f"{address} answers")


def _clock(answer: _Answer) -> Finding:
    if answer.apart is None:
        return Finding("clock", "not checked", "Slack did not say what time it is" if answer.came else _OUTSIDE)
    if abs(answer.apart) <= _MOST_APART:
        return Finding("clock", "ok", "agrees with Slack's")
    where = "ahead of" if answer.apart > timedelta(0) else "behind"
    fix = "From 300 s on every request of Slack is refused as too old. Set the clock from the network (NTP)."
    return Finding("clock", "wrong", f"{abs(round(answer.apart.total_seconds()))} s {where} Slack's", fix)


def _token(answer: _Answer) -> Finding:
    if not answer.came or answer.only_now:
        return Finding("token", "not checked", _OUTSIDE if not answer.came else "Slack could not say")
    if answer.code:
        fix = "Install the app again and copy the xoxb-… token under OAuth & Permissions."
        return Finding("token", "wrong", f"Slack does not take SLACK_BOT_TOKEN ({answer.code})", fix)
    return Finding("token", "ok", f"of {answer.body.get('user')} in {answer.body.get('team')} ({answer.body.get('team_id')})")


def _app_token(answer: _Answer) -> Finding:
    if not answer.came or answer.only_now:
        return Finding("app token", "not checked", _OUTSIDE if not answer.came else "Slack could not say")
    if answer.code:
        fix = "Copy an xapp-… token with the scope connections:write under Basic Information, App-Level Tokens."
        return Finding("app token", "wrong", f"Slack does not take SLACK_APP_TOKEN ({answer.code})", fix)
    return Finding("app token", "ok", "opens connections")


def _scopes(answer: _Answer) -> Iterator[Finding]:
    granted = scopes_in(answer.headers)
    if granted is None or answer.code:
        why = "Slack did not say what is granted" if answer.came else _OUTSIDE
        yield Finding("scopes", "not checked", why)
        yield Finding("manifest", "not checked", why)
        return
    needed, optional = needed_scopes(), set(read_manifest()["oauth_config"]["scopes"].get("bot_optional", ()))
    yield _needed(needed, optional, granted)
    yield _beyond(granted - needed - optional - {"identify"})


def _needed(needed: set[str], optional: set[str], granted: set[str]) -> Finding:
    if missing := sorted(needed - granted):
        return Finding("scopes", "wrong", f"missing: {', '.join(missing)}", _INSTALL)
    if missing := sorted(optional - granted):
        fix = "Without them plain replies in channel threads need a mention, and a post that may be lost cannot be looked for there."
        return Finding("scopes", "warning", f"all that are needed; of the optional ones {', '.join(missing)} are missing", fix)
    return Finding("scopes", "ok", f"all {len(needed)} that are needed and {len(optional)} optional ones")


def _beyond(more: set[str]) -> Finding:
    if more:
        fix = "Take them away under OAuth & Permissions, and install the app again."
        return Finding("manifest", "warning", f"granted beyond it: {', '.join(sorted(more))}", fix)
    return Finding("manifest", "ok", "nothing is granted beyond it")
