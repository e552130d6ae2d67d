"""What people do, kept as jobs before Slack is told that it arrived: what is acknowledged is never lost.

A listener does no more than this. Bolt calls it before it answers, so where the database does not take the job, Slack hears of a
failure: it sends an event again, and shows whoever pressed that the press did not work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, ParamSpec, TypeVar

import stamina
from slack_bolt import Ack
from slack_sdk import WebClient

from bot.desk import new_id
from bot.fairness import TooFast
from bot.listeners.errors import answering
from bot.listeners.payload import Payload, Where, part, where_of
from bot.listeners.telling import teller_of
from bot.metrics import fair_use
from bot.office import Office
from bot.storage import DatabaseUnavailable, NewJob

PRESS, COMMAND, FORM, MENTION, MESSAGE, HOME = "press", "command", "form", "mention", "message", "home"
_PATIENCE_S: Final = 30  # Slack gives up after three, but what arrives late counts all the same
_PAUSE, _LONGEST_PAUSE = timedelta(milliseconds=100), timedelta(seconds=1)
_TOP: Final = (
    *("type", "team_id", "enterprise_id", "is_enterprise_install", "user_id", "channel_id", "command", "text", "trigger_id"),
    *("response_url", "team", "enterprise", "user", "channel", "container", "event", "event_id"),
)
_EVENT: Final = ("type", "subtype", "user", "bot_id", "channel", "channel_type", "ts", "thread_ts", "text", "tab")
_ACTION: Final = ("type", "action_id", "block_id", "action_ts", "value", "selected_option")
_BLOCK: Final = ("type", "block_id", "element")
_ELEMENT: Final = ("type", "action_id", "initial_value", "initial_option", "initial_users", "options")
log = logging.getLogger(__name__)
_again = stamina.RetryingCaller(attempts=None, timeout=_PATIENCE_S, wait_initial=_PAUSE, wait_max=_LONGEST_PAUSE).on(DatabaseUnavailable)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def keep(office: Office, ack: Ack, client: WebClient, kind: str, cause: str, body: Payload) -> None:
    """Keeps what somebody did, where it is their turn, and acknowledges it. Raises DatabaseUnavailable, and nothing is acknowledged."""
    if in_turn(office, client, body):
        keep_in_turn(office, kind, cause, body)
    ack()


def keep_in_turn(office: Office, kind: str, cause: str, body: Payload) -> None:
    where = where_of(body)
    args = {"body": kept_part(body), "cause": cause, "spare_id": new_id()}
    job = NewJob(cause, lane_of(where), kind, args, where.user)
    patiently(office.desk.enqueue, where.workspace, job)


def patiently(keep: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Calls it until the database takes it, for as long as somebody may wait: another process may hold it for a moment."""
    try:
        return keep(*args, **kwargs)  # as nearly always: setting up to try again would cost more than this
    except DatabaseUnavailable:
        return _again(keep, *args, **kwargs)


def at_once(office: Office) -> Callable[[Ack, dict[str, Any], WebClient], None]:
    """Acknowledges what opens a form: nothing is changed by it, and Slack gives it three seconds."""

    def acknowledged(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()

    return acknowledged


def opening(office: Office, listener: Callable[..., None]) -> Callable[..., None]:
    """What opens a form, beside its acknowledgement, for those whose turn it is."""

    def opened(body: dict[str, Any], client: WebClient) -> None:
        if in_turn(office, client, body):
            listener(body=body, client=client)

    return answering(office, opened)


def lane_of(where: Where) -> str:
    """What is heard in a thread is worked on in its order, in a direct message all of it; elsewhere, what a person does."""
    if where.channel and where.channel.startswith("D"):
        return f"direct:{where.channel}"  # each message there is a thread of its own, and may be about the one before
    return f"thread:{where.channel}:{where.thread}" if where.channel and where.thread else f"person:{where.user}"


def in_turn(office: Office, client: WebClient, body: Payload) -> bool:
    """Whether this person and this workspace may be worked for now; else they are told, but not each time."""
    verdict = _too_fast(office, where_of(body))
    if verdict is None:
        return True
    if verdict.say:
        said = _wait(office, verdict)
        office.aside.submit(answering(office, lambda body, client: teller_of(body, client).tell(said)), body=body, client=client)
    return False


def too_fast(office: Office, where: Where) -> str:
    """Why a form cannot be taken now, so that it stays open with what was typed; empty where it can."""
    verdict = _too_fast(office, where)
    return _wait(office, verdict) if verdict else ""


def _too_fast(office: Office, where: Where) -> TooFast | None:
    verdict = office.fairness.may(where.workspace, where.user)
    if not isinstance(verdict, TooFast):
        return None
    fair_use(verdict.scope)
    return verdict


def _wait(office: Office, verdict: TooFast) -> str:
    return office.desk.words.talk("too_fast", verdict.scope, max(1, round(verdict.wait_s)))


def kept_part(body: Payload) -> dict[str, Any]:
    """What the work needs of a payload; the blocks of messages, which are most of it, are left out."""
    kept = {name: body[name] for name in _TOP if name in body}
    if "event" in kept:
        kept["event"] = _picked(part(body, "event"), _EVENT)
    if "message" in body:
        kept["message"] = _picked(part(body, "message"), ("ts", "thread_ts"))
    if isinstance(body.get("actions"), list):
        kept["actions"] = [_picked(each, _ACTION) for each in body["actions"]]
    if isinstance(body.get("authorizations"), list):
        kept["authorizations"] = [_picked(each, ("team_id",)) for each in body["authorizations"][:1]]
    if "view" in body:
        kept["view"] = _form(part(body, "view"))
    return kept


def _form(view: Payload) -> dict[str, Any]:
    """A form with what each field opened with, which says what was changed."""
    kept = _picked(view, ("id", "type", "callback_id", "private_metadata", "state", "app_installed_team_id"))
    blocks = [_picked(each, _BLOCK) for each in view.get("blocks") or []]
    return kept | {
        "blocks": [each | {"element": _picked(part(each, "element"), _ELEMENT)} if "element" in each else each for each in blocks]
    }


def _picked(given: Payload, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}
