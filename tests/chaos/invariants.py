"""What must hold at the end, judged from what people did and from what stands in Slack and in the database."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.chaos.accounts import Account, Evidence, Finding, Kind, Post, Row

VERDICT, REPORT = "numbers:refine", "report"
FIRST_WORDS = "Which cloud for your AI workload?"
CHANGED = "Changed:"
_MENTION = re.compile(r"<@([A-Z0-9]+)>")
_ID = re.compile(r"(?:^|:)([0-9a-f]{24})(?=$|[:-])")


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong."""
    judge = _Judge(evidence)
    found = [finding for account in evidence.accounts for check in _OF_A_PERSON for finding in check(judge, account)]
    return [*found, *_keys(evidence), *_foreign(judge)]


@dataclass(frozen=True)
class _Judge:
    evidence: Evidence

    @cached_property
    def by_thread(self) -> dict[tuple[str, str, str], list[Post]]:
        """What all may read in a thread, without its head."""
        threads = defaultdict(list)
        for post in self.evidence.posts:
            if post.thread and not post.to:
                threads[post.workspace, post.channel, post.thread].append(post)
        return threads

    @cached_property
    def by_channel(self) -> dict[tuple[str, str], list[Post]]:
        """What all may read outside threads."""
        channels = defaultdict(list)
        for post in self.evidence.posts:
            if not post.thread and not post.to:
                channels[post.workspace, post.channel].append(post)
        return channels

    @cached_property
    def rows(self) -> dict[tuple[str, str, str | None], list[Row]]:
        rows = defaultdict(list)
        for row in self.evidence.rows:
            rows[row.workspace, row.channel, row.thread].append(row)
        return rows

    @cached_property
    def workspaces(self) -> dict[str, set[str]]:
        """In which workspaces the database has a conversation or a report of this id."""
        found = defaultdict(set)
        for workspace, id in self.evidence.ids:
            found[id].add(workspace)
        return found

    @cached_property
    def conversations(self) -> set[str]:
        return {row.id for row in self.evidence.rows}

    def thread(self, account: Account) -> list[Post]:
        return self.by_thread.get((account.workspace, account.channel, account.thread), [])


def _finding(kind: Kind, account: Account, what: str) -> Finding:
    return Finding(kind, account.workspace, account.person, what)


# -- one person's conversation -------------------------------------------------------------------------------------------


def _answers(judge: _Judge, account: Account) -> Iterator[Finding]:
    """What was acknowledged is what the conversation keeps, the last word on each question."""
    if not account.said:
        return
    rows = judge.rows.get((account.workspace, account.channel, account.thread), [])
    if len(rows) != 1:
        yield _finding("lost" if not rows else "doubled", account, "the conversation in the database")
        return
    for question, value in account.said.items():
        kept = rows[0].answers.get(question)
        if kept != value:
            yield _finding("lost", account, f"the answer {question}: {value}, kept is {kept}")
    if account.numbers is not None and (rows[0].workload != account.numbers or not rows[0].numbers):
        yield _finding("lost", account, f"the numbers {account.numbers or 'typical'}, kept is {rows[0].workload or rows[0].numbers}")


def _heads(judge: _Judge, account: Account) -> Iterator[Finding]:
    """One thread for each command; a command that Slack called failed may have begun one all the same."""
    top = judge.by_channel.get((account.workspace, account.channel), [])
    heads = [post for post in top if post.text.startswith(FIRST_WORDS) and (account.private or f"<@{account.person}>" in post.text)]
    if len(heads) > account.commands:
        yield _finding("doubled", account, f"{len(heads)} threads for {account.commands} commands")
    if account.said and not heads:
        yield _finding("lost", account, "the first message")


def _questions(judge: _Judge, account: Account) -> Iterator[Finding]:
    """One message for each question, one for the choice of numbers."""
    cards = Counter(card for post in judge.thread(account) for card in {_card(action) for action, _ in post.actions} - {""})
    for card, count in cards.items():
        if count > 1:
            yield _finding("doubled", account, f"the message of {card}, {count} times")
    for question in account.said:
        if not cards[question]:
            yield _finding("lost", account, f"the message of {question}")


