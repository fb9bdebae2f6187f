# Nothing but python3 (3.11 or later) and make is assumed.

PYTHON ?= python3
BIN := .venv/bin

# Debian splits venv off from python3.
VENV_MISSING := echo 'python3 has no venv here; installing python3-venv'; \
	apt-get update -qq && apt-get install -y -qq python3-venv

.PHONY: publish test clean

publish: .venv/installed  ## convert, validate and publish data/ into public/
	$(BIN)/expatlod publish data -o public

test: .venv/tested  ## every check: format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n auto

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
