# Darkroom, from a bare Debian (python3, make, apt) to a picture: `make run`. Every target sets up what it needs.
# Settings come from the environment: DARKROOM_API_PORT, DARKROOM_BACKEND, … (see .env.example).

PYTHON := .venv/bin/python
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run demo up down doctor test coverage check format contracts bench chaos clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install everything, also what tests and checks need
	@deploy/bootstrap --dev

run: ## Start everything, make a first card, stay until Ctrl-C
	@deploy/bootstrap
	@$(PYTHON) -m deploy.local run

demo: ## Start everything, make one of every generator, show what came out, stop
	@deploy/bootstrap
	@$(PYTHON) -m deploy.local demo

up: ## Start everything in the background
	@deploy/bootstrap
	@$(PYTHON) -m deploy.local up

down: ## Stop what `make up` started
	@$(PYTHON) -m deploy.local down

doctor: ## Say what this machine lacks, and how to get it
	@deploy/bootstrap --dev
	@$(PYTHON) -m deploy.local doctor

test: ## Run every test that this machine can run, with coverage (DARKROOM_TEST_BACKEND, PYTEST_ARGS)
	@deploy/bootstrap --dev
	@$(PYTHON) -m coverage erase
	$(PYTHON) -m pytest -rs --cov --cov-report=term-missing:skip-covered $(COVERAGE_LIMIT) $(PYTEST_ARGS)

# Where tests have to be skipped for what the machine lacks, how much they cover says nothing.
COVERAGE_LIMIT = $$($(PYTHON) -m deploy.local doctor >/dev/null || echo --cov-fail-under=0)

coverage: ## Write the last test run's coverage as HTML, into htmlcov/
	@$(PYTHON) -m coverage html --fail-under=0

check: ## Format, lint, types, layers, snapshots and generated pages: compare, change nothing
	@deploy/bootstrap --dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) -m tests.contract.write --check
	$(PYTHON) -m deploy.reference --check

format: ## Format the code and repair what can be repaired
	@deploy/bootstrap --dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

contracts: ## Write the snapshots and generated pages, for review
	@deploy/bootstrap --dev
	$(PYTHON) -m tests.contract.write
	$(PYTHON) -m deploy.reference

bench: ## Measure against task queues and the floor (BENCH=growth|generators|api|listeners|scale|fairness|profile|all, JOBS, ROUNDS, QUICK=1)
	@deploy/bootstrap --bench
	$(PYTHON) -m tests.benchmarks $(BENCH) $(if $(QUICK),--quick) $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SYSTEMS),--systems $(SYSTEMS))

chaos: ## Break the running system by a seeded plan, check every promise (JOBS, FAULTS, SEED, CLUSTER=3)
	@deploy/bootstrap --dev
	$(PYTHON) -m tests.chaos run $(if $(JOBS),--jobs $(JOBS)) $(if $(FAULTS),--faults $(FAULTS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(CLUSTER),--cluster $(CLUSTER)) $(if $(REPORT),--report $(REPORT))

clean: ## Stop the stack; remove its data, caches and reports (not .venv)
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m deploy.local clean; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .chaos .coverage .coverage.* htmlcov dist
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