def _card(action: str) -> str:
    """Which message of a round has this button; empty for other messages."""
    first, _, rest = action.partition(":")
    if first in ("answer", "change", "not_sure"):
        return rest.partition(":")[0]
    return "the numbers" if action in ("typical", "numbers") else ""


def _verdicts(judge: _Judge, account: Account) -> Iterator[Finding]:
    """Each that is due once, in order, the second with what changed."""
    found = [(value, post) for post in judge.thread(account) for action, value in post.actions if action == VERDICT]
    counts = Counter(value for value, _ in found)
    for verdict, count in counts.items():
        if count > 1:
            yield _finding("doubled", account, f"the verdict {verdict}, {count} times")
    for at in range(len(counts), account.verdicts):
        yield _finding("lost", account, f"verdict {at + 1}")
    for at in range(account.verdicts, len(counts)):
        yield _finding("doubled", account, f"verdict {at + 1}, which nobody asked for")
    second = [post for value, post in found if value.endswith("-2")]
    if second and not any(CHANGED in post.text for post in second):
        yield _finding("lost", account, "what changed, in the second verdict")


def _reports(judge: _Judge, account: Account) -> Iterator[Finding]:
    """Each that was asked for once, in its channel."""
    due = Counter(account.reports)
    for workspace, channel in judge.evidence.reports:
        if workspace != account.workspace:
            continue
        count = sum(f"<@{account.person}>" in post.text for post in judge.by_channel.get((workspace, channel), []))
        if count < due[channel]:
            yield _finding("lost", account, f"the report in {channel}")
        if count > due[channel]:
            yield _finding("doubled", account, f"the report in {channel}: {count} for {due[channel]}")


def _ends(judge: _Judge, account: Account) -> Iterator[Finding]:
    """Nobody waits without a word."""
    if account.ended != "finished" and not account.told_since_act:
        yield _finding("silent", account, account.ended or "never began")


def _words(judge: _Judge, account: Account) -> Iterator[Finding]:
    """What else stands in the thread for all to read."""
    for post in judge.thread(account):
        if not any(_card(action) or action == VERDICT for action, _ in post.actions):
            yield _finding("left over", account, post.text[:80])


_OF_A_PERSON: tuple[Callable[[_Judge, Account], Iterator[Finding]], ...] = (
    _answers,
    _heads,
    _questions,
    _verdicts,
    _reports,
    _ends,
    _words,
)


# -- everything ----------------------------------------------------------------------------------------------------------


def _keys(evidence: Evidence) -> Iterator[Finding]:
    """The key that a message carries, for Slack and not for people, stands once; a stub that was given up may stand beside it."""
    keys = Counter(post.key for post in evidence.posts if post.key and not post.stub)
    for post in evidence.posts:
        if keys[post.key] > 1 and not post.stub:
            yield Finding("doubled", post.workspace, "", f"the message with the key {post.key[:12]}: {post.text[:60]}")


def _foreign(judge: _Judge) -> Iterator[Finding]:
    """No person, no conversation and no row of one workspace in another, and no conversation in the thread of another."""
    homes = judge.evidence.homes
    for post in judge.evidence.posts:
        for person in {*_MENTION.findall(post.text), *filter(None, [post.to])}:
            if homes.get(person) != post.workspace:
                yield Finding("foreign", post.workspace, person, f"{person} of {homes.get(person)} in {post.text[:60]}")
        for id in sorted({id for _, value in post.actions for id in _ID.findall(value)}):
            if judge.workspaces.get(id, {post.workspace}) != {post.workspace}:
                yield Finding("foreign", post.workspace, "", f"a button for {id} of {judge.workspaces[id]}")
    for row in judge.evidence.rows:
        for person in row.people:
            if homes.get(person) != row.workspace:
                yield Finding("foreign", row.workspace, person, f"{person} of {homes.get(person)} in the conversation {row.id}")
    yield from _misplaced(judge)


def _misplaced(judge: _Judge) -> Iterator[Finding]:
    for (workspace, channel, thread), posts in judge.by_thread.items():
        own = {row.id for row in judge.rows.get((workspace, channel, thread), [])}
        named = {id for post in posts for _, value in post.actions for id in _ID.findall(value)} & judge.conversations
        for conversation in sorted(named - own):
            yield Finding("foreign", workspace, "", f"a button for {conversation} in the thread of another conversation")
