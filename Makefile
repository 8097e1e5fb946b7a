# Fourport: every command of the project. `make help` prints them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo seed migrate screenshots test test-full check lint types contracts rules bench bench-quick bench-http bench-warehouse docs translations lock clean

PYTHON ?= python3
ARGS   ?=
PART   ?=
# Compiled modules are kept, whatever the shell says: every process that is started would compile them anew.
unexport PYTHONDONTWRITEBYTECODE
# Two test processes, file by file in order: a folder that shares a running product shares one for each process.
SPREAD ?= -n 2 --dist loadfile --no-loadscope-reorder
BIN    := .venv/bin
VENDOR := app/web/static/vendor
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/web/translations/*/LC_MESSAGES/messages.po))

help: ## This page
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Use it
demo: setup ## Set everything up and serve the product with a sample; ARGS=--once stops after the plan
	@exec $(BIN)/fourport demo $(ARGS)

setup: .venv/ready $(VENDOR)/ready $(CATALOGUES) .venv/compiled ## .venv from the lock file with the `fourport` program, and the page assets
	@:

seed: setup ## Load the reference network and a sample order pool; ARGS="--parcels 5000"
	@$(BIN)/fourport db upgrade
	@$(BIN)/fourport seed reference
	@$(BIN)/fourport seed demo $(ARGS)

migrate: setup ## Bring the database of FOURPORT_DATABASE_URL to the newest schema
	@$(BIN)/fourport db upgrade

##@ Prove it
test: setup ## The whole truth at reduced size, on SQLite and PostgreSQL, with Redis and a browser
	@$(BIN)/pytest -m "not full" $(SPREAD) $(ARGS)

test-full: setup ## Every test at full length
	@$(BIN)/pytest --hypothesis-profile=full $(SPREAD) $(ARGS)

check: lint types contracts rules ## Lint, types, contracts, rules and migrations

lint: .venv/ready ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/ready ## mypy: strict on routing, warehouses and trade
	@$(BIN)/mypy

contracts: .venv/ready ## import-linter: who may know whom
	@$(BIN)/lint-imports

rules: setup ## The architecture's tests, and the migrations up, down and up again
	@$(BIN)/pytest -q tests/rules tests/db/test_migrations.py

bench: setup ## What we claim about speed and quality, measured here
	@$(BIN)/python -m benchmarks $(addprefix --part ,$(PART)) $(ARGS)

bench-quick: setup ## The same, small
	@$(BIN)/python -m benchmarks --quick $(addprefix --part ,$(PART)) $(ARGS)

bench-http: setup ## What an answer of the API costs, as deployed, beside a bare Flask application; ARGS=--quick
	@$(BIN)/python -m benchmarks.http $(ARGS)

bench-warehouse: setup ## A stock ledger of a million moves: load, post, look, bill and prove it; ARGS=--quick
	@$(BIN)/python -m benchmarks.warehouse $(ARGS)

##@ Change it
docs: setup ## Write the generated pages of docs/ anew (openapi.json, import-columns.md)
	@$(BIN)/python -m tools.docs

screenshots: setup ## Each page in both languages, light and dark, three widths, into var/screenshots; ARGS=--docs for docs/
	@$(BIN)/python -m tools.screenshots $(ARGS)

translations: .venv/ready ## Collect new messages from pages and code into the catalogues
	@$(BIN)/python -m tools.translations

lock: ## Resolve the lock files anew; ARGS=--upgrade takes newer versions
	@$(PYTHON) tools/lock.py $(ARGS)
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## Remove everything `make setup` made
	rm -rf .venv node_modules $(VENDOR) $(CATALOGUES)

.venv/ready: requirements.lock pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py
	@touch $@

.venv/compiled: $(wildcard routing/*.py) | .venv/ready
	@echo "compiling the optimizer's loops (about a minute, kept on disk)"
	@$(BIN)/python -m routing.kernels
	@touch $@

$(VENDOR)/ready: package-lock.json app/web/static/icons.txt tools/vendor.py | .venv/ready
	@$(BIN)/python -m tools.vendor
	@touch $@

%.mo: %.po | .venv/ready
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
