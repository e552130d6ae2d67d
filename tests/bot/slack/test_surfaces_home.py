"""The Home tab and the messages tab."""

from __future__ import annotations

from typing import Any

from bot.sandbox.world import OpenView
from tests.bot.slack.harness import Bot, action_ids, texts


def home(bot: Bot, user: str) -> OpenView:
    """The tab as this person sees it after opening it now."""
    before = len(bot.calls("views.publish"))
    bot.slack.open_home(user)
    bot.wait(lambda: len(bot.calls("views.publish")) > before)
    bot.settled()
    return bot.slack.world.homes[user]


def urls(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["accessory"]["url"] for block in blocks if "url" in block.get("accessory", {})]


def test_a_first_home_says_what_this_is_and_how_old_the_prices_are(bot: Bot) -> None:
    view = home(bot, bot.person("bo")).view
    read = texts(view["blocks"])
    assert read.startswith("AWS or Azure for AI work\nI compare AWS and Azure for AI work: five questions")
    assert "No verdict of yours yet. `/whichcloud` starts one." in read
    newest = max(price.as_of for price in bot.office.desk.rulebook.catalogue.prices)
    assert f"The newest price is of {newest}." in read
    assert "Open conversations" not in read


def test_start_on_home_begins_in_a_direct_message(bot: Bot) -> None:
    bo = bot.person("bo")
    view = home(bot, bo)
    assert bot.slack.click_in_view(bo, view.id, "start").status == 200
    direct = bot.direct(bo)
    head = bot.wait(lambda: bot.top(direct, bo))[0]
    bot.button(bo, direct, head.ts, "answer:footprint:aws")
    bot.settled()
    assert (
        texts(head.blocks) == "*Which cloud for your AI workload?* Five questions, about a minute. Answers and result are in this thread."
    )


def test_a_start_that_comes_twice_begins_one_conversation(bot: Bot) -> None:
    bo = bot.person("bo")
    view = home(bot, bo)
    bot.slack.faults.disturb("duplicate")
    bot.slack.click_in_view(bo, view.id, "start")
    bot.settled()
    assert len(bot.top(bot.direct(bo), bo)) == 1


def test_home_lists_what_waits_and_what_was_advised(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.quick(alex, channel)
    view = home(bot, alex)
    read = texts(view.view["blocks"])
    assert f"*Open conversations*\n<#{channel}>: How do you train?" in read
    assert "*Stay on AWS.*" in read
    assert urls(view.view["blocks"]) == [f"{bot.slack.page_url}archives/{channel}/p{thread.replace('.', '')}"]
    assert "How do you train?" not in texts(home(bot, bo).view["blocks"])


def test_show_on_home_sends_the_verdict_to_its_owner(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.quick(alex, channel)
    view = home(bot, alex)
    bot.slack.click_in_view(alex, view.id, "show")
    direct = bot.direct(alex)
    (shown,) = bot.wait(lambda: bot.slack.world.messages.get(direct, []))
    assert texts(shown.blocks).startswith("*Stay on AWS.* Moving to Azure would save $7,892 a year")


def test_settings_on_home_are_for_editors(bot: Bot) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    view = home(bot, alex)
    bot.slack.click_in_view(alex, view.id, "settings")
    assert bot.form(alex).view["callback_id"] == "form_settings"
    bot.submit(alex)
    bot.settled()
    assert "settings" in action_ids(home(bot, alex).view["blocks"])
    assert "settings" not in action_ids(home(bot, bo).view["blocks"])


def test_the_messages_tab_suggests_how_to_begin(bot: Bot) -> None:
    alex = bot.person("alex")
    bot.slack.open_home(alex, "messages")
    prompts = bot.wait(lambda: bot.slack.world.prompts.get(bot.direct(alex)))
    assert [prompt["message"] for prompt in prompts] == ["Compare AWS and Azure for my workload", "prices A100", "help"]
    assert all("thread_ts" not in call for call in bot.calls("assistant.threads.setSuggestedPrompts"))
