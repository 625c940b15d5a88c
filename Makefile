# Every task of the repository. `make help` lists them; `make demo` is the one to begin with.
.DEFAULT_GOAL := help
.PHONY: help install demo up test lint docs format soak docs-warehouse conformance bench dist dagster lock browser clean

PYTHON ?= python3
# Where it is set, each of the hundreds of commands that the tests and the demo start compiles anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
PACKAGES := customerly customerly-report customerly-sandbox tap-contact-files tap-customerly target-customerly
# Two stamps, so that nothing is installed twice: the environment, and Meltano's plugins.
ENVIRONMENT := .venv/.installed
PLUGINS := .meltano/.installed
# What some plugins have a lock of their own for: they don't fit beside the rest.
PLUGIN_LOCKS := requirements-dbt.lock requirements-tap-postgres.lock requirements-target-duckdb.lock
OTHER_LOCKS := requirements-airflow.lock requirements-dist.lock requirements-orchestrate.lock
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: $(PLUGINS) ## install everything from the locks into .venv and .meltano

demo: $(PLUGINS) ## see both pipelines run, on this machine alone
	@$(BIN)/python demo/demo.py

up: $(PLUGINS) ## keep the sandbox and PostgreSQL running, until Ctrl-C
	@$(BIN)/python demo/up.py

test: $(PLUGINS) .orchestrate/venv/.installed browser ## every test but the long ones
	@$(BIN)/python -m pytest -n 2 -m 'not soak'

soak: $(PLUGINS) .orchestrate/venv/.installed browser ## the long tests: many examples, large populations
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2

lint: $(ENVIRONMENT) ## ruff, mypy --strict, the layers, declared dependencies, documents up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@for each in $(PACKAGES); do (cd $$each && $(CURDIR)/$(BIN)/deptry src > /dev/null 2>&1 || $(CURDIR)/$(BIN)/deptry src) || exit; done
	@$(BIN)/python scripts/settings_docs.py --check
	@$(BIN)/python scripts/publishing_docs.py --check
	@$(BIN)/python scripts/hub_docs.py --check
	@$(BIN)/python scripts/sandbox_docs.py --check

docs: $(ENVIRONMENT) ## write what follows from the declared settings and publishing.toml: meltano.yml, READMEs, hub/
	@$(BIN)/python scripts/settings_docs.py
	@$(BIN)/python scripts/publishing_docs.py
	@$(BIN)/python scripts/hub_docs.py
	@$(BIN)/python scripts/sandbox_docs.py

format: $(ENVIRONMENT) ## let ruff mend what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

docs-warehouse: $(PLUGINS) ## the models' documentation, one page, from the warehouse that `.env` or `make up` has
	@$(BIN)/meltano --log-level=warning run --no-install dbt-postgres:docs
	@echo "It is transform/target/static_index.html"

conformance: $(ENVIRONMENT) ## what four loaders make of the tap's output, into docs/warehouses.md
	@PYTHONPATH=demo $(BIN)/python scripts/warehouses.py

bench: $(ENVIRONMENT) ## measure everything, into docs/benchmarks.md; QUICK=1: two minutes, only printed
	@$(BIN)/python benchmarks/all.py $(if $(QUICK),--quick)

dist: $(ENVIRONMENT) ## build the packages, install them into an empty environment, and run them there
	@$(BIN)/python scripts/build_packages.py $(PACKAGES)

dagster: $(PLUGINS) .orchestrate/venv/.installed ## run the projects of fleet.yml by Dagster, with its page, until Ctrl-C
	@PYTHONPATH=demo $(BIN)/python orchestrate/up.py

lock: $(ENVIRONMENT) ## pin the newest versions that fit together
	@UV_CUSTOM_COMPILE_COMMAND="make lock" UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile $(LOCKING) requirements.in -o requirements.lock
	@for each in $(PLUGIN_LOCKS) $(OTHER_LOCKS); do UV_CUSTOM_COMPILE_COMMAND="make lock" UV_PYTHON_DOWNLOADS=never \
		$(BIN)/uv pip compile $(LOCKING) $${each%.lock}.in -o $$each || exit; done

browser: ## Debian's Chromium, in which the tests look at pages
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "Installing Chromium, this once"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium chromium-driver; } >/dev/null \
		|| echo "It cannot be installed: the tests that look at pages are skipped"; \
	else echo "The tests that look at pages are skipped: they need chromium and chromium-driver"; fi

clean: ## remove what was installed and what was stored
	rm -rf .venv .meltano .demo .services .dist dist .orchestrate

LOCKING := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	$(addprefix --no-emit-package ,$(PACKAGES))

# pip fetches uv, at the version and hashes of the lock; uv does the rest, in seconds.
$(ENVIRONMENT): requirements.lock $(PACKAGES:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3")'
	@echo "Installing, this once:"
	@echo "  an environment in .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\]$$/p' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@echo "  $$(grep -c == requirements.lock) packages at the versions of requirements.lock"
	@$(UV) --require-hashes -r requirements.lock
	@echo "  $(PACKAGES)"
	@$(UV) --no-deps --no-build-isolation $(PACKAGES:%=-e ./%)
	@touch $@

.orchestrate/venv/.installed: requirements-orchestrate.lock $(ENVIRONMENT)
	@echo "  Dagster, in an environment of its own in .orchestrate"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .orchestrate/venv
	@$(BIN)/uv pip install --quiet --python .orchestrate/venv/bin/python --require-hashes -r requirements-orchestrate.lock
	@touch $@

$(PLUGINS): $(ENVIRONMENT) meltano.yml $(PLUGIN_LOCKS)
	@echo "  Meltano's plugins, each in an environment of its own in .meltano"
	@install -d -m 700 .meltano # a run keeps its settings there, the token among them
	@UV_COMPILE_BYTECODE=1 $(BIN)/meltano --log-level=warning install
	@touch $@
