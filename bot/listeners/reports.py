"""Reports: the form that posts one, from a verdict or by `/whichcloud report`, and what is pressed on a report and around it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from bot import ids
from bot.conversation import Conversation
from bot.delivering import claim_of
from bot.desk import Gone, check_may_act
from bot.listeners.payload import Click, Forged, Payload, Where, channel_chosen, conversation_of, form_of, part, trigger_of, where_of, word
from bot.listeners.payload import timestamp as timestamp_or_forged
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply import report as reply
from bot.reply.elements import mention, short
from bot.reply.verdict import detail
from bot.reported import POST, UPDATE, lane, said_of
from bot.storage import NewJob, Report, Verdict, Workspace

_MENTIONED = re.compile(r"<#([CG][A-Z0-9]{1,30})(?:\|[^<>]*)?>")
_PLACE = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_GENERAL = "general"
_NAME_CHARS = 80


# -- the form ----------------------------------------------------------------------------------------------------------


def open_form(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """From 'Post report' on a verdict, and from 'Choose another channel' where a report was refused."""
    if click.part(1) == reply.CHOOSE:
        report = _own(office, click)
        _open(office, teller, trigger_of(body), report.verdict, reply.Opening(note=report.note))
        return
    conversation = _conversation(office, click.where, conversation_of(click.value))
    if click.where.channel is not None and click.where.channel != conversation.channel:
        raise Gone
    _open(office, teller, trigger_of(body), click.value, reply.Opening())


def from_command(office: Office, teller: Teller, body: Payload) -> None:
    """`/whichcloud report [#channel]`: nothing is posted without a look at it, so this opens the form."""
    _, _, wanted = word(body, "text").strip().partition(" ")
    with office.desk.database.reading(teller.where.workspace) as work:
        verdict = newest_verdict(work, teller.where.channel or "", teller.where.user)
    if verdict is None:
        teller.tell(office.desk.words.talk("report_of_nothing"))
        return
    channel, unknown = channel_typed(wanted.strip(), body)
    _open(office, teller, trigger_of(body), verdict.id, reply.Opening(channel=channel, unknown=unknown))


def newest_verdict(work: Workspace, channel: str, user: str) -> Verdict | None:
    """The newest that this person asked for in the newest conversation of the channel; else the newest of theirs."""
    conversation = work.newest_in_channel(channel)
    here = [each for each in work.verdicts_in(conversation.id) if each.asked_by == user] if conversation else []
    return here[-1] if here else next(iter(work.verdicts_of(user, 1)), None)


def channel_typed(wanted: str, body: Payload) -> tuple[str, str]:
    """The channel that the form opens with, and what was typed for one that nobody can look up: a name needs a scope we do not ask for.

    Without a word it is the channel of the command, but never the one for everybody.
    """
    here, name = word(body, "channel_id"), word(body, "channel_name")
    mentioned = _MENTIONED.fullmatch(wanted)
    if mentioned:
        return mentioned[1], ""
    if wanted and wanted.removeprefix("#") != name:
        return "", short(wanted, _NAME_CHARS)
    public = here.startswith(("C", "G")) and (bool(wanted) or name != _GENERAL)
    return (here, "") if public else ("", "")


def _open(office: Office, teller: Teller, trigger: str, verdict_id: str, opening: reply.Opening) -> None:
    where = teller.where
    conversation = _conversation(office, where, conversation_of(verdict_id))
    said, words = said_of(office.desk, where.workspace, verdict_id)
    with office.desk.database.reading(where.workspace) as work:
        standing = tuple(_standing(each, verdict_id) for each in work.reports_of(conversation.id) if each.ts)
    said = replace(said, posted_by=where.user)
    opening = replace(opening, private=conversation.private, metadata=_metadata(verdict_id, where), standing=standing)
    teller.client.views_open(trigger_id=trigger, view=reply.report_form(said, opening, words))


def _standing(report: Report, verdict_id: str) -> reply.Standing:
    day = (report.updated_at or report.asked_at).date()
    return reply.Standing(report.channel, mention(report.asked_by), day, report.verdict == verdict_id, report.url)


def _metadata(verdict_id: str, where: Where) -> str:
    """What the form carries: the verdict, and where whoever opened it is told of its end."""
    return ids.action(verdict_id, where.channel or "", where.thread or "")


def _read_metadata(view: Payload) -> tuple[str, str | None, str | None]:
    verdict_id, _, place = word(view, "private_metadata").partition(ids.SEPARATOR)
    channel, _, thread = place.partition(ids.SEPARATOR)
    if channel and not _PLACE.fullmatch(channel):
        raise Forged
    return verdict_id, channel or None, timestamp_or_forged(thread) if thread else None


# -- the form comes back -----------------------------------------------------------------------------------------------


def check(office: Office, body: Payload) -> dict[str, str]:
    """What is wrong, by block: once for each channel, that a report stands there already. Raises Gone, NotYours and Forged."""
    where, view = where_of(body), form_of(body)
    verdict_id, *_ = _read_metadata(view)
    conversation = _conversation(office, where, conversation_of(verdict_id))
    channel, own = _channel(view), _report_id(where, view)
    with office.desk.database.workspace(where.workspace) as work:
        if work.verdict(verdict_id) is None:
            raise Gone
        there = [each for each in work.reports_of(conversation.id) if each.ts and each.channel == channel and each.id != own]
        if not there or not work.first_time(f"warned:{where.user}:{view['id']}:{channel}"):
            return {}
    same = [each for each in there if each.verdict == verdict_id]
    return {reply.CHANNEL: office.desk.words.talk("report_twice", _standing((same or there)[-1], verdict_id))}


def taken(office: Office, teller: Teller, body: Payload) -> None:
    """A report that somebody wants: kept, and posted in the lane of its channel."""
    where, view = teller.where, form_of(body)
    verdict_id, told_in, thread = _read_metadata(view)
    conversation = _conversation(office, where, conversation_of(verdict_id))
    report_id, channel = _report_id(where, view), _channel(view)
    placed = replace(teller, where=replace(where, channel=told_in, thread=thread))
    with office.desk.database.workspace(where.workspace) as work:
        if work.verdict(verdict_id) is None:
            raise Gone
        if work.enqueue(_job(POST, placed, channel, report_id)):
            work.add_report(report_id, conversation.id, verdict_id, channel, where.user, _note(view))


def _channel(view: Payload) -> str:
    return channel_chosen(part(part(view["state"]["values"], reply.CHANNEL), reply.CHANNEL))


def _note(view: Payload) -> str:
    typed = word(part(part(view["state"]["values"], reply.NOTE), reply.NOTE), "value")
    return typed.strip()[: reply.NOTE_CHARS]


def _report_id(where: Where, view: Payload) -> str:
    """The same form, sent twice, is the same report."""
    return _digest(where.workspace, where.user, word(view, "id"))


def _digest(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()[:24]


def _job(kind: str, teller: Teller, channel: str, report_id: str, **more: str) -> NewJob:
    """In the lane of the channel: Slack takes about one message a second there, and says per channel when to wait."""
    args = {"report": report_id, "teller": teller.as_args(), **more}
    after = teller.job.taken.id if teller.job else 0
    return NewJob(f"{kind}:{report_id}:{teller.cause}", lane(channel), kind, args, teller.where.user, after=after)


# -- what is pressed on a report ---------------------------------------------------------------------------------------


def pressed(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """`reported:WHAT`, with the id of the report."""
    press = _PRESSES.get(click.part(1))
    if press is None:
        raise Forged
    press(office, click, _beside(click, teller))


def _beside(click: Click, teller: Teller) -> Teller:
    """Under a message that nobody answered yet, Slack shows nobody what only they should see: so it goes beside it."""
    return replace(teller, where=replace(teller.where, thread=None)) if click.where.thread == click.message else teller


def again(office: Office, click: Click, teller: Teller) -> None:
    """The same report to the same channel, by whoever asked for it. What nobody could tell of then is posted anew: they looked."""
    report, (_, claim) = _own(office, click), ids.read_claimed(click.value)
    with office.desk.database.workspace(click.where.workspace) as work:
        post = work.report_post(report.id)
        if post is not None and post.state == "unknown" and claim_of(post) == claim:
            work.drop_report_post(report.id, post)
        work.enqueue(_job(POST, teller, report.channel, report.id))


def direct(office: Office, click: Click, teller: Teller) -> None:
    """A copy of the report for whoever asked for it, where its channel did not take it: that may still be tried again beside it."""
    report, user = _own(office, click), click.where.user
    copy = _digest(report.id, user)
    with office.desk.database.workspace(click.where.workspace) as work:
        work.add_report(copy, report.conversation, report.verdict, user, user, report.note)
        work.enqueue(_job(POST, teller, user, copy))


def update(office: Office, click: Click, teller: Teller) -> None:
    """The newest verdict in place of the one that stands there, by whoever posted it, and by all who read the thread that it is from."""
    report = _report(office, click)
    conversation = _conversation(office, click.where, report.conversation)
    talk = office.desk.words.talk
    if click.where.user != report.asked_by and click.where.channel != conversation.channel:
        teller.tell(talk("report_not_yours", mention(report.asked_by) if report.asked_by else ""))
        return
    with office.desk.database.workspace(click.where.workspace) as work:
        newest = work.verdicts_in(conversation.id)[-1]
        if newest.id != report.verdict:
            work.enqueue(_job(UPDATE, teller, report.channel, report.id, verdict=newest.id))
            return
    teller.tell(talk("report_is_newest", reply.place(report.channel)))


def lines(office: Office, click: Click, teller: Teller) -> None:
    """Every line and price that the report rests on, for whoever reads it there."""
    report = _report(office, click)
    if click.where.channel != report.channel:
        raise Gone
    for message in detail("lines", office.desk.view(click.where.workspace, report.verdict), report.verdict):
        teller.show(message)


_PRESSES: dict[str, Callable[[Office, Click, Teller], None]] = {
    reply.AGAIN: again,
    reply.DIRECT: direct,
    reply.UPDATE: update,
    reply.LINES: lines,
}


# -- what is looked up -------------------------------------------------------------------------------------------------


def _report(office: Office, click: Click) -> Report:
    with office.desk.database.reading(click.where.workspace) as work:
        report = work.report(ids.read_claimed(click.value)[0])
    if report is None:
        raise Gone
    return report


def _own(office: Office, click: Click) -> Report:
    """A report that this person asked for. Raises Gone."""
    report = _report(office, click)
    if report.asked_by != click.where.user:
        raise Gone
    return report


def _conversation(office: Office, where: Where, conversation_id: str) -> Conversation:
    """Raises Gone and NotYours."""
    with office.desk.database.reading(where.workspace) as work:
        conversation = work.conversation(conversation_id)
    check_may_act(conversation, where.user)
    assert conversation is not None
    return conversation
