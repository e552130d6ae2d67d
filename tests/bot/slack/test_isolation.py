"""Nobody of one workspace reaches into another, whatever ids they send: every listener and every kind of job is tried.

What belongs to a workspace is read row by row before and after. Each thing that is sent is sent a second time by whoever may, in the
workspace that it belongs to, and does something there: so none of them is refused for another reason.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot import ids, reported
from bot.handlers import duties
from bot.listeners import clicks, commands, flow, inbox, reports, submissions
from bot.listeners.payload import Where
from bot.listeners.telling import Teller
from bot.manifest import OF_ORGANISATIONS
from bot.reply.report import CHOOSE
from bot.reply.verdict import DETAILS
from bot.sandbox.seed import ALEX
from bot.storage import NewJob
from engine.rulebook import Rulebook
from tests.bot.slack.harness import P6, Bot
from tests.bot.slack.hostile import FORM, JSON, click, signed, submission
from tests.bot.slack.neighbours import Neighbours, two_workspaces

SECRETS = ("17.25", "31.75", "Marked for us alone", "skunkworks")  # a discount, that of the settings, a note, the name of a channel
WORDS = ("Stay on", "$3,488", "Workload: ")  # of a verdict
LATER = "9999999999.5"


@dataclass(frozen=True)
class Target:
    """What somebody next door may have got to know of: all of it belongs to the first workspace."""

    alex: str
    channel: str
    direct: str
    thread: str  # of a verdict
    asking: str  # the thread of a conversation that asks its first question
    report_channel: str
    report_ts: str
    verdict: str
    report: str
    conversations: dict[str, str]  # by how far they are


@dataclass(frozen=True)
class Sent:
    """A request, by what it drives: a listener's id and what of it."""

    name: str
    body: str
    kind: str = FORM


