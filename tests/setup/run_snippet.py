"""Runs one snippet as a program against the real SDK installed beside, with the wire cut: prints what it would have asked the cloud for.

Started by the tests in the SDK's own environment: `python run_snippet.py FILE [WORDS ...]`, in the folder that the file stands in. Knows
nothing of whichcloud.
Every AWS request is checked against botocore's model of the service and answered with `ANSWERS`; every Azure entity is checked and turned
into what the SDK sends. A connection that is opened nevertheless is an error.
"""

from __future__ import annotations

import json
import os
import runpy
import socket
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

ACCOUNT = "0" * 12
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true",
    "SAGEMAKER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/sagemaker-execution", "TRAINING_BUCKET": "a-bucket", "RUN_NAME": "run-1",
    "SERVING_IMAGE": "registry.invalid/serving:1", "MODEL_DATA_URL": "s3://a-bucket/models/model.tar.gz",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000", "AZURE_RESOURCE_GROUP": "a-group", "AZURE_ML_WORKSPACE": "a-workspace",
    "SAGEMAKER_SUPPRESS_V2_WARNING": "1", "TELEMETRY_OPT_OUT": "true",
}  # fmt: skip
_JOB = {
    "TrainingJobName": "job",
    "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/job",
    "TrainingJobStatus": "Completed",
}
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWERS: dict[str, dict[str, Any]] = {
    "GetCallerIdentity": {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/nobody", "UserId": "nobody"},
    "CreateTrainingJob": {"TrainingJobArn": _JOB["TrainingJobArn"]},
    "DescribeTrainingJob": {**_JOB, "BillableTimeInSeconds": 300, "TrainingTimeInSeconds": 1000, "CreationTime": _NOW,
    "SecondaryStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": "s3://a-bucket/models/model.tar.gz"}, "StoppingCondition": {},
                            "ResourceConfig": {"VolumeSizeInGB": 30}, "AlgorithmSpecification": {"TrainingInputMode": "File"}},
    "DescribeEndpoint": {"EndpointStatus": "InService"},
    "SimulatePrincipalPolicy": {"EvaluationResults": [{"EvalActionName": "ec2:DescribeVpcs", "EvalDecision": "implicitDeny"}]},
    "GetBucketLocation": {}, "HeadBucket": {}, "ListObjectsV2": {"KeyCount": 0},
    "ListBuckets": {"Buckets": [{"Name": "a-bucket", "CreationDate": _NOW}]},
}  # fmt: skip
asked: list[dict[str, Any]] = []


def main() -> None:
    file, *words = sys.argv[1:]
    os.environ.update({name: value for name, value in ENVIRONMENT.items() if name not in os.environ})
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    socket.create_connection = _refuse  # type: ignore[assignment]
    for cut in (cut_aws, cut_azure):
        cut()
    sys.argv = [file, *words]
    said = sys.stdout
    sys.stdout = sys.stderr  # what the snippet prints is not the answer
    try:
        runpy.run_path(file, run_name="__main__")
    finally:
        sys.stdout = said
    sys.stdout.write(json.dumps(asked, default=str) + "\n")


def _refuse(*where: object, **_: object) -> None:
    raise OSError(f"a snippet opened a connection: {where[-1]!r}")


def cut_aws() -> None:
    try:
        inject = import_module("boto3.s3.inject")
    except ImportError:
        return
    validate_parameters = import_module("botocore.validate").validate_parameters

    def answer(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        model = client.meta.service_model.operation_model(operation)
        if model.input_shape is not None:
            validate_parameters(parameters, model.input_shape)
        asked.append(
            {
                "service": client.meta.service_model.service_name,
                "operation": operation,
                "region": client.meta.region_name,
                **_plain(parameters),
            }
        )
        return {"ResponseMetadata": {"HTTPStatusCode": 200}, **ANSWERS.get(operation, {})}

    import_module("botocore.client").BaseClient._make_api_call = answer
    for name in ("upload_file", "upload_fileobj"):
        setattr(inject, name, lambda *_, **__: None)


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Without bodies of files."""
    return {name: value for name, value in parameters.items() if name != "Body"}


def cut_azure() -> None:
    try:
        ml = import_module("azure.ai.ml")
    except ImportError:
        return
    vars(ml)["MLClient"] = Client


class Client:
    """Takes the place of MLClient: checks what it is given as the SDK does before it sends it."""

    def __init__(self, credential: object, subscription_id: str, resource_group_name: str, workspace_name: str) -> None:
        self.compute = Collection("compute")
        self.jobs = Collection("jobs")
        self.environments = Collection("environments")
        self.online_endpoints = Collection("online_endpoints")
        self.online_deployments = Collection("online_deployments")


class Collection:
    def __init__(self, name: str) -> None:
        self.name = name

    def create_or_update(self, entity: Any) -> Any:
        asked.append({"collection": self.name, **sent(entity)})
        if not getattr(entity, "name", None):
            entity.name = "given"
        if not getattr(entity, "version", None):
            entity.version = "1"
        return entity

    def begin_create_or_update(self, entity: Any) -> Poller:
        return Poller(self.create_or_update(entity))


class Poller:
    def __init__(self, made: object) -> None:
        self.made = made

    def result(self) -> object:
        return self.made


def sent(entity: Any) -> dict[str, Any]:
    """What the SDK writes of the entity, after its own validation."""
    if hasattr(entity, "_validate"):
        found = entity._validate()
        if found is not None and not found.passed:
            raise ValueError(found._to_dict())
    if hasattr(entity, "_to_job"):
        entity = entity._to_job()
    written: dict[str, Any] = entity._to_dict()
    if type(entity).__name__ in ("AmlCompute", "ManagedOnlineEndpoint"):
        rest = entity._to_rest_online_endpoint("nowhere") if type(entity).__name__ == "ManagedOnlineEndpoint" else entity._to_rest_object()
        written["rest"] = rest.as_dict() if hasattr(rest, "as_dict") else rest.serialize()
    return written


if __name__ == "__main__":
    main()
