"""Every command, action, callback and block id that Slack gives back to us, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable

COMMAND = "/whichcloud"

# Shortcuts and forms
ADVISE_MESSAGE = "advise_message"
FORM_NUMBERS = "form_numbers"
FORM_QUICK = "form_quick"
FORM_OTHER = "form_other"
FORM_SETTINGS = "form_settings"
FORM_ASK = "form_ask"
FORM_REPORT = "form_report"

# Buttons and selects. Those of a question carry the question: `answer:footprint:2`.
ANSWER = "answer"
NOT_SURE = "not_sure"
OTHER = "other"
CHANGE = "change"
MENU = "menu"
HELP = "help"
BACK = "back"
TYPICAL = "typical"
NUMBERS = "numbers"
RESTART = "restart"
CANCEL = "cancel"
RESUME = "resume"
DETAIL = "detail"
ASK = "ask"
REPORT = "report"  # opens the form
REPORTED = "reported"  # what is done with a report
FEEDBACK = "feedback"
START = "start"
SHOW = "show"
SETTINGS = "settings"
FORGET = "forget"
DIRECT = "direct"
ASKED = "asked"  # a question that was offered; its words are the value
ADOPT = "adopt"  # a what-if becomes the case
DROP = "drop"
AGAIN = "again"  # post once more what nobody could tell of
COMPARE = "compare"  # every button of the guided comparison: compare:answer:rights:people
OPEN = "open"  # a button with a link: Slack sends the click all the same

SEPARATOR = ":"
_APART = " "  # no id and no slot has one


def action(*parts: object) -> str:
    """An action id such as answer:footprint:2."""
    return SEPARATOR.join(str(part) for part in parts)


def claimed(about: str, claim: str) -> str:
    """What a button carries that posts something anew: what it belongs to, and the claim of the message that may be missing."""
    return f"{about}{_APART}{claim}"


def read_claimed(value: str) -> tuple[str, str]:
    """The other way round; without a claim where the button carries none."""
    about, _, claim = value.partition(_APART)
    return about, claim


def actions_like(*firsts: str) -> re.Pattern[str]:
    """Every action id that begins with one of these parts."""
    return re.compile(rf"\A(?:{_one_of(firsts)})(?:{SEPARATOR}.*)?\Z")


def forms_like(*callbacks: str) -> re.Pattern[str]:
    """These callback ids and no other."""
    return re.compile(rf"\A(?:{_one_of(callbacks)})\Z")


def _one_of(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, names))
