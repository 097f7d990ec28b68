# Domicile's errands. `make` alone lists them.
#
# Needs Python 3.11 or later, make and git. Settings come from DOMICILE_* variables: see
# `config/settings.py`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := audit sovereignty config tests bench
TEMPLATES := $(shell git ls-files -- '*.html')
# What measures, in the order of the five steps. The rest of bench/ makes things.
BENCHES := recording importing planes loading sealing verify_bundle whole_demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench serve screenshots lock

help: ## List the errands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Make the environment that a running installation needs

demo: $(VENV)/.runtime ## Run the five steps on a small fleet, and serve it (SERVE=0: do not serve)
	$(BIN)/python -m bench.demo $(if $(filter 0,$(SERVE)),--no-serve)

serve: $(VENV)/.runtime ## Serve web, worker and beat in one process (PORT=8000)
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py serve --port $(or $(PORT),8000)

test: $(VENV)/.develop ## Run the tests; DOMICILE_DATABASE=postgresql://… runs them on PostgreSQL
	$(BIN)/pytest --numprocesses 2 --dist worksteal $(ARGS)

lint: $(VENV)/.develop ## Check format, style, types, layers, migrations and templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
ifneq ($(TEMPLATES),)
	$(BIN)/djlint --check --lint --quiet $(TEMPLATES)
endif

bench: $(VENV)/.develop ## Measure each figure that the README quotes, one script after another
	@set -e; for script in $(BENCHES); do \
		echo "== bench.$$script"; $(BIN)/python -m bench.$$script; \
	done

screenshots: $(VENV)/.develop ## Take pictures of each page of the demo, into var/screenshots
	$(BIN)/python -m bench.screenshots

# --universal: one lock for every Python from 3.11 on, with markers. It also pins what only 3.11.0
# needs.
LOCK := uv pip compile --quiet --no-header --generate-hashes --universal \
	--python-version 3.11 $(ARGS)

lock: ## Pin every requirement again, with hashes (ARGS=--upgrade: take newer versions)
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet uv
	$(VENV)-lock/bin/$(LOCK) config/requirements/runtime.in --output-file requirements.txt
	$(VENV)-lock/bin/$(LOCK) config/requirements/develop.in --constraint requirements.txt \
		--output-file config/requirements/develop.txt
	rm -rf $(VENV)-lock

# A stamp holds the date of the last installation: an errand whose requirements are unchanged starts
# at once.
$(VENV)/.runtime: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import sys; \
		sys.exit(sys.version_info < (3, 11) and "Domicile needs Python 3.11 or later")'
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt
	touch $@

$(VENV)/.develop: $(VENV)/.runtime config/requirements/develop.txt
	$(BIN)/pip install --quiet --require-hashes --requirement config/requirements/develop.txt
	touch $@
