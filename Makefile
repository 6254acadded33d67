# Everything is done by dev.py, which needs nothing but Python 3.11 or newer.
PYTHON ?= python3
DEV = @$(PYTHON) dev.py

.DEFAULT_GOAL := help
.PHONY: help setup run test test-pg lint types accuracy bench lighthouse doctor lock clean

help:      ## this list
	$(DEV) help

setup:     ## install packages, face models and browser files, then stop
	$(DEV) setup

run:       ## set up, create the demo and serve it (PORT, DATA_DIR, ... from the environment)
	$(DEV) run

test:      ## set up and run every test (ARGS="-k photo" for some, SKIP_BROWSER=1 without Chromium)
	$(DEV) test

test-pg:   ## the same tests on a real PostgreSQL, started and stopped here
	$(DEV) test-pg

lint:      ## ruff
	$(DEV) lint

types:     ## mypy --strict
	$(DEV) types

accuracy:  ## measure the photo checks on labelled pictures (PHOTOS=folder; HTML=sheet.html to look at what was missed; PROFILE, HALF)
	$(DEV) accuracy

bench:     ## measure speed: engine, 100,000 rows, 5,000 photos ... (ONLY=engine|imports|batches|bulk|statistics|review; PEERS=folder to compare with)
	$(DEV) bench

lighthouse: ## points of the students' pages in Lighthouse (RUNS=3, REPORTS=folder); not part of the tests
	$(DEV) lighthouse

doctor:    ## check history, states, files and secrets of the data folder
	$(DEV) doctor

lock:      ## write the locked requirements again (UPGRADE=1 takes newer versions)
	$(DEV) lock

clean:     ## remove what set-up and tools made; data/ stays
	$(DEV) clean
