# make run    Bagage with the demonstration network, on http://127.0.0.1:8000 (PORT changes it)
# make test   everything that must hold, on SQLite and on PostgreSQL
# make bench  how fast it is: one JSON object a line
# make prove  the frozen optima of the fair connection made anew by an integer programme (an hour; goes on where it stopped)
# make histories  thousands of random histories of the whole journey (HISTORIES=5000; forty minutes)

PORT ?= 8000
BIN := .venv/bin
DEMO_HOME := var/demo
REQUIREMENTS := requirements.txt requirements-build.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DELETE_ON_ERROR:
.PHONY: setup setup-dev run test lint bench prove histories messages lock clean help

help:
	@sed -n 's/^# //p' Makefile

# ---------- environment ----------

setup: .venv/.setup

.venv/.setup: $(REQUIREMENTS) pyproject.toml
	@echo "Installing Bagage into .venv …"
	@python=$$(.ci/python) && { [ -x $(BIN)/python ] || "$$python" -m venv .venv; }
	@$(PIP) install --require-hashes -r requirements-build.txt
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

setup-dev: .venv/.setup-dev

.venv/.setup-dev: .venv/.setup requirements-dev.txt
	@echo "Installing what the tests need into .venv …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# ---------- the demonstration ----------

run: setup
	@BAGAGE_HOME=$(DEMO_HOME) exec $(BIN)/bagage serve --demo --port $(PORT)

# ---------- checks ----------

# Debian's packages are fetched while Python's are.
test:
	@.ci/packages & packages=$$!; $(MAKE) --no-print-directory setup-dev; made=$$?; \
		wait $$packages && [ $$made -eq 0 ] && exec $(BIN)/python -m tests

lint: setup-dev
	@$(BIN)/python -m tests --only lint

bench: setup-dev
	@$(BIN)/python -m benchmarks

# JOBS processes (all cores unless told); CHECK=1 proves the frozen ones again and writes nothing.
prove: setup-dev
	@$(BIN)/python -m tests.connection.reference.prove $(if $(JOBS),--jobs $(JOBS)) $(if $(CHECK),--check)

histories: setup-dev
	@BAGAGE_HISTORIES=$(or $(HISTORIES),5000) $(BIN)/python -m pytest tests/histories/test_by_chance.py -q

# ---------- upkeep ----------

# The source language is French; tests/messages.py reads the sentences out of the code into src/bagage/locale, keeps
# the English that is there and names what still lacks some.
messages: export BAGAGE_HOME = $(CURDIR)/var/tools
messages: setup-dev
	@$(BIN)/python -m tests.messages

# The newest versions that fit pyproject.toml, with their hashes, for every Python and system at once.
lock:
	@python=$$(.ci/python) && rm -rf .venv/lock && mkdir -p .venv && "$$python" -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	@for out in requirements.txt requirements-dev.txt; do \
		group=$$([ $$out = requirements.txt ] || echo '--group dev'); \
		.venv/lock/bin/uv pip compile pyproject.toml $$group --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade --quiet -o $$out || exit 1; \
	done
	@awk '/^[a-z]/ { kept = /^setuptools==/ } kept' requirements-dev.txt > requirements-build.txt
	@rm -rf .venv/lock

clean:
	@rm -rf .venv build dist var src/*.egg-info
