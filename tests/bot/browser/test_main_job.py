"""The main job by clicking, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.sandbox.seed import ALEX, BO, BOT_USER_ID, GENERAL, ML_PLATFORM
from tests.bot.browser.conftest import DEADLINE_MS, Opened
from tests.bot.slack.harness import P6

expect.set_options(timeout=DEADLINE_MS)
STAY = "Stay on AWS. Moving to Azure would save $7,892 a year"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}


def thread(page: Page) -> Locator:
    return page.get_by_test_id("thread")


def button(page: Page, action_id: str) -> Locator:
    """The newest button of the thread with this action id."""
    return thread(page).locator(f'button[data-action-id="{action_id}"]').last


def types_the_command(page: Page, channel: str) -> None:
    """In the composer of a channel, which is chosen first; then the thread is opened."""
    if page.locator(".top-menu").is_visible():
        page.locator(".top-menu").click()
    page.get_by_test_id("sidebar").locator(f'a[data-channel="{channel}"]').click()
    from_bot = page.get_by_test_id("messages").locator(f'.message[data-user="{BOT_USER_ID}"]')
    expect(page.locator(f'main[data-channel="{channel}"]')).to_be_visible()
    before = from_bot.count()
    composer = page.get_by_test_id("composer").locator("textarea")
    composer.fill("/whi")
    expect(page.locator(".hints")).to_be_visible()
    composer.press("Tab")
    expect(composer).to_have_value("/whichcloud ")
    composer.press("Enter")
    expect(composer).to_have_value("")
    expect(page.locator(".hints")).to_be_hidden()
    expect(from_bot).to_have_count(before + 1)
    expect(from_bot.last).to_contain_text("Which cloud for your AI workload?")
    from_bot.last.get_by_test_id("replies").click()
    expect(thread(page)).to_be_visible()


def answers_five(page: Page) -> None:
    for question, answer in P6.items():
        button(page, f"answer:{question}:{answer}").click()
        expect(button(page, f"change:{question}")).to_be_visible()
    button(page, "typical").click()


def sees_the_verdict(page: Page) -> None:
    expect(thread(page)).to_contain_text(STAY)
    expect(thread(page).locator("table.table").first).to_be_visible()
    expect(thread(page).locator("td", has_text="$3,488").first).to_be_visible()
    expect(thread(page).locator("figure.chart svg:visible").first).to_be_visible()
    expect(thread(page).locator("figure.chart figcaption")).to_have_text("The six cost lines, a month")


def refines_to(page: Page, gpus: str) -> None:
    field = page.get_by_test_id("modal").locator('input[name*="gpus"]').first
    field.fill(gpus)
    page.get_by_test_id("modal-submit").click()


@pytest.mark.parametrize(("name", "channel"), [("desk", ML_PLATFORM), ("phone", GENERAL)], ids=["desk", "phone"])
def test_a_person_clicks_from_the_command_to_what_would_flip_it(opened: Opened, screenshots: Path, name: str, channel: str) -> None:
    width, height = SIZES[name]
    page = opened("", width, height)

    def shoot(what: str) -> None:
        page.screenshot(path=screenshots / f"{name}-{what}.png")

    types_the_command(page, channel)
    shoot("1-first-question")
    answers_five(page)
    sees_the_verdict(page)
    shoot("2-verdict")
    thread(page).locator("figure.chart").scroll_into_view_if_needed()
    shoot("3-chart")

    button(page, "numbers:refine").click()
    expect(page.get_by_test_id("modal")).to_be_visible()
    shoot("4-form")
    refines_to(page, "a few")
    expect(page.get_by_test_id("modal").locator("[aria-invalid]")).to_be_visible()
    shoot("5-field-error")
    refines_to(page, "64")
    expect(page.get_by_test_id("modal")).to_be_hidden()
    expect(thread(page)).to_contain_text("Changed: GPUs 8 → 64")
    expect(thread(page)).to_contain_text("AWS $3,488 → $11,100 a month.")
    shoot("6-refined")

    button(page, "detail:flip").click()
    expect(thread(page)).to_contain_text("What would flip it, nearest first")
    shoot("7-flips")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"


def test_two_people_answer_side_by_side(opened: Opened, screenshots: Path) -> None:
    alex, bo = opened(f"client/{ALEX.id}/{ML_PLATFORM}"), opened(f"client/{BO.id}/{ML_PLATFORM}")
    types_the_command(alex, ML_PLATFORM)
    bo.locator(f'.message[data-ts="{thread(alex).get_attribute("data-thread")}"]').get_by_test_id("replies").click()
    button(alex, "answer:footprint:aws").click()
    button(bo, "answer:training:sporadic").click()
    for page in (alex, bo):
        log = thread(page)
        expect(log.locator(".message", has=page.locator('[data-action-id="change:footprint"]'))).to_contain_text("alex")
        expect(log.locator(".message", has=page.locator('[data-action-id="change:training"]'))).to_contain_text("bo")
        expect(button(page, "answer:microsoft_ea:yes")).to_be_visible()
    bo.screenshot(path=screenshots / "desk-8-two-people.png")
