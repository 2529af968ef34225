# Python 3.11 to 3.13 and make are all that is needed. Everything lives in .venv and .data.
PY := .venv/bin/python
ARGS ?=
FILE ?=
# A whole run uses the machine's cores; a chosen test runs alone. Browser tests share one worker.
TEST_FLAGS ?= $(if $(strip $(ARGS)),,-n auto)
# Gates that need settings but no services.
NO_DB := DATABASE_URL=postgres://nobody@localhost:1/none REDIS_URL=redis://localhost:1/0 EMBEDDED=1

.PHONY: help setup run test check gates bench backup restore manage clean

help:
	@echo "make run       the whole system, with demo data: PORT= HOST= DATA_DIR= DEMO=0"
	@echo "make test      the tests: ARGS= goes to pytest"
	@echo "make check     every gate: format, lint, types, imports, migrations, templates, tests"
	@echo "make bench     the measurements: ARGS=--national"
	@echo "make backup    database, files, keys and anchors into one file: FILE="
	@echo "make restore   the same back into an empty data folder: FILE= DATA_DIR="
	@echo "make manage    a management command: ARGS=\"issue_token …\""
	@echo "make setup     the environment only;  make clean   remove it (not the data)"

setup:
	@sh scripts/setup.sh dev

run:
	@sh scripts/setup.sh run && exec $(PY) -m liaocheng_poverty.embedded run

test: setup
	@$(PY) -m pytest $(TEST_FLAGS) $(ARGS)

check: gates
	@$(MAKE) --no-print-directory test

gates: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(PY) -m mypy
	$(NO_DB) $(PY) -W ignore manage.py makemigrations --check --dry-run
	$(NO_DB) $(PY) -W ignore manage.py check --fail-level WARNING
	$(NO_DB) $(PY) -W ignore manage.py check_templates

bench: setup
	@$(PY) manage.py bench $(ARGS)

backup:
	@sh scripts/setup.sh run && $(PY) -m liaocheng_poverty.embedded backup $(if $(FILE),"$(FILE)")

restore:
	@sh scripts/setup.sh run && $(PY) -m liaocheng_poverty.embedded restore "$(FILE)"

manage:
	@sh scripts/setup.sh run && $(PY) manage.py $(ARGS)

clean:
	rm -rf .venv .data/test .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -d .data ]; then echo "The data are kept in .data; remove the folder to lose them."; fi
