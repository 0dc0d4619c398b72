# Short doors to the same commands; `make help` lists them. Extra words go in ARGS: make report ARGS="--offline --quick"
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
# Percent of lines and branches that the tests take at least: the figure that was reached, rounded down.
BRANCHES_FLOOR := 87

.DEFAULT_GOAL := help
.PHONY: help report preview test test-slow test-all bench-pipeline check format lock audit licences serve setup clean distclean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(READY) ## set up .venv (LOCKED=1: the tested versions), run the whole job, leave reports/index.html
	$(BIN)/observatory run $(ARGS)

preview: $(READY_DEV) ## take the picture of reports/index.html that the README shows (needs Chromium)
	$(BIN)/python tests/preview.py reports/index.html reports/preview.png

# Processes that take tests: one more than there are processors, since many tests wait for a child, a server or a clock.
TEST_WORKERS := $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 3 ? cores + 1 : 4)))
# Hundreds of children import this project; each would compile it anew where compiled modules are not kept.
test test-slow: export PYTHONDONTWRITEBYTECODE :=

test: $(READY_DEV) ## the tests (those that take longer: make test-slow)
	$(BIN)/python -m pytest -m "not slow" -n $(TEST_WORKERS) --dist worksteal $(ARGS)

# tests/conftest.py says which tests stay together and which come first; all frameworks at once are enough memory.
test-slow: $(READY_DEV) ## the tests that take longer
	$(BIN)/python -m pytest -m slow -n 3 --dist loadscope --no-loadscope-reorder $(ARGS)

test-all: $(READY_DEV) ## every test, and the floor of the branches that they take
	$(MAKE) test ARGS="--cov --cov-report= $(ARGS)"
	$(MAKE) test-slow ARGS="--cov --cov-append --cov-report=term --cov-fail-under=$(BRANCHES_FLOOR) $(ARGS)"

bench-pipeline: $(READY_DEV) ## what loading, publishing and the page take, each against a limit or a plain way
	$(BIN)/python tests/benchmarks/pipeline_speed.py $(ARGS)

check: $(READY_DEV) ## ruff, mypy, bandit and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive pipeline flows
	$(BIN)/lint-imports

format: $(READY_DEV) ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every version and the hashes of its files, for each platform; without the frameworks, whose builds depend on the machine.
lock: $(READY_DEV) ## resolve requirements.lock anew: the set that is tested
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11.5 --generate-hashes --upgrade \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-package framework-observatory \
	  --quiet --output-file requirements.lock

audit: $(READY_DEV) ## known faults of the locked versions, where an index of them answers
	@found=$$($(BIN)/uvx --quiet pip-audit --requirement requirements.lock --disable-pip --require-hashes 2>&1); \
	  code=$$?; unasked=$$(grep -c "could not be audited" <<<"$$found"); grep -v "could not be audited" <<<"$$found"; \
	  [ "$$unasked" = 0 ] || echo "$$unasked packages could not be looked up: no index of known faults knows them here."; \
	  exit $$code

licences: $(READY_DEV) ## the licence of every installed package
	$(BIN)/uvx --quiet pip-licenses --python $(BIN)/python --from mixed --order license

serve: $(READY) ## refresh every night until stopped
	$(BIN)/observatory serve $(ARGS)

setup: $(READY_DEV) ## only set up .venv, for running and for the tests

clean: ## remove what runs and tests have made; .venv stays
	rm -rf data/raw data/releases data/published data/publications data/warehouse.duckdb* data/bench data/prefect data/cache data/logs
	find reports -mindepth 1 ! -name README.md ! -name preview.png -delete
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

distclean: clean ## remove .venv as well
	rm -rf $(VENV) *.egg-info

$(READY): pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" LOCKED="$(LOCKED)" .ci/setup
	@touch $@

$(READY_DEV): $(READY)
	@LOCKED="$(LOCKED)" .ci/setup dev
	@touch $@
