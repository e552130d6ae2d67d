"""The seeded workspace, what people see of it, and its clock."""

from __future__ import annotations

import threading

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.seed import ALEX, BO, BOT_USER_ID, GENERAL, seeded_world
from bot.sandbox.world import Message


def test_example_ltd_on_its_first_morning() -> None:
    world = seeded_world()
    assert [person.name for person in world.people.values()] == ["alex", "bo", "cleo", "dana"]
    assert [person.name for person in world.people.values() if person.admin] == ["alex"]
    rooms = [channel for channel in world.channels.values() if channel.kind != "dm"]
    with_bot = {channel.name for channel in rooms if BOT_USER_ID in channel.members}
    assert {"general", "ml-platform", "old-project", "announcements"} == with_bot
    assert {"finops", "board"} == {channel.name for channel in rooms} - with_bot
    assert [channel.name for channel in rooms if channel.archived] == ["old-project"]
    assert [channel.name for channel in rooms if channel.restricted] == ["announcements"]


def test_everyone_sees_what_is_theirs() -> None:
    world = seeded_world()
    names = [channel.name for channel in world.channels_of(BO.id)]
    assert names == ["general", "ml-platform", "finops", "old-project", "announcements", "bo"]
    assert "board" in [channel.name for channel in world.channels_of(ALEX.id)]


def test_the_scopes_are_the_manifests_unless_given() -> None:
    manifest = {"display_information": {"name": "tiny"}, "oauth_config": {"scopes": {"bot": ["commands"]}}}
    assert ("tiny", frozenset({"commands"})) == (seeded_world(manifest).bot.name, seeded_world(manifest).installation.scopes)
    assert frozenset({"chat:write"}) == seeded_world(manifest, ["chat:write"]).installation.scopes


def test_replies_ephemerals_and_deletions_are_told_apart() -> None:
    world = seeded_world()
    parent = world.add(Message("1.000001", GENERAL, ALEX.id, "parent"))
    world.add(Message("1.000002", GENERAL, BO.id, "reply", thread_ts=parent.ts))
    world.add(Message("1.000003", GENERAL, BOT_USER_ID, "for Bo", ephemeral_to=BO.id))
    world.add(Message("1.000004", GENERAL, BO.id, "also in the channel", thread_ts=parent.ts, broadcast=True))
    assert [message.text for message in world.messages_in(GENERAL, ALEX.id)] == ["parent", "also in the channel"]
    assert [message.text for message in world.messages_in(GENERAL, BO.id)] == ["parent", "for Bo", "also in the channel"]
    assert [message.text for message in world.replies_in(GENERAL, parent.ts, ALEX.id)] == ["reply", "also in the channel"]


def test_no_two_messages_share_a_moment() -> None:
    world = seeded_world()
    moments = [world.new_ts() for _ in range(1000)]
    assert sorted(set(moments)) == moments


def test_a_change_wakes_whoever_waits() -> None:
    world = seeded_world()
    before = world.revision
    writer = threading.Thread(target=lambda: world.add(Message("1.000001", GENERAL, ALEX.id, "hello")))
    writer.start()
    assert world.wait_for(lambda: world.find(GENERAL, "1.000001"), 10)
    writer.join()
    assert before + 1 == world.revision
    assert not world.wait_for(lambda: False, 0.0)


def test_work_is_done_in_the_order_of_its_moments() -> None:
    clock = Clock()
    done: list[str] = []
    start = clock.now()

    def first() -> None:
        done.append("first")
        clock.call_at(start + 15, lambda: done.append("between"))

    clock.call_at(start + 20, lambda: done.append("second"))
    clock.call_at(start + 10, first)
    clock.advance(5)
    assert done == []
    clock.advance(30)
    assert done == ["first", "between", "second"]
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(-1)
