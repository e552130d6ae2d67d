"""The Python that the bot hands out, run as programs against the real SDKs with the wire cut. `make setup-check` installs them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.qa.setup import Snippet
from tests.bot.qa.setup_cases import AWS, AZURE, TRAIN_AWS, WANTED, Wanted, calls, environment_of, every_snippet

PROGRAMS = Path(__file__).resolve().parents[2] / "setup"
RECORDED = PROGRAMS / "signatures.json"
ENVIRONMENTS = os.environ.get("SETUP_ENVIRONMENTS", "")
pytestmark = pytest.mark.skipif(
    not ENVIRONMENTS, reason="SETUP_ENVIRONMENTS names no folder with the SDKs of the snippets: `make setup-check` makes one"
)


def interpreter(environment: str) -> Path:
    return Path(ENVIRONMENTS) / environment / "bin" / "python"


def ran(snippet: Snippet, *words: str, **environment: str) -> list[dict[str, Any]]:
    """What the snippet asked the cloud for, as the SDK would have sent it."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    return _run(snippet.code, environment_of(snippet), words, tuple(sorted({**clean, **environment}.items())))


@cache
def _run(code: str, packages: str, words: tuple[str, ...], environment: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """Once for each text: loading an SDK takes seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for companion, text in {**COMPANIONS, "snippet.py": code}.items():
            (folder / companion).parent.mkdir(parents=True, exist_ok=True)
            (folder / companion).write_text(text)
        command = [str(interpreter(packages)), str(PROGRAMS / "run_snippet.py"), "snippet.py", *words]
        own = {**dict(environment), "HOME": name}
        done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=300)
    assert (done.returncode, "" if done.returncode == 0 else done.stderr[-3000:]) == (0, "")
    answer: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer


COMPANIONS = {
    "src/train.py": "print('trained')\n",
    "src/score.py": "def init(): pass\ndef run(data): return data\n",
    "environment/conda.yaml": "dependencies: [python=3.11]\n",
    "environment/serving.yaml": "dependencies: [python=3.11]\n",
    "environment/Dockerfile": "FROM scratch\n",
    "model/weights": "0\n",
    "points.csv": "1,2\n3,4\n5,6\n",
}


def of(wanted: Wanted, file_name: str) -> Snippet:
    return next(snippet for snippet in wanted.snippets() if snippet.file_name == file_name)


def one(asked: list[dict[str, Any]], operation: str) -> dict[str, Any]:
    found = [request for request in asked if request.get("operation") == operation]
    assert len(found) == 1
    return found[0]


def test_the_trainer_of_v3_asks_for_spot_with_its_limits_and_checkpoints() -> None:
    asked = ran(of(WANTED["aws, managed"], "sagemaker_train.py"))
    job = one(asked, "CreateTrainingJob")
    assert job["region"] == "us-east-1"
    assert job["EnableManagedSpotTraining"] is True
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 432000, "MaxWaitTimeInSeconds": 518400}
    assert job["CheckpointConfig"] == {"S3Uri": "s3://a-bucket/checkpoints/run-1", "LocalPath": "/opt/ml/checkpoints"}
    assert job["ResourceConfig"] == {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    assert job["RoleArn"] == "arn:aws:iam::000000000000:role/sagemaker-execution"
    assert job["AlgorithmSpecification"]["TrainingImage"].endswith("us-east-1.amazonaws.com/pytorch-training:2.8.0-gpu-py312")
    assert "CreateBucket" not in {request["operation"] for request in asked}


def test_the_trainer_of_v3_on_demand_neither_waits_nor_asks_for_spot() -> None:
    job = one(ran(of(WANTED["aws, on demand"], "sagemaker_train.py")), "CreateTrainingJob")
    assert not job["EnableManagedSpotTraining"]
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 432000}


def test_the_trainer_of_v3_takes_an_image_of_your_own_for_machines_that_need_one() -> None:
    snippet = of(WANTED["aws, Trainium"], "sagemaker_train.py")
    job = one(ran(snippet, TRAINING_IMAGE="registry.invalid/own:1"), "CreateTrainingJob")
    assert job["AlgorithmSpecification"]["TrainingImage"] == "registry.invalid/own:1"


def test_the_estimator_of_v2_asks_for_the_same_with_your_container() -> None:
    job = one(ran(of(WANTED["aws, managed"], "sagemaker_train_v2.py")), "CreateTrainingJob")
    assert job["EnableManagedSpotTraining"] is True
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 432000, "MaxWaitTimeInSeconds": 518400}
    assert job["CheckpointConfig"] == {"S3Uri": "s3://a-bucket/checkpoints/run-1"}
    assert job["ResourceConfig"] == {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    assert job["AlgorithmSpecification"]["TrainingImage"] == "000000000000.dkr.ecr.us-east-1.amazonaws.com/training:latest"


def test_the_estimator_of_v2_without_spot() -> None:
    job = one(ran(of(WANTED["aws, managed, continuous"], "sagemaker_train_v2.py")), "CreateTrainingJob")
    assert "EnableManagedSpotTraining" not in job
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 2419200}
    assert job["ResourceConfig"]["InstanceCount"] == 4


def test_script_mode_starts_your_script_in_a_container_of_aws() -> None:
    job = one(ran(of(WANTED["aws, managed"], "sagemaker_script_mode.py")), "CreateTrainingJob")
    assert job["AlgorithmSpecification"]["TrainingImage"].endswith("/sagemaker-scikit-learn:1.4-2-cpu-py3")
    assert job["HyperParameters"]["sagemaker_program"] == '"train.py"'
    assert job["HyperParameters"]["epochs"] == "10"


def test_the_built_in_algorithm_reads_the_record_format_from_your_bucket() -> None:
    asked = ran(of(WANTED["aws, managed"], "sagemaker_built_in.py"))
    job = one(asked, "CreateTrainingJob")
    assert job["AlgorithmSpecification"]["TrainingImage"].endswith("/kmeans:1")
    assert (job["HyperParameters"]["k"], job["HyperParameters"]["feature_dim"]) == ("10", "2")
    assert {"a-bucket"} == {request["Bucket"] for request in asked if request["operation"] == "PutObject"}


def test_the_saving_is_asked_of_the_job() -> None:
    asked = ran(of(WANTED["aws, managed"], "sagemaker_saving.py"), "a-job")
    assert [(request["operation"], request["TrainingJobName"]) for request in asked] == [("DescribeTrainingJob", "a-job")]


def test_each_endpoint_of_the_region_gets_a_model_a_configuration_and_itself() -> None:
    asked = ran(of(WANTED["aws, managed"], "sagemaker_endpoints.py"))
    made = [request["operation"] for request in asked if request["operation"].startswith("Create")]
    assert made == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"] * 4  # 20 endpoints over 5 regions
    variants = [request["ProductionVariants"][0] for request in asked if request["operation"] == "CreateEndpointConfig"]
    assert {"ml.c5.large"} == {variant["InstanceType"] for variant in variants}
    assert sorted({request["region"] for request in asked}) == ["us-east-1"]


def test_the_role_trusts_sagemaker_alone_and_only_the_caller_passes_it() -> None:
    asked = ran(of(WANTED["aws, managed"], "sagemaker_role.py"))
    trust = json.loads(one(asked, "CreateRole")["AssumeRolePolicyDocument"])["Statement"]
    assert [(each["Principal"], each["Action"]) for each in trust] == [({"Service": "sagemaker.amazonaws.com"}, "sts:AssumeRole")]
    execution = json.loads(one(asked, "PutRolePolicy")["PolicyDocument"])["Statement"]
    wide = [action for each in execution if each["Resource"] == ["*"] for action in each["Action"]]
    assert wide == ["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"]  # neither knows resources
    caller = json.loads(one(asked, "CreatePolicy")["PolicyDocument"])["Statement"]
    passing = next(each for each in caller if "iam:PassRole" in each["Action"])
    assert passing["Resource"] == ["arn:aws:iam::000000000000:role/sagemaker-execution"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert all(action.rpartition(":")[2] != "*" for each in (*execution, *caller) for action in each["Action"])


@pytest.mark.parametrize(
    ("wanted", "tier", "priority", "least", "most"),
    [
        pytest.param(WANTED["azure, managed"], "low_priority", "LowPriority", 0, 1, id="spot"),
        pytest.param(WANTED["azure, on demand"], "dedicated", "Dedicated", 0, 1, id="on demand"),
        pytest.param(WANTED["azure, managed, continuous"], "dedicated", "Dedicated", 4, 4, id="reserved"),
    ],
)
def test_the_cluster_is_what_the_plan_bought(wanted: Wanted, tier: str, priority: str, least: int, most: int) -> None:
    (cluster,) = ran(of(wanted, "azureml_cluster.py"))
    assert (tier, "Standard_ND96asr_v4", 120) == (cluster["tier"], cluster["size"], cluster["idle_time_before_scale_down"])
    sent = cluster["rest"]["properties"]["properties"]
    assert priority == sent["vmPriority"]
    assert {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT2M"} == sent["scaleSettings"]


def test_the_azure_job_runs_on_the_cluster_with_its_checkpoints() -> None:
    (job,) = ran(of(WANTED["azure, managed"], "azureml_train.py"))
    assert (job["compute"], job["limits"]) == ("azureml:training-cluster", {"timeout": 432000})
    assert job["environment"] == "azureml://registries/azureml/environments/acpt-pytorch-2.2-cuda12.1/labels/latest"
    assert job["distribution"] == {"type": "pytorch", "process_count_per_instance": 8}
    assert job["outputs"]["checkpoints"]["path"] == "azureml://datastores/workspaceblobstore/paths/checkpoints/run-1"
    assert job["command"].startswith("python train.py --data ${{inputs.data}} --checkpoints ${{outputs.checkpoints}}")


def test_an_environment_is_an_image_with_packages_or_a_folder_to_build() -> None:
    snippet = of(WANTED["azure, managed"], "azureml_environment.py")
    (from_image,) = ran(snippet)
    assert from_image["image"].startswith("mcr.microsoft.com/azureml/")
    assert from_image["conda_file"] == {"dependencies": ["python=3.11"]}
    (built,) = ran(snippet, "docker")
    assert "image" not in built
    assert Path(built["build"]["path"]).name == "environment"


def test_each_azure_endpoint_gets_one_machine_and_then_the_traffic() -> None:
    asked = ran(of(WANTED["hybrid-aws-azure, managed"], "azureml_endpoints.py"))
    assert [each["collection"] for each in asked] == ["online_endpoints", "online_deployments", "online_endpoints"] * 4
    deployment = asked[1]
    assert (deployment["instance_type"], deployment["instance_count"]) == ("Standard_F2s_v2", 1)
    assert (asked[0]["traffic"], asked[2]["traffic"]) == ({}, {"blue": 100})


EVERY = [
    pytest.param(snippet, id=f"{snippet.id} of {case}") for case, snippet in every_snippet("python") if snippet.id != "training-script"
]


@pytest.mark.parametrize("snippet", EVERY)
def test_every_snippet_runs_against_its_package(snippet: Snippet) -> None:
    words = ["a-job"] if snippet.id == "sagemaker-saving" else []
    own_image = {"TRAINING_IMAGE": "registry.invalid/own:1"} if 'os.environ["TRAINING_IMAGE"]' in snippet.code else {}
    assert ran(snippet, *words, **own_image)


def test_the_recorded_signatures_are_those_of_the_packages() -> None:
    """UPDATE_SIGNATURES=1 writes them anew."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for _, snippet in every_snippet("python"):
        wanted[environment_of(snippet)] |= {call.name for call in calls(snippet.code)}
    found = {environment: _signatures(environment, names) for environment, names in sorted(wanted.items())}
    if os.environ.get("UPDATE_SIGNATURES"):
        record = {"recorded": str(datetime.now(UTC).date()), "by": "tests/setup/record_signatures.py", "callables": found}
        RECORDED.write_text(json.dumps(record, indent=1) + "\n")
    assert json.loads(RECORDED.read_text())["callables"] == found


def _signatures(environment: str, names: set[str]) -> dict[str, Any]:
    command = [str(interpreter(environment)), str(PROGRAMS / "record_signatures.py")]
    done = subprocess.run(command, input=json.dumps(sorted(names)), capture_output=True, text=True, timeout=300)
    assert (done.returncode, "" if done.returncode == 0 else done.stderr[-3000:]) == (0, "")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_plans_differ() -> None:
    """What is run above is for different clouds and ways to buy, not one file under many names."""
    codes = {WANTED[name].code("sagemaker_train.py") for name in ("aws, managed", "aws, on demand", "aws, managed, continuous")}
    assert len(codes) == 3
    assert {AWS, AZURE, TRAIN_AWS} < {wanted.plan for wanted in WANTED.values()}
