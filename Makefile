# Two commands from a fresh clone: `make read` does the main job, `make test` passes the checks.
# `make fast` is the inner loop (under two minutes), `make docs` the site, `make dist` the wheel.
PYTHON ?= python3
BIN := .venv/bin
# Half as many workers again as there are cores: many tests wait for a process, a clock or a peer.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)')
PYTEST = $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder

.PHONY: read test fast format lint types contracts licences tests coverage docs dist clean

read: .venv/runtime
	$(BIN)/nonet read examples -o out

# Two things at a time where neither is the tests, which have workers of their own.
test:
	@$(MAKE) --jobs=2 .venv/everything .venv/docs/ready
	@$(MAKE) --jobs=2 types docs lint contracts licences
	@$(MAKE) tests

fast: .venv/everything lint
	$(PYTEST) -m "not slow"

lint: .venv/everything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/everything
	$(BIN)/mypy

contracts: .venv/everything
	$(BIN)/lint-imports

licences: .venv/everything
	$(BIN)/python tools/licences.py

tests: .venv/everything
	$(PYTEST)

# The same with what the tests run counted, which takes almost twice as long.
coverage: .venv/everything
	$(PYTEST) --cov --cov-report=term:skip-covered

docs: .venv/docs/ready
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --quiet --strict

dist: .venv/everything
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python tools/try_wheel.py

format: .venv/everything
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Nonet needs Python 3.11 or later; found $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/everything: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch .venv/runtime $@

# An environment of its own: what builds the site talks HTTP, which nothing that Nonet imports may do.
.venv/docs/ready: .venv/bin/python
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/python -m pip install --quiet 'mkdocs-material>=9.5'
	touch $@

clean:
	rm -rf .venv out dist site
