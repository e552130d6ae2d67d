"""The page of the local Slack: what a window shows, which files it gives, and whom it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.sandbox import gallery
from tests.bot.sandbox.browsing import ANNOUNCE, BOARD, FINOPS, OLD, Browser, browsing
from tests.bot.sandbox.gallery import ALEX, BO, DM, GENERAL, ML


@pytest.fixture
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


# -- what a window shows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, f"/client/{ALEX}/{GENERAL}"),
        ({"channel": ML, "thread": "17.000001"}, f"/client/{ALEX}/{ML}?thread=17.000001"),
        ({"channel": "D0BO0001"}, f"/client/{BO}/D0BO0001"),
        ({"channel": "C9", "thread": "17.000001"}, f"/client/{ALEX}/{GENERAL}"),
        ({"channel": ML, "thread": "//evil.example?"}, f"/client/{ALEX}/{ML}?thread=//evil.example%3F"),
    ],
    ids=["nothing", "a thread", "another's", "unknown", "hostile"],
)
def test_the_entrance_leads_to_a_person_and_a_channel(browser: Browser, query: dict[str, str], place: str) -> None:
    answer = browser.http.get("/", params=query)
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_the_side_list_shows_what_a_person_may_see(browser: Browser) -> None:
    links = browser.look(user=BO).one(data_testid="sidebar").all("a")
    assert [link.attributes["data-channel"] for link in links] == [GENERAL, ML, FINOPS, OLD, ANNOUNCE, "D0BO0001"]
    assert BOARD in [link.attributes["data-channel"] for link in browser.look().one(data_testid="sidebar").all("a")]


@pytest.mark.parametrize(
    "path", [f"/client/{BO}/{BOARD}", f"/client/{BO}/{DM}", f"/client/{BO}/C9", f"/client/U9/{ML}", "/files/F9", "/stream/U9"]
)
def test_what_is_not_theirs_is_not_there(browser: Browser, path: str) -> None:
    assert browser.http.get(path).status_code == 404


def test_messages_stand_in_order_with_their_authors(browser: Browser) -> None:
    gallery.fill_conversation(browser.slack.world)
    messages = browser.look().one(data_testid="messages").all("article")
    assert [each.one(class_="message-head").one("strong").text for each in messages] == [
        "Bo Okafor",
        "whichcloud",
        "Bo Okafor",
        "Bo Okafor",
        "whichcloud",
    ]
    assert ["joined" in each.attributes["class"] for each in messages] == [False, False, False, True, False]
    assert messages[4].one(class_="ephemeral-mark").text == "Only visible to you"
    assert len(browser.look(user=BO).one(data_testid="messages").all("article")) == 4


def test_a_thread_opens_beside_with_its_replies_and_status(browser: Browser) -> None:
    parent = gallery.fill_conversation(browser.slack.world)
    window = browser.look(thread=parent)
    thread = window.one(data_testid="thread")
    assert len(thread.all("article")) == 5
    assert thread.one(data_testid="status").text == "whichcloud is computing three scales..."
    assert thread.one(class_="edited").text == "(edited)"
    link = window.one(data_testid="messages").one("a", data_testid="replies")
    assert link.one("strong").text == "3 replies"
    assert link.attributes["href"] == f"/client/{ALEX}/{ML}?thread={parent}"


def test_a_thread_that_is_not_there_leaves_the_channel_alone(browser: Browser) -> None:
    assert browser.look(thread="1.000001").all(data_testid="thread") == []


def test_unread_channels_stand_out_until_they_are_looked_at(browser: Browser) -> None:
    def unread() -> list[str]:
        return [link.attributes["data-channel"] for link in browser.look().one(data_testid="sidebar").all("a", class_="unread")]

    gallery.post(browser.slack.world, BO, "news", channel=GENERAL)
    assert unread() == [GENERAL]
    browser.look(GENERAL)
    assert unread() == []


@pytest.mark.parametrize(
    ("channel", "user", "says"),
    [
        (OLD, ALEX, "This channel is archived. Nobody can write here."),
        (ANNOUNCE, BO, "Only admins may write in this channel."),
        (ANNOUNCE, ALEX, ""),
        (ML, BO, ""),
    ],
    ids=["archived", "restricted", "restricted for an admin", "open"],
)
def test_where_nobody_may_write_there_is_no_composer(browser: Browser, channel: str, user: str, says: str) -> None:
    window = browser.look(channel, user)
    assert "".join(each.text for each in window.all(data_testid="closed")) == says
    assert len(window.all(data_testid="composer")) == (0 if says else 1)


def test_the_composer_knows_the_slash_commands(browser: Browser) -> None:
    (hint,) = browser.look().one(data_testid="composer").all("button", data_command="/whichcloud")
    assert hint.text == "/whichcloud [help] Compare AWS and Azure"


def test_the_home_tab_shows_the_bots_view(browser: Browser) -> None:
    assert "has not drawn its Home tab yet" in browser.look(DM, tab="home").one(data_testid="home").text
    gallery.publish_home(browser.slack.world)
    home = browser.look(DM, tab="home").one(data_testid="home")
    assert home.one("button", data_action_id="start").text == "Start a comparison"
    assert home.attributes["data-view-id"] == "V0HOME"


def test_suggested_prompts_stand_over_the_composer(browser: Browser) -> None:
    gallery.publish_home(browser.slack.world)
    assert [each.text for each in browser.look(DM).one(data_testid="prompts").all("button")] == ["Start a comparison", "Prices of the A100"]


def test_a_modal_is_drawn_for_its_person_alone(browser: Browser) -> None:
    gallery.open_modal(browser.slack.world, errors=gallery.ERRORS)
    modal = browser.look().one(data_testid="modal")
    assert modal.one("h2").text == "Enter my numbers"
    assert [modal.one(data_testid="modal-close").text, modal.one(data_testid="modal-submit").text] == ["Cancel", "Compute"]
    assert [each.text for each in modal.all(data_testid="field-error")] == [
        gallery.ERRORS[each] for each in ("footprint", "purchase", "gpus")
    ]
    assert browser.look(user=BO).all(data_testid="modal") == []


def test_names_and_texts_of_people_are_never_markup(browser: Browser) -> None:
    hostile = "<script>alert(1)</script>"
    browser.post("say", channel=ML, text=hostile)
    window = browser.look()
    assert [each.attributes["src"] for each in window.all("script")] == [
        "/static/vendor/idiomorph.min.js",
        "/static/vendor/htmx.min.js",
        "/static/page.js",
    ]
    assert window.one("article").one(class_="message-body").text == hostile
    assert window.all("style") == []


# -- files --------------------------------------------------------------------------------------------------------------


def test_pictures_are_shown_and_everything_else_is_saved(browser: Browser) -> None:
    gallery.fill_gallery(browser.slack.world)
    picture, sheet = (browser.http.get(f"/files/{id}") for id in ("F0PICTURE", "F0LINES"))
    assert (picture.headers["content-type"], picture.headers["content-disposition"]) == ("image/png", "inline; filename*=UTF-8''chart.png")
    assert (sheet.headers["content-type"], sheet.headers["content-disposition"][:10]) == ("application/octet-stream", "attachment")
    assert {each.headers["x-content-type-options"] for each in (picture, sheet)} == {"nosniff"}


def test_a_page_that_calls_itself_a_picture_is_saved(browser: Browser) -> None:
    files = browser.slack.world.files
    gallery.fill_gallery(browser.slack.world)
    files["F0PICTURE"].mimetype, files["F0PICTURE"].name = "image/svg+xml", 'a"\r\nX: y.svg'
    answer = browser.http.get("/files/F0PICTURE")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20y.svg"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_file_that_is_not_complete_is_not_there(browser: Browser) -> None:
    gallery.fill_gallery(browser.slack.world)
    browser.slack.world.files["F0LINES"].complete = False
    assert browser.http.get("/files/F0LINES").status_code == 404


# -- guards -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("127.0.0.1", 403),
        ("localhost:1", 403),
        ("evil.example:{port}", 400),
        ("", 400),
    ],
)
def test_only_this_machines_own_names_are_answered(browser: Browser, host: str, status: int) -> None:
    headers = {"Host": host.format(port=browser.slack.port)}
    assert browser.http.get(f"/client/{ALEX}/{ML}", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://127.0.0.1:{port}"}, 204),
        ({"HX-Request": "true"}, 204),
        ({}, 403),
        ({"Origin": "http://localhost:{port}", "HX-Request": "true"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://evil.example", "HX-Request": "true"}, 403),
        ({"Origin": "null", "HX-Request": "true"}, 403),
    ],
    ids=["own origin", "htmx", "neither", "other name", "other scheme", "other page", "no origin named"],
)
def test_only_the_page_itself_may_post(browser: Browser, headers: dict[str, str], status: int) -> None:
    sent = {name: value.format(port=browser.slack.port) for name, value in headers.items()}
    answer = browser.http.post(f"/act/{ALEX}/say", data={"channel": ML, "text": "hi"}, headers=sent)
    assert answer.status_code == status
    assert len(browser.slack.world.messages.get(ML, ())) == (1 if status == 204 else 0)


@pytest.mark.parametrize("path", ["/", f"/client/{ALEX}/{ML}", "/static/page.js", "/static/style.css", "/files/F9", f"/client/U9/{ML}"])
def test_every_answer_is_closed(browser: Browser, path: str) -> None:
    headers = browser.http.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'; object-src 'none'; base-uri 'none'")
    assert (headers["x-frame-options"], headers["x-content-type-options"], headers["referrer-policy"]) == ("DENY", "nosniff", "no-referrer")


def test_a_form_is_not_read_for_its_files(browser: Browser) -> None:
    files = {"text": ("a.txt", b"hi")}
    answer = browser.http.post(f"/act/{ALEX}/say", data={"channel": ML}, files=files, headers={"HX-Request": "true"})
    assert answer.status_code == 400


# -- the stream ---------------------------------------------------------------------------------------------------------


def test_the_stream_tells_of_every_move(browser: Browser) -> None:
    with browser.http.stream("GET", f"/stream/{ALEX}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        revisions = (int(line.removeprefix("data: ")) for line in answer.iter_lines() if line.startswith("data: "))
        first = next(revisions)
        gallery.post(browser.slack.world, BO, "news")
        assert next(revisions) > first
