"""The compose file keeps to the specification, and to what the bot reads and does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.cli.main import _COMMANDS
from bot.serve import _GRACE_S
from bot.settings import Settings
from tests.deploy.files import COMPOSE, DEPLOY, DOCKERFILE, variables

SCHEMA = Path(__file__).parent / "compose_schema" / "schema.json"
OURS = ("bot", "serve", "worker")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def test_it_keeps_to_the_specification(compose: Any) -> None:
    validator = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(compose)] == []


def test_the_specification_would_say_what_is_wrong() -> None:
    validator = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    wrong = {"services": {"bot": {"image": "whichcloud", "depends_on": {"db": {"condition": "service_ready"}}, "ports_": []}}}
    assert len(list(validator.iter_errors(wrong))) >= 2


def test_the_image_is_built_from_the_project(compose: Any) -> None:
    build = compose["services"]["bot"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_waits_for_the_database_and_has_no_rights(compose: Any, name: str) -> None:
    service = compose["services"][name]
    assert service["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert (service["restart"], service["tmpfs"]) == ("unless-stopped", "/tmp")
    assert int(service["stop_grace_period"].removesuffix("s")) > _GRACE_S


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_sets_what_the_bot_reads_and_no_secret(compose: Any, name: str) -> None:
    environment = compose["services"][name]["environment"]
    assert set(environment) <= {field.upper() for field in Settings.model_fields}
    assert re.fullmatch(r"postgresql://whichcloud:\$\{POSTGRES_PASSWORD:\?[^}]+\}@db/whichcloud", environment["DATABASE_URL"])


def test_what_it_asks_for_stands_in_the_example(compose: Any) -> None:
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
    assert asked == {"POSTGRES_PASSWORD"}
    assert asked <= {each.name for each in variables()}


def test_the_database_says_when_it_is_healthy_and_is_reached_by_ours_alone(compose: Any) -> None:
    database = compose["services"]["db"]
    assert database["healthcheck"]["test"] == ["CMD", "pg_isready", "--username=whichcloud", "--dbname=whichcloud"]
    held = database["environment"]
    assert (held["POSTGRES_USER"], held["POSTGRES_DB"], "ports" in database) == ("whichcloud", "whichcloud", False)


def test_ports_are_published_on_this_machine_alone(compose: Any) -> None:
    published = [port for name in OURS for port in compose["services"][name].get("ports", [])]
    assert published == ["127.0.0.1:3000:3000", "127.0.0.1:3001-3002:3000"]


def test_at_scale_two_serve_and_one_works(compose: Any) -> None:
    services = compose["services"]
    assert [name for name in services if services[name].get("profiles") == ["scale"]] == ["serve", "worker"]
    assert (services["serve"]["deploy"]["replicas"], services["serve"]["environment"]["WHICHCLOUD_WORKERS"]) == (2, "0")
    assert services["worker"]["command"] == ["worker"]
    assert "worker" in _COMMANDS
    assert services["worker"]["healthcheck"] == {"disable": True}


def test_every_volume_is_declared_and_used(compose: Any) -> None:
    used = {volume.partition(":")[0] for service in compose["services"].values() for volume in service["volumes"]}
    assert used == set(compose["volumes"])
