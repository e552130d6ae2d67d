"""Opening forms. Slack gives three seconds from the press, so the form is opened first and nothing is computed that it does not show."""

from __future__ import annotations

from bot.conversation import Conversation
from bot.listeners.payload import metadata
from bot.listeners.telling import Teller
from bot.office import Office
from bot.reply import forms, notes, questions, settings_form
from bot.reply.elements import mention
from bot.storage import WorkspaceSettings
from engine.knowledge import Question


def open_numbers(office: Office, teller: Teller, trigger: str, conversation: Conversation, at: str) -> None:
    """Every number in use. Before the five answers are complete, what they are not is 'not sure'."""
    settings = read_settings(office, conversation.workspace)
    case = office.desk.case_so_far(conversation, settings)
    user = teller.where.user
    view = forms.build_numbers(conversation, case, user, office.desk.words, metadata(conversation.id, at))
    teller.client.views_open(trigger_id=trigger, view=view)


def open_quick(office: Office, teller: Teller, trigger: str, conversation: Conversation, at: str) -> None:
    teller.client.views_open(trigger_id=trigger, view=forms.build_quick(office.desk.words, metadata(conversation.id, at)))


def open_other(office: Office, teller: Teller, trigger: str, conversation: Conversation, question: Question, at: str) -> None:
    view = questions.other_number(conversation, question, metadata(conversation.id, at))
    teller.client.views_open(trigger_id=trigger, view=view)


def open_ask(office: Office, teller: Teller, trigger: str, conversation: Conversation, at: str) -> None:
    teller.client.views_open(trigger_id=trigger, view=notes.ask_form(metadata(conversation.id, at)))


def open_settings(office: Office, teller: Teller, trigger: str) -> None:
    """Only for those who may change them; where nobody is named yet, whoever comes first becomes one of them."""
    settings = read_settings(office, teller.where.workspace)
    if not may_edit(office, settings, teller.where.user):
        named = " or ".join(mention(user) for user in editors(office, settings)[:5])
        teller.tell(office.desk.words.talk("settings_refused", named))
        return
    view = settings_form.build_settings(settings, teller.where.user, office.desk.words)
    teller.client.views_open(trigger_id=trigger, view=view)


def read_settings(office: Office, workspace: str) -> WorkspaceSettings:
    with office.desk.database.reading(workspace) as work:
        return work.settings()


def editors(office: Office, settings: WorkspaceSettings) -> tuple[str, ...]:
    """Who may change settings: those named in the settings and, of the one workspace that a token serves, in the environment."""
    return settings.editors if office.settings.many else (*office.settings.whichcloud_admins, *settings.editors)


def may_edit(office: Office, settings: WorkspaceSettings, user: str) -> bool:
    named = editors(office, settings)
    return not named or user in named
