# Two commands are enough for a start: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
FLASK := $(BIN)/flask --app app

.DEFAULT_GOAL := help
.PHONY: help run serve test cov sure fmt format-check lint types imports templates migrations db worker lock vendor golden bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.txt
	@scripts/check_system.sh $(PYTHON)
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@scripts/ensure_chromium.sh
	@touch $@

run: $(VENV)/.installed ## start the demonstration centre on http://127.0.0.1:8000 (PORT=8123 for elsewhere)
	@$(FLASK) db upgrade
	@$(FLASK) seed-demo --if-empty
	@sed 's#http://127.0.0.1:[0-9]*#http://127.0.0.1:$(PORT)#' instance/demo-logins.txt
	@MOTCUA_BASE_URL=http://127.0.0.1:$(PORT) scripts/run_with_worker.sh $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 1 --blocking-threads 8 --no-access-log --factory app:create_app

serve: $(VENV)/.installed ## serve in production (settings from the environment, see docs/runbook.md)
	MOTCUA_ENVIRONMENT=production $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers $${WORKERS:-2} --blocking-threads 8 --factory app:create_app

test: $(VENV)/.installed-dev ## run all tests on SQLite, PostgreSQL and Chromium
	$(BIN)/pytest -n $${PYTEST_WORKERS:-2} --dist worksteal -q

cov: $(VENV)/.installed-dev ## run all tests and show what they do not reach
	$(BIN)/pytest -n 2 -q --cov --cov-report=term-missing:skip-covered

sure: $(VENV)/.installed-dev format-check lint types imports templates test ## everything that CI asks for

format-check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .

fmt: $(VENV)/.installed-dev ## format the code
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lint: $(VENV)/.installed-dev ## look for faults in the code
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev ## check types
	$(BIN)/basedpyright --level error

imports: $(VENV)/.installed-dev ## check who imports whom
	$(BIN)/lint-imports

templates: $(VENV)/.installed-dev ## check the templates
	$(BIN)/djlint --lint --quiet templates

$(VENV)/.installed-bench: requirements-bench.txt $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

bench: $(VENV)/.installed-bench ## measure lists, forms, search and export against Django's admin (an hour, 15 GB)
	$(BIN)/python -m benchmarks

db: $(VENV)/.installed ## bring the database to the newest schema
	$(FLASK) db upgrade

vendor: $(VENV)/.installed ## fetch the front-end files anew, versions as in scripts/vendor.py (needs npm)
	$(BIN)/python scripts/vendor.py

golden: $(VENV)/.installed-dev ## rewrite the golden files after a wanted change
	MOTCUA_GOLDEN=write $(BIN)/pytest -q tests/contracts/test_golden.py

lock: $(VENV)/.installed-dev ## compile the hashed requirements
	for set in requirements requirements-dev requirements-bench; do $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 $$set.in -o $$set.txt; done

clean: ## remove what was installed and cached; the instance folder stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
