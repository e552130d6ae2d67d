"""What a question names, what an entry is about, and that neither answers for the other."""

from __future__ import annotations

from datetime import date

import pytest

from bot.qa.asker import Asker
from bot.qa.priced.names import spellings
from bot.qa.subjects import About, Subject, read_subjects
from engine.entries import load_entries
from engine.load import load_rulebook
from engine.rulebook import Rulebook

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def subject() -> Subject:
    return read_subjects()


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(load_rulebook())


@pytest.mark.parametrize(
    ("text", "providers", "machines"),
    [
        ("Do SageMaker endpoints scale?", {"aws"}, set()),
        ("does *Azure-ML* have PassRole", {"azure"}, set()),
        ("is p3.2xlarge retired", {"aws"}, {"v100"}),
        ("Standard_NC6s_v3 is gone", {"azure"}, {"v100"}),
        ("two A100s or H100s", set(), {"a100", "h100"}),
        ("S3 or blob storage", {"aws", "azure"}, set()),
        ("nothing of the kind, at 24/7", set(), set()),
    ],
)
def test_what_a_text_names(subject: Subject, text: str, providers: set[str], machines: set[str]) -> None:
    assert (set(subject.providers(text)), set(subject.machines(text))) == (providers, machines)


def test_every_provider_and_machine_of_the_rulebook_is_known(subject: Subject, rulebook: Rulebook) -> None:
    for provider in rulebook.providers:
        for name in (provider.name, provider.managed_service, provider.endpoint_service):
            assert subject.providers(name) == {provider.id}, name
    for instance in rulebook.catalogue.instances:
        for name in spellings(instance.name):
            assert subject.providers(name) == {instance.provider}, name
            assert subject.machines(name), name


@pytest.mark.parametrize(
    ("entry", "about"),
    [
        ("sagemaker-scale-to-zero", About("aws")),
        ("serverless-compute", About("azure")),
        ("price-scale-to-zero", About()),
        ("egress-aws-or-azure", About()),
        ("azure-nc6s-v3-retired", About("azure", frozenset({"v100"}))),
        ("t4-aws-or-azure", About("", frozenset({"t4"}))),
    ],
)
def test_what_an_entry_is_about(subject: Subject, rulebook: Rulebook, entry: str, about: About) -> None:
    assert about == subject.of(next(each for each in load_entries(rulebook) if each.id == entry))


@pytest.mark.parametrize(
    ("question", "never"),
    [
        ("do endpoints scale to zero on azure", "sagemaker-scale-to-zero"),
        ("can azure managed online endpoints scale to zero", "sagemaker-scale-to-zero"),
        ("does azure ml have PassRole", "sagemaker-passrole-error"),
        ("do I need an execution role in azure ml", "sagemaker-execution-role"),
        ("price of sagemaker serverless", "serverless-compute"),
        ("does azure ml have warm pools", "warm-pools"),
        ("is p4d retired", "azure-nc6s-v3-retired"),
        ("is p3 retired", "azure-nc6s-v3-retired"),
        ("is t4 retired", "azure-nc6s-v3-retired"),
        ("is A100 available on azure in westus2", "azure-nc6s-v3-retired"),
    ],
)
def test_an_entry_about_something_else_does_not_answer(asker: Asker, question: str, never: str) -> None:
    assert asker.ask(question, DAY).id != never
    assert never not in [entry.id for entry in asker.nearest(question)]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("do sagemaker endpoints scale to zero", "sagemaker-scale-to-zero"),
        ("what is PassRole", "sagemaker-passrole-error"),
        ("is NC6s v3 retired", "azure-nc6s-v3-retired"),
        ("is the V100 retired on azure", "azure-nc6s-v3-retired"),
    ],
)
def test_an_entry_answers_for_what_it_is_about(asker: Asker, question: str, entry: str) -> None:
    assert asker.ask(question, DAY).id == entry


@pytest.mark.parametrize(
    "question",
    [
        "do endpoints scale to zero on azure",
        "can azure managed online endpoints scale to zero",
        "does azure ml have PassRole",
        "is p4d retired",
    ],
)
def test_the_neighbour_of_what_is_asked_for_is_not_sure(asker: Asker, question: str) -> None:
    assert not asker.ask(question, DAY).answered


@pytest.mark.parametrize(
    "question", ["is azure always cheaper", "why is azure dearer", "cheapest gpu", "which is cheaper for inference", "who built you"]
)
def test_what_is_about_nothing_in_particular_has_no_answer(asker: Asker, question: str) -> None:
    assert not asker.ask(question, DAY).answered
