"""What people do with the guided comparison of a conversation, on top of the desk: begin it, act in it, get the result that is due."""

from __future__ import annotations

from dataclasses import replace

from bot.acts import Act, Refused
from bot.comparing import Comparing, step
from bot.conversation import Conversation
from bot.desk import Desk, verdict_id
from bot.qa.guided import comparison_view, guided_comparison
from bot.reply import compare
from bot.reply.elements import Message
from bot.reply.questions import key_of
from bot.storage import NewJob


def begin(desk: Desk, workspace: str, conversation_id: str, key: str, by: str, *jobs: NewJob) -> Conversation:
    """The conversation with a comparison, or as it is where it has one. Raises as `Desk.act`."""

    def begun(conversation: Conversation) -> Conversation:
        return conversation if conversation.comparing else replace(conversation, comparing=Comparing(by))

    return desk.acted(workspace, conversation_id, key, by, begun, *jobs)


def act(desk: Desk, workspace: str, conversation_id: str, key: str, act: Act, job: NewJob) -> Conversation:
    """The conversation after an act in its comparison. Raises as `Desk.act`."""

    def acted(conversation: Conversation) -> Conversation:
        before = conversation.comparing
        if before is None:
            raise Refused("earlier round")
        after = step(before, act, desk.dimensions)
        return conversation if after is before else replace(conversation, comparing=after)

    return desk.acted(workspace, conversation_id, key, act.by, acted, job)


def result_due(desk: Desk, conversation: Conversation) -> bool:
    """A result stands beside a verdict, so none is due before there is one."""
    comparing = conversation.comparing
    return bool(comparing and conversation.advised and comparing.result_due(desk.dimensions, _basis(conversation)))


def show_if_due(desk: Desk, workspace: str, conversation_id: str) -> None:
    """Keeps that there is a result for what is said now beside the newest verdict, unless there is one. Raises Gone."""

    def shown(conversation: Conversation) -> Conversation:
        if conversation.comparing is None or not result_due(desk, conversation):
            return conversation
        return replace(conversation, comparing=conversation.comparing.with_result(desk.dimensions, _basis(conversation)))

    desk.changed(workspace, conversation_id, shown)


def result_message(desk: Desk, conversation: Conversation, comparing: Comparing, number: int) -> Message:
    """The newest result. What an earlier one rested on is no more, if it comes to be posted only now."""
    if number < len(comparing.shown):
        return compare.outdated(desk.words)
    kept, advice = desk.verdict(conversation.workspace, _basis(conversation))
    words = desk.words_of(conversation.workspace, kept)
    comparison = guided_comparison(words.rulebook, desk.dimensions, comparing.chosen(desk.dimensions), {}, advice)
    return compare.result(comparison_view(comparison, words), key_of(conversation, comparing.round))


def _basis(conversation: Conversation) -> str:
    return verdict_id(conversation, len(conversation.advised))
