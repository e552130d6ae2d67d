"""What a report says, from what is kept. No Slack in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from bot.changes import changed_lines
from bot.contract import verdict_of
from bot.desk import Desk
from bot.reply import report as reply
from bot.reply.elements import Message
from bot.storage import Report
from bot.view import view_of
from bot.words import Words

POST, UPDATE = "report", "report_update"  # the jobs that post one and update one


def lane(channel: str) -> str:
    return f"channel:{channel}"


def said_of(desk: Desk, workspace: str, verdict_id: str) -> tuple[reply.Reported, Words]:
    """A verdict as a report before anybody posts it. Raises Gone."""
    kept, advice = desk.verdict(workspace, verdict_id)
    words = desk.words_of(workspace, kept)
    private = reply.private_names(advice, words)
    return reply.Reported(view_of(advice, words), reply.basis_of(advice), private, kept.asked_by, kept.day), words


def message_of(desk: Desk, workspace: str, report: Report, url: str) -> Message:
    """The report as it reads in its channel; `url` leads to its thread."""
    said, words = said_of(desk, workspace, report.verdict)
    said = replace(said, posted_by=report.asked_by, note=report.note, url=url, update=update_of(desk, workspace, report))
    return reply.report(said, report.id, f"{report.id[:8]}-{report.verdict}", words)


def update_of(desk: Desk, workspace: str, report: Report) -> reply.Update | None:
    """What the report showed before, and what changed since; None where it was never updated."""
    if report.updated_at is None:
        return None
    before, was = desk.verdict(workspace, report.before)
    kept, advice = desk.verdict(workspace, report.verdict)
    changed = changed_lines(was, advice, desk.words_of(workspace, kept))
    return reply.Update(report.updated_by, report.updated_at.astimezone(UTC).date(), verdict_of(before.outputs), changed)
