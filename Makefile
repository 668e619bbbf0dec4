# `make demo` and `make test` can be run first on a fresh clone: each installs what it lacks.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := .venv/tools/bin/uv
TEST_PROCESSES ?= 0

.DEFAULT_GOAL := help
.PHONY: help install lock demo test test-fast lint check generate generate-clients bench bench-scoring clean

help: ## Lists the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

install: .venv/installed .venv-triton/installed ## Installs the service and Triton, each into a venv of its own.

$(UV):
	@echo "installing uv"
	@$(PYTHON) -m venv .venv/tools
	@.venv/tools/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/installed: requirements.lock pyproject.toml | $(UV)
	@echo "installing the service into .venv"
	@test -x $(BIN)/python || $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv-triton/installed: triton.lock | $(UV)
	@echo "installing Triton into .venv-triton"
	@test -x .venv-triton/bin/python || $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-triton
	@$(UV) pip install --quiet --python .venv-triton/bin/python --require-hashes -r triton.lock
	@touch $@

lock: | $(UV) ## Resolves the dependencies anew.
	$(UV) pip compile --quiet pyproject.toml --extra server --group dev --universal --python-version 3.11 \
	  --no-emit-index-url --no-header --generate-hashes --output-file requirements.lock
	$(UV) pip compile --quiet triton.in --python-version 3.11 --no-emit-index-url --no-header --generate-hashes \
	  --output-file triton.lock

demo: install ## Scores two videos that it makes itself, over REST.
	@$(BIN)/reelops demo --data demo

test: install ## Runs every test.
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

test-fast: install ## Runs the tests that take seconds.
	$(BIN)/pytest -m "not slow and not faults"

lint: install ## Runs ruff, mypy, import-linter and buf.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/settings_table.py --check
	$(BIN)/python -m tools.lint_protos

check: lint test ## Runs what CI runs.

generate: install ## Writes the Python stubs from proto/.
	$(BIN)/python tools/generate.py
	$(BIN)/python tools/settings_table.py

generate-clients: install ## Writes the TypeScript and Go stubs from proto/.
	$(BIN)/python tools/generate_clients.py

bench: install ## Runs the benchmarks and prints ratios.
	$(BIN)/python -m tests.benchmarks

bench-scoring: install ## Scores rendered procedures with known faults, and measures the time of it.
	$(BIN)/python -m tests.benchmarks.scoring
	$(BIN)/python -m tests.benchmarks.scoring.speed

clean: ## Removes what was installed and generated at run time.
	rm -rf .venv .venv-triton demo build dist
