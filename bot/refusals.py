"""What Slack answers when it does not do what was asked, by what follows from it. Code by code as Slack documents them."""

from __future__ import annotations

from http.client import HTTPException
from typing import Final
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

REFUSED_BLOCKS: Final = {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}
NOT_TO_BE_UPDATED: Final = {"message_not_found", "cant_update_message", "edit_window_closed"}
NOT_IN_CHANNEL: Final = {"not_in_channel", "channel_not_found"}
CHANNEL_CLOSED: Final = {
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
}
# We may not read there: to look whether a message of ours stands is not to be had.
CANNOT_LOOK: Final = {
    "missing_scope",
    "not_in_channel",
    "channel_not_found",
    "no_permission",
    "unknown_method",
    "access_denied",
    "thread_not_found",
}
# The thread is gone, or none can be there.
NO_THREAD: Final = {"thread_not_found", "cannot_reply_to_message"}
TOO_LATE: Final = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}
SLOWED_DOWN: Final = {"ratelimited", "rate_limited"}
TO_BE_REINSTALLED: Final = {"invalid_auth", "account_inactive", "token_revoked", "token_expired"}
# What comes of a connection that broke or a server that failed: the call may have been carried out.
OUTCOME_UNKNOWN: Final = (URLError, HTTPException, TimeoutError, ConnectionError)


def code_of(error: SlackApiError) -> str:
    """Slack's own code; where a failing server sent none, its HTTP status."""
    answered = error.response if isinstance(error.response, dict) else error.response.data
    code = answered.get("error") if isinstance(answered, dict) else None
    return str(code) if code else f"http_{error.response.status_code}"
