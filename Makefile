# What may take how long on two cores, after the first set-up (which takes about a minute):
#
#   target   limit      what it does
#   setup    3 min      Debian packages, .venv, everything in requirements.lock
#   check    3 min      lint, types, import rules, fast tests: before every commit
#   test     15 min     everything above, and every other test
#   demo     4 min      the whole story against real servers, then a house to look at until stopped
#   pictures 10 min     a picture of every page, in docs/pictures
#   plots    10 min     the plots of the guides, from games played anew
#   bench    90 min     every benchmark; one: .venv/bin/underseal bench NAME --json
#                       (anonymity about 18: twins 10, the games 4, response times 4)

PY := .venv/bin/python
RUN := .venv/bin

# Compiled once, whatever the environment says: most of what a process costs to start is that.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test check fix bench pictures plots lock

setup:
	@scripts/setup

demo: setup
	@$(RUN)/underseal demo

test: setup
	@scripts/test

check: setup
	@$(RUN)/ruff check
	@$(RUN)/ruff format --check
	@$(RUN)/mypy
	@$(RUN)/lint-imports --no-logo
	@$(PY) -m pytest -n 2 --dist loadgroup -m "not slow"

fix: setup
	@$(RUN)/ruff check --fix
	@$(RUN)/ruff format

pictures: setup
	@$(PY) scripts/pictures

plots: setup
	@$(PY) scripts/plots

bench: setup
	@$(RUN)/underseal bench all --json

lock: setup
	@$(RUN)/uv pip compile -q --no-annotate --no-header --generate-hashes --no-emit-index-url \
		--upgrade --group dev pyproject.toml -o requirements.lock
	@awk '/^uv==/ {keep=1} keep && /^[a-z]/ && !/^uv==/ {keep=0} keep' requirements.lock > requirements-uv.lock
