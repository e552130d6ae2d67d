"""A message that Slack took and that nobody could write down: the process was killed in between."""

from __future__ import annotations

from tests.bot.slack.harness import Bot, action_ids


def test_a_message_that_is_pressed_is_known_to_be_posted(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    question = bot.button(alex, channel, thread, "answer:footprint:aws")
    bot.settled()
    with bot.database.workspace(bot.slack.world.team.id) as work:
        conversation = work.conversation_in(channel, thread)
        assert conversation is not None
        work.drop_post(conversation.id, "r1.footprint", work.posts_of(conversation.id)["r1.footprint"])
        assert work.claim_post(conversation.id, "r1.footprint", "a digest")
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.settled()
    shown = {message.ts: message for message in bot.thread(channel, thread, alex)}
    assert action_ids(shown[question.ts].blocks) == ["change:footprint"]
    assert len(shown) == 2, "the first question, answered, and the second"
