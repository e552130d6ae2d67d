# whichcloud: make run, make test, make bench, make chaos. Each sets up what it needs on a fresh clone.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)

# Also where Python is told not to: what pytest makes of the tests is kept, so each of its workers need not make it anew.
export PYTHONDONTWRITEBYTECODE =

ifdef UV
INSTALL = UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=.venv $(UV) pip install --quiet
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: run setup setup-dev setup-bench test check lint collected coverage long-check setup-check image-check page-check bench load chaos pins clean

run: setup            ## a local Slack in the browser with the bot in it
	@$(BIN)/whichcloud start

setup: .venv/.ready   ## leaves .venv/bin/whichcloud
setup-dev: .venv/.ready-dev
setup-bench: .venv/.ready-bench

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python requirements.txt pyproject.toml
	@echo "Installing whichcloud into .venv (about a minute the first time) ..."
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q bot engine   # a quick first start, also where Python is told not to write bytecode
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.ready-bench: .venv/.ready-dev requirements-bench.txt
	@$(INSTALL) --require-hashes -r requirements-bench.txt
	@touch $@

lint: setup-dev       ## style, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: setup          ## is everything under rules/ sound?
	$(BIN)/whichcloud check

# Each of these starts and ends whole processes, breaks off between any two steps, or draws many cases: minutes more. .ci/run runs
# them after `make test`.
LONG = tests/bot/serving tests/bot/browser tests/bot/emulate tests/bot/installing/test_process.py tests/bot/jobs/test_kills.py \
	tests/bot/jobs/test_worker_process.py tests/chaos/test_kill_points.py tests/bot/slack/test_second_runs.py tests/bot/slack/test_isolation.py \
	tests/bot/slack/test_security_clicks.py tests/bot/slack/test_security_forms.py tests/bot/slack/test_security_text.py \
	tests/bot/slack/test_surfaces_faults.py tests/bot/slack/test_idempotence.py tests/bot/qa/test_oncase_properties.py \
	tests/bot/qa/test_priced_agreement.py tests/bot/qa/test_entries.py tests/bot/qa/test_setup.py tests/bot/qa/test_asker_labelled.py \
	tests/bot/slack/test_broken_ways.py tests/bot/slack/test_security_requests.py tests/bot/sandbox/test_deliver.py tests/bot/storage/test_migrations.py \
	tests/engine/test_sheets.py tests/engine/test_fitting.py tests/engine/test_against_oracle.py tests/engine/test_flips.py tests/engine/test_explain.py \
	tests/bot/slack/test_comparing.py tests/bot/slack/test_reports.py tests/bot/slack/test_surfaces_forms.py tests/bot/qa/test_setup_code.py \
	tests/bot/reply/test_compare_messages.py tests/bot/test_manifest.py tests/bot/jobs/test_cli_jobs.py tests/bot/qa/test_guided.py
# What a new operator types installs everything anew: two minutes, in .ci/run too.
PAGE = tests/deploy/test_operating_page.py

# What takes one core each is done at once: the types, and a first reading of the tests.
TEST = tests/chaos tests/bot tests/engine tests/rules tests/deploy tests/test_oracle.py tests/test_architecture.py $(addprefix --ignore=,$(LONG) $(PAGE))
collected: setup-dev
	@$(BIN)/pytest --collect-only -q $(TEST) | tail -n 1

# Four workers on two cores: many tests wait. The chaos runs are the longest and come first.
test: setup-dev       ## lint, the rule check, then the tests
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint check collected
	$(BIN)/pytest --numprocesses=4 --dist=worksteal $(TEST)

# Tracing costs a third of the time, so only the tests that are about the engine are traced, and not in `make test`.
coverage: setup-dev   ## the tests of the engine once more, with coverage of engine/
	$(BIN)/pytest --cov=engine --numprocesses=2 --dist=worksteal tests/engine tests/rules tests/test_oracle.py \
	  tests/bot/test_reply.py tests/bot/test_cli_advise.py tests/bot/test_cli_cost_prices_check.py

long-check: setup-dev ## the tests that start the bot as processes, break it off at every step, draw many cases, and click in a browser
	$(BIN)/pytest --numprocesses=3 --dist=worksteal $(LONG)

SETUP_ENVIRONMENTS ?= build/setup-environments

setup-check: setup-dev ## the code that the bot hands out, against the real SDKs and Terraform
	tests/setup/make-environments.sh $(SETUP_ENVIRONMENTS)
	SETUP_ENVIRONMENTS=$(abspath $(SETUP_ENVIRONMENTS)) $(BIN)/pytest --numprocesses=2 tests/bot/qa/test_setup_packages.py tests/bot/qa/test_setup_terraform.py

image-check:          ## the steps of deploy/Dockerfile carried out without a container engine, and what they leave tried
	@deploy/try-image.sh

page-check: setup-dev ## every command of docs/operating.md, in a bare folder
	$(BIN)/pytest $(PAGE)

bench: setup-bench    ## timings, side by side with a peer; then the bot under load, for half a minute
	$(BIN)/pytest tests/bench --ignore=tests/bench/load --benchmark-only --benchmark-sort=name --benchmark-columns=min,median,max,rounds -q -s
	LOAD_SECONDS=30 LOAD_STEP_SECONDS=5 LOAD_FLOOD_SECONDS=10 $(BIN)/pytest tests/bench/load -q -s

load: setup-bench     ## the bot under load, for two minutes: acks, nothing lost or doubled, memory, beside a bare Bolt app
	$(BIN)/pytest tests/bench/load -q -s

# The same seed gives the same disturbances. What came out lies under build/chaos as JSON too.
CONVERSATIONS ?= 500
KILLS ?= 50
SEED ?= 1

chaos: setup-dev      ## conversations on each database while bots are killed, and Slack and the database fail
	$(BIN)/pytest -q tests/chaos/full.py --conversations=$(CONVERSATIONS) --kills=$(KILLS) --seed=$(SEED)

pins:                 ## write the pinned requirements anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml --group build -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements.txt --group dev -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements-dev.txt --group bench -o requirements-bench.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .coverage
