"""files.* of the Web API: an upload in three steps, and what is known of a file."""

from __future__ import annotations

import mimetypes
from typing import Any

from bot.sandbox.shown import file_shown
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, invalid
from bot.sandbox.world import Message, StoredFile

ALT_TEXT_CHARS = 1_000


def get_upload_url(api: Api, args: Arguments) -> Answer:
    name, length = args.needed("filename"), args.number("length")
    if length < 1:
        raise invalid("length must be greater than 0", "/length")
    if len(args.text("alt_txt")) > ALT_TEXT_CHARS:
        raise SlackError("alt_txt_too_large")
    file = StoredFile(
        id=api.world.new_id("F"),
        name=name,
        title=name,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        content=b"",
        user=api.world.bot.user_id,
        alt_text=args.text("alt_txt"),
        length=length,
    )
    with api.world.changing():
        api.world.files[file.id] = file
    return {"ok": True, "upload_url": api.tickets.new_upload(file.id), "file_id": file.id}


def receive_upload(api: Api, token: str, content: bytes) -> str | None:
    """The second step. None when all is well, else why the bytes are refused."""
    file_id = api.tickets.spend_upload(token)
    if file_id is None:
        return "unknown or used upload url"
    file = api.world.files[file_id]
    if len(content) != file.length:
        return f"{len(content)} bytes came, {file.length} were announced"
    with api.world.changing():
        file.content = content
    return None


def complete_upload(api: Api, args: Arguments) -> Answer:
    """The last step: shared to a channel where one is named; the answer holds no message ts, as Slack's."""
    files = [_uploaded(api, entry) for entry in _entries(args.structure("files"))]
    names = args.text("channel_id") or args.text("channels")
    posts = _posts(api, args, [file.id for file, _ in files], names.split(",") if names else [])
    with api.world.changing():
        for file, title in files:
            file.title, file.complete = title, True
            file.shared_to += [(post.channel, post.thread_ts) for post in posts]
    for post in posts:
        api.world.add(post)
        api.announce(post, None)
    return {"ok": True, "files": [file_shown(api.world, file) for file, _ in files]}


def file_info(api: Api, args: Arguments) -> Answer:
    file = api.world.files.get(args.needed("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    return {"ok": True, "file": file_shown(api.world, file), "comments": []}


def _entries(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not given or not all(isinstance(entry, dict) and entry.get("id") for entry in given):
        raise invalid("must provide files with an id", "/files")
    return given


def _uploaded(api: Api, entry: dict[str, Any]) -> tuple[StoredFile, str]:
    file = api.world.files.get(entry["id"])
    if file is None or file.complete or not file.content:
        raise SlackError("file_not_found")
    return file, str(entry.get("title") or file.name)


def _posts(api: Api, args: Arguments, files: list[str], names: list[str]) -> list[Message]:
    """One message a channel, not posted yet; only conversation ids are taken."""
    channels = [api.writable(api.channel(name)) for name in names]
    blocks = api.blocks(args.structure("blocks"))
    text, bot = args.text("initial_comment"), api.world.bot.user_id
    threads = [api.thread(channel, args.text("thread_ts")) for channel in channels]
    pairs = zip(channels, threads, strict=True)
    return [Message(api.world.new_ts(), channel.id, bot, text, blocks, thread_ts, files=files) for channel, thread_ts in pairs]
