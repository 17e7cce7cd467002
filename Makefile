# Dragoman's task runner. `make help` lists what can be done.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The newest Python on the path that is at least 3.11; override with `make PYTHON=/path/to/python ...`.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := models monitors lsp_server scripts tests
# Real servers, editors and toolchains on a busy machine: more time, and one more try, which the summary shows.
PATIENT := --timeout 600 --reruns 1
# Fast tests on all processors, a file's tests in one process.
SPREAD := -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-e2e test-editors test-rest lint format bench lock clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## Set everything up and complete a real file through the real server
	@$(BIN)/python scripts/first_run.py

test: $(VENV)/dev.stamp ## Set everything up and run the fast tests
	@$(BIN)/python -m pytest $(SPREAD)

test-slow: $(VENV)/torch.stamp ## Tests that need torch, real language servers or minutes
	@$(BIN)/python -m pytest -m slow $(PATIENT)

test-e2e: $(VENV)/dev.stamp ## Tests that drive the real server with the real default model
	@$(BIN)/python -m pytest -m e2e tests/e2e $(PATIENT)

test-editors: $(VENV)/dev.stamp ## Install real editors and drive them: VS Code in a headless browser, Neovim
	@$(BIN)/python -m scripts.install_editors
	@$(BIN)/python -m pytest -m editors tests/e2e/editors

test-rest: $(VENV)/torch.stamp ## Every test that `make test` leaves out
	@$(BIN)/python -m pytest -m 'slow or e2e' $(PATIENT)

lint: $(VENV)/dev.stamp ## ruff and pyright, as CI runs them
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/pyright

format: $(VENV)/dev.stamp ## Let ruff put the layout right
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/bench.stamp ## Side-by-side benchmarks (docs/benchmarks.md)
	@$(BIN)/python scripts/bench_completion.py
	@$(BIN)/python -m scripts.bench_start
	@$(BIN)/python -m scripts.bench_editor

lock: $(VENV)/dev.stamp ## Write locks/ anew after a change to pyproject.toml; UPGRADE=--upgrade for the newest versions
	@$(PIP) install uv
	@$(BIN)/python scripts/lock.py $(UPGRADE)

clean: ## Remove the environment and what tools left behind
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Dragoman needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: locks/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what serving on a CPU needs" >&2
	@$(PIP) install --require-hashes -r locks/run.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: locks/dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need" >&2
	@$(PIP) install --require-hashes -r locks/dev.txt
	@touch $@

$(VENV)/torch.stamp: locks/torch.txt $(VENV)/dev.stamp
	@echo "Installing torch and transformers" >&2
	@$(PIP) install -r locks/torch.txt
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	@echo "Installing the peers to measure against (llama-cpp-python is compiled: some minutes)" >&2
	@$(PIP) install llama-cpp-python
	@touch $@
