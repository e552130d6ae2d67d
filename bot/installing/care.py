"""What is done for the installations while the bot serves, beside every request."""

from __future__ import annotations

import logging
import threading
from typing import Final

from bot.clients import ManyWorkspaces
from bot.storage import StorageError

_PAUSE_S: Final = 600
log = logging.getLogger(__name__)


def look_after(workspaces: ManyWorkspaces, stopping: threading.Event) -> None:
    """At the start every installation goes under the first key; from then on, what expires soon is renewed, so that nobody waits."""
    try:
        _reseal(workspaces)
    except StorageError as error:
        log.warning("installations could not be sealed by the first key: %s", error)
    while not stopping.is_set():
        try:
            workspaces.renew_all()
        except StorageError as error:
            log.warning("it could not be seen which tokens expire: %s", error)
        stopping.wait(_PAUSE_S)


def _reseal(workspaces: ManyWorkspaces) -> None:
    resealed = workspaces.store.reseal()
    if resealed.moved:
        log.info("%s installations sealed anew by the first key", resealed.moved)
    if resealed.unreadable:
        log.error("no key of WHICHCLOUD_KEYS opens the installations of %s", ", ".join(resealed.unreadable))
