"""views.* and what a modal does after it is submitted: triggers, the stack, hashes, the Home tab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.seed import ALEX, BO
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import OpenView
from tests.bot.sandbox.small_bot import MODAL, client_of, plain
from tests.bot.sandbox.test_webapi_chat import error_of

Json = dict[str, Any]
COUNT = {"gpus": {"count": {"type": "plain_text_input", "value": "8"}}}
HOME = {"type": "home", "blocks": [{"type": "header", "block_id": "h", "text": plain("whichcloud")}]}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


def opened(slack: LocalSlack, client: WebClient, view: Json = MODAL) -> OpenView:
    answer = client.views_open(trigger_id=slack.tickets.new_trigger(ALEX.id), view=view)
    return slack.world.views[answer["view"]["id"]]


def push(slack: LocalSlack, client: WebClient, view: Json = MODAL) -> str:
    """Push on what is open; the code of the refusal, if any."""
    top = slack.world.top_view(ALEX.id)
    return error_of(client, "views.push", trigger_id=slack.tickets.new_trigger(ALEX.id, top.id if top else None), view=view)


def stack(slack: LocalSlack) -> list[str]:
    """The titles of the open modals, the one on top last."""
    return [view.view["title"]["text"] for view in slack.world.stack_of(ALEX.id)]


def titled(title: str, **more: Any) -> Json:
    return {**MODAL, "title": plain(title), **more}


def test_a_view_opens_for_the_one_who_pressed(slack: LocalSlack, client: WebClient) -> None:
    view = client.views_open(trigger_id=slack.tickets.new_trigger(ALEX.id), view=MODAL)["view"]
    top = slack.world.top_view(ALEX.id)
    assert top is not None
    assert (top.id, top.id, None, top.hash) == (view["id"], view["root_view_id"], view["previous_view_id"], view["hash"])
    assert view["state"]["values"] == {"gpus": {"count": {"type": "plain_text_input", "value": None}}}
    assert None is slack.world.top_view(BO.id)


def test_a_trigger_serves_once(slack: LocalSlack, client: WebClient) -> None:
    trigger = slack.tickets.new_trigger(ALEX.id)
    answers = [error_of(client, "views.open", trigger_id=trigger, view=MODAL) for _ in range(2)]
    assert answers == ["", "exchanged_trigger_id"]
    assert error_of(client, "views.open", trigger_id="1.2.abc", view=MODAL) == "invalid_trigger_id"


@pytest.mark.parametrize(("age_s", "error"), [(2.5, ""), (3.5, "expired_trigger_id")], ids=["in time", "after three seconds"])
def test_a_trigger_lives_three_seconds(slack: LocalSlack, client: WebClient, age_s: float, error: str) -> None:
    trigger = slack.tickets.new_trigger(ALEX.id)
    slack.advance(age_s)
    assert error == error_of(client, "views.open", trigger_id=trigger, view=MODAL)


def test_a_refused_view_does_not_cost_the_trigger(slack: LocalSlack, client: WebClient) -> None:
    trigger = slack.tickets.new_trigger(ALEX.id)
    refused = error_of(client, "views.open", trigger_id=trigger, view={**MODAL, "title": plain("t" * 25)})
    assert (refused, error_of(client, "views.open", trigger_id=trigger, view=MODAL)) == ("invalid_arguments", "")


def test_three_modals_stack_and_the_fourth_does_not(slack: LocalSlack, client: WebClient) -> None:
    first = opened(slack, client, titled("one"))
    assert [push(slack, client, titled(title)) for title in ("two", "three", "four")] == ["", "", "push_limit_reached"]
    assert stack(slack) == ["one", "two", "three"]
    top = slack.world.top_view(ALEX.id)
    assert top is not None
    assert first.id == top.root_id
    slack.close(ALEX.id, top.id)
    assert stack(slack) == ["one", "two"]


def test_a_push_comes_from_an_open_modal(slack: LocalSlack, client: WebClient) -> None:
    assert push(slack, client) == "invalid_arguments"


def test_an_update_needs_the_current_hash(slack: LocalSlack, client: WebClient) -> None:
    view = opened(slack, client)
    old = view.hash
    assert error_of(client, "views.update", view_id=view.id, hash=old, view=titled("new")) == ""
    assert stack(slack) == ["new"]
    assert error_of(client, "views.update", view_id=view.id, hash=old, view=MODAL) == "hash_conflict"
    assert error_of(client, "views.update", view_id=view.id, view=MODAL) == ""


def test_an_update_keeps_what_was_typed(slack: LocalSlack, client: WebClient) -> None:
    view = opened(slack, client)
    slack.click_in_view(ALEX.id, view.id, "count", value="8")
    shown = client.views_update(view_id=view.id, view=titled("new"))["view"]
    assert shown["state"]["values"] == COUNT


def test_a_closed_view_is_not_found(slack: LocalSlack, client: WebClient) -> None:
    view = opened(slack, client)
    slack.close(ALEX.id, view.id)
    assert error_of(client, "views.update", view_id=view.id, view=MODAL) == "not_found"
    assert error_of(client, "views.update", view_id="V0ABSENT", view=MODAL) == "not_found"


def test_the_bots_own_id_finds_a_view_and_is_unique(slack: LocalSlack, client: WebClient) -> None:
    opened(slack, client, titled("one", external_id="mine"))
    assert error_of(client, "views.update", external_id="mine", view=titled("two", external_id="mine")) == ""
    assert stack(slack) == ["two"]
    assert push(slack, client, titled("three", external_id="mine")) == "duplicate_external_id"


def test_the_home_tab_is_published_for_one_person(slack: LocalSlack, client: WebClient) -> None:
    first = client.views_publish(user_id=ALEX.id, view=HOME)["view"]
    assert [ALEX.id] == list(slack.world.homes)
    assert error_of(client, "views.publish", user_id=ALEX.id, view=HOME, hash=first["hash"]) == ""
    assert error_of(client, "views.publish", user_id=ALEX.id, view=HOME, hash=first["hash"]) == "hash_conflict"
    assert error_of(client, "views.publish", user_id="U0GHOST", view=HOME) == "invalid_arguments"
    assert error_of(client, "views.publish", user_id=ALEX.id, view=MODAL) == "invalid_arguments"
    assert first["id"] == slack.world.homes[ALEX.id].id


def test_without_a_home_tab_nothing_is_published() -> None:
    with LocalSlack(manifest={"display_information": {"name": "bare"}}) as slack:
        assert error_of(client_of(slack), "views.publish", user_id=ALEX.id, view=HOME) == "not_enabled"


# -- what a submission leads to ----------------------------------------------------------------------------------------


def answering(slack: LocalSlack, respond: Callable[[Ack], Any]) -> OpenView:
    """An open modal of a bot that acknowledges its submission like this."""
    client = client_of(slack)
    app = App(client=client, signing_secret=slack.signing_secret)
    app.view("numbers")(respond)
    slack.connect_app(app)
    opened(slack, client, titled("one"))
    push(slack, client, titled("two"))
    top = slack.world.top_view(ALEX.id)
    assert top is not None
    return top


@pytest.mark.parametrize(
    ("respond", "error", "titles"),
    [
        pytest.param(lambda ack: ack(), "", ["one"], id="an empty answer closes the top"),
        pytest.param(lambda ack: ack(response_action="clear"), "", [], id="clear closes all"),
        pytest.param(lambda ack: ack(response_action="update", view=titled("new")), "", ["one", "new"], id="update shows another"),
        pytest.param(lambda ack: ack(response_action="push", view=titled("new")), "", ["one", "two", "new"], id="push stacks another"),
        pytest.param(lambda ack: ack(response_action="errors", errors={"gpus": "no"}), "", ["one", "two"], id="errors stay"),
        pytest.param(
            lambda ack: ack(response_action="errors", errors={"tpus": "no"}),
            "invalid_response_action",
            ["one", "two"],
            id="errors elsewhere",
        ),
        pytest.param(
            lambda ack: ack(response_action="update", view={"type": "modal"}), "invalid_arguments", ["one", "two"], id="an invalid view"
        ),
    ],
)
def test_a_submission_leads_on(slack: LocalSlack, respond: Callable[[Ack], Any], error: str, titles: list[str]) -> None:
    view = answering(slack, respond)
    assert error == slack.submit(ALEX.id, view.id, COUNT).error
    assert titles == stack(slack)


@pytest.mark.parametrize(
    ("element", "typed", "complaint"),
    [
        pytest.param({"type": "plain_text_input", "min_length": 3}, "ab", "Please enter at least 3 characters.", id="too short"),
        pytest.param({"type": "plain_text_input", "max_length": 3}, "abcd", "Please enter no more than 3 characters.", id="too long"),
        pytest.param({"type": "number_input", "is_decimal_allowed": False}, "eight", "Please enter a number.", id="no number"),
        pytest.param({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number.", id="not whole"),
        pytest.param(
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "2"},
            "1.5",
            "Please enter a number of at least 2.",
            id="too small",
        ),
        pytest.param(
            {"type": "number_input", "is_decimal_allowed": True, "max_value": "1"},
            "1.5",
            "Please enter a number of at most 1.",
            id="too large",
        ),
        pytest.param({"type": "plain_text_input"}, "", "Please complete this required field.", id="empty"),
    ],
)
def test_slacks_own_form_complains_first(slack: LocalSlack, client: WebClient, element: Json, typed: str, complaint: str) -> None:
    block = {"type": "input", "block_id": "n", "label": plain("Number"), "element": {"action_id": "x", **element}}
    view = opened(slack, client, {**MODAL, "blocks": [block]})
    assert slack.submit(ALEX.id, view.id, {"n": {"x": {"type": element["type"], "value": typed}}}).error == "incomplete"
    assert {"n": complaint} == view.errors


def test_a_choice_is_reported_as_the_bot_wrote_it(slack: LocalSlack) -> None:
    seen: list[Json] = []
    option = {"text": plain("Europe"), "value": "eu"}
    element = {"type": "static_select", "action_id": "region", "options": [option, {"text": plain("America"), "value": "us"}]}
    block = {"type": "input", "block_id": "r", "label": plain("Region"), "element": element}
    app = App(client=client_of(slack), signing_secret=slack.signing_secret)

    @app.view("numbers")
    def take(ack: Ack, view: Json) -> None:
        seen.append(view["state"]["values"])
        ack()

    slack.connect_app(app)
    view = opened(slack, client_of(slack), {**MODAL, "blocks": [block]})
    assert slack.submit(ALEX.id, view.id, {"r": {"region": {"selected_option": {"value": "mars"}}}}).error == "no_such_option: mars"
    assert slack.submit(ALEX.id, view.id, {"r": {"region": {"selected_option": {"value": "eu"}}}}).error == ""
    assert [{"r": {"region": {"type": "static_select", "selected_option": option}}}] == seen
