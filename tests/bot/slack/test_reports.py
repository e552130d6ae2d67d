"""Reports in channels: posted once, updated in place, and in words where Slack does not take them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot import delivering, reported, reports
from bot.jobs import Done
from bot.listeners.payload import Where
from bot.listeners.telling import Teller
from bot.manifest import read_manifest
from bot.sandbox.world import Message
from bot.storage import NewJob
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import Bot, action_ids, texts
from tests.bot.slack.hostile import TEAM, click, conversation_in, interact

NOBODYS = "0" * 24


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel rests for a second after each report; here nobody has the time."""
    monkeypatch.setattr(reports, "REST", Done())


@pytest.fixture(scope="module")
def thread(shared: Bot) -> str:
    """A verdict of Alex's, for the tests that only post it."""
    found = shared.quick(shared.person("alex"), shared.channel("ml-platform"))
    shared.settled()
    return found


def report(bot: Bot, user: str, channel: str, thread: str, to: str, note: str = "") -> Message | None:
    """The report that this person posts from a verdict; None where no channel took it."""
    bot.press(user, channel, thread, "report")
    bot.submit(user, channel=to, note=note)
    return newest(bot, to)


def newest(bot: Bot, channel: str) -> Message | None:
    bot.settled()
    posted = [m for m in bot.slack.world.messages.get(channel, []) if "reported:update" in action_ids(m.blocks) and not m.deleted]
    return posted[-1] if posted else None


def told(bot: Bot, user: str, channel: str) -> str:
    """The newest that only this person sees there."""
    bot.settled()
    return bot.told(user, channel)[-1]


def refine(bot: Bot, user: str, channel: str, thread: str, **numbers: str) -> None:
    """Another verdict in the same thread."""
    bot.press(user, channel, thread, "numbers:refine")
    bot.submit(user, **numbers)
    bot.settled()


def refusal(bot: Bot, user: str, channel: str) -> Message:
    """The newest word that this person alone was told there, with its buttons."""
    bot.settled()
    return next(m for m in reversed(bot.slack.world.messages[channel]) if m.ephemeral_to == user)


def link(bot: Bot, channel: str, ts: str) -> str:
    return f"{bot.slack.api_url.removesuffix('api/')}archives/{channel}/p{ts.replace('.', '')}"


def standing(bot: Bot, channel: str) -> list[str]:
    """Every message for all that stands in a channel, its first line."""
    return [
        texts(m.blocks).partition("\n")[0]
        for m in bot.slack.world.messages.get(channel, [])
        if not (m.ephemeral_to or m.deleted or m.thread_ts)
    ]


# -- posting -----------------------------------------------------------------------------------------------------------


def test_a_report_stands_in_its_channel_once_and_its_poster_is_told_where(bot: Bot) -> None:
    alex, bo, channel, general = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform"), bot.channel("general")
    thread = bot.quick(alex, channel, ea_discount_pct="17.25")
    bot.press(bo, channel, thread, "report")
    form = bot.form(bo)
    preview = texts(form.view["blocks"])
    bot.slack.faults.disturb("duplicate")
    bot.submit(bo, channel=general, note="For the <board>")
    posted = newest(bot, general)
    assert posted is not None
    assert len(bot.top(general, alex)) == 1
    read = texts(posted.blocks)
    assert read.splitlines()[:3] == [
        f"*AWS or Azure for our AI workload?* <@{alex}> asked on {bot.office.desk.today()}, <@{bo}> posted it here. "
        f"<{link(bot, channel, thread)}|The thread with every number.>",
        f"*<@{bo}> adds:*",
        "&gt; For the &lt;board&gt;",
    ]
    assert "Counted and not shown, because private: EA discount." in read
    assert f"*{posted.text.partition('. ')[0]}." in preview
    assert told(bot, bo, channel) == f"Posted in <#{general}>: <{link(bot, general, posted.ts)}|show it>."

    bot.slack.click(alex, posted.ts, general, "reported:lines")
    bot.settled()
    assert [each.partition("\n")[0] for each in bot.told(alex, general)] == [
        "*The six lines of every plan*",
        "*Quantity times rate*",
        f"*Where each price comes from, as of {bot.office.desk.today()}; those that decide come first*",
    ]
    assert [each for each in ("17.25", "82.75", "0.8275") if each in bot.shown()] == []


