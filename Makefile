# Laurel's commands. `make help` lists them.

VENV ?= .venv
PYTHON_IN_VENV := $(VENV)/bin/python
PORT ?= 8000
HOST ?=
TLS ?=
DEMO ?= 1
ONLY ?=
export VENV

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test test-all query-counts reference lint format bench lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Run Laurel with a demo programme (PORT=9000, TLS=1 for phones, DEMO=0 without the demo)
	@exec env DEMO=$(DEMO) $(PYTHON_IN_VENV) -m loyalty_site.run --port $(PORT) \
		$(if $(HOST),--host $(HOST)) $(if $(filter 1 on yes true,$(TLS)),--tls)

test: install-dev ## Check everything: lint, types, contracts, and all tests
	@bin/test

test-all: install-dev ## Like test, with the long campaigns
	@bin/test -m 'slow or not slow'

query-counts: install-dev ## Record how many queries pages and endpoints take, for review
	@RECORD_QUERY_COUNTS=1 $(VENV)/bin/pytest -q $$(grep -rl "count_queries(" tests --include="test_*.py")

reference: install-dev ## Write docs/openapi.yaml and docs/events.md from the code
	@$(PYTHON_IN_VENV) manage.py write_reference

lint: install-dev ## Check style, types, contracts, migrations and templates
	@bin/lint

format: install-dev ## Format the code
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format --quiet .

bench: install-dev ## Measure, into bench/results/latest.json (ONLY=ledger for a part)
	@$(PYTHON_IN_VENV) -m bench $(if $(ONLY),--only $(ONLY))

lock: install-dev ## Resolve requirements*.in into locked requirements*.txt
	@for name in requirements requirements-dev; do \
		$(VENV)/bin/uv pip compile --quiet $$name.in --output-file $$name.txt \
			--generate-hashes --no-header --no-emit-index-url; done

install: ## Install what running Laurel needs
	@bin/install run

install-dev: ## Install what working on Laurel needs
	@bin/install dev

clean: ## Remove caches and test data; keeps .venv and the demo's data
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results .data/test
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
