"""How an act ended -> the plain line that a person reads, by person. Codes stay in it, for whoever looks them up."""

from __future__ import annotations

from bot.sandbox.acts import Outcome

_WORDS = {
    "operation_timeout": "{bot} did not answer within three seconds (operation_timeout). It may still be at work.",
    "dispatch_failed": "The message did not reach {bot} (dispatch_failed). Is the bot running?",
    "not_connected": "{bot} is not connected to this local Slack. Start it, then try again.",
    "app_not_installed": "{bot} is not installed in this workspace any more.",
}


def notice_of(outcome: Outcome, bot: str) -> str:
    """Empty when all went well."""
    if outcome.error in _WORDS:
        return _WORDS[outcome.error].format(bot=bot)
    if outcome.status >= 400:
        reason = f" ({outcome.error})" if outcome.error else ""
        return f"{bot} answered with an error, {outcome.status}{reason}."
    return f"{outcome.error[:1].upper()}{outcome.error[1:]}"


class Desk:
    """What the page itself remembers of people: the notice that each sees, and how far each has read."""

    def __init__(self) -> None:
        self.notices: dict[str, str] = {}
        self.read: dict[tuple[str, str], str] = {}

    def tell(self, user: str, notice: str) -> None:
        self.notices[user] = notice

    def notice(self, user: str) -> str:
        return self.notices.get(user, "")
