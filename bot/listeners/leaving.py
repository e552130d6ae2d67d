"""A workspace that removes the app, or an organisation: nothing of it is kept. Where that fails, Slack is told so, and sends it again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from slack_bolt import App, BoltContext

from bot.listeners.payload import Forged, part
from bot.manifest import OF_ORGANISATIONS
from bot.office import Office

log = logging.getLogger(__name__)


def register_leaving(app: App, office: Office) -> None:
    def uninstalled(context: BoltContext) -> None:
        _forget(office, office.clients.leave(_home(context)))

    def revoked(body: dict[str, Any], context: BoltContext) -> None:
        """The token is gone, the data stay: the workspace may install again."""
        office.clients.revoked(_home(context), _words(part(part(body, "event"), "tokens").get("bot")))

    def taken_out(body: dict[str, Any], context: BoltContext) -> None:
        leaving = _words(part(body, "event").get("team_ids"))
        _forget(office, office.clients.leave_organisation(context.enterprise_id or "", leaving))

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)
    app.event(OF_ORGANISATIONS)(taken_out)


def _forget(office: Office, workspaces: Iterable[str]) -> None:
    for each in workspaces:
        with office.desk.database.workspace(each) as work:
            work.forget_workspace()
        log.info("uninstalled from %s: everything of it is deleted", each)


def _home(context: BoltContext) -> str:
    """The workspace, or the organisation where it installed the app for its own; Forged where there is neither."""
    found = context.enterprise_id if context.is_enterprise_install or not context.team_id else context.team_id
    if not found:
        raise Forged
    return found


def _words(given: object) -> list[str]:
    return [each for each in given if isinstance(each, str) and each] if isinstance(given, list) else []
