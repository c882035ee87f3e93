# Everything a developer types. Nothing here needs an activated environment: the targets make `.venv`
# from `python3` (3.11 or later; another one with PYTHON=…) and install the locked packages into it.
#
#   make run [UPSTREAM=http://127.0.0.1:3000] [PORT=8080]   try it, with the bundled app or with yours
#   make test [ARGS="tests/core -k token"]                   all tests, or those that ARGS names
#   make lint                                                format, lint, types
#   make bench                                               the measured comparison with nginx
#   make screenshots                                         the console in pictures, into build/
#   make lock                                                new versions into the lock files
#   make vendor                                              the console's third-party modules again
#   make clean                                               away with what the targets made (not var/)

PYTHON ?= python3
PORT ?= 8080
UPSTREAM ?=
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := .ci/pip $(PY)
# Two test processes for each core, as journeys wait much: every process has its own redis-server, so
# they never meet.
WORKERS ?= $(shell expr 2 \* $$(nproc 2>/dev/null || echo 2))

.PHONY: run test lint format bench screenshots lock vendor clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

# Needs nothing but Python: redis-server from PATH, or else the one that the lock file brings.
run: export PORT := $(PORT)
run: export UPSTREAM := $(UPSTREAM)
run: $(VENV)/installed-run
	@$(PY) -m deploy.demo.run

test: $(VENV)/installed-dev
	@.ci/needs test
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup $(or $(ARGS),-q)

lint: $(VENV)/installed-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

format: $(VENV)/installed-dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(VENV)/installed-dev
	@.ci/needs bench
	$(PY) -m tests.bench $(ARGS)

# Into build/screenshots, or the folder that ARGS names; and those that the README shows.
screenshots: $(VENV)/installed-dev
	@.ci/needs test
	$(PY) -m tests.screenshots $(ARGS)

# The stamps are younger than the lock files they stand for: no change there, no installation.
$(VENV)/installed-run: requirements.lock | $(VENV)/bin/python
	@echo "Installing the locked packages into $(VENV) …"
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked packages and the tools of development into $(VENV) …"
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/installed-run

$(VENV)/bin/python:
	@.ci/venv $(PYTHON) $(VENV)

# Both files pin every package with its hashes, for every supported Python at once. Present pins
# stay unless UPGRADE=1.
LOCK = $(VENV)/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: | $(VENV)/bin/python
	@$(PIP) install --quiet 'uv>=0.9,<1'
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --extra geoip --extra ldap --extra otel --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock

# The only target that needs npm. What it makes is committed, with versions and checksums.
vendor:
	@.ci/vendor

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