def test_where_native_blocks_are_refused_the_table_comes_as_text_and_the_chart_as_a_picture(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(block: Any) -> bytes:
        drawn.append(block["title"])
        return b"a picture"

    monkeypatch.setattr(delivering, "draw_png", draw)
    alex, channel, general = bot.person("alex"), bot.channel("ml-platform"), bot.channel("general")
    thread = bot.quick(alex, channel)
    bot.settled()
    bot.slack.faults.fail("chat.update", "invalid_blocks")
    posted = report(bot, alex, channel, thread, general)
    assert posted is not None
    assert {"table", "data_visualization"} & {block["type"] for block in posted.blocks} == set()
    assert "now: $3,488, 3x: $10,481, 10x: $34,908" in texts(posted.blocks)
    files = [bot.slack.world.files[id].name for m in bot.thread(general, posted.ts, alex) for id in m.files]
    assert (files, drawn) == (["cost-lines.png"], ["The six cost lines, a month"])


def test_a_channel_that_has_the_report_already_is_asked_about_once(bot: Bot) -> None:
    alex, channel, general = bot.person("alex"), bot.channel("ml-platform"), bot.channel("general")
    thread = bot.quick(alex, channel)
    assert report(bot, alex, channel, thread, general) is not None
    bot.press(alex, channel, thread, "report")
    form = bot.form(alex)
    assert texts(form.view["blocks"]).startswith(f"This verdict stands in <#{general}> already, posted by <@{alex}> on ")
    assert f"/archives/{general}/p" in texts(form.view["blocks"]).partition("\n")[0]
    bot.submit(alex, channel=general)
    day = bot.office.desk.today()
    warning = f"This verdict stands in that channel already, since {day}. To have one more there, press Post again."
    assert bot.form(alex).errors == {"channel": warning}
    bot.submit(alex, channel=general)
    assert bot.slack.world.top_view(alex) is None
    bot.settled()
    assert len(standing(bot, general)) == 2


def test_a_private_verdict_is_posted_by_its_owner_without_a_link(bot: Bot) -> None:
    alex, bo, general = bot.person("alex"), bot.person("bo"), bot.channel("general")
    direct = bot.direct(alex)
    thread = bot.quick(alex, direct)
    bot.press(alex, direct, thread, "report")
    assert texts(bot.form(alex).view["blocks"]).startswith("*This verdict is in your direct message with me.*")
    bot.submit(alex, channel=general)
    posted = newest(bot, general)
    assert posted is not None
    assert ("The thread with every number" in texts(posted.blocks), direct in str(posted.blocks)) == (False, False)
    refine(bot, alex, direct, thread, gpus="64")
    bot.slack.click(bo, posted.ts, general, "reported:update")
    assert told(bot, bo, general).startswith("This is somebody else's private conversation with me.")
    assert texts(posted.blocks) == texts(bot.top(general, bo)[0].blocks)


# -- where Slack does not take it --------------------------------------------------------------------------------------


def test_an_outsider_is_invited_and_tries_again(shared: Bot, thread: str) -> None:
    alex, channel, finops = shared.person("alex"), shared.channel("ml-platform"), shared.channel("finops")
    assert report(shared, alex, channel, thread, finops, note="Mind the cautions") is None
    assert told(shared, alex, channel).startswith(f"Slack would not let me post in <#{finops}>: I am not a member. Nothing is lost.")
    refused = refusal(shared, alex, channel)
    assert action_ids(refused.blocks) == ["reported:again", "report:choose", "reported:direct"]

    shared.slack.click(alex, refused.ts, channel, "reported:direct")
    shared.settled()
    (copy,) = [m for m in shared.slack.world.messages[shared.direct(alex)] if "reported:update" in action_ids(m.blocks)]
    assert "Mind the cautions" in texts(copy.blocks)
    assert told(shared, alex, channel).startswith("Posted in your direct message: <http")

    assert report(shared, alex, channel, thread, finops, note="Now for all") is None
    refused = refusal(shared, alex, channel)
    shared.slack.invite(alex, finops)
    shared.slack.click(alex, refused.ts, channel, "reported:again")
    posted = newest(shared, finops)
    assert posted is not None
    assert "Now for all" in texts(posted.blocks)

    shared.slack.click(alex, refused.ts, channel, "report:choose")
    form = shared.form(alex)
    assert [b["element"].get("initial_value") for b in form.view["blocks"] if b["type"] == "input"] == [None, "Now for all"]
    shared.slack.close(alex, form.id)


CLOSED = {
    "board": "Slack would not let me post in {place}: I am not a member.",  # private, and unknown to the bot
    "old-project": "{place} does not take posts from me (archived, or only some may post).",
    "announcements": "{place} does not take posts from me (archived, or only some may post).",
}


def test_a_channel_that_takes_no_report_is_named_with_the_reason(shared: Bot, thread: str) -> None:
    alex, channel = shared.person("alex"), shared.channel("ml-platform")
    for name, says in CLOSED.items():
        closed = shared.channel(name)
        assert report(shared, alex, channel, thread, closed) is None
        assert (name, told(shared, alex, channel).startswith(says.format(place=f"<#{closed}>"))) == (name, True)
        assert standing(shared, closed) == []


def test_sent_to_me_and_tried_again_at_once_it_comes_once_to_each(bot: Bot) -> None:
    alex, channel, finops = bot.person("alex"), bot.channel("ml-platform"), bot.channel("finops")
    thread = bot.quick(alex, channel)
    assert report(bot, alex, channel, thread, finops) is None
    refused = refusal(bot, alex, channel)
    bot.slack.invite(alex, finops)
    with ThreadPoolExecutor(4) as people:
        for _ in people.map(lambda press: bot.slack.click(alex, refused.ts, channel, press), ["reported:direct", "reported:again"] * 2):
            pass
    bot.settled()
    direct = [m for m in bot.slack.world.messages[bot.direct(alex)] if "reported:update" in action_ids(m.blocks)]
    assert (len(standing(bot, finops)), len(direct)) == (1, 1)


def test_a_report_of_which_nobody_can_tell_is_posted_again_once_by_its_button(rulebook: Rulebook, tmp_path: Path) -> None:
    """It may look in channels, and Slack does not let it."""
    scopes = [*read_manifest()["oauth_config"]["scopes"]["bot"], "channels:history"]
    with checked(rulebook, tmp_path, scopes=scopes) as bot:
        alex, channel, general = bot.person("alex"), bot.channel("ml-platform"), bot.channel("general")
        thread = bot.quick(alex, channel)
        bot.settled()
        bot.slack.faults.fail("conversations.history", "missing_scope", times=9)
        bot.slack.faults.drop("chat.postMessage", when="before")
        assert report(bot, alex, channel, thread, general) is None
        refused = bot.wait(lambda: refusal(bot, alex, channel))
        bot.slack.faults.drop("chat.postMessage", when="before")
        bot.slack.click(alex, refused.ts, channel, "reported:again")
        newer = refusal(bot, alex, channel)
        assert newer.ts != refused.ts
        bot.slack.click(alex, refused.ts, channel, "reported:again")  # of a doubt that is over
        bot.settled()
        assert standing(bot, general) == []
        bot.slack.click(alex, newer.ts, channel, "reported:again")
        bot.settled()
        assert len(standing(bot, general)) == 1


def test_who_waits_for_slack_is_told_so(shared: Bot, thread: str) -> None:
    alex, channel, general = shared.person("alex"), shared.channel("ml-platform"), shared.channel("general")
    shared.settled()
    shared.slack.faults.rate_limit("chat.postMessage", retry_after_s=60)
    shared.press(alex, channel, thread, "report")
    shared.submit(alex, channel=general)
    shared.wait(lambda: shared.told(alex, channel)[-1:] == ["Slack is slowing us down; your report will follow."])
    with shared.database.queue() as queue:
        (waits,) = queue.listed(["ready"], 10)
        assert (waits.kind, waits.lane) == ("report", f"channel:{general}")
        assert queue.cancel(waits.id), "nobody waits a minute here"


# -- updating ----------------------------------------------------------------------------------------------------------


def test_an_update_shows_the_newest_verdict_in_place_and_says_what_changed(bot: Bot) -> None:
    alex, bo, channel, general = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform"), bot.channel("general")
    thread = bot.quick(alex, channel)
    posted = report(bot, alex, channel, thread, general)
    assert posted is not None
    bot.slack.click(alex, posted.ts, general, "reported:update")
    assert told(bot, alex, general).startswith(f"Nothing has changed: the report in <#{general}> shows the newest verdict already.")

    refine(bot, alex, channel, thread, gpus="64")
    bot.slack.click(bo, posted.ts, general, "reported:update")
    assert told(bot, bo, general) == f"Only <@{alex}> may update this report here. Who takes part in its thread may do it there."
    bot.slack.faults.disturb("duplicate")
    bot.slack.click(alex, posted.ts, general, "reported:update")
    now = newest(bot, general)
    assert now is not None
    changed = [
        f"*Updated on {bot.office.desk.today()}* by <@{alex}>; was: *Stay on AWS.*",
        "Changed: GPUs 8 → 64.",
        "AWS $3,488 → $11,100 a month. The advice is the same.",
    ]
    assert (now.ts, texts(now.blocks).splitlines()[1:4]) == (posted.ts, changed)
    assert [texts(m.blocks).splitlines() for m in bot.thread(general, posted.ts, bo)] == [changed]
    assert told(bot, alex, general).startswith(f"The report in <#{general}> shows the newest verdict now: <http")

    id = conversation_in(bot, channel, thread).id
    with bot.database.workspace(TEAM) as work:  # as if the worker had been killed right before its end was written down
        (kept,) = work.reports_of(id)
        teller = Teller(WebClient(), Where(TEAM, alex, general))
        args = {"report": kept.id, "verdict": kept.verdict, "teller": teller.as_args()}
        work.enqueue(NewJob("once more", reported.lane(general), reported.UPDATE, args, alex))
        work.enqueue(NewJob("and posted once more", reported.lane(general), reported.POST, args, alex))
    assert newest(bot, general) == now
    assert (texts(now.blocks).splitlines()[1:4], len(bot.thread(general, posted.ts, bo)), len(standing(bot, general))) == (changed, 1, 1)


def test_whoever_reads_the_thread_may_update_from_the_newer_verdict_even_what_is_gone(bot: Bot) -> None:
    alex, bo, channel, general = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform"), bot.channel("general")
    thread = bot.quick(alex, channel)
    assert report(bot, alex, channel, thread, general) is not None
    refine(bot, alex, channel, thread, gpus="64")
    verdict = bot.button(bo, channel, thread, "reported:update")
    assert f"The report in <#{general}> shows the verdict before this one." in texts(verdict.blocks)
    bot.slack.click(bo, verdict.ts, channel, "reported:update")
    now = newest(bot, general)
    assert now is not None
    assert f"by <@{bo}>; was: *Stay on AWS.*" in texts(now.blocks)
    assert told(bot, bo, channel).startswith(f"The report in <#{general}> shows the newest verdict now")

    refine(bot, alex, channel, thread, gpus="16")
    verdict = bot.button(alex, channel, thread, "reported:update")
    now.deleted = True
    bot.slack.click(alex, verdict.ts, channel, "reported:update")
    anew = newest(bot, general)
    assert anew is not None
    assert (len(standing(bot, general)), "Changed: GPUs 64 → 16." in texts(anew.blocks)) == (1, True)
    assert told(bot, alex, channel).startswith(f"The report's message is gone, so I posted it anew in <#{general}>: <http")


# -- the command -------------------------------------------------------------------------------------------------------


def chosen(bot: Bot, user: str) -> tuple[Any, str]:
    """The channel that the open form begins with, and its first words; the form is closed again."""
    form = bot.form(user)
    (pick,) = [block["element"] for block in form.view["blocks"] if block.get("block_id") == "channel"]
    bot.slack.close(user, form.id)
    bot.settled()
    return pick.get("initial_conversation"), texts(form.view["blocks"]).partition("\n")[0]


def test_the_command_opens_the_form_and_posts_nothing(bot: Bot) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    channel, general, finops, direct = bot.channel("ml-platform"), bot.channel("general"), bot.channel("finops"), bot.direct(alex)
    assert bot.asked(bo, channel, "report").startswith("There is no verdict of yours to report yet.")
    bot.quick(alex, channel)
    bot.settled()
    unknown = "I cannot look up #finops by its name. Choose the channel here."
    for place, typed, opens_with in (
        (channel, "report", (channel, "Post to")),
        (general, "report", (None, "Post to")),
        (direct, "report", (None, "Post to")),
        (general, "report #general", (general, "Post to")),
        (channel, "report #ml-platform", (channel, "Post to")),
        (channel, "REPORT #finops", (None, unknown)),
        (channel, f"report <#{finops}|finops>", (finops, "Post to")),
        (channel, "report <!channel>", (None, "I cannot look up &lt;!channel&gt; by its name. Choose the channel here.")),
    ):
        bot.command(alex, place, typed)
        assert (typed, chosen(bot, alex)) == (typed, opens_with)
    assert standing(bot, general) == []

    bot.quick(alex, direct, footprint="azure")
    bot.settled()
    for place, first in ((channel, "Stay on AWS."), (general, "Stay on Azure.")):  # of the channel; else of the person
        bot.command(alex, place, "report")
        form = bot.form(alex)
        assert (place, f"*{first}" in texts(form.view["blocks"])) == (place, True)
        bot.slack.close(alex, form.id)
        bot.settled()


# -- what nobody gave out ----------------------------------------------------------------------------------------------


def test_reports_of_others_and_of_nobody_are_out_of_reach(shared: Bot, thread: str) -> None:
    alex, bo, channel, board = shared.person("alex"), shared.person("bo"), shared.channel("ml-platform"), shared.channel("board")
    assert report(shared, alex, channel, thread, board) is None
    refused = refusal(shared, alex, channel)
    theirs = next(e["value"] for b in refused.blocks for e in b.get("elements", []))
    before = shared.calls("chat.postMessage")
    for value in (theirs, NOBODYS, "", "%"):
        for action in ("reported:again", "reported:direct", "reported:lines", "report:choose", "reported:Xyzzy"):
            press(shared, bo, channel, thread, action, value)
    assert shared.slack.world.top_view(bo) is None
    assert shared.calls("chat.postMessage") == before
    assert {said.partition(":")[0] for said in shared.told(bo, channel)} == {"I no longer have that conversation"}


def press(bot: Bot, user: str, channel: str, thread: str, action: str, value: str) -> None:
    interact(bot, click(user, action, value, channel, thread))
    bot.settled()
