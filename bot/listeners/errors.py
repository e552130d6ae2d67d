"""The one place where an error becomes words. Ours already say what to do; any other gets a reference that is in the log too."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import ids
from bot.conversation import Refused
from bot.desk import Again, Gone, NotYours
from bot.listeners.payload import Forged, Payload
from bot.listeners.telling import Teller, teller_of
from bot.office import Office
from bot.refusals import CHANNEL_CLOSED, NO_THREAD, NOT_IN_CHANNEL, OUTCOME_UNKNOWN, SLOWED_DOWN, TO_BE_REINSTALLED, TOO_LATE, code_of
from bot.reply.elements import actions, button, escape, section
from bot.storage import StorageError
from engine.errors import AdviceError

log = logging.getLogger(__name__)


class NotOpened(Exception):
    """Slack was in trouble, and nobody will open the form later: its trigger lives three seconds."""


def register_errors(app: Any, office: Office) -> None:
    def answer_error(error: Exception, body: Payload, client: WebClient, context: BoltContext) -> BoltResponse:
        """Tells the person. Slack is told of a failure only where the database did not take what they did: it will send events again."""
        if context.authorize_result is None:
            return BoltResponse(status=401)  # Bolt failed before it knew who sends: whom the request names is told nothing
        status = 503 if isinstance(error, StorageError) else 200
        office.aside.submit(_tell, office, error, body, client)
        return BoltResponse(status=status)

    app.error(answer_error)


def answering(office: Office, listener: Callable[..., None]) -> Callable[..., None]:
    """A listener that runs beside the acknowledgement, where Bolt would only log what it raises."""

    def answered(body: dict[str, Any], client: WebClient) -> None:
        try:
            listener(body=body, client=client)
        except (SlackApiError, *OUTCOME_UNKNOWN) as error:
            if passes(error):
                log.warning("a form was not opened: %s", _code(error))
            _tell(office, NotOpened() if passes(error) else error, body, client)
        except Exception as error:  # noqa: BLE001 - the person hears of it, whatever it is; `tell_error` logs what nobody planned for
            _tell(office, error, body, client)

    return answered


def _tell(office: Office, error: Exception, body: Payload, client: WebClient) -> None:
    try:
        tell_error(office, error, teller_of(body, client))
    except (SlackApiError, Forged, *OUTCOME_UNKNOWN) as failed:
        log.warning("nobody could be told of %s: %s", type(error).__name__, _code(failed))


def tell_error(office: Office, error: Exception, teller: Teller) -> None:
    """The words for an error, where they can be read."""
    talk = office.desk.words.talk
    if isinstance(error, Again):
        return
    if isinstance(error, SlackApiError):
        _tell_slack_error(office, error, teller)
    elif isinstance(error, Refused):
        teller.tell(talk("refused", error.reason))
    elif isinstance(error, NotYours):
        teller.tell(talk("not_yours"))
    elif isinstance(error, Gone | Forged):
        teller.tell(talk("gone"))
    elif isinstance(error, NotOpened):
        teller.tell(talk("not_opened"))
    elif isinstance(error, AdviceError):
        teller.tell(escape(str(error)))
    elif isinstance(error, StorageError):
        log.warning("told that the database is away: %s", error)
        teller.tell(talk("database_away"))
    elif isinstance(error, OUTCOME_UNKNOWN):
        log.warning("the connection to Slack failed: %s", type(error).__name__)
        teller.tell(talk("slack_down"))
    else:
        teller.tell(talk("broken", _logged(error)))


def _tell_slack_error(office: Office, error: SlackApiError, teller: Teller) -> None:
    talk, code = office.desk.words.talk, code_of(error)
    channel = f"<#{teller.where.channel}>" if teller.where.channel else "that channel"
    if code in NOT_IN_CHANNEL:
        offer_direct(teller, talk("not_in_channel", channel))
    elif code in CHANNEL_CLOSED:
        offer_direct(teller, talk("channel_closed", channel))
    elif code in NO_THREAD:
        teller.tell(talk("thread_gone"))
    elif code in TOO_LATE:
        teller.tell(talk("too_late"))
    elif code in SLOWED_DOWN:
        teller.tell(talk("slow"))
    elif code in TO_BE_REINSTALLED:
        log.error("Slack no longer takes the token of %s: %s", teller.where.workspace, code)
        teller.tell(talk("reinstall"))
    elif error.response.status_code >= 500:
        log.warning("Slack answered %s", error.response.status_code)
        teller.tell(talk("slack_down"))
    else:
        teller.tell(talk("broken", _logged(error)))


def passes(error: Exception) -> bool:
    """Whether the same call may work later."""
    return not isinstance(error, SlackApiError) or error.response.status_code >= 500 or code_of(error) in SLOWED_DOWN


def offer_direct(teller: Teller, text: str) -> None:
    """What went wrong, with a button to go on in a direct message."""
    go_on = actions("direct", button("Go on in a direct message", ids.DIRECT, style="primary"))
    teller.tell(text, (section(text), go_on))


def _logged(error: Exception) -> str:
    """A reference for the reply and the log. The error's own text may hold what people typed, so only its kind and place are logged."""
    reference = uuid4().hex[:8]
    log.error("unexpected %s, reference %s", _code(error), reference, exc_info=error)
    return reference


def _code(error: Exception) -> str:
    return code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
