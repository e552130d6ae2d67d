"""What a typed message means for the conversation. Pure: no Slack client, no clock, no state; the words are in rules/phrases.yml."""

from bot.understanding.listener import Heard, Listener

__all__ = ["Heard", "Listener"]
