# `make run` starts the demo and prints its address. Python packages go into .venv, the site's data into instance/.
.DEFAULT_GOAL := help
.PHONY: help run test check bench soak lock translations
.DELETE_ON_ERROR:

# Some systems forbid Python to keep what it compiled; then each of hundreds of commands would compile all of it anew.
export PYTHONDONTWRITEBYTECODE :=

PORT ?= 8000
UV ?= uv
PYTHON := .venv/bin/python
PIP := PIP_ROOT_USER_ACTION=ignore $(PYTHON) -m pip install --disable-pip-version-check --quiet
# Relative to the instance folder, so that no path of this machine has to be escaped into an address.
DEMO := FORUM_INSTANCE=instance FORUM_DATABASE_URL=sqlite:///demo.sqlite3

help: ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/'

run: .venv/ready instance/demo.sqlite3 ## start the demo on 127.0.0.1 (PORT=8000) and print its address and sign-ins
	@$(DEMO) .venv/bin/forum db upgrade
	@$(DEMO) .venv/bin/forum serve --host 127.0.0.1 --port $(PORT)

# Each test runs on both databases, each of its sets of values on one (tests/kinds.py); ARGS=--each-set: on both.
test: .venv/ready-dev ## run `make check`, then every test, on SQLite, PostgreSQL and in Chromium
	@.ci/tools
	@$(MAKE) --no-print-directory check
	@TMPDIR=$$(.ci/tmp) $(PYTHON) -m pytest -n 4 $(ARGS)

check: .venv/ready-dev ## format, lint, types, architecture; under a minute
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(PYTHON) -m pytest tests/test_architecture.py

# The programs that load it and that it is compared with; docs/performance.md tells the settings.
BENCH := nginx-light wrk postgresql
bench: .venv/ready-dev ## measure speed and write docs/performance.md (QUICK=1: only whether it works)
	@dpkg -s $(BENCH) >/dev/null 2>&1 || .ci/apt $(BENCH)
	$(PYTHON) -m bench

# Optional: other servers on the same application, installed into a folder that is thrown away; two are compiled.
BENCH_SERVERS := nginx-light wrk gcc libc6-dev python3-dev libev-dev
.PHONY: bench-servers
bench-servers: .venv/ready-dev
	@dpkg -s $(BENCH_SERVERS) >/dev/null 2>&1 || .ci/apt $(BENCH_SERVERS)
	$(PYTHON) -m bench.servers

# Optional, a quarter of an hour: WordPress, MariaDB, PHP and Isso beside the forum; see docs/peers.md.
PEERS := wordpress wordpress-theme-twentytwentyone wordpress-theme-twentytwentythree php php-fpm php-mysql \
	mariadb-server-core mariadb-client nginx-light wrk
.PHONY: bench-peers
bench-peers: .venv/ready-dev
	@dpkg -s $(PEERS) >/dev/null 2>&1 || .ci/apt $(PEERS)
	$(PYTHON) -m bench.peers

soak: .venv/ready-dev ## run the long tests
	@.ci/tools
	$(PYTHON) -m pytest -m soak

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock: ## write the lock files anew from pyproject.toml (needs uv)
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(LOCK) --group build -c requirements-dev.txt -o requirements-build.txt

# The template is not kept: `forum/translations/*/LC_MESSAGES/messages.po` has all of it.
BABEL = .venv/bin/pybabel --quiet
CATALOGS := forum/translations
translations: .venv/ready ## collect the texts of all pages anew, and compile what is translated of them
	$(BABEL) extract --mapping-file=pyproject.toml --keywords=_l --keywords=lazy_gettext --add-location=file \
		--add-comments=TRANSLATORS: --strip-comment-tags --project=Correspondence --output-file=$(CATALOGS)/messages.pot .
	$(BABEL) update --input-file=$(CATALOGS)/messages.pot --output-dir=$(CATALOGS) --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date
	rm $(CATALOGS)/messages.pot
	$(BABEL) compile --directory=$(CATALOGS)

# Stamps: made anew only when what they depend on is newer, so that a second `make run` starts at once.
.venv/ready: pyproject.toml requirements.txt requirements-build.txt
	@.ci/venv
	@echo "Installing Python packages ..." >&2
	@$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

# Made beside and renamed when complete, so that an interrupted first start leaves no half-filled demo.
instance/demo.sqlite3: | .venv/ready
	@rm -f instance/demo-new.sqlite3*
	@FORUM_INSTANCE=instance FORUM_DATABASE_URL=sqlite:///demo-new.sqlite3 .venv/bin/forum demo
	@for end in -wal -shm ""; do \
		if [ -e "instance/demo-new.sqlite3$$end" ]; then mv "instance/demo-new.sqlite3$$end" "instance/demo.sqlite3$$end"; fi; done
	@rm -f instance/demo-new.sqlite3-opened
