"""Reports of a conversation that stand in other channels, each claimed once before it is posted."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, select, update

from bot.storage.conversations import Conversations
from bot.storage.records import Post
from bot.storage.schema import reports

ReportState = Literal["waiting", "posting", "posted", "unknown"]


@dataclass(frozen=True)
class Report:
    """Which verdict stands in which channel, and who put it there. `note` is what they wrote to it; `before` is the verdict that it
    showed until it was updated; `url` leads to its message."""

    id: str
    conversation: str
    verdict: str
    channel: str
    asked_by: str
    asked_at: datetime
    note: str = field(repr=False)
    before: str
    updated_by: str
    updated_at: datetime | None
    url: str
    ts: str | None
    digest: str
    state: ReportState
    claimed_at: datetime


_REPORT = [reports.c[each.name] for each in fields(Report)]
_UNPOSTED = {"url": "", "ts": None, "digest": "", "state": "waiting"}


class Reports(Conversations):
    """A report is `waiting` until somebody claims it, `posting` from then on, then `posted`, or `unknown` where Slack's answer was lost."""

    def add_report(self, id: str, conversation: str, verdict: str, channel: str, user: str, note: str = "") -> bool:
        """False where the conversation is gone."""
        now = self._clock()
        who = {"asked_by": user, "asked_at": now, "note": note}
        never = {"before": "", "updated_by": "", "updated_at": None, "claimed_at": now, **_UNPOSTED}
        new = {"workspace": self.id, "id": id, "conversation": conversation, "verdict": verdict, "channel": channel}
        return self._has_conversation(conversation) and self._inserted(reports, **new, **who, **never)

    def report(self, id: str) -> Report | None:
        row = self._connection.execute(self._read_reports().where(reports.c.id == id)).first()
        return None if row is None else Report(**row._mapping)

    def report_post(self, id: str) -> Post | None:
        """Its message, as the posts of a conversation are kept; None where nobody claimed it."""
        kept = self.report(id)
        if kept is None or kept.state == "waiting":
            return None
        return Post("report", kept.ts, kept.digest, kept.state, kept.claimed_at)

    def reports_of(self, conversation: str) -> list[Report]:
        """Oldest first."""
        found = self._read_reports().where(reports.c.conversation == conversation)
        return [Report(**row._mapping) for row in self._connection.execute(found.order_by(reports.c.asked_at, reports.c.id))]

    def claim_report(self, id: str, digest: str) -> bool:
        """True for one caller: that one posts."""
        return self._change_report(id, reports.c.state == "waiting", state="posting", digest=digest, claimed_at=self._clock())

    def report_posted(self, id: str, channel: str, ts: str, digest: str) -> None:
        """Slack took it, in the channel that it says; also after an update of the same message."""
        self._change_report(id, channel=channel, ts=ts, digest=digest, state="posted")

    def release_report(self, id: str) -> None:
        """Slack surely did not take it, so anybody may claim it again."""
        self._change_report(id, reports.c.state == "posting", **_UNPOSTED)

    def mark_report_unknown(self, id: str) -> None:
        """Slack may have taken it."""
        self._change_report(id, reports.c.state == "posting", state="unknown")

    def link_report(self, id: str, url: str) -> None:
        """Where it can be read."""
        self._change_report(id, url=url)

    def drop_report_post(self, id: str, read: Post) -> bool:
        """It may be posted anew: its message is gone. Only while it is the one that was read."""
        as_read = (reports.c.state == read.state, reports.c.claimed_at == read.claimed_at)
        return self._change_report(id, *as_read, **_UNPOSTED)

    def show_in_report(self, id: str, verdict: str, user: str) -> bool:
        """The report shows this verdict from now on; False where it does already."""
        now = self._clock()
        return self._change_report(
            id, reports.c.verdict != verdict, before=reports.c.verdict, verdict=verdict, updated_by=user, updated_at=now
        )

    def _change_report(self, id: str, *only: ColumnElement[bool], **values: Any) -> bool:
        change = update(reports).where(and_(self._here(reports), reports.c.id == id, *only))
        return self._connection.execute(change.values(**values)).rowcount > 0

    def _read_reports(self) -> Select[Any]:
        return select(*_REPORT).where(self._here(reports))
