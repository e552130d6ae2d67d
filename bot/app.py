"""Puts the parts together: rules, storage, words, and the Bolt app with its listeners."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.calling import Granted
from bot.clients import Authorizing, Clients, ManyWorkspaces, OneWorkspace, client_for, not_installed_words
from bot.desk import Desk
from bot.fairness import Fairness
from bot.listeners import register
from bot.listeners.overrun import Overrun
from bot.logs import Carrying
from bot.office import Office
from bot.postings import Postings
from bot.qa.asker import Asker
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.timed import TimedApp
from bot.understanding import Listener
from bot.verdicts import Verdicts
from bot.words import Words
from engine.dimensions import load_dimensions
from engine.rulebook import Rulebook

LISTENERS = 32  # threads; a slow answer to one person must not hold up the acknowledgement of another
_SECONDS = 10
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_office(settings: Settings, rulebook: Rulebook, database: Database, clients: Clients, clock: Clock = utc_now) -> Office:
    words = Words(rulebook, shows_private=False)
    desk = Desk(rulebook, words, database, Verdicts(rulebook, database), clock, dimensions=load_dimensions(rulebook))
    granted = Granted()
    aside = Carrying(LISTENERS, thread_name_prefix="aside")
    return Office(desk, Postings(desk, granted), Listener(rulebook), settings, clients, granted, Fairness(), aside, once(rulebook))


def once(rulebook: Rulebook) -> Callable[[], Asker]:
    """What answers questions, built by the first who asks; the others wait for it."""
    built: list[Asker] = []
    lock = threading.Lock()

    def asker() -> Asker:
        with lock:
            if not built:
                built.append(Asker(rulebook))
        return built[0]

    return asker


def open_office(settings: Settings, rulebook: Rulebook) -> Office:
    """The office of a process, on a database of its own connections."""
    database = open_database(settings.database_url.get_secret_value(), utc_now)
    return build_office(settings, rulebook, database, build_clients(settings, database))


def build_client(settings: Settings) -> WebClient:
    """Waits where Slack says so, and repeats nothing else: a dropped connection may follow a post that was made."""
    return WebClient(
        token=settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None,
        base_url=settings.whichcloud_slack_api,
        timeout=_SECONDS,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)],
    )


def build_clients(settings: Settings, database: Database) -> Clients:
    """One workspace by its token, or every one that installed the app."""
    return ManyWorkspaces(settings, database, utc_now) if settings.many else OneWorkspace(client_for(settings, settings.bot_token))


def build_app(office: Office, client: WebClient) -> App:
    """The Bolt app. Raises SlackApiError where Slack does not take the token: it is tried while the app is built."""
    secret = office.settings.slack_signing_secret
    # Bolt takes None for "not installed", and its hint does not say so.
    authorize: Any = Authorizing(office.clients) if isinstance(office.clients, ManyWorkspaces) else None
    app = TimedApp(
        overrun=Overrun(office),
        client=client,
        authorize=authorize,
        user_facing_authorize_error_message=not_installed_words(office.settings),
        signing_secret=secret.get_secret_value() if secret else None,
        request_verification_enabled=office.settings.transport == "http",
        listener_executor=office.aside,
        process_before_response=True,  # what a listener keeps is kept before Slack hears of it, and Bolt need not poll for its end
        logger=logging.getLogger("slack_bolt"),
    )
    register(app, office)
    return app
