# Short doors to the same commands; `make help` lists them. Extra words go in ARGS: make report ARGS="--offline --quick"
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
.PHONY: help report test test-all check format serve setup clean distclean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(READY) ## set up .venv, run the whole job, leave reports/index.html
	$(BIN)/observatory run $(ARGS)

test: $(READY_DEV) ## the tests (those of minutes: make test-all)
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist worksteal $(ARGS)

test-all: $(READY_DEV) ## every test
	$(BIN)/python -m pytest $(ARGS)

check: $(READY_DEV) ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY_DEV) ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(READY) ## refresh every night until stopped
	$(BIN)/observatory serve $(ARGS)

setup: $(READY_DEV) ## only set up .venv, for running and for the tests

clean: ## remove what runs and tests have made; .venv stays
	rm -rf data/raw data/releases data/published data/warehouse.duckdb* data/bench data/prefect data/cache data/logs
	find reports -mindepth 1 ! -name README.md ! -name preview.png -delete
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

distclean: clean ## remove .venv as well
	rm -rf $(VENV) *.egg-info

$(READY): pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" .ci/setup
	@touch $@

$(READY_DEV): $(READY)
	@.ci/setup dev
	@touch $@
