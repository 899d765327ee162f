# make repro: everything from a fresh clone to the report, with JOBS=2 two stages at a time; TORCH=cpu
# installs PyTorch without CUDA, PYTHON=python3.12 with another Python.
# make test: set-up and the tests but for those that take minutes each, which are make test-long.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
TORCH ?= cuda
PORT ?= 5000
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Progress bars and stages print as they go; albumentations must not ask for its newest release.
export PYTHONUNBUFFERED := 1
export NO_ALBUMENTATIONS_UPDATE := 1

.PHONY: setup repro test test-long lint bench docs site ui clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) .ci/install.py $(VENV) $(TORCH)
	@touch $@

repro: setup
	$(if $(JOBS),python -m pipeline.run --jobs $(JOBS),dvc repro)
	@echo "Done. Open reports/index.html in a browser; make ui shows every run in MLflow."

ui: setup
	@python -m pipeline.ui --port $(PORT)

lint: setup
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test: setup lint
	pytest -m "not slow and not long" -n 2 --dist loadfile
	pytest -m "slow and not long" -n 2 --dist loadfile

test-long: setup
	pytest -m long -n 2 --dist loadfile

bench: setup
	python -m benchmarks.run_all

docs: setup
	python -m pipeline.report.docs

# The documentation as pages that open from the disk: build/site/index.html.
site: setup
	python -m mkdocs build

# What is on the disk, and what of it no current result needs; asks before it removes anything.
clean: setup
	python -m pipeline.disk
