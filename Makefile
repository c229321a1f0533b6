# Vitrine's commands. `make run` and `make test` need python3 (3.11 or newer, with venv) and nothing else.
PYTHON ?= python3
BIN := .venv/bin
# Tests and checks say what they need themselves: they must not find somebody's key in `.env`.
QUIET_ENV := VITRINE_ENV_FILE=/dev/null
RUNS ?= 200000
# One more than there are cores: some tests wait for the processes that they start.
JOBS ?= 3
# Wide enough for the sentence that says why something failed.
WIDE := COLUMNS=160
POSTGRES ?= postgres://postgres@127.0.0.1:5432/vitrine
INSTALL = $(BIN)/python gallery/server/install.py
OLD = Vitrine needs Python 3.11 or newer, and this is Python %d.%d: name another one with PYTHON=.

# What an environment without bytecode costs is a third of each start; tests and drills start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.SILENT:
.DEFAULT_GOAL := help
.PHONY: run dev test test-postgres coverage e2e drills drills-ci test-everything check fuzz semantic scan bench lock upgrade clean help

run: .venv/run.stamp ## Install what is missing, then serve on HOST and PORT until Ctrl-C
	exec $(BIN)/python manage.py serve

dev: .venv/dev.stamp ## The same with DEBUG and Django's development server
	VITRINE_DEBUG=true exec $(BIN)/python manage.py serve --dev

SUITE = $(QUIET_ENV) $(WIDE) $(BIN)/python -m pytest --ignore=tests/e2e -n $(JOBS) --dist worksteal

test: .venv/dev.stamp ## Run the test suite on SQLite, in JOBS=3 processes
	$(SUITE) $(ARGS)

test-postgres: .venv/dev.stamp ## Run those tests that touch the database on PostgreSQL, by DATABASE_URL or on loopback
	DATABASE_URL="$${DATABASE_URL:-$(POSTGRES)}" PGOPTIONS="-c synchronous_commit=off" $(SUITE) -m database $(ARGS)

coverage: .venv/dev.stamp ## Run the suite and fail unless it reaches 95 % of the branches of both packages
	$(SUITE) --cov --cov-report= $(ARGS)
	for package in gallery generator; do $(BIN)/coverage report --skip-covered --show-missing --fail-under=95 --include="$$package/*" || exit; done

DRILL = $(QUIET_ENV) $(WIDE) $(BIN)/python -m pytest tests/drills/drill_*.py -p no:cacheprovider -p no:randomly

e2e: .venv/dev.stamp ## Run the browser stories, two at a time
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || { echo "The browser stories need Chromium: apt install chromium" >&2; exit 1; }
	$(QUIET_ENV) $(WIDE) $(BIN)/python -m pytest tests/e2e -n 2 $(ARGS)

drills: .venv/dev.stamp ## Kill, fill, cut and lock everything, on SQLite and on a PostgreSQL, as root (docs/drills.md)
	$(DRILL) -n 4 $(ARGS)

drills-ci: .venv/dev.stamp ## Those of the drills that CI takes: each kill, a short storm, an outage and full disks, on one database each
	$(DRILL) -n 4 --ci $(ARGS)

test-everything: .venv/dev.stamp ## All there is at full length, on both databases, as before a release
	$(MAKE) test test-postgres ARGS=--everything && $(MAKE) e2e drills

check: .venv/dev.stamp ## Lock, lint, types, forgotten migrations, and Django's own check of a production setup
	$(BIN)/pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(QUIET_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	$(QUIET_ENV) VITRINE_BASE_URL=https://pictures.example.org ONLYSQ_API_KEY=example $(BIN)/python manage.py check --deploy --fail-level WARNING

fuzz: .venv/dev.stamp ## Fuzz the reply parsers and the image door, RUNS=200000 times each
	$(BIN)/python -c "import atheris" 2>/dev/null || $(BIN)/python -m pip install -qq --disable-pip-version-check "$$(sed -nE 's/^fuzz = \["(.*)"\]/\1/p' pyproject.toml)"
	scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	for target in replies pictures; do $(QUIET_ENV) TMPDIR=$$scratch $(BIN)/python tests/fuzz/fuzz.py $$target -runs=$(RUNS) || exit; done

semantic: .venv/dev.stamp ## Install the packages of the extra `semantic` (docs/semantic.md) and try them with a tiny model
	$(BIN)/python -c "import onnxruntime, tokenizers" 2>/dev/null || $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["semantic"], sep="\n")' | \
	$(BIN)/python -m pip install -qq --disable-pip-version-check -r /dev/stdin
	$(QUIET_ENV) $(WIDE) $(BIN)/python -m pytest tests/gallery/semantic tests/gallery/semantic/real_encoder.py

scan: .venv/dev.stamp ## Look for holes: bandit in the code, wapiti in a running site, pip-audit in the packages
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" && "$$tools/bin/pip" install -qq bandit wapiti3 pip-audit && \
	"$$tools/bin/bandit" -q -r gallery generator manage.py && \
	$(QUIET_ENV) $(BIN)/python -m tests.scan "$$tools/bin/wapiti" && \
	"$$tools/bin/pip-audit" --disable-pip --require-hashes -r requirements.txt

bench: .venv/dev.stamp ## Measure storing and browsing, and say which targets hold: on SQLite and, with DATABASE_URL, on that server too
	missed=; for database in "" $(DATABASE_URL); do for script in benchmarks/[!_]*.py; do \
	echo "== $$script$${database:+, PostgreSQL}"; DATABASE_URL=$$database $(QUIET_ENV) $(BIN)/python "$$script" || missed="$$missed $$script$${database:+(PostgreSQL)}"; done; done; \
	test -z "$$missed" || { echo "Missed by:$$missed" >&2; exit 1; }

lock: ## Write the lock files anew, keeping the versions that still fit pyproject.toml
	uv=$$(mktemp -d) && trap 'rm -rf "$$uv"' EXIT && $(PYTHON) -m venv "$$uv" && "$$uv/bin/pip" install -qq uv && \
	compile="$$uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url $(UPGRADE) pyproject.toml" && \
	$$compile -o requirements.txt && $$compile --group dev --constraint requirements.txt -o requirements-dev.txt

upgrade: UPGRADE = --upgrade
upgrade: lock ## Write the lock files anew with the newest versions that pyproject.toml allows

clean: ## Remove what was installed and cached; the data folder stays
	rm -rf .venv .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/e2e/screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	sed -nE 's/^([a-z0-9-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 16

.venv/run.stamp: requirements.txt
.venv/dev.stamp: requirements-dev.txt
.venv/%.stamp:
	$(PYTHON) -c 'import sys; sys.exit("$(OLD)" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/pip || { echo "Making .venv, a Python of its own ..."; $(PYTHON) -m venv --clear .venv; }
	$(INSTALL) $<
	touch $@
