"""The main job, every step through the real bot: five answers, the verdict, a number refined, what would flip it."""

from __future__ import annotations

from tests.bot.slack.harness import Bot, texts


def test_five_answers_give_the_verdict_with_its_table_and_chart(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    verdict = bot.advised(alex, channel, thread)
    assert verdict.text == "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."
    assert [block["type"] for block in verdict.blocks] == [
        "section", "section", "table", "data_visualization", "section", "context", "actions", "context_actions",
    ]  # fmt: skip
    assert "$3,488" in texts(verdict.blocks)
    bot.settled()
    assert bot.errors() == []
    assert "Answer: Stay on AWS." in bot.top(channel, alex)[-1].text
