"""Messages of which nobody but a person can see whether they stand in Slack: the question to that person, and the button under it.

The button names one claim of one message. Whoever presses it once too often, or after that message was posted anew, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from bot import ids
from bot.delivering import Doubt, claim_of
from bot.listeners import flow
from bot.listeners.payload import Click, Forged, Payload, conversation_of
from bot.listeners.placed import in_place
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply.elements import Block, button, section
from bot.words import Words

_MOST_ASKED, _TITLE_CHARS = 10, 80


def ask_to_look(words: Words, teller: Teller, about: str, doubts: Sequence[Doubt]) -> None:
    """Asks about messages of a conversation, or of a detail of a verdict (`VERDICT:NAME`). With nothing named, it was an answer, which
    is asked for again."""
    if not about:
        teller.tell(words.talk("answer_doubtful"))
        return
    text = words.talk("doubtful", len(doubts) > 1)
    teller.tell(text, [section(text), *(_named(at, about, doubt) for at, doubt in enumerate(doubts[:_MOST_ASKED]))])


def _named(at: int, about: str, doubt: Doubt) -> Block:
    """The first words of the message, beside its button."""
    title = shorten(doubt.text.strip().partition("\n")[0], _TITLE_CHARS, placeholder=" …")
    press = button("Post it again", ids.action(ids.AGAIN, at), ids.claimed(about, claim_of(doubt.post)), style="primary")
    return section(f"*{title}*", accessory=press)


def pressed(office: Office, click: Click, teller: Teller, body: Payload) -> None:
    """Posts one message anew, if it still is as doubtful as when its button was shown."""
    about, claim = ids.read_claimed(click.value)
    verdict_id, _, name = about.partition(ids.SEPARATOR)
    conversation = in_place(office, click, conversation_of(verdict_id))
    if name:
        job = flow.job(flow.DETAIL, teller, conversation.id, verdict=verdict_id, name=name)
    elif verdict_id == conversation.id:
        job = flow.job(flow.SHOW, teller, conversation.id)
    else:
        raise Forged
    with office.desk.database.workspace(click.where.workspace) as work:
        for slot, post in work.posts_of(conversation.id).items():
            if post.state == "unknown" and claim_of(post) == claim:
                work.drop_post(conversation.id, slot, post)
        work.enqueue(job)
