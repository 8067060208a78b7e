# OmniChat's commands. They need make, Python 3.11 or newer with venv, and nothing else.

PYTHON ?= python3
ARGS ?=
# All tests on all cores, file by file; a chosen few without the start of more processes.
WORKERS ?= $(if $(ARGS),0,auto)
VENV := .venv
PY := $(VENV)/bin/python
PRODUCT := omnichat tenants logins conversations channels jira_bridge
WITH_DATABASE := $(PY) -m sandbox.postgres --
# Secrets and addresses for checks that only look: nothing is sent or kept.
CHECK_ENV := SECRET_KEY=x0Y9w8V7u6T5s4R3q2P1o0N9m8L7k6J5i4H3g2F1e0D9c8B7a6-check-only-key \
	ENCRYPTION_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	AUDIT_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	APP_URL=https://app.example.com SITE_BASE_HOST=example.com TRUSTED_PROXIES=192.0.2.1 \
	CELERY_BROKER_URL=redis://127.0.0.1 \
	FORGE_APP_ID=ari:cloud:ecosystem::app/00000000-0000-0000-0000-000000000000
# mypy's Django plugin reads the settings and connects to nothing.
LOOKS_ONLY := DATABASE_URL=postgresql:///unused
SCRIPTS = $$(git ls-files --cached --others --exclude-standard 'conversations/static/*.js' \
	'channels/static/*.js' 'jira_bridge/forge/shell/*.js' 'jira_bridge/forge/functions/*.js')
TEMPLATES = $$(git ls-files --cached --others --exclude-standard 'templates/*.html' '*/templates/*.html')

.DEFAULT_GOAL := help
.PHONY: help run test test-services lint audit format messages bench chaos screenshots template requirements install-run install-dev

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: install-run ## start OmniChat with an outside world on a desk
	@exec $(PY) -m sandbox

test: install-dev ## run the tests; more arguments: make test ARGS="-k outbox"
	@$(PY) -m pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=loadfile \
	  --no-loadscope-reorder $(ARGS)

lint: install-dev ## check format, style, imports, types, migrations, settings, templates, scripts
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(VENV)/bin/lint-imports
	$(LOOKS_ONLY) $(PY) -m mypy $(PRODUCT) sandbox
	$(CHECK_ENV) $(WITH_DATABASE) $(PY) manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(WITH_DATABASE) $(PY) manage.py check --deploy --fail-level WARNING
	$(VENV)/bin/djade --check $(TEMPLATES)
	$(PY) -m djhtml --check $(TEMPLATES)
	DENO_DIR=$(VENV)/deno DENO_NO_UPDATE_CHECK=1 $(VENV)/bin/deno check --quiet $(SCRIPTS)

audit: install-dev ## ask what flaws are known of what production runs; no answer is no failure
	@$(PY) -m tests.audit $(ARGS)

format: install-dev ## put code and templates in order
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .
	$(VENV)/bin/djade $(TEMPLATES) || true
	$(PY) -m djhtml $(TEMPLATES)

messages: install-dev ## bring the texts in locale/ up to date with code and templates
	@$(CHECK_ENV) $(LOOKS_ONLY) $(PY) manage.py messages

bench: install-dev ## measure, each figure beside its baseline, about 10 minutes; parts: ARGS="webhook flow"
	@$(PY) -m tests.benchmarks $(ARGS)

chaos: install-dev ## kill processes under load and count what was lost
	@$(PY) -m tests.chaos $(ARGS)

test-services: install-dev ## two of each process on RabbitMQ, Redis and Valkey, killed and frozen
	@$(PY) -m tests.services $(ARGS)

screenshots: install-dev ## take the guides' pictures of panel and console; some: ARGS="paused audit-log"
	@$(PY) -m tests.screenshots $(ARGS)

template: install-dev ## render what a new site's schema is made from, after a migration
	@$(CHECK_ENV) $(WITH_DATABASE) sh -c '$(PY) manage.py migrate_schemas --shared -v0 && \
	  $(PY) manage.py render_schema_template'

requirements: install-dev ## compile requirements/*.in to hashed *.txt
	@for name in base telemetry production sandbox dev; do \
	  $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-annotate requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

install-run: $(PY)
	@$(call install,sandbox)

install-dev: $(PY)
	@$(call install,dev)

# The copy tells what is installed: dates change with every checkout, contents do not.
define install
cmp -s requirements/$(1).txt $(VENV)/$(1).txt || { \
  echo "Installing requirements/$(1).txt into $(VENV)..." && \
  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).txt && \
  cp requirements/$(1).txt $(VENV)/$(1).txt; }
endef

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "OmniChat needs Python 3.11 or newer, found $$($(PYTHON) --version 2>&1)." \
	    "Name another one: make PYTHON=python3.13 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv module is missing (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
