# Everything starts here. Needs Python 3.11 or newer, make and git; sets up the rest by itself.
#   make demo PORT=5010 SIMULATOR_PORT=5011     other ports
#   make test TESTS=tests/web                   some of the tests
#   make soak SOAK_CALLS=200                    a short day; SOAK_DATABASE=postgresql
#   make screenshots SCREENSHOTS=--readme       takes the README's pictures over into docs/
#   make cluster AGENTS=1000                    more agents; CLUSTER="--quick", CLUSTER="--write"
#   make lighthouse LIGHTHOUSE="--runs 3"       the middle one of three; LIGHTHOUSE="--write"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
TESTS ?=
BENCH ?=
# One test process more than there are cores: in a browser's tests much of the time is waiting.
TEST_PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
AGENTS ?=
SCREENSHOTS ?=
CLUSTER ?=
LIGHTHOUSE ?=

.DEFAULT_GOAL := help
.PHONY: help demo minimal run test lint types translations screenshots day contract bench lighthouse soak cluster install install-tests chromium lint-js

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

demo: install  ## CRM, simulator and worker with an invented company: no account needed
	@$(BIN)/flask demo

minimal: install  ## the whole integration in three short files, with the simulator (examples/minimal)
	@$(BIN)/python -m crm.simulator > /dev/null & simulator=$$!; \
	trap 'kill $$simulator 2> /dev/null' EXIT INT TERM; sleep 1; kill -0 $$simulator \
	  && PYTHONPATH=. $(BIN)/python examples/minimal/app.py

run: install  ## the CRM as in production (SECRET_KEY, DATABASE_URL … from the environment or .env)
	@$(BIN)/flask db upgrade
	@$(BIN)/gunicorn --config gunicorn.conf.py app:app

test: install-tests chromium  ## all tests, the browser ones too
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: install-tests lint-js  ## ruff, import-linter, djlint, eslint, tsc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates crm/simulator/templates crm/cli/demo/templates examples

types: install-tests  ## mypy --strict
	$(BIN)/mypy
	$(BIN)/mypy examples/minimal  # apart, because it has an app.py as well

translations: install  ## bring the catalogues of texts up to date; names what lacks a translation
	@$(BIN)/python -m crm.translations

screenshots: install-tests chromium  ## every page and state as pictures in instance/screenshots, and what is wrong in them
	$(BIN)/python -m tests.screenshots $(SCREENSHOTS)

day: install-tests chromium  ## a working day of 60 calls played in Chromium; then every call is compared
	$(BIN)/python -m tests.day

contract: install-tests chromium  ## what is assumed of the vendor, tried on a real tenant (docs/vendor.md)
	@$(BIN)/python -m tests.contract

bench: install-tests  ## requests a second and memory; takes minutes (BENCH=--quick: some seconds)
	$(BIN)/python -m bench $(BENCH)

lighthouse: install-tests chromium node_modules/.package-lock.json  ## five pages by Lighthouse, on a desktop and a phone; needs npm
	$(BIN)/python -m bench.lighthouse $(LIGHTHOUSE)

soak: install-tests  ## a simulated day: kills, outages, lost webhooks; then every call is compared
	$(BIN)/python -m tests.soak

cluster: install-tests  ## deploy/ tried: two CRMs behind nginx, 200 agents, a kill (needs nginx)
	$(BIN)/python -m tests.cluster $(if $(AGENTS),--agents $(AGENTS)) $(CLUSTER)

# What follows is called by the commands above.

install: .venv/installed
install-tests: .venv/tests-installed

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON to another one." >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "python -m venv failed; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the CRM runs on …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests-installed: tests/requirements.txt requirements.txt | .venv/bin/python
	@echo "Installing what tests and lint need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch .venv/installed $@

chromium: install-tests
	@$(BIN)/python -m tests.chromium

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund

# Node is for linting and Lighthouse alone; nothing of it ships. In CI it must be there.
lint-js:
	@if command -v npm > /dev/null; then \
	  $(MAKE) --no-print-directory node_modules/.package-lock.json && npm run --silent lint; \
	elif [ -n "$$CI" ]; then echo "npm is missing: the scripts cannot be checked." >&2; exit 1; \
	else echo "npm is missing: the scripts are not checked here (CI does)."; fi
