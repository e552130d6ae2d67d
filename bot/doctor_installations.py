"""Do the keys open what is kept of each workspace, do its tokens live, and may the bot do there what it needs?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.findings import Finding
from bot.installing.sealing import CannotOpen, Seals
from bot.startup import needed_scopes
from bot.storage import SealedInstallation

_MOST_NAMED: Final = 5


def look_at_installations(rows: Sequence[SealedInstallation], seals: Seals, now: datetime) -> Iterator[Finding]:
    """Slack is asked nothing: there may be thousands."""
    opened = {row.workspace: held for row in rows if (held := _opened(row, seals)) is not None}
    yield _keys(rows, [row.workspace for row in rows if row.workspace not in opened], seals, now)
    needed = needed_scopes()
    lacking = [workspace for workspace, held in opened.items() if not needed <= _scopes(held)]
    if lacking:
        fix = "Let those workspaces install again."
        yield Finding("scopes", "warning", f"{len(lacking)} of {len(rows)} did not grant all that is needed: {_named(lacking)}", fix)


def _keys(rows: Sequence[SealedInstallation], closed: Sequence[str], seals: Seals, now: datetime) -> Finding:
    if closed:
        fix = "Put the key that sealed them back into WHICHCLOUD_KEYS, or let those workspaces install again."
        return Finding("installations", "wrong", f"{len(closed)} of {len(rows)} are opened by no key: {_named(closed)}", fix)
    ended = [row for row in rows if row.expires_at is not None and row.expires_at < now]
    if ended:
        fix = "The bot renews them while it serves; where it does, its log says why one could not be."
        return Finding("installations", "warning", f"{len(ended)} of {len(rows)} have a token that has ended", fix)
    older = sum(not seals.is_by_first(row.sealed) for row in rows)
    sealed = f", {older} of them sealed by an older key" if older else ""
    return Finding("installations", "ok", f"{len(rows)}, all opened by the keys{sealed}")


def _opened(row: SealedInstallation, seals: Seals) -> Mapping[str, Any] | None:
    try:
        return seals.opened(row.workspace, row.sealed)
    except CannotOpen:
        return None


def _scopes(held: Mapping[str, Any]) -> set[str]:
    scopes = held.get("bot_scopes") or ()
    return set(scopes.split(",") if isinstance(scopes, str) else scopes)


def _named(workspaces: Sequence[str]) -> str:
    return ", ".join(workspaces[:_MOST_NAMED]) + (", …" if len(workspaces) > _MOST_NAMED else "")