@pytest.fixture(scope="module")
def near(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with two_workspaces(rulebook, tmp_path_factory.mktemp("neighbours")) as near:
        yield near


@pytest.fixture(scope="module")
def target(near: Neighbours) -> Target:
    """One of everything, with what nobody next door may ever read."""
    bot = near.bot
    alex, channel, finops = bot.person("alex"), bot.channel("ml-platform"), bot.channel("finops")
    bot.slack.world.channels[finops].name = "skunkworks"
    answered(bot, submission(alex, "form_settings", "0", {"editors": {"selected_users": [alex]}, "ea_discount_pct": "31.75"}))
    thread = bot.quick(alex, channel, ea_discount_pct="17.25")
    bot.slack.invite(alex, finops)
    bot.press(alex, channel, thread, "report")
    bot.submit(alex, channel=finops, note="Marked for us alone")
    report_ts = bot.wait(lambda: bot.top(finops, alex))[-1].ts
    places = {"asking": channel, "offered": channel, "stopped": channel, "private": bot.direct(alex)}
    threads = {name: bot.start(alex, place) for name, place in places.items()}
    bot.answer_all(alex, channel, threads["offered"])
    bot.settled()
    with bot.database.workspace(near.ours) as work:
        found = {name: work.conversation_in(places[name], at) for name, at in threads.items()}
        advised = work.conversation_in(channel, thread)
        assert advised is not None
        conversations = {name: each.id for name, each in found.items() if each} | {"advised": advised.id}
        (report,) = work.reports_of(advised.id)
    bot.command(alex, channel, "compare")  # beside the verdict
    bot.settled()
    stop: dict[str, Any] = {"selected_option": {"value": f"cancel:{conversations['stopped']}:1"}}
    answered(bot, click(alex, "menu", "", channel, threads["stopped"], **stop))
    verdict = f"{advised.id}-1-1"
    return Target(alex, channel, bot.direct(alex), thread, threads["asking"], finops, report_ts, verdict, report.id, conversations)


def answered(bot: Bot, payload: dict[str, Any]) -> None:
    assert signed(bot, urlencode({"payload": json.dumps(payload)})).status == 200
    bot.settled()


# -- what is sent ------------------------------------------------------------------------------------------------------


def presses(at: Target) -> dict[str, tuple[str, str]]:
    """Action id and value, by a name; each carries an id of the first workspace if it carries any."""
    asking, offered, stopped, private, advised = (at.conversations[each] for each in ("asking", "offered", "stopped", "private", "advised"))
    found = {
        "answer": ("answer:footprint:aws", f"{asking}:1"),
        "answer in private": ("answer:footprint:aws", f"{private}:1"),
        "not_sure": ("not_sure:footprint", f"{asking}:1"),
        "other": ("other:inference_regions", f"{asking}:1"),
        "change": ("change:training", f"{offered}:1"),
        "typical": ("typical", f"{offered}:1"),
        "numbers": ("numbers", f"{offered}:1"),
        "refine": ("numbers:refine", at.verdict),
        "resume": ("resume", f"{stopped}:1"),
        "ask": ("ask", at.verdict),
        "report": ("report", at.verdict),
        "choose": (f"report:{CHOOSE}", at.report),
        "up": ("feedback", f"up:{at.verdict}"),
        "down": ("feedback", f"down:{at.verdict}"),
        "start": ("start", ""),
        "direct": ("direct", ""),
        "show": ("show", at.verdict),
        "settings": ("settings", ""),
        "again": ("again:0", f"{advised} r1.offer@20260801000000000000"),
        "again a detail": ("again:0", f"{at.verdict}:why {at.verdict}.why.0@20260801000000000000"),
        "open": ("open", ""),
        "asked": ("asked:0", "When does a reserved GPU beat on demand?"),
        "adopt": ("adopt", f"{advised}:1:{LATER}"),
        "drop": ("drop", f"{advised}:1:{LATER}"),
    }
    found |= {
        "compare": ("compare:answer:rights:people", f"{advised}:1"),
        "compare not sure": ("compare:not_sure:data_place", f"{advised}:1"),
        "compare change": ("compare:change:rights", f"{advised}:1"),
        "compare stop": ("compare:cancel", f"{advised}:1"),
        "compare resume": ("compare:resume", f"{advised}:1"),
        "compare restart": ("compare:restart", f"{advised}:1"),
    }
    found |= {f"detail {name}": (f"detail:{name}", at.verdict) for name in DETAILS}
    found |= {f"reported {name}": (f"reported:{name}", at.report) for name in reports._PRESSES}
    return found | {"restart": ("restart", f"{advised}:1"), "forget": ("forget", "")}


def clicked(at: Target, user: str, team: str) -> Iterator[Sent]:
    for wish in (f"{ids.HELP}:footprint", *(f"{wish}:{at.conversations['asking']}:1" for wish in clicks._MENU)):
        chosen: dict[str, Any] = {"selected_option": {"value": wish}}
        yield interaction(f"menu {wish.partition(':')[0]}", click(user, ids.MENU, "", at.channel, at.asking, team=team, **chosen))
    for wish in (f"{ids.HELP}:rights", f"{ids.BACK}:{at.conversations['advised']}:1"):
        chosen = {"selected_option": {"value": wish}}
        pressed = click(user, f"{ids.COMPARE}:{ids.MENU}", "", at.channel, at.thread, team=team, **chosen)
        yield interaction(f"compare menu {wish.partition(':')[0]}", pressed)
    for name, (action_id, value) in presses(at).items():
        channel = at.direct if "private" in name else at.report_channel if "reported" in name else at.channel
        thread = at.report_ts if "reported" in name else at.thread
        yield interaction(name, click(user, action_id, value, channel, thread, team=team))


def filled(at: Target, user: str, team: str) -> Iterator[Sent]:
    advised, asking = at.conversations["advised"], at.conversations["asking"]
    picked = {"type": "conversations_select", "selected_conversation": at.channel}
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        ids.FORM_NUMBERS: (f"{advised}:{LATER}", {"gpus": "64"}),
        ids.FORM_QUICK: (f"{advised}:{LATER}", {name: {"selected_option": {"value": value}} for name, value in P6.items()}),
        ids.FORM_OTHER: (f"{asking}:{LATER}", {"inference_regions": "7"}),
        ids.FORM_ASK: (f"{advised}:{LATER}", {"question": "why"}),
        ids.FORM_REPORT: (f"{at.verdict}:{at.channel}:{at.thread}", {"channel": picked}),
        ids.FORM_SETTINGS: ("1", {"editors": {"selected_users": [user]}, "ea_discount_pct": "5"}),
    }
    for callback_id, (metadata, values) in forms.items():
        yield interaction(callback_id, submission(user, callback_id, metadata, values, team=team, view=f"V{time.monotonic_ns()}"))


def commanded(at: Target, user: str, team: str) -> Iterator[Sent]:
    words = {name: name for name in (*commands._WORDS, *commands._FORMS)} | {"nothing": "", "unknown": "strat"}
    for name, text in (
        words | {"prices": "prices A100", "cost": "cost egress --gb 5", "report": f"report <#{at.channel}|ml-platform>"}
    ).items():
        own = {"team_id": team, "user_id": user, "channel_id": at.channel, "command": ids.COMMAND, "text": text}
        yield Sent(f"command {name}", urlencode({**own, "trigger_id": f"{time.monotonic_ns()}.2.abc"}))


