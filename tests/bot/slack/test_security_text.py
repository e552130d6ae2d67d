"""Markup in everything that a person can type: it alerts nobody, names nobody and links nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from bot.ids import FORM_ASK, FORM_NUMBERS, FORM_OTHER, FORM_QUICK, FORM_SETTINGS
from engine.rulebook import Rulebook
from tests.bot.slack.harness import P6, Bot
from tests.bot.slack.hostile import conversation_in, interact, submission

HOSTILE = {
    "everybody": "<!channel>",
    "who is here": "<!here>",
    "everyone": "<!everyone|everyone>",
    "a group": "<!subteam^S0ADMINS>",
    "somebody": "<@U0DANA01>",
    "a link": "<http://evil.example|x>",
    "a bare link": "http://evil.example",
    "a link out of code": "x` http://evil.example `y",
    "bold, code and an entity": "*b* `c` _i_ ~s~ &lt;!channel&gt; &amp;",
    "lines": "a\n<!channel>\n> b",
    "a date": "<!date^0^{date}^http://evil.example|x>",
}


def posted(value: Any) -> Iterator[str]:
    """Every text in what was sent, whatever its kind."""
    if isinstance(value, dict):
        for each in value.values():
            yield from posted(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from posted(each)
    elif isinstance(value, str):
        yield value


def harmful(bot: Bot) -> list[str]:
    """What was sent that alerts somebody, names somebody who took no part, or leads out of Slack."""
    texts = {text for _, _, given in bot.payloads() for text in posted(given)}
    return sorted(text for text in texts if _is_harmful(text, bot))


def _is_harmful(text: str, bot: Bot) -> bool:
    marked = re.findall(r"<([^>]*)>", text)
    ours = [f"@{bot.person('alex')}", "#C0ML", "#D0ALEX01", "https://example.slack.com/", bot.slack.page_url]
    strange = [each for each in marked if not each.startswith(tuple(ours))]
    outside_code = re.sub(r"`[^`]*`", "", text)
    return bool(strange) or "evil.example" in outside_code


@pytest.fixture
def direct(bot: Bot) -> str:
    return bot.direct(bot.person("alex"))


COMMANDS = ["", "prices ", "cost ", "cost egress --from ", "cost compute aws:us-east-1:", "help ", "history "]
MESSAGES = ["", "prices ", "cost ", "5 regions ", "we run on AWS, "]


def test_nothing_typed_behind_the_command_comes_back_as_markup(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    for before, text in product(COMMANDS, HOSTILE.values()):
        bot.slack.command(alex, channel, "/whichcloud", f"{before}{text}")
    bot.settled()
    assert harmful(bot) == []


def test_nothing_typed_in_a_direct_message_comes_back_as_markup(bot: Bot, direct: str) -> None:
    alex = bot.person("alex")
    thread = bot.start(alex, direct)
    for before, text in product(MESSAGES, HOSTILE.values()):
        bot.slack.say(alex, direct, f"{before}{text}", thread)
        bot.slack.say(alex, direct, f"{before}{text}")
    _all_heard(bot)
    assert harmful(bot) == []


def test_nothing_typed_in_a_thread_comes_back_as_markup(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    for text in HOSTILE.values():
        bot.slack.say(alex, channel, f"<@{bot.slack.world.bot.user_id}> {text}", thread)
        bot.slack.say(alex, channel, f"<@{bot.slack.world.bot.user_id}> prices {text}", thread)
    _all_heard(bot)
    assert harmful(bot) == []


def _all_heard(bot: Bot) -> None:
    """Events go out on a thread of their own: the last one is heard once its answer is there."""
    alex = bot.person("alex")
    bot.slack.say(alex, bot.direct(alex), "prices T4")
    bot.wait(lambda: any("T4-16GB" in text for _, _, given in bot.payloads() for text in posted(given)))
    bot.settled()


def test_no_field_of_a_form_comes_back_as_markup(bot: Bot, direct: str, rulebook: Rulebook) -> None:
    alex = bot.person("alex")
    thread = bot.start(alex, direct)
    bot.advised(alex, direct, thread)
    bot.settled()
    at = f"{conversation_in(bot, direct, thread).id}:9999999999.5"
    work = [field.id for field in rulebook.fields] + [each.id for each in rulebook.case_assumptions]
    people = {"editors": {"type": "multi_users_select", "selected_users": [alex]}}
    for text in HOSTILE.values():
        numbers = dict.fromkeys(work, text)
        interact(bot, submission(alex, FORM_ASK, at, {"question": text}, view=f"V{hash(text)}"))
        interact(bot, submission(alex, FORM_ASK, at, {"question": f"prices {text}"}, view=f"P{hash(text)}"))
        assert '"errors"' in interact(bot, submission(alex, FORM_OTHER, at, {"inference_regions": text})).body
        assert '"errors"' in interact(bot, submission(alex, FORM_NUMBERS, at, numbers)).body
        assert '"errors"' in interact(bot, submission(alex, FORM_QUICK, at, {**dict.fromkeys(P6, text), **numbers})).body
        assert '"errors"' in interact(bot, submission(alex, FORM_SETTINGS, "0", {**people, **numbers})).body
        chosen = {"editors": {"type": "multi_users_select", "selected_users": [text]}}
        assert '"errors"' in interact(bot, submission(alex, FORM_SETTINGS, "0", chosen)).body
        picked = {"channel": {"type": "conversations_select", "selected_conversation": text}}
        interact(bot, submission(alex, "form_report", f"{at.partition(':')[0]}-1-1", picked, view=f"R{hash(text)}"))
    assert harmful(bot) == []
