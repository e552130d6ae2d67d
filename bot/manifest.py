"""The Slack app as manifest.yml has it, and its variants."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from engine.errors import AdviceError, Problems
from engine.yamltree import Mapping, read_tree, typed

FILE = Path(__file__).resolve().parent.parent / "manifest.yml"
OF_ORGANISATIONS = "team_access_revoked"  # an event: an organisation takes workspaces out of its installation
_HOST, _LAST_PORT = "https://HOST", 65_535
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
# A name with a domain of letters: Slack calls from outside, where a bare name or a number of this network means nothing.
_ADDRESS = re.compile(rf"https://(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?::([0-9]{{1,5}}))?")


class ManifestError(AdviceError):
    """The manifest cannot be read, or the address in it is none that Slack takes."""


def read_manifest(file: Path = FILE) -> dict[str, Any]:
    """manifest.yml as plain values."""
    problems = Problems()
    try:
        text = file.read_bytes()
    except OSError as error:
        raise ManifestError(f"{file.name} cannot be read: {error.strerror}. It lies beside the README of the project.") from None
    tree = read_tree(text, file.name, problems, strict=False)
    if not isinstance(tree, Mapping):
        raise ManifestError("; ".join(str(problem) for problem in problems.found) or f"{file.name} is empty")
    read: dict[str, Any] = _whole(typed(tree))
    return read


def for_http(manifest: dict[str, Any], address: str) -> dict[str, Any]:
    """The app behind an address of your own, such as https://whichcloud.example.com."""
    read = _ADDRESS.fullmatch(address)
    if read is None or (read[1] and not 0 < int(read[1]) <= _LAST_PORT):
        raise ManifestError(f"{address} is no address that Slack takes. Give https:// and a host name, such as https://bot.example.com")
    made: dict[str, Any] = _replaced(copy.deepcopy(manifest), address)
    return made


def for_many_workspaces(manifest: dict[str, Any], address: str) -> dict[str, Any]:
    """The app behind an address, which any workspace or organisation may install; its tokens live for hours."""
    made = for_http(manifest, address)
    made["oauth_config"]["redirect_urls"] = [f"{address}/slack/oauth_redirect"]
    made["settings"] |= {"org_deploy_enabled": True, "token_rotation_enabled": True}
    made["settings"]["event_subscriptions"]["bot_events"].append(OF_ORGANISATIONS)
    return made


def for_socket_mode(manifest: dict[str, Any]) -> dict[str, Any]:
    """The app without an address: the bot connects to Slack."""
    made = copy.deepcopy(manifest)
    made["settings"]["socket_mode_enabled"] = True
    made["settings"]["event_subscriptions"].pop("request_url")
    made["settings"]["interactivity"].pop("request_url")
    for command in made["features"]["slash_commands"]:
        command.pop("url")
    return made


def _replaced(value: Any, address: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, address) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, address) for each in value]
    return value.replace(_HOST, address) if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    """Numbers of the file are whole; a case's exact numbers would not go into JSON."""
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value if isinstance(value, str | bool) or value is None else int(value)
