"""Posts reports into channels and updates them, in the lane of the channel. What Slack refuses is told with the buttons that help."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from slack_sdk.errors import SlackApiError

from bot.conversation import Conversation
from bot.delivering import Delivery, Doubt, Place, claim_of
from bot.desk import Desk, Gone
from bot.jobs import Done, Job, Retry
from bot.listeners.telling import Teller
from bot.office import Office
from bot.postings import SlotClaims
from bot.refusals import CHANNEL_CLOSED, NOT_IN_CHANNEL, NOT_TO_BE_UPDATED, OUTCOME_UNKNOWN, SLOWED_DOWN, code_of
from bot.reply import report as reply
from bot.reported import UPDATE, message_of, update_of
from bot.storage import Post, Report

REST: Final = Done(rest_s=1)  # Slack takes about one message a second in a channel
SLOWED_AFTER_S: Final = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportClaims:
    """What is kept of the message of one report."""

    desk: Desk
    workspace: str
    report: str

    def read(self) -> Post | None:
        with self.desk.database.reading(self.workspace) as work:
            return work.report_post(self.report)

    def claim(self, digest: str) -> bool:
        with self.desk.database.workspace(self.workspace) as work:
            return work.claim_report(self.report, digest)

    def posted(self, channel: str, ts: str, digest: str) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.report_posted(self.report, channel, ts, digest)

    def release(self) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.release_report(self.report)

    def doubtful(self) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.mark_report_unknown(self.report)

    def drop(self, read: Post) -> None:
        with self.desk.database.workspace(self.workspace) as work:
            work.drop_report_post(self.report, read)


@dataclass(frozen=True)
class _Work:
    """One report in hand. A job that is run again goes on where the one before stopped: the report says how far it came."""

    office: Office
    job: Job
    teller: Teller
    conversation: Conversation

    def post(self, report: Report) -> Done:
        """The report stands in its channel, however often this is run, and whoever asked for it knows where."""
        self._deliver(report)
        self._tell_where(report.id, anew=False)
        return REST

    def update(self, report: Report, verdict_id: str) -> Done:
        """The report shows the verdict in its place, says what changed, and says so in its own thread too."""
        if report.verdict != verdict_id and not self._replaced(report, verdict_id):
            self._let_go(report, verdict_id)
        now = self.kept(report.id)
        if now.state != "posted" or not now.digest:
            self._deliver(now)
            self._tell_where(report.id, anew=True)
            return REST
        self._reply(now)
        self.tell_once("report_changed", reply.place(now.channel), now.url)
        return REST

    # -- one message -----------------------------------------------------------------------------------------------

    def _deliver(self, report: Report) -> None:
        claims = self._claims(report)
        place = Place(report.channel)
        stub = "" if self.office.granted.can_look(self.job.workspace, place) else self.talk("report_stub")
        message = message_of(self.office.desk, self.job.workspace, report, self._thread())
        Delivery(self.teller.client, place, f"report:{report.id}:{report.verdict}", claims, stub).deliver(message)

    def _replaced(self, report: Report, verdict_id: str) -> bool:
        """Whether Slack took the new version in place of the old one; False where the message is gone."""
        if report.ts is None:
            return False
        now = self.office.desk.clock()
        after = replace(report, before=report.verdict, verdict=verdict_id, updated_by=self.job.person, updated_at=now)
        message = message_of(self.office.desk, self.job.workspace, after, self._thread())
        try:
            Delivery(self.teller.client, Place(report.channel), "", self._claims(report)).update(report.ts, message)
        except SlackApiError as error:
            if code_of(error) not in NOT_TO_BE_UPDATED:
                raise
            return False
        self._shows(report, verdict_id)
        return True

    def _let_go(self, report: Report, verdict_id: str) -> None:
        """Its message is gone: it will be posted anew, with the verdict."""
        post = self._claims(report).read()
        with self.office.desk.database.workspace(self.job.workspace) as work:
            work.show_in_report(report.id, verdict_id, self.job.person)
            if post is not None and post.state == "posted":
                work.drop_report_post(report.id, post)

    def _reply(self, report: Report) -> None:
        """A word in the thread of the report, for those who read it before."""
        update = update_of(self.office.desk, self.job.workspace, report)
        if update is None or report.ts is None:
            return
        slot = f"report.{report.id}.{report.verdict}"
        claims = SlotClaims(self.office.desk, self.job.workspace, report.conversation, slot)
        delivery = Delivery(self.teller.client, Place(report.channel, report.ts), f"{report.conversation}:{slot}", claims)
        try:
            delivery.deliver(reply.changed(update, self.office.desk.words))
        except Doubt:
            log.info("nobody can tell whether a reply to a report stands")

    def _shows(self, report: Report, verdict_id: str) -> None:
        with self.office.desk.database.workspace(self.job.workspace) as work:
            work.show_in_report(report.id, verdict_id, self.job.person)

    def _claims(self, report: Report) -> ReportClaims:
        return ReportClaims(self.office.desk, self.job.workspace, report.id)

    # -- words -----------------------------------------------------------------------------------------------------

    def _thread(self) -> str:
        """The link to the thread of the verdict; none into a direct message."""
        return "" if self.conversation.private else self.teller.link(self.conversation.channel, self.conversation.thread)

    def talk(self, sentence: str, *values: object) -> str:
        return self.office.desk.words.talk(sentence, *values)

    def kept(self, report_id: str) -> Report:
        with self.office.desk.database.reading(self.job.workspace) as work:
            report = work.report(report_id)
        if report is None:
            raise Gone
        return report

    def _tell_where(self, report_id: str, *, anew: bool) -> None:
        """Whoever asked for it learns where it stands, and so do the forms that will name it."""
        report = self.kept(report_id)
        url = self.teller.link(report.channel, report.ts)
        with self.office.desk.database.workspace(self.job.workspace) as work:
            work.link_report(report_id, url)
        self.tell_once("report_posted", reply.place(report.channel), url, anew)

    def tell_once(self, sentence: str, *values: object) -> None:
        """Once, but for a worker that is killed right after."""
        if not self.job.saved.get("answered"):
            self.teller.tell(self.talk(sentence, *values))
            self.job.keep({**self.job.saved, "answered": True})

    def tell_refused(self, report: Report, why: str, claim: str = "") -> None:
        updating, words = self.job.taken.kind == UPDATE, self.office.desk.words
        refused = reply.not_taken(report, why, updating=updating, private=self.conversation.private, words=words, claim=claim)
        self.teller.show(refused)

    def slowed(self, error: SlackApiError) -> Retry:
        """Whoever waits longer than people like to is told so, once."""
        asked = str(error.response.headers.get("Retry-After") or "")
        after_s = int(asked) if asked.isdecimal() else 1
        waits_s = (self.office.desk.clock() - self.job.taken.created_at).total_seconds() + after_s
        saved = dict(self.job.saved)
        if waits_s >= SLOWED_AFTER_S and "slowed" not in saved and self._told_slowed():
            saved["slowed"] = True
        return Retry(after_s, saved)

    def _told_slowed(self) -> bool:
        try:
            self.teller.tell(self.talk("report_slowed"))
        except (SlackApiError, *OUTCOME_UNKNOWN) as error:
            log.info("nobody could be told that Slack slows us down: %s", type(error).__name__)
            return False
        return True


def post(office: Office, job: Job, teller: Teller) -> Done | None:
    """Posts the report of job.args."""
    return _in_hand(office, job, teller, lambda hand, report: hand.post(report))


def update(office: Office, job: Job, teller: Teller) -> Done | None:
    """Shows the verdict of job.args in the report of job.args."""
    return _in_hand(office, job, teller, lambda hand, report: hand.update(report, job.args["verdict"]))


def _in_hand(office: Office, job: Job, teller: Teller, act: Callable[[_Work, Report], Done]) -> Done | None:
    with office.desk.database.reading(job.workspace) as work:
        report = work.report(job.args["report"])
        conversation = work.conversation(report.conversation) if report else None
    if report is None or conversation is None:
        return None  # deleted since, on somebody's request or because it was old
    hand = _Work(office, job, teller, conversation)
    try:
        return act(hand, report)
    except Doubt as doubt:
        hand.tell_refused(report, "unknown", claim_of(doubt.post))
    except SlackApiError as error:
        code = code_of(error)
        if code in SLOWED_DOWN:
            raise hand.slowed(error) from None
        if code not in NOT_IN_CHANNEL | CHANNEL_CLOSED:
            raise
        hand.tell_refused(report, "closed" if code in CHANNEL_CLOSED else "outside")
    return None
