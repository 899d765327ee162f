# make repro: everything from a fresh clone to the report, with JOBS=2 two stages at a time.
# make test: set-up and the tests but for those that take minutes each, which are make test-long.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Progress bars and stages print as they go; albumentations must not ask for its newest release.
export PYTHONUNBUFFERED := 1
export NO_ALBUMENTATIONS_UPDATE := 1

.PHONY: setup repro test test-long lint bench docs ui clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,export,pretrained,cluster]"
	touch $@

repro: setup
	$(if $(JOBS),python -m pipeline.run --jobs $(JOBS),dvc repro)

ui: setup
	mlflow ui --backend-store-uri sqlite:///mlflow.db

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

# What is on the disk, and what of it no current result needs; asks before it removes anything.
clean: setup
	python -m pipeline.disk