def told_of(at: Target, user: str, team: str) -> Iterator[Sent]:
    """Events; nobody but Slack sends them, about what somebody did where it says."""
    inner: dict[str, dict[str, Any]] = {
        "mention": {"type": "app_mention", "channel": at.channel, "text": "<@U0BOT001> we run on AWS"},
        "mention in a thread": {"type": "app_mention", "channel": at.channel, "thread_ts": at.asking, "text": "<@U0BOT001> we run on AWS"},
        "mention of a verdict": {"type": "app_mention", "channel": at.channel, "thread_ts": at.thread, "text": "<@U0BOT001> why"},
        "mention that compares": {
            "type": "app_mention",
            "channel": at.channel,
            "thread_ts": at.thread,
            "text": "<@U0BOT001> compare the platforms",
        },
        "direct message": {"type": "message", "channel_type": "im", "channel": at.direct, "text": "we run on AWS"},
        "reply": {"type": "message", "channel_type": "channel", "channel": at.channel, "thread_ts": at.asking, "text": "on AWS"},
        "home": {"type": "app_home_opened", "channel": at.direct, "tab": "home"},
        "messages": {"type": "app_home_opened", "channel": at.direct, "tab": "messages"},
    }
    for name, each in inner.items():
        yield event(name, {"user": user, "ts": f"{time.time():.6f}", **each}, team)


def shortcuts(at: Target, user: str, team: str) -> Iterator[Sent]:
    where = {"channel": {"id": at.channel}, "message": {"ts": at.thread, "text": "any"}, "message_ts": at.thread}
    who = {"team": {"id": team}, "user": {"id": user, "team_id": team}, "trigger_id": f"{time.monotonic_ns()}.2.abc"}
    yield interaction("shortcut", {"type": "message_action", "callback_id": ids.ADVISE_MESSAGE, "action_ts": LATER, **where, **who})


def interaction(name: str, payload: dict[str, Any]) -> Sent:
    return Sent(name, urlencode({"payload": json.dumps(payload)}))


def event(name: str, inner: dict[str, Any], team: str) -> Sent:
    body = {"type": "event_callback", "team_id": team, "event_id": f"Ev{time.monotonic_ns()}", "event": inner}
    return Sent(name, json.dumps(body), JSON)


KINDS: dict[str, Callable[[Target, str, str], Iterator[Sent]]] = {
    "shortcuts": shortcuts,
    "events": told_of,
    "commands": commanded,
    "forms": filled,
    "presses": clicked,
}


@dataclass
class Looking:
    """What one request changed and sent, seen from outside."""

    near: Neighbours
    before: dict[str, list[tuple[Any, ...]]]  # of the first workspace
    calls: int

    def assert_nothing_of_ours(self, name: str) -> None:
        after = self.near.rows(self.near.ours)
        changed = [table for table in {*self.before, *after} if self.before.get(table) != after.get(table)]
        assert (name, changed) == (name, [])
        assert (name, self.near.calls(self.near.ours, self.calls)) == (name, [])
        assert (name, [secret for secret in (*SECRETS, *WORDS) if secret in self.sent]) == (name, [])

    @property
    def sent(self) -> str:
        return "\n".join(f"{call.method} {call.args}" for call in self.near.bot.slack.recorded[self.calls :])


@contextmanager
def looking(near: Neighbours) -> Iterator[Looking]:
    near.bot.settled()
    looking = Looking(near, near.rows(near.ours), len(near.bot.slack.recorded))
    yield looking
    near.bot.settled()


def send(near: Neighbours, sent: Sent) -> None:
    assert signed(near.bot, sent.body, sent.kind).status == 200, sent.name


# -- what comes of it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("somebody", ["of their own", "with the id of one of ours"])
def test_what_is_sent_next_door_with_our_ids_changes_nothing_of_ours_and_shows_nothing(
    near: Neighbours, target: Target, kind: str, somebody: str
) -> None:
    user = near.other.here(ALEX.id) if somebody == "of their own" else target.alex
    for sent in KINDS[kind](target, user, near.theirs):
        with looking(near) as seen:
            send(near, sent)
        seen.assert_nothing_of_ours(sent.name)


def jobs_of_ours(at: Target, workspace: str) -> Iterator[NewJob]:
    """One of each kind that no listener lets through, as if its arguments led to another workspace."""
    form = submission(at.alex, ids.FORM_NUMBERS, f"{at.conversations['advised']}:{LATER}", {"gpus": "64"}, team=workspace)
    yield NewJob("form", f"thread:{at.channel}:{at.thread}", inbox.FORM, {"body": form, "cause": "form", "spare_id": "f" * 24}, at.alex)
    teller = Teller(WebClient(), Where(workspace, at.alex, at.channel, at.thread))
    more: dict[str, dict[str, str]] = {
        reported.POST: {"report": at.report},
        reported.UPDATE: {"report": at.report, "verdict": at.verdict},
        flow.SHOW: {"conversation": at.conversations["advised"], "asked_for": "yes"},
        flow.DETAIL: {"conversation": at.conversations["advised"], "verdict": at.verdict, "name": "why"},
        flow.POINT: {"conversation": at.conversations["advised"]},
        flow.TELL: {"text": "a word"},
    }
    for kind, args in more.items():
        yield NewJob(
            f"{kind}:{time.monotonic_ns()}", f"thread:{at.channel}:{at.thread}", kind, {**args, "teller": teller.as_args()}, at.alex
        )


