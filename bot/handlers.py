"""What is done for each kind of job. Errors become words for whoever caused the job, or a further try."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot import ids, reported, reports
from bot.calling import JobClient
from bot.clients import NotInstalled
from bot.compare_cards import newest_slot
from bot.conversation import Conversation
from bot.delivering import Doubt
from bot.desk import Gone
from bot.jobs import Done, Duty, Fail, Job, LeaseLost, Retry
from bot.listeners import clicks, commands, flow, home, inbox, messages, missing, submissions
from bot.listeners.errors import passes, tell_error
from bot.listeners.payload import Payload
from bot.listeners.telling import Teller, teller_from, teller_of
from bot.metrics import called, slowed_down
from bot.office import Office
from bot.refusals import CHANNEL_CLOSED, NOT_IN_CHANNEL, OUTCOME_UNKNOWN, SLOWED_DOWN, TO_BE_REINSTALLED, code_of
from bot.reply.verdict import detail
from bot.storage import StorageError

_FIRST_PAUSE_MS, _LONGEST_PAUSE_S = 500, 30
_PATIENCE_S: Final = 10  # then whoever waits hears why
log = logging.getLogger(__name__)
_TellerFor = Callable[[Job, WebClient], Teller]
_Do = Callable[[Office, Job, Teller], Done | None]


def duties(office: Office) -> dict[str, Duty]:
    """Every kind of job there is."""
    heard = {
        inbox.PRESS: clicks.pressed,
        inbox.COMMAND: commands.run,
        inbox.FORM: submissions.sent,
        inbox.MENTION: messages.mentioned,
        inbox.MESSAGE: messages.written,
        inbox.HOME: home.opened,
    }
    own = {
        reported.POST: reports.post,
        reported.UPDATE: reports.update,
        flow.SHOW: show,
        flow.DETAIL: post_detail,
        flow.POINT: point,
        flow.TELL: tell,
    }
    kinds = {
        kind: Duty(partial(_done, office, _heard_teller, _hear(act)), partial(_still_working, office, _heard_teller))
        for kind, act in heard.items()
    }
    kinds |= {kind: Duty(partial(_done, office, _own_teller, do), partial(_still_working, office, _own_teller)) for kind, do in own.items()}
    return kinds


def _hear(act: Callable[[Office, Teller, Payload], None]) -> _Do:
    def heard(office: Office, job: Job, teller: Teller) -> None:
        act(office, teller, job.args["body"])

    return heard


def _heard_teller(job: Job, client: WebClient) -> Teller:
    return replace(teller_of(job.args["body"], client, job.args["cause"], job.args["spare_id"]), job=job)


def _own_teller(job: Job, client: WebClient) -> Teller:
    return teller_from(job.args["teller"], client)


# -- what a job of a conversation does -------------------------------------------------------------------------------------


def show(office: Office, job: Job, teller: Teller) -> None:
    """The verdict, if one is due, and every message as it should read. A case that no plan can be priced for is told."""
    conversation_id = job.args["conversation"]
    try:
        shown = office.postings.bring_in_line(teller.client, job.workspace, conversation_id)
    except SlackApiError as error:
        if not _goes_direct(office, job, teller, error):
            raise
        shown = office.postings.bring_in_line(teller.client, job.workspace, conversation_id)
    if "moved" in job.saved:
        teller.tell(office.desk.words.talk("moved_to_direct", f"<#{job.saved['moved']}>", job.saved["closed"]))
    if shown.doubts and (job.tries > 1 or job.args.get("asked_for")):  # on its first run it found doubts that were told before
        missing.ask_to_look(office.desk.words, teller, conversation_id, shown.doubts)
    if shown.refused:
        teller.tell(shown.refused)


def post_detail(office: Office, job: Job, teller: Teller) -> None:
    """What stands behind a button of a verdict, once in the thread; a second press says where."""
    conversation = _kept(office, job)
    verdict_id, name = job.args["verdict"], job.args["name"]
    parts = detail(name, office.desk.view(job.workspace, verdict_id), verdict_id)
    for at, part in enumerate(parts):
        office.postings.post_once(teller.client, conversation, f"{verdict_id}.{name}.{at}", part)
    with office.desk.database.reading(job.workspace) as work:
        stands = work.posts_of(conversation.id).get(f"{verdict_id}.{name}.0")
    if stands is not None and stands.claimed_at < job.taken.created_at:  # so it was not this job that posted it, in any of its tries
        teller.tell(office.desk.words.talk("already_shown", teller.link(conversation.channel, stands.ts)))


def point(office: Office, job: Job, teller: Teller) -> None:
    """Says where a conversation began, or where its comparison stands; it waits in its lane until the messages stand."""
    conversation = _kept(office, job)
    if job.args.get("to") == "comparison":
        _point_to_comparison(office, job, conversation, teller)
        return
    teller.tell(office.desk.words.talk("started", teller.link(conversation.channel, conversation.thread)))


def _point_to_comparison(office: Office, job: Job, conversation: Conversation, teller: Teller) -> None:
    """Nothing is said where it just came up before the eyes of whoever asked, or could not be posted: then they have heard why."""
    comparing = conversation.comparing
    with office.desk.database.reading(conversation.workspace) as work:
        posts = work.posts_of(conversation.id)
    stands = posts.get(newest_slot(comparing, office.desk.dimensions)) if comparing else None
    at = stands.ts if stands and stands.ts else conversation.thread
    is_new = stands is not None and stands.claimed_at >= job.taken.created_at
    if at and not (is_new and teller.where.thread == conversation.thread):
        url = teller.link(conversation.channel, at)
        teller.tell(office.desk.words.talk("comparison_at", url, not conversation.advised))


def tell(office: Office, job: Job, teller: Teller) -> None:
    """A word that belongs to a change, enqueued with it."""
    teller.tell(job.args["text"])


def _kept(office: Office, job: Job) -> Conversation:
    with office.desk.database.reading(job.workspace) as work:
        conversation = work.conversation(job.args["conversation"])
    if conversation is None:
        raise Gone
    return conversation


def _goes_direct(office: Office, job: Job, teller: Teller, error: SlackApiError) -> bool:
    """The channel did not take the result of a form: its owner gets it in a direct message, so that nothing that was typed is lost."""
    conversation = _kept(office, job)
    refused = code_of(error) in NOT_IN_CHANNEL | CHANNEL_CLOSED
    if not refused or not conversation.quick or conversation.thread is not None or conversation.private:
        return False
    if conversation.owner != teller.where.user:
        return False
    job.keep({"moved": conversation.channel, "closed": code_of(error) in CHANNEL_CLOSED})
    office.desk.made_private(job.workspace, conversation.id, teller.where.user)
    return True


def _about(job: Job) -> str:
    """What a doubtful message belongs to: a conversation, or a detail of a verdict; empty for an answer, which is asked for again."""
    if job.taken.kind == flow.DETAIL:
        return ids.action(job.args["verdict"], job.args["name"])
    return str(job.args.get("conversation", ""))


# -- errors --------------------------------------------------------------------------------------------------------------


def _done(office: Office, teller_for: _TellerFor, do: _Do, job: Job) -> Done | None:
    """Does it, and sees to whatever goes wrong."""
    try:
        teller = teller_for(job, _client(office, job))
    except NotInstalled as error:
        raise Fail(str(error)) from None
    try:
        return do(office, job, teller)
    except Doubt as doubt:
        _telling(office, job, teller, lambda doubt=doubt: missing.ask_to_look(office.desk.words, teller, _about(job), (doubt,)))  # type: ignore[misc]
    except (Retry, Fail, LeaseLost, StorageError):
        raise
    except (SlackApiError, *OUTCOME_UNKNOWN) as error:
        _slack_trouble(office, job, teller, error)
    except Exception as error:  # noqa: BLE001 - the person hears of it, whatever it is; `tell_error` logs what nobody planned for
        _telling(office, job, teller, lambda error=error: tell_error(office, error, teller))  # type: ignore[misc]
    return None


def _telling(office: Office, job: Job, teller: Teller, say: Callable[[], None]) -> None:
    """Says it; where Slack is in trouble, again later. That nobody can be told is for the operator to see."""
    try:
        say()
    except (SlackApiError, *OUTCOME_UNKNOWN) as error:
        if passes(error):
            raise Retry(_pause_s(job, error), job.saved) from None
        code = code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
        raise Fail(f"nobody could be told what went wrong: {code}") from None


def _slack_trouble(office: Office, job: Job, teller: Teller, error: Exception) -> None:
    """Waits out what passes; what does not is said, and the job is over."""
    if not passes(error):
        if isinstance(error, SlackApiError) and code_of(error) in TO_BE_REINSTALLED:
            raise Fail(f"Slack no longer takes the token: {code_of(error)}")
        _telling(office, job, teller, lambda: tell_error(office, error, teller))
        return
    saved = dict(job.saved)
    waited_s = (office.desk.clock() - job.taken.created_at).total_seconds()
    if waited_s > _PATIENCE_S and not saved.get("told"):
        saved["told"] = True
        try:
            tell_error(office, error, teller)
        except (SlackApiError, *OUTCOME_UNKNOWN):
            saved["told"] = False
    raise Retry(_pause_s(job, error), saved)


def _pause_s(job: Job, error: Exception) -> float:
    """As long as Slack says; else longer from try to try."""
    if isinstance(error, SlackApiError):
        asked = error.response.headers.get("Retry-After") or error.response.headers.get("retry-after")
        if code_of(error) in SLOWED_DOWN and str(asked or "").isdecimal():
            return float(asked)
    return float(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_MS / 1000 * 2 ** min(job.tries - 1, 10)))


def _still_working(office: Office, teller_for: _TellerFor, job: Job) -> None:
    """A word after two seconds, for whoever waits."""
    try:
        teller_for(job, _client(office, job)).tell(office.desk.words.talk("still_working"))
    except (SlackApiError, NotInstalled, LeaseLost, StorageError, *OUTCOME_UNKNOWN) as error:
        log.info("nobody could be told that work goes on: %s", type(error).__name__)


def _client(office: Office, job: Job) -> JobClient:
    """The workspace's client for this job."""

    def after(method: str, outcome: str, answer: SlackResponse | None) -> None:
        called(method, outcome)
        if outcome in SLOWED_DOWN:
            slowed_down(method)
        if answer is not None:
            office.granted.note(job.workspace, answer.headers.get("x-oauth-scopes"))

    return JobClient(office.clients.of(job.workspace), job.ensure, after)
