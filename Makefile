VENV := .venv
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
# Every package is pinned in the lock, so that pip need not look for what they need in turn.
LOCKED := $(PIP) --require-hashes --no-deps --requirement
EVAL := tests/evaluation
KIND := small
ACCURACY :=
LARGE := ../shared/eval
CORPUS := ../shared/corpus/arxiv-snapshot-100k.jsonl.zst
# In memory, as by default, a slot that a run held is never given back when the server restarts.
LEASES := PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=prefect.server.concurrency.lease_storage.filesystem
# A notification links to the page of its run only where the server knows its own address, and its
# pages ask port 4200 unless they are told another. Of the two kinds of pages the newer ones ask a
# service elsewhere how to report what people do on them, whatever is said about analytics.
UI = PREFECT_UI_URL=http://127.0.0.1:$(PORT) PREFECT_UI_API_URL=http://127.0.0.1:$(PORT)/api \
  PREFECT_SERVER_UI_V2_ENABLED=false

# Where Prefect's pages are: `make ui PORT=4300` where the usual one is taken.
PORT := 4200

.DEFAULT_GOAL := dataset

.PHONY: help dataset test check lint evaluate bench ui assets

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

dataset: $(VENV)/.installed  ## build data/release from data/raw
	@$(VENV)/bin/open-papers refresh

# A fifth of the time a test waits for a process or a site of its own: three workers use two cores.
test: $(VENV)/.installed-dev  ## run the tests on both cores
	@$(VENV)/bin/python -m pytest --quiet --numprocesses 3 --dist loadgroup \
	  --no-loadscope-reorder

check: lint test  ## everything that CI runs

lint: $(VENV)/.installed-dev  ## formatter, linter, types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

evaluate: $(VENV)/.installed  ## score every part on the sets in EVAL
	@for what in dedup titles links topics; do \
	  $(VENV)/bin/open-papers evaluate $$what $(EVAL)/$$what --kind $(KIND) \
	    --out data/interim/evaluation/$$what.parquet $(if $(ACCURACY),--accuracy $(ACCURACY)) || exit 1; done

bench: $(VENV)/.installed-dev  ## print every benchmark's table
	@$(PIP) --constraint constraints.txt --editable ".[bench]"
	@$(VENV)/bin/python tests/bench/bench_parse.py $(CORPUS)
	@$(VENV)/bin/python tests/bench/bench_readable.py $(CORPUS)
	@$(VENV)/bin/python tests/bench/bench_deduplicate.py $(CORPUS) --dedup $(LARGE)/dedup
	@$(VENV)/bin/python tests/bench/bench_incremental.py $(CORPUS) --dedup $(LARGE)/dedup --whole
	@$(VENV)/bin/python tests/bench/bench_topics.py $(CORPUS)
	@$(VENV)/bin/python tests/bench/bench_links.py $(LARGE)/links
	@$(VENV)/bin/python tests/bench/bench_resolution.py $(CORPUS)
	@$(VENV)/bin/python tests/bench/bench_upload.py
	@$(VENV)/bin/python tests/bench/bench_month.py
	@$(VENV)/bin/python -m tests.bench.bench_site data/release

assets:  ## make the Parquet reader of the site's pages (needs Node and npm)
	@cd flows/site/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel error && npm run --silent build

ui: $(VENV)/.installed  ## start a Prefect server on this machine
	@echo "Prefect's pages: http://127.0.0.1:$(PORT) (stop with Ctrl-C)"
	@echo "In another shell: export PREFECT_API_URL=http://127.0.0.1:$(PORT)/api"
	@PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 $(UI) $(LEASES) $(VENV)/bin/prefect server start --host 127.0.0.1 --port $(PORT)

$(VENV)/bin/python:
	@echo "Making $(VENV) ..."
	@python3.11 -m venv $(VENV) || python3 -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo "Installing the pinned packages (a minute or two, once) ..."
	@$(LOCKED) requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(LOCKED) requirements-dev.lock
	@touch $@