def test_jobs_next_door_with_our_ids_change_nothing_of_ours_and_show_nothing(near: Neighbours, target: Target) -> None:
    for job in jobs_of_ours(target, near.theirs):
        with looking(near) as seen, near.bot.database.workspace(near.theirs) as work:
            assert work.enqueue(job)
        seen.assert_nothing_of_ours(job.kind)


def test_what_slack_says_next_door_of_tokens_and_organisations_ends_nothing_of_ours(near: Neighbours, target: Target) -> None:
    ours = near.bot.slack.world.bot.user_id
    events: dict[str, dict[str, Any]] = {
        "tokens_revoked": {"tokens": {"oauth": [target.alex], "bot": [ours]}},
        OF_ORGANISATIONS: {"team_ids": [near.ours]},
    }
    for name, inner in events.items():
        with looking(near) as seen:
            send(near, event(name, {"type": name, **inner}, near.theirs))
        seen.assert_nothing_of_ours(name)


def test_in_a_channel_that_is_shared_the_installation_counts_that_slack_sends_it_for(near: Neighbours, target: Target) -> None:
    """Whoever acts there may be of another workspace, and that is what the request says first."""
    inner = {"type": "app_mention", "channel": target.channel, "thread_ts": target.asking, "text": "<@U0BOT001> we run on AWS"}
    body = {"type": "event_callback", "team_id": near.ours, "authorizations": [{"team_id": near.theirs}], "event_id": "EvShared"}
    form = submission(target.alex, ids.FORM_NUMBERS, f"{target.conversations['advised']}:{LATER}", {"gpus": "64"}, team=near.ours)
    form["view"]["app_installed_team_id"] = near.theirs
    said = {"user": target.alex, "ts": f"{time.time():.6f}", **inner}
    for sent in (Sent("event", json.dumps({**body, "event": said}), JSON), interaction("form", form)):
        with looking(near) as seen:
            send(near, sent)
        seen.assert_nothing_of_ours(sent.name)
        assert near.calls(near.theirs, seen.calls)


def test_no_listener_and_no_kind_of_job_is_left_out(near: Neighbours, target: Target) -> None:
    """Whoever adds one adds a case."""
    every = [sent for kind in KINDS.values() for sent in kind(target, target.alex, near.theirs)]
    every += [event(name, {"type": name}, near.theirs) for name in ("app_uninstalled", "tokens_revoked", OF_ORGANISATIONS)]
    heard = {listener_of(near.bot, sent) for sent in every}
    assert heard == {*range(len(near.bot.app._listeners))}
    assert {value.partition(":")[0] for value, _ in presses(target).values()} | {"menu"} == {*clicks._PRESSES, *clicks._FORMS}
    for sent in [*told_of(target, target.alex, near.theirs), *(next(each(target, target.alex, near.theirs)) for each in KINDS.values())]:
        send(near, sent)
    ran = near.kinds(near.theirs) | {job.kind for job in jobs_of_ours(target, near.theirs)}
    assert ran == {*duties(near.bot.office)}
    assert {ids.FORM_SETTINGS, *submissions._FORMS} == {name for name in vars(ids).values() if str(name).startswith("form_")}


def listener_of(bot: Bot, sent: Sent) -> int:
    """Which of the app's listeners hears it first."""
    request, response = BoltRequest(body=sent.body, headers={"content-type": sent.kind}), BoltResponse(status=200)
    return next(at for at, each in enumerate(bot.app._listeners) if each.matches(req=request, resp=response))


def test_all_of_it_works_where_it_belongs(near: Neighbours, target: Target) -> None:
    """So nothing of the above was refused for another reason. To be forgotten comes last, and then it is gone for themselves too."""
    gone = near.bot.office.desk.words.talk("gone")
    for kind in KINDS.values():
        with looking(near) as seen:
            for sent in kind(target, target.alex, near.ours):
                if sent.name == "forget":
                    near.bot.settled()
                send(near, sent)
        assert [call.method for call in near.calls(near.ours, seen.calls) if gone in str(call.args)] == []


def test_an_uninstall_next_door_leaves_all_of_ours(near: Neighbours, target: Target) -> None:
    with looking(near) as seen:
        near.other.uninstall()
        near.bot.wait(lambda: near.rows(near.theirs) == {})
    seen.assert_nothing_of_ours("app_uninstalled")
