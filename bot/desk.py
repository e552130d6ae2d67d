"""What people do with conversations, on top of storage: begin one, act in it, get the verdict that is due. No Slack in it.

Every act is one transaction: the event is marked as seen, the conversation saved, and the job enqueued that shows it, or nothing of it.
Where somebody else was quicker, the act is done again on what they left, so that two people who click at once lose nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from bot.changes import changed_lines
from bot.contract import contract
from bot.conversation import Act, Conversation, Given, step
from bot.metrics import advised
from bot.reply import report as report_reply
from bot.reply import verdict as verdict_reply
from bot.reply.elements import Block, Message
from bot.storage import Database, NewJob, Stale, Verdict, Workspace, WorkspaceSettings, rulebook_from, snapshot
from bot.verdicts import Verdicts, inputs_of
from bot.view import View, view_of
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, Value, skipped_answer
from engine.dimensions import Dimensions
from engine.errors import Problem, RulesError
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook

_TRIES = 20
_Result = TypeVar("_Result")
_Change = Callable[[Conversation], Conversation]  # the same object where nothing changes


class Gone(Exception):
    """The conversation or verdict is not kept, or not in this workspace."""


class NotYours(Exception):
    """A private conversation of somebody else."""


class Again(Exception):
    """The same event once more: what it asks for was done the first time, and nothing is left to do or to say."""


@dataclass(frozen=True)
class Desk:
    """Rules, words and storage, put together. `words` hides private figures: whatever it says may be posted.

    `rules` are the files that the rulebook was read from, taken at once: those on the disk may change while the bot runs.
    """

    rulebook: Rulebook
    words: Words
    database: Database
    verdicts: Verdicts
    clock: Callable[[], datetime]
    dimensions: Dimensions = field(kw_only=True)
    rules: bytes = field(default_factory=lambda: snapshot(RULES_FOLDER), repr=False)

    # -- beginning and acting --------------------------------------------------------------------------------------

    def begin(self, conversation: Conversation, *jobs: NewJob) -> Conversation:
        """A new conversation, or the one that has its id or its thread already: then the same event came before. The `jobs` go with it."""
        with self.database.workspace(conversation.workspace) as work:
            known = work.conversation(conversation.id)
            if known is None and conversation.thread is not None:
                known = work.conversation_in(conversation.channel, conversation.thread)
            if known is None:
                work.add_conversation(conversation)
            for job in jobs:
                work.enqueue(job)
        return known or conversation

    def act(self, workspace: str, conversation_id: str, key: str, act: Act, *jobs: NewJob) -> Conversation:
        """The conversation after the act, with the `jobs` that follow from it. Raises Gone, NotYours, or what `step` raises."""
        return self.acted(workspace, conversation_id, key, act.by, lambda before: step(before, act, self.rulebook), *jobs)

    def acted(self, workspace: str, conversation_id: str, key: str, by: str, change: _Change, *jobs: NewJob) -> Conversation:
        """The conversation after what somebody did to it, once for each key."""

        def once(work: Workspace) -> Conversation:
            conversation = work.conversation(conversation_id)
            check_may_act(conversation, by)
            assert conversation is not None
            if work.first_time(key):
                after = change(conversation)
                conversation = conversation if after is conversation else work.save_conversation(after)
            for job in jobs:
                work.enqueue(job)
            return conversation

        return self._again_when_stale(workspace, once)

    def enqueue(self, workspace: str, job: NewJob) -> bool:
        """False where the same was enqueued before."""
        return self.database.put(workspace, job)

    def posted(self, workspace: str, conversation_id: str, slot: str, channel: str, ts: str, digest: str, *, first: bool) -> None:
        """A message of the conversation stands in Slack. The first one says where the conversation is."""

        def once(work: Workspace) -> None:
            work.posted(conversation_id, slot, ts, digest)
            conversation = work.conversation(conversation_id) if first else None
            if conversation is not None and conversation.thread is None:
                work.save_conversation(replace(conversation, channel=channel, thread=ts))

        self._again_when_stale(workspace, once)

    def made_private(self, workspace: str, conversation_id: str, user: str) -> Conversation:
        """The conversation in a direct message of its owner, where its channel did not take it."""

        def change(conversation: Conversation) -> Conversation:
            if conversation.owner != user:
                raise NotYours
            return replace(conversation, channel=user, private=True) if conversation.thread is None else conversation

        return self.changed(workspace, conversation_id, change)

    def asked_instead(self, workspace: str, conversation_id: str, user: str) -> Conversation:
        """Question by question, for whoever spoke up in a thread whose form nobody sent."""

        def change(conversation: Conversation) -> Conversation:
            check_may_act(conversation, user)
            return replace(conversation, form=False, quick=False, owner=user) if conversation.form else conversation

        return self.changed(workspace, conversation_id, change)

    def changed(self, workspace: str, conversation_id: str, change: _Change) -> Conversation:
        """The conversation after a change that nobody in particular makes."""

        def once(work: Workspace) -> Conversation:
            conversation = work.conversation(conversation_id)
            if conversation is None:
                raise Gone
            after = change(conversation)
            return conversation if after is conversation else work.save_conversation(after)

        return self._again_when_stale(workspace, once)

    def _again_when_stale(self, workspace: str, once: Callable[[Workspace], _Result]) -> _Result:
        for _ in range(_TRIES - 1):
            try:
                with self.database.workspace(workspace) as work:
                    return once(work)
            except Stale:
                continue
        with self.database.workspace(workspace) as work:
            return once(work)

    # -- verdicts --------------------------------------------------------------------------------------------------

    def advise_if_due(self, workspace: str, conversation_id: str) -> Conversation:
        """Keeps a verdict for what is said now, unless there is one. Raises CaseError where no plan can be priced."""
        for _ in range(_TRIES):
            with self.database.reading(workspace) as work:
                conversation, settings = work.conversation(conversation_id), work.settings()
            if conversation is None:
                raise Gone
            if not conversation.verdict_due(self.rulebook):
                return conversation
            advice = self.advice(conversation, settings)
            try:
                return self._keep(conversation, advice)
            except Stale:
                continue
        raise Stale

    def _keep(self, conversation: Conversation, advice: Advice) -> Conversation:
        rules = self._rules_to_keep(conversation.workspace)
        advised_now, outputs = conversation.with_verdict(), contract(advice, self.words)
        id = verdict_id(advised_now, len(advised_now.advised))
        with self.database.workspace(conversation.workspace) as work:
            saved = work.save_conversation(advised_now)
            if rules is not None:
                work.keep_rulebook(self.rulebook.version, self.rulebook.prices_version, rules)
            work.add_verdict(
                Verdict(
                    id=id,
                    conversation=conversation.id,
                    number=len(work.verdicts_in(conversation.id)) + 1,  # through all rounds
                    asked_by=conversation.numbers.by if conversation.numbers else conversation.owner,
                    created_at=self.clock(),
                    day=advice.day,
                    inputs=inputs_of(advice.case),
                    outputs=outputs,
                    rules_version=self.rulebook.version,
                    prices_version=self.rulebook.prices_version,
                )
            )
        self.verdicts.given(conversation.workspace, id, advice)
        advised(advice.plan, advice.now.basis)
        return saved

    def _rules_to_keep(self, workspace: str) -> bytes | None:
        """None where they are kept. Raises RulesError where the files are others than those that the rulebook was read from: a verdict
        must be had again."""
        with self.database.reading(workspace) as work:
            if work.rulebook_snapshot(self.rulebook.version) is not None:
                return None
        if rulebook_from(self.rules).version != self.rulebook.version:
            raise RulesError([Problem("rules", 0, "", "changed while the bot started. Start it again")])
        return self.rules

    def advice(self, conversation: Conversation, settings: WorkspaceSettings) -> Advice:
        return advise(self.case(conversation, settings), self.rulebook, self.today())

    def case(self, conversation: Conversation, settings: WorkspaceSettings) -> Case:
        """The case of a conversation over what its workspace sets."""
        return conversation.case(self.rulebook, self.today(), workload_set(settings, self.rulebook), assumptions_set(settings))

    def case_so_far(self, conversation: Conversation, settings: WorkspaceSettings) -> Case:
        """The same, with 'not sure' for every question that is not answered yet."""
        unsure = {q.id: Given(skipped_answer(q), "", "", skipped=True) for q in self.rulebook.questions if q.id not in conversation.answers}
        return self.case(replace(conversation, answers={**conversation.answers, **unsure}), settings)

    def typical_case(self, conversation: Conversation, settings: WorkspaceSettings) -> Case:
        """The same answers with nobody's numbers."""
        return self.case_so_far(replace(conversation, workload={}, assumptions={}), settings)

    def today(self) -> date:
        """The day on which prices are judged, in UTC."""
        return self.clock().astimezone(UTC).date()

    # -- showing ---------------------------------------------------------------------------------------------------

    def verdict(self, workspace: str, verdict_id: str) -> tuple[Verdict, Advice]:
        """A kept verdict and its advice. Raises Gone."""
        with self.database.reading(workspace) as work:
            kept = work.verdict(verdict_id)
        if kept is None:
            raise Gone
        return kept, self.verdicts.replay(workspace, kept)

    def view(self, workspace: str, verdict_id: str) -> View:
        kept, advice = self.verdict(workspace, verdict_id)
        return view_of(advice, self.words_of(workspace, kept))

    def words_of(self, workspace: str, kept: Verdict) -> Words:
        """The words of the rulebook that a verdict was given by."""
        if kept.rules_version == self.rulebook.version:
            return self.words
        return Words(self.verdicts.rulebook_of(workspace, kept.rules_version), shows_private=False)

    def verdict_message(self, conversation: Conversation, number: int) -> Message:
        """The first screen of a verdict; a later one says what changed."""
        kept, advice = self.verdict(conversation.workspace, verdict_id(conversation, number))
        words = self.words_of(conversation.workspace, kept)
        changed: tuple[str, ...] = ()
        if number > 1:
            _, before = self.verdict(conversation.workspace, verdict_id(conversation, number - 1))
            changed = changed_lines(before, advice, words)
        return verdict_reply.verdict(view_of(advice, words), kept.id, changed, self._outdated_reports(conversation, number, words))

    def _outdated_reports(self, conversation: Conversation, number: int, words: Words) -> list[Block]:
        """Under the newest verdict, the reports elsewhere that show one before it."""
        with self.database.reading(conversation.workspace) as work:
            reports = work.reports_of(conversation.id) if number == len(conversation.advised) else []
        return report_reply.outdated(reports, verdict_id(conversation, number), words)


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(12)


def verdict_id(conversation: Conversation, number: int) -> str:
    return f"{conversation.id}-{conversation.round}-{number}"


def check_may_act(conversation: Conversation | None, user: str) -> None:
    """In a channel everybody who sees the thread may answer, and fill in a form that somebody left; a private one is its owner's."""
    if conversation is None:
        raise Gone
    if conversation.private and conversation.owner != user:
        raise NotYours


def workload_set(settings: WorkspaceSettings, rulebook: Rulebook) -> dict[str, Value]:
    """The private figures that a workspace sets, by field."""
    private = [each.id for each in rulebook.fields if each.private]
    given = settings.ea_discount_pct
    return {private[0]: Decimal(given)} if given is not None and private else {}


def assumptions_set(settings: WorkspaceSettings) -> dict[str, Value]:
    return {name: Decimal(value) for name, value in settings.assumptions.items()}
