"""A workspace that removes the app: nothing of it is kept."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt import App

from bot.listeners.payload import where_of
from bot.office import Office

log = logging.getLogger(__name__)


def register_leaving(app: App, office: Office) -> None:
    def uninstalled(body: dict[str, Any]) -> None:
        workspace = where_of(body).workspace
        with office.desk.database.workspace(workspace) as work:
            work.forget_workspace()
        log.info("uninstalled from %s: everything of it is deleted", workspace)

    def revoked(body: dict[str, Any]) -> None:
        """The token is gone, the data stay: the workspace may install again."""
        log.warning("tokens revoked in %s", where_of(body).workspace)

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)
