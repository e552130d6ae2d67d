"""'How do I set this up?': which files a plan gets, what they are filled with, and that no value breaks out of its place."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bot.qa.setup import setup_answer, setup_for
from bot.qa.setup_book import SETUP_FOLDER, Limits, read_book
from bot.qa.setup_values import longest_run
from engine.errors import AdviceError, RulesError
from engine.load import RULES_FOLDER
from tests.bot.qa.setup_cases import AWS, AZURE, DAY, TRAIN_AWS, WANTED, Wanted, rulebook, snippets

# -- which files -------------------------------------------------------------------------------------------------------

SAGEMAKER = ["sagemaker_train.py", "sagemaker_train_v2.py", "sagemaker_script_mode.py", "sagemaker_built_in.py"]
AZUREML = ["azureml_cluster.py", "azureml_train.py", "azureml_environment.py"]
FOLDER = ["main.tf", "variables.tf"]
FILES = {
    "aws, managed": [
        *SAGEMAKER,
        "sagemaker_saving.py",
        "train.py",
        "sagemaker_endpoints.py",
        "sagemaker_role.py",
        *FOLDER,
        "aws_storage.tf",
        "aws_sagemaker.tf",
        "aws_endpoints.tf",
    ],
    "aws, managed, continuous": [
        *SAGEMAKER,
        "train.py",
        "sagemaker_endpoints.py",
        "sagemaker_role.py",
        *FOLDER,
        "aws_storage.tf",
        "aws_sagemaker.tf",
        "aws_endpoints.tf",
    ],
    "azure, managed": [
        *AZUREML,
        "train.py",
        "azureml_endpoints.py",
        "azureml_roles.sh",
        *FOLDER,
        "azure_storage.tf",
        "azure_workspace.tf",
        "azure_cluster.tf",
    ],
    "hybrid-aws-azure, managed": [
        *SAGEMAKER,
        "sagemaker_saving.py",
        "train.py",
        "azureml_endpoints.py",
        "sagemaker_role.py",
        "azureml_roles.sh",
        *FOLDER,
        "aws_storage.tf",
        "aws_sagemaker.tf",
        "azure_storage.tf",
        "azure_workspace.tf",
    ],
    "hybrid-azure-aws, managed": [
        *AZUREML,
        "train.py",
        "sagemaker_endpoints.py",
        "sagemaker_role.py",
        "azureml_roles.sh",
        *FOLDER,
        "aws_storage.tf",
        "aws_sagemaker.tf",
        "aws_endpoints.tf",
        "azure_storage.tf",
        "azure_workspace.tf",
        "azure_cluster.tf",
    ],
    "aws, raw": ["aws_training_machines.tf", "train.py", "aws_serving_machines.tf", *FOLDER, "aws_storage.tf", "aws_machines.tf"],
    "azure, raw": ["azure_training_machines.tf", "train.py", "azure_serving_machines.tf", *FOLDER, "azure_storage.tf"],
    "hybrid-aws-azure, raw": [
        "aws_training_machines.tf",
        "train.py",
        "azure_serving_machines.tf",
        *FOLDER,
        "aws_storage.tf",
        "aws_machines.tf",
        "azure_storage.tf",
    ],
    "hybrid-azure-aws, raw": [
        "azure_training_machines.tf",
        "train.py",
        "aws_serving_machines.tf",
        *FOLDER,
        "aws_storage.tf",
        "aws_machines.tf",
        "azure_storage.tf",
    ],
    "azure, serving only": ["azureml_endpoints.py", "azureml_roles.sh", *FOLDER, "azure_storage.tf", "azure_workspace.tf"],
    "aws, training only": [
        *SAGEMAKER,
        "sagemaker_saving.py",
        "train.py",
        "sagemaker_role.py",
        *FOLDER,
        "aws_storage.tf",
        "aws_sagemaker.tf",
    ],
}


@pytest.mark.parametrize("case", FILES)
def test_each_plan_gets_its_files_in_order(case: str) -> None:
    assert FILES[case] == [Path(snippet.file_name).name for snippet in snippets(case)]


@pytest.mark.parametrize("case", WANTED)
def test_no_file_is_handed_over_twice(case: str) -> None:
    names = [snippet.file_name for snippet in snippets(case)]
    assert sorted(set(names)) == sorted(names)


# -- what they are filled with -----------------------------------------------------------------------------------------

FILLED = {
    "spot on SageMaker": (
        "aws, managed",
        "sagemaker_train.py",
        [
            'REGION = "us-east-1"',
            'INSTANCE_TYPE = "ml.p4d.24xlarge"',
            "instance_count=1,",
            "enable_managed_spot_training=True",
            "max_runtime_in_seconds=432000,",
            "max_wait_time_in_seconds=518400,",
            "process_count_per_node=8",
        ],
    ),
    "all month on SageMaker": (
        "aws, managed, continuous",
        "sagemaker_train.py",
        ["instance_count=4,", "enable_managed_spot_training=False", "max_runtime_in_seconds=2419200,"],
    ),
    "one small machine in Europe": (
        "aws, one T4 in europe",
        "sagemaker_train.py",
        ['REGION = "eu-west-1"', 'INSTANCE_TYPE = "ml.g4dn.xlarge"', "instance_count=1,"],
    ),
    "v2": (
        "aws, managed",
        "sagemaker_train_v2.py",
        ["use_spot_instances=True", "max_run=432000", "max_wait=518400", 'checkpoint_s3_uri=f"s3://{bucket}/checkpoints/{run}"'],
    ),
    "low priority": (
        "azure, managed",
        "azureml_cluster.py",
        ['size="Standard_ND96asr_v4"', "min_instances=0,", "max_instances=1,", 'tier="low_priority"', "idle_time_before_scale_down=120,"],
    ),
    "reserved nodes stay": (
        "azure, managed, continuous",
        "azureml_cluster.py",
        ["min_instances=4,", "max_instances=4,", 'tier="dedicated"'],
    ),
    "the endpoints of one of five regions": ("aws, managed", "sagemaker_endpoints.py", ["ENDPOINTS = 4", '"ml.c5.large"', '"us-east-1"']),
    "a card behind each endpoint": (
        "azure, serving only",
        "azureml_endpoints.py",
        ['"Standard_NC4as_T4_v3"', 'os.environ["SERVING_IMAGE"]'],
    ),
    "spot machines of your own": (
        "aws, raw",
        "terraform/aws_training_machines.tf",
        ['instance_type          = "p4d.24xlarge"', 'market_type = "spot"', "desired_capacity    = 0 "],
    ),
    "reserved machines of your own": (
        "aws, raw, continuous",
        "terraform/aws_training_machines.tf",
        ["desired_capacity    = 4", "max_size            = 4"],
    ),
    "a spot scale set": (
        "azure, raw",
        "terraform/azure_training_machines.tf",
        ['priority            = "Spot"', 'eviction_policy     = "Delete"'],
    ),
    "a low-priority cluster": (
        "azure, managed",
        "terraform/azure_cluster.tf",
        ['"LowPriority"', "max_node_count                       = 1"],
    ),
    "both regions in one file": (
        "hybrid-aws-azure, raw",
        "terraform/variables.tf",
        ['default     = "us-east-1"', 'default     = "eastus"'],
    ),
    "cool storage": ("azure, cool storage", "terraform/azure_storage.tf", ['access_tier                     = "Cool"']),
    "infrequent access": ("aws, cool storage", "terraform/aws_storage.tf", ['storage_class = "STANDARD_IA"']),
}


@pytest.mark.parametrize(("case", "file_name", "parts"), FILLED.values(), ids=FILLED)
def test_the_values_of_the_case_stand_in_the_code(case: str, file_name: str, parts: list[str]) -> None:
    code = next(snippet.code for snippet in snippets(case) if snippet.file_name == file_name)
    assert [part for part in parts if part not in code] == []


ABSENT = {
    "on demand asks for no spot": ("aws, on demand", "sagemaker_train.py", "max_wait_time_in_seconds"),
    "v2 on demand": ("aws, on demand", "sagemaker_train_v2.py", "use_spot_instances"),
    "reserved machines": ("aws, raw, continuous", "terraform/aws_training_machines.tf", "market_options"),
    "reserved machines do not stop themselves": ("aws, raw, continuous", "terraform/aws_training_machines.tf", "--desired-capacity 0"),
    "a scale set on demand": ("azure, on demand, raw", "terraform/azure_training_machines.tf", "Spot"),
    "one process on one card": ("aws, one T4 in europe", "sagemaker_train.py", "Torchrun"),
    "no usual image for Trainium": ("aws, Trainium", "sagemaker_train.py", "image_uris"),
    "one cloud needs no other": ("aws, raw", "terraform/variables.tf", "azure"),
}


@pytest.mark.parametrize(("case", "file_name", "part"), ABSENT.values(), ids=ABSENT)
def test_what_the_plan_did_not_buy_is_not_in_the_code(case: str, file_name: str, part: str) -> None:
    assert part not in next(snippet.code for snippet in snippets(case) if snippet.file_name == file_name)


LIMITS = Limits.model_validate({"longest_job_hours": "672", "shortest_job_hours": "1", "spot_wait_hours": "24", "sources": ["x"]})


@pytest.mark.parametrize(
    ("hours", "spot", "seconds"),
    [
        pytest.param("120", True, 432_000, id="the hours of the month"),
        pytest.param("0.5", False, 3_600, id="never under an hour"),
        pytest.param("0", True, 3_600, id="no hours yet"),
        pytest.param("1.0001", False, 3_601, id="a started second counts"),
        pytest.param("730", False, 2_419_200, id="28 days at most"),
        pytest.param("672", True, 2_332_800, id="the wait for spot fits into the 28 days"),
    ],
)
def test_hours_of_the_month_become_the_limit_of_one_job(hours: str, spot: bool, seconds: int) -> None:
    assert seconds == longest_run(Decimal(hours), LIMITS, spot=spot)


@pytest.mark.parametrize("case", WANTED)
def test_a_spot_job_may_always_wait(case: str) -> None:
    for snippet in snippets(case):
        limits = [int(n) for n in re.findall(r"max_(?:run|wait|runtime_in_seconds|wait_time_in_seconds)=(\d+)", snippet.code)]
        assert limits == sorted(limits)


NOTES = {
    "reserved on SageMaker": ("aws, managed, continuous", "sagemaker-training", "EC2 reserved instances do not cover ml. machines."),
    "a whole month in one job": ("aws, managed, continuous", "sagemaker-training", "28 days at most"),
    "low priority has its own price": ("azure, managed", "azureml-cluster", "rate of its own"),
    "a size that is not confirmed": ("hybrid-aws-azure, managed", "azureml-endpoints", "Not confirmed"),
    "a retired machine": ("azure, the article's machine", "azureml-cluster", "This machine is retired"),
    "five regions": ("aws, managed", "sagemaker-endpoints", "20 endpoints over 5 regions are up to 4 in each."),
    "a scale set that goes on costing": ("azure, raw", "terraform-azure-training-machines", "Nothing empties the scale set"),
    "Neuron": ("aws, Trainium", "sagemaker-training", "Neuron"),
}


@pytest.mark.parametrize(("case", "snippet_id", "part"), NOTES.values(), ids=NOTES)
def test_what_to_know_first_is_said(case: str, snippet_id: str, part: str) -> None:
    notes = next(snippet.notes for snippet in snippets(case) if snippet.id == snippet_id)
    assert any(part in note for note in notes)


# -- the answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WANTED)
def test_the_answer_shows_the_first_file_and_names_the_others(case: str) -> None:
    wanted = WANTED[case]
    answer = setup_answer(rulebook(), wanted.advice(), DAY, plan=wanted.plan)
    first, *others = snippets(case)
    assert (answer.kind, answer.id, answer.private) == ("engine", "setup", False)
    assert f"```\n{first.code}```" in answer.text
    assert answer.text.count("```") == 2
    assert [snippet.file_name for snippet in others if f"`{snippet.file_name}`" not in answer.text] == []
    assert answer.as_of is not None
    assert 1 <= len(answer.suggestions) <= 3
    assert "\n\n\n" not in answer.text.replace(first.code, "")


def test_the_code_of_the_first_file_fits_into_one_message() -> None:
    """Slack takes 3,000 characters a section in one block, and 40,000 a message."""
    assert max(len(snippets(case)[0].code) for case in WANTED) < 6_000


def test_without_a_plan_the_advised_one_is_set_up() -> None:
    advice = WANTED["aws, managed"].advice()
    assert setup_for(rulebook(), advice, DAY) == setup_for(rulebook(), advice, DAY, plan=advice.plan)


def test_what_it_suggests_are_questions_of_entries() -> None:
    entries = [path.read_text() for path in (RULES_FOLDER / "knowledge").glob("*/*.md")]
    questions = {match[1].strip('"') for text in entries if (match := re.search(r"^question: (.*)$", text, re.MULTILINE))}
    assert set() == {question.ask for question in read_book(rulebook()).written.ask_next} - questions


def test_an_unknown_plan_is_refused_with_a_hint() -> None:
    with pytest.raises(AdviceError, match=r"'azur' is no plan of this case\. Did you mean `azure`\?"):
        setup_for(rulebook(), WANTED["aws, managed"].advice(), DAY, plan="azur")


def test_a_plan_that_nobody_sells_is_refused() -> None:
    advice = Wanted(AWS, workload={"accelerator": "Trainium", "gpus": 16}).advice()
    with pytest.raises(AdviceError, match="azure is not offered for this case"):
        setup_for(rulebook(), advice, DAY, plan=AZURE)


def test_a_case_without_training_has_no_split() -> None:
    with pytest.raises(AdviceError, match="is no plan of this case"):
        setup_for(rulebook(), Wanted(AWS, training="none").advice(), DAY, plan=TRAIN_AWS)


def test_a_source_from_after_the_day_is_left_out() -> None:
    advice = WANTED["azure, managed"].advice()
    later = {source.as_of for snippet in setup_for(rulebook(), advice, DAY.replace(day=21)) for source in snippet.sources}
    assert DAY not in later


# -- setup.yml ---------------------------------------------------------------------------------------------------------

BROKEN = {
    "an unknown cloud": ("when: {training: aws, layer: managed}", "when: {training: asw, layer: managed}", "Did you mean `aws`?"),
    "an unknown fact": ("when: {training: aws, layer: managed}", "when: {trainning: aws}", "Did you mean `training`?"),
    "an unknown source": ("sources: [sagemaker_v3, botocore]", "sources: [sagemaker_v33]", "is no source. Did you mean `sagemaker_v3`?"),
    "a template that is not there": (
        "template: sagemaker_train.py.j2",
        "template: sagemaker_trains.py.j2",
        "there is no template sagemaker_trains.py.j2",
    ),
    "a file outside": ("file: sagemaker_train.py", "file: ../sagemaker_train.py", "does not have the form of such a value"),
    "an id twice": ("id: sagemaker-own-container", "id: sagemaker-training", "is written twice"),
    "a key too many": ("title: Script mode", "title: Script mode\n    author: me", "unknown key"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_book_says_what_is_wrong(old: str, new: str, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "setup"
    shutil.copytree(SETUP_FOLDER, folder)
    text = (folder / "setup.yml").read_text()
    assert old in text
    (folder / "setup.yml").write_text(text.replace(old, new, 1))
    with pytest.raises(RulesError, match=re.escape(message)):
        read_book(rulebook(), folder)


def test_every_template_is_used() -> None:
    used = {entry.template for entry in read_book(rulebook()).written.snippets}
    assert used == {path.name for path in SETUP_FOLDER.glob("*.j2")}


def test_every_snippet_is_for_some_case() -> None:
    known = {entry.id for entry in read_book(rulebook()).written.snippets}
    assert known == {snippet.id for case in WANTED for snippet in snippets(case)}
