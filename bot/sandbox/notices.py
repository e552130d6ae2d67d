"""How an act ended -> the plain line that a person reads, by person. Codes stay in it, for whoever looks them up."""

from __future__ import annotations

from bot.sandbox.acts import Outcome

# {bot} is the app's name. What stands in the view itself needs no notice.
_WORDS = {
    "operation_timeout": "{bot} did not answer within three seconds (operation_timeout). It may still be at work.",
    "dispatch_unreachable": "{bot} is not connected to this local Slack (dispatch_unreachable). Is the bot running?",
    "unknown_command": "{bot} is not installed here, or does not know this command (unknown_command).",
    "unknown_shortcut": "{bot} is not installed here, or does not know this shortcut (unknown_shortcut).",
    "interactivity_disabled": "{bot}'s manifest does not enable interactivity, so clicks go nowhere (interactivity_disabled).",
    "invalid_response_action": "{bot} answered the form with something that Slack does not take (invalid_response_action).",
    "message_not_found": "That message is gone (message_not_found).",
    "not_found": "That view is closed (not_found).",
    "channel_not_found": "You are not in that channel (channel_not_found).",
    "is_archived": "This channel is archived (is_archived).",
    "restricted_action": "Only admins may write in this channel (restricted_action).",
    "no_text": "There is nothing to send (no_text).",
    "incomplete": "",
}


def notice_of(outcome: Outcome, bot: str) -> str:
    """Empty when all went well."""
    if outcome.error in _WORDS:
        return _WORDS[outcome.error].format(bot=bot)
    if outcome.status >= 400:
        return f"{bot} answered with an error: HTTP {outcome.status} ({outcome.error})."
    if outcome.error and " " not in outcome.error:
        return f"Slack would refuse what {bot} answered: {outcome.error}."
    return outcome.error


class Desk:
    """What the page itself remembers of people: the notice that each sees, and how far each has read."""

    def __init__(self) -> None:
        self.notices: dict[str, str] = {}
        self.read: dict[tuple[str, str], str] = {}

    def tell(self, user: str, notice: str) -> None:
        self.notices[user] = notice

    def notice(self, user: str) -> str:
        return self.notices.get(user, "")
