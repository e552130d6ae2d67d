"""Headless Chromium before the page of a local Slack, with the bot as a process behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.cli.start import bot_behind
from bot.manifest import read_manifest
from bot.sandbox.server import LocalSlack

NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = f"no browser for the tests: none of {', '.join(NAMES)} is on the PATH"
DEADLINE_MS = 30_000
_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def slack(browser: Browser) -> Iterator[LocalSlack]:
    """One local Slack for all; each test has a channel or a thread of its own. Where there is no browser, nothing starts."""
    with LocalSlack(manifest=read_manifest()) as slack, bot_behind(slack):
        yield slack


@pytest.fixture
def opened(browser: Browser, slack: LocalSlack) -> Iterator[Opened]:
    """Opens the page as a person, in a tab of its own; at the end, nothing may have gone wrong in any."""
    wrong: list[str] = []
    contexts = []

    def open_page(path: str = "", width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        context.set_default_timeout(DEADLINE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda line: wrong.append(f"console: {line.text}") if line.type in ("error", "warning") else None)
        page.on("request", lambda request: None if request.url.startswith(slack.page_url) else wrong.append(f"request: {request.url}"))
        page.goto(f"{slack.page_url}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where pictures go: the folder that SCREENSHOTS names, so that they can be looked at."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
